/* SPDX-License-Identifier: MIT */
/*
 * R3: system calls that do half, are interrupted or fail, below what reads and
 * writes; and nothing stays open.  Links with --wrap, see tests/unit.am.
 */
#include "tests/unit/world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/path.h"

/* What the next calls do; then they do one byte each. */
static struct {
	bool on;
	unsigned int interrupted; /* so many times */
	int fails;		  /* errno, or 0 */
	bool nothing;		  /* says 0, once; errno is an older one's */
	const uint8_t *room;	  /* what a read may fill, but for one byte */
	size_t room_size;
	unsigned int calls;
} trouble;

/* The size to ask for, or -1 with *r as the answer. */
static ssize_t
troubled(size_t size, ssize_t *r)
{
	trouble.calls++;
	*r = -1;
	if (trouble.interrupted != 0) {
		trouble.interrupted--;
		errno = EINTR;
		return -1;
	}
	if (trouble.fails != 0) {
		errno = trouble.fails;
		return -1;
	}
	if (trouble.nothing) {
		trouble.nothing = false;
		errno = EINTR;
		*r = 0;
		return -1;
	}
	return size < 1 ? (ssize_t)size : 1;
}

ssize_t __real_pread(int fd, void *buf, size_t size, off_t at);
ssize_t __wrap_pread(int fd, void *buf, size_t size, off_t at);
ssize_t __real_write(int fd, const void *buf, size_t size);
ssize_t __wrap_write(int fd, const void *buf, size_t size);
ssize_t __real_pwrite(int fd, const void *buf, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t size, off_t at);

/* What is one byte too many goes elsewhere. */
static void
has_room(const uint8_t *buf, size_t size)
{
	if (buf >= trouble.room && buf < trouble.room + trouble.room_size)
		assert_true(
		    size <= (size_t)(trouble.room + trouble.room_size - buf));
	else
		assert_int_equal(size, 1);
}

ssize_t
__wrap_pread(int fd, void *buf, size_t size, off_t at)
{
	ssize_t r, n = (ssize_t)size;

	if (trouble.on)
		has_room(buf, size);
	if (trouble.on && (n = troubled(size, &r)) < 0)
		return r;
	return __real_pread(fd, buf, (size_t)n, at);
}

ssize_t
__wrap_write(int fd, const void *buf, size_t size)
{
	ssize_t r, n = (ssize_t)size;

	if (trouble.on && (n = troubled(size, &r)) < 0)
		return r;
	return __real_write(fd, buf, (size_t)n);
}

ssize_t
__wrap_pwrite(int fd, const void *buf, size_t size, off_t at)
{
	ssize_t r, n = (ssize_t)size;

	if (trouble.on && (n = troubled(size, &r)) < 0)
		return r;
	return __real_pwrite(fd, buf, (size_t)n, at);
}

static char name[] = "/run/mfa-unit-XXXXXX";
static const struct mfa_path_rule mine = { .owner = 0, .forbidden = 0077 };
static const char words[] = "ten bytes.";
#define LEN 10

static int
file_new(void **state)
{
	int *fd = malloc(sizeof(*fd));

	assert_non_null(fd);
	memset(&trouble, 0, sizeof(trouble));
	memset(name + sizeof(name) - 7, 'X', 6);
	*fd = mkstemp(name);
	assert_true(*fd >= 0);
	*state = fd;
	return 0;
}

static int
file_free(void **state)
{
	trouble.on = false;
	(void)close(*(int *)*state);
	(void)unlink(name);
	free(*state);
	return 0;
}

static enum mfa_err
put(int fd, bool at)
{
	enum mfa_err r;

	trouble.on = true;
	r = at ? mfa_path_write_at(fd, words, LEN, 3)
	       : mfa_path_write(fd, words, LEN);
	trouble.on = false;
	return r;
}

static void
test_R3_half_a_write_is_gone_on_with(void **state)
{
	const int fd = *(int *)*state;
	char got[LEN + 3];

	trouble.interrupted = 3;
	assert_int_equal(put(fd, false), MFA_OK);
	assert_int_equal(trouble.calls, 3 + LEN);
	assert_int_equal(__real_pread(fd, got, sizeof(got), 0), LEN);
	assert_memory_equal(got, words, LEN);
	trouble.calls = 0;
	trouble.interrupted = 2;
	assert_int_equal(put(fd, true), MFA_OK);
	assert_int_equal(trouble.calls, 2 + LEN);
	assert_int_equal(__real_pread(fd, got, sizeof(got), 0), LEN + 3);
	assert_memory_equal(got, "ten", 3);
	assert_memory_equal(got + 3, words, LEN);
}

static void
test_R3_a_write_that_fails_is_said(void **state)
{
	const int fd = *(int *)*state;

	for (int at = 0; at < 2; at++) {
		trouble.fails = ENOSPC;
		assert_int_equal(put(fd, at == 1), MFA_ERR_NO_SPACE);
		trouble.fails = 0;
		trouble.nothing = true;
		assert_int_equal(put(fd, at == 1), MFA_ERR_IO);
	}
}

static void
test_R3_half_a_read_is_gone_on_with(void **state)
{
	const int fd = *(int *)*state;
	uint8_t got[LEN];
	size_t len = 77;

	assert_int_equal(mfa_path_write(fd, words, LEN), MFA_OK);
	trouble.on = true;
	trouble.room = got;
	trouble.room_size = LEN;
	trouble.interrupted = 3;
	assert_int_equal(mfa_path_read(fd, got, LEN, &len), MFA_OK);
	assert_int_equal(len, LEN);
	assert_memory_equal(got, words, LEN);
	/* One more than there is room for. */
	len = 77;
	trouble.room_size = LEN - 1;
	assert_int_equal(
	    mfa_path_read(fd, got, LEN - 1, &len), MFA_ERR_INVALID);
	trouble.room_size = LEN;
	trouble.fails = EIO;
	assert_int_equal(mfa_path_read(fd, got, LEN, &len), MFA_ERR_IO);
	assert_int_equal(len, 77);
}

static void
test_R18_nothing_stays_open(void **state)
{
	const int fd = *(int *)*state, first = dup(fd);
	char deep[PATH_MAX + 10];
	uint8_t got[LEN];
	size_t len = 77;
	int last;

	assert_int_equal(mfa_path_write(fd, words, LEN), MFA_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    mfa_path_slurp(name, &mine, got, LEN, &len), MFA_OK);
	assert_int_equal(len, LEN);
	assert_int_equal(
	    mfa_path_slurp("/run/mfa-unit-not-there", &mine, got, LEN, &len),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(
	    mfa_path_slurp("/run/not-there/file", &mine, got, LEN, &len),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(
	    mfa_path_slurp("/not-there-either", &mine, got, LEN, &len),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(
	    mfa_path_slurp("no-slash", &mine, got, LEN, &len), MFA_ERR_INVALID);
	memset(deep, 'a', sizeof(deep));
	deep[0] = '/';
	deep[sizeof(deep) - 3] = '/';
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(
	    mfa_path_slurp(deep, &mine, got, LEN, &len), MFA_ERR_INVALID);
	last = dup(fd);
	assert_int_equal(last, first + 1);
	(void)close(last);
	(void)close(first);
}

#define IN_FILE(f) cmocka_unit_test_setup_teardown(f, file_new, file_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILE(test_R3_half_a_write_is_gone_on_with),
		IN_FILE(test_R3_a_write_that_fails_is_said),
		IN_FILE(test_R3_half_a_read_is_gone_on_with),
		IN_FILE(test_R18_nothing_stays_open),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
