/* SPDX-License-Identifier: MIT */
/*
 * R21: what an ordinary user proves before a change of his own record, at a
 * terminal and from a script.  The first request asks for the state, the second
 * is the change without a proof.
 */
#include "tests/unit/session_case.h"

static void
test_R21_change_follows_the_proof_in_its_conversation(void **state)
{
	static const struct {
		const char *command;
		unsigned int tag, reply;
	} cases[] = {
		{ "disable", mfa_wire_Request_disable_tag,
		    mfa_wire_Reply_done_tag },
		{ "send", mfa_wire_Request_send_tag, mfa_wire_Reply_done_tag },
		{ "recovery-codes", mfa_wire_Request_recovery_codes_tag,
		    mfa_wire_Reply_codes_tag },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(i == 0 ? 0 : fresh(state), 0);
		will_try(mfa_wire_Proof_PROOF_CODE);
		fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
		will_done("");
		(void)fake_client_will_say(cases[i].reply);
		start(cases[i].command, &changing);
		answer(CODE_PROMPT, "000000\n");
		answer(CODE_PROMPT, "492039\n");
		assert_int_equal(finish(), MFA_EXIT_DONE);
		shown("wrong code");
		(void)asked(0, mfa_wire_Request_status_tag);
		proved(2, "000000");
		proved(3, "492039");
		(void)asked(4, cases[i].tag);
		/* As at a login nothing is shown of it. */
		assert_null(strstr(person.seen, "492039"));
		/* Nobody waits for a person: each try is a new one. */
		assert_int_not_equal(heard_in(0), heard_in(2));
		assert_int_not_equal(heard_in(2), heard_in(3));
		assert_int_equal(heard_in(3), heard_in(4));
		if (i + 1 < sizeof(cases) / sizeof(cases[0]))
			assert_int_equal(leave(state), 0);
	}
}

static void
test_R21_three_wrong_proofs_change_nothing(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
	fake_client_will_refuse(MFA_ERR_SYNTAX, "no code");
	fake_client_will_refuse(MFA_ERR_REPLAYED, "used before");
	start("disable", &changing);
	for (int i = 0; i < MFA_SESSION_TRIES; i++)
		answer(CODE_PROMPT, "000000\n");
	assert_int_equal(finish(), MFA_EXIT_WRONG);
	assert_int_equal(person.outcome->client.asked, 2 + MFA_SESSION_TRIES);
	shown("nothing was changed; run it again");
}

static void
test_R9_a_lock_ends_it_at_once(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	fake_client_will_refuse(MFA_ERR_LOCKED, "no more today");
	start("disable", &changing);
	answer(CODE_PROMPT, "000000\n");
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	assert_int_equal(person.outcome->client.asked, 3);
	shown("no more today");
	assert_null(strstr(person.seen, "run it again"));
}

