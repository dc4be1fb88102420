/* SPDX-License-Identifier: MIT */
/* R8, R13, R25, R26: how often it is asked, when it ends, what is noted. */
#include "tests/unit/login_states.h"

/* One outcome, and only of this type, since the last look. */
static void
noted(struct world *w, enum mfa_event_type type)
{
	unsigned int n = 0;

	for (int i = 0; i < MFA_EVENT_END; i++)
		n += w->events[i];
	assert_int_equal(n, 1);
	assert_int_equal(w->events[type], 1);
	memset(w->events, 0, sizeof(w->events));
}

static void
quiet(struct world *w)
{
	memset(w->events, 0, sizeof(w->events));
	memset(w->reasons, 0, sizeof(w->reasons));
}

/* How many prompts there are until the verdict, for one and the same answer. */
static unsigned int
prompts(struct session *s, uint32_t retry, const char *answer)
{
	unsigned int n = 0;

	session_begin(s, PERSON, false, retry);
	while (session_asks(s)) {
		assert_in_range(++n, 1, 20);
		session_answer(s, answer);
	}
	return n;
}

static void
test_R25_asked_as_often_as_host_and_policy_say(void **state)
{
	static const uint32_t retry[] = { 0, 1, 2, 3, 5, 6, 10, UINT32_MAX };
	static const unsigned int wanted[] = { 1, 1, 2, 3, 5, 5, 5, 5 };
	struct session s = { .w = *state };
	char bad[9];

	state_enrolled(s.w);
	s.w->config.burst = 1000;
	s.w->config.wrong_per_day = 1000;
	for (size_t i = 0; i < 8; i++) {
		world_wrong(s.w, bad);
		assert_int_equal(prompts(&s, retry[i], bad), wanted[i]);
		session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_WRONG);
		world_pass(s.w, 86400); /* past any lock */
	}
	s.w->config.max_attempts = 2;
	world_wrong(s.w, bad);
	assert_int_equal(prompts(&s, 10, bad), 2);
}

static void
test_R25_slips_are_asked_again_twice(void **state)
{
	static const char *const slips[] = { "hello", "12345", "123456789",
		"12 34", "AAAA-AAAA", "passw0rd!" };
	struct session s = { .w = *state };
	mfa_record_Record record;

	state_enrolled(s.w);
	s.w->config.max_attempts = 10;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		assert_int_equal(prompts(&s, 10, slips[i]), 3);
		session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_MALFORMED);
		assert_int_equal(prompts(&s, 2, slips[i]), 2);
		assert_int_equal(prompts(&s, 1, slips[i]), 1);
	}
	/* R8: none of them was charged. */
	world_record(s.w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 0);
}

/* Two slips in all, not two in a row. */
static void
test_R25_slips_are_counted_over_the_login(void **state)
{
	struct session s = { .w = *state };
	char bad[9];

	state_enrolled(s.w);
	s.w->config.max_attempts = 10;
	world_wrong(s.w, bad);
	session_begin(&s, PERSON, false, 10);
	session_answer(&s, "hello");
	assert_string_equal(s.step.note, "That is not a code.");
	session_answer(&s, bad);
	assert_string_equal(s.step.note, "Wrong code.");
	session_answer(&s, "hello");
	assert_true(session_asks(&s));
	session_answer(&s, "hello");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_MALFORMED);
}

static void
test_R25_junk_ends_it_at_once(void **state)
{
	static const char *const junk[] = { "", " ", "\t", "\n",
		"\b\n\r\177INCORRECT", "\x01", "492039\x01", "\xc3\xb6",
		"\xff\xff\xff" };
	struct session s = { .w = *state };
	mfa_record_Record record;
	char longest[200];

	state_enrolled(s.w);
	memset(longest, '1', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	quiet(s.w);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(prompts(&s, 10, i < 9 ? junk[i] : longest),
		    1);
		session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_JUNK);
		noted(s.w, MFA_EVENT_CHALLENGE_FAILED);
	}
	world_record(s.w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 0);
}

static void
test_R25_nul_and_length_are_taken_as_they_are(void **state)
{
	struct session s = { .w = *state };
	char code[9] = "", answer[10];

	state_enrolled(s.w);
	world_code(s.w, SECRET_A, 0, code);
	memcpy(answer, code, 6);
	answer[6] = '\0';
	session_begin(&s, PERSON, false, 3);
	/* A NUL behind the right code. */
	mfa_login_answer(&s.w->engine, &s.login, (const uint8_t *)answer, 7,
	    &s.step);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_JUNK);
	session_begin(&s, PERSON, false, 3);
	mfa_login_answer(&s.w->engine, &s.login, (const uint8_t *)answer, 6,
	    &s.step);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
}

