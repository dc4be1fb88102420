/* SPDX-License-Identifier: MIT */
/* R17, R18: keys that go out of use, and all keys for a safe. */
#include "tests/unit/place.h"

#include "tests/unit/world.h"
#include "verifier/vault/export.h"
#include "verifier/vault/retire.h"

#define GROUP 4700

static void
make_key(const char *dir, uint8_t id[MFA_KEY_ID])
{
	const struct mfa_env env = { .random = mfa_crypt_random };

	assert_int_equal(mfa_keyring_new(dir, &env, GROUP, id), MFA_OK);
}

/* The path of a key, in the ring or in a folder of it. */
static void
path_of(const char *dir, const char *folder, const uint8_t id[MFA_KEY_ID],
    char out[256])
{
	char hex[17];

	mfa_num_hex(id, MFA_KEY_ID, hex);
	(void)snprintf(out, 256, "%s%s/%s.key", dir, folder, hex);
}

static bool
is_there(const char *dir, const char *folder, const uint8_t id[MFA_KEY_ID])
{
	char path[256];

	path_of(dir, folder, id, path);
	return access(path, F_OK) == 0;
}

static void
test_R17_a_key_moves_and_is_the_same(void **state)
{
	const char *dir = *state;
	uint8_t old[MFA_KEY_ID], fresh[MFA_KEY_ID];
	char folder[MFA_RETIRE_PATH];
	struct mfa_key before, after;
	struct stat st;
	int fds = place_descriptors();

	make_key(dir, old);
	make_key(dir, fresh);
	assert_int_equal(mfa_keyring_load(dir, old, &before), MFA_OK);
	assert_int_equal(mfa_retire_check(dir, old), MFA_OK);
	assert_int_equal(mfa_retire_key(dir, old, GROUP), MFA_OK);
	assert_int_equal(mfa_keyring_load(dir, old, &after), MFA_ERR_NO_KEY);
	assert_int_equal(mfa_retire_folder(dir, folder), MFA_OK);
	assert_int_equal(mfa_keyring_load(folder, old, &after), MFA_OK);
	assert_memory_equal(before.bytes, after.bytes, sizeof(after.bytes));
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_gid, GROUP);
	assert_int_equal(mfa_keyring_primary(dir, &after), MFA_OK);
	assert_memory_equal(after.id, fresh, MFA_KEY_ID);
	assert_int_equal(place_descriptors(), fds);
}

static void
test_R17_the_primary_stays(void **state)
{
	const char *dir = *state;
	uint8_t id[MFA_KEY_ID], other[MFA_KEY_ID];
	char path[256];

	make_key(dir, other);
	make_key(dir, id);
	assert_int_equal(mfa_retire_check(dir, id), MFA_ERR_DENIED);
	assert_int_equal(mfa_retire_key(dir, id, GROUP), MFA_ERR_DENIED);
	assert_true(is_there(dir, "", id));
	/* Without a primary that works, none goes. */
	path_of(dir, "", id, path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mfa_retire_key(dir, other, GROUP), MFA_ERR_NO_KEY);
	(void)snprintf(path, sizeof(path), "%s/primary", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mfa_retire_key(dir, other, GROUP), MFA_ERR_NO_KEY);
	assert_true(is_there(dir, "", other));
}

static void
test_R18_what_is_no_key_of_ours_stays(void **state)
{
	const char *dir = *state;
	uint8_t id[MFA_KEY_ID], primary[MFA_KEY_ID];
	uint8_t none[MFA_KEY_ID] = { 1 };
	char path[256];
	int fd;

	make_key(dir, id);
	make_key(dir, primary);
	assert_int_equal(mfa_retire_key(dir, none, GROUP), MFA_ERR_NO_KEY);
	path_of(dir, "", id, path);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(mfa_retire_key(dir, id, GROUP), MFA_ERR_UNSAFE);
	assert_int_equal(chmod(path, 0640), 0);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "00", 2, 0), 2);
	(void)close(fd);
	assert_int_equal(mfa_retire_key(dir, id, GROUP), MFA_ERR_DAMAGED);
	assert_true(is_there(dir, "", id));
}

static void
test_R18_a_folder_that_is_not_roots_is_refused(void **state)
{
	const char *dir = *state;
	uint8_t id[MFA_KEY_ID], primary[MFA_KEY_ID];
	char folder[MFA_RETIRE_PATH];

	make_key(dir, id);
	make_key(dir, primary);
	assert_int_equal(mfa_retire_folder(dir, folder), MFA_OK);
	assert_int_equal(symlink("/tmp", folder), 0);
	assert_int_equal(mfa_retire_key(dir, id, GROUP), MFA_ERR_UNSAFE);
	assert_int_equal(unlink(folder), 0);
	assert_int_equal(mkdir(folder, 0750), 0);
	assert_int_equal(chown(folder, 4711, 4711), 0);
	assert_int_equal(mfa_retire_key(dir, id, GROUP), MFA_ERR_UNSAFE);
	assert_int_equal(chown(folder, 0, 0), 0);
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(mfa_retire_key(dir, id, GROUP), MFA_ERR_UNSAFE);
	assert_true(is_there(dir, "", id));
	assert_int_equal(chmod(folder, 0750), 0);
	assert_int_equal(mfa_retire_key(dir, id, GROUP), MFA_OK);
	assert_true(is_there(dir, "/retired", id));
}

