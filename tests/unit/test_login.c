/* SPDX-License-Identifier: MIT */
/*
 * R1, R2, R3, R21: who passes unasked, who is asked, who is refused.  The
 * table is written by hand; nothing of it is taken from the product.
 */
#include "tests/unit/login_states.h"

/*
 * What a login begins with: P passes, ? asks, U unavailable.  Columns:
 * require enrolled, enrolled + nullok, all, all + nullok.
 */
static const struct row {
	const char *name;
	void (*make)(struct world *w);
	const char *root;
	const char *other; /* a caller that is not root */
	enum mfa_err err;  /* of U */
	enum mfa_reason after; /* of the right code; OK: accepted */
} rows[] = {
	{ "no record", state_none, "PP?P", "PP??", MFA_OK,
	    MFA_REASON_NOT_ENROLLED },
	{ "pending only", state_pending, "PP?P", "PP??", MFA_OK,
	    MFA_REASON_NOT_ENROLLED },
	{ "last factor disabled", state_disabled, "PP?P", "PP??", MFA_OK,
	    MFA_REASON_NOT_ENROLLED },
	{ "reset", state_reset, "PP?P", "PP??", MFA_OK,
	    MFA_REASON_NOT_ENROLLED },
	{ "enrolled", state_enrolled, "????", "????", MFA_OK, MFA_REASON_OK },
	{ "locked", state_locked, "????", "????", MFA_OK, MFA_REASON_LOCKED },
	{ "budget spent", state_spent, "????", "????", MFA_OK,
	    MFA_REASON_LOCKED },
	{ "blocked", state_blocked, "????", "????", MFA_OK,
	    MFA_REASON_BLOCKED },
	{ "foreign uid", state_foreign, "????", "????", MFA_OK,
	    MFA_REASON_UNKNOWN_USER },
	{ "damaged", state_damaged, "UUUU", "UUUU", MFA_ERR_DAMAGED,
	    MFA_REASON_NONE },
	{ "newer format", state_newer, "UUUU", "UUUU", MFA_ERR_FORMAT,
	    MFA_REASON_NONE },
	{ "key missing", state_no_key, "UUUU", "UUUU", MFA_ERR_NO_KEY,
	    MFA_REASON_NONE },
	{ "empty file", state_empty, "UUUU", "UUUU", MFA_ERR_DAMAGED,
	    MFA_REASON_NONE },
	{ "half a file", state_half, "UUUU", "UUUU", MFA_ERR_DAMAGED,
	    MFA_REASON_NONE },
	{ "linked file", state_link, "UUUU", "UUUU", MFA_ERR_UNSAFE,
	    MFA_REASON_NONE },
};

