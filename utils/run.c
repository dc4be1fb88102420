/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1 /* environ */
#include "utils/run.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "utils/command.h"
#include "utils/out.h"

#define WORDS 16 /* with the NULL */

static const char bare_path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

/* What Ctrl-C and Ctrl-\ did before, while a program owns the terminal. */
struct keys {
	struct sigaction interrupt;
	struct sigaction quit;
};

static void
ignore_keys(struct keys *before)
{
	struct sigaction ignore;

	memset(&ignore, 0, sizeof(ignore));
	ignore.sa_handler = SIG_IGN;
	(void)sigaction(SIGINT, &ignore, &before->interrupt);
	(void)sigaction(SIGQUIT, &ignore, &before->quit);
}

static void
restore_keys(const struct keys *before)
{
	(void)sigaction(SIGINT, &before->interrupt, NULL);
	(void)sigaction(SIGQUIT, &before->quit, NULL);
}

/* posix_spawn with both signals back at their default in the child. */
static int
start(const char *path, char *const *argv, char *const *envp, pid_t *pid)
{
	posix_spawnattr_t attr;
	sigset_t defaults;
	int failed;

	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGINT);
	(void)sigaddset(&defaults, SIGQUIT);
	if ((failed = posix_spawnattr_init(&attr)) != 0)
		return failed;
	(void)posix_spawnattr_setsigdefault(&attr, &defaults);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	failed = posix_spawnp(pid, path, NULL, &attr, argv, envp);
	(void)posix_spawnattr_destroy(&attr);
	return failed;
}

static enum mfa_err
await(pid_t pid, int *status)
{
	int how;

	while (waitpid(pid, &how, 0) < 0) {
		if (errno != EINTR)
			return MFA_ERR_IO;
	}
	*status = WIFEXITED(how) ? WEXITSTATUS(how) :
				   MFA_EXIT_SIGNAL + WTERMSIG(how);
	return MFA_OK;
}

enum mfa_err
mfa_run(const char *path, const char *const *argv, bool inherit, int *status)
{
	char path_only[sizeof(bare_path)];
	char *bare[] = { path_only, NULL };
	char *words[WORDS];
	struct keys before;
	size_t count = 0;
	enum mfa_err r;
	pid_t pid;
	int failed;

	while (argv[count] != NULL)
		count++;
	if (count >= WORDS)
		return MFA_ERR_INVALID;
	/* execve's argv is char *const *, though it changes nothing. */
	memcpy(words, argv, (count + 1) * sizeof(words[0]));
	memcpy(path_only, bare_path, sizeof(bare_path));
	(void)fflush(stdout);
	ignore_keys(&before);
	failed = start(path, words, inherit ? environ : bare, &pid);
	r = failed != 0 ? mfa_path_err(failed) : await(pid, status);
	restore_keys(&before);
	return r;
}

int
mfa_run_verifier(const char *first, const char *second)
{
	static const char path[] = MFA_SBINDIR "/medusa-mfad";
	const char *argv[] = { "medusa-mfad", first, second, NULL };
	enum mfa_err r;
	int status = 0;

	r = mfa_run(path, argv, false, &status);
	if (r != MFA_OK) {
		mfa_out_error("cannot run %s: %s", path, mfa_strerror(r));
		return MFA_EXIT_FAILED;
	}
	if (status >= MFA_EXIT_SIGNAL) {
		mfa_out_error("%s was ended by signal %d", path,
		    status - MFA_EXIT_SIGNAL);
		return MFA_EXIT_FAILED;
	}
	return status;
}
