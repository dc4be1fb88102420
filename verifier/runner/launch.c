/* SPDX-License-Identifier: MIT */
/* MUST list: launch.h. */
#include "verifier/runner/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "verifier/runner/job.h"
#include "verifier/runner/safe.h"

/* The ends of a pipe, by their use. */
enum { FROM, TO };

struct pipes {
	int in[2];
	int out[2];
	int err[2];
};

void
mfa_launch_close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
mfa_launch_close(struct mfa_launch *child)
{
	mfa_launch_close_end(&child->pidfd);
	mfa_launch_close_end(&child->in);
	mfa_launch_close_end(&child->out);
	mfa_launch_close_end(&child->err);
}

/* What a program needs at most; it never gets more than we have. */
static void
lower_limits(void)
{
	static const struct {
		__rlimit_resource_t resource;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_CPU, 2 * MFA_JOB_SECONDS },
		{ RLIMIT_FSIZE, 16UL << 20 },
		{ RLIMIT_AS, 2UL << 30 },
		{ RLIMIT_MEMLOCK, 64UL << 10 },
		{ RLIMIT_NOFILE, 256 },
		{ RLIMIT_NPROC, 512 }, /* of all jobs together */
	};
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (getrlimit(limits[i].resource, &limit) != 0)
			continue;
		if (limit.rlim_max > limits[i].most)
			limit.rlim_max = limits[i].most;
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(limits[i].resource, &limit);
	}
}

/*
 * What is ignored stays ignored across execve.  libc refuses its own two
 * signals, which some programs leave ignored, so the kernel is asked: zero
 * bytes, as many as its struct sigaction has at least, mean SIG_DFL.
 */
static void
reset_signals(void)
{
	static const unsigned long zero[16];
	sigset_t none;

	for (int sig = 1; sig < _NSIG; sig++)
		(void)syscall(SYS_rt_sigaction, sig, zero, NULL, _NSIG / 8);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* No pipe of ours is at 0 to 2: these are open in the runner. */
static bool
arrange_descriptors(const struct pipes *pipes)
{
	return dup2(pipes->in[FROM], STDIN_FILENO) >= 0 &&
	    dup2(pipes->out[TO], STDOUT_FILENO) >= 0 &&
	    dup2(pipes->err[TO], STDERR_FILENO) >= 0 &&
	    close_range(STDERR_FILENO + 1, ~0U, 0) == 0;
}

/* Without memory of the heap, which the limits may no longer allow. */
static void
say_why(int e)
{
	const char *why = strerrordesc_np(e);
	char text[128];
	int n;

	n = snprintf(text, sizeof(text), "cannot be executed: %s\n",
	    why == NULL ? "?" : why);
	if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
		return; /* the exit status says it, too */
}

_Noreturn static void
become_program(const char *path, const char *kind, const struct pipes *pipes)
{
	char name[MFA_SAFE_PATH], word[32];
	char search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char language[] = "LANG=C";
	char *const argv[] = { name, NULL };
	char *const environment[] = { search, language, word, NULL };

	(void)snprintf(name, sizeof(name), "%s", path);
	(void)snprintf(word, sizeof(word), "MEDUSA_MFA=%s", kind);
	if (setsid() >= 0 && arrange_descriptors(pipes)) {
		reset_signals();
		lower_limits();
		(void)execve(name, argv, environment);
		say_why(errno);
	}
	_exit(MFA_LAUNCH_FAILED);
}

static bool
make_pipes(struct pipes *pipes)
{
	return pipe2(pipes->in, O_CLOEXEC) == 0 &&
	    pipe2(pipes->out, O_CLOEXEC) == 0 &&
	    pipe2(pipes->err, O_CLOEXEC) == 0 &&
	    fcntl(pipes->in[TO], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(pipes->out[FROM], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(pipes->err[FROM], F_SETFL, O_NONBLOCK) == 0;
}

static void
close_pipes(struct pipes *pipes)
{
	for (int end = FROM; end <= TO; end++) {
		mfa_launch_close_end(&pipes->in[end]);
		mfa_launch_close_end(&pipes->out[end]);
		mfa_launch_close_end(&pipes->err[end]);
	}
}

/* Takes our end of a pipe, so that it is not closed with the rest. */
static int
take_end(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

enum mfa_err
mfa_launch(const char *path, const char *kind, struct mfa_launch *child)
{
	struct pipes pipes = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	enum mfa_err r = MFA_ERR_LIMIT;
	pid_t pid;
	int pidfd;

	if (!make_pipes(&pipes) || (pid = fork()) < 0)
		goto out;
	if (pid == 0)
		become_program(path, kind, &pipes);
	/* Not reaped yet, so the number is still its own. */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		goto out;
	}
	child->pid = pid;
	child->pidfd = pidfd;
	child->in = take_end(&pipes.in[TO]);
	child->out = take_end(&pipes.out[FROM]);
	child->err = take_end(&pipes.err[FROM]);
	r = MFA_OK;
out:
	close_pipes(&pipes);
	return r;
}
