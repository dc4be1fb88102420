/* SPDX-License-Identifier: MIT */
/* Which names of modules were meant for ours. */
#include "tests/unit/unit.h"

#include "utils/doctor/pam_module.h"

static void
test_what_people_write_for_ours(void **state)
{
	static const char *const names[] = { "pam_medusa_mfa.so",
		"pam_medusa_mfa", "pam_medusa-mfa.so", "pam-medusa-mfa.so",
		"pam_meduza_mfa.so", "medusa_mfa.so", "medusa-mfa.so",
		"pam_medusa_mfa.so.1", "pam_medusamfa.so", "pam_medsua_mfa.so",
		"pam_medusa_mf.so", "pam_medusa.so", "pam_mfa_medusa.so",
		"PAM_Medusa_MFA.so", "Pam_Medusa_Mfa.SO", "libpam_medusa_mfa.so",
		"/lib/security/pam_medusa-mfa.so", "pam_medussa_mva.so",
		"medusa-mfa-auth" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!mfa_pam_means_us(names[i]))
			fail_msg("%s is not seen", names[i]);
	}
}

static void
test_names_of_others(void **state)
{
	static const char *const names[] = { "pam_unix.so", "pam_mysql.so",
		"pam_duo.so", "pam_duo_mfa.so", "pam_azure_mfa.so",
		"pam_mfa.so", "pam_medic_mfa.so", "pam_oath.so",
		"pam_mkhomedir.so", "pam_usertype.so", "pam_module.so",
		"pam_ssh_agent_auth.so", "common-auth", "system-auth",
		"required", "", ".so", "/", "pam_", "media_mba",
		("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mfa_pam_means_us(names[i]))
			fail_msg("%s is taken for ours", names[i]);
	}
}

static void
test_every_slip_of_one_letter(void **state)
{
	static const char right[] = "pam_medusa_mfa.so";
	char name[32];

	(void)state;
	for (size_t i = 4; i < 14; i++) {
		(void)snprintf(name, sizeof(name), "%s", right);
		name[i] = '~';
		assert_true(mfa_pam_means_us(name));
		(void)snprintf(name, sizeof(name), "%.*s%s", (int)i, right,
		    right + i + 1);
		assert_true(mfa_pam_means_us(name));
		(void)snprintf(name, sizeof(name), "%.*s~%s", (int)i, right,
		    right + i);
		assert_true(mfa_pam_means_us(name));
	}
	/* Two that changed places. */
	for (size_t i = 4; i < 13; i++) {
		(void)snprintf(name, sizeof(name), "%s", right);
		name[i] = right[i + 1];
		name[i + 1] = right[i];
		assert_true(mfa_pam_means_us(name));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_people_write_for_ours),
		cmocka_unit_test(test_names_of_others),
		cmocka_unit_test(test_every_slip_of_one_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
