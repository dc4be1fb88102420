/* SPDX-License-Identifier: MIT */
/*
 * R2, R21: what the rules of the host say holds for challenges, too: who is
 * denied, who has time to enrol, which methods count.
 */
#include "tests/unit/login_states.h"

#include "tests/unit/challenge.h"

#include "verifier/engine/policy.h"

#define DAY 86400

static struct app app;

static void
test_R21_who_is_denied_gets_no_challenge(void **state)
{
	struct world *w = *state;

	state_enrolled(w);
	(void)session_rule(w, MFA_DECISION_DENY);
	memset(w->reasons, 0, sizeof(w->reasons));
	assert_int_equal(app_begin(w, &app), MFA_ERR_DENIED);
	assert_int_equal(w->reasons[MFA_REASON_REFUSED], 1);
}

static void
test_R21_only_the_methods_of_the_rule_count(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct mfa_config_rule *rule;
	char code[9];

	world_user(w, PERSON);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	rule = session_rule(w, MFA_DECISION_REQUIRE);
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

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_R21_who_is_denied_gets_no_challenge),
		IN_WORLD(test_R21_only_the_methods_of_the_rule_count),
		IN_WORLD(test_R2_there_is_time_to_enrol),
		IN_WORLD(test_R11_a_wrong_clock_is_no_time_to_enrol),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
