/* SPDX-License-Identifier: MIT */
/*
 * R9, R26: "locked" is told by the very attempt whose charge closed a factor or
 * the account, once, and by no other.
 */
#include "tests/unit/challenge.h"

#define NO_CODE "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA" /* a recovery code's form */
#define KEY	"cccccccbcvbhtnvg"

/* What was told of locks. */
struct locks {
	unsigned int n;
	char reason[33], method[33], factor[33];
};

static void
note(void *ctx, const struct mfa_event *event, const char *line)
{
	struct locks *l = ctx;

	(void)line;
	if (event->type != MFA_EVENT_LOCKED)
		return;
	l->n++;
	(void)snprintf(l->reason, sizeof(l->reason), "%s", event->reason);
	(void)snprintf(l->method, sizeof(l->method), "%s", event->method);
	(void)snprintf(l->factor, sizeof(l->factor), "%s", event->factor);
}

/* In the shop, where no limit is near but those that a test sets. */
static int
watched(void **state)
{
	static struct locks locks;
	struct world *w;

	assert_int_equal(app_world(state), 0);
	w = *state;
	w->config.burst = w->config.hard_stop = 1000;
	w->config.hard_stop_unprivileged = 1000;
	w->config.wrong_per_day = w->config.wrong_per_month = 1000;
	w->config.wrong_per_day_unprivileged = 1000;
	/* So that those of before are in nobody's way. */
	w->config.max_attempts = 1;
	memset(&locks, 0, sizeof(locks));
	w->watch = note;
	w->watch_ctx = &locks;
	return 0;
}

static struct locks *
locks_of(struct world *w)
{
	return w->watch_ctx;
}

/* One answer, to a challenge of its own. */
static struct mfa_attempt_result
answer(struct world *w, const char *code, enum mfa_reason reason)
{
	struct app app;

	app_start(w, &app);
	assert_int_equal(app_answer(w, &app, code), reason);
	return app.result;
}

static struct mfa_attempt_result
slip(struct world *w)
{
	char bad[9];

	world_wrong(w, bad);
	return answer(w, bad, MFA_REASON_WRONG);
}

/* So many wrong answers that close nothing. */
static void
slips(struct world *w, unsigned int n)
{
	const unsigned int before = locks_of(w)->n;

	for (unsigned int i = 0; i < n; i++) {
		const struct mfa_attempt_result result = slip(w);

		assert_false(result.locked_now);
		assert_false(result.blocked_now);
		assert_string_equal(result.locked_factor, "");
	}
	assert_int_equal(locks_of(w)->n, before);
}

/* What was told last; and that the answer knows the same. */
static void
told(struct world *w, const struct mfa_attempt_result *result,
    unsigned int n, const char *reason, const char *factor)
{
	const struct locks *l = locks_of(w);

	assert_int_equal(l->n, n);
	assert_string_equal(l->reason, reason);
	assert_string_equal(l->factor, factor);
	assert_string_equal(l->method, result->method);
	assert_true(result->locked_now);
	assert_int_equal(result->blocked_now, strcmp(reason, "blocked") == 0);
	assert_string_equal(result->locked_factor, factor);
}

/* One more, which is not compared: nothing new is told. */
static void
closed(struct world *w, enum mfa_reason reason)
{
	const unsigned int before = locks_of(w)->n;
	struct mfa_attempt_result result;
	char code[9];

	world_code(w, SECRET_A, 0, code);
	result = answer(w, code, reason);
	assert_false(result.locked_now);
	assert_string_equal(result.factor, "");
	assert_string_equal(result.locked_factor, "");
	assert_int_equal(locks_of(w)->n, before);
}

/* ---- factors ---- */

