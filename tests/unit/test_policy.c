/* SPDX-License-Identifier: MIT */
/* R2: who is asked.  Names are compared whole, byte by byte. */
#include "tests/unit/unit.h"

#include "verifier/engine/policy.h"

static struct mfa_config config;

static int
defaults(void **state)
{
	(void)state;
	mfa_config_init(&config);
	return 0;
}

static void
exempt(const char *name)
{
	memcpy(config.exempt_users[config.exempt_count++], name,
	    strlen(name) + 1);
}

static void
test_R2_require(void **state)
{
	(void)state;
	assert_int_equal(mfa_policy_check(&config, "alice"),
	    MFA_POLICY_ENROLLED);
	config.require = MFA_REQUIRE_ALL;
	assert_int_equal(mfa_policy_check(&config, "alice"),
	    MFA_POLICY_REQUIRED);
	assert_int_equal(mfa_policy_check(&config, "root"),
	    MFA_POLICY_REQUIRED);
}

/* A value that is none of the two must not let anybody pass. */
static void
test_R3_an_impossible_value_requires(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		config.require = (enum mfa_require)i;
		if (i != MFA_REQUIRE_ENROLLED)
			assert_int_equal(mfa_policy_check(&config, "alice"),
			    MFA_POLICY_REQUIRED);
	}
}

static void
test_R2_exempt_is_by_the_whole_name(void **state)
{
	static const char *const others[] = { "", "rescu", "rescue2",
		"Rescue", "rescue ", " rescue", "*", "backu", "dom\\rescue" };

	(void)state;
	exempt("rescue");
	exempt("backup");
	config.require = MFA_REQUIRE_ALL;
	assert_int_equal(mfa_policy_check(&config, "rescue"),
	    MFA_POLICY_EXEMPT);
	assert_int_equal(mfa_policy_check(&config, "backup"),
	    MFA_POLICY_EXEMPT);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(mfa_policy_check(&config, others[i]),
		    MFA_POLICY_REQUIRED);
}

static void
test_R2_what_stands_beyond_the_count_does_not_count(void **state)
{
	(void)state;
	exempt("rescue");
	exempt("backup");
	config.exempt_count = 1;
	assert_int_equal(mfa_policy_check(&config, "backup"),
	    MFA_POLICY_ENROLLED);
	config.exempt_count = 0;
	assert_int_equal(mfa_policy_check(&config, "rescue"),
	    MFA_POLICY_ENROLLED);
	/* An unset entry is not the user without a name. */
	assert_int_equal(mfa_policy_check(&config, ""), MFA_POLICY_ENROLLED);
}

static void
test_R2_the_last_of_all_entries(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < MFA_CONFIG_USERS; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		exempt(name);
	}
	assert_int_equal(mfa_policy_check(&config, "user63"),
	    MFA_POLICY_EXEMPT);
	assert_int_equal(mfa_policy_check(&config, "user64"),
	    MFA_POLICY_ENROLLED);
}

#define WITH_DEFAULTS(f) cmocka_unit_test_setup(f, defaults)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DEFAULTS(test_R2_require),
		WITH_DEFAULTS(test_R3_an_impossible_value_requires),
		WITH_DEFAULTS(test_R2_exempt_is_by_the_whole_name),
		WITH_DEFAULTS(
		    test_R2_what_stands_beyond_the_count_does_not_count),
		WITH_DEFAULTS(test_R2_the_last_of_all_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
