/* SPDX-License-Identifier: MIT */
/* libpam is played by the functions below. */
#include "tests/unit/unit.h"

#include <security/pam_modules.h>

#include "pam_medusa_mfa/who.h"

/* What the host has put on its handle. */
struct pam_handle {
	const char *user, *service, *rhost, *tty;
	const char *info; /* SSH_AUTH_INFO_0 of the PAM environment */
	int user_code;
};

int
pam_get_item(const pam_handle_t *pamh, int item_type, const void **item)
{
	switch (item_type) {
	case PAM_USER:
		*item = pamh->user;
		return PAM_SUCCESS;
	case PAM_SERVICE:
		*item = pamh->service;
		return PAM_SUCCESS;
	case PAM_RHOST:
		*item = pamh->rhost;
		return PAM_SUCCESS;
	default:
		assert_int_equal(item_type, PAM_TTY);
		*item = pamh->tty;
		return PAM_SUCCESS;
	}
}

const char *
pam_getenv(pam_handle_t *pamh, const char *name)
{
	assert_string_equal(name, "SSH_AUTH_INFO_0");
	return pamh->info;
}

int
pam_get_user(pam_handle_t *pamh, const char **user, const char *prompt)
{
	assert_null(prompt);
	*user = pamh->user;
	return pamh->user_code;
}

static bool
key_used(const char *info)
{
	struct mfa_outcome outcome = mfa_outcome_refused("");
	struct pam_handle host = { .user = "alice", .service = "sshd",
		.info = info };
	struct mfa_who who;

	memset(&who, 0x5a, sizeof(who));
	assert_int_equal(mfa_who_load(&host, &who, &outcome), MFA_OK);
	assert_string_equal(who.user, "alice");
	assert_string_equal(who.rhost, "");
	return who.key_used;
}

/* OpenSSH: auth2_update_session_info. */
static void
test_key_is_used_by_a_line_of_its_own(void **state)
{
	(void)state;
	assert_true(key_used("publickey ssh-ed25519 AAAA\n"));
	assert_true(key_used("publickey ssh-ed25519 AAAA"));
	assert_true(key_used("publickey "));
	assert_true(key_used("password\npublickey ssh-rsa AAAA\n"));
	assert_true(key_used("\n\npublickey ssh-rsa AAAA\nx"));
}

static void
test_key_is_used_by_nothing_else(void **state)
{
	static const char *const infos[] = { NULL, "", "\n", "publickey",
		"publickey\n", "publickey\n ", "publickey\t", "Publickey x",
		" publickey x", "password publickey x", "publickeys x",
		"publickey-x y", "publickey/x y", "hostbased ssh-rsa AAAA\n",
		"keyboard-interactive/pam\n", "password\n\n publickey x\n",
		"public\nkey x", "x\rpublickey x" };

	(void)state;
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		if (key_used(infos[i]))
			fail_msg("by number %zu", i);
	}
}

/* R3: who cannot be named has used nothing. */
static void
test_R4_who_is_zero_on_failure(void **state)
{
	struct mfa_outcome outcome = mfa_outcome_refused("");
	struct pam_handle host = { .user = "", .service = "sshd",
		.info = "publickey ssh-ed25519 AAAA\n" };
	struct mfa_who who;

	(void)state;
	memset(&who, 0x5a, sizeof(who));
	assert_int_equal(mfa_who_load(&host, &who, &outcome),
	    MFA_ERR_NO_USER);
	assert_true(unit_all(&who, sizeof(who), 0));
	host.user_code = PAM_CONV_ERR;
	memset(&who, 0x5a, sizeof(who));
	assert_int_equal(mfa_who_ask(&host, &who, &outcome), MFA_OK);
	assert_true(outcome.unasked);
	assert_true(unit_all(&who, sizeof(who), 0));
	host.user_code = PAM_BUF_ERR;
	assert_int_equal(mfa_who_ask(&host, &who, &outcome), MFA_ERR_MEMORY);
	host.user_code = PAM_SUCCESS;
	host.user = "alice";
	assert_int_equal(mfa_who_ask(&host, &who, &outcome), MFA_OK);
	assert_true(who.key_used);
}

/* R3: a host that is cut could match a rule that the real one does not. */
static void
test_R3_long_items_are_refused(void **state)
{
	struct mfa_outcome outcome = mfa_outcome_refused("");
	char text[MFA_WHO_SIZE(rhost) + 1];
	struct pam_handle host = { .user = "alice", .service = "sshd",
		.rhost = text };
	struct mfa_who who;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(mfa_who_load(&host, &who, &outcome),
	    MFA_ERR_PROTOCOL);
	assert_true(unit_all(&who, sizeof(who), 0));
	text[sizeof(text) - 2] = '\0';
	assert_int_equal(mfa_who_load(&host, &who, &outcome), MFA_OK);
	assert_string_equal(who.rhost, text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_is_used_by_a_line_of_its_own),
		cmocka_unit_test(test_key_is_used_by_nothing_else),
		cmocka_unit_test(test_R4_who_is_zero_on_failure),
		cmocka_unit_test(test_R3_long_items_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
