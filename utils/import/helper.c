/* SPDX-License-Identifier: MIT */
/* MUST list: helper.h. */
#include "config.h"

#include "utils/import/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "utils/child.h"
#include "utils/import/read.h"

#define PATIENCE 30 /* seconds */
#define MEMORY	 (512UL * 1024 * 1024)

static bool
limit(int what, rlim_t value)
{
	const struct rlimit both = { value, value };

	return setrlimit((__rlimit_resource_t)what, &both) == 0;
}

/* An account that owns nothing; the lookup was done before the fork. */
static bool
shed(const struct passwd *nobody)
{
	if (nobody != NULL && mfa_import_become(nobody) != MFA_OK)
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	/* Files may be as large as they like: standard error may be one. */
	return limit(RLIMIT_CORE, 0) && limit(RLIMIT_CPU, PATIENCE) && limit(RLIMIT_AS, MEMORY) &&
	    chdir("/") == 0;
}

/* 0 and 1 as the program expects them, whatever stands there now. */
static bool
place(int in, int out)
{
	int high_in = fcntl(in, F_DUPFD_CLOEXEC, 10);
	int high_out = fcntl(out, F_DUPFD_CLOEXEC, 10);

	return high_in >= 0 && high_out >= 0 &&
	    dup2(high_in, STDIN_FILENO) == STDIN_FILENO &&
	    dup2(high_out, STDOUT_FILENO) == STDOUT_FILENO &&
	    close_range(3, UINT_MAX, 0) == 0;
}

static void
run_in_child(const struct mfa_import_helper *helper, const char *path,
    const struct passwd *nobody, int out)
{
	char name[64];
	char *words[] = { name, NULL }, *none[] = { NULL };

	(void)snprintf(name, sizeof(name), "%s", helper->name);
	if (place(helper->in, out) && shed(nobody))
		(void)execve(path, words, none);
	_exit(126);
}

static enum mfa_err
judge(pid_t child, enum mfa_err r)
{
	int status = 0;

	if (r != MFA_OK) {
		mfa_child_end(child);
		return r;
	}
	/* It has closed its output: the end should be near. */
	if ((r = mfa_child_await(child, PATIENCE, &status)) != MFA_OK) {
		mfa_child_end(child);
		return r;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ?
	    MFA_OK : MFA_ERR_PROGRAM;
}

static enum mfa_err
start(const struct mfa_import_helper *helper, const char *path, int out,
    pid_t *child)
{
	const struct passwd *nobody = NULL;

	/* Not the runner's: that one reads what other programs keep. */
	if (geteuid() == 0 && (nobody = getpwnam("nobody")) == NULL)
		return MFA_ERR_ACCOUNT;
	if (nobody != NULL && nobody->pw_uid == 0)
		return MFA_ERR_ACCOUNT;
	(void)fflush(stdout);
	if ((*child = fork()) == 0)
		run_in_child(helper, path, nobody, out);
	return *child < 0 ? MFA_ERR_LIMIT : MFA_OK;
}

enum mfa_err
mfa_import_helper(const struct mfa_import_helper *helper, char *out,
    size_t size, size_t *len)
{
	char path[PATH_MAX];
	size_t got = 0;
	enum mfa_err r;
	pid_t child;
	int ends[2];

	(void)snprintf(path, sizeof(path), "%s/%s", MFA_LIBEXECDIR,
	    helper->name);
	if (access(path, X_OK) != 0)
		return MFA_ERR_NOT_FOUND;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return mfa_path_err(errno);
	r = start(helper, path, ends[1], &child);
	(void)close(ends[1]);
	if (r == MFA_OK)
		r = judge(child, mfa_import_read_fd(ends[0], PATIENCE, out,
		    size, &got));
	(void)close(ends[0]);
	if (r == MFA_OK)
		*len = got;
	return r;
}
