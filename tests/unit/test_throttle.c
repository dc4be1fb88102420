/* SPDX-License-Identifier: MIT */
/* R7, R9, R10: the MUST list of throttle.h.  Pure: a record, and its time. */
#include "tests/unit/unit.h"

#include "verifier/engine/throttle.h"

#define HOUR 3600ULL
#define DAY  86400ULL

static struct mfa_config config;

static int
defaults(void **state)
{
	(void)state;
	mfa_config_init(&config);
	return 0;
}

static enum mfa_throttle
check(const mfa_record_Factor *f, enum mfa_path path, uint64_t lapse,
    uint64_t *seconds)
{
	return mfa_throttle_factor_check(&config, f, path, lapse, seconds);
}

/* ---- factors ---- */

static void
test_R9_the_defaults(void **state)
{
	(void)state;
	assert_int_equal(config.burst, 5);
	assert_int_equal(config.lock_seconds, 900);
	assert_int_equal(config.lock_max_seconds, DAY);
	assert_int_equal(config.hard_stop, 70);
	assert_int_equal(config.hard_stop_unprivileged, 30);
	assert_int_equal(config.wrong_per_day, 20);
	assert_int_equal(config.wrong_per_month, 200);
	assert_int_equal(config.wrong_per_day_unprivileged, 10);
}

static void
test_R9_five_wrong_lock_for_15_minutes(void **state)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;
	uint64_t seconds = 77;

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(mfa_throttle_factor_debit(&config, &f,
		    MFA_PATH_ROOT, 1000), 0);
		assert_int_equal(check(&f, MFA_PATH_ROOT, 1000, &seconds),
		    MFA_THROTTLE_OPEN);
		assert_int_equal(seconds, 0);
	}
	/* The lock stands before the fifth is compared. */
	assert_int_equal(mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT,
	    1000), 1900);
	assert_int_equal(check(&f, MFA_PATH_ROOT, 1000, &seconds),
	    MFA_THROTTLE_LOCKED);
	assert_int_equal(seconds, 900);
	assert_int_equal(check(&f, MFA_PATH_ROOT, 1899, &seconds),
	    MFA_THROTTLE_LOCKED);
	assert_int_equal(seconds, 1);
	assert_int_equal(check(&f, MFA_PATH_ROOT, 1900, &seconds),
	    MFA_THROTTLE_OPEN);
	assert_int_equal(seconds, 0);
	/* The other path is not locked with it. */
	assert_int_equal(check(&f, MFA_PATH_OTHER, 1000, NULL),
	    MFA_THROTTLE_OPEN);
}

static void
test_R9_locks_double_to_a_day(void **state)
{
	static const uint64_t wanted[] = { 900, 1800, 3600, 7200, 14400, 28800,
		57600, 86400, 86400, 86400 };
	mfa_record_Factor f = mfa_record_Factor_init_zero;
	uint64_t lapse = 0;

	(void)state;
	for (int lock = 0; lock < 10; lock++) {
		for (int i = 0; i < 4; i++)
			assert_int_equal(mfa_throttle_factor_debit(&config, &f,
			    MFA_PATH_ROOT, lapse), 0);
		assert_int_equal(mfa_throttle_factor_debit(&config, &f,
		    MFA_PATH_ROOT, lapse), lapse + wanted[lock]);
		lapse += wanted[lock];
	}
	/* However many there were. */
	f.root.locks = UINT16_MAX;
	f.root.burst = 4;
	assert_int_equal(mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT,
	    lapse), lapse + DAY);
	assert_int_equal(f.root.locks, UINT16_MAX);
}

