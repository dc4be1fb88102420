/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "pam_medusa_mfa/args.h"

/* One argument alone. */
static enum mfa_err
parse_in(enum mfa_args_line line, const char *argument, struct mfa_args *args)
{
	const char *const argv[] = { argument };
	int bad = -1;
	enum mfa_err r = mfa_args_parse(line, 1, argv, args, &bad);

	assert_int_equal(bad, r == MFA_OK ? -1 : 0);
	return r;
}

static enum mfa_err
parse(const char *argument, struct mfa_args *args)
{
	return parse_in(MFA_ARGS_AUTH, argument, args);
}

static void
test_defaults(void **state)
{
	struct mfa_args args;
	int bad = 5;

	(void)state;
	memset(&args, 0x5a, sizeof(args));
	assert_int_equal(mfa_args_parse(MFA_ARGS_AUTH, 0, NULL, &args, &bad),
	    MFA_OK);
	assert_int_equal(bad, 5);
	assert_false(args.enforce);
	assert_false(args.use_split);
	assert_int_equal(args.split, 0);
	assert_false(args.nullok);
	assert_false(args.debug);
	assert_false(args.echo);
	assert_int_equal(args.retry, 3); /* R25 */
	assert_null(args.socket);
	assert_string_equal(args.prompt, "");
}

static void
test_all_together(void **state)
{
	static const char *const argv[] = { "echo", "retry=10", "nullok",
		"socket=/run/x", "debug", "prompt=Your code, please:" };
	struct mfa_args args;
	int bad;

	(void)state;
	assert_int_equal(mfa_args_parse(MFA_ARGS_AUTH, 6, argv, &args, &bad),
	    MFA_OK);
	assert_true(args.nullok);
	assert_true(args.debug);
	assert_true(args.echo);
	assert_int_equal(args.retry, 10);
	assert_string_equal(args.socket, "/run/x");
	assert_string_equal(args.prompt, "Your code, please: ");
}

/* Refused, and args is as it was. */
static void
refused(enum mfa_args_line line, const char *argument)
{
	struct mfa_args args, before;

	memset(&before, 0x5a, sizeof(before));
	args = before;
	if (parse_in(line, argument, &args) != MFA_ERR_INVALID)
		fail_msg("'%s' is not refused", argument);
	assert_memory_equal(&args, &before, sizeof(args));
}

/* R3 */
static void
test_R3_unknown_and_malformed_arguments(void **state)
{
	static const char *const bad[] = { "", "=", "=x", "nullo", "nullok ",
		" nullok", "NULLOK", "nullok=", "nullok=1", "nullokk", "debug=",
		"debug=yes", "echo=0", "retry", "retry=", "retry=0", "retry=11",
		"retry=3 ", "retry= 3", "retry=+3", "retry=03", "retry=0x3",
		"retry=-1", "retry=three", "retry=18446744073709551617",
		"prompt", "prompt=", "prompt=a\tb", "prompt=a\nb",
		"prompt=\303\244", "prompt=\177", "socket", "socket=",
		"socket=run/x", "socket=./x", "enforce", "split",
		"split=", "split=5", "split=9", "split=06", "split=6 ",
		"split=0", "split=six", "use_split=", "use_split=6",
		"use_spli", "try_first_pass", "--debug" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(MFA_ARGS_AUTH, bad[i]);
}

/* R3, R24: each line has its own. */
static void
test_R3_R24_arguments_of_an_account_line(void **state)
{
	static const char *const good[] = { "enforce", "nullok", "debug",
		"socket=/run/x" };
	static const char *const bad[] = { "echo", "retry=3", "prompt=Code",
		"split=6", "use_split", "enforce=", "enforce=1", "enforced",
		"ENFORCE", "" };
	static const char *const all[] = { "debug", "enforce",
		"socket=/run/x", "nullok" };
	struct mfa_args args;
	int at;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(parse_in(MFA_ARGS_ACCOUNT, good[i], &args),
		    MFA_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(MFA_ARGS_ACCOUNT, bad[i]);
	assert_int_equal(mfa_args_parse(MFA_ARGS_ACCOUNT, 4, all, &args, &at),
	    MFA_OK);
	assert_true(args.enforce);
	assert_true(args.nullok);
	assert_true(args.debug);
	assert_string_equal(args.socket, "/run/x");
	assert_int_equal(parse_in(MFA_ARGS_ACCOUNT, "nullok", &args), MFA_OK);
	assert_false(args.enforce);
}

/* R24: who takes a code off, or uses one, asks nobody. */
static void
test_R24_split_contradicts_asking(void **state)
{
	static const char *const pairs[][2] = { { "split=6", "use_split" },
		{ "split=6", "echo" }, { "split=6", "prompt=Code" },
		{ "use_split", "echo" }, { "use_split", "prompt=Code" } };
	struct mfa_args args;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		const char *const other[] = { pairs[i][1], pairs[i][0] };
		int bad = -1;

		assert_int_equal(mfa_args_parse(MFA_ARGS_AUTH, 2, pairs[i],
		    &args, &bad), MFA_ERR_INVALID);
		assert_int_equal(bad, 1);
		bad = -1;
		assert_int_equal(mfa_args_parse(MFA_ARGS_AUTH, 2, other, &args,
		    &bad), MFA_ERR_INVALID);
		assert_int_equal(bad, 1);
	}
}

static void
test_R24_split_and_its_use(void **state)
{
	static const char *const use[] = { "retry=5", "use_split", "nullok" };
	static const char *const take[] = { "split=7", "nullok", "debug",
		"retry=5" };
	struct mfa_args args;
	int bad;

	(void)state;
	assert_int_equal(parse("split=6", &args), MFA_OK);
	assert_int_equal(args.split, 6);
	assert_int_equal(parse("split=8", &args), MFA_OK);
	assert_int_equal(args.split, 8);
	assert_int_equal(mfa_args_parse(MFA_ARGS_AUTH, 4, take, &args, &bad),
	    MFA_OK);
	assert_int_equal(args.split, 7);
	assert_false(args.use_split);
	assert_int_equal(parse("use_split", &args), MFA_OK);
	assert_true(args.use_split);
	assert_int_equal(args.retry, 1);
	assert_int_equal(mfa_args_parse(MFA_ARGS_AUTH, 3, use, &args, &bad),
	    MFA_OK);
	assert_int_equal(args.retry, 1);
	assert_true(args.nullok);
}

static void
test_R3_repeated_arguments(void **state)
{
	static const char *const twice[] = { "nullok", "debug", "echo",
		"retry=3", "prompt=Code", "socket=/run/x", "split=6",
		"use_split" };
	struct mfa_args args;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		const char *const argv[] = { twice[i], "x", twice[i] };
		const char *const pair[] = { twice[i], twice[i] };
		int bad = -1;

		assert_int_equal(mfa_args_parse(MFA_ARGS_AUTH, 2, pair,
		    &args, &bad), MFA_ERR_INVALID);
		assert_int_equal(bad, 1);
		assert_int_equal(mfa_args_parse(MFA_ARGS_AUTH, 3, argv,
		    &args, &bad), MFA_ERR_INVALID);
		assert_int_equal(bad, 1);
	}
}

