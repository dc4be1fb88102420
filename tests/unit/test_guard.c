/* SPDX-License-Identifier: MIT */
/*
 * R7, R20, R28: what surrounds the verifier: the first half of the MUST list
 * of guard.h.
 */
#include "tests/unit/world.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

#include "tests/unit/child.h"
#include "verifier/guard.h"

#define UID 4700
#define GID 4701

static const struct mfa_account account = { UID, GID };

/* ---- descriptors ---- */

static bool
is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3) &&
	    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Something at 3, and more behind it, up to far away. */
static void
open_many(void)
{
	int fd = open("/proc/self/status", O_RDONLY);

	CHECK(fd >= 0);
	for (int to = 3; to < 20; to++)
		CHECK(dup2(fd, to) == to);
	CHECK(dup2(fd, 900) == 900);
}

static void
descriptors_of_a_conversation(void)
{
	open_many();
	CHECK(mfa_guard_begin(3, true) == MFA_OK);
	for (int fd = 0; fd <= 2; fd++)
		CHECK(is_null(fd));
	CHECK(is_open(3) && !is_null(3));
	CHECK(fcntl(3, F_GETFD) == FD_CLOEXEC);
	for (int fd = 4; fd < 1024; fd++)
		CHECK(!is_open(fd));
}

static void
descriptors_of_maintenance(void)
{
	open_many();
	CHECK(mfa_guard_begin(2, false) == MFA_OK);
	CHECK(is_null(0));
	CHECK(is_open(1) && !is_null(1) && is_open(2) && !is_null(2));
	for (int fd = 3; fd < 1024; fd++)
		CHECK(!is_open(fd));
}

static void
test_R20_descriptors(void **state)
{
	(void)state;
	in_child(descriptors_of_a_conversation);
	in_child(descriptors_of_maintenance);
}

static int closed; /* bits: which of 0 to 2 the caller left closed */

static void
closed_standard_descriptors(void)
{
	bool quiet = (closed & 8) != 0;

	open_many();
	CHECK(dup2(19, 1) == 1 && dup2(19, 2) == 2);
	for (int fd = 0; fd <= 2; fd++) {
		if ((closed >> fd & 1) != 0)
			(void)close(fd);
	}
	CHECK(mfa_guard_begin(3, quiet) == MFA_OK);
	CHECK(is_null(0));
	for (int fd = 1; fd <= 2; fd++)
		CHECK(is_null(fd) == (quiet || (closed >> fd & 1) != 0));
	CHECK(is_open(3) && !is_null(3));
	for (int fd = 4; fd < 1024; fd++)
		CHECK(!is_open(fd));
}

static void
test_R20_standard_descriptors_that_were_closed(void **state)
{
	(void)state;
	for (closed = 0; closed < 16; closed++)
		in_child(closed_standard_descriptors);
}

/* ---- environment, signals, limits ---- */

