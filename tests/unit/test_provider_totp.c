/* SPDX-License-Identifier: MIT */
/* R6, R11, R15, R16: the TOTP provider.  Pure: factor in, effect out. */
#include "tests/unit/unit.h"

#include "verifier/otp/hotp.h"
#include "verifier/provider/provider.h"

#define NOW  1800000015ULL /* in the middle of a step */
#define STEP (NOW / 30)

/* So many steps from now. */
static uint64_t
near(int steps)
{
	return (uint64_t)((int64_t)STEP + steps);
}

static mfa_record_Record record;
static mfa_record_Factor factor;
static unsigned int random_calls;

static void
counted_random(const struct mfa_env *env, void *out, size_t len)
{
	(void)env;
	random_calls++;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)out)[i] = (uint8_t)(0x40 + i);
}
static const struct mfa_env env = { .random = counted_random };

static int
fresh(void **state)
{
	(void)state;
	memset(&record, 0, sizeof(record));
	memset(&factor, 0, sizeof(factor));
	factor.provider = mfa_record_Provider_PROVIDER_TOTP;
	factor.status = mfa_record_Status_STATUS_ENABLED;
	factor.algorithm = mfa_record_Algorithm_ALGORITHM_SHA1;
	factor.digits = 6;
	factor.period = 30;
	factor.secret.size = 20;
	memcpy(factor.secret.bytes, "12345678901234567890", 20);
	random_calls = 0;
	return 0;
}

static struct mfa_typed
code_of(uint64_t step)
{
	const struct mfa_otp_key key = {
		.alg = (enum mfa_crypt_alg)factor.algorithm,
		.secret = factor.secret.bytes,
		.secret_len = factor.secret.size,
		.digits = factor.digits,
	};
	char code[9];
	struct mfa_typed typed;

	assert_int_equal(mfa_hotp_code(&key, step, code), MFA_OK);
	mfa_typed_parse((const uint8_t *)code, strlen(code), &typed);
	return typed;
}

static struct mfa_effect
check(uint64_t step, uint64_t wall, unsigned int window)
{
	const struct mfa_typed typed = code_of(step);
	const struct mfa_check what = { &typed, wall, window };
	struct mfa_effect effect = { .kind = MFA_EFFECT_USE };

	assert_int_equal(mfa_provider_totp.check(&record, &factor, &what,
	    &effect), MFA_OK);
	return effect;
}

static void
test_R11_the_window(void **state)
{
	(void)state;
	for (unsigned int window = 0; window <= 3; window++) {
		for (int d = -5; d <= 5; d++) {
			bool inside = d >= -(int)window && d <= (int)window;
			uint64_t step = near(d);
			struct mfa_effect e = check(step, NOW, window);

			assert_int_equal(e.kind, inside ? MFA_EFFECT_USE :
							  MFA_EFFECT_NONE);
			if (inside)
				assert_int_equal(e.step, step);
		}
	}
}

