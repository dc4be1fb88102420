/* SPDX-License-Identifier: MIT */
/*
 * MUST list: client.h.  Between clone and execve the copies of the host make
 * system calls only, and by syscall(): no lock, no allocation, no handler of the
 * host's, and none of a library that stands before libc's functions in it (a
 * sanitizer, a tracer), whose locks another thread may have held at the clone.
 */
#include "lib/client/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/client/client.h"

#define VERIFIER_FD 3 /* where the verifier finds its conversation */
#define FIRST_FREE (VERIFIER_FD + 1L)
#define NOT_STARTED 127

/* Prepared before the clone. */
struct start {
	const char *program;
	int socket;
	int null;
};

static enum mfa_err
trouble(int e)
{
	switch (e) {
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return MFA_ERR_LIMIT;
	default:
		return MFA_ERR_UNAVAILABLE;
	}
}

/*
 * A fork that sends no SIGCHLD, is not seen by a wait for any child, and runs
 * no atfork handlers.  Older kernels, some sandboxes and valgrind do not know
 * clone3.
 */
static pid_t
clone_quietly(void)
{
	static const struct clone_args args;
	long pid;

	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0 && errno == ENOSYS)
		pid = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
	return (pid_t)pid;
}

/*
 * An ignored signal stays ignored across execve.  libc's sigaction takes a
 * lock for some signals and refuses its own two, so the kernel is asked: zero
 * bytes, at least as many as its struct sigaction has, mean SIG_DFL.
 */
static void
reset_signals(void)
{
	static const unsigned long zero[16];

	for (int n = 1; n < _NSIG; n++)
		(void)syscall(SYS_rt_sigaction, n, zero, NULL, _NSIG / 8);
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, zero, NULL, _NSIG / 8);
}

/* Not every architecture has dup2; the two are never the same. */
static bool
becomes(long fd, int target)
{
	return syscall(SYS_dup3, fd, target, 0) >= 0;
}

/*
 * Leaves descriptors 0 to 3 and no other.  Both are moved out of the way
 * first: in a host with closed standard descriptors they may be any of these.
 */
static bool
arrange_descriptors(const struct start *start)
{
	long sock = syscall(SYS_fcntl, start->socket, F_DUPFD, FIRST_FREE);
	long null = syscall(SYS_fcntl, start->null, F_DUPFD, FIRST_FREE);

	return sock >= 0 && null >= 0 && becomes(null, STDIN_FILENO) &&
	    becomes(null, STDOUT_FILENO) && becomes(null, STDERR_FILENO) &&
	    becomes(sock, VERIFIER_FD) &&
	    syscall(SYS_close_range, FIRST_FREE, ~0U, 0) == 0;
}

_Noreturn static void
leave(int status)
{
	for (;;)
		(void)syscall(SYS_exit_group, status);
}

_Noreturn static void
become_program(const struct start *start)
{
	char name[] = "medusa-mfad";
	char mode[] = "--conversation";
	char *const argv[] = { name, mode, NULL };
	char *const empty[] = { NULL };

	if (syscall(SYS_setsid) >= 0 && arrange_descriptors(start)) {
		reset_signals();
		(void)syscall(SYS_execve, start->program, argv, empty);
	}
	leave(NOT_STARTED);
}

/*
 * The one in between exits at once and so hands its child to init: a process
 * that executes another program would send SIGCHLD after all.
 */
_Noreturn static void
run_intermediate(const struct start *start)
{
	pid_t pid = clone_quietly();

	if (pid == 0)
		become_program(start);
	leave(pid > 0 ? 0 : 1);
}

/*
 * A wait for any clone in another thread of the host may have been faster;
 * then the socket tells how it went.
 */
static enum mfa_err
reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, (int)__WCLONE) < 0) {
		if (errno != EINTR)
			return MFA_OK;
	}
	if (!WIFEXITED(status))
		return MFA_ERR_UNAVAILABLE;
	return WEXITSTATUS(status) == 0 ? MFA_OK : MFA_ERR_LIMIT;
}

/* Signals stay blocked so that no handler of the host runs in a copy. */
static enum mfa_err
launch(const struct start *start)
{
	sigset_t all, before;
	enum mfa_err r;
	pid_t pid;

	(void)sigfillset(&all);
	if (pthread_sigmask(SIG_BLOCK, &all, &before) != 0)
		return MFA_ERR_UNAVAILABLE;
	pid = clone_quietly();
	if (pid == 0)
		run_intermediate(start);
	r = pid > 0 ? reap(pid) : trouble(errno);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

enum mfa_err
mfa_spawn_program(const char *program, int *fd)
{
	struct start start = { .program = program, .null = -1 };
	enum mfa_err r;
	int pair[2];

	*fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return trouble(errno);
	start.socket = pair[1];
	start.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	r = start.null >= 0 ? launch(&start) : trouble(errno);
	if (start.null >= 0)
		(void)close(start.null);
	(void)close(pair[1]);
	if (r != MFA_OK) {
		(void)close(pair[0]);
		return r;
	}
	*fd = pair[0];
	return MFA_OK;
}

enum mfa_err
mfa_client_spawn(int *fd)
{
	*fd = -1;
	if (geteuid() != 0)
		return MFA_ERR_UNAVAILABLE;
	return mfa_spawn_program(MFA_SBINDIR "/medusa-mfad", fd);
}
