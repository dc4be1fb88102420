/* SPDX-License-Identifier: MIT */
/* R6, R8, R11, R15: the TOTP provider.  Pure: factor in, effect out. */
#include "tests/unit/factor.h"

#define NOW  1800000015ULL /* in the middle of a step */
#define STEP (NOW / 30)
#define SYNC 120

/* So many steps from now. */
static uint64_t
near(int steps)
{
	return (uint64_t)((int64_t)STEP + steps);
}

static mfa_record_Record record;
static mfa_record_Factor factor;

static int
fresh(void **state)
{
	(void)state;
	memset(&record, 0, sizeof(record));
	factor = factor_of(mfa_record_Provider_PROVIDER_TOTP);
	return 0;
}

static struct mfa_check
asking(const struct mfa_typed *typed, unsigned int window)
{
	return (struct mfa_check){
		.typed = typed,
		.wall = NOW,
		.plausible = true,
		.window = window,
	};
}

static struct mfa_effect
check(uint64_t step, unsigned int window)
{
	const struct mfa_typed typed = factor_code(&factor, step);
	const struct mfa_check what = asking(&typed, window);
	struct mfa_effect effect = { .kind = MFA_EFFECT_USE };

	assert_int_equal(mfa_provider_totp.check(&record, &factor, &what,
	    &effect), MFA_OK);
	return effect;
}

static enum mfa_err
ready(const char *text, bool plausible)
{
	const struct mfa_typed typed = factor_typed(text);
	struct mfa_check what = asking(&typed, 1);

	what.plausible = plausible;
	return mfa_provider_totp.ready(&record, &factor, &what);
}

static void
test_R8_other_forms_are_not_its_own(void **state)
{
	static const char *const others[] = { "12345", "1234567", "12345678",
		"", "send", "hunter2", "0123-4567-89AB-CDEF-GHJK-MNPQ" };

	(void)state;
	assert_int_equal(ready("000000", true), MFA_OK);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(ready(others[i], true), MFA_ERR_SYNTAX);
		assert_int_equal(ready(others[i], false), MFA_ERR_SYNTAX);
	}
	factor.provider = mfa_record_Provider_PROVIDER_HOTP;
	assert_int_equal(ready("000000", true), MFA_ERR_SYNTAX);
}

static void
test_R11_a_clock_that_lies(void **state)
{
	(void)state;
	assert_int_equal(ready("000000", false), MFA_ERR_CLOCK);
	/* A used step may lie as far ahead as the window, and no further. */
	factor.last_step = STEP + 1;
	assert_int_equal(ready("000000", true), MFA_OK);
	factor.last_step = STEP + 2;
	assert_int_equal(ready("000000", true), MFA_ERR_CLOCK);
	factor.drift = 1;
	assert_int_equal(ready("000000", true), MFA_OK);
	factor.last_step = UINT64_MAX;
	assert_int_equal(ready("000000", true), MFA_ERR_CLOCK);
}

static void
test_R11_the_window(void **state)
{
	(void)state;
	for (unsigned int window = 0; window <= 3; window++) {
		for (int d = -5; d <= 5; d++) {
			bool inside = d >= -(int)window && d <= (int)window;
			uint64_t step = near(d);
			struct mfa_effect e = check(step, window);

			assert_int_equal(e.kind, inside ? MFA_EFFECT_USE :
							  MFA_EFFECT_NONE);
			if (inside)
				assert_true(e.step == step);
		}
	}
}

