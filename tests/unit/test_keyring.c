/* SPDX-License-Identifier: MIT */
/* R18, R27: keys are found, checked, made and switched; never guessed. */
#include "tests/unit/place.h"

#include <sys/resource.h>
#include <signal.h>

#include "tests/unit/world.h"
#include "verifier/vault/keyring.h"

#define GROUP	 4700
#define STRANGER 4711

/* Keys of a generator that counts: 01..01, 02..02 and so on. */
static void
next_bytes(const struct mfa_env *env, void *out, size_t len)
{
	uint8_t *n = env->ctx;

	memset(out, ++*n, len);
}

struct ring {
	const char *dir;
	uint8_t made;
	struct mfa_env env;
	char file[256]; /* of the key last made */
	uint8_t id[MFA_KEY_ID];
};

static struct ring
ring_at(void *const *state)
{
	struct ring ring = { .dir = *state };

	ring.env.random = next_bytes;
	return ring;
}

static void
make_key(struct ring *ring)
{
	char hex[17];

	ring->env.ctx = &ring->made;
	assert_int_equal(mfa_keyring_new(ring->dir, &ring->env, GROUP,
	    ring->id), MFA_OK);
	mfa_num_hex(ring->id, sizeof(ring->id), hex);
	(void)snprintf(ring->file, sizeof(ring->file), "%s/%s.key", ring->dir,
	    hex);
}

static void
rewrite(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	(void)close(fd);
}

static void
primary_path(const struct ring *ring, char out[256])
{
	(void)snprintf(out, 256, "%s/primary", ring->dir);
}

/* Neither the key nor the primary is had, and nothing was written to out. */
static void
load_fails(const struct ring *ring, enum mfa_err err)
{
	struct mfa_key key;
	int before = place_descriptors();

	memset(&key, 0xa5, sizeof(key));
	assert_int_equal(mfa_keyring_load(ring->dir, ring->id, &key), err);
	assert_true(unit_all(&key, sizeof(key), 0xa5));
	assert_int_equal(mfa_keyring_primary(ring->dir, &key), err);
	assert_true(unit_all(&key, sizeof(key), 0xa5));
	assert_int_equal(place_descriptors(), before);
}

static void
loads(const struct ring *ring, uint8_t value)
{
	struct mfa_key key;

	assert_int_equal(mfa_keyring_load(ring->dir, ring->id, &key), MFA_OK);
	assert_memory_equal(key.id, ring->id, sizeof(key.id));
	assert_true(unit_all(key.bytes, sizeof(key.bytes), value));
	mfa_key_wipe(&key);
	assert_true(unit_all(&key, sizeof(key), 0));
}

static void
primary_is(const struct ring *ring, uint8_t value)
{
	struct mfa_key key;

	assert_int_equal(mfa_keyring_primary(ring->dir, &key), MFA_OK);
	assert_true(unit_all(key.bytes, sizeof(key.bytes), value));
}

static void
test_missing(void **state)
{
	struct ring ring = ring_at(state);
	struct ring nowhere = ring_at(state);
	struct mfa_key key;
	char path[256];

	load_fails(&ring, MFA_ERR_NO_KEY);
	nowhere.dir = "/run/mfa-unit-not-there";
	load_fails(&nowhere, MFA_ERR_NO_KEY);
	nowhere.env.ctx = &nowhere.made;
	assert_int_equal(mfa_keyring_new(nowhere.dir, &nowhere.env, 0,
	    nowhere.id), MFA_ERR_NO_KEY);
	make_key(&ring);
	primary_path(&ring, path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mfa_keyring_primary(ring.dir, &key), MFA_ERR_NO_KEY);
	loads(&ring, 1);
}

static void
test_a_new_key_is_primary_and_the_old_one_stays(void **state)
{
	struct ring ring = ring_at(state);
	struct ring old;

	make_key(&ring);
	loads(&ring, 1);
	primary_is(&ring, 1);
	old = ring;
	make_key(&ring);
	loads(&ring, 2);
	loads(&old, 1);
	primary_is(&ring, 2);
}

