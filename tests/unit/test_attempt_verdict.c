/* SPDX-License-Identifier: MIT */
/*
 * R1, R3, R6: what becomes of an attempt: the verdict of each outcome, and
 * nothing that a code brings with it if the code was used meanwhile.
 */
#include "tests/unit/challenge.h"

#include "verifier/engine/throttle.h"

#include "verifier/engine/deliver.h"

static void
test_R1_only_a_match_without_an_error_is_an_accept(void **state)
{
	(void)state;
	for (unsigned int why = 0; why < WORLD_REASONS; why++) {
		const struct mfa_attempt_result result = {
			.reason = (enum mfa_reason)why
		};
		const bool yes =
		    why == MFA_REASON_OK || why == MFA_REASON_REMEMBERED;

		assert_int_equal(mfa_attempt_verdict(MFA_OK, &result),
		    yes ? MFA_VERDICT_ACCEPT : MFA_VERDICT_DENY);
		for (int err = MFA_OK + 1; err < 64; err++)
			assert_int_equal(
			    mfa_attempt_verdict((enum mfa_err)err, &result),
			    MFA_VERDICT_UNAVAILABLE);
	}
}

/* Whatever was there before: the reason, and nothing else. */
static void
test_R3_a_failure_brings_nothing(void **state)
{
	struct mfa_attempt_result none, result;
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct mfa_typed typed;
	const struct mfa_attempt attempt = { .caller = &w->caller,
		.typed = &typed };

	world_enroll(w, "phone", SECRET_A, &confirmed);
	typed = world_typed(confirmed.codes.code[0]);
	memset(&none, 0, sizeof(none));
	none.reason = MFA_REASON_WRONG;
	for (unsigned int i = 0; i < 3; i++) {
		memset(&result, 0xa5, sizeof(result));
		w->mishap.open_fails = i == 0;
		w->mishap.write_fails = i != 0;
		w->mishap.writes_before = i == 2;
		assert_int_equal(mfa_attempt_make(&w->engine, &w->subject,
		    &attempt, &result), MFA_ERR_IO);
		assert_memory_equal(&result, &none, sizeof(none));
	}
}

/* Who adds an address does not take the owner's news there. */
static void
test_R26_the_address_is_the_one_of_before(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "new", .provider = "otp",
		.algorithm = "", .import = "", .address = "new@example.org" };
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct mfa_enrolled e;
	struct mfa_typed typed;

	w->config.realm[0].provides |= MFA_PROVIDES_OTP;
	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	world_pass(w, 60);
	/* It comes behind, and is there before; one byte is an address. */
	world_enroll_otp(w, "old", "{");
	assert_string_equal(w->texts.address, "{");
	world_pass(w, 60);
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, "new"), MFA_OK);
	typed = world_typed(w->runner.last.code);
	memset(w->events, 0, sizeof(w->events));
	assert_int_equal(mfa_enroll_confirm(&w->engine, &w->caller,
	    &w->subject, "new", &typed, &confirmed), MFA_OK);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 1);
	assert_string_equal(w->texts.address, "{");
}

/* ---- a store without a lock: somebody uses the code before our commit ---- */

struct rival {
	struct world *w;
	struct mfa_engine engine;
	const char *code;
	enum mfa_reason reason;
	unsigned int matched; /* calls of what we join to a match */
};

static void
rival_acts(void *ctx)
{
	struct rival *rival = ctx;

	rival->w->mishap.meanwhile = NULL;
	rival->reason =
	    world_try_on(rival->w, &rival->engine, MFA_PATH_ROOT, rival->code);
}

static enum mfa_err
joins(void *ctx, mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_clock *clock)
{
	struct rival *rival = ctx;

	(void)record;
	(void)factor;
	(void)clock;
	rival->matched++;
	return MFA_OK;
}

/* One attempt with something joined; the rival is before its commit. */
static void
race(struct world *w, const char *typed, struct rival *rival)
{
	struct mfa_typed answer = world_typed(typed);
	const struct mfa_attempt attempt = { .caller = &w->caller,
		.typed = &answer,
		.on_match = joins,
		.ctx = rival };
	struct mfa_attempt_result result;

	memset(rival, 0, sizeof(*rival));
	rival->w = w;
	rival->code = typed;
	world_twin(w, &rival->engine);
	w->mishap.writes_before = 1;
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_acts;
	w->mishap.ctx = rival;
	assert_int_equal(
	    mfa_attempt_make(&w->engine, &w->subject, &attempt, &result),
	    MFA_OK);
	world_twin_free(&rival->engine);
	assert_int_equal(rival->reason, MFA_REASON_OK);
	assert_int_equal(result.reason, MFA_REASON_REPLAYED);
	assert_int_equal(
	    mfa_attempt_verdict(MFA_OK, &result), MFA_VERDICT_DENY);
}

