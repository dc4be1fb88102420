/* SPDX-License-Identifier: MIT */
/* R11: a record's own time only grows, whatever the clocks of a host do. */
#include "tests/unit/unit.h"

#include "verifier/engine/lapse.h"

#define DAY	86400
#define RELEASE 1700000000ULL

static const uint8_t this_boot[16] = { 1, 2, 3 };
static const uint8_t next_boot[16] = { 1, 2, 4 };

static mfa_record_Stamp
stamp(uint64_t wall, uint64_t boot, uint64_t lapse)
{
	mfa_record_Stamp s = { .wall = wall, .boot = boot, .lapse = lapse };

	memcpy(s.boot_id, this_boot, sizeof(s.boot_id));
	return s;
}

static struct mfa_now
now_is(uint64_t wall, uint64_t boot, const uint8_t *boot_id)
{
	struct mfa_now now = { .wall = wall, .boot = boot };

	memcpy(now.boot_id, boot_id, sizeof(now.boot_id));
	return now;
}

static uint64_t
lapse_at(const mfa_record_Stamp *s, struct mfa_now now)
{
	return mfa_lapse_read(RELEASE, s, &now).lapse;
}

static bool
plausible_at(const mfa_record_Stamp *s, uint64_t wall)
{
	struct mfa_now now = now_is(wall, 5000, this_boot);

	return mfa_lapse_read(RELEASE, s, &now).plausible;
}

static void
test_R11_within_a_boot_the_boot_clock_counts(void **state)
{
	const mfa_record_Stamp s = stamp(RELEASE + 1000, 5000, 70);
	static const uint64_t walls[] = { 0, RELEASE, RELEASE + 1000,
		RELEASE + 1000000, UINT64_MAX };

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(lapse_at(&s, now_is(walls[i], 5000,
		    this_boot)), 70);
		assert_int_equal(lapse_at(&s, now_is(walls[i], 5030,
		    this_boot)), 100);
		/* It never goes back; if it did, time stands still. */
		assert_int_equal(lapse_at(&s, now_is(walls[i], 10,
		    this_boot)), 70);
	}
}

static void
test_R11_across_boots_the_wall_clock_counts(void **state)
{
	const mfa_record_Stamp s = stamp(RELEASE + 1000, 5000, 70);

	(void)state;
	assert_int_equal(lapse_at(&s, now_is(RELEASE + 1000, 3, next_boot)),
	    70);
	assert_int_equal(lapse_at(&s, now_is(RELEASE + 1060, 3, next_boot)),
	    130);
	/* Not shortened by a clock that went back, nor by a long uptime. */
	assert_int_equal(lapse_at(&s, now_is(RELEASE, 3, next_boot)), 70);
	assert_int_equal(lapse_at(&s, now_is(0, 900000, next_boot)), 70);
}

static void
test_R11_plausible(void **state)
{
	const mfa_record_Stamp s = stamp(RELEASE + 10 * DAY, 5000, 70);
	const mfa_record_Stamp fresh = { 0 };

	(void)state;
	assert_true(plausible_at(&s, RELEASE + 10 * DAY));
	assert_true(plausible_at(&s, RELEASE + 9 * DAY));
	assert_false(plausible_at(&s, RELEASE + 9 * DAY - 1));
	/* Forwards anything is: machines lie in stores for years. */
	assert_true(plausible_at(&s, RELEASE + 10000ULL * DAY));
	assert_true(plausible_at(&fresh, RELEASE));
	assert_false(plausible_at(&fresh, RELEASE - 1));
	assert_false(plausible_at(&fresh, 0));
}

static void
test_R11_the_stamp_keeps_the_highest_wall_clock(void **state)
{
	mfa_record_Stamp s = stamp(RELEASE + 1000, 5000, 70);
	struct mfa_now now = now_is(RELEASE + 500, 3, next_boot);
	struct mfa_clock clock = mfa_lapse_read(RELEASE, &s, &now);

	(void)state;
	mfa_lapse_stamp(&s, &clock);
	assert_int_equal(s.wall, RELEASE + 1000);
	assert_int_equal(s.boot, 3);
	assert_memory_equal(s.boot_id, next_boot, 16);
	assert_int_equal(s.lapse, 70);
	now = now_is(RELEASE + 2000, 33, next_boot);
	clock = mfa_lapse_read(RELEASE, &s, &now);
	mfa_lapse_stamp(&s, &clock);
	assert_int_equal(s.wall, RELEASE + 2000);
	assert_int_equal(s.lapse, 100);
}

/* A write with the clock behind must not make it plausible afterwards. */
static void
test_R11_a_write_does_not_hide_that_the_clock_was_ahead(void **state)
{
	mfa_record_Stamp s = stamp(RELEASE + 100 * DAY, 5000, 70);
	struct mfa_now now = now_is(RELEASE + DAY, 5010, this_boot);
	struct mfa_clock clock;

	(void)state;
	for (int i = 0; i < 3; i++) {
		clock = mfa_lapse_read(RELEASE, &s, &now);
		assert_false(clock.plausible);
		mfa_lapse_stamp(&s, &clock);
	}
	/* A person says that it is right. */
	mfa_lapse_mend(&s, &clock);
	assert_int_equal(s.wall, RELEASE + DAY);
	assert_int_equal(s.lapse, 80);
	clock = mfa_lapse_read(RELEASE, &s, &now);
	assert_true(clock.plausible);
	assert_int_equal(clock.lapse, 80);
}

/* Many boots and steps: it grows, by no more than real time within a boot. */
static void
test_R11_it_only_grows(void **state)
{
	mfa_record_Stamp s = stamp(RELEASE, 100, 0);
	struct mfa_now now = now_is(RELEASE, 100, this_boot);
	uint64_t seed = 88172645463325252;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint64_t before = s.lapse, passed;
		struct mfa_clock clock;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		passed = seed % 1000;
		if (seed >> 60 == 0) {
			now.boot_id[0]++;
			now.boot = 5;
		} else {
			now.boot += passed;
		}
		now.wall = RELEASE + (seed >> 20) % 1000000;
		clock = mfa_lapse_read(RELEASE, &s, &now);
		assert_true(clock.lapse >= before);
		if (seed >> 60 != 0)
			assert_int_equal(clock.lapse - before, passed);
		mfa_lapse_stamp(&s, &clock);
	}
	assert_true(s.lapse > 100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R11_within_a_boot_the_boot_clock_counts),
		cmocka_unit_test(test_R11_across_boots_the_wall_clock_counts),
		cmocka_unit_test(test_R11_plausible),
		cmocka_unit_test(
		    test_R11_the_stamp_keeps_the_highest_wall_clock),
		cmocka_unit_test(
		    test_R11_a_write_does_not_hide_that_the_clock_was_ahead),
		cmocka_unit_test(test_R11_it_only_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
