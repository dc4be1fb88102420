/* SPDX-License-Identifier: MIT */
/*
 * R18, R23: which programs of a folder are run, and in which order; and which
 * program at all.  Links with --wrap, see tests/unit.am.
 */
#include "tests/unit/place.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/calls.h"
#include "tests/unit/world.h"
#include "verifier/runner/safe.h"

FAILING(int, fstat, FSTAT, -1, (int fd, struct stat *st), (fd, st))
FAILING(int, fstatat, FSTATAT, -1,
    (int dirfd, const char *name, struct stat *st, int flags),
    (dirfd, name, st, flags))
FAILING(DIR *, fdopendir, FDOPENDIR, NULL, (int fd), (fd))
FAILING(struct dirent *, readdir, READDIR, NULL, (DIR *dir), (dir))

static void
put(void **state, const char *name, mode_t mode)
{
	char path[256];

	place_file(place_path(state, name, path), "#!/bin/sh\n", 0, mode);
}

static void
test_R23_a_folder_s_programs(void **state)
{
	static const char *const others[] = { ".hidden", "a~", "b.dpkg-old",
		"c.dpkg-new", "d e", "f=g" };
	struct mfa_safe_list list;
	char path[256], joined[MFA_SAFE_PATH];

	put(state, "20-mail", 0755);
	put(state, "10_Log.sh", 0755);
	put(state, "README", 0644);
	put(state, "Zebra", 0700);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		put(state, others[i], 0755);
	place_dir(place_path(state, "folder", path), 0, 0755);
	assert_int_equal(symlink("20-mail", place_path(state, "sym", path)),
	    0);
	assert_int_equal(mfa_safe_folder(*state, &list), MFA_OK);
	assert_int_equal(list.count, 3);
	assert_false(list.more);
	assert_string_equal(list.name[0], "10_Log.sh");
	assert_string_equal(list.name[1], "20-mail");
	assert_string_equal(list.name[2], "Zebra");
	mfa_safe_join("/a/b", list.name[1], joined);
	assert_string_equal(joined, "/a/b/20-mail");
}

/* What was said of entries, by name. */
struct said {
	unsigned int count;
	char text[1024];
};

static void
note(void *ctx, const char *name, const char *why)
{
	struct said *said = ctx;
	size_t used = strlen(said->text);

	said->count++;
	(void)snprintf(said->text + used, sizeof(said->text) - used,
	    "|%s: %s|", name, why == NULL ? "a program" : why);
}

