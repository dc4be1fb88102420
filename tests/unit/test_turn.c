/* SPDX-License-Identifier: MIT */
/* Turns, by a clock of the test's.  Links with --wrap, see tests/unit.am. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

#include "lib/base/turn.h"

#define FD 7

/* Whoever holds it, and what was done about that. */
static struct {
	int64_t ns;	      /* the clock */
	unsigned int refuses; /* how often */
	int error;	      /* with which errno */
	unsigned int tries, pauses;
	long longest;
} holder;

int __wrap_flock(int fd, int operation);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int
__wrap_flock(int fd, int operation)
{
	assert_int_equal(fd, FD);
	assert_int_equal(operation, LOCK_EX | LOCK_NB);
	if (holder.tries++ < holder.refuses) {
		errno = holder.error;
		return -1;
	}
	return 0;
}

int
__wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	assert_null(left);
	assert_int_equal(time->tv_sec, 0);
	assert_true(time->tv_nsec > 0);
	holder.pauses++;
	if (time->tv_nsec > holder.longest)
		holder.longest = time->tv_nsec;
	holder.ns += time->tv_nsec;
	return 0;
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	time->tv_sec = holder.ns / 1000000000;
	time->tv_nsec = holder.ns % 1000000000;
	return 0;
}

static uint64_t
begin(unsigned int refuses, int error, unsigned int ms)
{
	memset(&holder, 0, sizeof(holder));
	holder.ns = INT64_C(5999999999);
	holder.refuses = refuses;
	holder.error = error;
	return mfa_turn_until(ms);
}

static void
test_a_deadline(void **state)
{
	uint64_t deadline = begin(0, 0, 2000);

	(void)state;
	assert_int_equal(deadline, 7999);
	assert_false(mfa_turn_is_over(deadline));
	holder.ns = INT64_C(7998999999);
	assert_false(mfa_turn_is_over(deadline));
	holder.ns = INT64_C(7999000000);
	assert_true(mfa_turn_is_over(deadline));
}

static void
test_nobody_has_it(void **state)
{
	(void)state;
	assert_int_equal(mfa_turn_take(FD, begin(0, 0, 0)), MFA_OK);
	assert_int_equal(holder.tries, 1);
	assert_int_equal(holder.pauses, 0);
}

static void
test_it_is_waited_for(void **state)
{
	static const int errors[] = { EWOULDBLOCK, EINTR };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mfa_turn_take(FD, begin(3, errors[i], 2000)),
		    MFA_OK);
		assert_int_equal(holder.tries, 4);
		assert_int_equal(holder.pauses, 3);
		/* 0.2, 0.3 and 0.45 ms */
		assert_int_equal(holder.ns, INT64_C(6000949999));
	}
}

/* A short wait costs little, a long one few calls. */
static void
test_R28_and_no_longer_than_the_deadline(void **state)
{
	(void)state;
	assert_int_equal(mfa_turn_take(FD, begin(1000000, EWOULDBLOCK, 2000)),
	    MFA_ERR_BUSY);
	assert_in_range(holder.ns, INT64_C(7999000000), INT64_C(8010000000));
	assert_int_equal(holder.longest, 5125780);
	assert_int_equal(holder.tries, holder.pauses + 1);
	assert_in_range(holder.tries, 380, 420);
	assert_int_equal(mfa_turn_take(FD, begin(1, EWOULDBLOCK, 0)),
	    MFA_ERR_BUSY);
	assert_int_equal(holder.pauses, 0);
}

static void
test_R3_what_cannot_be_had_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(mfa_turn_take(FD, begin(1, ENOLCK, 2000)),
	    MFA_ERR_IO);
	assert_int_equal(holder.tries, 1);
	assert_int_equal(holder.pauses, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_deadline),
		cmocka_unit_test(test_nobody_has_it),
		cmocka_unit_test(test_it_is_waited_for),
		cmocka_unit_test(test_R28_and_no_longer_than_the_deadline),
		cmocka_unit_test(test_R3_what_cannot_be_had_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
