/* SPDX-License-Identifier: MIT */
/* The providers by number and by name. */
#include "tests/unit/factor.h"

static const struct {
	mfa_record_Provider number;
	const struct mfa_provider *provider;
	const char *name;
	bool by_name;
} known[] = {
	{ mfa_record_Provider_PROVIDER_TOTP, &mfa_provider_totp, "totp", true },
	{ mfa_record_Provider_PROVIDER_HOTP, &mfa_provider_hotp, "hotp", true },
	{ mfa_record_Provider_PROVIDER_OTP, &mfa_provider_otp, "otp", true },
	{ mfa_record_Provider_PROVIDER_OUTSIDE, &mfa_provider_outside,
	    "outside", false },
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

static void
test_each_number_has_its_provider(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		assert_ptr_equal(mfa_provider_of(known[i].number),
		    known[i].provider);
		assert_int_equal(known[i].provider->number, known[i].number);
		assert_string_equal(known[i].provider->name, known[i].name);
	}
	assert_null(mfa_provider_of(mfa_record_Provider_PROVIDER_NONE));
	assert_null(mfa_provider_of((mfa_record_Provider)5));
	assert_null(mfa_provider_of((mfa_record_Provider)-1));
}

static void
test_by_name_only_those_with_factors_of_ours(void **state)
{
	static const char *const others[] = { "", "recovery_code", "TOTP",
		"totp ", "tot", "yubikey", "outside" };

	(void)state;
	for (size_t i = 0; i < KNOWN; i++)
		assert_ptr_equal(mfa_provider_find(known[i].name),
		    known[i].by_name ? known[i].provider : NULL);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_null(mfa_provider_find(others[i]));
}

static void
test_a_program_is_known_by_its_own_name(void **state)
{
	mfa_record_Factor factor = mfa_record_Factor_init_zero;

	(void)state;
	memcpy(factor.program, "yubikey", 8);
	for (size_t i = 0; i < KNOWN; i++) {
		factor.provider = known[i].number;
		assert_string_equal(mfa_provider_name(&factor),
		    known[i].by_name ? known[i].name : "yubikey");
	}
	factor.provider = mfa_record_Provider_PROVIDER_NONE;
	assert_string_equal(mfa_provider_name(&factor), "");
}

/* What the engine relies on, of every one of them. */
static void
test_each_has_what_its_kind_needs(void **state)
{
	const struct mfa_provider *const all[] = { &mfa_provider_totp,
		&mfa_provider_hotp, &mfa_provider_otp, &mfa_provider_outside,
		&mfa_provider_recovery_code, &mfa_provider_invitation,
		&mfa_provider_bypass };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		bool moves = all[i] == &mfa_provider_totp ||
		    all[i] == &mfa_provider_hotp;

		assert_non_null(all[i]->ready);
		assert_non_null(all[i]->apply);
		assert_true((all[i]->check == NULL) ==
		    (all[i] == &mfa_provider_outside));
		assert_true((all[i]->find != NULL) == moves);
		assert_true((all[i]->move != NULL) == moves);
		assert_true((all[i]->charge != NULL) ==
		    (all[i]->number == mfa_record_Provider_PROVIDER_NONE ||
			all[i] == &mfa_provider_otp));
	}
	assert_int_equal(mfa_provider_recovery_code.number,
	    mfa_record_Provider_PROVIDER_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_number_has_its_provider),
		cmocka_unit_test(test_by_name_only_those_with_factors_of_ours),
		cmocka_unit_test(test_a_program_is_known_by_its_own_name),
		cmocka_unit_test(test_each_has_what_its_kind_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
