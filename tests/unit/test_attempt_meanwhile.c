/* SPDX-License-Identifier: MIT */
/*
 * R6, R7, R23, R28: while a program compares, the record is anybody's.  What
 * counts is the record as it is when the answer is committed.
 */
#include "tests/unit/challenge.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/throttle.h"

#define FIRST "first-answer"
#define KEY   "cccccccbcvbhtnvg"

/* Another process, that acts while the program of ours runs. */
struct other {
	struct world *w;
	struct mfa_engine engine;
	const char *answer;
	const char *code;
	enum mfa_reason reason;
	enum mfa_err err;
	uint64_t seconds;
	struct app app;
};

static int
keyed(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	world_enroll_outside(w, "key", "yubico", FIRST);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	w->runner.asked = 0;
	w->runner.accepts = KEY;
	w->runner.keeps = "11";
	return 0;
}

static void
other_new(struct world *w, struct other *other, void (*deed)(void *))
{
	memset(other, 0, sizeof(*other));
	other->w = w;
	world_twin(w, &other->engine);
	w->runner.meanwhile = deed;
	w->runner.ctx = other;
}

static void
other_free(struct other *other)
{
	world_twin_free(&other->engine);
}

static const mfa_record_Record *
record_of(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return &r;
}

static void
disable(void *ctx)
{
	struct other *o = ctx;
	bool last;

	o->err = mfa_enroll_disable(&o->engine, &o->w->caller,
	    &o->w->subject, "key", &last);
}

static void
reset(void *ctx)
{
	struct other *o = ctx;

	o->err = mfa_admin_reset(&o->engine, &o->w->caller, &o->w->subject);
}

static void
reset_and_remove(void *ctx)
{
	struct other *o = ctx;

	reset(o);
	if (o->err == MFA_OK)
		o->err = mfa_admin_remove(&o->engine, &o->w->caller,
		    &o->w->subject);
}

/* The same label and program again: another factor. */
static void
reset_and_enroll(void *ctx)
{
	struct other *o = ctx;
	const char *accepts = o->w->runner.accepts;

	reset(o);
	world_enroll_outside(o->w, "key", "yubico", "its-first-answer");
	o->w->runner.accepts = accepts;
	o->w->runner.keeps = "11";
}

static void
take_over(void *ctx)
{
	struct other *o = ctx;
	struct mfa_subject heir = o->w->subject;

	heir.uid++;
	o->err = mfa_admin_reset(&o->engine, &o->w->caller, &heir);
}

static void
forbid(void *ctx)
{
	struct other *o = ctx;

	o->w->config.realm[0].provides = MFA_PROVIDES_TOTP;
}

/* Whatever a program said, the factor it was about is not there any more. */
static void
test_R6_a_yes_for_what_is_gone_is_a_no(void **state)
{
	static void (*const deeds[])(void *) = { disable, reset,
		reset_and_remove, reset_and_enroll, take_over, forbid };

	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		struct other other;
		enum mfa_reason reason;
		void *place;

		assert_int_equal(keyed(&place), 0);
		other_new(place, &other, deeds[i]);
		reason = world_try(place, KEY);
		assert_int_equal(other.err, MFA_OK);
		assert_int_equal(other.w->runner.held, 0);
		if (reason != MFA_REASON_REPLAYED &&
		    reason != MFA_REASON_ERROR)
			fail_msg("deed %zu: %s", i, mfa_reason_name(reason));
		other_free(&other);
		assert_int_equal(world_free(&place), 0);
	}
}

/* Answers while the first one's program runs. */
static void
answer_too(void *ctx)
{
	struct other *o = ctx;
	const char *accepts = o->w->runner.accepts;

	if (o->answer != NULL)
		o->w->runner.accepts = o->answer;
	o->reason = world_try_on(o->w, &o->engine, MFA_PATH_ROOT,
	    o->answer != NULL ? o->answer : KEY);
	o->w->runner.accepts = accepts;
}

static void
test_R6_the_same_answer_twice_at_once(void **state)
{
	struct world *w = *state;
	struct other other;

	other_new(w, &other, answer_too);
	assert_int_equal(world_try(w, KEY), MFA_REASON_REPLAYED);
	assert_int_equal(other.reason, MFA_REASON_OK);
	assert_int_equal(w->runner.asked, 2);
	assert_int_equal(record_of(w)->accepted_count, 2);
	/* The loser's charge stays, once. */
	assert_int_equal(mfa_throttle_day(record_of(w),
	    record_of(w)->stamp.lapse), 1);
	other_free(&other);
}

