/* SPDX-License-Identifier: MIT */
/* users: whole, and in the order of the names, however they come. */
#include "tests/unit/capture.h"

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

#define MANY 15 /* that the capture holds */

static struct capture out, err;

static int
run(bool json)
{
	const struct mfa_args args = { .json = json };
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find("users")->run(&args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	assert_int_equal(fake_client.open, 0);
	return code;
}

static mfa_wire_Account *
will_name(const char *user)
{
	mfa_wire_Account *a =
	    &fake_client_will_say(mfa_wire_Reply_account_tag)->what.account;

	(void)snprintf(a->user, sizeof(a->user), "%s", user);
	return a;
}

static void
test_names_are_in_order(void **state)
{
	static const char *const names[] = { "mona", "zoe", "ab", "Zoe", "a",
		"\xc3\xa4", "a.b" };
	static const char *const sorted[] = { "Zoe ", "a ", "a.b ", "ab ",
		"mona ", "zoe ", "\\xc3\\xa4 " };
	const char *line;

	(void)state;
	for (size_t i = 0; i < 7; i++)
		will_name(names[i])->uid = (uint32_t)i;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run(false), MFA_EXIT_DONE);
	assert_memory_equal(out.text, "USER ", 5);
	line = out.text;
	for (size_t i = 0; i < 7; i++) {
		line = strchr(line, '\n');
		assert_non_null(line);
		assert_memory_equal(++line, sorted[i], strlen(sorted[i]));
	}
	line = strchr(line, '\n');
	assert_non_null(line);
	assert_string_equal(line, "\n");
	assert_non_null(strstr(out.text, "\nmona                 0 "));
}

/* Of the longest, so that room is made more than once. */
static void
test_each_keeps_what_is_said_of_it(void **state)
{
	char wanted[200], *next;

	(void)state;
	for (int i = MANY - 1; i >= 0; i--) {
		mfa_wire_Account *a = will_name("");

		memset(a->user, 'u', sizeof(a->user) - 1);
		a->user[0] = (char)('a' + i);
		memset(a->problem, 'p', sizeof(a->problem) - 1);
		memset(a->bypass_reason, 'r', sizeof(a->bypass_reason) - 1);
		a->locked_seconds = UINT64_MAX / 2;
		a->uid = a->wrong_today = UINT32_MAX - (uint32_t)i;
	}
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run(true), MFA_EXIT_DONE);
	next = out.text;
	for (int i = 0; i < MANY && next != NULL; i++) {
		(void)snprintf(wanted, sizeof(wanted), "\"user\":\"%cuu",
		    'a' + i);
		next = strstr(next, wanted);
		assert_non_null(next);
		(void)snprintf(wanted, sizeof(wanted), "uu\",\"uid\":%u,",
		    UINT32_MAX - (uint32_t)i);
		next = strstr(next, wanted);
		assert_non_null(next);
		assert_non_null(strstr(next,
		    "\"locked_seconds\":9223372036854775807,"));
	}
}

/* Half a list looks like a whole one. */
static void
test_a_list_that_ends_early_is_not_shown(void **state)
{
	(void)state;
	for (int json = 0; json < 2; json++) {
		(void)will_name("alice");
		fake_client_will_refuse(MFA_ERR_IO, "the disk");
		assert_int_equal(run(json == 1), MFA_EXIT_FAILED);
		assert_string_equal(out.text, "");
		assert_string_equal(err.text, "medusa-mfa: the disk\n");
	}
}

static void
test_nobody(void **state)
{
	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run(false), MFA_EXIT_DONE);
	assert_string_equal(out.text, "There are no records.\n");
}

#define WITH_CLIENT(f) cmocka_unit_test_setup(f, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIENT(test_names_are_in_order),
		WITH_CLIENT(test_each_keeps_what_is_said_of_it),
		WITH_CLIENT(test_a_list_that_ends_early_is_not_shown),
		WITH_CLIENT(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
