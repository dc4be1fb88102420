/* SPDX-License-Identifier: MIT */
/* R21, R27: self_enroll. */
#include "tests/unit/unit.h"

#include "verifier/config/value.h"

static enum mfa_err
parse(const char *value, struct mfa_config *config)
{
	const size_t i = mfa_config_option_find("mfa", "self_enroll");

	assert_true(i < mfa_config_option_count);
	return mfa_config_options[i].parse(&mfa_config_options[i], value,
	    config);
}

static void
test_R27_self_enroll(void **state)
{
	static const struct {
		const char *value;
		enum mfa_self_enroll kind;
		uint64_t end;
	} good[] = {
		{ "invite", MFA_SELF_ENROLL_INVITE, 0 },
		{ "no", MFA_SELF_ENROLL_NO, 0 },
		{ "yes", MFA_SELF_ENROLL_YES, 0 },
		/* date -u -d '2027-01-01' +%s */
		{ "until 2026-12-31", MFA_SELF_ENROLL_UNTIL, 1798761600 },
		{ "until 2028-02-29", MFA_SELF_ENROLL_UNTIL, 1835481600 },
		{ "until 2038-01-19", MFA_SELF_ENROLL_UNTIL, 2147558400 },
		{ "until 2020-08-09", MFA_SELF_ENROLL_UNTIL, 1597017600 },
	};
	static const char *const bad[] = { "", "Yes", "true", "invited",
		"until", "until ", "until 2026", "until 2026-02-30",
		"until 2027-02-29", "until 2026-13-01", "until 2026-00-10",
		"until 2026-10-00", "until 2026-10-32", "until 26-10-01",
		"until 2026-1-01", "until 2026-10-1", "until 2026/10/01",
		"until  2026-10-01", "until 2026-10-01 ", "until 2026-10-011",
		"until 2026-+1-01", "until 2026- 1-01", "until 2019-12-31",
		"until 1970-01-01", "until tomorrow", "2026-12-31" };
	struct mfa_config config, before;

	(void)state;
	mfa_config_init(&config);
	assert_int_equal(config.self_enroll, MFA_SELF_ENROLL_INVITE);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse(good[i].value, &config), MFA_OK);
		assert_int_equal(config.self_enroll, good[i].kind);
		assert_int_equal(config.self_enroll_end, good[i].end);
	}
	before = config;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i], &config) != MFA_ERR_SYNTAX)
			fail_msg("taken: %s", bad[i]);
		assert_memory_equal(&config, &before, sizeof(config));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R27_self_enroll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
