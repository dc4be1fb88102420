/* SPDX-License-Identifier: MIT */
/* R27: what only the whole configuration shows, and the line that is told. */
#include "tests/unit/unit.h"

#include "lib/base/text.h"
#include "verifier/config/check.h"

struct outcome {
	struct mfa_config config;
	struct mfa_config_problem problem;
	struct mfa_config_reading reading;
	struct mfa_config_fault fault;
};

/* Reads up to three files; what the check says of them. */
static enum mfa_err
check(struct outcome *o, const char *const *files)
{
	memset(o, 0, sizeof(*o));
	mfa_config_init(&o->config);
	o->reading.config = &o->config;
	o->reading.problem = &o->problem;
	for (uint32_t i = 0; i < 3 && files[i] != NULL; i++) {
		if (mfa_config_read(&o->reading, "f", i + 1,
			(const uint8_t *)files[i], strlen(files[i])) != MFA_OK)
			fail_msg("%s", o->problem.text);
	}
	return mfa_config_check(&o->reading, &o->fault);
}

#define KEY "[provider key]\nprogram = /x/key\n"

static const struct {
	const char *files[3];
	uint32_t file, line;
	const char *sentence;
} bad[] = {
	{ { "[throttle]\nlock_seconds = 60\nlock_max_seconds = 59\n" }, 1, 3,
	    "throttle.lock_max_seconds is below throttle.lock_seconds" },
	{ { "[throttle]\nhard_stop = 71\n" }, 1, 2,
	    "throttle.hard_stop and throttle.hard_stop_unprivileged together "
	    "exceed 100" },
	/* Required options. */
	{ { "\n[realm shop]\n" }, 1, 2, "realm shop: account is missing" },
	{ { "[realm a]\naccount = a\n", "[mfa]\n[realm b]\nissuer = B\n",
	      "[realm b]\n" }, 2, 2, "realm b: account is missing" },
	{ { "[provider key]\n" }, 1, 1, "provider key: program is missing" },
	{ { KEY "[provider key]\n", "\n\n[provider b]\n" }, 2, 3,
	    "provider b: program is missing" },
	/* Providers that are described nowhere. */
	{ { "[mfa]\nproviders = totp sms\n" }, 1, 2,
	    "providers has sms, which is neither built in nor a section "
	    "[provider NAME]" },
	{ { KEY, "[mfa]\n\nproviders = key ke keys\n" }, 2, 3,
	    "providers has ke, which is neither built in nor a section "
	    "[provider NAME]" },
	{ { "[realm shop]\naccount = s\nproviders = totp sms\n" }, 1, 3,
	    "providers has sms, which is neither built in nor a section "
	    "[provider NAME]" },
	/* Delivered codes without anybody who delivers. */
	{ { "[mfa]\nproviders = totp otp\n" }, 1, 2,
	    "providers has otp, but otp.program is not set" },
	{ { "[realm shop]\naccount = s\nproviders = otp\n[mfa]\n" }, 1, 3,
	    "providers has otp, but otp.program is not set" },
	{ { "[otp]\nprogram = /x\n[mfa]\nproviders = otp\n",
	      "[otp]\nprogram =\n" }, 2, 2,
	    "providers has otp, but otp.program is not set" },
};

static void
test_R27_what_does_not_fit(void **state)
{
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (check(&o, bad[i].files) != MFA_ERR_CONFIG)
			fail_msg("accepted, expected: %s", bad[i].sentence);
		assert_string_equal(o.fault.sentence, bad[i].sentence);
		assert_int_equal(o.fault.at.file, bad[i].file);
		assert_int_equal(o.fault.at.line, bad[i].line);
		assert_true(mfa_text_printable(o.fault.sentence));
	}
}

/* The longest names are told whole. */
static void
test_R27_long_names_are_told(void **state)
{
	static const char *const files[] = {
		"[realm abcdefghijklmnopqrstuvwxyz-12345]\naccount = a\n"
		"providers = abcdefghijklmnop\n", NULL };
	struct outcome o;

	(void)state;
	assert_int_equal(check(&o, files), MFA_ERR_CONFIG);
	assert_string_equal(o.fault.sentence,
	    "providers has abcdefghijklmnop, which is neither built in nor a "
	    "section [provider NAME]");
}

static void
test_R27_bits_of_providers(void **state)
{
	static const char *const files[] = {
		"[mfa]\nproviders = totp yubico key\n"
		"[realm shop]\naccount = shop\nproviders = otp hotp\n"
		"[otp]\nprogram = /x/deliver\n",
		"[provider key]\nprogram = /x/key\n"
		"[provider sms]\nprogram = /x/sms\n",
		"[provider yubico]\nprogram = /x/yubico\n[realm blog]\n"
		"account = 1000\nproviders = recovery_code sms\n" };
	struct outcome o;

	(void)state;
	assert_int_equal(check(&o, files), MFA_OK);
	assert_int_equal(o.config.realm[0].provides, MFA_PROVIDES_TOTP |
	    MFA_PROVIDES_OUTSIDE | MFA_PROVIDES_OUTSIDE << 2);
	assert_int_equal(o.config.realm[1].provides,
	    MFA_PROVIDES_OTP | MFA_PROVIDES_HOTP);
	assert_int_equal(o.config.realm[2].provides,
	    MFA_PROVIDES_RECOVERY_CODE | MFA_PROVIDES_OUTSIDE << 1);
}

static void
test_R27_what_fits(void **state)
{
	static const char *const good[][3] = {
		{ "" },
		/* An account may have several realms. */
		{ "[realm a]\naccount = x\n[realm b]\naccount = x\n" },
		/* The account in a later file. */
		{ "[realm a]\n", "[realm a]\naccount = x\n" },
		/* Described, but on nowhere. */
		{ "[otp]\nprogram = /x\n" KEY },
		{ "[otp]\nprogram =\n[events]\ndirectory =\n" },
	};
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (check(&o, good[i]) != MFA_OK)
			fail_msg("%s", o.fault.sentence);
		assert_int_equal(o.config.realm[0].provides,
		    MFA_PROVIDES_TOTP | MFA_PROVIDES_RECOVERY_CODE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R27_what_does_not_fit),
		cmocka_unit_test(test_R27_long_names_are_told),
		cmocka_unit_test(test_R27_bits_of_providers),
		cmocka_unit_test(test_R27_what_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
