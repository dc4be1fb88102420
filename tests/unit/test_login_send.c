/* SPDX-License-Identifier: MIT */
/*
 * R5, R12, R23: "send" at the prompt.  Where it is known, everybody sees the
 * same and costs the same, whether or not something is sent.
 */
#include "tests/unit/login_transcript.h"

#include "verifier/engine/challenge.h"

static void
with_otp(struct world *w)
{
	w->config.realm[0].provides |= MFA_PROVIDES_OTP | MFA_PROVIDES_HOTP;
}

static void
state_mailed(struct world *w)
{
	state_enrolled(w);
	world_enroll_otp(w, "mail", "daemon@example.org");
	world_pass(w, 60);
}

/* One is out, and it is too soon for another. */
static void
state_sent(struct world *w)
{
	state_mailed(w);
	assert_int_equal(world_send(w, ""), MFA_OK);
}

static void
state_all_sent(struct world *w)
{
	state_mailed(w);
	w->config.realm[0].sends_per_day = 1;
}

static void
state_mail_locked(struct world *w)
{
	char bad[9];

	state_mailed(w);
	for (int i = 0; i < 5; i++) {
		world_pass(w, 60);
		assert_int_equal(world_send(w, ""), MFA_OK);
		memcpy(bad, w->runner.last.code, 9);
		bad[7] = bad[7] == '0' ? '1' : '0';
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	}
	assert_int_equal(world_send(w, ""), MFA_ERR_LOCKED);
}

static void
state_token(struct world *w)
{
	world_user(w, PERSON);
	world_enroll_hotp(w, "token", SECRET_C);
}

/* The programs cannot be reached. */
static void
state_no_runner(struct world *w)
{
	state_mailed(w);
	w->runner.deliver_err = MFA_ERR_UNAVAILABLE;
}

static const struct {
	const char *name;
	void (*make)(struct world *w);
} more[] = {
	{ "mailed", state_mailed },
	{ "sent", state_sent },
	{ "all sent", state_all_sent },
	{ "mail locked", state_mail_locked },
	{ "token", state_token },
	{ "no runner", state_no_runner },
};

static void
same_with_mails(const char *const *answers, const char *expected,
    const unsigned int *writes)
{
	struct transcript t;

	configure = with_otp;
	same_for_all(answers, expected, writes);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		play_in(more[i].make, PERSON, answers, &t);
		if (strcmp(t.text, expected) != 0)
			fail_msg("%s sees: %s", more[i].name, t.text);
		if (memcmp(t.writes, writes, sizeof(t.writes)) != 0)
			fail_msg("%s works otherwise", more[i].name);
	}
	configure = NULL;
}

#define PROMPT(note) \
	"prompt [" note "] [Verification code (or \"send\"): ]\n"
#define SENT "If a code can be sent to you, it is on its way."

static void
test_R5_send_looks_the_same_for_all(void **state)
{
	static const char *const answers[ANSWERS] = { "send", "918273",
		"send", "x" };
	static const unsigned int writes[ANSWERS] = { 1, 1, 1, 0 };

	(void)state;
	same_with_mails(answers, PROMPT("") PROMPT(SENT) PROMPT("Wrong code.")
	    "verdict 2d9a6c35 [" SENT "]\n", writes);
}

static void
test_R5_the_prompt_is_everybodys(void **state)
{
	static const char *const answers[ANSWERS] = { "918273", "12345678",
		"hello", "x" };
	static const unsigned int writes[ANSWERS] = { 1, 1, 0, 0 };

	(void)state;
	same_with_mails(answers, PROMPT("") PROMPT("Wrong code.")
	    PROMPT("Wrong code.") DENIED, writes);
}

static void
test_R5_send_to_a_label(void **state)
{
	static const char *const answers[ANSWERS] = { "send mail",
		"SEND nowhere", "  Send  ", "x" };
	static const unsigned int writes[ANSWERS] = { 1, 1, 1, 0 };

	(void)state;
	same_with_mails(answers, PROMPT("") PROMPT(SENT) PROMPT(SENT)
	    "verdict 2d9a6c35 [" SENT "]\n", writes);
}

