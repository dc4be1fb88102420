/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture.h"

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

static struct capture out, err;

static int
verify_as(bool owner, const char *input)
{
	const struct mfa_args args = { .user = "alice", .owner = owner };
	int saved = capture_input(input, strlen(input));
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find("verify")->run(&args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	return code;
}

static int
verify(const char *input)
{
	return verify_as(true, input);
}

/* What root's question about the user is told. */
static mfa_wire_Account *
will_know(void)
{
	return &fake_client_will_say(mfa_wire_Reply_account_tag)->what.account;
}

static void
will_prompt(const char *note)
{
	mfa_wire_Prompt *p =
	    &fake_client_will_say(mfa_wire_Reply_prompt_tag)->what.prompt;

	(void)snprintf(p->note, sizeof(p->note), "%s", note);
	(void)memcpy(p->text, "Verification code: ", 20);
}

static mfa_wire_Verdict *
will_judge(mfa_wire_VerdictCode code)
{
	mfa_wire_Verdict *v =
	    &fake_client_will_say(mfa_wire_Reply_verdict_tag)->what.verdict;

	v->code = code;
	return v;
}

static void
test_right_code(void **state)
{
	const mfa_wire_Login *login = &fake_client.requests[0].what.login;
	const mfa_wire_Answer *answer = &fake_client.requests[1].what.answer;

	(void)state;
	will_prompt("");
	(void)will_judge(mfa_wire_VerdictCode_VERDICT_ACCEPT);
	assert_int_equal(verify("492039\n"), MFA_EXIT_DONE);
	assert_int_equal(fake_client.opened, 1);
	assert_int_equal(fake_client.asked, 2);
	assert_int_equal(
	    fake_client.requests[0].which_what, mfa_wire_Request_login_tag);
	assert_string_equal(login->user, "alice");
	assert_string_equal(login->service, "medusa-mfa");
	assert_false(login->nullok);
	assert_true(login->retry >= 1 && login->retry <= 10);
	assert_int_equal(
	    fake_client.requests[1].which_what, mfa_wire_Request_answer_tag);
	assert_int_equal(answer->text.size, 6);
	assert_memory_equal(answer->text.bytes, "492039", 6);
	assert_null(strstr(out.text, "492039"));
}

static void
test_second_line_is_the_second_try(void **state)
{
	(void)state;
	will_prompt("");
	will_prompt("Wrong code.");
	(void)will_judge(mfa_wire_VerdictCode_VERDICT_ACCEPT);
	assert_int_equal(verify("000000\n492039\n"), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 3);
}

/* Only ACCEPT is success; numbers of no verdict are not. */
static void
test_every_other_verdict_is_none(void **state)
{
	static const struct {
		unsigned int verdict;
		int code;
	} cases[] = {
		{ mfa_wire_VerdictCode_VERDICT_DENY, MFA_EXIT_WRONG },
		{ mfa_wire_VerdictCode_VERDICT_PASS, MFA_EXIT_FAILED },
		{ mfa_wire_VerdictCode_VERDICT_UNAVAILABLE,
		    MFA_EXIT_UNAVAILABLE },
		{ mfa_wire_VerdictCode_VERDICT_MISCONFIGURED, MFA_EXIT_FAILED },
		{ mfa_wire_VerdictCode_VERDICT_NONE, MFA_EXIT_FAILED },
		{ 1, MFA_EXIT_FAILED },
		{ mfa_wire_VerdictCode_VERDICT_ACCEPT ^ 1U, MFA_EXIT_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)fake_client_reset(state);
		will_prompt("");
		(void)will_judge((mfa_wire_VerdictCode)cases[i].verdict);
		assert_int_equal(verify("492039\n"), cases[i].code);
		assert_string_equal(out.text, "");
		assert_memory_equal(err.text, "medusa-mfa: ", 12);
	}
}

static void
test_nobody_is_asked_who_is_not_enrolled(void **state)
{
	(void)state;
	will_judge(mfa_wire_VerdictCode_VERDICT_PASS)->reason =
	    mfa_wire_Reason_REASON_NOT_ENROLLED;
	assert_int_equal(verify(""), MFA_EXIT_FAILED);
	assert_non_null(strstr(err.text, "alice is not enrolled"));
	will_judge(mfa_wire_VerdictCode_VERDICT_PASS)->reason =
	    mfa_wire_Reason_REASON_EXEMPT;
	assert_int_equal(verify(""), MFA_EXIT_FAILED);
	assert_non_null(strstr(err.text, "alice is exempt"));
}

static void
abandoned_because(mfa_wire_Reason reason)
{
	const mfa_wire_Request *last =
	    &fake_client.requests[fake_client.asked - 1];

	assert_int_equal(last->which_what, mfa_wire_Request_abandon_tag);
	assert_int_equal(last->what.abandon.reason, reason);
}

static void
test_no_answer_abandons(void **state)
{
	char line[300];

	(void)state;
	memset(line, '1', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	will_prompt("");
	assert_int_equal(verify(""), MFA_EXIT_FAILED);
	abandoned_because(mfa_wire_Reason_REASON_CONVERSATION);
	will_prompt("");
	assert_int_equal(verify(line), MFA_EXIT_FAILED);
	abandoned_because(mfa_wire_Reason_REASON_JUNK);
}

static void
test_end_of_input_after_a_wrong_code(void **state)
{
	(void)state;
	(void)will_know();
	will_prompt("");
	will_prompt("Wrong code.");
	assert_int_equal(verify_as(false, "000000\n"), MFA_EXIT_WRONG);
	assert_string_equal(err.text, "medusa-mfa: Wrong code.\n");
	assert_int_equal(fake_client.requests[--fake_client.asked].which_what,
	    mfa_wire_Request_status_tag);
	abandoned_because(mfa_wire_Reason_REASON_CONVERSATION);
}

/* The verdict itself does not tell (R5). */
static void
test_owner_who_is_refused_is_shown_to_his_status(void **state)
{
	static const char hint[] = " (locked? see medusa-mfa status)\n";

	(void)state;
	will_prompt("");
	will_prompt("Wrong code.");
	assert_int_equal(verify_as(true, "000000\n"), MFA_EXIT_WRONG);
	assert_string_equal(err.text,
	    "medusa-mfa: Wrong code. (locked? see medusa-mfa status)\n");
	for (int owner = 0; owner < 2; owner++) {
		if (owner == 0)
			(void)will_know();
		will_prompt("");
		(void)will_judge(mfa_wire_VerdictCode_VERDICT_DENY);
		assert_int_equal(verify_as(owner == 1, "000000\n"),
		    MFA_EXIT_WRONG);
		assert_int_equal(strstr(err.text, hint) != NULL, owner);
	}
}

/* The word goes to the verifier as an answer, which asks once more (R12). */
static void
test_R12_send_is_an_answer(void **state)
{
	const mfa_wire_Answer *answer = &fake_client.requests[1].what.answer;

	(void)state;
	will_prompt("");
	will_prompt("If a code can be sent, it is on its way.");
	(void)will_judge(mfa_wire_VerdictCode_VERDICT_ACCEPT);
	assert_int_equal(verify("send\n492039\n"), MFA_EXIT_DONE);
	assert_int_equal(answer->text.size, 4);
	assert_memory_equal(answer->text.bytes, "send", 4);
	assert_int_equal(fake_client.requests[2].what.answer.text.size, 6);
}

/* Nothing was guessed: that is no wrong code. */
static void
test_end_of_input_after_send(void **state)
{
	(void)state;
	will_prompt("");
	will_prompt("If a code can be sent, it is on its way.");
	assert_int_equal(verify("Send mail\n"), MFA_EXIT_FAILED);
	assert_null(strstr(err.text, "on its way"));
	abandoned_because(mfa_wire_Reason_REASON_CONVERSATION);
}

static void
test_root_is_told_that_no_code_is_live(void **state)
{
	(void)state;
	(void)will_know();
	will_prompt("");
	will_judge(mfa_wire_VerdictCode_VERDICT_DENY)->reason =
	    mfa_wire_Reason_REASON_NO_CODE;
	assert_int_equal(verify_as(false, "492039\n"), MFA_EXIT_WRONG);
	assert_non_null(strstr(err.text, "answer send"));
}

/* No code of nobody is asked for; what else is wrong, the login says. */
static void
test_root_is_told_of_a_name_that_nobody_has(void **state)
{
	(void)state;
	fake_client_will_refuse(MFA_ERR_NO_USER, "there is no such user");
	assert_int_equal(verify_as(false, "492039\n"), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: there is no such user\n");
	assert_int_equal(fake_client.asked, 1);
	assert_string_equal(fake_client.requests[0].what.status.user, "alice");
	fake_client_will_refuse(MFA_ERR_NSS, "the database is mute");
	will_prompt("");
	(void)will_judge(mfa_wire_VerdictCode_VERDICT_ACCEPT);
	assert_int_equal(verify_as(false, "492039\n"), MFA_EXIT_DONE);
	assert_string_equal(err.text, "");
	/* R5: nobody else asks about anybody. */
	fake_client.asked = 0;
	will_prompt("");
	(void)will_judge(mfa_wire_VerdictCode_VERDICT_ACCEPT);
	assert_int_equal(verify("492039\n"), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 2);
}

/* A right code of another way in says nothing of a lock: root is told, once. */
static void
test_root_is_told_of_locks(void **state)
{
	static const char lock[] = "medusa-mfa: note: at screen lockers and own "
	    "commands wrong codes lock alice for 15 min (medusa-mfa unlock "
	    "alice)\n";

	(void)state;
	will_know()->locked_seconds_unprivileged = 900;
	will_prompt("");
	(void)will_judge(mfa_wire_VerdictCode_VERDICT_ACCEPT);
	will_know()->locked_seconds_unprivileged = 900;
	assert_int_equal(verify_as(false, "492039\n"), MFA_EXIT_DONE);
	assert_string_equal(err.text, lock);
	(void)will_know();
	will_prompt("");
	will_judge(mfa_wire_VerdictCode_VERDICT_DENY)->reason =
	    mfa_wire_Reason_REASON_BLOCKED;
	*will_know() = (mfa_wire_Account){ .locked_seconds = 60,
		.blocked = true };
	assert_int_equal(verify_as(false, "492039\n"), MFA_EXIT_WRONG);
	assert_string_equal(err.text, "medusa-mfa: blocked after too many wrong "
	    "codes\nmedusa-mfa: note: at logins wrong codes lock alice for "
	    "60 s: right codes are refused too, recovery codes are not "
	    "(medusa-mfa unlock alice)\nmedusa-mfa: note: a factor of alice is "
	    "blocked after too many wrong codes (medusa-mfa unlock alice)\n");
}

static void
test_trouble_on_the_way(void **state)
{
	(void)state;
	will_prompt("");
	assert_int_equal(verify("492039\n"), MFA_EXIT_UNAVAILABLE);
	fake_client_will_refuse(MFA_ERR_DENIED, "not allowed");
	assert_int_equal(verify("492039\n"), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: not allowed\n");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(verify("492039\n"), MFA_EXIT_FAILED);
	fake_client.open_result = MFA_ERR_UNAVAILABLE;
	assert_int_equal(verify("492039\n"), MFA_EXIT_UNAVAILABLE);
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_right_code),
		FRESH(test_second_line_is_the_second_try),
		FRESH(test_every_other_verdict_is_none),
		FRESH(test_nobody_is_asked_who_is_not_enrolled),
		FRESH(test_no_answer_abandons),
		FRESH(test_end_of_input_after_a_wrong_code),
		FRESH(test_owner_who_is_refused_is_shown_to_his_status),
		FRESH(test_R12_send_is_an_answer),
		FRESH(test_end_of_input_after_send),
		FRESH(test_root_is_told_that_no_code_is_live),
		FRESH(test_root_is_told_of_a_name_that_nobody_has),
		FRESH(test_root_is_told_of_locks),
		FRESH(test_trouble_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