static void
test_R9_hard_stops(void **state)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;

	(void)state;
	for (uint32_t i = 0; i < 70; i++) {
		assert_int_not_equal(check(&f, MFA_PATH_ROOT, UINT64_MAX,
		    NULL), MFA_THROTTLE_BLOCKED);
		(void)mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT, i);
	}
	assert_int_equal(check(&f, MFA_PATH_ROOT, UINT64_MAX, NULL),
	    MFA_THROTTLE_BLOCKED);
	assert_int_equal(check(&f, MFA_PATH_OTHER, UINT64_MAX, NULL),
	    MFA_THROTTLE_OPEN);
	for (uint32_t i = 0; i < 30; i++) {
		assert_int_not_equal(check(&f, MFA_PATH_OTHER, UINT64_MAX,
		    NULL), MFA_THROTTLE_BLOCKED);
		(void)mfa_throttle_factor_debit(&config, &f, MFA_PATH_OTHER,
		    i);
	}
	assert_int_equal(check(&f, MFA_PATH_OTHER, UINT64_MAX, NULL),
	    MFA_THROTTLE_BLOCKED);
}

/* Debit and refund leave nothing behind, also where a lock began. */
static void
test_R7_a_refund_takes_back_exactly_one_debit(void **state)
{
	(void)state;
	for (uint32_t before = 0; before < 12; before++) {
		mfa_record_Factor f = mfa_record_Factor_init_zero, copy;
		uint64_t started;

		for (uint32_t i = 0; i < before; i++)
			(void)mfa_throttle_factor_debit(&config, &f,
			    MFA_PATH_ROOT, i * DAY);
		copy = f;
		started = mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT,
		    50 * DAY);
		assert_int_equal(started != 0, before % 5 == 4);
		assert_memory_not_equal(&f, &copy, sizeof(f));
		mfa_throttle_factor_refund(&config, &f, MFA_PATH_ROOT,
		    started);
		/* A lock that is over is forgotten with ours. */
		if (started != 0)
			copy.root.locked_until = 0;
		assert_memory_equal(&f, &copy, sizeof(f));
	}
}

/* Two attempts at once; the other one's debit and lock are not ours. */
static void
test_R7_a_refund_takes_nothing_of_anybody_elses(void **state)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;
	uint64_t ours, theirs;

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT, 0);
	ours = mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT, 10);
	theirs = mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT, 20);
	assert_int_equal(ours, 0);
	assert_int_equal(theirs, 920);
	mfa_throttle_factor_refund(&config, &f, MFA_PATH_ROOT, ours);
	assert_int_equal(f.root.consecutive, 4);
	assert_int_equal(f.root.locked_until, 920);
	assert_int_equal(f.root.locks, 1);
	/* Ours began a lock, which ended, and somebody began the next. */
	memset(&f, 0, sizeof(f));
	f.root.burst = 4;
	ours = mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT, 10);
	assert_int_equal(ours, 910);
	for (int i = 0; i < 5; i++)
		theirs = mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT,
		    1000);
	assert_int_equal(theirs, 2800);
	mfa_throttle_factor_refund(&config, &f, MFA_PATH_ROOT, ours);
	assert_int_equal(f.root.locked_until, 2800);
	assert_int_equal(f.root.locks, 2);
	assert_int_equal(f.root.consecutive, 5);
	/* The other path is not touched at all. */
	f.other.consecutive = 3;
	f.other.burst = 3;
	mfa_throttle_factor_refund(&config, &f, MFA_PATH_ROOT, 0);
	assert_int_equal(f.other.consecutive, 3);
	assert_int_equal(f.other.burst, 3);
}

static void
test_R7_refunds_never_go_below_zero(void **state)
{
	const mfa_record_Factor zero = mfa_record_Factor_init_zero;
	mfa_record_Factor f = zero;
	mfa_record_Record record = mfa_record_Record_init_zero, before;

	(void)state;
	mfa_throttle_factor_refund(&config, &f, MFA_PATH_ROOT, 0);
	mfa_throttle_factor_refund(&config, &f, MFA_PATH_OTHER, 0);
	assert_memory_equal(&f, &zero, sizeof(f));
	/* A lock of ours, of which nothing else is left. */
	f.root.locked_until = 910;
	mfa_throttle_factor_refund(&config, &f, MFA_PATH_ROOT, 910);
	assert_int_equal(f.root.locked_until, 0);
	assert_int_equal(f.root.locks, 0);
	assert_int_equal(f.root.consecutive, 0);
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, 5);
	mfa_throttle_account_debit(&record, MFA_PATH_ROOT, 5);
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, 5);
	before = record;
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, 5);
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, 5 + 99 * DAY);
	assert_memory_equal(&record, &before, sizeof(record));
}

