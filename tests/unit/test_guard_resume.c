/* SPDX-License-Identifier: MIT */
/*
 * R20, R28: the start of a listener that started itself anew: it goes on only
 * if it stands as the first start has left it.
 */
#include "tests/unit/world.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "config.h"
#include "tests/unit/child.h"
#include "verifier/guard.h"

#define UID 4700
#define GID 4701
#define THEIRS 9 /* the descriptor that is expected */

/* What is odd. */
enum odd {
	NOTHING,
	ENVIRONMENT,
	PRIVILEGES,
	CORE,
	ONE_MORE,
	ONE_LESS,
	FAR_AWAY,
	STANDARD,
	A_GROUP,
	ROOT,
	REAL_UID,
	SAVED_UID,
	SAVED_GID,
	SOMEBODY,
	NO_ACCOUNT,
	CAPABILITIES,
	ODDITIES
};
static enum odd odd;

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
}

static void
enter(void)
{
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("none", "/etc", "tmpfs", 0, "mode=0755") == 0);
	put("/etc/nsswitch.conf", "passwd: files\n");
	put("/etc/passwd", odd == NO_ACCOUNT ? "root:x:0:0::/:/\n" :
		"root:x:0:0::/:/\n" MFA_ACCOUNT ":x:4700:4701::/:/\n");
}

static void
open_descriptors(void)
{
	CHECK(close_range(3, ~0U, 0) == 0);
	if (odd != ONE_LESS)
		CHECK(dup2(0, THEIRS) == THEIRS);
	if (odd == ONE_MORE)
		CHECK(dup2(0, 3) == 3);
	if (odd == FAR_AWAY)
		CHECK(dup2(0, 900) == 900);
	if (odd == STANDARD)
		(void)close(1);
}

static void
become(void)
{
	static const gid_t group = 27;
	const uid_t uid = odd == SOMEBODY ? 4711 : UID;
	const struct rlimit core = { 0, odd == CORE ? 4096 : 0 };

	CHECK(setrlimit(RLIMIT_CORE, &core) == 0);
	CHECK(odd == PRIVILEGES ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(odd == ENVIRONMENT ? setenv("LD_PRELOAD", "x", 1) == 0 :
				   clearenv() == 0);
	if (odd == ROOT)
		return;
	CHECK(setgroups(odd == A_GROUP, &group) == 0);
	CHECK(setresgid(GID, GID, odd == SAVED_GID ? 0 : GID) == 0);
	/* The ids are right, and there is a way back. */
	if (odd == CAPABILITIES)
		CHECK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) == 0);
	CHECK(setresuid(odd == REAL_UID ? 0 : uid, uid,
	    odd == SAVED_UID ? 0 : uid) == 0);
}

static void
try(void)
{
	static const int expected[] = { THEIRS };

	enter();
	open_descriptors();
	become();
	CHECK(mfa_guard_resume(expected, odd != ONE_LESS) ==
	    (odd == NOTHING || odd == ONE_LESS ? MFA_OK : MFA_ERR_DENIED));
}

static void
test_R20_nothing_odd(void **state)
{
	(void)state;
	odd = NOTHING;
	in_child(try);
	/* One that is not expected is not missed. */
	odd = ONE_LESS;
	in_child(try);
}

static void
test_R20_anything_odd_is_refused(void **state)
{
	unsigned int tried = 0;

	(void)state;
	for (odd = ENVIRONMENT; odd < ODDITIES; odd++) {
		if (odd == ONE_LESS)
			continue;
		in_child(try);
		tried++;
	}
	assert_int_equal(tried, 14);
}

/* What it can do, it does again. */
static void
settled(void)
{
	static const int expected[] = { THEIRS };
	const struct itimerval soon = { .it_value.tv_sec = 1000 };
	struct sigaction action;
	struct itimerval timer;
	char name[16] = "";
	sigset_t blocked;

	odd = NOTHING;
	enter();
	open_descriptors();
	become();
	(void)umask(0);
	CHECK(chdir("/proc") == 0);
	CHECK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
	CHECK(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	CHECK(signal(SIGTERM, SIG_IGN) != SIG_ERR);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGCHLD);
	CHECK(sigprocmask(SIG_SETMASK, &blocked, NULL) == 0);
	CHECK(mfa_guard_resume(expected, 1) == MFA_OK);
	CHECK(umask(0) == 077);
	CHECK(access("self", F_OK) != 0);
	CHECK(prctl(PR_GET_DUMPABLE) == 0);
	CHECK(getitimer(ITIMER_REAL, &timer) == 0);
	CHECK(timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0);
	CHECK(sigaction(SIGPIPE, NULL, &action) == 0);
	CHECK(action.sa_handler == SIG_IGN);
	CHECK(sigaction(SIGTERM, NULL, &action) == 0);
	CHECK(action.sa_handler == SIG_DFL);
	CHECK(sigprocmask(SIG_BLOCK, NULL, &blocked) == 0);
	CHECK(sigismember(&blocked, SIGCHLD) == 1);
	CHECK(prctl(PR_GET_NAME, name) == 0);
	CHECK(strcmp(name, "medusa-mfad") == 0);
}

static void
test_R20_it_is_settled_again(void **state)
{
	(void)state;
	in_child(settled);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R20_nothing_odd),
		cmocka_unit_test(test_R20_anything_odd_is_refused),
		cmocka_unit_test(test_R20_it_is_settled_again),
	};

	world_need_root();
	(void)child_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