static void
test_R6_a_code_used_meanwhile_brings_nothing(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct rival rival;
	char code[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	race(w, code, &rival);
}

static void
test_R6_nor_does_a_recovery_code(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct rival rival;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	race(w, confirmed.codes.code[0], &rival);
}

static void
test_R10_nor_does_a_bypass(void **state)
{
	const struct mfa_grants_ask hour = { .kind = MFA_GRANT_BYPASS,
		.seconds = 3600,
		.reason = "broken phone" };
	struct mfa_confirmed confirmed;
	struct mfa_granted given;
	struct world *w = *state;
	struct rival rival;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(
	    mfa_grants_give(&w->engine, &w->caller, &w->subject, &hour, &given),
	    MFA_OK);
	race(w, given.code, &rival);
}

/* ---- and what was closed before our debit is not compared (R7) ---- */

static void
rival_guesses(void *ctx)
{
	struct rival *rival = ctx;
	char bad[9];

	rival->w->mishap.meanwhile = NULL;
	world_wrong(rival->w, bad);
	for (int i = 0; i < 5; i++)
		rival->reason =
		    world_try_on(rival->w, &rival->engine, MFA_PATH_ROOT, bad);
}

/* The right code, at the moment that somebody else closes the door. */
static void
closed_meanwhile(struct world *w)
{
	struct mfa_confirmed confirmed;
	struct rival rival = { .w = w };
	mfa_record_Record before, after;
	char code[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	world_record(w, &before);
	world_twin(w, &rival.engine);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_guesses;
	w->mishap.ctx = &rival;
	assert_int_equal(world_try(w, code), MFA_REASON_LOCKED);
	world_twin_free(&rival.engine);
	world_record(w, &after);
	assert_true(after.factors[0].last_step == before.factors[0].last_step);
	assert_true(after.factors[0].last_used == before.factors[0].last_used);
	assert_true(after.factors[0].root.consecutive > 0);
}

static void
test_R7_a_factor_locked_meanwhile_is_not_compared(void **state)
{
	closed_meanwhile(*state);
}

static void
test_R7_nor_is_an_account_whose_budget_went_meanwhile(void **state)
{
	struct world *w = *state;

	w->config.burst = 100;
	w->config.wrong_per_day = 3;
	closed_meanwhile(w);
}

/* ---- nor what somebody took away ---- */

static void
rival_disables(void *ctx)
{
	struct rival *rival = ctx;
	bool last;

	rival->w->mishap.meanwhile = NULL;
	assert_int_equal(mfa_enroll_disable(&rival->engine, &rival->w->caller,
	    &rival->w->subject, "phone", &last), MFA_OK);
}

/* The only one, so that the record is empty; or one of two. */
static void
test_R7_a_factor_that_goes_meanwhile_is_not_compared(void **state)
{
	static mfa_record_Record record;
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct rival rival = { .w = w };
	char code[9];

	world_twin(w, &rival.engine);
	for (int i = 0; i < 2; i++) {
		world_enroll(w, "phone", SECRET_A, &confirmed);
		if (i == 1)
			world_enroll(w, "pad", SECRET_B, &confirmed);
		world_pass(w, 30);
		world_code(w, SECRET_A, 0, code);
		w->mishap.conflicts = 1;
		w->mishap.meanwhile = rival_disables;
		w->mishap.ctx = &rival;
		assert_int_equal(world_try(w, code), MFA_REASON_LOCKED);
		world_record(w, &record);
		for (pb_size_t n = 0; n < record.factors_count; n++)
			assert_int_equal(record.factors[n].root.consecutive, 0);
		assert_int_equal(mfa_throttle_day(&record, record.stamp.lapse),
		    0);
		world_pass(w, 30);
	}
	world_twin_free(&rival.engine);
}

struct race {
	struct world *w;
	struct mfa_engine engine;
	struct app app;
	char code[9];
};

static void
rival_answers(void *ctx)
{
	struct race *race = ctx;

	race->w->mishap.meanwhile = NULL;
	assert_int_equal(app_answer_in(race->w, &race->engine, &race->app,
	    "", race->code), MFA_REASON_OK);
}

/* R6: one answer a challenge; the slower one is not even compared. */
static void
test_R7_nor_is_an_answer_to_a_challenge_that_went(void **state)
{
	static mfa_record_Record record;
	struct world *w = *state;
	struct race race = { .w = w };
	struct app app;
	char bad[9];

	app_start(w, &app);
	race.app = app;
	world_wrong(w, bad);
	world_code(w, SECRET_A, 0, race.code);
	world_twin(w, &race.engine);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_answers;
	w->mishap.ctx = &race;
	assert_int_equal(app_answer(w, &app, bad), MFA_REASON_LOCKED);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 0);
	assert_int_equal(record.challenges_count, 0);
	world_twin_free(&race.engine);
}

/* What was not compared takes none of the answers that are left. */
static void
test_R7_a_refused_recovery_code_is_no_answer(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct app app;

	w->subject = world_subject("shop", "bob");
	world_enroll(w, "phone", SECRET_A, &confirmed);
	w->caller.path = MFA_PATH_OTHER;
	w->config.wrong_per_day_unprivileged = 0;
	app_start(w, &app);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(app_answer(w, &app, confirmed.codes.code[0]),
		    MFA_REASON_LOCKED);
		assert_int_equal(app.result.attempts_left,
		    w->config.max_attempts);
	}
}

#define IN_WORLD(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_R1_only_a_match_without_an_error_is_an_accept),
		IN_WORLD(test_R3_a_failure_brings_nothing),
		IN_WORLD(test_R26_the_address_is_the_one_of_before),
		IN_WORLD(test_R6_a_code_used_meanwhile_brings_nothing),
		IN_WORLD(test_R6_nor_does_a_recovery_code),
		IN_WORLD(test_R10_nor_does_a_bypass),
		IN_WORLD(test_R7_a_factor_locked_meanwhile_is_not_compared),
		IN_WORLD(test_R7_nor_is_an_account_whose_budget_went_meanwhile),
		IN_WORLD(test_R7_a_factor_that_goes_meanwhile_is_not_compared),
		IN_SHOP_MEMORY(
		    test_R7_nor_is_an_answer_to_a_challenge_that_went),
		IN_SHOP_MEMORY(test_R7_a_refused_recovery_code_is_no_answer),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