static void
test_retry_has_its_bounds(void **state)
{
	struct mfa_args args;

	(void)state;
	assert_int_equal(parse("retry=1", &args), MFA_OK);
	assert_int_equal(args.retry, 1);
	assert_int_equal(parse("retry=10", &args), MFA_OK);
	assert_int_equal(args.retry, 10);
}

static void
test_prompt_keeps_its_text_and_gets_one_blank(void **state)
{
	char text[7 + MFA_ARGS_PROMPT_MAX + 2] = "prompt=";
	struct mfa_args args;

	(void)state;
	assert_int_equal(parse("prompt=Code:", &args), MFA_OK);
	assert_string_equal(args.prompt, "Code: ");
	assert_int_equal(parse("prompt=Code: ", &args), MFA_OK);
	assert_string_equal(args.prompt, "Code: ");
	assert_int_equal(parse("prompt=a=b  ", &args), MFA_OK);
	assert_string_equal(args.prompt, "a=b  ");
	memset(text + 7, 'p', MFA_ARGS_PROMPT_MAX + 1);
	assert_int_equal(parse(text, &args), MFA_ERR_INVALID);
	text[7 + MFA_ARGS_PROMPT_MAX] = '\0';
	assert_int_equal(parse(text, &args), MFA_OK);
	assert_int_equal(strlen(args.prompt), MFA_ARGS_PROMPT_MAX + 1);
	text[6 + MFA_ARGS_PROMPT_MAX] = ' ';
	assert_int_equal(parse(text, &args), MFA_OK);
	assert_int_equal(strlen(args.prompt), MFA_ARGS_PROMPT_MAX);
}

/* A socket's path has 107 bytes at most. */
static void
test_socket_fits_its_address(void **state)
{
	char text[7 + 108 + 1] = "socket=/";
	struct mfa_args args;

	(void)state;
	memset(text + 8, 's', 107);
	assert_int_equal(parse(text, &args), MFA_ERR_INVALID);
	text[7 + 107] = '\0';
	assert_int_equal(parse(text, &args), MFA_OK);
	assert_ptr_equal(args.socket, text + 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all_together),
		cmocka_unit_test(test_R3_unknown_and_malformed_arguments),
		cmocka_unit_test(test_R3_R24_arguments_of_an_account_line),
		cmocka_unit_test(test_R24_split_contradicts_asking),
		cmocka_unit_test(test_R24_split_and_its_use),
		cmocka_unit_test(test_R3_repeated_arguments),
		cmocka_unit_test(test_retry_has_its_bounds),
		cmocka_unit_test(test_prompt_keeps_its_text_and_gets_one_blank),
		cmocka_unit_test(test_socket_fits_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
