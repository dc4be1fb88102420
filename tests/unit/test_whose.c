/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "utils/whose.h"

static void
test_names_and_options(void **state)
{
	static const struct {
		const char *realm, *user, *name, *options;
		bool is_unix;
	} cases[] = {
		{ NULL, "alice", "alice", " --user alice", true },
		{ "unix", "alice", "alice", " --user alice", true },
		{ "shop", "carol", "carol of realm shop",
		    " --realm shop --user carol", false },
		{ "shop", "a b;c", "a b;c of realm shop",
		    " --realm shop --user 'a b;c'", false },
		{ "shop", "a\033[2J", "a\\x1b[2J of realm shop",
		    " --realm shop --user $'a\\033[2J'", false },
	};
	char out[MFA_WHOSE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mfa_args args = { .user = cases[i].user,
			.realm = cases[i].realm };

		assert_int_equal(mfa_whose_is_unix(&args), cases[i].is_unix);
		mfa_whose_name(&args, args.user, out);
		assert_string_equal(out, cases[i].name);
		mfa_whose_options(&args, out);
		assert_string_equal(out, cases[i].options);
	}
}

/* Who may name nobody else need not be named. */
static void
test_own_record_needs_no_options(void **state)
{
	const struct mfa_args args = { .user = "alice", .owner = true };
	char out[MFA_WHOSE] = "x";

	(void)state;
	mfa_whose_options(&args, out);
	assert_string_equal(out, "");
	mfa_whose_name(&args, args.user, out);
	assert_string_equal(out, "alice");
}

/* The longest of both fit, or are cut; the realm stays. */
static void
test_long_names_are_cut(void **state)
{
	char user[257], out[MFA_WHOSE];
	struct mfa_args args = { .user = user,
		.realm = "a2345678901234567890123456789012" };

	(void)state;
	memset(user, '\n', sizeof(user));
	user[256] = '\0';
	mfa_whose_name(&args, user, out);
	assert_true(strlen(out) < sizeof(out));
	assert_non_null(strstr(out, " of realm a2345678901234567890"));
	mfa_whose_options(&args, out);
	assert_int_equal(out[strlen(out) - 1], '\'');
	memset(user, 'u', sizeof(user) - 1);
	mfa_whose_options(&args, out);
	assert_non_null(strstr(out, user));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_options),
		cmocka_unit_test(test_own_record_needs_no_options),
		cmocka_unit_test(test_long_names_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
