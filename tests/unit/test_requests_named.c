/* SPDX-License-Identifier: MIT */
/* R21, R29: short names, accounts by number, and a hello of another release. */
#include "tests/unit/unit.h"

#include "verifier/requests.h"

static struct mfa_config config;

static void
add_realm(const char *realm, const char *account)
{
	struct mfa_config_realm *at = &config.realm[config.realm_count++];

	memcpy(at->name, realm, strlen(realm) + 1);
	memcpy(at->account, account, strlen(account) + 1);
}

static int
fresh(void **state)
{
	(void)state;
	mfa_config_init(&config);
	return 0;
}

/* Numbers have one digit or ten; 0 is root's, like any other. */
static void
test_R21_an_account_by_number(void **state)
{
	(void)state;
	add_realm("tiny", "7");
	add_realm("zero", "0");
	add_realm("huge", "4294967294");
	add_realm("none", "");
	assert_true(mfa_request_is_account(&config, "tiny", 7));
	assert_false(mfa_request_is_account(&config, "tiny", 8));
	assert_false(mfa_request_is_account(&config, "tiny", 0));
	assert_true(mfa_request_is_account(&config, "zero", 0));
	assert_false(mfa_request_is_account(&config, "zero", 7));
	assert_true(mfa_request_is_account(&config, "huge", 4294967294U));
	assert_false(mfa_request_is_account(&config, "none", 0));
	assert_false(mfa_request_is_account(&config, "missing", 0));
}

/* A realm's name may be one letter. */
static void
test_R21_a_challenge_of_the_shortest_names(void **state)
{
	static const char id[] = "00112233445566778899aabbccddeeff.s.a";
	mfa_wire_Request request = mfa_wire_Request_init_zero;
	struct mfa_request_about about;

	(void)state;
	request.which_what = mfa_wire_Request_challenge_send_tag;
	memcpy(request.what.challenge_send.id, id, sizeof(id));
	assert_int_equal(mfa_request_name(
	    mfa_request_find(mfa_wire_Request_challenge_send_tag), &request,
	    &about), MFA_OK);
	assert_string_equal(about.realm, "s");
	assert_string_equal(about.subject.name, "a");
}

/* The log of the module has the sentence: it must say what to do. */
static void
test_R29_another_release_is_told_what_to_do(void **state)
{
	static const struct {
		uint32_t lowest, highest;
	} others[] = { { MFA_WIRE_VERSION + 1, MFA_WIRE_VERSION + 2 },
		{ 0, MFA_WIRE_LOWEST - 1 } };
	static struct mfa_conversation c;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *hint = NULL;

		c.state = MFA_STATE_NEW;
		c.request.what.hello.lowest = others[i].lowest;
		c.request.what.hello.highest = others[i].highest;
		assert_int_equal(mfa_request_find(
		    mfa_wire_Request_hello_tag)->handle(&c, NULL, &hint),
		    MFA_ERR_VERSION);
		assert_int_equal(c.state, MFA_STATE_NEW);
		assert_non_null(hint);
		assert_non_null(strstr(hint, "install both from one package"));
	}
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R21_an_account_by_number),
		FRESH(test_R21_a_challenge_of_the_shortest_names),
		FRESH(test_R29_another_release_is_told_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
