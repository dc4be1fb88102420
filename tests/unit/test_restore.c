/* SPDX-License-Identifier: MIT */
/*
 * R17: what a record that was rolled back would let in once more.  Each test
 * shows first that it does.
 */
#include "tests/unit/login_session.h"
#include "tests/unit/restore.h"

#include "verifier/engine/challenge.h"
#include "verifier/engine/prove.h"
#include "verifier/engine/throttle.h"

static enum mfa_reason
try_counter(struct world *w, enum mfa_path path, uint64_t counter)
{
	char code[9];

	world_counter(SECRET_C, counter, code);
	return world_try_on(w, &w->engine, path, code);
}

static enum mfa_err
synced(struct world *w, uint64_t counter)
{
	char first[9], second[9];
	struct mfa_typed one, two;
	const struct mfa_sync_ask ask = { "token", &one, &two };
	int32_t moved;

	world_counter(SECRET_C, counter, first);
	world_counter(SECRET_C, counter + 1, second);
	one = world_typed(first);
	two = world_typed(second);
	return mfa_enroll_sync(&w->engine, &w->caller, &w->subject, &ask,
	    &moved);
}

/* A change that no interface makes. */
static void
put(struct world *w, enum mfa_err (*apply)(void *ctx,
    mfa_record_Record *record, const struct mfa_clock *clock), void *ctx)
{
	assert_int_equal(mfa_repo_change(&w->engine, &w->subject,
	    (struct mfa_delta){ apply, ctx }), MFA_OK);
}

/* ---- logins before a factor is needed ---- */

static bool
let_in(struct world *w)
{
	struct session s = { .w = w };

	session_begin(&s, PERSON, false, 1);
	if (session_asks(&s) && !s.step.acknowledge)
		return false;
	session_answer(&s, "");
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	return true;
}

static void
test_R17_counted_logins_do_not_come_back(void **state)
{
	struct world *w = *state;
	struct mfa_restored out;
	uint8_t backup[BOTH];

	world_user(w, PERSON);
	session_rule(w, MFA_DECISION_REQUIRE)->enroll_logins = 2;
	assert_true(let_in(w));
	world_read(w, backup);
	assert_true(let_in(w));
	assert_false(let_in(w));
	world_write(w, backup);
	assert_true(let_in(w));
	world_write(w, backup);
	/* How many there were since, nobody knows. */
	(void)restored(w);
	assert_false(let_in(w));
	assert_int_equal(restore_it(w, &out), MFA_OK);
	assert_false(out.changed);
}

/* ---- apps ---- */

static void
test_R17_codes_of_apps_stay_used(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	uint8_t backup[BOTH];

	enroll(w, &confirmed);
	world_read(w, backup);
	assert_int_equal(try_step(w, 0), MFA_REASON_OK);
	world_write(w, backup);
	assert_int_equal(try_step(w, 0), MFA_REASON_OK);
	assert_int_equal(try_step(w, 1), MFA_REASON_OK);
	world_write(w, backup);
	assert_int_equal(restored(w).enabled, 1);
	for (int step = -1; step <= 1; step++)
		assert_int_not_equal(try_step(w, step), MFA_REASON_OK);
	/* The next that could not have been used. */
	world_pass(w, 30);
	assert_int_not_equal(try_step(w, 0), MFA_REASON_OK);
	assert_int_equal(try_step(w, 1), MFA_REASON_OK);
}

/* The window is the configured one, and a drift is the device's clock. */
static void
test_R17_the_window_is_the_configured_one(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	static mfa_record_Record r;
	uint64_t step;

	w->config.window = 7;
	enroll(w, &confirmed);
	step = w->now.wall / 30;
	(void)restored(w);
	world_record(w, &r);
	assert_int_equal(r.factors[0].last_step, step + 7);
}

static enum mfa_err
mark_far(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)clock;
	record->factors[0].last_step = UINT64_MAX - 5;
	return MFA_OK;
}

static void
test_R6_a_watermark_never_falls(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	static mfa_record_Record r;

	enroll(w, &confirmed);
	put(w, mark_far, NULL);
	(void)restored(w);
	world_record(w, &r);
	assert_true(r.factors[0].last_step == UINT64_MAX - 5);
}

/* ---- tokens ---- */