static void
test_R23_it_can_be_said_why_one_is_passed_over(void **state)
{
	static const char *const expected[] = { "|20-mail: a program|",
		"|30-notes: not executable|", "|60-sym: a symbolic link|",
		"|70-gone: a symbolic link|", "|folder: not a regular file|",
		"|.hidden: a name that is not allowed|",
		"|a~: a name that is not allowed|",
		"|b.dpkg-old: a name that is not allowed|" };
	const size_t n = sizeof(expected) / sizeof(expected[0]);
	struct said said = { .count = 0 };
	char path[256];

	put(state, "20-mail", 0755);
	put(state, "30-notes", 0644);
	put(state, ".hidden", 0755);
	put(state, "a~", 0755);
	put(state, "b.dpkg-old", 0755);
	place_dir(place_path(state, "folder", path), 0, 0755);
	assert_int_equal(symlink("20-mail", place_path(state, "60-sym",
	    path)), 0);
	assert_int_equal(symlink("nowhere", place_path(state, "70-gone",
	    path)), 0);
	assert_int_equal(mfa_safe_each(*state, note, &said), MFA_OK);
	for (size_t i = 0; i < n; i++)
		assert_non_null(strstr(said.text, expected[i]));
	assert_int_equal(said.count, n);
	assert_int_equal(mfa_safe_each("/run/none", note, &said),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(said.count, n);
}

static void
test_R23_at_most_sixteen_the_first_ones(void **state)
{
	struct mfa_safe_list list;
	char name[32];

	/* Read when there is no more room, whichever the folder's order is. */
	put(state, "z1", 0755);
	for (int i = 0; i < 24; i++) {
		(void)snprintf(name, sizeof(name), "p%02d", i * 7 % 24);
		put(state, name, 0755);
	}
	put(state, "z2", 0755);
	assert_int_equal(mfa_safe_folder(*state, &list), MFA_OK);
	assert_int_equal(list.count, MFA_SAFE_COUNT);
	assert_true(list.more);
	for (int i = 0; i < MFA_SAFE_COUNT; i++) {
		(void)snprintf(name, sizeof(name), "p%02d", i);
		assert_string_equal(list.name[i], name);
	}
}

static void
folder_is(const char *path, enum mfa_err r)
{
	struct mfa_safe_list list = { .count = 77 };

	assert_int_equal(mfa_safe_folder(path, &list), r);
	assert_int_equal(list.count, 77);
}

static void
test_R18_the_folder_itself_must_be_safe(void **state)
{
	char path[256], sym[256], long_path[700];

	folder_is(place_path(state, "none", path), MFA_ERR_NOT_FOUND);
	place_dir(place_path(state, "open", path), 0, 0777);
	folder_is(path, MFA_ERR_UNSAFE);
	place_dir(place_path(state, "theirs", path), 4711, 0755);
	folder_is(path, MFA_ERR_UNSAFE);
	place_dir(place_path(state, "good", path), 0, 0755);
	assert_int_equal(symlink(path, place_path(state, "sym", sym)), 0);
	folder_is(sym, MFA_ERR_UNSAFE);
	folder_is("events.d", MFA_ERR_INVALID);
	put(state, "file", 0755);
	folder_is(place_path(state, "file", path), MFA_ERR_UNSAFE);
	memset(long_path, '/', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(mfa_safe_program(long_path), MFA_ERR_INVALID);
}

/* ---- names ---- */

static bool
is_taken(void **state, const char *name)
{
	struct mfa_safe_list list;
	char path[256];

	put(state, name, 0755);
	assert_int_equal(mfa_safe_folder(*state, &list), MFA_OK);
	assert_in_range(list.count, 0, 1);
	if (list.count == 1)
		assert_string_equal(list.name[0], name);
	assert_int_equal(unlink(place_path(state, name, path)), 0);
	return list.count == 1;
}

static void
test_R23_the_names_that_are_allowed(void **state)
{
	char name[MFA_SAFE_NAME + 2];

	for (int c = 1; c < 128; c++) {
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';

		if (c == '/')
			continue;
		(void)snprintf(name, sizeof(name), "a%c", c);
		assert_int_equal(is_taken(state, name), plain);
		if (c == '.')
			continue;
		(void)snprintf(name, sizeof(name), "%c", c);
		assert_int_equal(is_taken(state, name), plain);
	}
	assert_false(is_taken(state, "..."));
	assert_false(is_taken(state, "..a"));
	assert_false(is_taken(state, ".a"));
	assert_false(is_taken(state, "a.dpkg-"));
	assert_true(is_taken(state, "a.dpkg"));
	memset(name, 'a', sizeof(name));
	name[MFA_SAFE_NAME - 1] = '\0';
	assert_true(is_taken(state, name));
	name[MFA_SAFE_NAME - 1] = 'a';
	name[MFA_SAFE_NAME] = '\0';
	assert_false(is_taken(state, name));
}

static void
test_R23_a_long_name_leaves_the_others(void **state)
{
	struct mfa_safe_list list;
	char name[MFA_SAFE_NAME];

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	put(state, "b", 0755);
	put(state, name, 0755);
	put(state, "c", 0755);
	assert_int_equal(mfa_safe_folder(*state, &list), MFA_OK);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.name[0], name);
	assert_string_equal(list.name[1], "b");
	assert_string_equal(list.name[2], "c");
}

/* The folder itself and the one above it alone are not worth a word. */
static void
test_R23_names_of_dots_are_said(void **state)
{
	static const char *const names[] = { ".a", "..a", "...", "..ab" };
	struct said said = { .count = 0 };

	for (size_t i = 0; i < 4; i++)
		put(state, names[i], 0755);
	assert_int_equal(mfa_safe_each(*state, note, &said), MFA_OK);
	assert_int_equal(said.count, 4);
}

/* One mode's bit of three is enough; who owns it is looked at elsewhere. */
static void
test_R23_executable_for_somebody(void **state)
{
	static const mode_t modes[] = { 0600, 0666, 0644, 0700, 0610, 0601 };
	char path[256];

	put(state, "prog", 0755);
	place_path(state, "prog", path);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct mfa_safe_list list;
		const bool runs = (modes[i] & 0111) != 0;

		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(mfa_safe_folder(*state, &list), MFA_OK);
		assert_int_equal(list.count, runs ? 1 : 0);
		assert_int_equal(mfa_safe_program(path),
		    runs ? MFA_OK : MFA_ERR_UNSAFE);
	}
}

/* ---- one program ---- */

static void
program_is(const char *path, enum mfa_err r)
{
	int before = place_descriptors();

	assert_int_equal(mfa_safe_program(path), r);
	assert_int_equal(place_descriptors(), before);
}

