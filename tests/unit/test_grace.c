/* SPDX-License-Identifier: MIT */
/* R2, R19, R24: the time in which who has no factor comes in still. */
#include "tests/unit/login_states.h"

#include "verifier/engine/explain.h"

#define DAY 86400

static struct mfa_config_rule *
rule_for(struct world *w)
{
	world_user(w, PERSON);
	return session_rule(w, MFA_DECISION_REQUIRE);
}

/* One login of who is not enrolled; what it is told, or NULL if it is asked. */
static const char *
told(struct world *w, bool acknowledges)
{
	static char text[200];
	struct session s = { .w = w };
	const struct mfa_login_ask ask = { .caller = w->caller,
		.user = PERSON, .retry = 3, .acknowledges = acknowledges };

	memset(&s.step, 0xa5, sizeof(s.step));
	mfa_login_begin(&w->engine, &ask, &s.login, &s.step);
	if (s.step.kind == MFA_STEP_PROMPT && !s.step.acknowledge) {
		mfa_login_wipe(&s.login);
		return NULL;
	}
	if (s.step.kind == MFA_STEP_PROMPT) {
		assert_true(acknowledges);
		assert_string_equal(s.step.text, "Press Enter: ");
		(void)snprintf(text, sizeof(text), "%s", s.step.note);
		session_answer(&s, "whatever");
		assert_string_equal(s.step.message, "");
	} else {
		/* Who can be asked to read it has not passed yet. */
		assert_false(acknowledges);
		(void)snprintf(text, sizeof(text), "%s", s.step.message);
	}
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	mfa_login_wipe(&s.login);
	return text;
}

static void
test_R24_until_a_day_is_over(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = rule_for(w);
	static const char days3[] = "Set up a second factor by ";
	const char *text;

	rule->enroll_end = (WORLD_START / DAY + 3) * DAY;
	text = told(w, true);
	assert_memory_equal(text, days3, strlen(days3));
	assert_non_null(strstr(text, ", 3 days left: medusa-mfa enroll."));
	/* A host that cannot wait for it is told all the same. */
	assert_non_null(strstr(told(w, false), ", 3 days left"));
	world_pass(w, rule->enroll_end - w->now.wall - 1);
	assert_non_null(strstr(told(w, true), ", 1 day left"));
	world_pass(w, 1);
	assert_null(told(w, true));
	/* R19: nothing was made of all that. */
	assert_int_equal(w->writes, 0);
}

/* With a record, its clock is asked. */
static void
test_R24_until_a_day_is_over_with_a_pending_factor(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = rule_for(w);
	char id[17];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	rule->enroll_end = (WORLD_START / DAY + 3) * DAY;
	assert_non_null(strstr(told(w, true), ", 3 days left: "));
	world_pass(w, rule->enroll_end - w->now.wall - 1);
	assert_non_null(strstr(told(w, true), ", 1 day left: "));
	world_pass(w, 1);
	assert_null(told(w, true));
}

static void
test_R11_a_wrong_clock_is_no_grace(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = rule_for(w);

	rule->enroll_end = (WORLD_START / DAY + 3) * DAY;
	w->now.wall = 0;
	assert_null(told(w, true));
	w->now.wall = MFA_RELEASE_TIME - 1;
	assert_null(told(w, true));
	w->now.wall = MFA_RELEASE_TIME;
	assert_non_null(told(w, true));
	w->clock_fails = true;
	struct session s = { .w = w };

	session_begin(&s, PERSON, false, 3);
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
}

static uint32_t
counted(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return r.grace_logins;
}

static void
test_R24_so_many_logins(void **state)
{
	struct world *w = *state;
	const struct mfa_subject *subject = &w->subject;
	struct mfa_explained explained;

	rule_for(w)->enroll_logins = 3;
	mfa_explain(&w->engine, &w->caller, subject, &explained);
	assert_int_equal(explained.outlook, MFA_OUTLOOK_PASSES);
	assert_int_equal(explained.grace.logins_left, 3);
	assert_string_equal(told(w, true),
	    "Set up a second factor soon, 2 logins left: medusa-mfa enroll.");
	assert_string_equal(told(w, false),
	    "Set up a second factor soon, 1 login left: medusa-mfa enroll.");
	/* Asking what would be does not count. */
	mfa_explain(&w->engine, &w->caller, subject, &explained);
	assert_int_equal(explained.grace.logins_left, 1);
	assert_int_equal(counted(w), 2);
	assert_string_equal(told(w, true), "Set up a second factor now, the "
	    "next login needs one: medusa-mfa enroll.");
	assert_null(told(w, true));
	assert_int_equal(counted(w), 3);
	mfa_explain(&w->engine, &w->caller, subject, &explained);
	assert_int_equal(explained.outlook, MFA_OUTLOOK_REFUSED);
	assert_int_equal(explained.grace.logins_left, 0);
}

static void
test_R24_a_reset_counts_anew(void **state)
{
	struct world *w = *state;

	rule_for(w)->enroll_logins = 1;
	assert_non_null(told(w, true));
	assert_null(told(w, true));
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	assert_non_null(told(w, true));
	assert_null(told(w, true));
}

/* A question that decides nothing is no login. */
static void
test_R24_only_a_final_answer_counts(void **state)
{
	struct world *w = *state;
	const struct mfa_login_ask ask = { .caller = w->caller,
		.user = PERSON, .retry = 1 };
	struct session s = { .w = w };

	rule_for(w)->enroll_logins = 2;
	for (int i = 0; i < 3; i++) {
		mfa_login_policy(&w->engine, &ask, false, &s.step);
		session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	}
	assert_int_equal(w->writes, 0);
	mfa_login_policy(&w->engine, &ask, true, &s.step);
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	assert_int_equal(counted(w), 1);
}

static void
test_R21_not_for_what_others_claim(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = rule_for(w);

	rule->enroll_logins = 2;
	rule->unenrolled = MFA_UNENROLLED_ENROLL;
	w->caller.path = MFA_PATH_OTHER;
	assert_null(told(w, true));
	assert_int_equal(w->writes, 0);
}

static void
test_R2_who_is_enrolled_is_asked(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;

	rule_for(w)->enroll_logins = 5;
	assert_non_null(told(w, true));
	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_null(told(w, true));
}

static void
test_R1_a_count_that_is_not_durable_lets_nobody_in(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };

	rule_for(w)->enroll_logins = 5;
	assert_non_null(told(w, true));
	w->mishap.write_fails = 1;
	session_begin(&s, PERSON, false, 3);
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	assert_int_equal(counted(w), 1);
}

static void
test_R3_a_rule_in_trouble_gives_no_time(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = rule_for(w);

	rule->enroll_logins = 5;
	memcpy(rule->group, "no-such-group-here", 19);
	assert_null(told(w, true));
	assert_int_equal(w->writes, 0);
}

#define OF(f) cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_R24_until_a_day_is_over),
		OF(test_R24_until_a_day_is_over_with_a_pending_factor),
		OF(test_R11_a_wrong_clock_is_no_grace),
		OF(test_R24_so_many_logins),
		OF(test_R24_a_reset_counts_anew),
		OF(test_R24_only_a_final_answer_counts),
		OF(test_R21_not_for_what_others_claim),
		OF(test_R2_who_is_enrolled_is_asked),
		OF(test_R1_a_count_that_is_not_durable_lets_nobody_in),
		OF(test_R3_a_rule_in_trouble_gives_no_time),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