static void
test_R9_a_burst_is_told_once(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;

	w->config.burst = 5;
	for (unsigned int i = 1; i < 4; i++) {
		slips(w, 4);
		result = slip(w);
		told(w, &result, i, "locked", "phone");
		assert_string_equal(result.method, "totp");
		for (int n = 0; n < 3; n++)
			closed(w, MFA_REASON_LOCKED);
		world_pass(w, 900U << (i - 1));
	}
}

/* It was charged as if it were wrong; that is taken back. */
static void
test_R9_a_right_answer_tells_no_lock(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;
	char code[9];

	w->config.burst = 5;
	w->config.wrong_per_day = 5;
	slips(w, 4);
	world_code(w, SECRET_A, 0, code);
	result = answer(w, code, MFA_REASON_OK);
	assert_false(result.locked_now);
	assert_false(result.unlocked_now);
	assert_string_equal(result.factor, "phone");
	assert_int_equal(locks_of(w)->n, 0);
}

static void
test_R9_the_hard_stop_is_told_as_blocked(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;

	w->config.hard_stop = 3;
	w->config.hard_stop_unprivileged = 2;
	slips(w, 2);
	result = slip(w);
	told(w, &result, 1, "blocked", "phone");
	closed(w, MFA_REASON_BLOCKED);
	/* The other path has a hard stop of its own. */
	w->caller.path = MFA_PATH_OTHER;
	slips(w, 1);
	result = slip(w);
	told(w, &result, 2, "blocked", "phone");
	world_pass(w, 86400);
	closed(w, MFA_REASON_BLOCKED);
}

/* The stronger word where both begin with the same charge. */
static void
test_R9_burst_and_hard_stop_at_once(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;

	w->config.burst = w->config.hard_stop = 3;
	slips(w, 2);
	result = slip(w);
	told(w, &result, 1, "blocked", "phone");
}

/* ---- the account ---- */

static void
test_R9_budgets_of_the_account_are_told(void **state)
{
	struct world *w = *state;
	uint32_t *const limits[] = { &w->config.wrong_per_day,
		&w->config.wrong_per_month,
		&w->config.wrong_per_day_unprivileged };
	struct mfa_attempt_result result;

	for (unsigned int i = 0; i < 3; i++) {
		if (i == 2)
			w->caller.path = MFA_PATH_OTHER;
		*limits[i] = 3;
		slips(w, 2);
		result = slip(w);
		told(w, &result, i + 1, "locked", "");
		assert_string_equal(result.factor, "phone");
		closed(w, MFA_REASON_LOCKED);
		*limits[i] = 1000;
		/* A month, and what is only partly in it. */
		world_pass(w, 32ULL * 86400);
	}
}

/* Of whom it was the last budget and the last of the burst: one event. */
static void
test_R26_factor_and_account_at_once_are_one_event(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;

	w->config.burst = w->config.wrong_per_day = 3;
	slips(w, 2);
	result = slip(w);
	told(w, &result, 1, "locked", "phone");
}

/* 120 bits are charged to nothing that root's path has (R10). */
static void
test_R10_recovery_codes_close_the_other_path_only(void **state)
{
	struct mfa_recovery_text text;
	struct world *w = *state;
	struct mfa_attempt_result result;

	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	w->config.wrong_per_day = w->config.wrong_per_day_unprivileged = 2;
	for (int i = 0; i < 4; i++) {
		result = answer(w, NO_CODE, MFA_REASON_WRONG);
		assert_false(result.locked_now);
		assert_string_equal(result.factor, "");
	}
	assert_int_equal(locks_of(w)->n, 0);
	w->caller.path = MFA_PATH_OTHER;
	(void)answer(w, NO_CODE, MFA_REASON_WRONG);
	assert_int_equal(locks_of(w)->n, 0);
	result = answer(w, NO_CODE, MFA_REASON_WRONG);
	told(w, &result, 1, "locked", "");
	assert_string_equal(result.method, "recovery_code");
	result = answer(w, text.code[0], MFA_REASON_LOCKED);
	assert_false(result.locked_now);
	assert_int_equal(locks_of(w)->n, 1);
}