static void
test_files_as_documented(void **state)
{
	static const char label[] = "medusa-mfa key id v1";
	struct ring ring = ring_at(state);
	uint8_t bytes[MFA_CRYPT_KEY], id[MFA_CRYPT_HASH];
	const struct mfa_crypt_part parts[] = { { label, sizeof(label) - 1 },
		{ bytes, sizeof(bytes) } };
	char path[256], text[80], hex[17];
	struct stat st;
	FILE *f;

	make_key(&ring);
	memset(bytes, 1, sizeof(bytes));
	assert_int_equal(mfa_crypt_hash(NULL, parts, 2, id, sizeof(id)),
	    MFA_OK);
	assert_memory_equal(ring.id, id, MFA_KEY_ID);
	primary_path(&ring, path);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lstat(i == 0 ? path : ring.file, &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0640);
		assert_int_equal(st.st_uid, 0);
		assert_int_equal(st.st_gid, GROUP);
		assert_int_equal(st.st_size, i == 0 ? 17 : 65);
	}
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	(void)fclose(f);
	mfa_num_hex(ring.id, sizeof(ring.id), hex);
	assert_memory_equal(text, hex, 16);
	assert_string_equal(text + 16, "\n");
}

static void
test_R18_unsafe_modes_and_owners(void **state)
{
	static const mode_t good[] = { 0640, 0600, 0440, 0400 };
	static const mode_t bad[] = { 0644, 0604, 0660, 0641, 0602, 0666 };
	struct ring ring = ring_at(state);
	char path[256];

	make_key(&ring);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(chmod(ring.file, good[i]), 0);
		loads(&ring, 1);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(chmod(ring.file, bad[i]), 0);
		load_fails(&ring, MFA_ERR_UNSAFE);
	}
	assert_int_equal(chmod(ring.file, 0640), 0);
	assert_int_equal(chown(ring.file, STRANGER, GROUP), 0);
	load_fails(&ring, MFA_ERR_UNSAFE);
	assert_int_equal(chown(ring.file, 0, GROUP), 0);
	primary_is(&ring, 1);
	primary_path(&ring, path);
	assert_int_equal(chmod(path, 0660), 0);
	assert_int_equal(mfa_keyring_primary(ring.dir, &(struct mfa_key){ 0 }),
	    MFA_ERR_UNSAFE);
}

static void
test_R18_unsafe_ring(void **state)
{
	struct ring ring = ring_at(state);
	uint8_t id[MFA_KEY_ID];

	make_key(&ring);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(chmod(ring.dir, i == 0 ? 0770 :
			i == 1 ? 0757 : 0750), 0);
		assert_int_equal(chown(ring.dir, i == 2 ? STRANGER : 0, GROUP),
		    0);
		load_fails(&ring, MFA_ERR_UNSAFE);
		assert_int_equal(mfa_keyring_new(ring.dir, &ring.env, GROUP,
		    id), MFA_ERR_UNSAFE);
		assert_int_equal(mfa_keyring_each(ring.dir, NULL, NULL),
		    MFA_ERR_UNSAFE);
	}
}

static void
test_R18_links_and_other_types(void **state)
{
	struct ring ring = ring_at(state);
	char moved[256];

	make_key(&ring);
	(void)snprintf(moved, sizeof(moved), "%s/moved", ring.dir);
	assert_int_equal(link(ring.file, moved), 0);
	load_fails(&ring, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(ring.file), 0);
	assert_int_equal(symlink("moved", ring.file), 0);
	load_fails(&ring, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(ring.file), 0);
	/* Opening one that nobody writes to must not hang. */
	assert_int_equal(mkfifo(ring.file, 0640), 0);
	load_fails(&ring, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(ring.file), 0);
	assert_int_equal(mkdir(ring.file, 0750), 0);
	load_fails(&ring, MFA_ERR_UNSAFE);
	assert_int_equal(rmdir(ring.file), 0);
	load_fails(&ring, MFA_ERR_NO_KEY);
	assert_int_equal(rename(moved, ring.file), 0);
	loads(&ring, 1);
}

#define ONE  "0101010101010101"
#define FULL ONE ONE ONE ONE