/* The same question, asked without a prompt. */
static void
check_policy(struct session *s, const struct row *row, int column, char wanted)
{
	const struct mfa_login_ask ask = { .caller = s->w->caller,
		.user = PERSON, .nullok = column % 2 == 1, .retry = 1 };
	static mfa_record_Record before, after;
	const bool readable = wanted != 'U' && row->make != state_none &&
	    row->make != state_foreign;

	if (readable)
		world_record(s->w, &before);
	mfa_login_policy(&s->w->engine, &ask, column % 2 == 0, &s->step);
	if (wanted == 'P')
		session_ends(s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	else if (wanted == '?')
		session_ends(s, MFA_VERDICT_DENY, MFA_REASON_UNVERIFIED);
	else
		session_ends(s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	/* No counter moves. */
	if (readable) {
		world_record(s->w, &after);
		assert_memory_equal(&before, &after, sizeof(before));
	}
}

static void
check_cell(struct session *s, const struct row *row, int column)
{
	const char *wanted = s->w->caller.path == MFA_PATH_ROOT ? row->root :
								  row->other;

	s->w->config.realm[0].require = column < 2 ? MFA_REQUIRE_ENROLLED :
					    MFA_REQUIRE_ALL;
	session_begin(s, PERSON, column % 2 == 1, 3);
	switch (wanted[column]) {
	case 'P':
		session_ends(s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
		break;
	case '?':
		if (!session_asks(s))
			fail_msg("%s, column %d: not asked", row->name,
			    column);
		break;
	default:
		session_ends(s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
		assert_int_equal(s->step.err, row->err);
	}
	check_policy(s, row, column, wanted[column]);
	/* Whatever else: an exempt user is not asked. */
	memcpy(s->w->config.exempt_users[0], PERSON, sizeof(PERSON));
	s->w->config.exempt_count = 1;
	session_begin(s, PERSON, column % 2 == 1, 3);
	session_ends(s, MFA_VERDICT_PASS, MFA_REASON_EXEMPT);
	s->w->config.exempt_count = 0;
}

/* With require = all: even the right code does not let these in. */
static void
check_answer(struct session *s, const struct row *row)
{
	char code[9];

	if (row->after == MFA_REASON_NONE)
		return;
	s->w->caller.path = MFA_PATH_ROOT;
	s->w->config.realm[0].require = MFA_REQUIRE_ALL;
	session_begin(s, PERSON, false, 1);
	assert_true(session_asks(s));
	world_code(s->w, SECRET_A, 0, code);
	session_answer(s, code);
	session_ends(s, row->after == MFA_REASON_OK ? MFA_VERDICT_ACCEPT :
						      MFA_VERDICT_DENY,
	    row->after);
}

static void
test_R2_the_whole_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct session s;
		void *w;

		assert_int_equal(world_new(&w), 0);
		s.w = w;
		rows[i].make(w);
		for (int column = 0; column < 8; column++) {
			s.w->caller.path = column < 4 ? MFA_PATH_ROOT :
							MFA_PATH_OTHER;
			check_cell(&s, &rows[i], column % 4);
		}
		check_answer(&s, &rows[i]);
		assert_int_equal(world_free(&w), 0);
	}
}

static void
test_R1_accepted_only_by_a_committed_right_code(void **state)
{
	struct session s = { .w = *state };
	mfa_record_Record record;
	char code[9];

	state_enrolled(s.w);
	session_begin(&s, PERSON, false, 3);
	assert_true(session_asks(&s));
	world_code(s.w, SECRET_A, 0, code);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	assert_string_equal(s.step.message, "");
	world_record(s.w, &record);
	assert_int_equal(record.factors[0].last_step, s.w->now.wall / 30);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_VERIFIED], 1);
	assert_string_equal(s.w->last_factor, "phone");
	/* Over is over. */
	world_pass(s.w, 30);
	world_code(s.w, SECRET_A, 0, code);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_EXPIRED);
}

/* The commit of a right code fails: no, however right it was. */
static void
test_R1_a_commit_that_fails_is_a_refusal(void **state)
{
	struct session s = { .w = *state };
	char code[9];

	state_enrolled(s.w);
	world_code(s.w, SECRET_A, 0, code);
	for (unsigned int passed = 0; passed < 2; passed++) {
		session_begin(&s, PERSON, true, 3);
		assert_true(session_asks(&s));
		s.w->mishap.writes_before = passed;
		s.w->mishap.write_fails = 1;
		session_answer(&s, code);
		session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
		assert_int_equal(s.step.err, MFA_ERR_IO);
	}
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_VERIFIED], 0);
	assert_int_equal(s.w->events[MFA_EVENT_ERROR], 2);
}

static void
test_R3_trouble_is_unavailable_and_never_a_pass(void **state)
{
	struct session s = { .w = *state };
	char code[9];

	state_none(s.w);
	s.w->mishap.open_fails = 1;
	session_begin(&s, PERSON, true, 3);
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	assert_int_equal(s.step.err, MFA_ERR_IO);
	s.w->clock_fails = true;
	session_begin(&s, PERSON, true, 3);
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	s.w->clock_fails = false;
	state_enrolled(s.w);
	session_begin(&s, PERSON, true, 3);
	assert_true(session_asks(&s));
	/* Trouble with an answer ends it, prompts left or not. */
	s.w->mishap.open_fails = 1;
	world_code(s.w, SECRET_A, 0, code);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_EXPIRED);
	assert_int_equal(s.w->events[MFA_EVENT_ERROR], 3);
}

/* Who it was is known all the same; nothing of it is a pass. */
static void
test_R26_without_a_clock_the_user_is_named(void **state)
{
	static const char *const names[] = { PERSON, NOBODY };
	struct session s = { .w = *state };

	state_enrolled(s.w);
	s.w->clock_fails = true;
	for (unsigned int i = 0; i < 2; i++) {
		session_begin(&s, names[i], true, 3);
		session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
		assert_int_equal(s.step.err, MFA_ERR_IO);
		assert_int_equal(s.w->events[MFA_EVENT_ERROR], i + 1);
		assert_int_equal(s.w->last.type, MFA_EVENT_ERROR);
		assert_int_equal(s.w->last.err, MFA_ERR_IO);
		assert_string_equal(s.w->texts.subject, names[i]);
		assert_string_equal(s.w->texts.realm, "unix");
		assert_string_equal(s.w->texts.service, "test");
	}
	/* Even of an exempt user nobody knows what holds now. */
	memcpy(s.w->config.exempt_users[0], PERSON, sizeof(PERSON));
	s.w->config.exempt_count = 1;
	session_begin(&s, PERSON, true, 3);
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
}

