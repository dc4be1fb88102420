/* SPDX-License-Identifier: MIT */
/*
 * R3, R18: a file is replaced by rename, or removed, between its opening and
 * the look at it.  Nobody is refused for what `key rotate`, `config edit` and
 * `users remove` do to a file.  Links with --wrap, see tests/unit.am.
 */
#include "tests/unit/place.h"

#include "tests/unit/world.h"

#include "lib/base/path.h"

/* What is done to the file before it is looked at. */
static struct {
	unsigned int times, left;
	void (*deed)(const char *path);
	char path[256];
} meanwhile;

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);

int
__wrap_fstat(int fd, struct stat *st)
{
	if (meanwhile.times != 0) {
		meanwhile.times--;
		meanwhile.deed(meanwhile.path);
	}
	return __real_fstat(fd, st);
}

static void
replace(const char *path)
{
	char other[300];

	(void)snprintf(other, sizeof(other), "%s.new", path);
	place_file(other, "new", 0, 0600);
	assert_int_equal(rename(other, path), 0);
}

static void
take_away(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

/* One that others may write to. */
static void
replace_unsafe(const char *path)
{
	replace(path);
	assert_int_equal(chmod(path, 0666), 0);
}

static void
link_again(const char *path)
{
	char other[300];

	(void)snprintf(other, sizeof(other), "%s.link", path);
	assert_int_equal(link(path, other), 0);
}

static enum mfa_err
open_meanwhile(void *const *state, void (*deed)(const char *),
    unsigned int times, int *fd)
{
	int before = place_descriptors(), dirfd;
	enum mfa_err r;

	(void)unlink(place_path(state, "file", meanwhile.path));
	place_file(meanwhile.path, "old", 0, 0600);
	assert_int_equal(mfa_path_open_dir(*state, &mfa_path_root_owned,
	    &dirfd), MFA_OK);
	meanwhile.times = times;
	meanwhile.deed = deed;
	r = mfa_path_open_file(dirfd, "file", O_RDONLY, &mfa_path_root_owned,
	    fd);
	meanwhile.left = meanwhile.times;
	meanwhile.times = 0;
	(void)close(dirfd);
	assert_int_equal(*fd >= 0, r == MFA_OK);
	assert_int_equal(place_descriptors(), before + (r == MFA_OK));
	return r;
}

static void
test_R3_what_is_replaced_is_opened_again(void **state)
{
	char text[4] = "";
	int fd;

	for (unsigned int times = 1; times < 16; times *= 2) {
		assert_int_equal(open_meanwhile(state, replace, times, &fd),
		    MFA_OK);
		assert_int_equal(read(fd, text, 3), 3);
		assert_string_equal(text, "new");
		(void)close(fd);
	}
}

static void
test_R28_but_not_without_end(void **state)
{
	int fd;

	assert_int_equal(open_meanwhile(state, replace, 15, &fd), MFA_OK);
	(void)close(fd);
	assert_int_equal(open_meanwhile(state, replace, 1000, &fd),
	    MFA_ERR_UNSAFE);
	assert_int_equal(1000 - meanwhile.left, 16);
}

static void
test_R3_what_is_removed_is_not_there(void **state)
{
	int fd;

	assert_int_equal(open_meanwhile(state, take_away, 1, &fd),
	    MFA_ERR_NOT_FOUND);
}

static void
test_R18_what_replaces_it_is_judged_as_well(void **state)
{
	int fd;

	assert_int_equal(open_meanwhile(state, replace_unsafe, 1, &fd),
	    MFA_ERR_UNSAFE);
	assert_int_equal(open_meanwhile(state, link_again, 1, &fd),
	    MFA_ERR_UNSAFE);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_R3_what_is_replaced_is_opened_again),
		IN_PLACE(test_R28_but_not_without_end),
		IN_PLACE(test_R3_what_is_removed_is_not_there),
		IN_PLACE(test_R18_what_replaces_it_is_judged_as_well),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