static void
surroundings(void)
{
	char cwd[64], dir[] = "/tmp/mfa-guard-XXXXXX";

	CHECK(setenv("LD_PRELOAD", "/tmp/evil.so", 1) == 0);
	CHECK(setenv("MFA_TEST", "x", 1) == 0);
	(void)umask(0);
	/* Even from a folder that is gone. */
	CHECK(mkdtemp(dir) != NULL && chdir(dir) == 0 && rmdir(dir) == 0);
	CHECK(mfa_guard_begin(3, true) == MFA_OK);
	CHECK(environ == NULL || environ[0] == NULL);
	CHECK(getenv("LD_PRELOAD") == NULL);
	CHECK(umask(0) == 077);
	CHECK(getcwd(cwd, sizeof(cwd)) != NULL && strcmp(cwd, "/") == 0);
	CHECK(prctl(PR_GET_DUMPABLE) == 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void
test_R20_surroundings(void **state)
{
	(void)state;
	in_child(surroundings);
}

static void
never(int sig)
{
	(void)sig;
}

static void
signals(void)
{
	struct sigaction action;
	sigset_t all;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, sig % 2 == 0 ? SIG_IGN : never);
	(void)sigfillset(&all);
	CHECK(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
	CHECK(mfa_guard_begin(3, true) == MFA_OK);
	for (int sig = 1; sig < NSIG; sig++) {
		bool ignored = sig == SIGPIPE || sig == SIGXFSZ;

		if (sigaction(sig, NULL, &action) != 0)
			continue; /* libc's own */
		CHECK(action.sa_handler == (ignored ? SIG_IGN : SIG_DFL));
	}
	CHECK(sigprocmask(SIG_BLOCK, NULL, &all) == 0);
	for (int sig = 1; sig < NSIG; sig++)
		CHECK(sigismember(&all, sig) != 1);
}

static void
test_R20_signals(void **state)
{
	(void)state;
	in_child(signals);
}

static const struct {
	__rlimit_resource_t resource;
	rlim_t low, least;
} limits[] = {
	{ RLIMIT_FSIZE, 0, RLIM_INFINITY },
	{ RLIMIT_CPU, 600, RLIM_INFINITY },
	{ RLIMIT_STACK, 1UL << 20, 8UL << 20 },
	{ RLIMIT_NOFILE, 64, 1024 },
	{ RLIMIT_MEMLOCK, 0, 8UL << 20 },
};
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

/* As a caller may have done it: only now, or for good. */
static void
lower_all(bool for_good)
{
	struct rlimit low;

	for (size_t i = 0; i < LIMITS; i++) {
		CHECK(getrlimit(limits[i].resource, &low) == 0);
		low.rlim_cur = limits[i].low;
		if (for_good)
			low.rlim_max = low.rlim_cur;
		CHECK(setrlimit(limits[i].resource, &low) == 0);
	}
}

/* True where root may raise what was lowered for good (CAP_SYS_RESOURCE). */
static bool
may_raise(void)
{
	const struct rlimit low = { 16, 16 }, high = { 64, 64 };

	return setrlimit(RLIMIT_NPROC, &low) == 0 &&
	    setrlimit(RLIMIT_NPROC, &high) == 0;
}

static void
raised(bool for_good)
{
	struct rlimit now, before;
	rlim_t least;
	bool may = may_raise();

	for (size_t i = 0; i < LIMITS; i++) {
		CHECK(getrlimit(limits[i].resource, &before) == 0);
		least = limits[i].least;
		if (!may && before.rlim_max < least)
			least = before.rlim_max;
		lower_all(false);
		if (for_good)
			lower_all(true);
		CHECK(mfa_guard_begin(3, true) == MFA_OK);
		if (for_good && !may)
			least = limits[i].low;
		CHECK(getrlimit(limits[i].resource, &now) == 0);
		CHECK(now.rlim_cur >= least);
	}
	CHECK(getrlimit(RLIMIT_CORE, &now) == 0);
	CHECK(now.rlim_cur == 0 && now.rlim_max == 0);
	CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
	CHECK(mfa_guard_drop(&account) == MFA_OK);
	/* And they stay, for the account. */
	CHECK(getrlimit(RLIMIT_FSIZE, &now) == 0);
	CHECK(now.rlim_cur == before.rlim_cur);
}

static void
raised_from_soft(void)
{
	raised(false);
}

/* What cannot be raised is no reason not to serve: the store says so. */
static void
raised_from_hard(void)
{
	raised(true);
}

static void
test_R7_limits_of_the_caller_are_raised(void **state)
{
	(void)state;
	in_child(raised_from_soft);
	in_child(raised_from_hard);
}

/* As somebody who wants the holder of a lock to crawl would leave it. */
static void
scheduling(void)
{
	const struct sched_param none = { 0 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	CHECK(sched_setaffinity(0, sizeof(one), &one) == 0);
	CHECK(sched_setscheduler(0, SCHED_IDLE, &none) == 0);
	CHECK(setpriority(PRIO_PROCESS, 0, 19) == 0);
	CHECK(syscall(SYS_ioprio_set, 1, 0, 3 << 13) == 0); /* idle */
	CHECK(mfa_guard_begin(3, true) == MFA_OK);
	CHECK(sched_getscheduler(0) == SCHED_BATCH);
	CHECK(getpriority(PRIO_PROCESS, 0) == 0);
	CHECK(syscall(SYS_ioprio_get, 1, 0) >> 13 == 2);
	CHECK(sched_getaffinity(0, sizeof(one), &one) == 0);
	CHECK(CPU_COUNT(&one) == sysconf(_SC_NPROCESSORS_ONLN));
}

static void
test_R19_scheduling_is_plain(void **state)
{
	(void)state;
	in_child(scheduling);
}

/* ---- watchdog ---- */

static void
timer_is(time_t least, time_t most)
{
	struct itimerval timer;

	CHECK(getitimer(ITIMER_REAL, &timer) == 0);
	CHECK(timer.it_value.tv_sec >= least);
	CHECK(timer.it_value.tv_sec <= most);
	CHECK(timer.it_interval.tv_sec == 0);
}

static void
watchdog_set_and_taken_back(void)
{
	CHECK(mfa_guard_begin(3, true) == MFA_OK);
	mfa_guard_watchdog(20);
	timer_is(19, 20);
	mfa_guard_watchdog(0);
	timer_is(0, 0);
}

static void
test_R28_a_watchdog_kills_who_hangs(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	in_child(watchdog_set_and_taken_back);
	if ((pid = fork()) == 0) {
		if (mfa_guard_begin(3, true) == MFA_OK)
			mfa_guard_watchdog(1);
		for (int i = 0; i < 50; i++)
			(void)usleep(100000);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGALRM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R20_descriptors),
		cmocka_unit_test(
		    test_R20_standard_descriptors_that_were_closed),
		cmocka_unit_test(test_R20_surroundings),
		cmocka_unit_test(test_R20_signals),
		cmocka_unit_test(test_R7_limits_of_the_caller_are_raised),
		cmocka_unit_test(test_R19_scheduling_is_plain),
		cmocka_unit_test(test_R28_a_watchdog_kills_who_hangs),
	};

	world_need_root();
	(void)child_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