static void
test_R25_wrong_then_right(void **state)
{
	struct session s = { .w = *state };
	char bad[9], code[9];

	state_enrolled(s.w);
	world_wrong(s.w, bad);
	world_code(s.w, SECRET_A, 0, code);
	quiet(s.w);
	session_begin(&s, PERSON, false, 3);
	assert_string_equal(s.step.note, "");
	session_answer(&s, bad);
	assert_string_equal(s.step.note, "Wrong code.");
	noted(s.w, MFA_EVENT_CHALLENGE_FAILED);
	session_answer(&s, "hello");
	noted(s.w, MFA_EVENT_CHALLENGE_FAILED);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	noted(s.w, MFA_EVENT_CHALLENGE_VERIFIED);
	assert_int_equal(s.w->reasons[MFA_REASON_WRONG], 1);
	assert_int_equal(s.w->reasons[MFA_REASON_MALFORMED], 1);
}

static void
test_R26_one_outcome_for_each_way_to_end(void **state)
{
	static const enum mfa_reason reasons[] = { MFA_REASON_JUNK,
		MFA_REASON_PASSWORD_REPEATED, MFA_REASON_CONVERSATION,
		MFA_REASON_EXPIRED };
	struct session s = { .w = *state };
	char bad[9];

	state_none(s.w);
	quiet(s.w);
	session_begin(&s, PERSON, false, 3);
	noted(s.w, MFA_EVENT_CHALLENGE_SKIPPED);
	session_begin(&s, NOBODY, false, 1);
	session_answer(&s, "123456");
	noted(s.w, MFA_EVENT_CHALLENGE_FAILED);
	state_enrolled(s.w);
	quiet(s.w);
	for (int i = 0; i < 4; i++) {
		session_begin(&s, PERSON, false, 3);
		mfa_login_abandon(&s.w->engine, &s.login, reasons[i],
		    &s.step);
		session_ends(&s, MFA_VERDICT_DENY, reasons[i]);
		noted(s.w, MFA_EVENT_CHALLENGE_FAILED);
		assert_int_equal(s.w->reasons[reasons[i]], 1);
		/* After that no code counts any more. */
		session_answer(&s, "123456");
		session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_EXPIRED);
		quiet(s.w);
	}
	/* The fifth wrong code starts a lock: that is noted besides. */
	world_wrong(s.w, bad);
	for (int i = 0; i < 4; i++)
		assert_int_equal(world_try(s.w, bad), MFA_REASON_WRONG);
	session_begin(&s, PERSON, false, 1);
	session_answer(&s, bad);
	assert_int_equal(s.w->events[MFA_EVENT_LOCKED], 1);
	s.w->events[MFA_EVENT_LOCKED] = 0;
	noted(s.w, MFA_EVENT_CHALLENGE_FAILED);
	session_begin(&s, PERSON, false, 1);
	session_answer(&s, bad);
	noted(s.w, MFA_EVENT_CHALLENGE_FAILED);
}

static void
test_R26_an_unusable_record_is_noted_as_such(void **state)
{
	struct session s = { .w = *state };

	state_damaged(s.w);
	quiet(s.w);
	session_begin(&s, PERSON, false, 3);
	noted(s.w, MFA_EVENT_RECORD_UNUSABLE);
	assert_int_equal(s.w->last.err, MFA_ERR_DAMAGED);
	s.w->clock_fails = true;
	session_begin(&s, PERSON, false, 3);
	noted(s.w, MFA_EVENT_ERROR);
	assert_int_equal(s.w->last.err, MFA_ERR_IO);
}

static void
test_R26_an_implausible_clock_is_noted_besides(void **state)
{
	struct session s = { .w = *state };

	state_enrolled(s.w);
	session_begin(&s, PERSON, false, 1);
	s.w->now.wall = MFA_RELEASE_TIME - 1;
	quiet(s.w);
	session_answer(&s, "123456");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_CLOCK);
	assert_int_equal(s.w->events[MFA_EVENT_CLOCK_IMPLAUSIBLE], 1);
	s.w->events[MFA_EVENT_CLOCK_IMPLAUSIBLE] = 0;
	noted(s.w, MFA_EVENT_CHALLENGE_FAILED);
}

