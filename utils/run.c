/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1 /* environ */
#include "utils/run.h"

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

/* What signals did before, while a program owns the terminal. */
struct signals {
	struct sigaction interrupt;
	struct sigaction quit;
	struct sigaction child;
	sigset_t mask;
	sigset_t watched; /* held for await */
};

static void
set_action(int number, void (*handler)(int), struct sigaction *before)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	(void)sigaction(number, &action, before);
}

static void
hold_signals(struct signals *before)
{
	set_action(SIGINT, SIG_IGN, &before->interrupt);
	set_action(SIGQUIT, SIG_IGN, &before->quit);
	/* Whoever started us may ignore it: no child could be waited for. */
	set_action(SIGCHLD, SIG_DFL, &before->child);
	(void)sigemptyset(&before->watched);
	(void)sigaddset(&before->watched, SIGHUP);
	(void)sigaddset(&before->watched, SIGTERM);
	(void)sigaddset(&before->watched, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &before->watched, &before->mask);
}

static void
restore_signals(const struct signals *before)
{
	/* A caller that holds them is not to find the program's own. */
	set_action(SIGINT, SIG_IGN, NULL);
	set_action(SIGQUIT, SIG_IGN, NULL);
	(void)sigaction(SIGINT, &before->interrupt, NULL);
	(void)sigaction(SIGQUIT, &before->quit, NULL);
	(void)sigaction(SIGCHLD, &before->child, NULL);
	(void)sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* posix_spawn with the keys' signals back at their default, and none held. */
static int
start(const char *path, char *const *argv, char *const *envp, pid_t *pid)
{
	posix_spawnattr_t attr;
	sigset_t defaults, none;
	int failed;

	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGINT);
	(void)sigaddset(&defaults, SIGQUIT);
	(void)sigemptyset(&none);
	if ((failed = posix_spawnattr_init(&attr)) != 0)
		return failed;
	(void)posix_spawnattr_setsigdefault(&attr, &defaults);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	failed = posix_spawnp(pid, path, NULL, &attr, argv, envp);
	(void)posix_spawnattr_destroy(&attr);
	return failed;
}

/* caught: SIGHUP or SIGTERM that was meant for us, and was passed on; or 0 */
static enum mfa_err
await(pid_t pid, const sigset_t *watched, int *caught, int *status)
{
	pid_t ended;
	int how;

	while ((ended = waitpid(pid, &how, WNOHANG)) == 0) {
		const int number = sigwaitinfo(watched, NULL);

		if (number != SIGHUP && number != SIGTERM)
			continue;
		*caught = number;
		(void)kill(pid, number);
	}
	if (ended != pid)
		return MFA_ERR_IO;
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
	struct signals before;
	size_t count = 0;
	int failed, caught = 0;
	enum mfa_err r;
	pid_t pid;

	while (argv[count] != NULL)
		count++;
	if (count >= WORDS)
		return MFA_ERR_INVALID;
	/* execve's argv is char *const *, though it changes nothing. */
	memcpy(words, argv, (count + 1) * sizeof(words[0]));
	memcpy(path_only, bare_path, sizeof(bare_path));
	(void)fflush(stdout);
	hold_signals(&before);
	failed = start(path, words, inherit ? environ : bare, &pid);
	r = failed != 0 ? mfa_path_err(failed) :
	    await(pid, &before.watched, &caught, status);
	restore_signals(&before);
	if (caught != 0)
		(void)raise(caught);
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
