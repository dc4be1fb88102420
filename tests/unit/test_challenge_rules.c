/* SPDX-License-Identifier: MIT */
/* R2, R12, R21: rules and the challenges of applications, in realm unix. */
#include "tests/unit/challenge.h"
#include "tests/unit/login_session.h"

#define DAY 86400

static struct mfa_confirmed confirmed;
static struct app app;

static struct mfa_config_rule *
ready(struct world *w, enum mfa_decision decision)
{
	state_none(w);
	return session_rule(w, decision);
}

static void
enroll(struct world *w)
{
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
}

static void
test_R2_deny_and_exempt(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = ready(w, MFA_DECISION_DENY);

	enroll(w);
	assert_int_equal(app_begin(w, &app), MFA_ERR_DENIED);
	assert_int_equal(w->reasons[MFA_REASON_REFUSED], 1);
	rule->decision = MFA_DECISION_EXEMPT;
	assert_int_equal(app_begin(w, &app), MFA_OK);
	assert_false(app.started.required);
	rule->decision = MFA_DECISION_REQUIRE;
	app_start(w, &app);
}

static void
test_R21_only_the_methods_of_the_rule(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = ready(w, MFA_DECISION_REQUIRE);
	static mfa_record_Record before, after;
	char code[9];

	enroll(w);
	rule->provides = MFA_PROVIDES_RECOVERY_CODE;
	app_start(w, &app);
	assert_int_equal(app.started.method_count, 1);
	assert_string_equal(app.started.method[0], "recovery_code");
	/* It keeps what it was begun with. */
	rule->provides = w->config.realm[0].provides;
	world_code(w, SECRET_A, 0, code);
	world_record(w, &before);
	assert_int_not_equal(app_answer(w, &app, code), MFA_REASON_OK);
	world_record(w, &after);
	/* R7: nothing was compared, and nothing charged. */
	assert_memory_equal(&before.factors, &after.factors,
	    sizeof(before.factors));
	assert_int_equal(app_answer(w, &app, confirmed.codes.code[0]),
	    MFA_REASON_OK);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R12_nothing_is_sent_where_it_would_not_count(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = ready(w, MFA_DECISION_REQUIRE);
	uint8_t id[MFA_CHALLENGE_ID];
	struct mfa_subject subject;

	enroll(w);
	w->config.realm[0].provides |= MFA_PROVIDES_OTP;
	rule->provides = MFA_PROVIDES_TOTP;
	app_start(w, &app);
	assert_int_equal(mfa_challenge_parse(app.text, &subject, id), MFA_OK);
	assert_int_equal(mfa_challenge_send(&w->engine, &w->caller, &subject,
	    id, ""), MFA_ERR_CONFIG);
	/* Nor in a login: the word is not even known there. */
	struct session s = { .w = w };

	session_begin(&s, PERSON, false, 3);
	assert_string_equal(s.step.text, "Verification code: ");
	mfa_login_wipe(&s.login);
	rule->provides |= MFA_PROVIDES_OTP;
	session_begin(&s, PERSON, false, 3);
	assert_non_null(strstr(s.step.text, "send"));
	mfa_login_wipe(&s.login);
}

static void
test_R24_time_to_enrol_is_root_s_to_give(void **state)
{
	struct world *w = *state;

	ready(w, MFA_DECISION_REQUIRE)->enroll_logins = 2;
	w->caller.path = MFA_PATH_OTHER;
	assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
	w->caller.path = MFA_PATH_ROOT;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(app_begin(w, &app), MFA_OK);
		assert_false(app.started.required);
	}
	assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
}

static void
test_R21_only_the_methods_of_the_rule_count(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = ready(w, MFA_DECISION_REQUIRE);
	char code[9];

	enroll(w);
	rule->provides = MFA_PROVIDES_TOTP;
	app_start(w, &app);
	assert_int_not_equal(
	    app_answer(w, &app, confirmed.codes.code[0]), MFA_REASON_OK);
	assert_int_equal(app_send(w, &app, ""), MFA_ERR_CONFIG);
	/* Where they all count, so does that code. */
	rule->provides = w->config.realm[0].provides;
	app_start(w, &app);
	assert_int_equal(
	    app_answer(w, &app, confirmed.codes.code[0]), MFA_REASON_OK);
	rule->provides = MFA_PROVIDES_TOTP;
	app_start(w, &app);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
}

static bool
is_asked_of(struct world *w)
{
	memset(&app, 0, sizeof(app));
	switch (app_begin(w, &app)) {
	case MFA_OK:
		assert_false(app.started.required);
		return false;
	case MFA_ERR_NOT_ENROLLED:
		return true;
	default:
		fail();
		return true;
	}
}

static void
test_R2_there_is_time_to_enrol(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule;

	state_none(w);
	rule = session_rule(w, MFA_DECISION_REQUIRE);
	assert_true(is_asked_of(w));
	rule->enroll_end = (WORLD_START / DAY + 3) * DAY;
	assert_false(is_asked_of(w));
	/* Nobody else's word counts. */
	w->caller.path = MFA_PATH_OTHER;
	assert_true(is_asked_of(w));
	w->caller.path = MFA_PATH_ROOT;
	world_pass(w, rule->enroll_end - w->now.wall);
	assert_true(is_asked_of(w));
}

/* A wrong clock is no reason to let in, nor to say that all is broken. */
static void
test_R11_a_wrong_clock_is_no_time_to_enrol(void **state)
{
	struct world *w = *state;

	state_none(w);
	session_rule(w, MFA_DECISION_REQUIRE)->enroll_end =
	    (WORLD_START / DAY + 3) * DAY;
	w->now.wall = 0;
	assert_true(is_asked_of(w));
}

#define OF(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_R2_deny_and_exempt),
		OF(test_R21_only_the_methods_of_the_rule),
		OF(test_R12_nothing_is_sent_where_it_would_not_count),
		OF(test_R24_time_to_enrol_is_root_s_to_give),
		OF(test_R21_only_the_methods_of_the_rule_count),
		OF(test_R2_there_is_time_to_enrol),
		OF(test_R11_a_wrong_clock_is_no_time_to_enrol),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
