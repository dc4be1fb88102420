/* SPDX-License-Identifier: MIT */
/* R23: one program: how it starts, what it may do, how it ends. */
#include "tests/unit/runner_place.h"

#include "verifier/runner/run.h"

/* A run happens in a child, as the account; this is where it tells. */
struct told {
	struct mfa_run run;
	enum mfa_err r;
	uint64_t ms;
	bool lonely; /* the child has no children afterwards */
	uint8_t out[MFA_JOB_OUTPUT + 1];
};
static struct told *told;

static void
do_run(void)
{
	uint64_t start;

	if (mfa_guard_begin(2, false) != MFA_OK ||
	    mfa_guard_drop(&runner_account) != MFA_OK)
		_exit(1);
	start = runner_ms();
	told->run.out = told->out;
	told->r = mfa_run_program(&told->run);
	told->ms = runner_ms() - start;
	told->lonely = waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
	_exit(0);
}

static enum mfa_err
run_with(const char *path, const char *in, unsigned int seconds)
{
	int status;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	told->run.path = path;
	told->run.kind = "deliver";
	told->run.in = (const uint8_t *)in;
	told->run.len = strlen(in);
	told->run.seconds = seconds;
	if ((pid = fork()) == 0)
		do_run();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(told->lonely);
	return told->r;
}

static enum mfa_err
run_script(void **state, const char *body, const char *in,
    unsigned int seconds)
{
	static int number;
	char name[32], path[256];

	(void)snprintf(name, sizeof(name), "p%d", number++);
	runner_script(place_path(state, name, path), body);
	return run_with(path, in, seconds);
}

static const char *
described(void)
{
	static char text[512];
	char *slash;

	mfa_run_describe(&told->run, text, sizeof(text));
	slash = strchr(text + strlen("/run/"), '/');
	assert_non_null(slash);
	return slash + 1;
}

#define SAYS(text) assert_non_null(strstr(described(), text))

/* ---- what it starts with ---- */

static void
test_R23_input_and_output(void **state)
{
	char most[MFA_JOB_OUTPUT + 1];

	assert_int_equal(run_script(state, "cat; echo done", "one\ntwo\n", 5),
	    MFA_OK);
	assert_int_equal(told->run.end, MFA_RUN_DONE);
	assert_string_equal((char *)told->out, "one\ntwo\ndone\n");
	assert_int_equal(told->run.outlen, 13);
	assert_true(told->ms < 3000);
	/* All that may be said, and no byte more. */
	memset(most, 'x', MFA_JOB_OUTPUT);
	most[MFA_JOB_OUTPUT] = '\0';
	assert_int_equal(run_script(state, "exec cat", most, 5), MFA_OK);
	assert_int_equal(told->run.outlen, MFA_JOB_OUTPUT);
	assert_memory_equal(told->out, most, MFA_JOB_OUTPUT);
	assert_int_equal(run_script(state, "cat; printf y", most, 5),
	    MFA_ERR_PROGRAM);
	assert_int_equal(told->run.end, MFA_RUN_FLOOD);
}

