/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture.h"

#include <signal.h>
#include <time.h>

#include "utils/run.h"

/* Runs sh -c script; its exit code, and what it printed in said. */
static int
shell(const char *script, bool inherit, struct capture *said)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	enum mfa_err r;
	int status = -1;

	capture_begin(said, STDOUT_FILENO);
	r = mfa_run("/bin/sh", argv, inherit, &status);
	(void)capture_end(said);
	assert_int_equal(r, MFA_OK);
	return status;
}

static void
test_exit_code_and_output_pass_through(void **state)
{
	struct capture said;

	(void)state;
	assert_int_equal(shell("echo told; exit 7", false, &said), 7);
	assert_string_equal(said.text, "told\n");
	assert_int_equal(shell(":", false, &said), 0);
	assert_int_equal(shell("kill -TERM $$", false, &said), 128 + SIGTERM);
}

static void
test_environment_is_path_alone_or_ours(void **state)
{
	struct capture said;

	(void)state;
	assert_int_equal(setenv("MFA_TEST", "seen", 1), 0);
	(void)shell("/usr/bin/env | /usr/bin/grep -v -e ^PWD= -e ^_= "
		    "-e ^SHLVL= -e ^OLDPWD=",
	    false, &said);
	assert_string_equal(said.text, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
	(void)shell("echo $MFA_TEST", true, &said);
	assert_string_equal(said.text, "seen\n");
}

static void
test_what_cannot_be_started_is_an_error(void **state)
{
	const char *argv[] = { "x", NULL };
	const char *many[20];
	int status = -1;

	(void)state;
	assert_int_equal(
	    mfa_run("/nonexistent/x", argv, false, &status), MFA_ERR_NOT_FOUND);
	assert_int_not_equal(
	    mfa_run("/etc/passwd", argv, false, &status), MFA_OK);
	for (size_t i = 0; i < 19; i++)
		many[i] = "x";
	many[19] = NULL;
	assert_int_equal(
	    mfa_run("/bin/true", many, false, &status), MFA_ERR_INVALID);
	assert_int_equal(status, -1);
}

static void
test_plain_names_are_looked_for(void **state)
{
	const char *argv[] = { "true", NULL };
	int status = -1;

	(void)state;
	assert_int_equal(mfa_run("true", argv, true, &status), MFA_OK);
	assert_int_equal(status, 0);
}

/* Ctrl-C is the program's while it runs, and ours again afterwards. */
static void
test_interrupt_is_ignored_here_only_meanwhile(void **state)
{
	struct sigaction after;
	struct capture said;

	(void)state;
	/* Whoever runs the tests in the background has it ignored. */
	assert_ptr_not_equal(signal(SIGINT, SIG_DFL), SIG_ERR);
	assert_int_equal(shell("kill -INT $PPID; echo on", false, &said), 0);
	assert_string_equal(said.text, "on\n");
	assert_int_equal(
	    shell("kill -INT $$; echo on", false, &said), 128 + SIGINT);
	assert_string_equal(said.text, "");
	assert_int_equal(sigaction(SIGINT, NULL, &after), 0);
	assert_ptr_equal(after.sa_handler, SIG_DFL);
}

/* Whoever ends us ends it, and nobody is left; then the signal is ours. */
static void
test_the_end_is_passed_on(void **state)
{
	static const int signals[] = { SIGHUP, SIGTERM };
	const struct timespec at_once = { 0, 0 };
	struct capture said;
	sigset_t held, before;

	(void)state;
	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGHUP);
	(void)sigaddset(&held, SIGTERM);
	for (size_t i = 0; i < 2; i++) {
		const char *script = signals[i] == SIGHUP ?
		    "kill -HUP $PPID; exec sleep 20" :
		    "kill -TERM $PPID; exec sleep 20";

		assert_int_equal(sigprocmask(SIG_BLOCK, &held, &before), 0);
		/* Held by us, but not by the program. */
		assert_int_equal(shell(script, true, &said), 128 + signals[i]);
		assert_int_equal(sigtimedwait(&held, NULL, &at_once),
		    signals[i]);
		assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	}
}

/* As under a parent that ignores the end of its children. */
static void
test_a_child_is_waited_for_where_none_is_awaited(void **state)
{
	struct sigaction after;
	struct capture said;

	(void)state;
	assert_ptr_not_equal(signal(SIGCHLD, SIG_IGN), SIG_ERR);
	assert_int_equal(shell("exit 7", false, &said), 7);
	assert_int_equal(sigaction(SIGCHLD, NULL, &after), 0);
	assert_ptr_equal(after.sa_handler, SIG_IGN);
	assert_ptr_not_equal(signal(SIGCHLD, SIG_DFL), SIG_ERR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_code_and_output_pass_through),
		cmocka_unit_test(test_environment_is_path_alone_or_ours),
		cmocka_unit_test(test_what_cannot_be_started_is_an_error),
		cmocka_unit_test(test_plain_names_are_looked_for),
		cmocka_unit_test(test_interrupt_is_ignored_here_only_meanwhile),
		cmocka_unit_test(test_the_end_is_passed_on),
		cmocka_unit_test(
		    test_a_child_is_waited_for_where_none_is_awaited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
