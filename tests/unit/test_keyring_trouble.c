/* SPDX-License-Identifier: MIT */
/*
 * R3, R7, R14: what the system refuses a key ring, and what is left of keys on
 * the stack.  Links with --wrap, see tests/unit.am.
 */
#include "tests/unit/place.h"

#include "tests/unit/calls.h"
#include "tests/unit/residue.h"
#include "tests/unit/world.h"
#include "verifier/vault/keyring.h"

#define GROUP 4700
#define LINE  (2 * MFA_CRYPT_KEY + 1) /* of a key file */

FAILING(int, openat, OPENAT, -1,
    (int dirfd, const char *name, int flags, mode_t mode),
    (dirfd, name, flags, mode))
FAILING(int, fsync, FSYNC, -1, (int fd), (fd))
FAILING(int, fchown, FCHOWN, -1, (int fd, uid_t owner, gid_t group),
    (fd, owner, group))
FAILING(int, fchmod, FCHMOD, -1, (int fd, mode_t mode), (fd, mode))
FAILING(int, renameat, RENAMEAT, -1,
    (int from, const char *name, int to, const char *other),
    (from, name, to, other))
FAILING(int, scandirat, SCANDIRAT, -1,
    (int dirfd, const char *dir, struct dirent ***list,
	int (*only)(const struct dirent *),
	int (*compare)(const struct dirent **, const struct dirent **)),
    (dirfd, dir, list, only, compare))
FAILING(ssize_t, write, WRITE, -1, (int fd, const void *buf, size_t size),
    (fd, buf, size))
FAILING(enum mfa_err, mfa_crypt_hash, CRYPT_HASH, MFA_ERR_CRYPTO,
    (const uint8_t *key, const struct mfa_crypt_part *parts, size_t n,
	uint8_t *out, size_t outlen),
    (key, parts, n, out, outlen))

static size_t asked;	 /* for so much at most was read */
static unsigned int freed;

WRAP(ssize_t, pread, (int fd, void *buf, size_t size, off_t at))
{
	asked = size > asked ? size : asked;
	return fails(PREAD) ? -1 : __real_pread(fd, buf, size, at);
}

WRAP(void, free, (void *p))
{
	freed++;
	__real_free(p);
}

static const char *dir;
static struct mfa_key key, other;
static uint8_t id[MFA_KEY_ID], seed;
static enum mfa_err answer;

/* No byte twice in a row: what is looked for is nowhere by chance. */
static void
next_bytes(const struct mfa_env *env, void *out, size_t len)
{
	uint8_t *p = out;

	(void)env;
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(seed + 7 * i);
	seed++;
}

static const struct mfa_env env = { .random = next_bytes };

static int
ring_new(void **state)
{
	if (place_new(state) != 0)
		return -1;
	fail_at(FSYNC, 0, 0);
	dir = *state;
	seed = 0x31;
	assert_int_equal(mfa_keyring_new(dir, &env, GROUP, id), MFA_OK);
	assert_int_equal(mfa_keyring_load(dir, id, &key), MFA_OK);
	return 0;
}

static unsigned int
count_files(void)
{
	struct dirent **list;
	int n = __real_scandirat(AT_FDCWD, dir, &list, NULL, NULL);

	assert_true(n >= 0);
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
	return (unsigned int)n;
}

static void
test_R3_a_key_that_cannot_be_read_is_no_missing_key(void **state)
{
	int before = place_descriptors();

	(void)state;
	fail_at(PREAD, 1, EIO);
	assert_int_equal(mfa_keyring_load(dir, id, &other), MFA_ERR_IO);
	fail_at(PREAD, 1, EIO);
	assert_int_equal(mfa_keyring_primary(dir, &other), MFA_ERR_IO);
	fail_at(CRYPT_HASH, 1, 0);
	assert_int_equal(mfa_keyring_load(dir, id, &other), MFA_ERR_CRYPTO);
	assert_int_equal(place_descriptors(), before);
}

static void
test_a_line_that_does_not_end_is_no_key(void **state)
{
	char path[256], hex[17], text[LINE + 1];
	size_t len;

	(void)state;
	mfa_num_hex(id, sizeof(id), hex);
	(void)snprintf(path, sizeof(path), "%s/%s.key", dir, hex);
	mfa_num_hex(key.bytes, sizeof(key.bytes), text);
	text[LINE - 1] = '0';
	text[LINE] = '\0';
	assert_int_equal(unlink(path), 0);
	place_file(path, text, 0, 0640);
	asked = 0;
	assert_int_equal(mfa_keyring_load(dir, id, &other), MFA_ERR_DAMAGED);
	/* No more is read than there is room for. */
	len = asked;
	assert_int_equal(len, LINE);
	(void)snprintf(path, sizeof(path), "%s/primary", dir);
	assert_int_equal(unlink(path), 0);
	place_file(path, "0123456789abcdef0", 0, 0640);
	assert_int_equal(mfa_keyring_primary(dir, &other), MFA_ERR_DAMAGED);
}