/* A program knows other forms, so all text is an attempt, for everybody. */
static void
with_program(struct world *w)
{
	with_otp(w);
	world_program(w, "yubico");
	if (w->subject.realm[0] == '\0')
		world_user(w, PERSON);
}

static void
test_R5_text_where_a_program_is_on(void **state)
{
	static const char *const answers[ANSWERS] = { "hello", "cccccccbcvbh",
		"send", "x" };
	static const unsigned int writes[ANSWERS] = { 1, 1, 1, 0 };

	(void)state;
	configure = with_program;
	same_for_all(answers, PROMPT("") PROMPT("Wrong code.")
	    PROMPT("Wrong code.") "verdict 2d9a6c35 [" SENT "]\n", writes);
	configure = NULL;
}

/* ---- what happens ---- */

static int
mailed(void **state)
{
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	w->caller.service = "sshd";
	w->caller.rhost = "192.0.2.7";
	state_mailed(w);
	memset(w->events, 0, sizeof(w->events));
	w->runner.delivered = 0;
	return 0;
}

static void
test_R12_send_then_the_code(void **state)
{
	struct session s = { .w = *state };

	session_begin(&s, PERSON, false, 3);
	assert_string_equal(s.step.text, "Verification code (or \"send\"): ");
	session_answer(&s, "send");
	assert_true(session_asks(&s));
	assert_string_equal(s.step.note, SENT);
	assert_int_equal(s.w->runner.delivered, 1);
	/* Nobody waits for the mail. */
	assert_false(s.w->runner.last.wait);
	assert_string_equal(s.w->runner.last.service, "sshd");
	assert_string_equal(s.w->runner.last.rhost, "192.0.2.7");
	session_answer(&s, s.w->runner.last.code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	assert_int_equal(s.w->events[MFA_EVENT_OTP_GENERATED], 1);
	assert_int_equal(s.w->events[MFA_EVENT_OTP_DELETED], 1);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_FAILED], 0);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_VERIFIED], 1);
	session_begin(&s, PERSON, false, 1);
	session_answer(&s, s.w->runner.last.code);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_NO_CODE);
}

/* A host that asks once: the code is for the next login, a new process. */
static void
test_R12_send_as_the_only_answer(void **state)
{
	struct session s = { .w = *state };

	session_begin(&s, PERSON, false, 1);
	session_answer(&s, "send");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_SENT);
	assert_string_equal(s.step.message, SENT);
	session_begin(&s, PERSON, false, 1);
	session_answer(&s, s.w->runner.last.code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
}

