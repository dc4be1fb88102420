/* SPDX-License-Identifier: MIT */
/*
 * R1, R6: a code that somebody else uses before our commit brings nothing; and
 * what a replay costs.
 */
#include "tests/unit/world.h"

#include "verifier/crypt/crypt.h"
#include "verifier/engine/admin.h"
#include "verifier/engine/throttle.h"

static const struct mfa_grants_ask hour = { .kind = MFA_GRANT_BYPASS,
	.seconds = 3600,
	.reason = "broken phone" };

/* ---- a store without a lock: both get as far as the commit ---- */

struct rival {
	struct world *w;
	struct mfa_engine engine;
	struct mfa_attempt attempt;
	struct mfa_attempt_result result;
};

static void
rival_acts(void *ctx)
{
	struct rival *rival = ctx;

	rival->w->mishap.meanwhile = NULL;
	assert_int_equal(mfa_attempt_make(&rival->engine, &rival->w->subject,
	    &rival->attempt, &rival->result), MFA_OK);
}

/* The same answer twice: the other one's is first, with what it brings. */
static void
race(struct world *w, const char *typed, bool proof, struct rival *rival)
{
	const struct mfa_typed answer = world_typed(typed);
	struct mfa_attempt_result mine;

	memset(rival, 0, sizeof(*rival));
	rival->w = w;
	rival->attempt.caller = &w->caller;
	rival->attempt.typed = &answer;
	rival->attempt.proof = proof;
	world_twin(w, &rival->engine);
	w->mishap.writes_before = 1;
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_acts;
	w->mishap.ctx = rival;
	memset(&mine, 0xa5, sizeof(mine));
	assert_int_equal(mfa_attempt_make(&w->engine, &w->subject,
	    &rival->attempt, &mine), MFA_OK);
	world_twin_free(&rival->engine);
	assert_int_equal(rival->result.reason, MFA_REASON_OK);
	/* Nothing is said of ours but that it was used. */
	assert_int_equal(mine.reason, MFA_REASON_REPLAYED);
	assert_false(mine.unlocked_now);
	assert_false(mine.locked_now);
	assert_false(mine.used_delivered);
	assert_false(mine.voided_delivered);
	assert_false(mine.used_recovery);
	assert_false(mine.used_invitation);
	assert_false(mine.used_bypass);
	assert_true(mine.bypass_used == 0);
}

static void
enroll(struct world *w, struct mfa_confirmed *confirmed)
{
	world_enroll(w, "phone", SECRET_A, confirmed);
	world_pass(w, 30);
}

/* The first right code after a lock. */
static void
test_R6_one_of_two_unlocks(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct rival rival;
	char bad[9], code[9];

	enroll(w, &confirmed);
	world_wrong(w, bad);
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	world_pass(w, 900);
	world_code(w, SECRET_A, 0, code);
	race(w, code, false, &rival);
	assert_true(rival.result.unlocked_now);
}

/* A bypass was used: its owner is told at one login. */
static void
test_R10_one_of_two_is_told_of_a_bypass(void **state)
{
	struct mfa_confirmed confirmed;
	struct mfa_granted given;
	struct world *w = *state;
	struct rival rival;
	uint64_t used;
	char code[9];

	enroll(w, &confirmed);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &hour, &given), MFA_OK);
	used = w->now.wall;
	race(w, given.code, false, &rival);
	assert_true(rival.result.used_bypass);
	assert_true(rival.result.bypass_used == 0);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	race(w, code, false, &rival);
	assert_false(rival.result.used_bypass);
	assert_true(rival.result.bypass_used == used);
}

static void
test_R12_one_of_two_uses_what_was_sent(void **state)
{
	struct world *w = *state;
	struct rival rival;

	world_enroll_otp(w, "mail", "alice@example.org");
	world_pass(w, 60);
	assert_int_equal(world_send(w, ""), MFA_OK);
	race(w, w->runner.last.code, false, &rival);
	assert_true(rival.result.used_delivered);
	assert_string_equal(rival.result.method, "otp");
}

