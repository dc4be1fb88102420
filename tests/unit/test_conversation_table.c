/* SPDX-License-Identifier: MIT */
/*
 * R21, R31: the table of requests once more, over a real socket: what each
 * peer gets for each request after the greeting and while a prompt is out.
 */
#include "tests/unit/office.h"

/* About alice, where a request names anybody.  y: allowed, n: refused. */
static const struct row {
	pb_size_t tag;
	const char *name;
	const char *ready; /* root, alice, bob */
	const char *asked; /* root, alice; bob gets no prompt of hers */
} rows[] = {
	{ 1, "hello", "nnn", "nn" },
	{ 2, "login", "yyn", "nn" },
	{ 3, "answer", "nnn", "yy" },
	{ 4, "abandon", "nnn", "yy" },
	{ 5, "enroll", "ynn", "nn" },
	{ 6, "confirm", "ynn", "nn" },
	{ 7, "disable", "ynn", "nn" },
	{ 8, "recovery_codes", "ynn", "nn" },
	{ 9, "sync", "ynn", "nn" },
	{ 10, "list", "yyn", "nn" },
	{ 11, "status", "yyn", "nn" },
	{ 12, "users", "ynn", "nn" },
	{ 13, "reset", "ynn", "nn" },
	{ 14, "unlock", "ynn", "nn" },
	{ 15, "remove", "ynn", "nn" },
	{ 16, "keys", "ynn", "nn" },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const uid_t uids[] = { 0, OFFICE_ALICE, OFFICE_BOB };
static const char *const names[] = { "root", "the owner", "another" };

/* A request that is in order, as far as its peer may make it. */
static mfa_wire_Request
request_of(pb_size_t tag)
{
	mfa_wire_Request request = mfa_wire_Request_init_zero;

	request.which_what = tag;
	switch (tag) {
	case mfa_wire_Request_hello_tag:
		request.what.hello.lowest = request.what.hello.highest = 1;
		break;
	case mfa_wire_Request_answer_tag:
		request.what.answer.text.size = 6;
		memcpy(request.what.answer.text.bytes, "918273", 6);
		break;
	case mfa_wire_Request_abandon_tag:
		request.what.abandon.reason = mfa_wire_Reason_REASON_JUNK;
		break;
	case mfa_wire_Request_users_tag:
	case mfa_wire_Request_keys_tag:
		break;
	case mfa_wire_Request_login_tag:
		request.what.login.retry = 2;
		/* fallthrough */
	default:
		memcpy(request.what.status.user, "alice", 6);
	}
	return request;
}

/* Was the request refused because of who asked, or when? */
static bool
refused(const struct office *o, unsigned int i)
{
	const mfa_wire_Reply *reply = &o->replies[i];

	if (i >= o->count)
		fail_msg("no reply");
	return reply->which_what == mfa_wire_Reply_error_tag &&
	    (reply->what.error.code == MFA_ERR_DENIED ||
		reply->what.error.code == MFA_ERR_PROTOCOL);
}

static void
check(const struct row *row, int peer, const char *when, char wanted, bool was)
{
	if (was != (wanted == 'n'))
		fail_msg("%s by %s, %s: %s", row->name, names[peer], when,
		    was ? "refused" : "allowed");
}

static void
test_R31_after_the_greeting(void **state)
{
	struct office *o = *state;

	office_enroll(o, "alice");
	for (size_t i = 0; i < ROWS; i++) {
		mfa_wire_Request request = request_of(rows[i].tag);

		/* Others first: what root does may not be undone. */
		for (int peer = 2; peer >= 0; peer--) {
			office_hello(o);
			office_say(o, &request);
			office_run(o, uids[peer]);
			check(&rows[i], peer, "ready", rows[i].ready[peer],
			    refused(o, 1));
		}
	}
}

static void
test_R31_while_a_prompt_is_out(void **state)
{
	struct office *o = *state;
	const mfa_wire_Request login = request_of(mfa_wire_Request_login_tag);

	office_enroll(o, "alice");
	for (size_t i = 0; i < ROWS; i++) {
		mfa_wire_Request request = request_of(rows[i].tag);

		for (int peer = 0; peer < 2; peer++) {
			office_hello(o);
			office_say(o, &login);
			office_say(o, &request);
			office_run(o, uids[peer]);
			(void)office_reply(o, 1, mfa_wire_Reply_prompt_tag);
			check(&rows[i], peer, "asked", rows[i].asked[peer],
			    refused(o, 2));
		}
	}
}

/* Refused for who asks, the conversation goes on; for when, it is over. */
static void
test_R31_what_comes_after_a_refusal(void **state)
{
	struct office *o = *state;

	office_hello(o);
	office_ask(o, mfa_wire_Request_reset_tag, "alice");
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, OFFICE_ALICE);
	/* R28: who is not root holds no place by being refused. */
	assert_int_equal(o->count, 2);
	office_error(o, 1, MFA_ERR_DENIED);
	office_hello(o);
	office_ask(o, mfa_wire_Request_confirm_tag, "alice");
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, 0);
	(void)office_reply(o, 2, mfa_wire_Reply_account_tag);
	(void)office_reply(o, 3, mfa_wire_Reply_done_tag);
	office_hello(o);
	office_answer(o, "123456");
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, OFFICE_ALICE);
	assert_int_equal(o->count, 2);
	office_error(o, 1, MFA_ERR_PROTOCOL);
}

/* Nothing that was refused was done. */
static void
test_R21_refused_is_not_done(void **state)
{
	struct office *o = *state;
	char code[9];

	office_enroll(o, "alice");
	for (size_t i = 0; i < ROWS; i++) {
		mfa_wire_Request request = request_of(rows[i].tag);

		if (rows[i].tag < mfa_wire_Request_enroll_tag)
			continue;
		office_hello(o);
		office_say(o, &request);
		office_run(o, OFFICE_BOB);
		assert_true(refused(o, 1));
	}
	office_hello(o);
	office_ask(o, mfa_wire_Request_list_tag, "alice");
	office_login(o, "alice", 1);
	office_code(o, 0, code);
	office_answer(o, code);
	office_run(o, 0);
	assert_string_equal(office_reply(o, 1,
	    mfa_wire_Reply_factor_tag)->what.factor.status, "enabled");
	(void)office_reply(o, 2, mfa_wire_Reply_done_tag);
	assert_int_equal(office_reply(o, 4,
	    mfa_wire_Reply_verdict_tag)->what.verdict.code,
	    MFA_VERDICT_ACCEPT);
}

#define IN_OFFICE(f) \
	cmocka_unit_test_setup_teardown(f, office_new, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_R31_after_the_greeting),
		IN_OFFICE(test_R31_while_a_prompt_is_out),
		IN_OFFICE(test_R31_what_comes_after_a_refusal),
		IN_OFFICE(test_R21_refused_is_not_done),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