static void
test_R6_the_watermark(void **state)
{
	(void)state;
	factor.last_step = STEP;
	assert_int_equal(check(STEP - 1, 1).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(check(STEP, 1).kind, MFA_EFFECT_REPLAY);
	assert_true(check(STEP, 1).step == STEP);
	assert_int_equal(check(STEP + 1, 1).kind, MFA_EFFECT_USE);
	/* Out of the window it is wrong, used or not. */
	assert_int_equal(check(STEP - 2, 1).kind, MFA_EFFECT_NONE);
	/* No wrap-around opens everything. */
	factor.last_step = UINT64_MAX;
	assert_int_equal(check(STEP, 1).kind, MFA_EFFECT_REPLAY);
}

static enum mfa_err
apply(enum mfa_effect_kind kind, uint64_t step)
{
	const struct mfa_effect e = { .kind = kind, .step = step };

	return mfa_provider_totp.apply(&record, &factor, &e, NOW);
}

static void
test_R6_apply_moves_the_watermark_up_only(void **state)
{
	mfa_record_Factor before;

	(void)state;
	factor.replay_step = 5;
	factor.replay_refunds = 2;
	assert_int_equal(apply(MFA_EFFECT_USE, STEP), MFA_OK);
	assert_true(factor.last_step == STEP);
	assert_true(factor.last_used == NOW);
	assert_true(factor.replay_step == 0);
	assert_int_equal(factor.replay_refunds, 0);
	before = factor;
	/* Used meanwhile, by us or by somebody who was later. */
	assert_int_equal(apply(MFA_EFFECT_USE, STEP), MFA_ERR_REPLAYED);
	assert_int_equal(apply(MFA_EFFECT_USE, STEP - 1), MFA_ERR_REPLAYED);
	assert_int_equal(apply(MFA_EFFECT_REPLAY, STEP + 5), MFA_ERR_REPLAYED);
	assert_int_equal(apply(MFA_EFFECT_NONE, STEP + 5), MFA_ERR_REPLAYED);
	assert_memory_equal(&factor, &before, sizeof(factor));
}

static void
refused(const mfa_record_Factor *of, const struct mfa_typed *typed)
{
	const struct mfa_check what = asking(typed, 1);
	struct mfa_effect e = { .kind = MFA_EFFECT_USE };

	assert_int_equal(mfa_provider_totp.check(&record, of, &what, &e),
	    MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
}

static void
test_what_is_not_its_own_is_refused(void **state)
{
	const struct mfa_typed typed = factor_code(&factor, STEP);
	struct mfa_typed longer = typed, other = typed;

	(void)state;
	refused(NULL, &typed);
	longer.len = 7;
	refused(&factor, &longer);
	other.form = MFA_TYPED_MALFORMED;
	refused(&factor, &other);
	factor.provider = mfa_record_Provider_PROVIDER_HOTP;
	refused(&factor, &typed);
	factor.provider = mfa_record_Provider_PROVIDER_NONE;
	refused(&factor, &typed);
	/* A record that is out of its mind: an error, never a match. */
	factor.provider = mfa_record_Provider_PROVIDER_TOTP;
	factor.algorithm = mfa_record_Algorithm_ALGORITHM_NONE;
	refused(&factor, &typed);
}

static void
test_all_algorithms_and_lengths(void **state)
{
	(void)state;
	for (int alg = 1; alg <= 3; alg++) {
		for (uint8_t digits = 6; digits <= 8; digits++) {
			factor.algorithm = (mfa_record_Algorithm)alg;
			factor.digits = digits;
			factor.period = 60;
			assert_int_equal(check(NOW / 60, 1).kind,
			    MFA_EFFECT_USE);
			assert_int_equal(check(NOW / 60 + 2, 1).kind,
			    MFA_EFFECT_NONE);
		}
	}
}

static void
test_R11_drift_moves_the_window(void **state)
{
	(void)state;
	factor.drift = 5;
	assert_int_equal(check(STEP + 5, 1).kind, MFA_EFFECT_USE);
	assert_int_equal(check(STEP, 1).kind, MFA_EFFECT_NONE);
	factor.drift = -5;
	assert_int_equal(check(STEP - 5, 1).kind, MFA_EFFECT_USE);
	/* No silent learning (R11). */
	assert_int_equal(factor.drift, -5);
}

/* ---- two codes in a row ---- */

static enum mfa_err
find_at(uint64_t first, uint64_t second, uint64_t *place)
{
	const struct mfa_typed a = factor_code(&factor, first);
	const struct mfa_typed b = factor_code(&factor, second);

	return mfa_provider_totp.find(&factor, &a, &b, NOW, place);
}

static void
test_R11_sync_finds_two_codes_in_a_row(void **state)
{
	static const int offsets[] = { -120, -119, -7, -1, 0, 1, 50, 119 };
	uint64_t place;

	(void)state;
	for (int i = 0; i < 8; i++) {
		uint64_t at = near(offsets[i]);

		assert_int_equal(find_at(at, at + 1, &place), MFA_OK);
		assert_true(place == at + 1);
	}
	/* What was learnt before does not matter. */
	factor.drift = 3000;
	assert_int_equal(find_at(STEP, STEP + 1, &place), MFA_OK);
	assert_true(place == STEP + 1);
}

static void
test_R11_sync_wants_exactly_that(void **state)
{
	struct mfa_typed a = factor_code(&factor, STEP);
	struct mfa_typed b = factor_code(&factor, STEP + 1);
	uint64_t place = 4711;

	(void)state;
	assert_int_equal(find_at(STEP, STEP, &place), MFA_ERR_WRONG);
	assert_int_equal(find_at(STEP + 1, STEP, &place), MFA_ERR_WRONG);
	assert_int_equal(find_at(STEP, STEP + 2, &place), MFA_ERR_WRONG);
	assert_int_equal(find_at(STEP - SYNC - 1, STEP - SYNC, &place),
	    MFA_ERR_WRONG);
	assert_int_equal(find_at(STEP + SYNC, STEP + SYNC + 1, &place),
	    MFA_ERR_WRONG);
	a.len = 7;
	assert_int_equal(mfa_provider_totp.find(&factor, &a, &b, NOW, &place),
	    MFA_ERR_WRONG);
	a.len = 6;
	b.len = 8;
	assert_int_equal(mfa_provider_totp.find(&factor, &a, &b, NOW, &place),
	    MFA_ERR_WRONG);
	assert_true(place == 4711);
}

static enum mfa_err
move_to(uint64_t place, int32_t *moved)
{
	*moved = 4711;
	return mfa_provider_totp.move(&factor, place, NOW, moved);
}

static void
test_R11_move_learns_the_drift(void **state)
{
	int32_t moved;

	(void)state;
	factor.drift = -90;
	factor.last_step = STEP - 91;
	factor.replay_refunds = 3;
	assert_int_equal(move_to(STEP - 50, &moved), MFA_OK);
	assert_int_equal(moved, -50);
	assert_int_equal(factor.drift, -50);
	assert_true(factor.last_step == STEP - 50);
	assert_true(factor.last_used == NOW);
	assert_int_equal(factor.replay_refunds, 0);
	/* The two codes are used up. */
	assert_int_equal(check(STEP - 50, 1).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(check(STEP - 51, 1).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(check(STEP - 49, 1).kind, MFA_EFFECT_USE);
	assert_int_equal(move_to(STEP + 119, &moved), MFA_OK);
	assert_int_equal(moved, 119);
}

/* As far as a record can say it, and no step further. */
static void
test_R11_move_learns_no_drift_that_does_not_fit(void **state)
{
	const uint64_t here = 1ULL << 40, wall = here * 30;
	const uint64_t places[] = { here - (1ULL << 31), here + INT32_MAX };
	int32_t moved = 4711;

	(void)state;
	assert_int_equal(mfa_provider_totp.move(&factor, places[0] - 1, wall,
	    &moved), MFA_ERR_REPLAYED);
	assert_int_equal(mfa_provider_totp.move(&factor, places[1] + 1, wall,
	    &moved), MFA_ERR_REPLAYED);
	assert_int_equal(moved, 4711);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mfa_provider_totp.move(&factor, places[i],
		    wall, &moved), MFA_OK);
		assert_int_equal(moved, i == 0 ? INT32_MIN : INT32_MAX);
		assert_int_equal(factor.drift, moved);
		assert_true(factor.last_step == places[i]);
	}
}

static void
test_R6_move_opens_nothing_that_was_used(void **state)
{
	mfa_record_Factor before;
	int32_t moved;

	(void)state;
	factor.last_step = STEP + SYNC;
	before = factor;
	assert_int_equal(move_to(STEP + SYNC, &moved), MFA_ERR_REPLAYED);
	assert_int_equal(move_to(STEP + 5, &moved), MFA_ERR_REPLAYED);
	/* Nothing that find finds. */
	assert_int_equal(move_to(STEP + (1ULL << 33), &moved),
	    MFA_ERR_REPLAYED);
	assert_int_equal(moved, 4711);
	assert_memory_equal(&factor, &before, sizeof(factor));
	/* A mark beyond reach was set by a clock that ran ahead. */
	factor.last_step = STEP + SYNC + 1;
	assert_int_equal(move_to(STEP + 5, &moved), MFA_OK);
	assert_int_equal(moved, 5);
	assert_true(factor.last_step == STEP + 5);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R8_other_forms_are_not_its_own),
		FRESH(test_R11_a_clock_that_lies),
		FRESH(test_R11_the_window),
		FRESH(test_R6_the_watermark),
		FRESH(test_R6_apply_moves_the_watermark_up_only),
		FRESH(test_what_is_not_its_own_is_refused),
		FRESH(test_all_algorithms_and_lengths),
		FRESH(test_R11_drift_moves_the_window),
		FRESH(test_R11_sync_finds_two_codes_in_a_row),
		FRESH(test_R11_sync_wants_exactly_that),
		FRESH(test_R11_move_learns_the_drift),
		FRESH(test_R11_move_learns_no_drift_that_does_not_fit),
		FRESH(test_R6_move_opens_nothing_that_was_used),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
