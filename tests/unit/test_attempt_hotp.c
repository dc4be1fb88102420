/* SPDX-License-Identifier: MIT */
/* R6, R7, R9: codes by counter, in whole attempts. */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/throttle.h"

/* A token of SECRET_C; counter 0 confirmed it. */
static void
equip(struct world *w)
{
	world_enroll_hotp(w, "token", SECRET_C);
	memset(w->events, 0, sizeof(w->events));
}

static int
token(void **state)
{
	assert_int_equal(world_new(state), 0);
	equip(*state);
	return 0;
}

static int
token_in_memory(void **state)
{
	assert_int_equal(world_new_memory(state), 0);
	equip(*state);
	return 0;
}

static const mfa_record_Factor *
factor(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return &r.factors[0];
}

static enum mfa_reason
try_at(struct world *w, uint64_t counter)
{
	char code[9];

	world_counter(SECRET_C, counter, code);
	return world_try(w, code);
}

/* Six digits that are no code from counter 0 to 2000. */
static void
wrong(char out[9])
{
	static char codes[2001][9];
	bool hit = true;

	for (unsigned int i = 0; i <= 2000; i++)
		world_counter(SECRET_C, i, codes[i]);
	for (unsigned int n = 100000; hit; n++) {
		(void)snprintf(out, 9, "%06u", n);
		hit = false;
		for (unsigned int i = 0; i <= 2000; i++)
			hit |= strcmp(codes[i], out) == 0;
	}
}

static void
test_R6_each_counter_once(void **state)
{
	struct world *w = *state;

	for (uint64_t counter = 1; counter < 6; counter++) {
		assert_int_equal(try_at(w, counter), MFA_REASON_OK);
		assert_int_equal(factor(w)->counter, counter + 1);
		assert_int_equal(try_at(w, counter), MFA_REASON_REPLAYED);
		assert_int_equal(factor(w)->counter, counter + 1);
	}
	/* An older one is not known any more: wrong, and charged. */
	assert_int_equal(try_at(w, 2), MFA_REASON_WRONG);
	assert_int_equal(factor(w)->root.consecutive, 1);
	assert_int_equal(factor(w)->counter, 6);
}

static void
test_R6_the_confirming_code_is_used(void **state)
{
	struct world *w = *state;

	assert_int_equal(factor(w)->counter, 1);
	assert_int_equal(try_at(w, 0), MFA_REASON_REPLAYED);
	/* No clock has anything to do with it. */
	w->now.wall = MFA_RELEASE_TIME - 1000;
	assert_int_equal(try_at(w, 0), MFA_REASON_REPLAYED);
	assert_int_equal(try_at(w, 1), MFA_REASON_OK);
}

static void
test_R6_look_ahead(void **state)
{
	struct world *w = *state;

	/* 10 beyond the next, which is 1. */
	assert_int_equal(try_at(w, 12), MFA_REASON_WRONG);
	assert_int_equal(try_at(w, 11), MFA_REASON_OK);
	assert_int_equal(factor(w)->counter, 12);
	/* The ones between are gone. */
	assert_int_equal(try_at(w, 5), MFA_REASON_WRONG);
	assert_int_equal(try_at(w, 10), MFA_REASON_WRONG);
	w->config.look_ahead = 0;
	assert_int_equal(try_at(w, 13), MFA_REASON_WRONG);
	assert_int_equal(try_at(w, 12), MFA_REASON_OK);
	w->config.look_ahead = 50;
	assert_int_equal(try_at(w, 63), MFA_REASON_OK);
}

/* In other products they do: guesses lock the owner out for good. */
static void
test_R6_wrong_codes_do_not_move_the_counter(void **state)
{
	struct world *w = *state;
	char bad[9];

	w->config.wrong_per_day = w->config.wrong_per_month = 10000;
	wrong(bad);
	for (int i = 0; i < 70; i++) {
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
		world_pass(w, 86400);
	}
	assert_int_equal(world_try(w, bad), MFA_REASON_BLOCKED);
	assert_int_equal(try_at(w, 1), MFA_REASON_BLOCKED);
	assert_int_equal(factor(w)->counter, 1);
	assert_int_equal(mfa_admin_unlock(&w->engine, &w->caller, &w->subject,
	    false), MFA_OK);
	assert_int_equal(try_at(w, 1), MFA_REASON_OK);
	assert_int_equal(factor(w)->counter, 2);
	assert_int_equal(factor(w)->root.consecutive, 0);
}

/* A clock that was ahead made no code of a token: none is good again. */
static void
test_R11_unlock_clock_leaves_counters(void **state)
{
	struct world *w = *state;

	w->now.wall += 365ULL * 86400;
	assert_int_equal(try_at(w, 3), MFA_REASON_OK);
	w->now.wall -= 365ULL * 86400;
	assert_int_equal(mfa_admin_unlock(&w->engine, &w->caller, &w->subject,
	    true), MFA_OK);
	assert_int_equal(factor(w)->counter, 4);
	assert_int_equal(try_at(w, 3), MFA_REASON_REPLAYED);
	assert_int_equal(try_at(w, 4), MFA_REASON_OK);
}