static void
test_contents_that_are_no_key(void **state)
{
	static const char zero[] = "010101010101010\0" ONE ONE ONE "\n";
	static const char *const bad[] = {
		"", "\n", FULL, ONE "\n", FULL "\n\n", FULL "\r\n", FULL " \n",
		" " FULL "\n", FULL "0\n", ONE ONE ONE "01010101010101\n",
		FULL "01\n", FULL "\nx", ONE ONE ONE "010101010101010g\n",
		ONE ONE ONE "0x01010101010101\n",
		/* another key's bytes: the id does not fit */
		ONE ONE ONE "0101010101010102\n",
	};
	struct ring ring = ring_at(state);

	make_key(&ring);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rewrite(ring.file, bad[i], strlen(bad[i]));
		load_fails(&ring, MFA_ERR_DAMAGED);
	}
	rewrite(ring.file, zero, sizeof(zero) - 1);
	load_fails(&ring, MFA_ERR_DAMAGED);
	rewrite(ring.file, FULL "\n", 65);
	loads(&ring, 1);
}

static void
test_upper_case_is_no_key(void **state)
{
	struct ring ring = ring_at(state);
	char text[80];

	ring.made = 0xa9;
	make_key(&ring);
	memset(text, 'a', 64);
	text[64] = '\n';
	rewrite(ring.file, text, 65);
	loads(&ring, 0xaa);
	text[7] = 'A';
	rewrite(ring.file, text, 65);
	load_fails(&ring, MFA_ERR_DAMAGED);
}

static void
test_primary_that_names_no_key(void **state)
{
	static const char *const bad[] = { "", "\n", "garbage\n",
		"0123456789abcdef", "0123456789ABCDEF\n",
		"0123456789abcdef\n\n", "0123456789abcdef.key\n",
		"../../etc/shadow\n", "0123456789abcde\n" };
	struct ring ring = ring_at(state);
	struct mfa_key key;
	char path[256];

	make_key(&ring);
	primary_path(&ring, path);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rewrite(path, bad[i], strlen(bad[i]));
		assert_int_equal(mfa_keyring_primary(ring.dir, &key),
		    MFA_ERR_DAMAGED);
	}
	rewrite(path, "0123456789abcdef\n", 17);
	assert_int_equal(mfa_keyring_primary(ring.dir, &key), MFA_ERR_NO_KEY);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(mfa_keyring_primary(ring.dir, &key), MFA_ERR_UNSAFE);
}

/* A crash between writing primary.new and the rename. */
static void
test_left_over_primary_new(void **state)
{
	struct ring ring = ring_at(state);
	char left[256], victim[256];

	make_key(&ring);
	(void)snprintf(left, sizeof(left), "%s/primary.new", ring.dir);
	(void)snprintf(victim, sizeof(victim), "%s/victim", ring.dir);
	place_file(left, "half of a li", 0, 0600);
	make_key(&ring);
	primary_is(&ring, 2);
	assert_int_equal(access(left, F_OK), -1);
	/* A link in its place is replaced, not followed. */
	place_file(victim, "keep", 0, 0600);
	assert_int_equal(symlink("victim", left), 0);
	make_key(&ring);
	primary_is(&ring, 3);
	assert_int_equal(access(victim, F_OK), 0);
}

static void
new_fails(struct ring *ring, enum mfa_err err)
{
	uint8_t id[MFA_KEY_ID];
	int before = place_descriptors();

	memset(id, 0xa5, sizeof(id));
	ring->env.ctx = &ring->made;
	assert_int_equal(mfa_keyring_new(ring->dir, &ring->env, GROUP, id),
	    err);
	assert_true(unit_all(id, sizeof(id), 0xa5));
	assert_int_equal(place_descriptors(), before);
	primary_is(ring, 1);
}

