/* SPDX-License-Identifier: MIT */
/* MUST list: guard.h. */
#include "verifier/guard.h"

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/base/num.h"

static enum mfa_err
null_to(int fd)
{
	int null = open("/dev/null", O_RDWR | O_NOCTTY);

	if (null < 0)
		return MFA_ERR_IO;
	if (null == fd)
		return MFA_OK;
	if (dup2(null, fd) != fd)
		return MFA_ERR_IO;
	if (null > 2)
		(void)close(null);
	return MFA_OK;
}

static enum mfa_err
settle_descriptors(int keep, bool quiet)
{
	enum mfa_err r = MFA_OK;

	for (int fd = 0; fd <= 2 && r == MFA_OK; fd++) {
		if (quiet || fd == 0 || fcntl(fd, F_GETFD) < 0)
			r = null_to(fd);
	}
	if (r == MFA_OK && close_range((unsigned int)keep + 1, ~0U, 0) != 0)
		r = MFA_ERR_IO;
	if (r == MFA_OK && keep == 3)
		(void)fcntl(3, F_SETFD, FD_CLOEXEC);
	return r;
}

static void
settle_actions(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL); /* some cannot be set */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
}

static void
settle_signals(void)
{
	sigset_t none;

	settle_actions();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* As far as we may: without CAP_SYS_RESOURCE the hard limit is the end. */
static void
raise_limit(int resource, rlim_t wanted)
{
	struct rlimit limit, want;

	if (getrlimit((__rlimit_resource_t)resource, &limit) != 0 ||
	    limit.rlim_cur >= wanted)
		return;
	want.rlim_cur = wanted;
	want.rlim_max = limit.rlim_max > wanted ? limit.rlim_max : wanted;
	if (setrlimit((__rlimit_resource_t)resource, &want) == 0)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit((__rlimit_resource_t)resource, &limit);
}

static enum mfa_err
settle_limits(void)
{
	const struct rlimit no_core = { 0, 0 };

	raise_limit(RLIMIT_FSIZE, RLIM_INFINITY);
	raise_limit(RLIMIT_CPU, RLIM_INFINITY);
	raise_limit(RLIMIT_AS, RLIM_INFINITY);
	raise_limit(RLIMIT_DATA, RLIM_INFINITY);
	raise_limit(RLIMIT_STACK, 8UL << 20);
	raise_limit(RLIMIT_NOFILE, 1024);
	raise_limit(RLIMIT_MEMLOCK, 8UL << 20);
	return setrlimit(RLIMIT_CORE, &no_core) == 0 ? MFA_OK : MFA_ERR_IO;
}

/*
 * Whoever holds a record's lock must not run at somebody's mercy.  As far as
 * it goes: a cgroup cannot be left.  SCHED_BATCH has a normal share, but what
 * we clean up after a verdict does not run before the host that waits for it.
 */
static void
settle_scheduling(void)
{
	const struct sched_param plain = { 0 };
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	(void)sched_setscheduler(0, SCHED_BATCH, &plain);
	(void)sched_setaffinity(0, sizeof(all), &all);
	(void)setpriority(PRIO_PROCESS, 0, 0);
	/* Best effort class, middle priority: ioprio_set(2). */
	(void)syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 4);
}

static enum mfa_err
settle_process(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return MFA_ERR_IO;
	return MFA_OK;
}

enum mfa_err
mfa_guard_begin(int keep, bool quiet)
{
	enum mfa_err r;

	if (geteuid() != 0)
		return MFA_ERR_DENIED;
	if (clearenv() != 0)
		return MFA_ERR_MEMORY;
	(void)umask(077);
	if (chdir("/") != 0)
		return MFA_ERR_IO;
	settle_signals();
	settle_scheduling();
	if ((r = settle_process()) != MFA_OK)
		return r;
	if ((r = settle_limits()) != MFA_OK)
		return r;
	return settle_descriptors(keep, quiet);
}

static enum mfa_err
look_up(const char *name, struct mfa_account *account)
{
	const struct passwd *entry = getpwnam(name);

	if (entry == NULL || entry->pw_uid == 0 || entry->pw_gid == 0)
		return MFA_ERR_ACCOUNT;
	account->uid = entry->pw_uid;
	account->gid = entry->pw_gid;
	return MFA_OK;
}