/* By the clock that no one sets. */
static void
test_R28_a_prompt_expires(void **state)
{
	struct session s = { .w = *state };
	char code[9];

	state_enrolled(s.w);
	session_begin(&s, PERSON, false, 3);
	world_pass(s.w, s.w->config.challenge_ttl_seconds);
	world_code(s.w, SECRET_A, 0, code);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	world_pass(s.w, 30);
	session_begin(&s, PERSON, false, 3);
	world_pass(s.w, s.w->config.challenge_ttl_seconds + 1);
	world_code(s.w, SECRET_A, 0, code);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_EXPIRED);
	/* The code was not compared, so it is good still. */
	session_begin(&s, PERSON, false, 3);
	s.w->now.wall += 3 * 3600;
	world_code(s.w, SECRET_A, 0, code);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
}

static void
test_R28_the_time_is_for_all_prompts_together(void **state)
{
	struct session s = { .w = *state };
	char bad[9];

	state_enrolled(s.w);
	session_begin(&s, PERSON, false, 3);
	for (int i = 0; i < 2; i++) {
		world_pass(s.w, s.w->config.challenge_ttl_seconds / 2);
		world_wrong(s.w, bad);
		session_answer(&s, bad);
		assert_true(session_asks(&s));
	}
	world_pass(s.w, 1);
	session_answer(&s, bad);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_EXPIRED);
	/* Without a clock nobody can say that it did not expire. */
	session_begin(&s, PERSON, false, 3);
	s.w->clock_fails = true;
	session_answer(&s, "123456");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_EXPIRED);
}

static void
test_R13_recovery_codes_say_how_many_are_left(void **state)
{
	struct session s = { .w = *state };
	struct mfa_confirmed confirmed;
	char wanted[100];

	world_user(s.w, PERSON);
	world_enroll(s.w, "phone", SECRET_A, &confirmed);
	for (unsigned int i = 0; i < 10; i++) {
		quiet(s.w);
		session_begin(&s, PERSON, false, 3);
		session_answer(&s, confirmed.codes.code[i]);
		session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
		(void)snprintf(wanted, sizeof(wanted), i < 7 ?
			"Recovery code used, %u left." :
			"Recovery code used, only %u left: make new ones.",
		    9 - i);
		assert_string_equal(s.step.message, wanted);
		assert_int_equal(s.w->events[MFA_EVENT_RECOVERY_USED], 1);
		assert_true(s.w->last.has_left);
		assert_int_equal(s.w->last.left, 9 - i);
		s.w->events[MFA_EVENT_RECOVERY_USED] = 0;
		noted(s.w, MFA_EVENT_CHALLENGE_VERIFIED);
	}
	session_begin(&s, PERSON, false, 3);
	session_answer(&s, confirmed.codes.code[0]);
	assert_string_equal(s.step.note, "Recovery code already used.");
}

static void
test_reason_names(void **state)
{
	(void)state;
	for (int i = 0; i < (int)WORLD_REASONS; i++) {
		const char *name = mfa_reason_name((enum mfa_reason)i);

		assert_in_range(strlen(name), 2, 32);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"),
		    strlen(name));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name,
			    mfa_reason_name((enum mfa_reason)j));
	}
	assert_string_equal(mfa_reason_name((enum mfa_reason)WORLD_REASONS),
	    "unknown");
	assert_string_equal(mfa_reason_name((enum mfa_reason)-1), "unknown");
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R25_asked_as_often_as_host_and_policy_say),
		IN_FILES(test_R25_slips_are_asked_again_twice),
		IN_FILES(test_R25_slips_are_counted_over_the_login),
		IN_FILES(test_R25_junk_ends_it_at_once),
		IN_FILES(test_R25_nul_and_length_are_taken_as_they_are),
		IN_FILES(test_R25_wrong_then_right),
		IN_FILES(test_R26_one_outcome_for_each_way_to_end),
		IN_FILES(test_R26_an_unusable_record_is_noted_as_such),
		IN_FILES(test_R26_an_implausible_clock_is_noted_besides),
		IN_FILES(test_R28_a_prompt_expires),
		IN_FILES(test_R28_the_time_is_for_all_prompts_together),
		IN_FILES(test_R13_recovery_codes_say_how_many_are_left),
		cmocka_unit_test(test_reason_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