static void
test_R9_a_success_opens_what_it_may(void **state)
{
	const mfa_record_Throttle clear = mfa_record_Throttle_init_zero;
	mfa_record_Factor f = mfa_record_Factor_init_zero, before;

	(void)state;
	for (int i = 0; i < 31; i++) {
		(void)mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT, 0);
		(void)mfa_throttle_factor_debit(&config, &f, MFA_PATH_OTHER,
		    0);
	}
	before = f;
	/* Not root: its own path only. */
	mfa_throttle_factor_reset(&f, MFA_PATH_OTHER);
	assert_memory_equal(&f.other, &clear, sizeof(clear));
	assert_memory_equal(&f.root, &before.root, sizeof(clear));
	f = before;
	mfa_throttle_factor_reset(&f, MFA_PATH_ROOT);
	assert_memory_equal(&f.other, &clear, sizeof(clear));
	assert_memory_equal(&f.root, &clear, sizeof(clear));
}

static void
test_counters_stick_at_their_maximum(void **state)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;
	mfa_record_Record record = mfa_record_Record_init_zero;

	(void)state;
	f.root.consecutive = UINT32_MAX;
	(void)mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT, 0);
	assert_int_equal(f.root.consecutive, UINT32_MAX);
	assert_int_equal(check(&f, MFA_PATH_ROOT, UINT64_MAX, NULL),
	    MFA_THROTTLE_BLOCKED);
	f.root.burst = UINT16_MAX - 1;
	assert_int_not_equal(mfa_throttle_factor_debit(&config, &f,
	    MFA_PATH_ROOT, 5), 0);
	mfa_throttle_account_debit(&record, MFA_PATH_ROOT, 0);
	record.hours.count[0] = UINT16_MAX;
	mfa_throttle_account_debit(&record, MFA_PATH_ROOT, 0);
	assert_int_equal(record.hours.count[0], UINT16_MAX);
	assert_int_equal(mfa_throttle_day(&record, 0), UINT16_MAX);
	assert_int_equal(mfa_throttle_month(&record, 0), 2);
}

/* Options changed while counters stand: tighter counts at once. */
static void
test_R9_options_that_change(void **state)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;

	(void)state;
	config.burst = 20;
	for (int i = 0; i < 10; i++)
		assert_int_equal(mfa_throttle_factor_debit(&config, &f,
		    MFA_PATH_ROOT, 0), 0);
	config.burst = 3;
	assert_int_equal(mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT,
	    0), 900);
	config.hard_stop = 11;
	assert_int_equal(check(&f, MFA_PATH_ROOT, 5000, NULL),
	    MFA_THROTTLE_BLOCKED);
	config.burst = 1;
	config.lock_max_seconds = 1000;
	assert_int_equal(mfa_throttle_factor_debit(&config, &f, MFA_PATH_ROOT,
	    0), 1000);
}

#define WITH_DEFAULTS(f) cmocka_unit_test_setup(f, defaults)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DEFAULTS(test_R9_the_defaults),
		WITH_DEFAULTS(test_R9_five_wrong_lock_for_15_minutes),
		WITH_DEFAULTS(test_R9_locks_double_to_a_day),
		WITH_DEFAULTS(test_R9_hard_stops),
		WITH_DEFAULTS(test_R7_a_refund_takes_back_exactly_one_debit),
		WITH_DEFAULTS(test_R7_a_refund_takes_nothing_of_anybody_elses),
		WITH_DEFAULTS(test_R7_refunds_never_go_below_zero),
		WITH_DEFAULTS(test_R9_a_success_opens_what_it_may),
		WITH_DEFAULTS(test_counters_stick_at_their_maximum),
		WITH_DEFAULTS(test_R9_options_that_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
