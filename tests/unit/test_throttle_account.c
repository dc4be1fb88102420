/* SPDX-License-Identifier: MIT */
/* R9, R12: the account's budgets roll over 24 hours and 30 days. */
#include "tests/unit/unit.h"

#include "verifier/engine/throttle.h"

#define HOUR 3600ULL
#define DAY  86400ULL

static struct mfa_config config;
static mfa_record_Record record;

static int
fresh(void **state)
{
	(void)state;
	mfa_config_init(&config);
	memset(&record, 0, sizeof(record));
	return 0;
}

static void
debit(enum mfa_path path, uint64_t lapse, unsigned int n)
{
	while (n-- > 0)
		mfa_throttle_account_debit(&record, path, lapse);
}

/* Seconds until it is open; 0 if it is. */
static uint64_t
wait(enum mfa_path path, uint64_t lapse)
{
	uint64_t seconds = 77;
	enum mfa_throttle t = mfa_throttle_account_check(&config, &record,
	    path, lapse, &seconds);

	assert_int_equal(t, seconds == 0 ? MFA_THROTTLE_OPEN :
					   MFA_THROTTLE_LOCKED);
	assert_int_equal(t, mfa_throttle_account_check(&config, &record, path,
	    lapse, NULL));
	return seconds;
}

static void
test_R9_twenty_a_day(void **state)
{
	(void)state;
	debit(MFA_PATH_ROOT, 1000, 19);
	assert_int_equal(wait(MFA_PATH_ROOT, 1000), 0);
	debit(MFA_PATH_ROOT, 1000, 1);
	assert_int_equal(mfa_throttle_day(&record, 1000), 20);
	/* Counted by the hour: it ends when the hour has left the window. */
	assert_int_equal(wait(MFA_PATH_ROOT, 1000), 25 * HOUR - 1000);
	assert_int_equal(wait(MFA_PATH_ROOT, 25 * HOUR - 1), 1);
	assert_int_equal(wait(MFA_PATH_ROOT, 25 * HOUR), 0);
	assert_int_equal(mfa_throttle_day(&record, 25 * HOUR), 0);
}

/* Whenever in its hour: never shorter than 24 hours, never over 25. */
static void
test_R9_a_day_is_no_shorter(void **state)
{
	(void)state;
	for (uint64_t at = 0; at < HOUR; at += 599) {
		uint64_t seconds;

		memset(&record, 0, sizeof(record));
		debit(MFA_PATH_ROOT, 10 * HOUR + at, 20);
		seconds = wait(MFA_PATH_ROOT, 10 * HOUR + at);
		assert_in_range(seconds, DAY, DAY + HOUR);
		assert_int_equal(wait(MFA_PATH_ROOT, 10 * HOUR + at + seconds),
		    0);
		assert_int_equal(wait(MFA_PATH_ROOT,
		    10 * HOUR + at + seconds - 1), 1);
	}
}

/* The oldest go first, one hour after the other. */
static void
test_R9_a_day_rolls(void **state)
{
	(void)state;
	for (uint64_t hour = 0; hour < 20; hour++)
		debit(MFA_PATH_ROOT, hour * HOUR, 1);
	assert_int_equal(mfa_throttle_day(&record, 19 * HOUR), 20);
	assert_int_equal(wait(MFA_PATH_ROOT, 19 * HOUR), 6 * HOUR);
	for (uint64_t hour = 25; hour < 45; hour++) {
		assert_int_equal(mfa_throttle_day(&record, hour * HOUR),
		    44 - hour);
		assert_int_equal(wait(MFA_PATH_ROOT, hour * HOUR), 0);
	}
	/* One that is open has one to spend, not twenty. */
	debit(MFA_PATH_ROOT, 25 * HOUR, 1);
	assert_int_equal(wait(MFA_PATH_ROOT, 25 * HOUR), HOUR);
}

static void
test_R9_two_hundred_in_thirty_days(void **state)
{
	uint64_t seconds;

	(void)state;
	for (uint64_t day = 0; day < 10; day++)
		debit(MFA_PATH_ROOT, day * 2 * DAY, 20);
	assert_int_equal(mfa_throttle_month(&record, 18 * DAY), 200);
	/* The day's budget is open again, the month's is not. */
	assert_int_equal(mfa_throttle_day(&record, 20 * DAY), 0);
	seconds = wait(MFA_PATH_ROOT, 20 * DAY);
	assert_int_equal(seconds, 11 * DAY);
	assert_int_equal(wait(MFA_PATH_ROOT, 31 * DAY - 1), 1);
	assert_int_equal(wait(MFA_PATH_ROOT, 31 * DAY), 0);
	assert_int_equal(mfa_throttle_month(&record, 31 * DAY), 180);
	/* The longer of the two counts. */
	debit(MFA_PATH_ROOT, 31 * DAY, 20);
	assert_int_equal(wait(MFA_PATH_ROOT, 31 * DAY), 2 * DAY);
}