static void
test_R7_what_fails_while_one_is_made_is_said(void **state)
{
	static const struct {
		enum call call;
		unsigned int n;
		int error;
		enum mfa_err r;
		unsigned int more; /* files */
	} rows[] = {
		{ CRYPT_HASH, 1, 0, MFA_ERR_CRYPTO, 0 },
		{ FCHOWN, 1, EPERM, MFA_ERR_IO, 0 },
		{ FCHMOD, 1, EPERM, MFA_ERR_IO, 0 },
		{ WRITE, 1, ENOSPC, MFA_ERR_NO_SPACE, 0 },
		{ FSYNC, 1, EIO, MFA_ERR_IO, 0 },
		/* Of the folder, before primary names it. */
		{ FSYNC, 2, EIO, MFA_ERR_IO, 1 },
		{ FCHOWN, 2, EPERM, MFA_ERR_IO, 1 },
		{ WRITE, 2, ENOSPC, MFA_ERR_NO_SPACE, 1 },
		{ FSYNC, 3, EIO, MFA_ERR_IO, 1 },
		{ RENAMEAT, 1, ENOSPC, MFA_ERR_NO_SPACE, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int before = place_descriptors();
		unsigned int files = count_files();
		uint8_t made[MFA_KEY_ID] = "as it w";

		fail_at(rows[i].call, rows[i].n, rows[i].error);
		/* The first error is the one that is said. */
		if (rows[i].call == WRITE)
			calls_left[FSYNC] = rows[i].n * 2 - 1;
		assert_int_equal(mfa_keyring_new(dir, &env, GROUP, made),
		    rows[i].r);
		assert_memory_equal(made, "as it w", sizeof(made));
		fail_at(FSYNC, 0, 0);
		assert_int_equal(count_files(), files + rows[i].more);
		assert_int_equal(mfa_keyring_primary(dir, &other), MFA_OK);
		assert_memory_equal(&other, &key, sizeof(key));
		assert_int_equal(place_descriptors(), before);
	}
	/* The switch is made, but perhaps not for good. */
	fail_at(FSYNC, 4, EIO);
	assert_int_equal(mfa_keyring_new(dir, &env, GROUP, id), MFA_ERR_IO);
}

static bool looks, left; /* through the stack, while it is in use */

static enum mfa_err
take(void *ctx, const uint8_t which[MFA_KEY_ID], bool primary,
    enum mfa_err problem)
{
	(void)ctx;
	left = looks && residue_left(key.bytes, 8);
	assert_memory_equal(which, id, MFA_KEY_ID);
	assert_true(primary);
	assert_int_equal(problem, MFA_OK);
	return MFA_OK;
}

static void
test_listing_them_leaves_nothing(void **state)
{
	int before = place_descriptors();

	(void)state;
	freed = 0;
	assert_int_equal(mfa_keyring_each(dir, take, NULL), MFA_OK);
	assert_int_equal(freed, 2); /* the name, and the list */
	fail_at(SCANDIRAT, 1, EIO);
	assert_int_equal(mfa_keyring_each(dir, take, NULL), MFA_ERR_IO);
	assert_int_equal(place_descriptors(), before);
}

/* The first descriptor is one like any other. */
static void
test_R18_no_descriptor_stays_open(void **state)
{
	char deeper[256];
	const char *const rings[] = { dir, place_path(state, "deeper",
	    deeper) };
	int input = dup(0), before;

	place_dir(deeper, 0, 0755);
	assert_int_equal(close(0), 0);
	before = place_descriptors();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mfa_keyring_new(rings[i], &env, GROUP, id),
		    MFA_OK);
		assert_int_equal(mfa_keyring_load(rings[i], id, &other),
		    MFA_OK);
		assert_int_equal(mfa_keyring_primary(rings[i], &other),
		    MFA_OK);
		assert_int_equal(place_descriptors(), before);
	}
	assert_int_equal(dup2(input, 0), 0);
	(void)close(input);
}

/* ---- R14 ---- */

static void
load(void)
{
	answer = mfa_keyring_load(dir, id, &key);
}

static void
load_primary(void)
{
	answer = mfa_keyring_primary(dir, &key);
}

static void
make(void)
{
	answer = mfa_keyring_new(dir, &env, GROUP, id);
}

static void
list(void)
{
	answer = mfa_keyring_each(dir, take, NULL);
}

static void
nothing_left(void (*what)(void), enum mfa_err r)
{
	char hex[LINE];

	mfa_num_hex(key.bytes, sizeof(key.bytes), hex);
	residue_run(what);
	assert_int_equal(answer, r);
	assert_false(residue_left(hex, 16));
	assert_false(residue_left(hex + LINE - 17, 16));
	assert_false(residue_left(key.bytes, 8));
	assert_false(residue_left(key.bytes + sizeof(key.bytes) - 8, 8));
}

static void
test_R14_no_key_is_left_on_the_stack(void **state)
{
	(void)state;
	nothing_left(load, MFA_OK);
	nothing_left(load_primary, MFA_OK);
	looks = true;
	nothing_left(list, MFA_OK);
	assert_false(left);
	looks = false;
	fail_at(CRYPT_HASH, 1, 0);
	nothing_left(load, MFA_ERR_CRYPTO);
	/* The next key that is made is known beforehand. */
	next_bytes(&env, key.bytes, sizeof(key.bytes));
	seed--;
	nothing_left(make, MFA_OK);
	next_bytes(&env, key.bytes, sizeof(key.bytes));
	seed--;
	fail_at(FSYNC, 1, EIO);
	nothing_left(make, MFA_ERR_IO);
}

#define IN_RING(f) cmocka_unit_test_setup_teardown(f, ring_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_RING(test_R3_a_key_that_cannot_be_read_is_no_missing_key),
		IN_RING(test_a_line_that_does_not_end_is_no_key),
		IN_RING(test_R7_what_fails_while_one_is_made_is_said),
		IN_RING(test_listing_them_leaves_nothing),
		IN_RING(test_R18_no_descriptor_stays_open),
		IN_RING(test_R14_no_key_is_left_on_the_stack),
	};

	world_need_root();
	residue_need_plain_frames();
	if (mfa_crypt_init() != MFA_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