static void
test_R12_send_costs_no_try(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("A code was sent to a...@example.org.");
	fake_client_will_refuse(MFA_ERR_TOO_SOON, "a moment ago");
	fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
	fake_client_will_refuse(MFA_ERR_EXPIRED, "no code is good now");
	will_done("");
	will_done("Disabled.");
	start("disable", &changing);
	answer(CODE_PROMPT, "send\n");
	answer(CODE_PROMPT, "  SEND mail\n");
	answer(CODE_PROMPT, "000000\n");
	answer(CODE_PROMPT, "sender\n");
	answer(CODE_PROMPT, "492039\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	shown("A code was sent to a...@example.org.");
	shown("a moment ago");
	shown("Disabled.");
	proved(2, "send");
	proved(3, "  SEND mail");
	proved(6, "492039");
	/* A code that was sent proves nothing by itself. */
	assert_int_not_equal(heard_in(2), heard_in(3));
	assert_int_equal(heard_in(6), heard_in(7));
}

/* What the person is asked goes first: the proof does not stand for long. */
static void
test_R21_other_questions_come_before_the_proof(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .owner = true, .provider = "otp"
	};

	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("");
	will_enroll();
	will_confirm();
	start("enroll", &args);
	answer("Address for codes: ", "alice@example.org\n");
	answer(CODE_PROMPT, "492039\n");
	answer("Code that was sent: ", "111111\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	proved(2, "492039");
	(void)asked(3, mfa_wire_Request_enroll_tag);
	asked_code(4, "111111");
	assert_int_equal(heard_in(2), heard_in(3));
	assert_int_equal(heard_in(2), heard_in(4));
	shown("medusa-mfa verify\r\n");
}

static void
test_R21_agreed_before_the_proof(void **state)
{
	struct mfa_args args = changing;

	(void)state;
	args.yes = false;
	will_need(mfa_wire_Proof_PROOF_CODE);
	will_list("mail", "totp", "enabled");
	will_done("");
	start("disable", &args);
	answer("Disable factor mail of alice? [y/N] ", "n\n");
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	shown("With the last factor go");
	shown("nothing was changed");
	assert_int_equal(person.outcome->client.asked, 2);
}

/* The app was looked for too long. */
static void
test_R21_conversation_that_ended_says_how_to_go_on(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("");
	will_enroll();
	fake_client.gone_at = 4;
	start("enroll", &enrolling);
	answer(CODE_PROMPT, "492039\n");
	answer("Code from your app: ", "111111\n");
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	shown("that took too long");
	shown("to enable it: medusa-mfa confirm totp\r\n");
}

/* The same, where the verifier still answers. */
static void
test_R21_proof_that_lapsed_is_no_wrong_code(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("");
	fake_client_will_refuse(MFA_ERR_PROOF, "prove it");
	start("disable", &changing);
	answer(CODE_PROMPT, "492039\n");
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	shown("that took too long");
}

/* A verifier that dies at work has perhaps done it: that is another line. */
static void
test_verifier_that_dies_is_not_called_late(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("");
	start("disable", &changing);
	answer(CODE_PROMPT, "492039\n");
	assert_int_equal(finish(), MFA_EXIT_UNAVAILABLE);
	shown(mfa_strerror(MFA_ERR_CLOSED));
}

static void
test_interrupted_at_the_proof_nothing_is_done(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	start("disable", &changing);
	answer(CODE_PROMPT, "\003");
	assert_int_equal(finish(), MFA_EXIT_SIGNAL + SIGINT);
	assert_int_equal(person.outcome->client.asked, 2);
	shown("interrupted");
}

static void
test_last_factor_is_refused_in_one_line(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("");
	fake_client_will_refuse(MFA_ERR_LAST, "add another one first");
	assert_int_equal(run("disable", &changing, "492039\n"),
	    MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: add another one first\n");
	assert_string_equal(out.text, "");
}

static void
test_script_has_one_try(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
	assert_int_equal(run("disable", &changing, "000000\n492039\n"),
	    MFA_EXIT_WRONG);
	assert_int_equal(fake_client.asked, 3);
	assert_string_equal(err.text, "medusa-mfa: wrong code\n");
	will_try(mfa_wire_Proof_PROOF_CODE);
	assert_int_equal(run("disable", &changing, ""), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 5);
	assert_string_equal(err.text, "medusa-mfa: standard input ended before "
	    "the code of a factor you have\n");
	will_try(mfa_wire_Proof_PROOF_INVITATION);
	assert_int_equal(run("enroll", &enrolling, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: standard input ended before "
	    "the invitation\n");
}

/* The proof is the first line, the pending factor's code the next. */
static void
test_script_confirms_with_two_lines(void **state)
{
	(void)state;
	will_need(mfa_wire_Proof_PROOF_CODE);
	will_list("mail", "totp", "pending");
	will_done("");
	will_done("");
	will_confirm();
	assert_int_equal(run("confirm", &changing, "492039\n111111\n"),
	    MFA_EXIT_DONE);
	proved(2, "492039");
	asked_code(3, "111111");
	assert_int_equal(heard_in(2), heard_in(3));
}

/* One object alone is on standard output. */
static void
test_sentence_of_the_proof_is_not_in_json(void **state)
{
	struct mfa_args args = changing;

	(void)state;
	args.json = true;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("2 recovery codes are left.");
	(void)fake_client_will_say(mfa_wire_Reply_codes_tag);
	assert_int_equal(run("recovery-codes", &args, "492039\n"),
	    MFA_EXIT_DONE);
	assert_string_equal(out.text, "{\"recovery_codes\":[]}\n");
	assert_string_equal(err.text,
	    "medusa-mfa: 2 recovery codes are left.\n");
}

static void
test_R21_invitation_then_the_first_factor(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_INVITATION);
	fake_client_will_refuse(MFA_ERR_WRONG, "wrong invitation");
	will_done("");
	will_enroll();
	will_confirm();
	start("enroll", &enrolling);
	answer(INVITE_PROMPT, "AAAA\n");
	answer(INVITE_PROMPT, "BBBB\n");
	answer("Code from your app: ", "111111\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	shown("BBBB");
	proved(3, "BBBB");
	(void)asked(4, mfa_wire_Request_enroll_tag);
	assert_int_equal(heard_in(3), heard_in(4));
	/* So that the first code may take long. */
	assert_int_not_equal(heard_in(4), heard_in(5));
}

static void
test_R21_used_invitation_is_told(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_INVITATION);
	will_done("");
	fake_client_will_refuse(MFA_ERR_CONFIG, "provider off");
	assert_int_equal(run("enroll", &enrolling, "AAAA\n"), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: provider off\n"
	    "medusa-mfa: the invitation is used up: ask for another one\n");
	will_try(mfa_wire_Proof_PROOF_INVITATION);
	fake_client_will_refuse(MFA_ERR_WRONG, "wrong invitation");
	assert_int_equal(run("enroll", &enrolling, "AAAA\n"), MFA_EXIT_WRONG);
	assert_string_equal(err.text, "medusa-mfa: not your invitation: six "
	    "groups of four letters and digits\n");
}

static void
test_interrupted_after_the_invitation_says_what_is_left(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_INVITATION);
	will_done("");
	will_enroll();
	start("enroll", &enrolling);
	answer(INVITE_PROMPT, "AAAA\n");
	answer("Code from your app: ", "\003");
	assert_int_equal(finish(), MFA_EXIT_SIGNAL + SIGINT);
	shown("medusa-mfa confirm totp\r\n");
	shown("The invitation is used up");
}

/* It guards the first factor, and nothing is there to be guarded else. */
static void
test_who_is_not_enrolled_proves_nothing_for_the_rest(void **state)
{
	static const mfa_wire_Proof needs[] = { mfa_wire_Proof_PROOF_INVITATION,
		mfa_wire_Proof_PROOF_REFUSED, mfa_wire_Proof_PROOF_NONE };

	(void)state;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		will_need(needs[i]);
		will_done("Disabled.");
		assert_int_equal(run("disable", &changing, ""), MFA_EXIT_DONE);
		(void)asked(2 * i + 1, mfa_wire_Request_disable_tag);
	}
	will_need(mfa_wire_Proof_PROOF_NONE);
	will_enroll();
	assert_int_equal(run("enroll", &enrolling, ""), MFA_EXIT_DONE);
	(void)asked(7, mfa_wire_Request_enroll_tag);
}