static void
test_R6_the_watermark(void **state)
{
	(void)state;
	factor.last_step = STEP;
	assert_int_equal(check(STEP - 1, NOW, 1).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(check(STEP, NOW, 1).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(check(STEP, NOW, 1).step, STEP);
	assert_int_equal(check(STEP + 1, NOW, 1).kind, MFA_EFFECT_USE);
	/* Out of the window it is wrong, used or not. */
	assert_int_equal(check(STEP - 2, NOW, 1).kind, MFA_EFFECT_NONE);
}

static void
test_R6_apply_moves_the_watermark_up_only(void **state)
{
	struct mfa_effect e = { .kind = MFA_EFFECT_USE, .step = STEP };
	mfa_record_Factor before;

	(void)state;
	factor.replay_step = 5;
	factor.replay_refunds = 2;
	assert_int_equal(mfa_provider_totp.apply(&record, &factor, &e, NOW),
	    MFA_OK);
	assert_int_equal(factor.last_step, STEP);
	assert_int_equal(factor.last_used, NOW);
	assert_int_equal(factor.replay_step, 0);
	assert_int_equal(factor.replay_refunds, 0);
	before = factor;
	/* Used meanwhile, by us or by somebody who was later. */
	assert_int_equal(mfa_provider_totp.apply(&record, &factor, &e, NOW),
	    MFA_ERR_REPLAYED);
	e.step = STEP - 1;
	assert_int_equal(mfa_provider_totp.apply(&record, &factor, &e, NOW),
	    MFA_ERR_REPLAYED);
	e.step = STEP + 5;
	e.kind = MFA_EFFECT_REPLAY;
	assert_int_equal(mfa_provider_totp.apply(&record, &factor, &e, NOW),
	    MFA_ERR_REPLAYED);
	e.kind = MFA_EFFECT_NONE;
	assert_int_equal(mfa_provider_totp.apply(&record, &factor, &e, NOW),
	    MFA_ERR_REPLAYED);
	assert_memory_equal(&factor, &before, sizeof(factor));
}

static void
test_what_is_not_its_own_is_refused(void **state)
{
	const struct mfa_typed typed = code_of(STEP);
	struct mfa_typed longer = typed;
	struct mfa_check what = { &typed, NOW, 1 };
	struct mfa_effect e = { .kind = MFA_EFFECT_USE };

	(void)state;
	assert_int_equal(mfa_provider_totp.check(&record, NULL, &what, &e),
	    MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
	longer.len = 7;
	what.typed = &longer;
	e.kind = MFA_EFFECT_USE;
	assert_int_equal(mfa_provider_totp.check(&record, &factor, &what, &e),
	    MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
	what.typed = &typed;
	factor.provider = mfa_record_Provider_PROVIDER_NONE;
	e.kind = MFA_EFFECT_USE;
	assert_int_equal(mfa_provider_totp.check(&record, &factor, &what, &e),
	    MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
	/* A record that is out of its mind: an error, never a match. */
	factor.provider = mfa_record_Provider_PROVIDER_TOTP;
	factor.algorithm = mfa_record_Algorithm_ALGORITHM_NONE;
	e.kind = MFA_EFFECT_USE;
	assert_int_not_equal(mfa_provider_totp.check(&record, &factor, &what,
	    &e), MFA_OK);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
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
			assert_int_equal(check(NOW / 60, NOW, 1).kind,
			    MFA_EFFECT_USE);
			assert_int_equal(check(NOW / 60 + 2, NOW, 1).kind,
			    MFA_EFFECT_NONE);
		}
	}
	assert_string_equal(mfa_provider_totp.name, "totp");
	assert_int_equal(mfa_provider_totp.form, MFA_TYPED_DIGITS);
}

static void
test_R11_drift_moves_the_window(void **state)
{
	(void)state;
	factor.drift = 5;
	assert_int_equal(mfa_provider_totp_step(&factor, NOW), STEP + 5);
	assert_int_equal(check(STEP + 5, NOW, 1).kind, MFA_EFFECT_USE);
	assert_int_equal(check(STEP, NOW, 1).kind, MFA_EFFECT_NONE);
	factor.drift = -5;
	assert_int_equal(mfa_provider_totp_step(&factor, NOW), STEP - 5);
	assert_int_equal(check(STEP - 5, NOW, 1).kind, MFA_EFFECT_USE);
	/* No silent learning (R11). */
	assert_int_equal(factor.drift, -5);
	/* Before 1970 there is no step. */
	factor.drift = INT32_MIN;
	assert_int_equal(mfa_provider_totp_step(&factor, NOW), 0);
}

/* ---- new factors ---- */

static enum mfa_err
setup(int alg, uint32_t digits, uint32_t period, const char *import)
{
	const struct mfa_totp_setup how = { (mfa_record_Algorithm)alg, digits,
		period, import };

	memset(&factor, 0, sizeof(factor));
	return mfa_provider_totp_setup(&env, &how, &factor);
}

static void
test_R16_a_new_secret_has_160_bits(void **state)
{
	(void)state;
	assert_int_equal(setup(1, 6, 30, ""), MFA_OK);
	assert_int_equal(factor.secret.size, 20);
	assert_int_equal(random_calls, 1);
	assert_int_equal(factor.secret.bytes[19], 0x40 + 19);
	assert_int_equal(factor.provider, mfa_record_Provider_PROVIDER_TOTP);
	assert_int_equal(factor.algorithm, 1);
	assert_int_equal(factor.digits, 6);
	assert_int_equal(factor.period, 30);
}

static void
test_R16_imports(void **state)
{
	char text[200];

	(void)state;
	/* 128 bits are 26 characters; 120 bits are 24. */
	assert_int_equal(setup(1, 6, 30, "GEZDGNBVGY3TQOJQGEZDGNBVGY"),
	    MFA_OK);
	assert_int_equal(factor.secret.size, 16);
	assert_int_equal(setup(1, 6, 30, "gezd gnbv gy3t qojq gezd gnbv gy"),
	    MFA_OK);
	assert_int_equal(setup(1, 6, 30, "GEZDGNBVGY3TQOJQGEZDGNBV"),
	    MFA_ERR_INVALID);
	assert_int_equal(setup(1, 6, 30, "GE"), MFA_ERR_INVALID);
	assert_int_equal(setup(1, 6, 30, "GEZDGNBVGY3TQOJQGEZDGNBVG1"),
	    MFA_ERR_SYNTAX);
	assert_int_equal(setup(1, 6, 30, "what is this?"), MFA_ERR_SYNTAX);
	/* 512 bits are 103 characters. */
	memset(text, 'A', sizeof(text));
	text[103] = '\0';
	assert_int_equal(setup(1, 6, 30, text), MFA_OK);
	assert_int_equal(factor.secret.size, 64);
	text[103] = 'A';
	text[104] = '\0';
	assert_int_equal(setup(1, 6, 30, text), MFA_ERR_INVALID);
	assert_int_equal(random_calls, 0);
}

static void
test_R16_parameters_out_of_range(void **state)
{
	(void)state;
	assert_int_equal(setup(0, 6, 30, ""), MFA_ERR_INVALID);
	assert_int_equal(setup(4, 6, 30, ""), MFA_ERR_INVALID);
	assert_int_equal(setup(1, 5, 30, ""), MFA_ERR_INVALID);
	assert_int_equal(setup(1, 9, 30, ""), MFA_ERR_INVALID);
	assert_int_equal(setup(1, 262, 30, ""), MFA_ERR_INVALID);
	assert_int_equal(setup(1, 6, 14, ""), MFA_ERR_INVALID);
	assert_int_equal(setup(1, 6, 121, ""), MFA_ERR_INVALID);
	assert_int_equal(setup(1, 6, 65566, ""), MFA_ERR_INVALID);
	assert_int_equal(setup(3, 8, 120, ""), MFA_OK);
	assert_int_equal(setup(2, 7, 15, ""), MFA_OK);
}

/* ---- two codes in a row ---- */

static enum mfa_err
sync_at(uint64_t first, uint64_t second, uint64_t *step)
{
	const struct mfa_typed a = code_of(first), b = code_of(second);

	return mfa_provider_totp_sync(&factor, &a, &b, NOW, step);
}

static void
test_R11_sync_finds_two_codes_in_a_row(void **state)
{
	static const int offsets[] = { -120, -119, -7, -1, 0, 1, 50, 118 };
	uint64_t step;

	(void)state;
	for (int i = 0; i < 8; i++) {
		uint64_t at = near(offsets[i]);

		assert_int_equal(sync_at(at, at + 1, &step), MFA_OK);
		assert_int_equal(step, at + 1);
	}
	/* What was learnt before does not matter. */
	factor.drift = 3000;
	assert_int_equal(sync_at(STEP, STEP + 1, &step), MFA_OK);
	assert_int_equal(step, STEP + 1);
}

static void
test_R11_sync_wants_exactly_that(void **state)
{
	struct mfa_typed a = code_of(STEP), b = code_of(STEP + 1);
	uint64_t step = 4711;

	(void)state;
	assert_int_equal(sync_at(STEP, STEP, &step), MFA_ERR_WRONG);
	assert_int_equal(sync_at(STEP + 1, STEP, &step), MFA_ERR_WRONG);
	assert_int_equal(sync_at(STEP, STEP + 2, &step), MFA_ERR_WRONG);
	assert_int_equal(sync_at(STEP - 121, STEP - 120, &step),
	    MFA_ERR_WRONG);
	assert_int_equal(sync_at(STEP + 120, STEP + 121, &step),
	    MFA_ERR_WRONG);
	a.len = 7;
	assert_int_equal(mfa_provider_totp_sync(&factor, &a, &b, NOW, &step),
	    MFA_ERR_WRONG);
	a.len = 6;
	b.len = 8;
	assert_int_equal(mfa_provider_totp_sync(&factor, &a, &b, NOW, &step),
	    MFA_ERR_WRONG);
	assert_int_equal(step, 4711);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R11_the_window),
		FRESH(test_R6_the_watermark),
		FRESH(test_R6_apply_moves_the_watermark_up_only),
		FRESH(test_what_is_not_its_own_is_refused),
		FRESH(test_all_algorithms_and_lengths),
		FRESH(test_R11_drift_moves_the_window),
		FRESH(test_R16_a_new_secret_has_160_bits),
		FRESH(test_R16_imports),
		FRESH(test_R16_parameters_out_of_range),
		FRESH(test_R11_sync_finds_two_codes_in_a_row),
		FRESH(test_R11_sync_wants_exactly_that),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
