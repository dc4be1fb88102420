/* SPDX-License-Identifier: MIT */
/* R18, R23: which programs of a folder are run, and in which order. */
#include "tests/unit/place.h"

#include "tests/unit/world.h"
#include "verifier/runner/safe.h"

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

	for (int i = 0; i < 24; i++) {
		(void)snprintf(name, sizeof(name), "p%02d", i * 7 % 24);
		put(state, name, 0755);
	}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_R23_a_folder_s_programs,
		    place_new, place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_it_can_be_said_why_one_is_passed_over, place_new,
		    place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_at_most_sixteen_the_first_ones, place_new,
		    place_free),
		cmocka_unit_test_setup_teardown(
		    test_R18_the_folder_itself_must_be_safe, place_new,
		    place_free),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
