/* SPDX-License-Identifier: MIT */
/* R2, R12, R21: rules and the challenges of applications, in realm unix. */
#include "tests/unit/challenge.h"
#include "tests/unit/login_session.h"

#include "verifier/crypt/crypt.h"

static struct mfa_confirmed confirmed;

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
	struct app app;

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
	struct app app;
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
	struct app app;

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
	struct app app;

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

#define OF(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_R2_deny_and_exempt),
		OF(test_R21_only_the_methods_of_the_rule),
		OF(test_R12_nothing_is_sent_where_it_would_not_count),
		OF(test_R24_time_to_enrol_is_root_s_to_give),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
