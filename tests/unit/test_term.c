/* SPDX-License-Identifier: MIT */
/*
 * A person at a terminal is played on the other end of a pseudoterminal.  The
 * reader runs as a foreground job of its own, so that Ctrl-Z really stops it.
 */
#include "tests/unit/capture.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "utils/command.h"
#include "utils/term.h"

#define PATIENCE 5000 /* milliseconds */

/* ---- standard input that is no terminal ---- */

static void
test_lines_of_standard_input_without_a_prompt(void **state)
{
	static const char input[] = "111111\n222222\r\n\nlast";
	static const char *const expected[] = { "111111", "222222\r", "",
		"last" };
	int saved = capture_input(input, sizeof(input) - 1);
	char line[MFA_TERM_LINE];
	struct mfa_term term;

	(void)state;
	mfa_term_open(&term);
	assert_false(mfa_term_interactive(&term));
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(
		    mfa_term_read(&term, "? ", false, line, sizeof(line)),
		    MFA_OK);
		assert_string_equal(line, expected[i]);
	}
	memset(line, 'Z', sizeof(line));
	assert_int_equal(mfa_term_read(&term, "? ", false, line, sizeof(line)),
	    MFA_ERR_CLOSED);
	assert_int_equal(term.caught, 0);
	assert_true(unit_all(line, sizeof(line), 0));
	mfa_term_close(&term);
	capture_input_end(saved);
}

static void
test_long_lines_and_nul_are_refused_whole(void **state)
{
	static const char input[] = "12345678\n1234567\na\0b\nok\n";
	int saved = capture_input(input, sizeof(input) - 1);
	struct mfa_term term;
	char line[8];

	(void)state;
	mfa_term_open(&term);
	assert_int_equal(mfa_term_read(&term, "", true, line, sizeof(line)),
	    MFA_ERR_INVALID);
	assert_true(unit_all(line, sizeof(line), 0));
	assert_int_equal(
	    mfa_term_read(&term, "", true, line, sizeof(line)), MFA_OK);
	assert_string_equal(line, "1234567");
	assert_int_equal(mfa_term_read(&term, "", true, line, sizeof(line)),
	    MFA_ERR_INVALID);
	assert_int_equal(
	    mfa_term_read(&term, "", true, line, sizeof(line)), MFA_OK);
	assert_string_equal(line, "ok");
	mfa_term_close(&term);
	capture_input_end(saved);
}

static void
test_agreement_needs_a_person_or_yes(void **state)
{
	int saved = capture_input("y\n", 2);
	struct capture said;
	int code;

	(void)state;
	capture_begin(&said, STDERR_FILENO);
	code = mfa_term_agree(false, "Remove all?");
	(void)capture_end(&said);
	assert_int_equal(code, MFA_EXIT_FAILED);
	assert_non_null(strstr(said.text, "--yes"));
	assert_int_equal(mfa_term_agree(true, "Remove all?"), MFA_EXIT_DONE);
	capture_input_end(saved);
}

/* ---- a terminal ---- */

/* What the reader saw, sent through a pipe. */
struct report {
	int result; /* enum mfa_err, or the exit code of the question */
	int caught;
	char line[32];
};

struct job {
	int master;
	int reports;
	pid_t session; /* its leader, which waits for the job */
	pid_t reader;
	char seen[4096];
	size_t len;
};

_Noreturn static void
run_reader(int out, bool echo, bool question)
{
	struct report report;
	struct mfa_term term;

	memset(&report, 0, sizeof(report));
	if (question) {
		report.result = mfa_term_agree(false, "Remove?");
	} else {
		mfa_term_open(&term);
		report.result = (int)mfa_term_read(
		    &term, "Code: ", echo, report.line, sizeof(report.line));
		report.caught = term.caught;
		mfa_term_close(&term);
	}
	_exit(write(out, &report, sizeof(report)) == (ssize_t)sizeof(report)
		? 0
		: 1);
}

/* The leader of the session: one foreground job, like a shell. */
_Noreturn static void
run_session(int out, bool echo, bool question)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)setpgid(0, 0);
		(void)signal(SIGTTOU, SIG_IGN);
		(void)tcsetpgrp(STDIN_FILENO, getpid());
		(void)signal(SIGTTOU, SIG_DFL);
		run_reader(out, echo, question);
	}
	if (write(out, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		_exit(1);
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		/* "fg", after the person was told that the job stopped. */
		(void)dprintf(
		    STDOUT_FILENO, "stopped by %d\n", WSTOPSIG(status));
		(void)usleep(200000);
		(void)kill(pid, SIGCONT);
	}
	_exit(0);
}

static void
job_start(struct job *job, bool echo, bool question)
{
	int ends[2];

	memset(job, 0, sizeof(*job));
	assert_int_equal(pipe(ends), 0);
	job->session = forkpty(&job->master, NULL, NULL, NULL);
	assert_true(job->session >= 0);
	if (job->session == 0)
		run_session(ends[1], echo, question);
	(void)close(ends[1]);
	job->reports = ends[0];
	assert_int_equal(read(ends[0], &job->reader, sizeof(job->reader)),
	    sizeof(job->reader));
}

/* Reads the terminal until text was seen. */
static void
job_await(struct job *job, const char *text)
{
	while (strstr(job->seen, text) == NULL) {
		struct pollfd p = { .fd = job->master, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, PATIENCE) != 1)
			fail_msg("no %s in: %s", text, job->seen);
		n = read(job->master, job->seen + job->len,
		    sizeof(job->seen) - job->len - 1);
		if (n <= 0)
			fail_msg("no %s at the end of: %s", text, job->seen);
		job->len += (size_t)n;
		job->seen[job->len] = '\0';
	}
	/* What follows is looked for behind it. */
	job->len = 0;
	memset(job->seen, 0, sizeof(job->seen));
}

