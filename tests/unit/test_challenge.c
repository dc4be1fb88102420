/* SPDX-License-Identifier: MIT */
/* R6, R7, R9: challenges of applications: how they begin and end. */
#include "tests/unit/challenge.h"

#include "verifier/engine/throttle.h"

static const mfa_record_Record *
record_of(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return &r;
}

/* ---- the good way ---- */

static void
test_R6_a_right_answer_consumes_it(void **state)
{
	struct world *w = *state;
	struct app app;
	char code[9];

	app_start(w, &app);
	assert_int_equal(strspn(app.text, "0123456789abcdef"), 32);
	assert_string_equal(app.text + 32, ".shop.alice");
	assert_int_equal(app.started.expires_seconds, 300);
	assert_int_equal(app.started.expires_at, w->now.wall + 300);
	assert_int_equal(app.started.method_count, 2);
	assert_string_equal(app.started.method[0], "totp");
	assert_string_equal(app.started.method[1], "recovery_code");
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_CREATED], 1);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
	assert_string_equal(app.result.method, "totp");
	assert_string_equal(app.result.factor, "phone");
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_VERIFIED], 1);
	assert_string_equal(w->texts.service, "shop-door");
	assert_string_equal(w->texts.realm, "shop");
	assert_int_equal(record_of(w)->challenges_count, 0);
	/* Once: with the same code, and with a fresh one. */
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
	assert_int_equal(app.result.attempts_left, 0);
	assert_int_equal(w->reasons[MFA_REASON_EXPIRED], 2);
	/* An answer to nothing is not compared: the code is good still. */
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

/* One code, one use: logins and challenges share the watermark. */
static void
test_R6_a_used_code_is_used_everywhere(void **state)
{
	struct world *w = *state;
	struct app one, two;
	char code[9];

	app_start(w, &one);
	app_start(w, &two);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &one, code), MFA_REASON_OK);
	assert_int_equal(app_answer(w, &two, code), MFA_REASON_REPLAYED);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	assert_int_equal(app_answer(w, &two, code), MFA_REASON_REPLAYED);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &two, code), MFA_REASON_OK);
}

static void
test_a_recovery_code_answers_it(void **state)
{
	struct world *w = *state;
	struct mfa_recovery_text text;
	struct app app;

	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	app_start(w, &app);
	assert_int_equal(app_answer(w, &app, text.code[4]), MFA_REASON_OK);
	assert_string_equal(app.result.method, "recovery_code");
	assert_true(app.result.used_recovery);
	assert_int_equal(app.result.recovery_left, 9);
	assert_int_equal(w->events[MFA_EVENT_RECOVERY_USED], 1);
	assert_int_equal(app_answer(w, &app, text.code[5]),
	    MFA_REASON_EXPIRED);
	app_start(w, &app);
	assert_int_equal(app_answer(w, &app, text.code[4]),
	    MFA_REASON_REPLAYED);
	assert_int_equal(app_answer(w, &app, text.code[5]), MFA_REASON_OK);
}

/* Another process: another verifier, nothing but the text in common. */
static void
test_verified_by_another_process(void **state)
{
	struct world *w = *state;
	struct mfa_engine twin;
	struct app app;
	char code[9];

	app_start(w, &app);
	world_twin(w, &twin);
	world_code(w, SECRET_A, 0, code);
	w->caller.service = "another-worker";
	assert_int_equal(app_answer_in(w, &twin, &app, "", code),
	    MFA_REASON_OK);
	/* What it is for was said when it was started. */
	assert_string_equal(w->texts.service, "shop-door");
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
	world_twin_free(&twin);
}

/* ---- how it ends ---- */

static void
test_R11_it_expires(void **state)
{
	struct world *w = *state;
	struct app app;
	char code[9];

	w->config.challenge_ttl_seconds = 120;
	app_start(w, &app);
	assert_int_equal(app.started.expires_seconds, 120);
	world_pass(w, 119);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
	app_start(w, &app);
	world_pass(w, 120);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
	/* Not compared, not charged. */
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 0);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	/* Nor does the wall clock open it again. */
	app_start(w, &app);
	w->now.boot += 120;
	w->now.wall -= 60;
	assert_int_equal(app_answer(w, &app, "918273"), MFA_REASON_EXPIRED);
	/* The next start clears it away and tells so. */
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_EXPIRED], 1);
	app_start(w, &app);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_EXPIRED], 2);
	assert_int_equal(record_of(w)->challenges_count, 1);
}