/* The bytes it knew are no more: what it would keep is stale. */
static void
test_R6_another_answer_changed_what_is_kept(void **state)
{
	struct world *w = *state;
	struct other other;

	other_new(w, &other, answer_too);
	other.answer = "another-answer";
	w->runner.keeps = "2222";
	assert_int_equal(world_try(w, KEY), MFA_REASON_REPLAYED);
	assert_int_equal(other.reason, MFA_REASON_OK);
	assert_memory_equal(record_of(w)->factors[0].secret.bytes, "\x22\x22",
	    2);
	/* Asked again, with what is kept now, it may be right. */
	assert_int_equal(world_try(w, KEY), MFA_REASON_OK);
	other_free(&other);
}

/* A login with the phone has nothing to do with it. */
static void
log_in(void *ctx)
{
	struct other *o = ctx;

	o->reason = world_try_on(o->w, &o->engine, MFA_PATH_ROOT, o->code);
}

static void
test_R7_other_changes_are_kept(void **state)
{
	struct world *w = *state;
	struct other other;
	char code[9];

	world_code(w, SECRET_A, 0, code);
	other_new(w, &other, log_in);
	other.code = code;
	assert_int_equal(world_try(w, KEY), MFA_REASON_OK);
	assert_int_equal(other.reason, MFA_REASON_OK);
	assert_int_equal(w->runner.asked, 1);
	/* Both are written: a commit is a delta, no snapshot. */
	assert_int_equal(record_of(w)->factors[1].last_step,
	    w->now.wall / 30);
	assert_memory_equal(record_of(w)->factors[0].secret.bytes, "\x11", 1);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	assert_int_equal(mfa_throttle_day(record_of(w),
	    record_of(w)->stamp.lapse), 0);
	other_free(&other);
}

/* Wrong codes of others: this attempt takes its own charge back, no more. */
static void
guess(void *ctx)
{
	struct other *o = ctx;

	for (int i = 0; i < 3; i++)
		o->reason = world_try_on(o->w, &o->engine, MFA_PATH_ROOT,
		    o->code);
}

static void
test_R7_a_refund_is_its_own(void **state)
{
	struct world *w = *state;
	struct other other;
	char bad[9], mine[9];

	world_wrong(w, bad);
	memcpy(mine, bad, 9);
	mine[5] = mine[5] == '9' ? '8' : '9';
	other_new(w, &other, guess);
	other.code = bad;
	w->runner.accepts = mine;
	assert_int_equal(world_try(w, mine), MFA_REASON_OK);
	assert_int_equal(other.reason, MFA_REASON_WRONG);
	assert_int_equal(record_of(w)->factors[1].root.consecutive, 3);
	assert_int_equal(mfa_throttle_day(record_of(w),
	    record_of(w)->stamp.lapse), 3);
	other_free(&other);
}

/* ---- a challenge that goes meanwhile ---- */

static void
evict(void *ctx)
{
	struct other *o = ctx;
	struct app app;

	for (int i = 0; i < 4; i++)
		app_start(o->w, &app);
}

static void
consume(void *ctx)
{
	struct other *o = ctx;

	o->reason = app_answer_in(o->w, &o->engine, &o->app, "totp", o->code);
}

static void
test_R6_the_challenge_is_gone(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct other other;
	struct app app;
	char code[9];

	(void)world_realm(w, "shop", MFA_PROVIDES_OUTSIDE);
	w->subject = world_subject("shop", "alice");
	world_enroll_outside(w, "key", "yubico", FIRST);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	w->runner.accepts = KEY;
	w->runner.keeps = "11";
	app_start(w, &app);
	other_new(w, &other, evict);
	assert_int_equal(app_answer(w, &app, KEY), MFA_REASON_REPLAYED);
	app_start(w, &app);
	world_code(w, SECRET_A, 0, code);
	other.app = app;
	other.code = code;
	w->runner.meanwhile = consume;
	assert_int_equal(app_answer(w, &app, KEY), MFA_REASON_REPLAYED);
	assert_int_equal(other.reason, MFA_REASON_OK);
	/* What was not accepted is not used up. */
	assert_int_equal(record_of(w)->accepted_count, 1);
	assert_int_equal(world_try(w, KEY), MFA_REASON_OK);
	other_free(&other);
}

/* ---- several programs, and time ---- */

static void
dawdle(void *ctx)
{
	struct other *o = ctx;

	world_pass(o->w, o->seconds);
}