static void
test_R6_a_replay_is_refunded_three_times(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;

	assert_int_equal(try_at(w, 1), MFA_REASON_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(try_at(w, 1), MFA_REASON_REPLAYED);
	world_record(w, &r);
	assert_int_equal(r.factors[0].root.consecutive, 2);
	assert_int_equal(mfa_throttle_day(&r, r.stamp.lapse), 2);
	/* A step on, there are three again. */
	assert_int_equal(try_at(w, 2), MFA_REASON_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(try_at(w, 2), MFA_REASON_REPLAYED);
	world_record(w, &r);
	assert_int_equal(r.factors[0].root.consecutive, 1);
	assert_int_equal(mfa_throttle_day(&r, r.stamp.lapse), 3);
}

static void
test_R7_charged_before_it_is_compared(void **state)
{
	struct world *w = *state;

	w->mishap.write_fails = 1; /* the debit */
	assert_int_equal(try_at(w, 1), MFA_REASON_ERROR);
	assert_int_equal(factor(w)->root.consecutive, 0);
	w->mishap.writes_before = 1;
	w->mishap.write_fails = 1; /* the commit */
	assert_int_equal(try_at(w, 1), MFA_REASON_ERROR);
	assert_int_equal(factor(w)->root.consecutive, 1);
	assert_int_equal(factor(w)->counter, 1);
	assert_int_equal(try_at(w, 1), MFA_REASON_OK);
}

struct rival {
	struct world *w;
	struct mfa_engine engine;
	uint64_t counter;
	enum mfa_reason reason;
};

static void
rival_acts(void *ctx)
{
	struct rival *rival = ctx;
	char code[9];

	rival->w->mishap.meanwhile = NULL;
	world_counter(SECRET_C, rival->counter, code);
	rival->reason = world_try_on(rival->w, &rival->engine, MFA_PATH_ROOT,
	    code);
}

/* Somebody else gets further between our comparison and our commit. */
static void
test_R6_the_counter_never_goes_back(void **state)
{
	struct world *w = *state;
	struct rival rival = { .w = w };

	world_twin(w, &rival.engine);
	for (uint64_t round = 0; round < 2; round++) {
		const uint64_t next = factor(w)->counter;

		/* The same one; then one that lies beyond ours. */
		rival.counter = next + 5 * round;
		w->mishap.writes_before = 1;
		w->mishap.conflicts = 1;
		w->mishap.meanwhile = rival_acts;
		w->mishap.ctx = &rival;
		assert_int_equal(try_at(w, next), MFA_REASON_REPLAYED);
		assert_int_equal(rival.reason, MFA_REASON_OK);
		assert_int_equal(factor(w)->counter, rival.counter + 1);
	}
	world_twin_free(&rival.engine);
}

/* ---- sync ---- */

static enum mfa_err
sync_at(struct world *w, uint64_t first, uint64_t second, int32_t *moved)
{
	char a[9], b[9];
	struct mfa_typed one, two;
	const struct mfa_sync_ask ask = { "token", &one, &two };

	world_counter(SECRET_C, first, a);
	world_counter(SECRET_C, second, b);
	one = world_typed(a);
	two = world_typed(b);
	return mfa_enroll_sync(&w->engine, &w->caller, &w->subject, &ask,
	    moved);
}

static void
test_R11_two_codes_move_it_ahead(void **state)
{
	struct world *w = *state;
	int32_t moved = 0;

	assert_int_equal(try_at(w, 500), MFA_REASON_WRONG);
	assert_int_equal(sync_at(w, 500, 501, &moved), MFA_OK);
	assert_int_equal(moved, 499);
	assert_int_equal(factor(w)->counter, 502);
	assert_int_equal(factor(w)->root.consecutive, 0);
	assert_int_equal(w->events[MFA_EVENT_SYNCED], 1);
	assert_int_equal(try_at(w, 501), MFA_REASON_REPLAYED);
	assert_int_equal(try_at(w, 502), MFA_REASON_OK);
}

static void
test_R6_sync_never_goes_back(void **state)
{
	struct world *w = *state;
	int32_t moved = 4711;

	assert_int_equal(try_at(w, 1), MFA_REASON_OK);
	assert_int_equal(sync_at(w, 0, 1, &moved), MFA_ERR_WRONG);
	assert_int_equal(sync_at(w, 1, 2, &moved), MFA_ERR_WRONG);
	assert_int_equal(sync_at(w, 5, 7, &moved), MFA_ERR_WRONG);
	assert_int_equal(sync_at(w, 6, 5, &moved), MFA_ERR_WRONG);
	assert_int_equal(sync_at(w, 5, 5, &moved), MFA_ERR_WRONG);
	assert_int_equal(sync_at(w, 1200, 1201, &moved), MFA_ERR_WRONG);
	assert_int_equal(moved, 4711);
	assert_int_equal(factor(w)->counter, 2);
	/* Charged each time, so it is no way to guess. */
	assert_int_equal(factor(w)->root.consecutive, 6);
	assert_int_equal(w->reasons[MFA_REASON_WRONG], 6);
}

#define TOKEN(f) cmocka_unit_test_setup_teardown(f, token, world_free)
#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, token_in_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TOKEN(test_R6_each_counter_once),
		IN_MEMORY(test_R6_each_counter_once),
		TOKEN(test_R6_the_confirming_code_is_used),
		TOKEN(test_R6_look_ahead),
		IN_MEMORY(test_R6_wrong_codes_do_not_move_the_counter),
		TOKEN(test_R11_unlock_clock_leaves_counters),
		TOKEN(test_R6_a_replay_is_refunded_three_times),
		IN_MEMORY(test_R7_charged_before_it_is_compared),
		IN_MEMORY(test_R6_the_counter_never_goes_back),
		TOKEN(test_R11_two_codes_move_it_ahead),
		TOKEN(test_R6_sync_never_goes_back),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