static void
test_R9_ten_a_day_on_the_other_path(void **state)
{
	(void)state;
	debit(MFA_PATH_OTHER, 0, 9);
	assert_int_equal(wait(MFA_PATH_OTHER, 0), 0);
	debit(MFA_PATH_OTHER, 0, 1);
	assert_int_equal(wait(MFA_PATH_OTHER, 0), 25 * HOUR);
	/* Neither path spends the other's. */
	assert_int_equal(wait(MFA_PATH_ROOT, 0), 0);
	assert_int_equal(mfa_throttle_day(&record, 0), 0);
	assert_int_equal(mfa_throttle_month(&record, 0), 0);
	debit(MFA_PATH_ROOT, 0, 20);
	assert_int_equal(wait(MFA_PATH_ROOT, 0), 25 * HOUR);
	assert_int_equal(wait(MFA_PATH_OTHER, 25 * HOUR), 0);
}

static void
test_R7_a_refund_goes_to_the_hour_of_its_debit(void **state)
{
	mfa_record_Record before;

	(void)state;
	debit(MFA_PATH_ROOT, 0, 3);
	debit(MFA_PATH_ROOT, 5 * HOUR, 1);
	/* Debited just before the hour, taken back just after. */
	debit(MFA_PATH_ROOT, 6 * HOUR - 1, 1);
	debit(MFA_PATH_ROOT, 6 * HOUR, 2);
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, 6 * HOUR - 1);
	assert_int_equal(record.hours.count[0], 2);
	assert_int_equal(record.hours.count[1], 1);
	assert_int_equal(record.hours.count[6], 3);
	assert_int_equal(mfa_throttle_month(&record, 6 * HOUR), 6);
	/* What has left the window is not taken from somebody else. */
	debit(MFA_PATH_ROOT, 40 * HOUR, 1);
	before = record;
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, 0);
	assert_memory_equal(&record.hours, &before.hours,
	    sizeof(record.hours));
	/* The other path's likewise. */
	debit(MFA_PATH_OTHER, 40 * HOUR, 2);
	mfa_throttle_account_refund(&record, MFA_PATH_OTHER, 40 * HOUR);
	assert_int_equal(record.other_hours.count[0], 1);
	assert_int_equal(mfa_throttle_day(&record, 40 * HOUR), 1);
}

/* By one bucket too old, the oldest place there is is not its own. */
static void
test_R7_a_refund_at_the_edge_of_the_window(void **state)
{
	mfa_record_Record before;

	(void)state;
	/* As they always stand in a record. */
	record.has_hours = record.has_days = record.has_other_hours = true;
	debit(MFA_PATH_ROOT, 0, 3);
	debit(MFA_PATH_OTHER, 0, 3);
	debit(MFA_PATH_ROOT, 31 * DAY, 1);
	debit(MFA_PATH_OTHER, 31 * DAY, 1);
	before = record;
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, 0);
	mfa_throttle_account_refund(&record, MFA_PATH_OTHER, 0);
	assert_memory_equal(&record, &before, sizeof(record));
	/* The oldest that is in it is: of the day, and of the 30 days. */
	debit(MFA_PATH_ROOT, 31 * DAY - 24 * HOUR, 1);
	debit(MFA_PATH_ROOT, DAY, 1);
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, DAY);
	assert_int_equal(mfa_throttle_day(&record, 31 * DAY), 2);
	assert_int_equal(mfa_throttle_month(&record, 31 * DAY), 2);
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT,
	    31 * DAY - 24 * HOUR);
	assert_int_equal(mfa_throttle_day(&record, 31 * DAY), 1);
	assert_int_equal(mfa_throttle_month(&record, 31 * DAY), 1);
}

/* Where none is allowed it says the whole window, at any time. */
static void
test_R9_a_budget_of_none(void **state)
{
	(void)state;
	config.wrong_per_day = 0;
	config.wrong_per_month = 0;
	config.wrong_per_day_unprivileged = 0;
	assert_int_equal(wait(MFA_PATH_ROOT, 0), 31 * DAY);
	assert_int_equal(wait(MFA_PATH_OTHER, 0), 25 * HOUR);
	debit(MFA_PATH_OTHER, 100 * HOUR, 5);
	assert_int_equal(wait(MFA_PATH_OTHER, 100 * HOUR + 7), 25 * HOUR - 7);
}

