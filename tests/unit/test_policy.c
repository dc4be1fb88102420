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

static const struct mfa_caller root = { .path = MFA_PATH_ROOT,
	.service = "sshd", .rhost = "192.0.2.7", .tty = "ssh" };

static void
check_in(const struct mfa_config_realm *realm, const char *user,
    struct mfa_policy *out)
{
	struct mfa_subject subject = { .uid = 4711, .gid = 4711,
		.known = true };

	memcpy(subject.name, user, strlen(user) + 1);
	mfa_policy_check(&config, realm, &subject, &root, out);
}

/* In realm unix. */
static enum mfa_policy_kind
check(const char *user)
{
	struct mfa_policy policy;

	check_in(&config.realm[0], user, &policy);
	return policy.kind;
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
	assert_int_equal(check("alice"), MFA_POLICY_ENROLLED);
	config.realm[0].require = MFA_REQUIRE_ALL;
	assert_int_equal(check("alice"), MFA_POLICY_REQUIRED);
	assert_int_equal(check("root"), MFA_POLICY_REQUIRED);
}

/* A value that is none of the two must not let anybody pass. */
static void
test_R3_an_impossible_value_requires(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		config.realm[0].require = (enum mfa_require)i;
		if (i != MFA_REQUIRE_ENROLLED)
			assert_int_equal(check("alice"), MFA_POLICY_REQUIRED);
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
	config.realm[0].require = MFA_REQUIRE_ALL;
	assert_int_equal(check("rescue"), MFA_POLICY_EXEMPT);
	assert_int_equal(check("backup"), MFA_POLICY_EXEMPT);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(check(others[i]), MFA_POLICY_REQUIRED);
}

static void
test_R2_what_stands_beyond_the_count_does_not_count(void **state)
{
	(void)state;
	exempt("rescue");
	exempt("backup");
	config.exempt_count = 1;
	assert_int_equal(check("backup"), MFA_POLICY_ENROLLED);
	config.exempt_count = 0;
	assert_int_equal(check("rescue"), MFA_POLICY_ENROLLED);
	/* An unset entry is not the user without a name. */
	assert_int_equal(check(""), MFA_POLICY_ENROLLED);
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
	assert_int_equal(check("user63"), MFA_POLICY_EXEMPT);
	assert_int_equal(check("user64"), MFA_POLICY_ENROLLED);
}

/* Exempt users are users of this host; a realm has its own policy. */
static void
test_R2_another_realm_knows_no_exempt_user(void **state)
{
	struct mfa_config_realm *shop = &config.realm[1];
	struct mfa_policy policy;

	(void)state;
	config.realm_count = 2;
	memcpy(shop->name, "shop", 5);
	shop->require = MFA_REQUIRE_ALL;
	exempt("rescue");
	check_in(shop, "rescue", &policy);
	assert_int_equal(policy.kind, MFA_POLICY_REQUIRED);
	assert_int_equal(check("rescue"), MFA_POLICY_EXEMPT);
	assert_int_equal(check("alice"), MFA_POLICY_ENROLLED);
	shop->require = MFA_REQUIRE_ENROLLED;
	check_in(shop, "rescue", &policy);
	assert_int_equal(policy.kind, MFA_POLICY_ENROLLED);
}

static const struct {
	mfa_record_Provider number;
	uint32_t bit;
} bits[] = {
	{ mfa_record_Provider_PROVIDER_TOTP, MFA_PROVIDES_TOTP },
	{ mfa_record_Provider_PROVIDER_HOTP, MFA_PROVIDES_HOTP },
	{ mfa_record_Provider_PROVIDER_OTP, MFA_PROVIDES_OTP },
};

static void
test_R3_a_factor_is_of_the_provider_that_is_on(void **state)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;

	(void)state;
	for (int i = 0; i < 3; i++) {
		f.provider = bits[i].number;
		config.realm[0].provides = bits[i].bit;
		assert_true(mfa_policy_provides(&config, &config.realm[0],
		    &f));
		config.realm[0].provides = ~bits[i].bit;
		assert_false(mfa_policy_provides(&config, &config.realm[0],
		    &f));
	}
	config.realm[0].provides = UINT32_MAX;
	f.provider = mfa_record_Provider_PROVIDER_NONE;
	assert_false(mfa_policy_provides(&config, &config.realm[0], &f));
	f.provider = (mfa_record_Provider)5;
	assert_false(mfa_policy_provides(&config, &config.realm[0], &f));
}

/* Each program has its own bit; one that is not configured has none. */
static void
test_R3_an_outside_factor_needs_its_own_program(void **state)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;

	(void)state;
	f.provider = mfa_record_Provider_PROVIDER_OUTSIDE;
	config.outside_count = 2;
	memcpy(config.outside[0].name, "yubico", 7);
	memcpy(config.outside[1].name, "pager", 6);
	memcpy(config.outside[2].name, "fax", 4); /* beyond the count */
	assert_int_equal(mfa_policy_outside(&config, "yubico"), 0);
	assert_int_equal(mfa_policy_outside(&config, "pager"), 1);
	assert_int_equal(mfa_policy_outside(&config, "fax"), -1);
	assert_int_equal(mfa_policy_outside(&config, "yubic"), -1);
	assert_int_equal(mfa_policy_outside(&config, ""), -1);
	config.realm[0].provides = MFA_PROVIDES_OUTSIDE << 1;
	memcpy(f.program, "pager", 6);
	assert_true(mfa_policy_provides(&config, &config.realm[0], &f));
	memcpy(f.program, "yubico", 7);
	assert_false(mfa_policy_provides(&config, &config.realm[0], &f));
	config.realm[0].provides = UINT32_MAX;
	memcpy(f.program, "fax\0\0\0", 7);
	assert_false(mfa_policy_provides(&config, &config.realm[0], &f));
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
		WITH_DEFAULTS(test_R2_another_realm_knows_no_exempt_user),
		WITH_DEFAULTS(test_R3_a_factor_is_of_the_provider_that_is_on),
		WITH_DEFAULTS(test_R3_an_outside_factor_needs_its_own_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
