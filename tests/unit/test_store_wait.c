/* SPDX-License-Identifier: MIT */
/* R19: how long a lock is waited for.  Links with --wrap, see tests/unit.am. */
#include "tests/unit/store_place.h"

#include <sys/file.h>
#include <time.h>

#include "tests/unit/calls.h"

static struct {
	unsigned int locks;	  /* calls of flock */
	bool locked;		  /* by somebody else, always */
	bool moved;		  /* the name never leads to what is locked */
	struct timespec clock[4];
	unsigned int times, told; /* of clock */
	bool passes;		  /* it is the sum of the pauses, instead */
	long pause[512];	  /* nanoseconds of each */
	unsigned int pauses;
} sys;

WRAP(int, flock, (int fd, int how))
{
	sys.locks++;
	if (!sys.locked)
		return __real_flock(fd, how);
	errno = EWOULDBLOCK;
	return -1;
}

WRAP(int, fstatat, (int dirfd, const char *name, struct stat *st, int flags))
{
	int r = __real_fstatat(dirfd, name, st, flags);

	st->st_ino += sys.moved;
	return r;
}

WRAP(int, clock_gettime, (clockid_t id, struct timespec *t))
{
	long sum = 0;

	if (id != CLOCK_MONOTONIC)
		return __real_clock_gettime(id, t);
	if (sys.passes) {
		for (unsigned int i = 0; i < sys.pauses; i++)
			sum += sys.pause[i];
		*t = (struct timespec){ sum / 1000000000, sum % 1000000000 };
		return 0;
	}
	if (sys.times == 0)
		return __real_clock_gettime(id, t);
	*t = sys.clock[sys.told];
	if (sys.told + 1 < sys.times)
		sys.told++;
	return 0;
}

WRAP(int, nanosleep, (const struct timespec *t, struct timespec *rest))
{
	(void)rest;
	assert_int_equal(t->tv_sec, 0);
	assert_in_range(sys.pauses, 0, 511);
	sys.pause[sys.pauses++] = t->tv_nsec;
	return 0;
}

static int
waiting_new(void **state)
{
	memset(&sys, 0, sizeof(sys));
	return store_place_new(state);
}

static int
waiting_free(void **state)
{
	memset(&sys, 0, sizeof(sys));
	return store_place_free(state);
}

static void
is_busy(struct store_place *s)
{
	int before = place_descriptors();

	assert_int_equal(store_place_open(s, MFA_STORE_WRITE), MFA_ERR_BUSY);
	assert_int_equal(place_descriptors(), before);
}

static void
times(const struct timespec *clock, unsigned int n)
{
	memcpy(sys.clock, clock, n * sizeof(*clock));
	sys.times = n;
	sys.told = sys.locks = sys.pauses = 0;
}

static void
test_R19_two_seconds_to_the_millisecond(void **state)
{
	static const struct timespec begin[] = {
		{ 1, 0 }, { 2, 999999999 }, { 3, 0 } };
	static const struct timespec odd[] = {
		{ 1, 1000000 }, { 3, 0 }, { 3, 1000000 } };
	struct store_place *s = *state;

	for (int i = 0; i < 2; i++) {
		sys.locked = true;
		sys.moved = false;
		times(i == 0 ? begin : odd, 3);
		is_busy(s);
		assert_int_equal(sys.locks, 2);
		/* A name that never leads to what is locked is busy, too. */
		sys.locked = false;
		sys.moved = true;
		times(i == 0 ? begin : odd, 3);
		is_busy(s);
		assert_int_equal(sys.locks, 2);
		assert_int_equal(sys.pauses, 0);
	}
}

/* From 0.2 ms, half as long again each time, up to what nobody notices. */
static void
test_R19_the_pauses_grow_but_stay_short(void **state)
{
	struct store_place *s = *state;
	long expected = 200000;

	sys.locked = sys.passes = true;
	is_busy(s);
	assert_int_equal(sys.locks, sys.pauses + 1);
	for (unsigned int i = 0; i < sys.pauses; i++) {
		assert_int_equal(sys.pause[i], expected);
		if (expected < 5000000)
			expected += expected / 2;
	}
	assert_in_range(expected, 5000000, 8000000);
}

#define IN_WAITING(f) \
	cmocka_unit_test_setup_teardown(f, waiting_new, waiting_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WAITING(test_R19_two_seconds_to_the_millisecond),
		IN_WAITING(test_R19_the_pauses_grow_but_stay_short),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
