/* SPDX-License-Identifier: MIT */
/*
 * R3, R9, R25, R26: trouble with the first code of a factor that is added in
 * the login itself; and what the log says of it, and of what was not compared.
 */
#include "tests/unit/login_states.h"

/* PERSON, whom a rule lets add a factor. */
static void
ready(struct world *w)
{
	world_user(w, PERSON);
	session_rule(w, MFA_DECISION_REQUIRE)->unenrolled =
	    MFA_UNENROLLED_ENROLL;
}

/* The key in the note, without blanks. */
static void
shown_key(const struct session *s, char key[80])
{
	const char *p = strstr(s->step.note, "app: ");
	size_t n = 0;

	assert_non_null(p);
	for (p += 5; *p != '.' && n < 79; p++) {
		if (*p != ' ')
			key[n++] = *p;
	}
	key[n] = '\0';
	assert_int_equal(n, 32);
}

static void
begins(struct session *s, uint32_t retry, char code[9])
{
	char key[80];

	session_begin(s, PERSON, false, retry);
	assert_true(session_asks(s));
	assert_string_equal(s->step.text, "Code from the app: ");
	shown_key(s, key);
	world_code(s->w, key, 0, code);
	memset(s->w->events, 0, sizeof(s->w->events));
}

/* ---- the first code ---- */

static void
test_R26_the_log_names_the_new_factor(void **state)
{
	struct session s = { .w = *state };
	char code[9];

	ready(s.w);
	begins(&s, 3, code);
	session_answer(&s, code);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_VERIFIED], 0);
	session_answer(&s, "");
	session_answer(&s, "");
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_VERIFIED], 1);
	assert_int_equal(s.w->last.type, MFA_EVENT_CHALLENGE_VERIFIED);
	assert_string_equal(s.w->texts.method, "totp");
	assert_string_equal(s.w->texts.factor, "login");
	mfa_login_wipe(&s.login);
}

/* However many prompts are left: nobody knows whether the code was right. */
static void
test_R3_a_first_code_that_is_not_written(void **state)
{
	struct session s = { .w = *state };
	char code[9];

	state_pending(s.w);
	ready(s.w);
	for (unsigned int passed = 0; passed < 2; passed++) {
		begins(&s, 3, code);
		s.w->mishap.writes_before = passed;
		s.w->mishap.write_fails = 1;
		session_answer(&s, code);
		session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
		assert_int_equal(s.step.err, MFA_ERR_IO);
		assert_string_not_equal(s.step.message, "");
		assert_true(s.w->events[MFA_EVENT_ERROR] > 0);
		assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_VERIFIED], 0);
		mfa_login_wipe(&s.login);
	}
}

/* Shut while the prompt is out: a refusal, and no trouble. */
static void
test_R9_a_first_code_beyond_the_budget(void **state)
{
	struct session s = { .w = *state };
	char code[9], bad[9];

	ready(s.w);
	s.w->config.wrong_per_day = 1;
	begins(&s, 3, code);
	world_wrong(s.w, bad);
	session_answer(&s, bad);
	assert_true(session_asks(&s));
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_NOT_ENROLLED);
	assert_int_equal(s.w->events[MFA_EVENT_ERROR], 0);
	mfa_login_wipe(&s.login);
}

/*
 * The prompt was out when somebody else enrolled the person: whoever has the
 * password alone adds no second factor to that.
 */
static void
test_R21_a_login_of_before_adds_no_second_factor(void **state)
{
	struct session s = { .w = *state };
	static mfa_record_Record r;
	struct mfa_confirmed confirmed;
	char code[9];

	ready(s.w);
	begins(&s, 3, code);
	world_enroll(s.w, "phone", SECRET_A, &confirmed);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_NOT_ENROLLED);
	assert_int_equal(s.w->events[MFA_EVENT_ERROR], 0);
	world_record(s.w, &r);
	assert_int_equal(r.factors_count, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(r.factors[i].status,
		    strcmp(r.factors[i].label, "phone") == 0 ?
			mfa_record_Status_STATUS_ENABLED :
			mfa_record_Status_STATUS_PENDING);
	mfa_login_wipe(&s.login);
}

/* ---- nothing is said of what was not compared ---- */

static void
says_nothing_of(const struct world *w, const char *reason)
{
	assert_int_equal(w->last.type, MFA_EVENT_CHALLENGE_FAILED);
	assert_string_equal(w->texts.reason, reason);
	assert_string_equal(w->texts.method, "");
	assert_string_equal(w->texts.factor, "");
	assert_string_equal(w->texts.address, "");
	assert_false(w->last.has_left);
	assert_true(w->last.has_attempts);
}

static void
test_R26_what_was_not_compared(void **state)
{
	struct session s = { .w = *state };

	state_enrolled(s.w);
	session_begin(&s, PERSON, false, 3);
	session_answer(&s, "hello");
	says_nothing_of(s.w, "malformed");
	session_begin(&s, NOBODY, false, 3);
	session_answer(&s, "123456");
	says_nothing_of(s.w, "unknown-user");
	state_none(s.w);
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	world_enroll_outside(s.w, "key", "yubico", "first-answer");
	s.w->runner.ask_err = MFA_ERR_PROGRAM;
	session_begin(&s, PERSON, false, 3);
	session_answer(&s, "hello");
	says_nothing_of(s.w, "error");
}

/* A program alone: all text is an answer to it. */
static void
test_R25_a_program_is_all_there_is(void **state)
{
	struct session s = { .w = *state };

	world_user(s.w, PERSON);
	world_enroll_outside(s.w, "key", "yubico", "first-answer");
	s.w->config.realm[0].provides = MFA_PROVIDES_OUTSIDE;
	s.w->runner.accepts = "hello";
	session_begin(&s, PERSON, false, 1);
	assert_true(session_asks(&s));
	session_answer(&s, "hello");
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
}

#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MEMORY(test_R26_the_log_names_the_new_factor),
		IN_MEMORY(test_R3_a_first_code_that_is_not_written),
		IN_MEMORY(test_R9_a_first_code_beyond_the_budget),
		IN_MEMORY(test_R21_a_login_of_before_adds_no_second_factor),
		IN_MEMORY(test_R26_what_was_not_compared),
		IN_MEMORY(test_R25_a_program_is_all_there_is),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