static void
test_R18_a_program_and_its_folders_are_root_s(void **state)
{
	char path[256], other[256], dir[256];

	put(state, "prog", 0755);
	program_is(place_path(state, "prog", path), MFA_OK);
	for (mode_t mode = 0775; mode != 0; mode = mode == 0775 ? 0757 : 0) {
		assert_int_equal(chmod(path, mode), 0);
		program_is(path, MFA_ERR_UNSAFE);
		assert_int_equal(chmod(path, 0755), 0);
		assert_int_equal(chmod(*state, mode), 0);
		program_is(path, MFA_ERR_UNSAFE);
		assert_int_equal(chmod(*state, 0755), 0);
	}
	assert_int_equal(chown(path, 4711, 0), 0);
	program_is(path, MFA_ERR_UNSAFE);
	assert_int_equal(chown(path, 0, 0), 0);
	program_is(path, MFA_OK);
	assert_int_equal(link(path, place_path(state, "other", other)), 0);
	program_is(path, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(symlink("prog", other), 0);
	program_is(other, MFA_ERR_UNSAFE);
	place_dir(place_path(state, "dir", dir), 0, 0755);
	program_is(dir, MFA_ERR_UNSAFE);
	program_is(place_path(state, "none", dir), MFA_ERR_NOT_FOUND);
	program_is(place_path(state, "none/prog", dir), MFA_ERR_NOT_FOUND);
	program_is(place_path(state, "dir/", dir), MFA_ERR_INVALID);
	fail_at(FSTAT, 5, EIO); /* of /, run, the place, the file; again */
	program_is(path, MFA_ERR_UNSAFE);
	assert_int_equal(calls_left[FSTAT], 0);
}

/* Looking at it is reading: what runs cannot be opened for more. */
static void
test_R18_a_program_that_runs(void **state)
{
	char path[256], command[600];
	int ready[2];
	pid_t pid;

	place_path(state, "prog", path);
	(void)snprintf(command, sizeof(command),
	    "cp /usr/bin/sleep %s && chmod 0755 %s", path, path);
	assert_int_equal(system(command), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		(void)execl(path, "sleep", "60", (char *)NULL);
		_exit(1);
	}
	/* Its end is closed by the exec. */
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], command, 1), 0);
	(void)close(ready[0]);
	program_is(path, MFA_OK);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
test_R18_a_program_s_path_is_absolute_and_fits(void **state)
{
	char path[MFA_SAFE_PATH + 1];
	size_t len = strlen(*state);

	program_is("", MFA_ERR_INVALID);
	program_is("prog", MFA_ERR_INVALID);
	program_is("bin/prog", MFA_ERR_INVALID);
	/* In the folder above all. */
	program_is("/proc", MFA_ERR_UNSAFE);
	program_is("/mfa-unit-not-there", MFA_ERR_NOT_FOUND);
	put(state, "prog", 0755);
	memset(path, '/', sizeof(path));
	memcpy(path, *state, len);
	memcpy(path + MFA_SAFE_PATH - 5, "prog", 5);
	program_is(path, MFA_OK);
	memcpy(path + MFA_SAFE_PATH - 5, "/prog", 6);
	program_is(path, MFA_ERR_INVALID);
	/* With the first descriptor free nothing stays open either. */
	len = (size_t)dup(0);
	(void)close(0);
	program_is(place_path(state, "prog", path), MFA_OK);
	assert_int_equal(dup2((int)len, 0), 0);
	(void)close((int)len);
}

/* ---- trouble ---- */

static void
take(void *ctx, const char *name, const char *why)
{
	note(ctx, name, why);
	errno = EBADF;
}

static void
test_R3_a_folder_that_cannot_be_read_is_said(void **state)
{
	static const struct {
		enum call call;
		int error;
		enum mfa_err r;
		const char *said;
	} rows[] = {
		{ FDOPENDIR, ENOMEM, MFA_ERR_MEMORY, "" },
		{ READDIR, EIO, MFA_ERR_IO, "" },
		{ READDIR, 0, MFA_OK, "" },
		{ FSTATAT, ENOENT, MFA_OK, "|prog: cannot be looked at|" },
		{ CALLOC, 0, MFA_OK, "|prog: a program|" },
	};
	struct mfa_safe_list list = { .count = 77 };

	put(state, "prog", 0755);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct said said = { .count = 0 };
		int before = place_descriptors();

		fail_at(rows[i].call, 1, rows[i].error);
		errno = EBADF; /* somebody else's */
		assert_int_equal(mfa_safe_each(*state, take, &said), rows[i].r);
		assert_string_equal(said.text, rows[i].said);
		assert_int_equal(place_descriptors(), before);
	}
	fail_at(READDIR, 2, EIO);
	assert_int_equal(mfa_safe_folder(*state, &list), MFA_ERR_IO);
	assert_int_equal(list.count, 77);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_R23_a_folder_s_programs),
		IN_PLACE(test_R23_it_can_be_said_why_one_is_passed_over),
		IN_PLACE(test_R23_at_most_sixteen_the_first_ones),
		IN_PLACE(test_R18_the_folder_itself_must_be_safe),
		IN_PLACE(test_R23_the_names_that_are_allowed),
		IN_PLACE(test_R23_a_long_name_leaves_the_others),
		IN_PLACE(test_R23_names_of_dots_are_said),
		IN_PLACE(test_R23_executable_for_somebody),
		IN_PLACE(test_R18_a_program_and_its_folders_are_root_s),
		IN_PLACE(test_R18_a_program_that_runs),
		IN_PLACE(test_R18_a_program_s_path_is_absolute_and_fits),
		IN_PLACE(test_R3_a_folder_that_cannot_be_read_is_said),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
