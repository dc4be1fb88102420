/* SPDX-License-Identifier: MIT */
/*
 * R20, R23: who may start the verifier and whom it becomes: the second half
 * of the MUST list of guard.h.
 */
#include "config.h"

#include "tests/unit/world.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "tests/unit/child.h"
#include "verifier/guard.h"

#define UID 4700
#define GID 4701

static const struct mfa_account account = { UID, GID };

/* ---- who starts it ---- */

static void
as_somebody(void)
{
	CHECK(setresuid(4711, 4711, 4711) == 0);
	CHECK(mfa_guard_begin(3, true) == MFA_ERR_DENIED);
	CHECK(mfa_guard_drop(&account) == MFA_ERR_ACCOUNT);
}

static void
with_root_s_real_uid_only(void)
{
	CHECK(seteuid(4711) == 0);
	CHECK(mfa_guard_begin(3, true) == MFA_ERR_DENIED);
}

static bool
ids_are_the_account_s(void)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	return getresuid(&r, &e, &s) == 0 && r == UID && e == UID &&
	    s == UID && getresgid(&rg, &eg, &sg) == 0 && rg == GID &&
	    eg == GID && sg == GID && getgroups(0, NULL) == 0;
}

static bool
is_for_good(void)
{
	return setuid(0) != 0 && seteuid(0) != 0 && setresuid(0, 0, 0) != 0 &&
	    setgid(0) != 0 && setegid(0) != 0 && setgroups(0, NULL) != 0 &&
	    setuid(4711) != 0 && ids_are_the_account_s();
}

static bool
is_closed(void)
{
	return prctl(PR_GET_DUMPABLE) == 0 &&
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool
has_no_capability(void)
{
	char line[128];
	unsigned int sets = 0;
	FILE *f = fopen("/proc/thread-self/status", "re");

	/* Not dumpable: what /proc shows of us is root's. */
	if (f == NULL)
		return true;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "CapEff:", 7) == 0 ||
		    strncmp(line, "CapPrm:", 7) == 0)
			sets += strstr(line, "\t0000000000000000") != NULL;
	}
	(void)fclose(f);
	return sets == 2;
}

static void
as_root(void)
{
	static const gid_t groups[] = { 0, 1, 2, 3 };

	CHECK(setgroups(4, groups) == 0);
	CHECK(mfa_guard_begin(3, true) == MFA_OK);
	CHECK(mfa_guard_drop(&account) == MFA_OK);
	CHECK(ids_are_the_account_s());
	CHECK(is_for_good());
	CHECK(is_closed());
	CHECK(has_no_capability());
	CHECK(mfa_guard_begin(3, true) == MFA_ERR_DENIED);
}

/* As under su and sudo: the real uid and the gid are the caller's. */
static void
under_su(void)
{
	static const gid_t groups[] = { 4711, 27 };

	CHECK(setgroups(2, groups) == 0);
	CHECK(setresgid(4711, 4711, 0) == 0);
	CHECK(setresuid(4711, 0, 0) == 0);
	CHECK(mfa_guard_begin(3, true) == MFA_OK);
	CHECK(mfa_guard_drop(&account) == MFA_OK);
	CHECK(ids_are_the_account_s());
	CHECK(is_for_good());
	CHECK(is_closed());
	CHECK(has_no_capability());
}

static void
test_R20_judged_by_the_effective_uid(void **state)
{
	(void)state;
	in_child(as_somebody);
	in_child(with_root_s_real_uid_only);
	in_child(as_root);
	in_child(under_su);
}

static void
never_as_root(void)
{
	static const struct mfa_account bad[] = { { 0, 0 }, { 0, GID },
		{ UID, 0 } };

	for (int i = 0; i < 3; i++) {
		CHECK(mfa_guard_drop(&bad[i]) == MFA_ERR_ACCOUNT);
		/* Refused before anything was changed. */
		CHECK(geteuid() == 0 && getegid() == 0);
	}
}