static void
test_R13_one_of_two_uses_a_recovery_code(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct rival rival;

	enroll(w, &confirmed);
	race(w, confirmed.codes.code[0], false, &rival);
	assert_true(rival.result.used_recovery);
	assert_int_equal(rival.result.recovery_left, 9);
}

static void
test_R21_one_of_two_is_invited(void **state)
{
	struct mfa_granted invited;
	struct world *w = *state;
	struct rival rival;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	race(w, invited.code, true, &rival);
	assert_true(rival.result.used_invitation);
}

/* ---- what a replay costs ---- */

/* Used before the new one, which is one step ahead: each has its own three. */
static void
test_R6_three_refunds_for_each_step(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	mfa_record_Record record;
	char older[9], newer[9];

	enroll(w, &confirmed);
	world_code(w, SECRET_A, 0, older);
	world_code(w, SECRET_A, 1, newer);
	assert_int_equal(world_try(w, newer), MFA_REASON_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_try(w, older), MFA_REASON_REPLAYED);
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_try(w, newer), MFA_REASON_REPLAYED);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 0);
	assert_int_equal(mfa_throttle_day(&record, record.stamp.lapse), 0);
	/* And not one more, of either. */
	assert_int_equal(world_try(w, newer), MFA_REASON_REPLAYED);
	assert_int_equal(world_try(w, older), MFA_REASON_REPLAYED);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 2);
	assert_int_equal(mfa_throttle_day(&record, record.stamp.lapse), 2);
}

static void
rival_resets(void *ctx)
{
	struct rival *rival = ctx;

	rival->w->mishap.meanwhile = NULL;
	assert_int_equal(mfa_admin_reset(&rival->engine, &rival->w->caller,
	    &rival->w->subject), MFA_OK);
}

/* The factor is gone before its charge is given back: there is nothing to. */
static void
test_R6_a_replay_of_what_is_gone(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	struct rival rival = { .w = w };
	mfa_record_Record record;
	char code[9];

	enroll(w, &confirmed);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_twin(w, &rival.engine);
	w->mishap.writes_before = 1;
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_resets;
	w->mishap.ctx = &rival;
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	world_twin_free(&rival.engine);
	world_record(w, &record);
	assert_int_equal(record.factors_count, 0);
	assert_int_equal(mfa_throttle_day(&record, record.stamp.lapse), 1);
}

/* ---- a fresh code before a used one ---- */

/* All that is drawn of a code's size is the same. */
static void
always_the_same(const struct mfa_env *env, void *out, size_t len)
{
	if (len == 15)
		memset(out, 0x5a, len);
	else
		mfa_crypt_random(env, out, len);
}

/* A bypass of the very letters of a recovery code that was used. */
static void
test_R10_what_is_fresh_counts_before_what_is_used(void **state)
{
	struct mfa_confirmed confirmed;
	struct mfa_granted given;
	struct world *w = *state;

	w->config.recovery_code_count = 1;
	w->env.random = always_the_same;
	enroll(w, &confirmed);
	assert_int_equal(world_try(w, confirmed.codes.code[0]), MFA_REASON_OK);
	assert_int_equal(world_try(w, confirmed.codes.code[0]),
	    MFA_REASON_REPLAYED);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &hour, &given), MFA_OK);
	assert_string_equal(given.code, confirmed.codes.code[0]);
	assert_int_equal(world_try(w, given.code), MFA_REASON_OK);
	assert_int_equal(world_try(w, given.code), MFA_REASON_REPLAYED);
}

#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MEMORY(test_R6_one_of_two_unlocks),
		IN_MEMORY(test_R10_one_of_two_is_told_of_a_bypass),
		IN_MEMORY(test_R12_one_of_two_uses_what_was_sent),
		IN_MEMORY(test_R13_one_of_two_uses_a_recovery_code),
		IN_MEMORY(test_R21_one_of_two_is_invited),
		IN_MEMORY(test_R6_three_refunds_for_each_step),
		IN_MEMORY(test_R6_a_replay_of_what_is_gone),
		IN_MEMORY(test_R10_what_is_fresh_counts_before_what_is_used),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