static void
test_R17_tokens_wait_for_sync(void **state)
{
	static const enum mfa_path paths[] = { MFA_PATH_ROOT,
		MFA_PATH_OTHER };
	struct world *w = *state;
	uint8_t backup[BOTH];

	world_enroll_hotp(w, "token", SECRET_C);
	w->config.hard_stop = w->config.hard_stop_unprivileged = 100;
	world_read(w, backup);
	for (uint64_t n = 1; n < 6; n++)
		assert_int_equal(try_counter(w, MFA_PATH_ROOT, n),
		    MFA_REASON_OK);
	world_write(w, backup);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(try_counter(w, paths[i], 1 + i),
		    MFA_REASON_OK);
	world_write(w, backup);
	assert_int_equal(restored(w).tokens, 1);
	for (size_t i = 0; i < 2; i++) {
		for (uint64_t n = 0; n < 12; n++)
			assert_int_equal(try_counter(w, paths[i], n),
			    MFA_REASON_BLOCKED);
	}
	/* Neither time nor what lies before opens it. */
	world_pass(w, 40 * 86400);
	assert_int_equal(synced(w, 0), MFA_ERR_WRONG);
	assert_int_equal(try_counter(w, MFA_PATH_ROOT, 6),
	    MFA_REASON_BLOCKED);
	assert_int_equal(synced(w, 6), MFA_OK);
	for (uint64_t n = 5; n < 8; n++)
		assert_int_not_equal(try_counter(w, MFA_PATH_ROOT, n),
		    MFA_REASON_OK);
	assert_int_equal(try_counter(w, MFA_PATH_OTHER, 8), MFA_REASON_OK);
	assert_int_equal(try_counter(w, MFA_PATH_ROOT, 9), MFA_REASON_OK);
}

/* Debits stick above, refunds stay above. */
static void
test_R9_no_number_of_refunds_opens_a_token(void **state)
{
	struct world *w = *state;
	static mfa_record_Record r;

	world_enroll_hotp(w, "token", SECRET_C);
	(void)restored(w);
	world_record(w, &r);
	w->config.hard_stop = w->config.hard_stop_unprivileged = 100;
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t started = mfa_throttle_factor_debit(&w->config,
		    &r.factors[0], MFA_PATH_ROOT, i);

		assert_true(r.factors[0].root.consecutive > 100);
		mfa_throttle_factor_refund(&w->config, &r.factors[0],
		    MFA_PATH_ROOT, started);
	}
	assert_int_equal(mfa_throttle_factor_check(&w->config, &r.factors[0],
	    MFA_PATH_ROOT, UINT64_MAX, NULL), MFA_THROTTLE_BLOCKED);
}

/* As the manual says: nobody can tell these from new ones. */
static void
test_two_overheard_codes_pass_for_new_ones(void **state)
{
	struct world *w = *state;
	uint8_t backup[BOTH];

	world_enroll_hotp(w, "token", SECRET_C);
	world_read(w, backup);
	for (uint64_t n = 1; n < 6; n++)
		assert_int_equal(try_counter(w, MFA_PATH_ROOT, n),
		    MFA_REASON_OK);
	world_write(w, backup);
	(void)restored(w);
	assert_int_equal(synced(w, 2), MFA_OK);
	assert_int_equal(try_counter(w, MFA_PATH_ROOT, 3),
	    MFA_REASON_REPLAYED);
	/* The owner's next two put an end to it. */
	assert_int_equal(synced(w, 6), MFA_OK);
	for (uint64_t n = 1; n < 8; n++)
		assert_int_not_equal(try_counter(w, MFA_PATH_ROOT, n),
		    MFA_REASON_OK);
}

/* ---- codes of a person ---- */

static void
test_R17_recovery_codes_are_gone(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_recovery_text fresh;
	uint8_t backup[BOTH];
	static mfa_record_Record r;
	uint32_t generation;

	enroll(w, &confirmed);
	world_read(w, backup);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(world_try(w, confirmed.codes.code[0]),
		    MFA_REASON_OK);
		world_write(w, backup);
	}
	world_record(w, &r);
	generation = r.recovery.generation;
	assert_int_equal(restored(w).recovery_codes, confirmed.codes.count);
	for (uint32_t i = 0; i < confirmed.codes.count; i++)
		assert_int_not_equal(world_try(w, confirmed.codes.code[i]),
		    MFA_REASON_OK);
	world_record(w, &r);
	assert_true(r.enrolled);
	assert_int_equal(mfa_provider_recovery_left(&r.recovery), 0);
	assert_int_equal(r.recovery.generation, generation);
	/* New ones are another set. */
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &fresh), MFA_OK);
	assert_int_equal(world_try(w, confirmed.codes.code[1]),
	    MFA_REASON_WRONG);
	assert_int_equal(world_try(w, fresh.code[1]), MFA_REASON_OK);
}

static void
test_R17_a_bypass_is_gone(void **state)
{
	static const struct mfa_grants_ask hour = { .kind = MFA_GRANT_BYPASS,
		.seconds = 3600, .reason = "phone lost" };
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_granted given;
	uint8_t backup[BOTH];

	enroll(w, &confirmed);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &hour, &given), MFA_OK);
	world_read(w, backup);
	assert_int_equal(world_try(w, given.code), MFA_REASON_OK);
	world_write(w, backup);
	assert_true(restored(w).granted);
	assert_int_not_equal(world_try(w, given.code), MFA_REASON_OK);
}