/* What an administrator is told: when all is open that anybody could use. */
static void
test_R9_the_longest_of_all_locks(void **state)
{
	static const mfa_record_Status status[] = {
		mfa_record_Status_STATUS_ENABLED,
		mfa_record_Status_STATUS_ENABLED,
		mfa_record_Status_STATUS_PENDING,
		mfa_record_Status_STATUS_DISABLED };
	const uint64_t now = 100 * HOUR;

	(void)state;
	record.factors_count = 4;
	assert_int_equal(mfa_throttle_longest(&config, &record, MFA_PATH_ROOT,
	    now), 0);
	for (unsigned int i = 0; i < 4; i++) {
		record.factors[i].status = status[i];
		record.factors[i].root.locked_until = now + 900 + i;
	}
	assert_int_equal(mfa_throttle_longest(&config, &record, MFA_PATH_ROOT,
	    now), 901);
	record.factors[1].root.locked_until = now;
	assert_int_equal(mfa_throttle_longest(&config, &record, MFA_PATH_ROOT,
	    now), 900);
	assert_int_equal(mfa_throttle_longest(&config, &record, MFA_PATH_OTHER,
	    now), 0);
	debit(MFA_PATH_ROOT, now, 20);
	assert_int_equal(mfa_throttle_longest(&config, &record, MFA_PATH_ROOT,
	    now), 25 * HOUR);
	assert_int_equal(mfa_throttle_longest(&config, &record, MFA_PATH_OTHER,
	    now), 0);
}

/* A jump over all of it, and one by exactly the window. */
static void
test_R9_long_pauses(void **state)
{
	(void)state;
	debit(MFA_PATH_ROOT, 0, 20);
	debit(MFA_PATH_ROOT, 24 * HOUR, 1);
	assert_int_equal(mfa_throttle_day(&record, 24 * HOUR), 21);
	debit(MFA_PATH_ROOT, 25 * HOUR, 1);
	assert_int_equal(mfa_throttle_day(&record, 25 * HOUR), 2);
	assert_int_equal(mfa_throttle_month(&record, 25 * HOUR), 22);
	debit(MFA_PATH_ROOT, 100000ULL * DAY, 1);
	assert_int_equal(mfa_throttle_day(&record, 100000ULL * DAY), 1);
	assert_int_equal(mfa_throttle_month(&record, 100000ULL * DAY), 1);
	/* Time that seems to go back counts into the newest bucket. */
	debit(MFA_PATH_ROOT, 99999ULL * DAY, 1);
	assert_in_range(mfa_throttle_month(&record, 100000ULL * DAY), 2, 2);
	assert_int_equal(wait(MFA_PATH_ROOT, 0), 0);
}

/* A budget of a strange length in the record is begun anew, not misread. */
static void
test_a_budget_of_another_length(void **state)
{
	(void)state;
	record.hours.count_count = 3;
	record.hours.count[0] = 500;
	record.hours.newest = 7;
	assert_int_equal(mfa_throttle_day(&record, 7 * HOUR), 0);
	debit(MFA_PATH_ROOT, 7 * HOUR, 1);
	assert_int_equal(record.hours.count_count, 25);
	assert_int_equal(mfa_throttle_day(&record, 7 * HOUR), 1);
}

static void
test_R11_a_person_clears_all(void **state)
{
	const mfa_record_Throttle clear = mfa_record_Throttle_init_zero;

	(void)state;
	record.factors_count = 2;
	for (int i = 0; i < 2; i++) {
		record.factors[i].root.consecutive = 70;
		record.factors[i].root.locked_until = UINT64_MAX;
		record.factors[i].other.consecutive = 30;
		record.factors[i].last_step = 99;
	}
	debit(MFA_PATH_ROOT, 0, 200);
	debit(MFA_PATH_OTHER, 0, 10);
	mfa_throttle_clear(&record);
	for (int i = 0; i < 2; i++) {
		assert_memory_equal(&record.factors[i].root, &clear,
		    sizeof(clear));
		assert_memory_equal(&record.factors[i].other, &clear,
		    sizeof(clear));
		/* Used codes stay used. */
		assert_int_equal(record.factors[i].last_step, 99);
	}
	assert_int_equal(wait(MFA_PATH_ROOT, 0), 0);
	assert_int_equal(wait(MFA_PATH_OTHER, 0), 0);
	assert_int_equal(mfa_throttle_month(&record, 0), 0);
}