/* Disabled or reset while the prompt was out: asked was asked. */
static void
test_R2_no_pass_after_a_prompt(void **state)
{
	struct session s = { .w = *state };
	char code[9];
	bool last;

	state_enrolled(s.w);
	session_begin(&s, PERSON, true, 3);
	assert_true(session_asks(&s));
	assert_int_equal(mfa_enroll_disable(&s.w->engine, &s.w->caller,
	    &s.w->subject, "phone", &last), MFA_OK);
	world_code(s.w, SECRET_A, 0, code);
	session_answer(&s, code);
	assert_true(session_asks(&s));
	assert_int_equal(s.w->reasons[MFA_REASON_NOT_ENROLLED], 1);
	assert_int_equal(mfa_admin_remove(&s.w->engine, &s.w->caller,
	    &s.w->subject), MFA_OK);
	session_answer(&s, code);
	assert_true(session_asks(&s));
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_NOT_ENROLLED);
}

/* Not even with require = enrolled: nobody knows who that is. */
static void
test_R4_an_unknown_user_is_asked_and_denied(void **state)
{
	static const char *const names[] = { NOBODY, "", "a/b", "..",
		"\xff\xfe" };
	struct session s = { .w = *state };
	char longest[300];

	for (int i = 0; i < 6; i++) {
		memset(longest, 'a', sizeof(longest) - 1);
		longest[sizeof(longest) - 1] = '\0';
		session_begin(&s, i < 5 ? names[i] : longest, true, 1);
		assert_true(session_asks(&s));
		session_answer(&s, "123456");
		session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_UNKNOWN_USER);
	}
}

static void
test_R21_nullok_is_root_s_word_only(void **state)
{
	struct session s = { .w = *state };

	state_none(s.w);
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	session_begin(&s, PERSON, true, 1);
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	assert_false(s.w->last.unprivileged);
	s.w->caller.path = MFA_PATH_OTHER;
	s.w->caller.uid = 1;
	session_begin(&s, PERSON, true, 1);
	assert_true(session_asks(&s));
	session_answer(&s, "123456");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_NOT_ENROLLED);
	assert_true(s.w->last.unprivileged);
	assert_int_equal(s.w->last.caller, 1);
}

/* ---- programs that fail ---- */

static const enum mfa_err failures[] = { MFA_ERR_PROGRAM,
	MFA_ERR_UNAVAILABLE };

/* The only factor is a program's, which does not answer. */
static void
state_failing(struct world *w, enum mfa_require require, enum mfa_err err)
{
	world_user(w, PERSON);
	world_enroll_outside(w, "key", "yubico", "first-answer");
	w->config.realm[0].require = require;
	w->runner.ask_err = err;
	memset(w->events, 0, sizeof(w->events));
}

static void
is_charged(struct world *w, uint32_t answers)
{
	mfa_record_Record record;

	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, answers);
	/* Told each time, for all that the person sees. */
	assert_int_equal(w->events[MFA_EVENT_ERROR], answers);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_VERIFIED], 0);
}

static void
test_R5_a_program_that_fails_is_a_wrong_code(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct session s;
		void *w;

		assert_int_equal(world_new(&w), 0);
		s.w = w;
		state_failing(w, MFA_REQUIRE_ALL, failures[i]);
		session_begin(&s, PERSON, false, 2);
		session_answer(&s, "hello");
		assert_true(session_asks(&s));
		assert_string_equal(s.step.note, "Wrong code.");
		is_charged(w, 1);
		/* Right or not: nobody said so. */
		s.w->runner.accepts = "right";
		session_answer(&s, "right");
		session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_ERROR);
		assert_string_equal(s.step.message, "");
		is_charged(w, 2);
		assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_FAILED], 2);
		s.w->runner.ask_err = MFA_OK;
		session_begin(&s, PERSON, false, 2);
		session_answer(&s, "right");
		session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
		assert_int_equal(world_free(&w), 0);
	}
}

