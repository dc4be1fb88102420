/* SPDX-License-Identifier: MIT */
/*
 * R2, R29: a module of the release before, as one that sshd loaded before an
 * upgrade and asks with after it.  What it cannot say is not taken for a no.
 */
#include "tests/unit/office.h"

#define KEYS_ASKED  "[rule keys]\nkey_used = yes\ndecision = require\n"
#define OTHERS_DENIED "[rule others]\nkey_used = no\ndecision = deny\n"
#define OTHERS_PASS "[rule others]\nkey_used = no\ndecision = exempt\n"
#define INSIDE_PASS "[rule inside]\nfrom = 192.0.2.0/24\ndecision = exempt\n"

/* A login from 192.0.2.7 by root's sshd. */
static void
log_in(struct office *o, uint32_t version, bool key_used)
{
	mfa_wire_Request request = mfa_wire_Request_init_zero;
	mfa_wire_Login *login = &request.what.login;

	request.which_what = mfa_wire_Request_hello_tag;
	request.what.hello.lowest = request.what.hello.highest = version;
	office_say(o, &request);
	request = (mfa_wire_Request)mfa_wire_Request_init_zero;
	request.which_what = mfa_wire_Request_login_tag;
	memcpy(login->user, "alice", 6);
	memcpy(login->service, "sshd", 5);
	memcpy(login->rhost, "192.0.2.7", 10);
	login->retry = 1;
	login->key_used = key_used;
	office_say(o, &request);
	office_run(o, 0);
}

static void
is_asked(const struct office *o)
{
	(void)office_reply(o, 1, mfa_wire_Reply_prompt_tag);
}

static void
ends(const struct office *o, mfa_wire_VerdictCode code)
{
	assert_int_equal(office_reply(o, 1,
	    mfa_wire_Reply_verdict_tag)->what.verdict.code, code);
}

static void
test_R29_a_key_that_nobody_told_of_passes_no_rule(void **state)
{
	struct office *o = *state;

	office_configure(o, KEYS_ASKED INSIDE_PASS);
	log_in(o, 3, true);
	is_asked(o);
	log_in(o, 3, false);
	ends(o, mfa_wire_VerdictCode_VERDICT_PASS);
	log_in(o, 2, false);
	is_asked(o);
}

static void
test_R29_a_key_that_nobody_told_of_is_not_missing(void **state)
{
	struct office *o = *state;

	office_configure(o, "require = all\n" OTHERS_DENIED);
	log_in(o, 3, false);
	ends(o, mfa_wire_VerdictCode_VERDICT_DENY);
	log_in(o, 2, false);
	is_asked(o);
	office_configure(o, "require = all\n" OTHERS_PASS);
	log_in(o, 3, false);
	ends(o, mfa_wire_VerdictCode_VERDICT_PASS);
	log_in(o, 2, false);
	is_asked(o);
}

/* Where no rule is about keys nothing is different. */
static void
test_R29_without_rules_about_keys_it_goes_on(void **state)
{
	struct office *o = *state;

	office_configure(o, "require = all\n" INSIDE_PASS);
	for (uint32_t version = 2; version <= 3; version++) {
		log_in(o, version, false);
		ends(o, mfa_wire_VerdictCode_VERDICT_PASS);
	}
}

#define OF(f) cmocka_unit_test_setup_teardown(f, office_new, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_R29_a_key_that_nobody_told_of_passes_no_rule),
		OF(test_R29_a_key_that_nobody_told_of_is_not_missing),
		OF(test_R29_without_rules_about_keys_it_goes_on),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
