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

static void
check_cell(struct session *s, const struct row *row, int column)
{
	const char *wanted = s->w->caller.path == MFA_PATH_ROOT ? row->root :
								  row->other;

	s->w->config.require = column < 2 ? MFA_REQUIRE_ENROLLED :
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
	s->w->config.require = MFA_REQUIRE_ALL;
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
	s.w->config.require = MFA_REQUIRE_ALL;
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
		IN_FILES(test_R2_no_pass_after_a_prompt),
		IN_FILES(test_R4_an_unknown_user_is_asked_and_denied),
		IN_FILES(test_R21_nullok_is_root_s_word_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
