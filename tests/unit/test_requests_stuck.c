/* SPDX-License-Identifier: MIT */
/* R21: what is said of a pending factor that cannot be confirmed, or changed. */
#include "tests/unit/office.h"

static void
say_enroll(struct office *o, const char *realm, const char *user)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_enroll_tag, realm, user);
	memcpy(request.what.enroll.import_secret, SECRET_B, sizeof(SECRET_B));
	office_say(o, &request);
}

/* The factor "phone", which waits. */
static void
have_pending(struct office *o, const char *realm, const char *user, uid_t by)
{
	office_hello(o);
	say_enroll(o, realm, user);
	office_run(o, by);
	(void)office_reply(o, 1, mfa_wire_Reply_enrolled_tag);
}

static void
say_wrong(struct office *o, const char *realm, const char *user)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_confirm_tag, realm, user);
	request.what.confirm.code.size = 6;
	/* SECRET_B has no such code at the hour where these tests stand. */
	memcpy(request.what.confirm.code.bytes, "000000", 6);
	office_say(o, &request);
}

/* Five wrong codes in one conversation. */
static void
spend_codes(struct office *o, const char *realm, const char *user, uid_t by)
{
	office_hello(o);
	for (int i = 0; i < 5; i++)
		say_wrong(o, realm, user);
	office_run(o, by);
	assert_int_equal(o->count, 6);
}

/* The numbered reply is this error with this sentence. */
static void
said(const struct office *o, unsigned int i, enum mfa_err err,
    const char *text)
{
	office_error(o, i, err);
	assert_string_equal(o->replies[i].what.error.text, text);
}

#define OPEN_WRONG  "wrong code, and too many of them: "
#define OPEN_LOCKED "locked after too many wrong codes: "
#define STUCK	    "it stays locked until it expires; check the clocks, then "

/* An owner has no unlock: how else to go on depends on who may enrol. */
static void
test_R21_owner_of_a_locked_factor_is_told_how_to_go_on(void **state)
{
	static const struct {
		const char *lines, *next;
	} cases[] = {
		{ "self_enroll = yes\n", "begin anew: medusa-mfa enroll" },
		{ "", "ask your administrator for another invitation, and "
		  "begin anew: medusa-mfa enroll" },
		{ "self_enroll = no\n",
		  "ask your administrator to enrol you anew" },
	};
	struct office *o = *state;
	char text[400];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		office_configure(o, cases[i].lines);
		office_hello(o);
		office_ask(o, mfa_wire_Request_reset_tag, "alice");
		office_ask(o, mfa_wire_Request_unlock_tag, "alice");
		office_run(o, 0);
		have_pending(o, "", "alice", 0);
		spend_codes(o, "", "alice", OFFICE_ALICE);
		said(o, 4, MFA_ERR_WRONG, "wrong code");
		(void)snprintf(text, sizeof(text), OPEN_WRONG STUCK "%s",
		    cases[i].next);
		said(o, 5, MFA_ERR_WRONG, text);
		office_hello(o);
		say_wrong(o, "", "alice");
		office_run(o, OFFICE_ALICE);
		(void)snprintf(text, sizeof(text), OPEN_LOCKED STUCK "%s",
		    cases[i].next);
		said(o, 1, MFA_ERR_LOCKED, text);
	}
}

/* A lock that ends before the factor does is waited for. */
static void
test_owner_waits_where_waiting_helps(void **state)
{
	struct office *o = *state;

	office_configure(o, "self_enroll = yes\n[throttle]\n"
	    "lock_seconds = 61\n");
	have_pending(o, "", "alice", OFFICE_ALICE);
	spend_codes(o, "", "alice", OFFICE_ALICE);
	said(o, 5, MFA_ERR_WRONG, OPEN_WRONG "check the clocks, and in 2 min: "
	    "medusa-mfa confirm phone");
	/* No other factor helps where the account is locked. */
	office_configure(o, "self_enroll = yes\n[throttle]\n"
	    "lock_seconds = 61\nwrong_per_day_unprivileged = 5\n");
	office_hello(o);
	say_wrong(o, "", "alice");
	office_run(o, OFFICE_ALICE);
	said(o, 1, MFA_ERR_LOCKED, OPEN_LOCKED "wait (see medusa-mfa status), "
	    "or ask your administrator to unlock you");
}

static void
test_who_may_unlock_is_told_whom(void **state)
{
	struct office *o = *state;

	office_configure(o, OFFICE_REALMS);
	have_pending(o, "", "alice", 0);
	spend_codes(o, "", "alice", 0);
	said(o, 4, MFA_ERR_WRONG, "wrong code");
	said(o, 5, MFA_ERR_WRONG, OPEN_WRONG "check the clocks, then run "
	    "medusa-mfa unlock alice");
	have_pending(o, "shop", "carol", OFFICE_SHOP);
	spend_codes(o, "shop", "carol", OFFICE_SHOP);
	said(o, 5, MFA_ERR_WRONG, OPEN_WRONG "check the clocks, then run "
	    "medusa-mfa unlock --realm shop carol");
}

/* Its record does not say whose it is, so it is not the owner's to remove. */
static void
test_R21_owner_is_told_that_what_is_pending_goes_by_itself(void **state)
{
	static const char *const policies[] = { "", "self_enroll = no\n" };
	struct office *o = *state;
	mfa_wire_Request request;

	have_pending(o, "", "alice", 0);
	for (size_t i = 0; i < 2; i++) {
		office_configure(o, policies[i]);
		office_hello(o);
		office_name(&request, mfa_wire_Request_disable_tag, "",
		    "alice");
		memcpy(request.what.disable.factor, "phone", 6);
		office_say(o, &request);
		memcpy(request.what.disable.factor, "pad", 4);
		office_say(o, &request);
		office_name(&request, mfa_wire_Request_rename_tag, "",
		    "alice");
		memcpy(request.what.rename.factor, "phone", 6);
		memcpy(request.what.rename.label, "pad", 4);
		office_say(o, &request);
		office_ask(o, mfa_wire_Request_list_tag, "alice");
		office_run(o, OFFICE_ALICE);
		said(o, 1, i == 0 ? MFA_ERR_INVITATION : MFA_ERR_DENIED,
		    "this factor is pending: nobody can log in with it, and "
		    "it goes by itself in 15 min; before that only an "
		    "administrator can remove it");
		said(o, 2, MFA_ERR_NOT_FOUND,
		    "no factor pad: see medusa-mfa list");
		said(o, 3, i == 0 ? MFA_ERR_INVITATION : MFA_ERR_DENIED,
		    "this factor is pending: confirm it first, then rename "
		    "it");
		assert_string_equal(office_reply(o, 4,
		    mfa_wire_Reply_factor_tag)->what.factor.label, "phone");
	}
}

#define IN_OFFICE(f) cmocka_unit_test_setup_teardown(f, office_new, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_R21_owner_of_a_locked_factor_is_told_how_to_go_on),
		IN_OFFICE(test_owner_waits_where_waiting_helps),
		IN_OFFICE(test_who_may_unlock_is_told_whom),
		IN_OFFICE(test_R21_owner_is_told_that_what_is_pending_goes_by_itself),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
