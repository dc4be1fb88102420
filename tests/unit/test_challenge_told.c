/* SPDX-License-Identifier: MIT */
/*
 * R7, R26: what is told of challenges and what is kept of them, also where
 * somebody else changes the record at the same time.
 */
#include "tests/unit/challenge.h"
#include "tests/unit/login_session.h"

static const mfa_record_Record *
record_of(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return &r;
}

/* ---- trouble ---- */

static void
test_R26_what_is_refused_is_no_trouble(void **state)
{
	struct world *w = *state;
	struct app app;

	/* All places are root's; then nothing could answer. */
	for (int i = 0; i < 4; i++)
		app_start(w, &app);
	w->caller.path = MFA_PATH_OTHER;
	assert_int_equal(app_begin(w, &app), MFA_ERR_BUSY);
	w->config.realm[1].provides = 0;
	assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
	/* Written for somebody else of that name. */
	state_enrolled(w);
	w->subject.uid++;
	assert_int_equal(app_begin(w, &app), MFA_ERR_FOREIGN);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 0);
	assert_int_equal(w->events[MFA_EVENT_RECORD_UNUSABLE], 0);
}

static void
test_R26_trouble_is_told(void **state)
{
	struct world *w = *state;
	struct app app;

	w->mishap.write_fails = 1;
	assert_int_equal(app_begin(w, &app), MFA_ERR_IO);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 1);
	assert_int_equal(w->last.err, MFA_ERR_IO);
	assert_string_equal(w->texts.service, "shop-door");
	app_start(w, &app);
	/* No verdict, whoever answers: told where it was begun. */
	w->caller.service = "another-worker";
	w->mishap.write_fails = 1;
	assert_int_equal(app_answer(w, &app, "123456"), MFA_REASON_ERROR);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 2);
	assert_int_equal(w->last.err, MFA_ERR_IO);
	assert_string_equal(w->texts.service, "shop-door");
	w->mishap.open_fails = 1;
	assert_int_equal(app_answer(w, &app, "123456"), MFA_REASON_ERROR);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 3);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_FAILED], 0);
}

/* A login that cannot be counted is none that is free. */
static void
test_R2_who_cannot_be_counted_is_not_excused(void **state)
{
	struct world *w = *state;
	struct app app;

	state_pending(w);
	session_rule(w, MFA_DECISION_REQUIRE)->enroll_logins = 1;
	memset(w->events, 0, sizeof(w->events));
	w->mishap.write_fails = 1;
	assert_int_equal(app_begin(w, &app), MFA_ERR_IO);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 1);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_SKIPPED], 0);
	/* It was not used up either. */
	assert_int_equal(app_begin(w, &app), MFA_OK);
	assert_false(app.started.required);
	assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 1);
}

/* ---- with a code that is sent, by a rule ---- */

static void
test_R12_a_rule_says_whether_one_is_sent(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct mfa_config_rule *rule;
	struct app app;

	state_none(w);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_enroll_otp(w, "mail", "daemon@example.org");
	world_pass(w, 60);
	rule = session_rule(w, MFA_DECISION_REQUIRE);
	w->runner.delivered = 0;
	rule->provides = MFA_PROVIDES_TOTP;
	app_start(w, &app);
	assert_int_equal(app_send(w, &app, ""), MFA_ERR_CONFIG);
	assert_int_equal(w->runner.delivered, 0);
	rule->provides = MFA_PROVIDES_TOTP | MFA_PROVIDES_OTP;
	app_start(w, &app);
	assert_int_equal(app_send(w, &app, ""), MFA_OK);
	assert_int_equal(w->runner.delivered, 1);
	assert_int_equal(
	    app_answer(w, &app, w->runner.last.code), MFA_REASON_OK);
}

/* ---- somebody else writes first ---- */

struct rival {
	struct world *w;
	struct mfa_engine engine;
};

static void
rival_disables(void *ctx)
{
	struct rival *rival = ctx;
	bool last;

	rival->w->mishap.meanwhile = NULL;
	assert_int_equal(mfa_enroll_disable(&rival->engine, &rival->w->caller,
	    &rival->w->subject, "token", &last), MFA_OK);
	assert_false(last);
}

static void
test_R7_methods_are_those_of_the_record_written(void **state)
{
	struct world *w = *state;
	struct rival rival = { .w = w };
	struct app app;

	world_enroll_hotp(w, "token", SECRET_B);
	w->mishap.conflicts = 1;
	app_start(w, &app);
	assert_int_equal(app.started.method_count, 3);
	assert_string_equal(app.started.method[0], "totp");
	assert_string_equal(app.started.method[1], "hotp");
	assert_string_equal(app.started.method[2], "recovery_code");
	world_twin(w, &rival.engine);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_disables;
	w->mishap.ctx = &rival;
	app_start(w, &app);
	world_twin_free(&rival.engine);
	assert_int_equal(app.started.method_count, 2);
	assert_string_equal(app.started.method[0], "totp");
	assert_string_equal(app.started.method[1], "recovery_code");
}