static void
test_R9_a_used_recovery_code_is_not_given_back(void **state)
{
	struct mfa_recovery_text text;
	struct world *w = *state;
	struct mfa_attempt_result result;

	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	w->config.wrong_per_day_unprivileged = 2;
	w->caller.path = MFA_PATH_OTHER;
	(void)answer(w, text.code[0], MFA_REASON_OK);
	result = answer(w, text.code[0], MFA_REASON_REPLAYED);
	assert_false(result.locked_now);
	result = answer(w, text.code[0], MFA_REASON_REPLAYED);
	told(w, &result, 1, "locked", "");
	closed(w, MFA_REASON_LOCKED);
}

/* ---- several factors ---- */

static void
test_R26_two_factors_at_once_have_no_name(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;

	world_enroll(w, "tablet", SECRET_B, &(struct mfa_confirmed){ 0 });
	world_pass(w, 60);
	w->config.burst = 2;
	slips(w, 1);
	result = slip(w);
	told(w, &result, 1, "locked", "");
	assert_string_equal(result.factor, "");
	assert_string_equal(result.method, "totp");
	closed(w, MFA_REASON_LOCKED);
}

static void
test_R26_the_one_of_two_that_was_closed(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;

	w->config.burst = 3;
	slips(w, 1);
	world_enroll(w, "tablet", SECRET_B, &(struct mfa_confirmed){ 0 });
	world_pass(w, 60);
	slips(w, 1);
	result = slip(w);
	told(w, &result, 1, "locked", "phone");
	/* Two were compared, all the same. */
	assert_string_equal(result.factor, "");
	/* Now it is one: the other one's lock is its own. */
	result = slip(w);
	told(w, &result, 2, "locked", "tablet");
	assert_string_equal(result.factor, "tablet");
}

static void
test_R26_one_blocked_and_one_locked(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;

	slips(w, 1);
	world_enroll(w, "tablet", SECRET_B, &(struct mfa_confirmed){ 0 });
	world_pass(w, 60);
	w->config.burst = 2;
	w->config.hard_stop = 3;
	/* The phone's second: its burst, and the tablet's first. */
	result = slip(w);
	told(w, &result, 1, "locked", "phone");
	world_pass(w, 900);
	result = slip(w);
	told(w, &result, 2, "blocked", "");
}

static void
test_R26_the_only_factor_compared_is_named(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;

	result = slip(w);
	assert_string_equal(result.factor, "phone");
	assert_string_equal(w->texts.factor, "phone");
	assert_string_equal(w->texts.reason, "wrong");
	/* What is not compared has no factor. */
	result = answer(w, "hello", MFA_REASON_MALFORMED);
	assert_string_equal(result.factor, "");
	assert_string_equal(w->texts.factor, "");
	result = answer(w, NO_CODE, MFA_REASON_WRONG);
	assert_string_equal(result.factor, "");
	/* Nor do two, of whatever kind. */
	world_enroll_hotp(w, "token", SECRET_B);
	result = slip(w);
	assert_string_equal(result.factor, "");
	assert_string_equal(result.method, "");
	assert_string_equal(w->texts.factor, "");
}

/* ---- replays ---- */

static void
test_R6_a_replay_that_is_given_back_locks_nothing(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;
	char code[9];

	w->config.burst = 1;
	world_code(w, SECRET_A, 0, code);
	(void)answer(w, code, MFA_REASON_OK);
	for (int i = 0; i < 3; i++) {
		result = answer(w, code, MFA_REASON_REPLAYED);
		assert_false(result.locked_now);
		assert_string_equal(result.factor, "phone");
	}
	assert_int_equal(locks_of(w)->n, 0);
	/* The fourth of a step is paid for, as a wrong code is. */
	result = answer(w, code, MFA_REASON_REPLAYED);
	told(w, &result, 1, "locked", "phone");
	assert_string_equal(result.factor, "phone");
	closed(w, MFA_REASON_LOCKED);
}

