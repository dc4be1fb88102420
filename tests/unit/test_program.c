/* SPDX-License-Identifier: MIT */
/* Standard input and the one line of standard error. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "programs/program.h"

/* Reads len bytes of text into a buffer of size bytes through a pipe. */
static enum mfa_err
read_from_pipe(const char *text, size_t len, char *buf, size_t size)
{
	size_t got = 0;
	int ends[2];
	enum mfa_err r;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, len), (ssize_t)len);
	assert_int_equal(close(ends[1]), 0);
	r = mfa_program_read(ends[0], buf, size, &got);
	assert_int_equal(close(ends[0]), 0);
	if (r == MFA_OK)
		assert_int_equal(got, len);
	return r;
}

static void
test_read(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(read_from_pipe("1234567", 7, buf, 8), MFA_OK);
	assert_string_equal(buf, "1234567");
	assert_int_equal(read_from_pipe("", 0, buf, 8), MFA_OK);
	assert_string_equal(buf, "");
}

static void
test_read_refuses(void **state)
{
	char buf[8];
	size_t len;

	(void)state;
	assert_int_equal(read_from_pipe("12345678", 8, buf, 8),
	    MFA_ERR_INVALID);
	assert_int_equal(read_from_pipe("12\0""45", 5, buf, 8),
	    MFA_ERR_INVALID);
	assert_int_equal(mfa_program_read(-1, buf, 8, &len), MFA_ERR_IO);
}

/* One line, whatever the parts of a text were. */
static void
test_R26_explain(void **state)
{
	struct mfa_program_problem problem;
	char text[400];

	(void)state;
	mfa_program_explain(&problem, "a %s", "b\r\nc\x1b\xc3\xa4");
	assert_string_equal(problem.text, "a b??c???");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	mfa_program_explain(&problem, "%s", text);
	assert_int_equal(strlen(problem.text), sizeof(problem.text) - 1);
}

static void
test_R14_no_core_no_tracing(void **state)
{
	struct rlimit limit;
	struct sigaction action;

	(void)state;
	assert_int_equal(mfa_program_begin(), MFA_OK);
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_max, 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_true(action.sa_handler == SIG_IGN);
	/* A coverage build writes its figures, a sanitizer looks for leaks. */
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
}

static void
test_fail(void **state)
{
	const struct mfa_program_problem problem = { "this" };
	char line[64] = "";
	int ends[2], saved, status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	saved = dup(STDERR_FILENO);
	assert_true(saved >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	status = mfa_program_fail("name", &problem);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	assert_int_equal(close(saved), 0);
	assert_int_equal(close(ends[1]), 0);
	assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
	assert_int_equal(close(ends[0]), 0);
	assert_string_equal(line, "name: this\n");
	assert_int_not_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_refuses),
		cmocka_unit_test(test_R26_explain),
		cmocka_unit_test(test_R14_no_core_no_tracing),
		cmocka_unit_test(test_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
