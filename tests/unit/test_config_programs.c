/* SPDX-License-Identifier: MIT */
/* R12, R23: what is asked of a configuration: realms, deliveries, programs. */
#include "tests/unit/unit.h"

#include "verifier/config/programs.h"

static void
test_R21_realms_by_name(void **state)
{
	struct mfa_config c;

	(void)state;
	mfa_config_init(&c);
	assert_ptr_equal(mfa_config_realm_find(&c, "unix"), &c.realm[0]);
	assert_null(mfa_config_realm_find(&c, ""));
	assert_null(mfa_config_realm_find(&c, "shop"));
	memcpy(c.realm[1].name, "shop", 5);
	/* Not counted, not there. */
	assert_null(mfa_config_realm_find(&c, "shop"));
	c.realm_count = 2;
	assert_ptr_equal(mfa_config_realm_find(&c, "shop"), &c.realm[1]);
	assert_null(mfa_config_realm_find(&c, "Shop"));
	assert_null(mfa_config_realm_find(&c, "sho"));
	assert_null(mfa_config_realm_find(&c, "shops"));
	assert_null(mfa_config_realm_find(&c, ""));
}

static void
test_R12_delivers_where_it_is_on(void **state)
{
	struct mfa_config c;

	(void)state;
	mfa_config_init(&c);
	assert_false(mfa_config_delivers(&c, "sshd"));
	/* Another realm's providers change nothing for logins. */
	c.realm_count = 2;
	c.realm[1].provides = MFA_PROVIDES_OTP;
	assert_false(mfa_config_delivers(&c, "sshd"));
	c.realm[0].provides |= MFA_PROVIDES_OTP;
	assert_true(mfa_config_delivers(&c, "sshd"));
	assert_true(mfa_config_delivers(&c, ""));
	memcpy(c.otp_services[0], "sshd", 5);
	memcpy(c.otp_services[1], "su", 3);
	c.otp_service_count = 2;
	assert_true(mfa_config_delivers(&c, "sshd"));
	assert_true(mfa_config_delivers(&c, "su"));
	assert_false(mfa_config_delivers(&c, "sudo"));
	assert_false(mfa_config_delivers(&c, "ssh"));
	assert_false(mfa_config_delivers(&c, "s"));
	assert_false(mfa_config_delivers(&c, ""));
	c.realm[0].provides = MFA_PROVIDES_TOTP;
	assert_false(mfa_config_delivers(&c, "sshd"));
}

static void
test_R23_no_program_is_named(void **state)
{
	struct mfa_programs programs;
	struct mfa_config c;

	(void)state;
	mfa_config_init(&c);
	memset(&programs, 0xa5, sizeof(programs));
	assert_false(mfa_config_programs(&c, &programs));
	assert_true(unit_all((const char *)&programs, sizeof(programs), 0));
	/* Not counted, not there. */
	memcpy(c.outside[0].program, "/x/key", 7);
	assert_false(mfa_config_programs(&c, &programs));
	assert_string_equal(programs.path[MFA_PROGRAM_OUTSIDE], "");
}

static void
test_R23_programs_by_index(void **state)
{
	struct mfa_programs programs;
	struct mfa_config c;

	(void)state;
	mfa_config_init(&c);
	memcpy(c.events_directory, "/x/events", 10);
	assert_true(mfa_config_programs(&c, &programs));
	assert_string_equal(programs.path[MFA_PROGRAM_EVENTS], "/x/events");
	assert_string_equal(programs.path[MFA_PROGRAM_DELIVER], "");
	mfa_config_init(&c);
	memset(c.otp_program, 'p', sizeof(c.otp_program) - 1);
	memcpy(c.outside[0].program, "/x/key", 7);
	memcpy(c.outside[3].program, "/x/last", 8);
	c.outside_count = MFA_CONFIG_OUTSIDE;
	memset(&programs, 0xa5, sizeof(programs));
	assert_true(mfa_config_programs(&c, &programs));
	assert_string_equal(programs.path[MFA_PROGRAM_DELIVER], c.otp_program);
	assert_string_equal(programs.path[MFA_PROGRAM_EVENTS], "");
	assert_string_equal(programs.path[MFA_PROGRAM_OUTSIDE], "/x/key");
	assert_string_equal(programs.path[MFA_PROGRAM_OUTSIDE + 1], "");
	assert_string_equal(programs.path[MFA_PROGRAM_END - 1], "/x/last");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R21_realms_by_name),
		cmocka_unit_test(test_R12_delivers_where_it_is_on),
		cmocka_unit_test(test_R23_no_program_is_named),
		cmocka_unit_test(test_R23_programs_by_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