static bool
job_echoes(const struct job *job)
{
	struct termios t;

	assert_int_equal(tcgetattr(job->master, &t), 0);
	return (t.c_lflag & ECHO) != 0;
}

static void
job_type(const struct job *job, const char *text)
{
	assert_int_equal(write(job->master, text, strlen(text)), strlen(text));
}

static struct report
job_end(struct job *job)
{
	struct report report;
	int status;

	assert_int_equal(
	    read(job->reports, &report, sizeof(report)), sizeof(report));
	assert_int_equal(waitpid(job->session, &status, 0), job->session);
	(void)close(job->reports);
	(void)close(job->master);
	return report;
}

static void
test_code_is_not_echoed_and_echo_comes_back(void **state)
{
	struct report report;
	struct job job;

	(void)state;
	job_start(&job, false, false);
	job_await(&job, "Code: ");
	assert_false(job_echoes(&job));
	job_type(&job, "492039\n");
	job_await(&job, "\n");
	for (int i = 0; i < PATIENCE && !job_echoes(&job); i++)
		(void)usleep(1000);
	assert_true(job_echoes(&job));
	report = job_end(&job);
	assert_int_equal(report.result, MFA_OK);
	assert_string_equal(report.line, "492039");
}

static void
test_echo_stays_on_where_asked_for(void **state)
{
	struct report report;
	struct job job;

	(void)state;
	job_start(&job, true, false);
	job_await(&job, "Code: ");
	assert_true(job_echoes(&job));
	job_type(&job, "492039\n");
	job_await(&job, "492039");
	report = job_end(&job);
	assert_string_equal(report.line, "492039");
}

static void
test_signals_end_the_question_with_the_echo_on(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct report report;
		struct job job;

		job_start(&job, false, false);
		job_await(&job, "Code: ");
		assert_false(job_echoes(&job));
		job_type(&job, "4920");
		if (signals[i] == SIGINT)
			job_type(&job, "\003");
		else
			assert_int_equal(kill(job.reader, signals[i]), 0);
		job_await(&job, "\n");
		assert_true(job_echoes(&job));
		report = job_end(&job);
		assert_int_equal(report.result, MFA_ERR_CLOSED);
		assert_int_equal(report.caught, signals[i]);
		assert_string_equal(report.line, "");
	}
}

static void
test_stop_restores_the_echo_and_asks_again(void **state)
{
	struct report report;
	struct job job;

	(void)state;
	job_start(&job, false, false);
	job_await(&job, "Code: ");
	job_type(&job, "\032");
	job_await(&job, "stopped by 20");
	assert_true(job_echoes(&job));
	job_await(&job, "Code: ");
	assert_false(job_echoes(&job));
	job_type(&job, "492039\n");
	job_await(&job, "\n");
	report = job_end(&job);
	assert_int_equal(report.result, MFA_OK);
	assert_string_equal(report.line, "492039");
}

static void
test_end_of_file_at_the_terminal(void **state)
{
	struct report report;
	struct job job;

	(void)state;
	job_start(&job, false, false);
	job_await(&job, "Code: ");
	job_type(&job, "\004");
	report = job_end(&job);
	assert_int_equal(report.result, MFA_ERR_CLOSED);
	assert_int_equal(report.caught, 0);
}

static void
test_only_y_and_yes_agree(void **state)
{
	static const struct {
		const char *typed;
		int code;
	} cases[] = {
		{ "y\n", MFA_EXIT_DONE },
		{ "YES\n", MFA_EXIT_DONE },
		{ "\n", MFA_EXIT_FAILED },
		{ "n\n", MFA_EXIT_FAILED },
		{ "NO\n", MFA_EXIT_FAILED },
		{ "\004", MFA_EXIT_FAILED },
		{ "\003", MFA_EXIT_SIGNAL + SIGINT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report report;
		struct job job;

		job_start(&job, true, true);
		job_await(&job, "Remove? [y/N] ");
		job_type(&job, cases[i].typed);
		report = job_end(&job);
		assert_int_equal(report.result, cases[i].code);
	}
}

/* A letter too much must not end what was begun, nor agree to it. */
static void
test_what_is_no_answer_is_asked_for_again(void **state)
{
	static const char *const typed[] = { "yo\n", "492039\n",
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n", " y\n" };
	struct report report;
	struct job job;

	(void)state;
	for (int agreed = 0; agreed < 2; agreed++) {
		job_start(&job, true, true);
		job_await(&job, "Remove? [y/N] ");
		for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
			job_type(&job, typed[i]);
			job_await(&job, "Answer y or n [y/N] ");
		}
		job_type(&job, agreed ? "y\n" : "\n");
		report = job_end(&job);
		assert_int_equal(report.result,
		    agreed ? MFA_EXIT_DONE : MFA_EXIT_FAILED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_standard_input_without_a_prompt),
		cmocka_unit_test(test_long_lines_and_nul_are_refused_whole),
		cmocka_unit_test(test_agreement_needs_a_person_or_yes),
		cmocka_unit_test(test_code_is_not_echoed_and_echo_comes_back),
		cmocka_unit_test(test_echo_stays_on_where_asked_for),
		cmocka_unit_test(
		    test_signals_end_the_question_with_the_echo_on),
		cmocka_unit_test(test_stop_restores_the_echo_and_asks_again),
		cmocka_unit_test(test_end_of_file_at_the_terminal),
		cmocka_unit_test(test_only_y_and_yes_agree),
		cmocka_unit_test(test_what_is_no_answer_is_asked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