static void
test_R21_refused_before_any_question(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .owner = true, .provider = "otp"
	};

	(void)state;
	will_need(mfa_wire_Proof_PROOF_REFUSED);
	start("enroll", &args);
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	assert_string_equal(person.seen, "medusa-mfa: you cannot enrol by "
	    "yourself here: ask your administrator\r\n");
	assert_int_equal(person.outcome->client.asked, 1);
}

static void
test_R29_older_verifier_knows_no_proof(void **state)
{
	(void)state;
	fake_client.version = 2;
	assert_int_equal(run("disable", &changing, "492039\n"),
	    MFA_EXIT_FAILED);
	assert_non_null(strstr(err.text, "another release"));
	assert_int_equal(fake_client.asked, 0);
}

static void
test_state_that_cannot_be_had_ends_it(void **state)
{
	(void)state;
	fake_client_will_refuse(MFA_ERR_NSS, "no answer");
	assert_int_equal(run("enroll", &enrolling, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: no answer\n");
	/* Not "ask your administrator" where the record is damaged. */
	will_need(mfa_wire_Proof_PROOF_REFUSED);
	fake_client.replies[1].what.account.problem[0] = 'd';
	fake_client_will_refuse(MFA_ERR_DAMAGED, "the record is damaged");
	assert_int_equal(run("enroll", &enrolling, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: the record is damaged\n");
	fake_client.open_result = MFA_ERR_UNAVAILABLE;
	assert_int_equal(run("disable", &changing, "492039\n"),
	    MFA_EXIT_UNAVAILABLE);
	assert_int_equal(fake_client.asked, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R21_change_follows_the_proof_in_its_conversation),
		FRESH(test_R21_three_wrong_proofs_change_nothing),
		FRESH(test_R9_a_lock_ends_it_at_once),
		FRESH(test_R12_send_costs_no_try),
		FRESH(test_R21_other_questions_come_before_the_proof),
		FRESH(test_R21_agreed_before_the_proof),
		FRESH(test_R21_conversation_that_ended_says_how_to_go_on),
		FRESH(test_R21_proof_that_lapsed_is_no_wrong_code),
		FRESH(test_verifier_that_dies_is_not_called_late),
		FRESH(test_interrupted_at_the_proof_nothing_is_done),
		FRESH(test_last_factor_is_refused_in_one_line),
		FRESH(test_script_has_one_try),
		FRESH(test_script_confirms_with_two_lines),
		FRESH(test_sentence_of_the_proof_is_not_in_json),
		FRESH(test_R21_invitation_then_the_first_factor),
		FRESH(test_R21_used_invitation_is_told),
		FRESH(test_interrupted_after_the_invitation_says_what_is_left),
		FRESH(test_who_is_not_enrolled_proves_nothing_for_the_rest),
		FRESH(test_R21_refused_before_any_question),
		FRESH(test_R29_older_verifier_knows_no_proof),
		FRESH(test_state_that_cannot_be_had_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