static unsigned int
count_files(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static void
test_R7_a_key_that_cannot_be_written_leaves_the_old_one(void **state)
{
	struct ring ring = ring_at(state);
	struct rlimit old, small;
	unsigned int files;
	char left[256];

	make_key(&ring);
	files = count_files(ring.dir);
	/* The same bytes again: their file is there. */
	ring.made = 0;
	new_fails(&ring, MFA_ERR_EXISTS);
	assert_int_equal(count_files(ring.dir), files);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 30; /* half a key */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	new_fails(&ring, MFA_ERR_LIMIT);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	(void)signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(count_files(ring.dir), files);
	/* The switch fails: the new key is there, the old one is primary. */
	(void)snprintf(left, sizeof(left), "%s/primary.new", ring.dir);
	assert_int_equal(mkdir(left, 0700), 0);
	new_fails(&ring, MFA_ERR_EXISTS);
}

struct seen {
	unsigned int n;
	uint8_t id[8][MFA_KEY_ID];
	bool primary[8];
	enum mfa_err problem[8];
	enum mfa_err answer;
};

static enum mfa_err
note(void *ctx, const uint8_t id[MFA_KEY_ID], bool primary,
    enum mfa_err problem)
{
	struct seen *seen = ctx;

	assert_true(seen->n < 8);
	memcpy(seen->id[seen->n], id, MFA_KEY_ID);
	seen->primary[seen->n] = primary;
	seen->problem[seen->n++] = problem;
	return seen->answer;
}

static void
add_strangers(const struct ring *ring)
{
	static const char *const names[] = { "README", "x.key", "primary.old",
		"0123456789ABCDEF.key", "0123456789abcdefg.key",
		"0123456789abcde.key", "0123456789abcdeg.key", ".key",
		"0123456789abcdef.kez" };
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", ring->dir,
		    names[i]);
		place_file(path, "what is this", 0, 0644);
	}
	(void)snprintf(path, sizeof(path), "%s/retired", ring->dir);
	place_dir(path, 0, 0750);
}

static void
test_each_lists_keys_and_their_trouble(void **state)
{
	struct ring ring = ring_at(state);
	struct seen seen = { 0 };
	char path[256];

	assert_int_equal(mfa_keyring_each("/run/mfa-unit-not-there", note,
	    &seen), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_keyring_each(ring.dir, note, &seen), MFA_OK);
	assert_int_equal(seen.n, 0);
	for (int i = 0; i < 3; i++)
		make_key(&ring);
	add_strangers(&ring);
	(void)snprintf(path, sizeof(path), "%s/0000000000000000.key",
	    ring.dir);
	place_file(path, FULL "\n", 0, 0640);
	assert_int_equal(mfa_keyring_each(ring.dir, note, &seen), MFA_OK);
	assert_int_equal(seen.n, 4);
	assert_true(unit_all(seen.id[0], MFA_KEY_ID, 0));
	assert_int_equal(seen.problem[0], MFA_ERR_DAMAGED);
	assert_false(seen.primary[0]);
	for (unsigned int i = 1; i < 4; i++) {
		assert_true(memcmp(seen.id[i - 1], seen.id[i], MFA_KEY_ID) <
		    0);
		assert_int_equal(seen.problem[i], MFA_OK);
		assert_int_equal(seen.primary[i],
		    memcmp(seen.id[i], ring.id, MFA_KEY_ID) == 0);
	}
	/* What visit says ends it. */
	seen.n = 0;
	seen.answer = MFA_ERR_CLOSED;
	assert_int_equal(mfa_keyring_each(ring.dir, note, &seen),
	    MFA_ERR_CLOSED);
	assert_int_equal(seen.n, 1);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_missing),
		IN_PLACE(test_a_new_key_is_primary_and_the_old_one_stays),
		IN_PLACE(test_files_as_documented),
		IN_PLACE(test_R18_unsafe_modes_and_owners),
		IN_PLACE(test_R18_unsafe_ring),
		IN_PLACE(test_R18_links_and_other_types),
		IN_PLACE(test_contents_that_are_no_key),
		IN_PLACE(test_upper_case_is_no_key),
		IN_PLACE(test_primary_that_names_no_key),
		IN_PLACE(test_left_over_primary_new),
		IN_PLACE(
		    test_R7_a_key_that_cannot_be_written_leaves_the_old_one),
		IN_PLACE(test_each_lists_keys_and_their_trouble),
	};

	world_need_root();
	if (mfa_crypt_init() != MFA_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
