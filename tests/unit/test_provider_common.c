/* SPDX-License-Identifier: MIT */
/* R6, R8: what providers share. */
#include "tests/unit/factor.h"

#include "verifier/provider/common.h"

#define TOTP mfa_record_Provider_PROVIDER_TOTP

static void
test_R8_takes_its_own_digits_only(void **state)
{
	mfa_record_Factor factor = factor_of(TOTP);
	const struct mfa_typed six = factor_typed("123456");
	struct mfa_typed typed;

	(void)state;
	assert_true(mfa_provider_takes(&factor, TOTP, &six));
	assert_false(mfa_provider_takes(NULL, TOTP, &six));
	assert_false(mfa_provider_takes(&factor,
	    mfa_record_Provider_PROVIDER_HOTP, &six));
	factor.digits = 8;
	assert_false(mfa_provider_takes(&factor, TOTP, &six));
	typed = factor_typed("12345678");
	assert_true(mfa_provider_takes(&factor, TOTP, &typed));
	/* As long, but no digits. */
	typed = factor_typed("passwort");
	assert_int_equal(typed.len, 8);
	assert_false(mfa_provider_takes(&factor, TOTP, &typed));
}

static void
test_R6_search_tells_use_from_replay(void **state)
{
	const mfa_record_Factor factor = factor_of(TOTP);
	const struct mfa_totp_range range = { 10, 5 };

	(void)state;
	for (uint64_t place = 8; place < 17; place++) {
		const struct mfa_typed typed = factor_code(&factor, place);
		struct mfa_effect e = { .kind = MFA_EFFECT_USE, .step = 99 };
		bool inside = place >= 10 && place < 15;

		assert_int_equal(mfa_provider_search(&factor, range, 12,
		    &typed, &e), MFA_OK);
		if (!inside)
			assert_int_equal(e.kind, MFA_EFFECT_NONE);
		else
			assert_int_equal(e.kind, place >= 12 ?
			    MFA_EFFECT_USE : MFA_EFFECT_REPLAY);
		assert_true(e.step == (inside ? place : 99));
	}
}

static void
test_R3_search_fails_closed(void **state)
{
	mfa_record_Factor factor = factor_of(TOTP);
	const struct mfa_typed typed = factor_code(&factor, 10);
	const struct mfa_totp_range range = { 10, 1 };
	struct mfa_effect e = { .kind = MFA_EFFECT_USE };

	(void)state;
	factor.algorithm = mfa_record_Algorithm_ALGORITHM_NONE;
	assert_int_equal(mfa_provider_search(&factor, range, 0, &typed, &e),
	    MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
}

static void
test_used_starts_the_count_of_replays_anew(void **state)
{
	mfa_record_Factor factor = factor_of(TOTP), expected;

	(void)state;
	factor.replay_step = 5;
	factor.replay_refunds = 3;
	expected = factor;
	expected.replay_step = 0;
	expected.replay_refunds = 0;
	expected.last_used = 1800000000;
	mfa_provider_used(&factor, 1800000000);
	assert_memory_equal(&factor, &expected, sizeof(factor));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R8_takes_its_own_digits_only),
		cmocka_unit_test(test_R6_search_tells_use_from_replay),
		cmocka_unit_test(test_R3_search_fails_closed),
		cmocka_unit_test(test_used_starts_the_count_of_replays_anew),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
