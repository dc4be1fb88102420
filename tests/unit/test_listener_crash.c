/* SPDX-License-Identifier: MIT */
/*
 * R28: a listening verifier whose children crash, hang, or are too many.  Where
 * it starts itself anew, that is this program, which looks at what it got.
 */
#include "tests/unit/server.h"

#include <fcntl.h>

/* ---- crashes ---- */

/* The only child. */
static pid_t
child_of(pid_t parent)
{
	char path[64];
	int pid = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    parent, parent);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	(void)fclose(f);
	return pid;
}

#define ANEW 40 /* the exit status of the program that was executed anew */

/* In that program: is all of it there? */
static int
look(const char *number)
{
	struct mfa_handover state;
	unsigned int refused = 0, there = 0;
	int accepts = 0;
	socklen_t n = sizeof(accepts);

	if (mfa_resume_load(number, &state) != MFA_OK)
		return 1;
	for (size_t i = 0; i < MFA_REFUSALS; i++)
		refused += state.places.refusal[i].end != 0 &&
		    state.places.refusal[i].uid == OFFICE_ALICE;
	for (size_t i = 0; i < MFA_PLACES; i++)
		there += state.places.place[i].pid != 0;
	if (refused != 1 || there != 1)
		return 2;
	if (getsockopt(state.listener, SOL_SOCKET, SO_ACCEPTCONN, &accepts,
		&n) != 0 || accepts == 0)
		return 3;
	/* The only child left is still ours, and the runner's link is none. */
	for (size_t i = 0; i < MFA_PLACES; i++) {
		if (state.places.place[i].pid != 0 &&
		    waitpid(state.places.place[i].pid, NULL, WNOHANG) != 0)
			return 4;
	}
	return state.runner.fd == -1 ? ANEW : 5;
}

static void
test_R28_after_a_crash_it_starts_anew(void **state)
{
	struct server *s = *state;
	pid_t child;
	int status;

	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	child = child_of(s->pid);
	assert_int_equal(visit(s, OFFICE_BOB), MFA_OK);
	/* A signal that cmocka does not catch. */
	assert_int_equal(kill(child, SIGQUIT), 0);
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	s->pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ANEW);
}

static void
test_R28_its_watchdog_is_no_crash(void **state)
{
	struct server *s = *state;

	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	assert_int_equal(kill(child_of(s->pid), SIGALRM), 0);
	all_children_end(s);
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	stop(s, SIGTERM);
}

/* ---- going on ---- */

/* A child that ended while nobody looked, as before an execve. */
static pid_t
dead_child(void)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0)
		_exit(90);
	return pid;
}

_Noreturn static void
go_on(struct server *s, struct mfa_handover *state)
{
	state->places.place[9].pid = dead_child();
	state->places.place[9].uid = OFFICE_BOB;
	state->places.refusal[2].uid = OFFICE_ALICE;
	state->places.refusal[2].end = UINT64_MAX;
	_exit((int)mfa_listener_resume(&s->office->office,
	    &s->office->engine, state));
}

/* The one of the set-up, once it has begun. */
static void
the_first_one_ends(struct server *s)
{
	assert_int_equal(visit(s, OFFICE_BOB), MFA_OK);
	leave(s);
	stop(s, SIGTERM);
}

static void
test_R28_it_goes_on_with_what_it_got(void **state)
{
	struct server *s = *state;
	struct mfa_handover got;

	the_first_one_ends(s);
	memset(&got, 0, sizeof(got));
	got.runner.fd = -1;
	got.notes = mfa_resume_memory("notes",
	    MFA_PLACES * sizeof(struct mfa_note));
	assert_int_equal(mfa_listener_open(s->path, &got.listener), MFA_OK);
	if ((s->pid = fork()) == 0)
		go_on(s, &got);
	(void)close(got.listener);
	(void)close(got.notes);
	/* No SIGCHLD tells of it any more. */
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_ERR_BUSY);
	all_children_end(s);
	for (int i = 0; i < MFA_CHILDREN_A_UID; i++)
		assert_int_equal(visit(s, OFFICE_BOB), MFA_OK);
	assert_int_equal(visit(s, OFFICE_BOB), MFA_ERR_BUSY);
	stop(s, SIGTERM);
}

static void
test_R28_it_does_not_go_on_with_anything_else(void **state)
{
	struct server *s = *state;
	struct mfa_handover got;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;

	assert_true(null >= 0);
	the_first_one_ends(s);
	memset(&got, 0, sizeof(got));
	assert_int_equal(mfa_listener_open(s->path, &fd), MFA_OK);
	got.notes = mfa_resume_memory("notes",
	    MFA_PLACES * sizeof(struct mfa_note));
	got.listener = null;
	assert_int_equal(mfa_listener_resume(&s->office->office,
	    &s->office->engine, &got), MFA_ERR_DENIED);
	(void)close(got.notes);
	got.listener = fd;
	got.notes = null;
	assert_int_equal(mfa_listener_resume(&s->office->office,
	    &s->office->engine, &got), MFA_ERR_DENIED);
	got.notes = mfa_resume_memory("notes", 4096);
	assert_int_equal(mfa_listener_resume(&s->office->office,
	    &s->office->engine, &got), MFA_ERR_DENIED);
	(void)close(got.notes);
	(void)close(null);
	(void)close(fd);
}

/* Who has no place left cannot hold us with what he passes, or at all. */
static void
test_R28_no_place_whatever_is_sent(void **state)
{
	struct server *s = *state;
	unsigned int before;

	for (int i = 0; i < MFA_CHILDREN_A_UID; i++)
		assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	before = descriptors_of(s->pid);
	for (int i = 0; i < 60; i++) {
		int fd = dial(s, OFFICE_ALICE);

		for (int n = 0; n < i % 12; n++)
			(void)send(fd, "x", (size_t)(i % 3), MSG_NOSIGNAL);
		leave(s);
	}
	assert_int_equal(visit(s, OFFICE_BOB), MFA_OK);
	assert_int_equal(descriptors_of(s->pid), before);
	for (int i = 0; i < 1000 && children(s->pid) != 9; i++)
		pause_a_little();
	assert_int_equal(children(s->pid), 9);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		SERVED(test_R28_after_a_crash_it_starts_anew),
		SERVED(test_R28_its_watchdog_is_no_crash),
		SERVED(test_R28_it_goes_on_with_what_it_got),
		SERVED(test_R28_it_does_not_go_on_with_anything_else),
		SERVED(test_R28_no_place_whatever_is_sent),
	};

	if (argc == 3 && strcmp(argv[1], "--resume") == 0)
		_exit(look(argv[2]));
	/* A shell that runs this in the background ignores it. */
	(void)signal(SIGQUIT, SIG_DFL);
	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
