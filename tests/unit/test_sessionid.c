/* SPDX-License-Identifier: MIT */
/* The audit session is what the kernel says, or none. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_medusa_mfa/sessionid.h"

/* What the file says instead of the kernel's; NULL: the kernel's. */
static const char *says;
static bool is_gone;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __wrap_read(int fd, void *buf, size_t size);

int
__wrap_open(const char *path, int flags, ...)
{
	assert_string_equal(path, "/proc/self/sessionid");
	if (is_gone) {
		errno = ENOENT;
		return -1;
	}
	return __real_open(path, flags);
}

ssize_t
__wrap_read(int fd, void *buf, size_t size)
{
	if (says == NULL)
		return __real_read(fd, buf, size);
	assert_true(strlen(says) <= size);
	memcpy(buf, says, strlen(says));
	return (ssize_t)strlen(says);
}

static uint32_t
of(const char *text)
{
	uint32_t session;

	says = text;
	session = mfa_sessionid();
	says = NULL;
	return session;
}

static void
test_what_the_file_may_say(void **state)
{
	(void)state;
	assert_int_equal(of("17"), 17);
	assert_int_equal(of("17\n"), 17);
	assert_int_equal(of("4294967294"), 4294967294U);
	/* (unsigned)-1: no login has begun one. */
	assert_int_equal(of("4294967295"), 0);
	assert_int_equal(of("0"), 0);
	assert_int_equal(of(""), 0);
	assert_int_equal(of("-1"), 0);
	assert_int_equal(of("x"), 0);
	assert_int_equal(of("4294967296"), 0);
	is_gone = true;
	assert_int_equal(mfa_sessionid(), 0);
	is_gone = false;
}

/* As pam_loginuid(8) begins one; where the kernel lets us. */
static bool
begin_session(void)
{
	int fd = __real_open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, "0", 1) == 1;

	if (fd >= 0)
		(void)close(fd);
	return done;
}

/* 0: each has its own; 2: there are no sessions here. */
static int
in_child(void)
{
	uint32_t before = mfa_sessionid();

	if (!begin_session())
		return 2;
	return mfa_sessionid() != 0 && mfa_sessionid() != before ? 0 : 1;
}

static void
test_a_login_begins_one(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(in_child());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		print_message("no audit sessions here\n");
	else
		assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_file_may_say),
		cmocka_unit_test(test_a_login_begins_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