struct expired {
	unsigned int count;
	char service[65];
	char reason[33];
};

static void
note_expired(void *ctx, const struct mfa_event *event, const char *line)
{
	struct expired *e = ctx;

	(void)line;
	if (event->type != MFA_EVENT_CHALLENGE_EXPIRED)
		return;
	e->count++;
	(void)snprintf(e->service, sizeof(e->service), "%s", event->service);
	(void)snprintf(e->reason, sizeof(e->reason), "%s", event->reason);
}

static void
test_four_newer_evict_it(void **state)
{
	struct expired e = { 0 };
	struct world *w = *state;
	struct app app[5];
	char code[9];

	w->watch = note_expired;
	w->watch_ctx = &e;
	w->caller.service = "first-of-all";
	app_start(w, &app[0]);
	w->caller.service = "shop-door";
	for (int i = 1; i < 5; i++) {
		assert_int_equal(e.count, 0);
		world_pass(w, 1);
		app_start(w, &app[i]);
	}
	assert_int_equal(e.count, 1);
	assert_string_equal(e.service, "first-of-all");
	assert_string_equal(e.reason, "evicted");
	assert_int_equal(record_of(w)->challenges_count, 4);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app[0], code), MFA_REASON_EXPIRED);
	assert_int_equal(app_answer(w, &app[2], code), MFA_REASON_OK);
	/* Its place is free: nobody is evicted now. */
	app_start(w, &app[0]);
	assert_int_equal(e.count, 1);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app[1], code), MFA_REASON_OK);
}

static void
test_R9_max_attempts_end_it(void **state)
{
	struct world *w = *state;
	struct app app;
	char bad[9], code[9];

	w->config.burst = 20;
	w->config.max_attempts = 3;
	app_start(w, &app);
	world_wrong(w, bad);
	world_code(w, SECRET_A, 0, code);
	for (uint32_t left = 3; left-- > 0;) {
		assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
		assert_int_equal(app.result.attempts_left, left);
		assert_true(w->last.has_attempts);
		assert_int_equal(w->last.attempts, left);
	}
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
	assert_int_equal(app_send(w, &app, ""), MFA_ERR_CONFIG);
	/* A new one begins anew; the old one's end was told already. */
	app_start(w, &app);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_EXPIRED], 0);
	assert_int_equal(record_of(w)->challenges_count, 1);
	assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	assert_int_equal(app.result.attempts_left, 2);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
}

static void
test_R8_slips_are_not_counted(void **state)
{
	static const char *const slips[] = { "hello", "12345", "12345678", "",
		"\b\n\r\177INCORRECT", "send" };
	struct world *w = *state;
	struct app app;
	char code[9];

	app_start(w, &app);
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		assert_int_equal(app_answer(w, &app, slips[i]),
		    MFA_REASON_MALFORMED);
		/* All are left still, and the application knows. */
		assert_int_equal(app.result.attempts_left, 5);
	}
	assert_int_equal(record_of(w)->challenges[0].attempts, 0);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 0);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
}

/* ---- the locks and budgets of logins ---- */

static void
test_R9_locks_hold_in_both_ways(void **state)
{
	struct world *w = *state;
	struct app app;
	char bad[9], code[9];

	world_wrong(w, bad);
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	app_start(w, &app);
	assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	assert_int_equal(w->events[MFA_EVENT_LOCKED], 0);
	assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	assert_true(app.result.locked_now);
	assert_int_equal(w->events[MFA_EVENT_LOCKED], 1);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_LOCKED);
	/* Not compared, so not counted. */
	assert_int_equal(app.result.attempts_left, 3);
	assert_int_equal(record_of(w)->challenges[0].attempts, 2);
	assert_int_equal(world_try(w, code), MFA_REASON_LOCKED);
	assert_int_equal(mfa_throttle_day(record_of(w),
	    record_of(w)->stamp.lapse), 5);
}