/* Where who is not enrolled passes unasked, there is nothing to hide. */
static void
test_R3_a_program_that_fails_is_said(void **state)
{
	char sentence[120];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct session s;
		void *w;

		assert_int_equal(world_new(&w), 0);
		s.w = w;
		state_failing(w, MFA_REQUIRE_ENROLLED, failures[i]);
		session_begin(&s, PERSON, true, 3);
		session_answer(&s, "hello");
		session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
		assert_int_equal(s.step.err, failures[i]);
		(void)snprintf(sentence, sizeof(sentence),
		    "Verification is not possible: %s.",
		    mfa_strerror(failures[i]));
		assert_string_equal(s.step.message, sentence);
		is_charged(w, 1);
		assert_int_equal(world_free(&w), 0);
	}
}

/* ---- what others claim ---- */

/* Any program can say that it is sshd: there, "send" is known to root only. */
static void
test_R21_a_claimed_service_sends_nothing(void **state)
{
	static const char *const names[] = { PERSON, NOBODY };
	struct session s = { .w = *state };

	state_enrolled(s.w);
	world_enroll_otp(s.w, "mail", "daemon@example.org");
	world_pass(s.w, 60);
	s.w->runner.delivered = 0;
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	s.w->caller.service = "sshd";
	memcpy(s.w->config.otp_services[0], "sshd", 5);
	for (unsigned int i = 0; i < 8; i++) {
		const bool listed = i < 4, root = i % 2 == 0;
		const bool sends = root || !listed;

		s.w->config.otp_service_count = listed ? 1 : 0;
		s.w->caller.path = root ? MFA_PATH_ROOT : MFA_PATH_OTHER;
		session_begin(&s, names[i / 2 % 2], false, 3);
		assert_string_equal(s.step.text, sends ?
			"Verification code (or \"send\"): " :
			"Verification code: ");
		session_answer(&s, "send");
		assert_true(session_asks(&s));
		assert_string_equal(s.step.note, sends ?
			"If a code can be sent to you, it is on its way." :
			"That is not a code.");
		if (i == 1)
			assert_int_equal(s.w->runner.delivered, 1);
		world_pass(s.w, 700); /* nobody's code is out */
	}
	/* PERSON's: listed for root, else for both. */
	assert_int_equal(s.w->runner.delivered, 3);
}

/* R24: enforce.  What is refused now is told, what is only asked is not. */
static void
test_R26_a_policy_question_is_told_if_it_decides(void **state)
{
	struct session s = { .w = *state };
	struct mfa_login_ask ask = { .user = PERSON, .retry = 1 };

	state_enrolled(s.w);
	ask.caller = s.w->caller;
	memset(s.w->events, 0, sizeof(s.w->events));
	mfa_login_policy(&s.w->engine, &ask, false, &s.step);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_FAILED], 0);
	mfa_login_policy(&s.w->engine, &ask, true, &s.step);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_FAILED], 1);
	assert_string_equal(s.w->texts.reason, "unverified");
	ask.user = NOBODY;
	mfa_login_policy(&s.w->engine, &ask, true, &s.step);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_UNVERIFIED);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_FAILED], 2);
	s.w->config.exempt_count = 1;
	memcpy(s.w->config.exempt_users[0], PERSON, sizeof(PERSON));
	ask.user = PERSON;
	mfa_login_policy(&s.w->engine, &ask, false, &s.step);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_SKIPPED], 0);
	mfa_login_policy(&s.w->engine, &ask, true, &s.step);
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_EXEMPT);
	assert_int_equal(s.w->events[MFA_EVENT_CHALLENGE_SKIPPED], 1);
	s.w->clock_fails = true;
	mfa_login_policy(&s.w->engine, &ask, true, &s.step);
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)
#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R2_the_whole_table),
		IN_FILES(test_R1_accepted_only_by_a_committed_right_code),
		IN_MEMORY(test_R1_a_commit_that_fails_is_a_refusal),
		IN_MEMORY(test_R3_trouble_is_unavailable_and_never_a_pass),
		IN_FILES(test_R26_without_a_clock_the_user_is_named),
		IN_FILES(test_R2_no_pass_after_a_prompt),
		IN_FILES(test_R26_a_policy_question_is_told_if_it_decides),
		IN_FILES(test_R4_an_unknown_user_is_asked_and_denied),
		IN_FILES(test_R21_nullok_is_root_s_word_only),
		cmocka_unit_test(test_R5_a_program_that_fails_is_a_wrong_code),
		cmocka_unit_test(test_R3_a_program_that_fails_is_said),
		IN_FILES(test_R21_a_claimed_service_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