static void
send(uint64_t lapse, unsigned int n)
{
	while (n-- > 0)
		mfa_throttle_sends_debit(&record, lapse);
}

static void
test_R12_sends_roll_as_the_others_do(void **state)
{
	(void)state;
	assert_int_equal(mfa_throttle_sends_check(&record, 0, 0),
	    MFA_THROTTLE_LOCKED);
	send(1000, 9);
	assert_int_equal(mfa_throttle_sends_check(&record, 10, 1000),
	    MFA_THROTTLE_OPEN);
	send(2 * HOUR, 1);
	assert_int_equal(mfa_throttle_sends_check(&record, 10, 2 * HOUR),
	    MFA_THROTTLE_LOCKED);
	assert_int_equal(mfa_throttle_sends_check(&record, 11, 2 * HOUR),
	    MFA_THROTTLE_OPEN);
	assert_int_equal(mfa_throttle_sends_check(&record, 10, 25 * HOUR - 1),
	    MFA_THROTTLE_LOCKED);
	assert_int_equal(mfa_throttle_sends_check(&record, 10, 25 * HOUR),
	    MFA_THROTTLE_OPEN);
	assert_int_equal(mfa_throttle_sends_check(&record, 1, 25 * HOUR),
	    MFA_THROTTLE_LOCKED);
	assert_int_equal(mfa_throttle_sends_check(&record, 1, 27 * HOUR),
	    MFA_THROTTLE_OPEN);
	/* They are no wrong codes, and wrong codes no sends. */
	assert_int_equal(wait(MFA_PATH_ROOT, 27 * HOUR), 0);
	debit(MFA_PATH_ROOT, 27 * HOUR, 20);
	assert_int_equal(mfa_throttle_sends_check(&record, 1, 27 * HOUR),
	    MFA_THROTTLE_OPEN);
	/* A success gives none back, a person does. */
	send(27 * HOUR, 5);
	mfa_throttle_account_refund(&record, MFA_PATH_ROOT, 27 * HOUR);
	assert_int_equal(mfa_throttle_sends_check(&record, 5, 27 * HOUR),
	    MFA_THROTTLE_LOCKED);
	mfa_throttle_clear(&record);
	assert_int_equal(mfa_throttle_sends_check(&record, 1, 27 * HOUR),
	    MFA_THROTTLE_OPEN);
}

/* Locked before; the lock that this very attempt began does not count. */
static void
test_R9_a_lock_is_remembered_until_a_success(void **state)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;
	uint64_t started = 0;

	(void)state;
	assert_false(mfa_throttle_was_locked(&f, MFA_PATH_ROOT, 0));
	for (int i = 0; i < 5; i++)
		started = mfa_throttle_factor_debit(&config, &f,
		    MFA_PATH_ROOT, 0);
	assert_int_not_equal(started, 0);
	assert_false(mfa_throttle_was_locked(&f, MFA_PATH_ROOT, started));
	assert_true(mfa_throttle_was_locked(&f, MFA_PATH_ROOT, 0));
	assert_false(mfa_throttle_was_locked(&f, MFA_PATH_OTHER, 0));
	/* Locked before, and by this very one again. */
	for (int i = 0; i < 5; i++)
		started = mfa_throttle_factor_debit(&config, &f,
		    MFA_PATH_ROOT, 900);
	assert_int_equal(started, 900 + 1800);
	assert_true(mfa_throttle_was_locked(&f, MFA_PATH_ROOT, started));
	mfa_throttle_factor_reset(&f, MFA_PATH_ROOT);
	assert_false(mfa_throttle_was_locked(&f, MFA_PATH_ROOT, 0));
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R9_twenty_a_day),
		FRESH(test_R9_a_day_is_no_shorter),
		FRESH(test_R9_a_day_rolls),
		FRESH(test_R9_two_hundred_in_thirty_days),
		FRESH(test_R9_ten_a_day_on_the_other_path),
		FRESH(test_R7_a_refund_goes_to_the_hour_of_its_debit),
		FRESH(test_R7_a_refund_at_the_edge_of_the_window),
		FRESH(test_R9_a_budget_of_none),
		FRESH(test_R9_the_longest_of_all_locks),
		FRESH(test_R9_long_pauses),
		FRESH(test_a_budget_of_another_length),
		FRESH(test_R11_a_person_clears_all),
		FRESH(test_R12_sends_roll_as_the_others_do),
		FRESH(test_R9_a_lock_is_remembered_until_a_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
