/* SPDX-License-Identifier: MIT */
/*
 * R21 over a real socket: what an ordinary user may do to its own record.
 */
#include "tests/unit/office.h"

#include "verifier/requests.h"

static void
say_prove(struct office *o, const char *user, const char *code)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_prove_tag, "", user);
	request.what.prove.code.size = (pb_size_t)strlen(code);
	memcpy(request.what.prove.code.bytes, code, strlen(code));
	office_say(o, &request);
}

static void
say_enroll(struct office *o, const char *user)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_enroll_tag, "", user);
	memcpy(request.what.enroll.label, "tablet", 7);
	memcpy(request.what.enroll.import_secret, SECRET_B, sizeof(SECRET_B));
	office_say(o, &request);
}

static void
say_confirm(struct office *o, const char *user, const char *code)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_confirm_tag, "", user);
	memcpy(request.what.confirm.factor, "tablet", 7);
	request.what.confirm.code.size = 6;
	memcpy(request.what.confirm.code.bytes, code, 6);
	office_say(o, &request);
}

/* The code of SECRET_B now. */
static void
code_of_b(const struct office *o, char out[9])
{
	struct world w = { .now = o->now };

	world_code(&w, SECRET_B, 0, out);
}

static void
test_R21_a_proof_counts_in_its_conversation_alone(void **state)
{
	struct office *o = *state;
	char code[9], b[9];

	office_enroll(o, "alice");
	office_code(o, 0, code);
	code_of_b(o, b);
	office_hello(o);
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	say_enroll(o, "alice");
	say_prove(o, "alice", code);
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	say_enroll(o, "alice");
	office_run(o, OFFICE_ALICE);
	assert_int_equal(office_reply(o, 1,
	    mfa_wire_Reply_account_tag)->what.account.proof,
	    mfa_wire_Proof_PROOF_CODE);
	office_error(o, 3, MFA_ERR_PROOF);
	(void)office_reply(o, 4, mfa_wire_Reply_done_tag);
	assert_int_equal(office_reply(o, 5,
	    mfa_wire_Reply_account_tag)->what.account.proof,
	    mfa_wire_Proof_PROOF_NONE);
	(void)office_reply(o, 7, mfa_wire_Reply_enrolled_tag);
	/* The next conversation has proven nothing. */
	office_hello(o);
	say_confirm(o, "alice", b);
	office_run(o, OFFICE_ALICE);
	office_error(o, 1, MFA_ERR_PROOF);
	/* R6: nor does the same code prove again. */
	office_hello(o);
	say_prove(o, "alice", code);
	say_confirm(o, "alice", b);
	office_run(o, OFFICE_ALICE);
	office_error(o, 1, MFA_ERR_REPLAYED);
	office_error(o, 2, MFA_ERR_PROOF);
}

/* One user's proof is nothing to another's record, even by the same hand. */
static void
test_R21_nobody_proves_for_others(void **state)
{
	struct office *o = *state;
	char code[9];

	office_enroll(o, "alice");
	office_code(o, 0, code);
	office_hello(o);
	say_prove(o, "alice", code);
	office_run(o, OFFICE_BOB);
	office_error(o, 1, MFA_ERR_DENIED);
	assert_int_equal(o->count, 2);
	office_hello(o);
	say_prove(o, "alice", code);
	office_run(o, 0);
	office_error(o, 1, MFA_ERR_DENIED);
	/* It was not compared. */
	office_hello(o);
	say_prove(o, "alice", code);
	office_run(o, OFFICE_ALICE);
	(void)office_reply(o, 1, mfa_wire_Reply_done_tag);
}

static void
test_R21_invited(void **state)
{
	struct office *o = *state;
	char invitation[33], b[9];
	const mfa_wire_Reply *reply;

	code_of_b(o, b);
	office_hello(o);
	office_ask(o, mfa_wire_Request_invite_tag, "alice");
	office_run(o, 0);
	reply = office_reply(o, 1, mfa_wire_Reply_granted_tag);
	memcpy(invitation, reply->what.granted.code, sizeof(invitation));
	assert_int_equal(strlen(invitation), 29);
	assert_int_equal(reply->what.granted.expires_seconds, 259200);
	assert_int_equal(reply->what.granted.expires_at,
	    o->now.wall + 259200);
	office_hello(o);
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	say_enroll(o, "alice");
	say_prove(o, "alice", invitation);
	say_enroll(o, "alice");
	say_confirm(o, "alice", b);
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, OFFICE_ALICE);
	reply = office_reply(o, 1, mfa_wire_Reply_account_tag);
	assert_int_equal(reply->what.account.proof,
	    mfa_wire_Proof_PROOF_INVITATION);
	assert_int_equal(reply->what.account.invited_seconds, 259200);
	assert_false(reply->what.account.enrolled);
	office_error(o, 3, MFA_ERR_INVITATION);
	(void)office_reply(o, 4, mfa_wire_Reply_done_tag);
	(void)office_reply(o, 5, mfa_wire_Reply_enrolled_tag);
	assert_int_equal(office_reply(o, 6,
	    mfa_wire_Reply_confirmed_tag)->what.confirmed.code_count, 10);
	reply = office_reply(o, 7, mfa_wire_Reply_account_tag);
	assert_true(reply->what.account.enrolled);
	assert_int_equal(reply->what.account.invited_seconds, 0);
	assert_int_equal(reply->what.account.proof,
	    mfa_wire_Proof_PROOF_CODE);
}

