/* SPDX-License-Identifier: MIT */
/* A list that is paged through slowly is whole. */
#include "tests/unit/capture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "utils/elastic.h"

#define LINES 20000
#define LINE  "a line of a list that nobody reads yet, number %05d\n"

static int ends[2], saved;

/* Standard output is a pipe from here on. */
static void
into_pipe(void)
{
	(void)fflush(stdout);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	saved = dup(STDOUT_FILENO);
	assert_true(saved >= 0);
	assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	(void)close(ends[1]);
}

static void
back(void)
{
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(saved);
}

static void
print_all(void)
{
	for (int i = 0; i < LINES; i++)
		(void)printf(LINE, i);
}

/* True if all lines come, in their order, and nothing else. */
static bool
all_come(int fd)
{
	char line[80], expected[80];
	FILE *f = fdopen(fd, "r");
	bool fine = f != NULL;

	for (int i = 0; fine && i < LINES; i++) {
		(void)snprintf(expected, sizeof(expected), LINE, i);
		fine = fgets(line, sizeof(line), f) != NULL &&
		    strcmp(line, expected) == 0;
	}
	return fine && fgetc(f) == EOF;
}

/* The child begins to read when all was printed: told by a byte. */
static void
test_the_writer_does_not_wait(void **state)
{
	struct mfa_elastic *e;
	int go[2], status;
	pid_t child;
	bool fine;

	(void)state;
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	into_pipe();
	child = fork();
	if (child == 0) {
		char byte;

		(void)close(STDOUT_FILENO);
		(void)close(go[1]);
		_exit(read(go[0], &byte, 1) == 1 && all_come(ends[0]) ? 0 : 1);
	}
	(void)alarm(30); /* a writer that waits would wait for ever */
	e = mfa_elastic_begin();
	print_all();
	(void)fflush(stdout);
	(void)alarm(0);
	assert_int_equal(write(go[1], "!", 1), 1);
	fine = mfa_elastic_end(e);
	back();
	(void)close(ends[0]);
	(void)close(go[0]);
	(void)close(go[1]);
	assert_true(fine);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
test_what_is_lost_is_told(void **state)
{
	struct mfa_elastic *e;
	void (*usual)(int) = signal(SIGPIPE, SIG_IGN);
	bool fine;

	(void)state;
	into_pipe();
	(void)close(ends[0]);
	e = mfa_elastic_begin();
	print_all();
	fine = mfa_elastic_end(e);
	back();
	(void)signal(SIGPIPE, usual);
	assert_false(fine);
}

static void
test_a_reader_that_never_waits(void **state)
{
	struct mfa_elastic *e;
	struct capture c;
	bool fine;

	(void)state;
	capture_begin(&c, STDOUT_FILENO);
	(void)fputs("before, ", stdout);
	e = mfa_elastic_begin();
	(void)fputs("within, ", stdout);
	fine = mfa_elastic_end(e);
	(void)fputs("after", stdout);
	assert_string_equal(capture_end(&c), "before, within, after");
	assert_true(fine);
	/* Not begun: nothing to end. */
	assert_true(mfa_elastic_end(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_writer_does_not_wait),
		cmocka_unit_test(test_what_is_lost_is_told),
		cmocka_unit_test(test_a_reader_that_never_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