static void
test_R26_what_gives_way_is_told_once(void **state)
{
	struct world *w = *state;
	struct app app;

	for (int i = 0; i < 4; i++)
		app_start(w, &app);
	w->mishap.conflicts = 3;
	app_start(w, &app);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_EXPIRED], 1);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_CREATED], 5);
	assert_int_equal(record_of(w)->challenges_count, 4);
}

/* ---- what is kept ---- */

static void
test_R11_when_it_began_is_kept(void **state)
{
	struct world *w = *state;
	const mfa_record_Challenge *c;
	struct app app;

	app_start(w, &app);
	world_pass(w, 100);
	app_start(w, &app);
	assert_int_equal(record_of(w)->challenges_count, 2);
	c = record_of(w)->challenges;
	assert_true(c[0].started != 0);
	assert_true(c[1].started == c[0].started + 100);
	for (int i = 0; i < 2; i++)
		assert_true(c[i].until ==
		    c[i].started + w->config.challenge_ttl_seconds);
}

/* The place of one that was answered is a new one's; nothing is left of it. */
static void
test_R9_a_place_is_taken_over_empty(void **state)
{
	struct world *w = *state;
	struct app app;
	char bad[9];

	w->caller.service = "a-long-name-of-a-service";
	for (int i = 0; i < 4; i++)
		app_start(w, &app);
	world_wrong(w, bad);
	assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	assert_int_equal(record_of(w)->challenges[3].attempts, 1);
	w->caller.service = "short";
	app_start(w, &app);
	assert_int_equal(record_of(w)->challenges[3].attempts, 0);
	assert_string_equal(record_of(w)->challenges[3].service, "short");
	assert_int_equal(record_of(w)->challenges[2].attempts, 1);
}

static void
test_R6_one_is_found_or_none(void **state)
{
	static const uint8_t id[3][MFA_CHALLENGE_ID] = { "one", "two",
		"three" };
	static mfa_record_Record record;
	struct mfa_config config;
	struct mfa_clock clock;

	(void)state;
	mfa_config_init(&config);
	memset(&clock, 0, sizeof(clock));
	memset(&record, 0, sizeof(record));
	record.challenges_count = 2;
	for (int i = 0; i < 2; i++) {
		memcpy(record.challenges[i].id, id[i], MFA_CHALLENGE_ID);
		record.challenges[i].peer = MFA_PATH_ROOT;
		record.challenges[i].until = 100;
	}
	for (int i = 0; i < 3; i++) {
		const int wanted = i < 2 ? i : -1;

		assert_int_equal(mfa_challenges_find(&record, id[i]), wanted);
		assert_int_equal(mfa_challenges_live(&config, &record, id[i],
		    MFA_PATH_ROOT, &clock), wanted);
		assert_int_equal(mfa_challenges_live(&config, &record, id[i],
		    MFA_PATH_OTHER, &clock), -1);
	}
	clock.lapse = 100;
	assert_int_equal(mfa_challenges_live(&config, &record, id[0],
	    MFA_PATH_ROOT, &clock), -1);
}

/* The others move up, and the place that is free then is all zero. */
static void
test_R30_nothing_is_left_of_one_that_goes(void **state)
{
	static mfa_record_Record record;

	(void)state;
	for (int gone = 0; gone < 4; gone++) {
		memset(&record, 0, sizeof(record));
		record.challenges_count = 4;
		for (int i = 0; i < 4; i++)
			memset(&record.challenges[i], i + 1,
			    sizeof(record.challenges[i]));
		mfa_challenges_drop(&record, gone);
		assert_int_equal(record.challenges_count, 3);
		for (int i = 0; i < 3; i++)
			assert_true(unit_all(&record.challenges[i],
			    sizeof(record.challenges[i]),
			    (uint8_t)(i < gone ? i + 1 : i + 2)));
		assert_true(unit_all(&record.challenges[3],
		    sizeof(record.challenges[3]), 0));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP_MEMORY(test_R26_what_is_refused_is_no_trouble),
		IN_SHOP_MEMORY(test_R26_trouble_is_told),
		IN_SHOP_MEMORY(test_R2_who_cannot_be_counted_is_not_excused),
		IN_SHOP_MEMORY(test_R12_a_rule_says_whether_one_is_sent),
		IN_SHOP_MEMORY(test_R7_methods_are_those_of_the_record_written),
		IN_SHOP_MEMORY(test_R26_what_gives_way_is_told_once),
		IN_SHOP_MEMORY(test_R11_when_it_began_is_kept),
		IN_SHOP_MEMORY(test_R9_a_place_is_taken_over_empty),
		cmocka_unit_test(test_R6_one_is_found_or_none),
		cmocka_unit_test(test_R30_nothing_is_left_of_one_that_goes),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