static void
test_R7_the_second_program_accepts(void **state)
{
	struct world *w = *state;

	w->runner.keeps = "33"; /* no factor twice with the same bytes (R6) */
	world_enroll_outside(w, "pager", "pager", FIRST);
	w->runner.asked = 0;
	w->runner.accepts = NULL;
	assert_int_equal(world_try(w, KEY), MFA_REASON_WRONG);
	assert_int_equal(w->runner.asked, 2);
	assert_string_equal(w->runner.factor, "pager");
	assert_int_equal(w->runner.index, 1);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 1);
	assert_int_equal(record_of(w)->factors[2].root.consecutive, 1);
	/* The first one accepts: the second is not asked. */
	w->runner.accepts = KEY;
	w->runner.keeps = "44";
	assert_int_equal(world_try(w, KEY), MFA_REASON_OK);
	assert_int_equal(w->runner.asked, 3);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 0);
	assert_int_equal(record_of(w)->factors[2].root.consecutive, 1);
	/* Used with the first, it may be new for the second. */
	w->runner.keeps = "55";
	assert_int_equal(world_try(w, KEY), MFA_REASON_OK);
	assert_string_equal(w->runner.factor, "pager");
	assert_int_equal(world_try(w, KEY), MFA_REASON_REPLAYED);
	assert_int_equal(w->runner.asked, 4);
}

static void
test_R28_slow_programs_do_not_add_up(void **state)
{
	struct world *w = *state;
	struct other other;

	w->runner.keeps = "33";
	world_enroll_outside(w, "pager", "pager", FIRST);
	w->runner.accepts = NULL;
	other_new(w, &other, dawdle);
	for (int i = 0; i < 2; i++) {
		other.seconds = i == 0 ? 5 : 6;
		w->runner.meanwhile = dawdle;
		w->runner.asked = 0;
		assert_int_equal(world_try(w, KEY), i == 0 ?
			MFA_REASON_WRONG :
			MFA_REASON_ERROR);
		assert_int_equal(w->runner.asked, i == 0 ? 2 : 1);
	}
	other_free(&other);
}

/* Time that passes, not a clock that is set. */
static void
set_the_clock(void *ctx)
{
	struct other *o = ctx;

	o->w->now.wall += 3600;
}

static void
test_R28_a_clock_step_is_no_slowness(void **state)
{
	struct world *w = *state;
	struct other other;

	w->runner.keeps = "33";
	world_enroll_outside(w, "pager", "pager", FIRST);
	w->runner.accepts = NULL;
	w->runner.asked = 0;
	other_new(w, &other, set_the_clock);
	assert_int_equal(world_try(w, KEY), MFA_REASON_WRONG);
	assert_int_equal(w->runner.asked, 2);
	other_free(&other);
}

static void
stop_the_clock(void *ctx)
{
	struct other *o = ctx;

	o->w->clock_fails = true;
}

static void
test_R3_no_clock_afterwards_no_verdict(void **state)
{
	struct world *w = *state;
	struct other other;

	other_new(w, &other, stop_the_clock);
	assert_int_equal(world_try(w, KEY), MFA_REASON_ERROR);
	w->clock_fails = false;
	assert_int_equal(record_of(w)->accepted_count, 1);
	other_free(&other);
}

/* Who cannot tell how long it took asks nobody else. */
static void
test_R3_no_clock_between_two_programs(void **state)
{
	struct world *w = *state;
	const struct mfa_typed typed = world_typed(KEY);
	const struct mfa_attempt attempt = { .caller = &w->caller,
		.typed = &typed };
	struct mfa_attempt_result result;
	struct other other;

	w->runner.keeps = "33";
	world_enroll_outside(w, "pager", "pager", FIRST);
	w->runner.asked = 0;
	other_new(w, &other, stop_the_clock);
	assert_int_equal(mfa_attempt_make(&w->engine, &w->subject, &attempt,
	    &result), MFA_ERR_IO);
	assert_int_equal(w->runner.asked, 1);
	w->clock_fails = false;
	other_free(&other);
}

#define KEYED(f) cmocka_unit_test_setup_teardown(f, keyed, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R6_a_yes_for_what_is_gone_is_a_no),
		KEYED(test_R6_the_same_answer_twice_at_once),
		KEYED(test_R6_another_answer_changed_what_is_kept),
		KEYED(test_R7_other_changes_are_kept),
		KEYED(test_R7_a_refund_is_its_own),
		KEYED(test_R6_the_challenge_is_gone),
		KEYED(test_R7_the_second_program_accepts),
		KEYED(test_R28_slow_programs_do_not_add_up),
		KEYED(test_R28_a_clock_step_is_no_slowness),
		KEYED(test_R3_no_clock_afterwards_no_verdict),
		KEYED(test_R3_no_clock_between_two_programs),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
