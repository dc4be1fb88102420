/* SPDX-License-Identifier: MIT */
#include "tests/unit/place.h"

#include <dirent.h>

#include "lib/base/path.h"
#include "utils/install.h"

#define TEXT ((const uint8_t *)"[mfa]\n")

static unsigned int
entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n - 2;
}

static void
test_R18_folder_is_made_once_whatever_the_umask(void **state)
{
	mode_t mask = umask(0777);
	struct stat st;
	char path[256];
	bool made = false;

	place_need(state);
	assert_int_equal(
	    mfa_install_dir(place_path(state, "etc", path), &made), MFA_OK);
	(void)umask(mask);
	assert_true(made);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(mfa_install_dir(path, &made), MFA_OK);
	assert_false(made);
}

/* Wrong is refused, and left as it was. */
static void
test_R18_folder_with_wrong_mode_or_owner_is_refused(void **state)
{
	struct stat st;
	char path[256];
	bool made = true;

	place_need(state);
	assert_int_equal(mkdir(place_path(state, "etc", path), 0755), 0);
	assert_int_equal(chmod(path, 0775), 0);
	assert_int_equal(mfa_install_dir(path, &made), MFA_ERR_UNSAFE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0775);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(chown(path, 1, 0), 0);
	assert_int_equal(mfa_install_dir(path, &made), MFA_ERR_UNSAFE);
	assert_true(made);
}

static void
test_R18_folder_is_no_link_nor_file(void **state)
{
	char path[256], target[256];
	bool made = true;

	place_need(state);
	assert_int_equal(mkdir(place_path(state, "real", target), 0755), 0);
	assert_int_equal(symlink(target, place_path(state, "link", path)), 0);
	assert_int_equal(mfa_install_dir(path, &made), MFA_ERR_UNSAFE);
	assert_int_equal(
	    mfa_install_dir(place_path(state, "link/x", path), &made),
	    MFA_ERR_UNSAFE);
	place_file(place_path(state, "file", path), "", 0, 0644);
	assert_int_equal(mfa_install_dir(path, &made), MFA_ERR_UNSAFE);
	assert_int_equal(
	    mfa_install_dir(place_path(state, "no/x", path), &made),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_install_dir("relative", &made), MFA_ERR_INVALID);
	assert_int_equal(mfa_install_dir("/run/", &made), MFA_ERR_INVALID);
	assert_true(made);
}

static void
test_file_is_written_whole_and_replaced(void **state)
{
	char path[256];
	struct stat st;
	uint8_t got[16];
	size_t len = 0;
	mode_t mask = umask(0777);
	int dirfd = -1;

	place_need(state);
	assert_int_equal(
	    mfa_path_open_dir(*state, &mfa_path_root_owned, &dirfd), MFA_OK);
	assert_int_equal(mfa_install_file(dirfd, "a.conf", TEXT, 6), MFA_OK);
	assert_int_equal(mfa_install_file(dirfd, "a.conf", TEXT, 5), MFA_OK);
	(void)umask(mask);
	(void)close(dirfd);
	assert_int_equal(stat(place_path(state, "a.conf", path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(
	    mfa_path_slurp(path, &mfa_path_root_owned, got, sizeof(got), &len),
	    MFA_OK);
	assert_int_equal(len, 5);
	assert_memory_equal(got, "[mfa]", 5);
	assert_int_equal(entries(*state), 1);
}

static void
test_failure_leaves_the_old_file_and_no_other(void **state)
{
	char path[256], name[256];
	int dirfd = -1;

	place_need(state);
	assert_int_equal(
	    mfa_path_open_dir(*state, &mfa_path_root_owned, &dirfd), MFA_OK);
	/* A folder of that name cannot be replaced by a file. */
	assert_int_equal(mkdir(place_path(state, "a.conf", path), 0755), 0);
	assert_int_not_equal(
	    mfa_install_file(dirfd, "a.conf", TEXT, 6), MFA_OK);
	assert_int_equal(entries(*state), 1);
	memset(name, 'n', 201);
	name[201] = '\0';
	assert_int_equal(
	    mfa_install_file(dirfd, name, TEXT, 6), MFA_ERR_INVALID);
	assert_int_equal(entries(*state), 1);
	(void)close(dirfd);
}

#define WITH_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_R18_folder_is_made_once_whatever_the_umask),
		WITH_PLACE(test_R18_folder_with_wrong_mode_or_owner_is_refused),
		WITH_PLACE(test_R18_folder_is_no_link_nor_file),
		WITH_PLACE(test_file_is_written_whole_and_replaced),
		WITH_PLACE(test_failure_leaves_the_old_file_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