static void
test_too_long_a_path(void **state)
{
	char dir[MFA_RETIRE_PATH], out[MFA_RETIRE_PATH];

	(void)state;
	memset(dir, 'x', sizeof(dir));
	dir[0] = '/';
	dir[sizeof(dir) - 1] = '\0';
	assert_int_equal(mfa_retire_folder(dir, out), MFA_ERR_INVALID);
}

static void
test_how_long_a_key_is_primary(void **state)
{
	const char *dir = *state;
	uint8_t id[MFA_KEY_ID];
	uint64_t age = 77;
	struct stat st;
	char path[256];

	assert_int_equal(mfa_retire_age(dir, 1000, &age), MFA_ERR_NOT_FOUND);
	assert_int_equal(age, 77);
	make_key(dir, id);
	(void)snprintf(path, sizeof(path), "%s/primary", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(mfa_retire_age(dir, (uint64_t)st.st_mtime + 25, &age),
	    MFA_OK);
	assert_int_equal(age, 25);
	/* The clock was set back: nothing is known. */
	assert_int_equal(mfa_retire_age(dir, 1000, &age), MFA_OK);
	assert_int_equal(age, 0);
}

/* ---- export ---- */

static size_t
read_all(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	return (size_t)n;
}

static void
test_R17_all_keys_are_exported(void **state)
{
	const char *dir = *state;
	uint8_t id[3][MFA_KEY_ID];
	char path[256], text[1024], line[160], hex[17], bad[17];
	struct mfa_key key;
	bool lost = true;
	int fd;

	for (int i = 0; i < 3; i++)
		make_key(dir, id[i]);
	assert_int_equal(mfa_retire_key(dir, id[0], GROUP), MFA_OK);
	(void)snprintf(path, sizeof(path), "%s/out", dir);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(mfa_export_keys(dir, fd, bad, &lost), MFA_OK);
	assert_string_equal(bad, "");
	assert_int_equal(read_all(fd, text, sizeof(text)), 25 +
	    2 * (4 + 17 + 65) + (8 + 17 + 65) + 6);
	mfa_num_hex(id[2], MFA_KEY_ID, hex);
	(void)snprintf(line, sizeof(line), "primary %s\n", hex);
	assert_memory_equal(text, line, strlen(line));
	assert_int_equal(mfa_keyring_load(dir, id[1], &key), MFA_OK);
	mfa_num_hex(id[1], MFA_KEY_ID, hex);
	(void)snprintf(line, sizeof(line), "\nkey %s ", hex);
	assert_non_null(strstr(text, line));
	mfa_num_hex(key.bytes, sizeof(key.bytes), line);
	assert_non_null(strstr(text, line));
	mfa_num_hex(id[0], MFA_KEY_ID, hex);
	(void)snprintf(line, sizeof(line), "\nretired %s ", hex);
	assert_non_null(strstr(text, line));
	(void)close(fd);
}

/* Half of the keys would look like all of them. */
static void
test_R17_nothing_is_exported_unless_all_can_be(void **state)
{
	const char *dir = *state;
	uint8_t id[2][MFA_KEY_ID];
	char path[256], text[64], bad[17], hex[17];
	bool lost = true;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/out", dir);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(mfa_export_keys(dir, fd, bad, &lost), MFA_ERR_NO_KEY);
	for (int i = 0; i < 2; i++)
		make_key(dir, id[i]);
	assert_int_equal(mfa_retire_key(dir, id[0], GROUP), MFA_OK);
	path_of(dir, "/retired", id[0], path);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(mfa_export_keys(dir, fd, bad, &lost), MFA_ERR_UNSAFE);
	mfa_num_hex(id[0], MFA_KEY_ID, hex);
	assert_string_equal(bad, hex);
	assert_false(lost);
	assert_int_equal(read_all(fd, text, sizeof(text)), 0);
	(void)close(fd);
	assert_int_equal(chmod(path, 0640), 0);
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(mfa_export_keys(dir, fd, bad, &lost), MFA_ERR_NO_SPACE);
	/* It is not the ring that is full. */
	assert_true(lost);
	assert_string_equal(bad, "");
	(void)close(fd);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_R17_a_key_moves_and_is_the_same),
		IN_PLACE(test_R17_the_primary_stays),
		IN_PLACE(test_R18_what_is_no_key_of_ours_stays),
		IN_PLACE(test_R18_a_folder_that_is_not_roots_is_refused),
		cmocka_unit_test(test_too_long_a_path),
		IN_PLACE(test_how_long_a_key_is_primary),
		IN_PLACE(test_R17_all_keys_are_exported),
		IN_PLACE(test_R17_nothing_is_exported_unless_all_can_be),
	};

	world_need_root();
	if (mfa_crypt_init() != MFA_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