static void
test_R17_an_invitation_is_gone(void **state)
{
	struct world *w = *state;
	struct mfa_restored out;
	struct mfa_granted given;
	static mfa_record_Record r;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &given), MFA_OK);
	world_record(w, &r);
	assert_true(r.has_invitation);
	out = restored(w);
	assert_true(out.granted);
	assert_int_equal(out.enabled, 0);
	world_record(w, &r);
	assert_false(r.has_invitation);
	assert_false(r.enrolled);
}

static void
test_R17_codes_that_were_sent_are_gone(void **state)
{
	struct world *w = *state;
	uint8_t backup[BOTH];

	world_enroll_otp(w, "mail", "alice@example.org");
	world_pass(w, 3600);
	assert_int_equal(world_send(w, ""), MFA_OK);
	world_read(w, backup);
	assert_int_equal(world_try(w, w->runner.last.code), MFA_REASON_OK);
	world_write(w, backup);
	(void)restored(w);
	assert_int_equal(world_try(w, w->runner.last.code),
	    MFA_REASON_NO_CODE);
}

static enum mfa_err
litter(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)clock;
	record->remembered_count = 2;
	record->remembered[0].binding = 1;
	record->remembered[1].binding = 2;
	record->accepted_count = 1;
	record->accepted[0] = 4711;
	return MFA_OK;
}

static void
test_R17_challenges_places_and_pending_factors_are_gone(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_challenge challenge;
	static mfa_record_Record r;
	char id[17];

	enroll(w, &confirmed);
	assert_int_equal(mfa_challenge_start(&w->engine, &w->caller,
	    &w->subject, &challenge), MFA_OK);
	assert_int_equal(world_pending(w, "other", SECRET_B, id), MFA_OK);
	put(w, litter, NULL);
	world_record(w, &r);
	assert_int_equal(r.challenges_count, 1);
	assert_int_equal(r.factors_count, 2);
	assert_int_equal(restored(w).pending, 1);
	world_record(w, &r);
	assert_int_equal(r.challenges_count, 0);
	assert_int_equal(r.factors_count, 1);
	assert_string_equal(r.factors[0].label, "phone");
	assert_int_equal(r.remembered_count, 0);
	assert_int_equal(r.remembered[0].binding, 0);
	/* R6: a program's answer is still refused once more. */
	assert_int_equal(r.accepted_count, 1);
	assert_int_equal(r.accepted[0], 4711);
}

/* R21: a proof of before the roll-back is none after it. */
static void
test_R21_what_was_proven_before_is_void(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_caller owner = w->caller;
	struct mfa_typed typed;
	struct mfa_proof proof;
	struct mfa_restored out;
	static mfa_record_Record r;
	uint64_t before;
	char code[9];

	enroll(w, &confirmed);
	owner.right = MFA_RIGHT_OWNER;
	world_code(w, SECRET_A, 0, code);
	typed = world_typed(code);
	assert_int_equal(mfa_prove_code(&w->engine, &owner, &w->subject,
	    &typed, 300, &proof), MFA_OK);
	owner.proof = &proof;
	assert_int_equal(mfa_permit_look(&w->engine, &owner, &w->subject,
	    MFA_CHANGE_OTHER), MFA_OK);
	world_record(w, &r);
	before = r.generation;
	assert_int_equal(restore_it(w, &out), MFA_OK);
	assert_int_equal(mfa_permit_look(&w->engine, &owner, &w->subject,
	    MFA_CHANGE_OTHER), MFA_ERR_PROOF);
	/* Nor one of the generation that came next before the roll-back. */
	world_record(w, &r);
	assert_true(r.generation > before + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FILES(test_R17_counted_logins_do_not_come_back),
		FILES(test_R17_codes_of_apps_stay_used),
		FILES(test_R17_the_window_is_the_configured_one),
		FILES(test_R6_a_watermark_never_falls),
		FILES(test_R17_tokens_wait_for_sync),
		FILES(test_R9_no_number_of_refunds_opens_a_token),
		FILES(test_two_overheard_codes_pass_for_new_ones),
		FILES(test_R17_recovery_codes_are_gone),
		FILES(test_R17_a_bypass_is_gone),
		FILES(test_R17_an_invitation_is_gone),
		FILES(test_R17_codes_that_were_sent_are_gone),
		FILES(test_R17_challenges_places_and_pending_factors_are_gone),
		FILES(test_R21_what_was_proven_before_is_void),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