static void
test_R23_no_account_with_an_id_of_0(void **state)
{
	(void)state;
	in_child(never_as_root);
}

/* ---- the account's entry ---- */

static const char *passwd;
static bool *no_namespace;

/* The accounts of a machine whose users are in passwd. */
static bool
enter(void)
{
	int fd;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", "/etc", "tmpfs", 0, "mode=0755") != 0) {
		*no_namespace = true;
		return false;
	}
	fd = open("/etc/nsswitch.conf", O_WRONLY | O_CREAT, 0644);
	CHECK(fd >= 0 && write(fd, "passwd: files\n", 14) == 14);
	(void)close(fd);
	fd = open("/etc/passwd", O_WRONLY | O_CREAT, 0644);
	CHECK(fd >= 0 && write(fd, passwd, strlen(passwd)) ==
		(ssize_t)strlen(passwd));
	(void)close(fd);
	return true;
}

static void
look_up(void)
{
	struct mfa_account got = { 77, 77 };

	if (!enter())
		return;
	if (strstr(passwd, ":4700:4701:") == NULL) {
		CHECK(mfa_guard_account(&got) == MFA_ERR_ACCOUNT);
		CHECK(got.uid == 77 && got.gid == 77);
	} else {
		CHECK(mfa_guard_account(&got) == MFA_OK);
		CHECK(got.uid == UID && got.gid == GID);
	}
}

static void
test_R23_the_account_is_looked_up(void **state)
{
	static const char *const entries[] = {
		"root:x:0:0::/:/bin/sh\n" MFA_ACCOUNT ":x:4700:4701::/:/\n",
		"root:x:0:0::/:/bin/sh\n",
		MFA_ACCOUNT "x:x:4700:4702::/:/\n",
		MFA_ACCOUNT ":x:0:4701::/:/\n",
		MFA_ACCOUNT ":x:4700:0::/:/\n",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		passwd = entries[i];
		in_child(look_up);
	}
	if (*no_namespace)
		print_message("# no mount namespace here: not tried\n");
}

static void
look_up_runner(void)
{
	struct mfa_account got = { 77, 77 };

	if (!enter())
		return;
	if (strstr(passwd, ":4702:4703:") == NULL) {
		CHECK(mfa_guard_runner_account(&got) == MFA_ERR_ACCOUNT);
		CHECK(got.uid == 77 && got.gid == 77);
	} else {
		CHECK(mfa_guard_runner_account(&got) == MFA_OK);
		CHECK(got.uid == 4702 && got.gid == 4703);
	}
}

static void
test_R23_the_runner_s_account_is_another_one(void **state)
{
#define VERIFIER MFA_ACCOUNT ":x:4700:4701::/:/\n"
	static const char *const entries[] = {
		VERIFIER MFA_RUNNER_ACCOUNT ":x:4702:4703::/:/\n",
		VERIFIER,
		MFA_RUNNER_ACCOUNT ":x:4702:4704::/:/\n",
		VERIFIER MFA_RUNNER_ACCOUNT ":x:4700:4703::/:/\n",
		VERIFIER MFA_RUNNER_ACCOUNT ":x:4702:4701::/:/\n",
		VERIFIER MFA_RUNNER_ACCOUNT ":x:0:4703::/:/\n",
		VERIFIER MFA_RUNNER_ACCOUNT ":x:4702:0::/:/\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		passwd = entries[i];
		in_child(look_up_runner);
	}
	if (*no_namespace)
		print_message("# no mount namespace here: not tried\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R20_judged_by_the_effective_uid),
		cmocka_unit_test(test_R23_no_account_with_an_id_of_0),
		cmocka_unit_test(test_R23_the_account_is_looked_up),
		cmocka_unit_test(test_R23_the_runner_s_account_is_another_one),
	};

	world_need_root();
	no_namespace = child_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