static void
test_R21_self_enroll_says_who_may(void **state)
{
	static const struct {
		const char *lines;
		mfa_wire_Proof proof;
		enum mfa_err err;
	} cases[] = {
		{ "self_enroll = no\n", mfa_wire_Proof_PROOF_REFUSED,
		    MFA_ERR_DENIED },
		{ "self_enroll = until 2020-01-01\n",
		    mfa_wire_Proof_PROOF_INVITATION, MFA_ERR_INVITATION },
		{ "self_enroll = invite\n", mfa_wire_Proof_PROOF_INVITATION,
		    MFA_ERR_INVITATION },
		{ "", mfa_wire_Proof_PROOF_INVITATION, MFA_ERR_INVITATION },
		{ "self_enroll = until 2999-01-01\n",
		    mfa_wire_Proof_PROOF_NONE, MFA_OK },
	};
	struct office *o = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		office_configure(o, cases[i].lines);
		office_hello(o);
		office_ask(o, mfa_wire_Request_status_tag, "alice");
		say_enroll(o, "alice");
		office_run(o, OFFICE_ALICE);
		assert_int_equal(office_reply(o, 1,
		    mfa_wire_Reply_account_tag)->what.account.proof,
		    cases[i].proof);
		if (cases[i].err != MFA_OK)
			office_error(o, 3, cases[i].err);
		else
			(void)office_reply(o, 3,
			    mfa_wire_Reply_enrolled_tag);
	}
}

static void
test_R21_what_is_no_proof(void **state)
{
	struct office *o = *state;
	char wrong[9];

	office_enroll(o, "alice");
	office_code(o, 5, wrong);
	office_hello(o);
	say_prove(o, "alice", "");
	say_prove(o, "alice", "hunter2");
	say_prove(o, "alice", "12345");
	say_prove(o, "alice", "send");
	say_prove(o, "alice", wrong);
	say_enroll(o, "alice");
	office_run(o, OFFICE_ALICE);
	office_error(o, 1, MFA_ERR_SYNTAX);
	office_error(o, 2, MFA_ERR_SYNTAX);
	office_error(o, 3, MFA_ERR_SYNTAX);
	office_error(o, 4, MFA_ERR_CONFIG);
	office_error(o, 5, MFA_ERR_WRONG);
	office_error(o, 6, MFA_ERR_PROOF);
}

/* R26, R28: each refusal is a line in the log, so there are few of them. */
static void
test_R28_few_wrong_codes_a_conversation(void **state)
{
	struct office *o = *state;
	char wrong[9];

	office_enroll(o, "alice");
	office_code(o, 9, wrong);
	office_hello(o);
	for (int i = 0; i < 8; i++)
		say_prove(o, "alice", wrong);
	office_run(o, OFFICE_ALICE);
	assert_int_equal(o->count, 1 + MFA_REFUSED_OTHERS);
	for (unsigned int i = 1; i < o->count; i++)
		office_error(o, i, MFA_ERR_WRONG);
	/* Locked: said once. */
	office_hello(o);
	say_prove(o, "alice", wrong);
	say_prove(o, "alice", wrong);
	office_run(o, OFFICE_ALICE);
	assert_int_equal(o->count, 2);
	office_error(o, 1, MFA_ERR_LOCKED);
}

/* R24: asked by root about anybody, by a user about itself. */
static void
test_R24_policy(void **state)
{
	struct office *o = *state;
	mfa_wire_Request request;
	const mfa_wire_Verdict *verdict;

	office_name(&request, mfa_wire_Request_policy_tag, "", "alice");
	request.what.policy.final = true;
	office_configure(o, "");
	office_hello(o);
	office_say(o, &request);
	office_run(o, OFFICE_ALICE);
	verdict = &office_reply(o, 1, mfa_wire_Reply_verdict_tag)->what.verdict;
	assert_int_equal(verdict->code, MFA_VERDICT_PASS);
	assert_int_equal(verdict->reason, MFA_REASON_NOT_ENROLLED);
	office_enroll(o, "alice");
	for (int i = 0; i < 2; i++) {
		office_hello(o);
		office_say(o, &request);
		office_say(o, &request);
		office_run(o, i == 0 ? 0 : OFFICE_ALICE);
		verdict = &office_reply(o, 2,
		    mfa_wire_Reply_verdict_tag)->what.verdict;
		assert_int_equal(verdict->code, MFA_VERDICT_DENY);
		/* Why is for root. */
		assert_int_equal(verdict->reason, i == 0 ?
			MFA_REASON_UNVERIFIED : MFA_REASON_NONE);
	}
	assert_string_equal(o->last_reason, "unverified");
	/* R28: it takes a place, as a login does. */
	o->full = true;
	office_hello(o);
	office_say(o, &request);
	office_run(o, 0);
	office_error(o, 1, MFA_ERR_BUSY);
	o->full = false;
	office_configure(o, "nonsense\n");
	office_hello(o);
	office_say(o, &request);
	office_run(o, 0);
	verdict = &office_reply(o, 1, mfa_wire_Reply_verdict_tag)->what.verdict;
	assert_int_equal(verdict->code, MFA_VERDICT_MISCONFIGURED);
}

#define IN_OFFICE(f) cmocka_unit_test_setup_teardown(f, office_new, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_R21_a_proof_counts_in_its_conversation_alone),
		IN_OFFICE(test_R21_nobody_proves_for_others),
		IN_OFFICE(test_R21_invited),
		IN_OFFICE(test_R21_self_enroll_says_who_may),
		IN_OFFICE(test_R21_what_is_no_proof),
		IN_OFFICE(test_R28_few_wrong_codes_a_conversation),
		IN_OFFICE(test_R24_policy),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