static void
begin_four(void *ctx)
{
	struct app app;

	for (int i = 0; i < 4; i++)
		app_start(ctx, &app);
}

/* A right answer to a challenge that went meanwhile is charged, too. */
static void
test_R6_an_answer_too_late_is_not_given_back(void **state)
{
	struct world *w = *state;
	struct app app;

	world_enroll_outside(w, "key", "yubico", "first-answer");
	w->runner.accepts = KEY;
	w->runner.keeps = "11";
	w->runner.meanwhile = begin_four;
	w->runner.ctx = w;
	w->config.burst = 1;
	app_start(w, &app);
	assert_int_equal(app_answer(w, &app, KEY), MFA_REASON_REPLAYED);
	told(w, &app.result, 1, "locked", "key");
	assert_string_equal(app.result.method, "yubico");
}

/* ---- confirm and sync are charged like logins ---- */

static void
test_R9_confirming_tells_the_lock_it_begins(void **state)
{
	const struct locks *l = locks_of(*state);
	struct world *w = *state;
	struct mfa_confirmed out;
	struct mfa_typed typed;
	char id[17], bad[9];

	w->config.burst = 2;
	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
	world_wrong(w, bad);
	typed = world_typed(bad);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(mfa_enroll_confirm(&w->engine, &w->caller,
		    &w->subject, id, &typed, &out),
		    i < 2 ? MFA_ERR_WRONG : MFA_ERR_LOCKED);
		assert_int_equal(l->n, i == 0 ? 0 : 1);
	}
	assert_string_equal(l->reason, "locked");
	assert_string_equal(l->factor, "tablet");
}

/* No lock refuses it; but a lock that was there is not told again. */
static void
test_R9_sync_tells_the_lock_it_begins(void **state)
{
	const struct locks *l = locks_of(*state);
	struct world *w = *state;
	const struct mfa_typed code = world_typed("123456");
	const struct mfa_sync_ask ask = { "phone", &code, &code };
	int32_t drift;

	w->config.burst = 2;
	for (unsigned int i = 0; i < 6; i++) {
		assert_int_equal(mfa_enroll_sync(&w->engine, &w->caller,
		    &w->subject, &ask, &drift), MFA_ERR_WRONG);
		assert_int_equal(l->n, i == 0 ? 0 : 1);
	}
	assert_string_equal(l->reason, "locked");
	assert_string_equal(l->method, "totp");
	assert_string_equal(l->factor, "phone");
	/* As is the failure: by the name of the factor. */
	assert_string_equal(w->texts.factor, "phone");
}

#define WATCHED(f) cmocka_unit_test_setup_teardown(f, watched, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WATCHED(test_R9_a_burst_is_told_once),
		WATCHED(test_R9_a_right_answer_tells_no_lock),
		WATCHED(test_R9_the_hard_stop_is_told_as_blocked),
		WATCHED(test_R9_burst_and_hard_stop_at_once),
		WATCHED(test_R9_budgets_of_the_account_are_told),
		WATCHED(test_R26_factor_and_account_at_once_are_one_event),
		WATCHED(test_R10_recovery_codes_close_the_other_path_only),
		WATCHED(test_R9_a_used_recovery_code_is_not_given_back),
		WATCHED(test_R26_two_factors_at_once_have_no_name),
		WATCHED(test_R26_the_one_of_two_that_was_closed),
		WATCHED(test_R26_one_blocked_and_one_locked),
		WATCHED(test_R26_the_only_factor_compared_is_named),
		WATCHED(test_R6_a_replay_that_is_given_back_locks_nothing),
		WATCHED(test_R6_an_answer_too_late_is_not_given_back),
		WATCHED(test_R9_confirming_tells_the_lock_it_begins),
		WATCHED(test_R9_sync_tells_the_lock_it_begins),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
