/* SPDX-License-Identifier: MIT */
/*
 * R30: what is left of a record that is emptied, and of the place of a factor
 * that went: nothing that a later reader could take for more.
 */
#include "tests/unit/unit.h"

#include "verifier/engine/factors.h"
#include "verifier/provider/provider.h"

/* Every byte set, and every count as high as it can be. */
static void
fill(mfa_record_Record *record)
{
	memset(record, 0x5a, sizeof(*record));
	record->enrolled = true;
	record->factors_count = 3;
	for (pb_size_t i = 0; i < 3; i++) {
		mfa_record_Factor *f = &record->factors[i];

		f->status = mfa_record_Status_STATUS_ENABLED;
		(void)snprintf(
		    f->label, sizeof(f->label), "phone%u", (unsigned int)i);
	}
	record->has_delivered = true;
	record->has_recovery = true;
	record->has_invitation = true;
	record->has_bypass = true;
	record->challenges_count = 4;
	record->remembered_count = 8;
	record->recovery.codes_count = 10;
}

static bool
is_zero(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

#define ZERO(what) assert_true(is_zero(&(what), sizeof(what)))

static void
test_R30_nothing_of_the_old_life_is_left(void **state)
{
	static mfa_record_Record record, before;

	(void)state;
	fill(&record);
	before = record;
	mfa_enroll_empty(&record);
	assert_false(record.enrolled);
	assert_int_equal(record.factors_count, 0);
	ZERO(record.factors);
	assert_false(record.has_delivered);
	ZERO(record.delivered);
	assert_int_equal(record.challenges_count, 0);
	ZERO(record.challenges);
	ZERO(record.invitation);
	ZERO(record.bypass);
	assert_true(record.bypass_used == 0);
	assert_int_equal(record.grace_logins, 0);
	assert_int_equal(record.remembered_count, 0);
	ZERO(record.remembered);
	ZERO(record.recovery.salt);
	ZERO(record.recovery.codes);
	assert_int_equal(record.recovery.codes_count, 0);
	assert_true(record.recovery.created == 0);
	/* Budgets and generations live on. */
	assert_true(record.generation == before.generation + 1);
	assert_true(record.recovery.generation == before.recovery.generation);
	assert_memory_equal(&record.hours, &before.hours, sizeof(before.hours));
	assert_memory_equal(&record.days, &before.days, sizeof(before.days));
	assert_memory_equal(&record.other_hours, &before.other_hours,
	    sizeof(before.other_hours));
	assert_memory_equal(&record.sends, &before.sends, sizeof(before.sends));
}

static void
test_R30_a_factor_that_goes_leaves_an_empty_place(void **state)
{
	static mfa_record_Record record;

	(void)state;
	for (pb_size_t gone = 0; gone < 3; gone++) {
		fill(&record);
		mfa_enroll_drop(&record, gone);
		assert_int_equal(record.factors_count, 2);
		ZERO(record.factors[2]);
		assert_string_equal(
		    record.factors[0].label, gone == 0 ? "phone1" : "phone0");
		assert_string_equal(
		    record.factors[1].label, gone == 2 ? "phone1" : "phone2");
	}
}

static void
test_what_is_behind_the_last_factor_is_none(void **state)
{
	static mfa_record_Record record;

	(void)state;
	fill(&record);
	record.factors_count = 2; /* "phone2" is still in memory */
	assert_int_equal(mfa_enroll_find(&record, "phone1"), 1);
	assert_int_equal(mfa_enroll_find(&record, "phone2"), -1);
	assert_false(mfa_enroll_label_taken(&record, "phone2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R30_nothing_of_the_old_life_is_left),
		cmocka_unit_test(
		    test_R30_a_factor_that_goes_leaves_an_empty_place),
		cmocka_unit_test(test_what_is_behind_the_last_factor_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