static void
test_R9_the_accounts_budget_holds(void **state)
{
	struct world *w = *state;
	unsigned int compared = 0;
	struct app app;
	char bad[9];

	w->config.burst = 20;
	w->config.hard_stop = 100;
	w->config.max_attempts = 10;
	for (int i = 0; i < 40; i++) {
		if (i % 10 == 0)
			app_start(w, &app);
		world_wrong(w, bad);
		compared += app_answer(w, &app, bad) == MFA_REASON_WRONG;
	}
	assert_int_equal(compared, 20);
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
}

static void
test_R9_a_success_takes_the_charge_back(void **state)
{
	struct world *w = *state;
	struct app app;
	char code[9];

	for (int i = 0; i < 30; i++) {
		app_start(w, &app);
		world_code(w, SECRET_A, 0, code);
		assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
		world_pass(w, 30);
	}
	assert_int_equal(mfa_throttle_month(record_of(w),
	    record_of(w)->stamp.lapse), 0);
}

/* ---- not durable, no ---- */

static void
test_R7_what_is_not_written_is_not_so(void **state)
{
	struct world *w = *state;
	struct app app;
	char code[9];

	memset(&app, 0xa5, sizeof(app));
	w->mishap.write_fails = 1;
	assert_int_equal(app_begin(w, &app), MFA_ERR_IO);
	assert_true(unit_all(&app, sizeof(app), 0xa5));
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_CREATED], 0);
	app_start(w, &app);
	world_code(w, SECRET_A, 0, code);
	w->mishap.write_fails = 1; /* the debit */
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_ERROR);
	assert_int_equal(record_of(w)->challenges[0].attempts, 0);
	w->mishap.writes_before = 1;
	w->mishap.write_fails = 1; /* the commit */
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_ERROR);
	assert_int_equal(record_of(w)->challenges[0].attempts, 1);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
}

struct rival {
	struct world *w;
	struct mfa_engine engine;
	struct app *app;
	const char *answer;
	enum mfa_reason reason;
};

static void
rival_acts(void *ctx)
{
	struct rival *rival = ctx;
	struct app app = *rival->app;

	rival->w->mishap.meanwhile = NULL;
	rival->reason = app_answer_in(rival->w, &rival->engine, &app, "",
	    rival->answer);
}

/* Two right answers of different kinds: the challenge is one, so is the yes. */
static void
test_R6_two_right_answers_one_success(void **state)
{
	struct world *w = *state;
	struct mfa_recovery_text text;
	struct app app;
	struct rival rival = { .w = w, .app = &app };
	char code[9];

	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	world_twin(w, &rival.engine);
	app_start(w, &app);
	world_code(w, SECRET_A, 0, code);
	rival.answer = code;
	w->mishap.writes_before = 1;
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_acts;
	w->mishap.ctx = &rival;
	assert_int_equal(app_answer(w, &app, text.code[0]),
	    MFA_REASON_REPLAYED);
	assert_int_equal(rival.reason, MFA_REASON_OK);
	assert_false(app.result.used_recovery);
	assert_int_equal(w->events[MFA_EVENT_RECOVERY_USED], 0);
	/* What was not accepted was not used up either. */
	assert_int_equal(world_try(w, text.code[0]), MFA_REASON_OK);
	world_twin_free(&rival.engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP(test_R6_a_right_answer_consumes_it),
		IN_SHOP_MEMORY(test_R6_a_right_answer_consumes_it),
		IN_SHOP(test_R6_a_used_code_is_used_everywhere),
		IN_SHOP(test_a_recovery_code_answers_it),
		IN_SHOP(test_verified_by_another_process),
		IN_SHOP(test_R11_it_expires),
		IN_SHOP(test_four_newer_evict_it),
		IN_SHOP(test_R9_max_attempts_end_it),
		IN_SHOP(test_R8_slips_are_not_counted),
		IN_SHOP(test_R9_locks_hold_in_both_ways),
		IN_SHOP(test_R9_the_accounts_budget_holds),
		IN_SHOP(test_R9_a_success_takes_the_charge_back),
		IN_SHOP_MEMORY(test_R7_what_is_not_written_is_not_so),
		IN_SHOP_MEMORY(test_R6_two_right_answers_one_success),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