static void
test_R12_send_names_the_factor(void **state)
{
	struct session s = { .w = *state };

	world_enroll_otp(s.w, "sms", "+15550100123");
	world_pass(s.w, 60);
	s.w->runner.delivered = 0;
	session_begin(&s, PERSON, false, 5);
	session_answer(&s, "send nowhere");
	session_answer(&s, "send phone");
	assert_int_equal(s.w->runner.delivered, 0);
	assert_int_equal(s.w->events[MFA_EVENT_OTP_UNDELIVERED], 2);
	assert_int_equal(s.w->last.err, MFA_ERR_NOT_FOUND);
	session_answer(&s, "send SMS");
	assert_int_equal(s.w->runner.delivered, 1);
	assert_string_equal(s.w->runner.last.factor, "sms");
	session_answer(&s, s.w->runner.last.code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
}

/* Why none was sent is for the log. */
static void
test_R26_the_log_says_why_none_was_sent(void **state)
{
	struct session s = { .w = *state };

	session_begin(&s, PERSON, false, 5);
	session_answer(&s, "send");
	assert_int_equal(s.w->events[MFA_EVENT_OTP_UNDELIVERED], 0);
	session_answer(&s, "send");
	assert_int_equal(s.w->events[MFA_EVENT_OTP_UNDELIVERED], 1);
	assert_int_equal(s.w->last.err, MFA_ERR_TOO_SOON);
	assert_int_equal(s.w->runner.delivered, 1);
	s.w->config.realm[0].sends_per_day = 2;
	world_pass(s.w, 60);
	session_answer(&s, "send");
	assert_int_equal(s.w->last.err, MFA_ERR_LOCKED);
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	session_begin(&s, NOBODY, false, 2);
	session_answer(&s, "send");
	assert_int_equal(s.w->events[MFA_EVENT_OTP_UNDELIVERED], 3);
	assert_string_equal(s.w->texts.reason, "unknown-user");
	assert_int_equal(s.w->runner.delivered, 1);
}

static void
test_R12_only_where_it_is_on(void **state)
{
	struct session s = { .w = *state };

	memcpy(s.w->config.otp_services[0], "sudo", 5);
	s.w->config.otp_service_count = 1;
	session_begin(&s, PERSON, false, 3);
	assert_string_equal(s.step.text, "Verification code: ");
	session_answer(&s, "send");
	assert_string_equal(s.step.note, "That is not a code.");
	s.w->caller.service = "sudo";
	session_begin(&s, PERSON, false, 3);
	assert_string_equal(s.step.text, "Verification code (or \"send\"): ");
	s.w->caller.service = "sudo2";
	session_begin(&s, PERSON, false, 3);
	assert_string_equal(s.step.text, "Verification code: ");
	s.w->config.otp_service_count = 0;
	s.w->config.realm[0].provides = MFA_PROVIDES_TOTP;
	session_begin(&s, PERSON, false, 3);
	session_answer(&s, "send");
	assert_string_equal(s.step.note, "That is not a code.");
	assert_int_equal(s.w->runner.delivered, 0);
}

/* Each is a prompt of those that the host allows, and no slip. */
static void
test_R25_sends_are_prompts(void **state)
{
	struct session s = { .w = *state };
	unsigned int prompts = 0;

	s.w->config.max_attempts = 10;
	session_begin(&s, PERSON, false, 10);
	while (session_asks(&s)) {
		assert_true(prompts++ < 10);
		session_answer(&s, "send");
		world_pass(s.w, 5);
	}
	assert_int_equal(prompts, 10);
	/* 50 seconds: the first, and one after 30. */
	assert_int_equal(s.w->runner.delivered, 2);
}

static void
test_R28_nothing_is_sent_after_the_deadline(void **state)
{
	struct session s = { .w = *state };

	session_begin(&s, PERSON, false, 3);
	world_pass(s.w, s.w->config.challenge_ttl_seconds + 1);
	session_answer(&s, "send");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_EXPIRED);
	assert_int_equal(s.w->runner.delivered, 0);
}

/* A store that cannot be written: no code, and no other words. */
static void
test_R12_no_store_no_code(void **state)
{
	struct session s = { .w = *state };

	state_mailed(s.w);
	s.w->runner.delivered = 0;
	session_begin(&s, PERSON, false, 3);
	s.w->mishap.write_fails = 1;
	session_answer(&s, "send");
	assert_true(session_asks(&s));
	assert_string_equal(s.step.note, SENT);
	assert_int_equal(s.w->runner.delivered, 0);
	assert_int_equal(s.w->last.err, MFA_ERR_IO);
}

#define MAILED(f) cmocka_unit_test_setup_teardown(f, mailed, world_free)
#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R5_send_looks_the_same_for_all),
		cmocka_unit_test(test_R5_the_prompt_is_everybodys),
		cmocka_unit_test(test_R5_send_to_a_label),
		cmocka_unit_test(test_R5_text_where_a_program_is_on),
		MAILED(test_R12_send_then_the_code),
		MAILED(test_R12_send_as_the_only_answer),
		MAILED(test_R12_send_names_the_factor),
		MAILED(test_R26_the_log_says_why_none_was_sent),
		MAILED(test_R12_only_where_it_is_on),
		MAILED(test_R25_sends_are_prompts),
		MAILED(test_R28_nothing_is_sent_after_the_deadline),
		IN_MEMORY(test_R12_no_store_no_code),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
