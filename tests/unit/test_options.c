/* SPDX-License-Identifier: MIT */
/* R27, B10: the table of options and its defaults. */
#include "tests/unit/config_rows.h"

#include "verifier/crypt/crypt.h"

static void
test_B10_medusas_names_and_defaults(void **state)
{
	(void)state;
	assert_string_equal(row("mfa", "encryption_key")->fallback,
	    MFA_SYSCONFDIR "/keys");
	assert_string_equal(row("mfa", "challenge_ttl_seconds")->fallback,
	    "300");
	assert_string_equal(row("mfa", "max_attempts")->fallback, "5");
	assert_string_equal(row("mfa", "recovery_code_count")->fallback, "10");
	assert_string_equal(row("mfa", "providers")->fallback,
	    "totp recovery_code");
	assert_string_equal(row("mfa", "issuer")->fallback, "");
	assert_string_equal(row("totp", "digits")->fallback, "6");
	assert_string_equal(row("totp", "period")->fallback, "30");
}

static void
test_R9_R16_defaults(void **state)
{
	struct mfa_config c;

	(void)state;
	memset(&c, 0xa5, sizeof(c));
	mfa_config_init(&c);
	assert_int_equal(c.burst, 5);
	assert_int_equal(c.lock_seconds, 15 * 60);
	assert_int_equal(c.lock_max_seconds, 24 * 60 * 60);
	assert_int_equal(c.hard_stop, 70);
	assert_int_equal(c.hard_stop_unprivileged, 30);
	assert_int_equal(c.wrong_per_day, 20);
	assert_int_equal(c.wrong_per_month, 200);
	assert_int_equal(c.wrong_per_day_unprivileged, 10);
	assert_int_equal(c.algorithm, MFA_CRYPT_SHA1);
	assert_int_equal(c.digits, 6);
	assert_int_equal(c.period, 30);
	assert_int_equal(c.window, 1);
	assert_int_equal(c.realm[0].require, MFA_REQUIRE_ENROLLED);
	assert_int_equal(c.realm[0].provides,
	    MFA_PROVIDES_TOTP | MFA_PROVIDES_RECOVERY_CODE);
	assert_int_equal(c.exempt_count, 0);
	assert_string_equal(c.realm[0].issuer, "");
	assert_string_equal(c.store, "file:" MFA_STATEDIR);
	assert_string_equal(c.encryption_key, MFA_SYSCONFDIR "/keys");
	assert_int_equal(c.challenge_ttl_seconds, 300);
	assert_int_equal(c.max_attempts, 5);
	assert_int_equal(c.recovery_code_count, 10);
	assert_int_equal(c.pending_ttl_seconds, 900);
}

static void
test_R12_R23_defaults_of_what_is_delivered(void **state)
{
	struct mfa_config c;

	(void)state;
	mfa_config_init(&c);
	assert_int_equal(c.look_ahead, 10);
	assert_string_equal(c.otp_program, "");
	assert_int_equal(c.otp_service_count, 0);
	assert_int_equal(c.otp_digits, 8);
	assert_int_equal(c.otp_ttl_seconds, 300);
	assert_int_equal(c.otp_resend_seconds, 30);
	assert_int_equal(c.realm[0].sends_per_day, 10);
	assert_string_equal(c.events_directory, "");
	assert_int_equal(c.outside_count, 0);
	assert_int_equal(c.realm_count, 1);
	assert_string_equal(c.realm[0].name, "unix");
	assert_string_equal(c.realm[0].account, "");
	assert_string_equal(c.realm[0].providers, "totp recovery_code");
	assert_int_equal(c.realm[0].max_subjects, 0);
	/* R12: never above 600 seconds. */
	assert_int_equal(row("otp", "ttl")->max, 600);
}

/* Every field of a section stands for itself: none is shared by two rows. */
static void
test_R27_rows_write_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct mfa_config_option *a =
			    &mfa_config_options[i], *b = &mfa_config_options[j];
			struct mfa_config c;

			prepare(&c);
			assert_true(base_of(a, &c) != base_of(b, &c) ||
			    a->offset != b->offset);
		}
	}
}

static void
test_R27_rows_are_unique_and_their_defaults_parse(void **state)
{
	struct mfa_config config, defaults;

	(void)state;
	prepare(&defaults);
	assert_true(mfa_config_option_count <= MFA_CONFIG_OPTION_MAX);
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		const struct mfa_config_option *o = &mfa_config_options[i];

		assert_ptr_equal(row(o->section, o->name), o);
		assert_true(mfa_config_option_section(o->section));
		if (o->fallback == NULL) {
			assert_false(mfa_config_option_may_be_empty(o));
			refused(o, "");
			continue;
		}
		assert_int_equal(parse(o, o->fallback, &config), MFA_OK);
		assert_memory_equal(&config, &defaults, sizeof(config));
		assert_int_equal(mfa_config_option_may_be_empty(o),
		    o->fallback[0] == '\0');
	}
	for (size_t i = 0; i < mfa_config_pair_count; i++) {
		const struct mfa_config_pair *p = &mfa_config_pairs[i];

		assert_non_null(row(p->section, p->first));
		assert_non_null(row(p->section, p->second));
		assert_true(p->fits(&defaults));
	}
}

static void
test_R27_unknown_names_are_not_found(void **state)
{
	(void)state;
	assert_int_equal(mfa_config_option_find("mfa", "digits"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("totp", "Digits"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("totp", "digit"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("totp", ""),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("", "digits"),
	    mfa_config_option_count);
	/* Each kind of section has its own. */
	assert_int_equal(mfa_config_option_find("realm", "program"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("realm shop", "account"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("mfa", "sends_per_day"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("otp", "otp_digits"),
	    mfa_config_option_count);
	assert_false(mfa_config_option_section(""));
	assert_false(mfa_config_option_section("MFA"));
	assert_false(mfa_config_option_section("mfa "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_B10_medusas_names_and_defaults),
		cmocka_unit_test(test_R9_R16_defaults),
		cmocka_unit_test(test_R12_R23_defaults_of_what_is_delivered),
		cmocka_unit_test(test_R27_rows_write_apart),
		cmocka_unit_test(
		    test_R27_rows_are_unique_and_their_defaults_parse),
		cmocka_unit_test(test_R27_unknown_names_are_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
