/* SPDX-License-Identifier: MIT */
/*
 * R21: a change is tried before its proof is asked for, so that a mistake costs
 * neither a code nor an invitation; and what is said around that question.
 */
#include "tests/unit/session_case.h"

static char label[] = "work", *rename_to[] = { factor, label, NULL };

/* Nothing is read: the code that waits is not spent. */
static void
test_R21_what_is_refused_costs_no_proof(void **state)
{
	static const struct {
		const char *command;
		const struct mfa_args *args;
		mfa_wire_Proof need;
		unsigned int tag;
		enum mfa_err err;
	} cases[] = {
		{ "enroll", &enrolling, mfa_wire_Proof_PROOF_INVITATION,
		    mfa_wire_Request_enroll_tag, MFA_ERR_CONFIG },
		{ "enroll", &enrolling, mfa_wire_Proof_PROOF_CODE,
		    mfa_wire_Request_enroll_tag, MFA_ERR_EXISTS },
		{ "disable", &changing, mfa_wire_Proof_PROOF_CODE,
		    mfa_wire_Request_disable_tag, MFA_ERR_LAST },
		{ "send", &changing, mfa_wire_Proof_PROOF_CODE,
		    mfa_wire_Request_send_tag, MFA_ERR_NOT_FOUND },
		{ "recovery-codes", &changing, mfa_wire_Proof_PROOF_CODE,
		    mfa_wire_Request_recovery_codes_tag, MFA_ERR_CONFIG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char left[8] = "";
		int saved;

		will_need(cases[i].need);
		fake_client_will_refuse(cases[i].err, "that cannot be");
		saved = capture_input("AAAA\n", 5);
		capture_begin(&err, STDERR_FILENO);
		assert_int_equal(mfa_command_find(cases[i].command)->run(
				     cases[i].args), MFA_EXIT_FAILED);
		(void)capture_end(&err);
		assert_int_equal(read(STDIN_FILENO, left, sizeof(left)), 5);
		capture_input_end(saved);
		assert_string_equal(err.text, "medusa-mfa: that cannot be\n");
		assert_int_equal(fake_client.asked, 2 * (i + 1));
		assert_int_equal(fake_client.requests[2 * i + 1].which_what,
		    cases[i].tag);
	}
	assert_int_equal(fake_client.open, 0);
}

/* The same request twice: first in a conversation of its own. */
static void
test_R21_trial_is_the_change_itself(void **state)
{
	struct mfa_args args = changing;

	(void)state;
	args.count = 2;
	args.operand = rename_to;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("");
	will_done("Renamed.");
	assert_int_equal(run("rename", &args, "492039\n"), MFA_EXIT_DONE);
	assert_string_equal(out.text, "Renamed.\n");
	assert_memory_equal(asked(1, mfa_wire_Request_rename_tag),
	    asked(3, mfa_wire_Request_rename_tag), sizeof(mfa_wire_Request));
	assert_int_not_equal(heard_in(1), heard_in(2));
	assert_int_equal(heard_in(2), heard_in(3));
	assert_int_equal(fake_client.asked, 4);
}

/* Another session of his may have disabled the last factor meanwhile. */
static void
test_trial_that_succeeds_is_the_change(void **state)
{
	(void)state;
	will_need(mfa_wire_Proof_PROOF_CODE);
	will_done("Disabled.");
	assert_int_equal(run("disable", &changing, "492039\n"), MFA_EXIT_DONE);
	assert_string_equal(out.text, "Disabled.\n");
	assert_int_equal(fake_client.asked, 2);
}

/* A list tells that, which spends nothing. */
static void
test_R21_confirm_of_nothing_costs_no_proof(void **state)
{
	(void)state;
	will_need(mfa_wire_Proof_PROOF_CODE);
	will_list("mail", "totp", "enabled");
	will_done("");
	assert_int_equal(run("confirm", &changing, "492039\n111111\n"),
	    MFA_EXIT_FAILED);
	assert_non_null(strstr(err.text, "has no pending factor "));
	assert_int_equal(fake_client.asked, 2);
}

static void
test_label_is_looked_at_before_all(void **state)
{
	static char wrong[] = "Work";
	char *operand[] = { factor, wrong, NULL };
	struct mfa_args args = changing;

	(void)state;
	args.count = 2;
	args.operand = operand;
	assert_int_equal(run("rename", &args, "492039\n"), MFA_EXIT_USAGE);
	assert_non_null(strstr(err.text, "all lower case"));
	assert_int_equal(fake_client.asked, 0);
}

static void
test_empty_line_is_no_try(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("");
	will_done("Disabled.");
	start("disable", &changing);
	for (int i = 0; i <= MFA_SESSION_TRIES; i++)
		answer(CODE_PROMPT, "\n");
	answer(CODE_PROMPT, "492039\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	proved(2, "492039");
}

/* Who has nothing to be sent to has an app. */
static void
test_R12_where_none_can_be_sent_another_is_asked_for(void **state)
{
	static const enum mfa_err errs[] = { MFA_ERR_NOT_FOUND, MFA_ERR_CONFIG,
		MFA_ERR_LOCKED, MFA_ERR_UNDELIVERED };

	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++)
		fake_client_will_refuse(errs[i], "none can be sent");
	will_done("");
	will_done("Disabled.");
	start("disable", &changing);
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++)
		answer(CODE_PROMPT, "send\n");
	answer(CODE_PROMPT, "492039\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	shown("none can be sent");
}

static void
test_sentence_of_the_proof_is_printed(void **state)
{
	(void)state;
	will_try(mfa_wire_Proof_PROOF_CODE);
	will_done("Recovery code used, 8 left.");
	will_done("Disabled.");
	assert_int_equal(run("disable", &changing, "AAAA\n"), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "Recovery code used, 8 left.\nDisabled.\n");
}

/* Perhaps no invitation is needed at all. */
static void
test_pending_factor_is_told_before_the_invitation(void **state)
{
	struct mfa_args args = enrolling;

	(void)state;
	for (int i = 0; i < 2; i++) {
		will_need(mfa_wire_Proof_PROOF_INVITATION);
		fake_client.replies[fake_client.count - 1]
		    .what.account.pending_factors = 2;
		will_list("phone", "totp", "pending");
		will_list("mail", "otp", "pending");
		will_done("");
		fake_client.replies[fake_client.count - 2]
		    .what.factor.expires_seconds = 540;
		fake_client_will_refuse(MFA_ERR_INVITATION, "be invited");
		args.json = i == 1;
		assert_int_equal(run("enroll", &args, ""), MFA_EXIT_FAILED);
		assert_non_null(strstr(args.json ? err.text : out.text,
		    "The factor mail is pending, for 9 min; to enable it: "
		    "medusa-mfa confirm mail\n"));
		if (args.json)
			assert_string_equal(out.text, "");
	}
	/* Not of one who is enrolled, nor before another change. */
	will_need(mfa_wire_Proof_PROOF_CODE);
	fake_client.replies[fake_client.count - 1].what.account =
	    (mfa_wire_Account){ .enrolled = true, .pending_factors = 1,
		.proof = mfa_wire_Proof_PROOF_CODE };
	fake_client_will_refuse(MFA_ERR_FULL, "4 factors");
	assert_int_equal(run("enroll", &enrolling, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: 4 factors\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R21_what_is_refused_costs_no_proof),
		FRESH(test_R21_trial_is_the_change_itself),
		FRESH(test_trial_that_succeeds_is_the_change),
		FRESH(test_R21_confirm_of_nothing_costs_no_proof),
		FRESH(test_label_is_looked_at_before_all),
		FRESH(test_empty_line_is_no_try),
		FRESH(test_R12_where_none_can_be_sent_another_is_asked_for),
		FRESH(test_sentence_of_the_proof_is_printed),
		FRESH(test_pending_factor_is_told_before_the_invitation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