enum mfa_err
mfa_guard_account(struct mfa_account *account)
{
	return look_up(MFA_ACCOUNT, account);
}

enum mfa_err
mfa_guard_runner_account(struct mfa_account *account)
{
	struct mfa_account runner, verifier;

	if (look_up(MFA_RUNNER_ACCOUNT, &runner) != MFA_OK ||
	    look_up(MFA_ACCOUNT, &verifier) != MFA_OK ||
	    runner.uid == verifier.uid || runner.gid == verifier.gid)
		return MFA_ERR_ACCOUNT;
	*account = runner;
	return MFA_OK;
}

static bool
is_account(const struct mfa_account *account)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	return getresuid(&r, &e, &s) == 0 && getresgid(&rg, &eg, &sg) == 0 &&
	    r == account->uid && e == account->uid && s == account->uid &&
	    rg == account->gid && eg == account->gid && sg == account->gid &&
	    getgroups(0, NULL) == 0;
}

/* True if there is a way back to root. */
static bool
can_return(void)
{
	return setuid(0) == 0 || seteuid(0) == 0 || setreuid(0, 0) == 0 ||
	    setgid(0) == 0 || setegid(0) == 0;
}

enum mfa_err
mfa_guard_drop(const struct mfa_account *account)
{
	if (account->uid == 0 || account->gid == 0)
		return MFA_ERR_ACCOUNT;
	if (setgroups(0, NULL) != 0 ||
	    setresgid(account->gid, account->gid, account->gid) != 0 ||
	    setresuid(account->uid, account->uid, account->uid) != 0)
		return MFA_ERR_ACCOUNT;
	if (!is_account(account) || can_return() || !is_account(account))
		return MFA_ERR_ACCOUNT;
	/* Changing ids may have made us dumpable again. */
	return settle_process();
}

/* ---- a listener that started itself anew ---- */

static bool
is_expected(int fd, const int *expected, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (expected[i] == fd)
			return true;
	}
	return fd <= STDERR_FILENO;
}

/* True if 0 to 2 are open, and above them nothing but what is expected. */
static bool
has_only(const int *expected, size_t count)
{
	const struct dirent *entry;
	bool only = true;
	uint64_t fd;
	DIR *dir;

	for (int std = 0; std <= STDERR_FILENO; std++)
		only = only && fcntl(std, F_GETFD) >= 0;
	if ((dir = opendir("/proc/self/fd")) == NULL)
		return false;
	while (only && (entry = readdir(dir)) != NULL) {
		if (mfa_num_parse(entry->d_name, 0, INT_MAX, &fd) == MFA_OK &&
		    (int)fd != dirfd(dir))
			only = is_expected((int)fd, expected, count);
	}
	(void)closedir(dir);
	return only;
}

static bool
is_hardened(void)
{
	struct rlimit core;

	return (environ == NULL || environ[0] == NULL) &&
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	    getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0;
}

enum mfa_err
mfa_guard_resume(const int *expected, size_t count)
{
	struct mfa_account account;

	/*
	 * execve made it dumpable: first of all.  Until then a process of the
	 * same account could look at it, and would see nothing of its own.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || !is_hardened())
		return MFA_ERR_DENIED;
	/* Before the user database is asked, which may open some. */
	if (!has_only(expected, count))
		return MFA_ERR_DENIED;
	if (mfa_guard_account(&account) != MFA_OK || !is_account(&account) ||
	    can_return() || !is_account(&account))
		return MFA_ERR_DENIED;
	(void)umask(077);
	if (chdir("/") != 0)
		return MFA_ERR_DENIED;
	mfa_guard_watchdog(0);
	settle_actions();
	/* It was executed by a name that says nothing. */
	return prctl(PR_SET_NAME, "medusa-mfad", 0, 0, 0) == 0 ?
	    MFA_OK :
	    MFA_ERR_DENIED;
}

void
mfa_guard_watchdog(unsigned int seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds };

	(void)setitimer(ITIMER_REAL, &timer, NULL);
}