static void
test_R23_environment_is_what_is_documented(void **state)
{
	static const char all[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
				  "LANG=C\nMEDUSA_MFA=deliver\n"
				  "/bin/sh\n/run/mfa-unit-";

	assert_int_equal(run_script(state,
	    "cat /proc/$$/environ /proc/$$/cmdline | tr '\\0' '\\n';"
	    "pwd; umask", "", 5), MFA_OK);
	/* The interpreter, and the path as its only argument. */
	assert_int_equal(strncmp((char *)told->out, all, sizeof(all) - 1), 0);
	assert_non_null(strstr((char *)told->out, "\n/\n0077\n"));
}

static void
test_R23_descriptors_are_three_pipes(void **state)
{
	int a, b, c, n = 0;

	/* 10 is the script itself, opened by the shell. */
	assert_int_equal(run_script(state,
	    "for n in 0 1 2 3 4 5 6 7 8 9 11 12 13 14 15 63 255; do"
	    " readlink /proc/$$/fd/$n; done; exit 0", "", 5), MFA_OK);
	assert_int_equal(sscanf((char *)told->out,
	    "pipe:[%d]\npipe:[%d]\npipe:[%d]\n%n", &a, &b, &c, &n), 3);
	assert_int_equal(told->run.outlen, n);
	assert_true(a != b && b != c && a != c);
}

static void
test_R23_rights_signals_and_session(void **state)
{
	char *const out = (char *)told->out;

	assert_int_equal(run_script(state,
	    "cat /proc/self/status; cut -d ' ' -f 5,6 /proc/$$/stat;"
	    "echo pid $$; ulimit -c; ulimit -n", "", 5), MFA_OK);
	assert_non_null(strstr(out, "\nUid:\t4702\t4702\t4702\t4702\n"));
	assert_non_null(strstr(out, "\nGid:\t4703\t4703\t4703\t4703\n"));
	assert_non_null(strstr(out, "\nGroups:\t \n"));
	assert_non_null(strstr(out, "\nCapEff:\t0000000000000000\n"));
	assert_non_null(strstr(out, "\nNoNewPrivs:\t1\n"));
	assert_non_null(strstr(out, "\nSigBlk:\t0000000000000000\n"));
	assert_non_null(strstr(out, "\nSigIgn:\t0000000000000000\n"));
	assert_non_null(strstr(out, "\n0\n256\n"));
	{
		int pgrp = 0, session = -1, pid = -2;
		const char *line = strstr(out, "\npid ");

		assert_non_null(line);
		assert_int_equal(sscanf(line, "\npid %d", &pid), 1);
		do
			line--;
		while (line > out && line[-1] != '\n');
		assert_int_equal(sscanf(line, "%d %d", &pgrp, &session), 2);
		assert_int_equal(pgrp, pid);
		assert_int_equal(session, pid);
	}
}

/* ---- how it ends ---- */

static void
test_R23_failures_are_told_apart(void **state)
{
	assert_int_equal(run_script(state, "echo no relay >&2; exit 1", "", 5),
	    MFA_ERR_PROGRAM);
	assert_int_equal(told->run.end, MFA_RUN_EXIT);
	SAYS(": exit 1: no relay");
	assert_int_equal(run_script(state, "kill -9 $$", "", 5),
	    MFA_ERR_PROGRAM);
	SAYS(": died of signal 9");
	assert_int_equal(run_script(state, "printf 'a\\nb' >&2; exit 75", "",
	    5), MFA_ERR_PROGRAM);
	SAYS(": exit 75: a");
	assert_null(strstr(described(), "b"));
}

static void
test_R23_who_hangs_is_killed(void **state)
{
	assert_int_equal(run_script(state, "trap '' TERM HUP; sleep 60", "",
	    1), MFA_ERR_PROGRAM);
	assert_int_equal(told->run.end, MFA_RUN_DEADLINE);
	SAYS(": killed after 1 s");
	assert_true(told->ms >= 1000 && told->ms < 2500);
}

static void
test_R23_a_flood_is_cut(void **state)
{
	assert_int_equal(run_script(state, "exec cat /dev/zero", "", 5),
	    MFA_ERR_PROGRAM);
	SAYS(": more than 4096 bytes of output");
	assert_true(told->ms < 2500);
	/* Of standard error the beginning is kept, the rest costs time only. */
	assert_int_equal(run_script(state,
	    "echo first >&2; exec cat /dev/zero >&2", "", 1),
	    MFA_ERR_PROGRAM);
	SAYS(": killed after 1 s: first");
	assert_int_equal(run_script(state,
	    "head -c 300000 /dev/zero | tr '\\0' e >&2; exit 3", "", 5),
	    MFA_ERR_PROGRAM);
	assert_int_equal(told->run.number, 3);
	assert_int_equal(strlen(told->run.errors), MFA_JOB_ERRORS);
}

static void
test_R23_who_does_not_read_does_not_hang_us(void **state)
{
	static char big[300000];

	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(run_script(state, "exec <&-; sleep .2; exit 0", big,
	    5), MFA_OK);
	assert_int_equal(run_script(state, "exit 0", big, 5), MFA_OK);
	assert_int_equal(run_script(state, "sleep 60", big, 1),
	    MFA_ERR_PROGRAM);
	assert_int_equal(told->run.end, MFA_RUN_DEADLINE);
	/* Who does gets all of it. */
	assert_int_equal(run_script(state, "wc -c", big, 5), MFA_OK);
	assert_string_equal((char *)told->out, "299999\n");
}

/* ---- what it leaves ---- */

static void
left_is_dead(void **state, const char *body, enum mfa_err r)
{
	char text[512], pid[32];

	(void)snprintf(text, sizeof(text), "cd %s/out; rm -f pid; %s",
	    (const char *)*state, body);
	assert_int_equal(run_script(state, text, "", 1), r);
	assert_true(told->ms < 2500);
	assert_true(atoi(runner_read(state, "pid", pid, sizeof(pid))) > 1);
	assert_true(runner_is_dead(pid));
}

static void
test_R23_nothing_survives(void **state)
{
	/* In its group, in another session, orphaned twice; at a good end, at
	   a bad one, at the deadline; with our pipes and without. */
	left_is_dead(state, "sleep 60 & echo $! >pid; exit 0", MFA_OK);
	left_is_dead(state, "setsid sleep 60.731 & sleep .2; "
			    "pgrep -f 'sleep 60[.]731' >pid; exit 0", MFA_OK);
	left_is_dead(state, "setsid sh -c 'echo $$ >pid; "
			    "exec sleep 60 </dev/null >/dev/null 2>&1' & "
			    "while [ ! -s pid ]; do sleep .01; done; exit 4",
	    MFA_ERR_PROGRAM);
	left_is_dead(state, "(setsid sh -c 'setsid sh -c "
			    "\"echo \\$\\$ >pid; exec sleep 60\" & ' & ); "
			    "sleep 60", MFA_ERR_PROGRAM);
	left_is_dead(state, "setsid sh -c 'echo $$ >pid; exec cat /dev/zero "
			    ">&2' & while [ ! -s pid ]; do sleep .01; done; "
			    "exit 0", MFA_OK);
}

/* Each one forks the next and ends, in a session of its own. */
static void
test_R23_who_keeps_forking_is_caught(void **state)
{
	char next[256], text[600];

	runner_script(place_path(state, "next", next),
	    "setsid \"$0\" & echo $$ >out/pid; exit 0");
	(void)snprintf(text, sizeof(text),
	    "cd %s; %s; while [ ! -s out/pid ]; do sleep .01; done; exit 0",
	    (const char *)*state, next);
	assert_int_equal(run_script(state, text, "", 1), MFA_OK);
	assert_true(told->ms < 2500);
}

/* ---- what is not run ---- */

static void
refused(const char *path, enum mfa_err why)
{
	assert_int_equal(run_with(path, "", 5), MFA_ERR_PROGRAM);
	assert_int_equal(told->run.end, MFA_RUN_REFUSED);
	assert_int_equal(told->run.number, why);
}

static void
test_R23_unsafe_programs_are_not_run(void **state)
{
	static const char body[] = "#!/bin/sh\nexit 0\n";
	char path[256], good[256];

	refused(place_path(state, "missing", path), MFA_ERR_NOT_FOUND);
	SAYS("missing: not run: ");
	place_file(place_path(state, "group", path), body, 0, 0775);
	refused(path, MFA_ERR_UNSAFE);
	place_file(place_path(state, "others", path), body, 0, 0757);
	refused(path, MFA_ERR_UNSAFE);
	place_file(place_path(state, "owner", path), body, RUNNER_UID, 0755);
	refused(path, MFA_ERR_UNSAFE);
	place_file(place_path(state, "plain", path), body, 0, 0644);
	refused(path, MFA_ERR_UNSAFE);
	place_file(place_path(state, "good", good), body, 0, 0755);
	assert_int_equal(run_with(good, "", 5), MFA_OK);
	assert_int_equal(symlink(good, place_path(state, "sym", path)), 0);
	refused(path, MFA_ERR_UNSAFE);
	assert_int_equal(link(good, place_path(state, "hard", path)), 0);
	refused(path, MFA_ERR_UNSAFE);
	refused(good, MFA_ERR_UNSAFE);
	refused(good + 1, MFA_ERR_INVALID);
	refused("sh", MFA_ERR_INVALID);
	refused("", MFA_ERR_INVALID);
	place_file(place_path(state, "out/p", path), body, 0, 0755);
	refused(path, MFA_ERR_UNSAFE);
}

static void
test_R23_what_cannot_be_executed_says_so(void **state)
{
	char path[256];

	place_file(place_path(state, "noshell", path), "exit 0\n", 0, 0755);
	assert_int_equal(run_with(path, "", 5), MFA_ERR_PROGRAM);
	SAYS("noshell: exit 127: cannot be executed: Exec format error");
	place_file(place_path(state, "nothing", path), "#!/no/such\n", 0,
	    0755);
	assert_int_equal(run_with(path, "", 5), MFA_ERR_PROGRAM);
	SAYS("nothing: exit 127: cannot be executed: No such file");
}

/* ---- what reaches the log ---- */

static void
test_R14_what_it_was_told_is_masked(void **state)
{
	char text[] = "bad 492039 for a 49203 492039x x492039 example "
		      "ccccccclhckgchje abcdefghijklmno 1234";
	static const char in[] = "code: 492039\nhost: example\n"
				 "answer: ccccccclhckgchjeabc\n1234567";

	mfa_run_mask(text, (const uint8_t *)in, strlen(in));
	assert_string_equal(text, "bad ****** for a 49203 ******x x****** "
	    "example **************** abcdefghijklmno 1234");
	assert_int_equal(run_script(state, "cat >&2; exit 1",
	    "code: 492039", 5), MFA_ERR_PROGRAM);
	SAYS(": exit 1: code: ******");
	/* Not cut in two by the end of what is kept. */
	assert_int_equal(run_script(state,
	    "printf '%0157d' 0 | tr 0 . >&2; cat >&2; exit 1", "492039", 5),
	    MFA_ERR_PROGRAM);
	assert_string_equal(told->run.errors + 157, "***");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_R23_input_and_output,
		    runner_place_new, place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_environment_is_what_is_documented,
		    runner_place_new, place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_descriptors_are_three_pipes, runner_place_new,
		    place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_rights_signals_and_session, runner_place_new,
		    place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_failures_are_told_apart, runner_place_new,
		    place_free),
		cmocka_unit_test_setup_teardown(test_R23_who_hangs_is_killed,
		    runner_place_new, place_free),
		cmocka_unit_test_setup_teardown(test_R23_a_flood_is_cut,
		    runner_place_new, place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_who_does_not_read_does_not_hang_us,
		    runner_place_new, place_free),
		cmocka_unit_test_setup_teardown(test_R23_nothing_survives,
		    runner_place_new, place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_who_keeps_forking_is_caught, runner_place_new,
		    place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_unsafe_programs_are_not_run, runner_place_new,
		    place_free),
		cmocka_unit_test_setup_teardown(
		    test_R23_what_cannot_be_executed_says_so, runner_place_new,
		    place_free),
		cmocka_unit_test_setup_teardown(
		    test_R14_what_it_was_told_is_masked, runner_place_new,
		    place_free),
	};

	runner_enter();
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
