/* SPDX-License-Identifier: MIT */
/*
 * R6, R7, R23: factors that a program compares.  It says yes or no; charging,
 * locks, what counts and what is kept are the engine's.
 */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/throttle.h"

#define FIRST "first-answer"
#define KEY   "cccccccbcvbhtnvg" /* not digits: no form of our own */

static void
equip(struct world *w)
{
	world_enroll_outside(w, "key", "yubico", FIRST);
	w->runner.asked = 0;
	memset(w->events, 0, sizeof(w->events));
}

static int
keyed(void **state)
{
	assert_int_equal(world_new(state), 0);
	equip(*state);
	return 0;
}

static int
keyed_in_memory(void **state)
{
	assert_int_equal(world_new_memory(state), 0);
	equip(*state);
	return 0;
}

static const mfa_record_Record *
record_of(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return &r;
}

/* One attempt that the program would accept, and what it keeps then. */
static enum mfa_reason
good(struct world *w, const char *answer, const char *keeps)
{
	w->runner.accepts = answer;
	w->runner.keeps = keeps;
	return world_try(w, answer);
}

/* ---- what the program says ---- */

static void
test_R6_what_it_accepts_is_good_once(void **state)
{
	struct world *w = *state;
	char wanted[64];

	assert_int_equal(good(w, KEY, "abcd"), MFA_REASON_OK);
	assert_int_equal(w->runner.asked, 1);
	assert_int_equal(w->runner.index, 0);
	assert_string_equal(w->runner.realm, "unix");
	assert_string_equal(w->runner.subject, "alice");
	assert_string_equal(w->runner.factor, "key");
	/* It was told what it kept last, the answer and the time. */
	assert_non_null(strstr(w->runner.in, "\nkept: 00\n"));
	assert_non_null(strstr(w->runner.in, "\nanswer: " KEY "\n"));
	(void)snprintf(wanted, sizeof(wanted), "\ntime: %llu\n",
	    (unsigned long long)w->now.wall);
	assert_non_null(strstr(w->runner.in, wanted));
	assert_int_equal(record_of(w)->factors[0].secret.size, 2);
	assert_memory_equal(record_of(w)->factors[0].secret.bytes, "\xab\xcd",
	    2);
	/* Whatever it says: not a second time, and it is not even asked. */
	assert_int_equal(good(w, KEY, "ef"), MFA_REASON_REPLAYED);
	assert_int_equal(good(w, FIRST, "ef"), MFA_REASON_REPLAYED);
	assert_int_equal(w->runner.asked, 1);
	assert_int_equal(record_of(w)->factors[0].secret.size, 2);
	assert_int_equal(good(w, "another", "ef"), MFA_REASON_OK);
	assert_non_null(strstr(w->runner.in, "\nkept: abcd\n"));
}

static void
test_R7_what_it_refuses_is_charged_once(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 5; i++)
		assert_int_equal(world_try(w, KEY), MFA_REASON_WRONG);
	assert_int_equal(w->runner.asked, 5);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 5);
	assert_int_equal(mfa_throttle_day(record_of(w),
	    record_of(w)->stamp.lapse), 5);
	assert_int_equal(record_of(w)->accepted_count, 1);
	/* Locked: it is not asked, however right the answer. */
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_LOCKED);
	assert_int_equal(w->runner.asked, 5);
	world_pass(w, 900);
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_OK);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 0);
	assert_int_equal(mfa_throttle_day(record_of(w),
	    record_of(w)->stamp.lapse), 5);
}

static void
test_R7_a_success_costs_nothing(void **state)
{
	struct world *w = *state;
	char answer[16], keeps[16];

	for (int i = 0; i < 60; i++) {
		(void)snprintf(answer, sizeof(answer), "answer-%d", i);
		(void)snprintf(keeps, sizeof(keeps), "%04x", i);
		assert_int_equal(good(w, answer, keeps), MFA_REASON_OK);
	}
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 0);
	assert_int_equal(mfa_throttle_month(record_of(w),
	    record_of(w)->stamp.lapse), 0);
	assert_int_equal(record_of(w)->accepted_count, 32);
	/* The last 32 are remembered. */
	assert_int_equal(good(w, "answer-28", "77"), MFA_REASON_REPLAYED);
	assert_int_equal(w->runner.asked, 60);
}

/* Disabled and enrolled anew: what was used stays used. */
static void
test_R6_a_new_factor_of_the_same_program(void **state)
{
	struct world *w = *state;
	bool last = false;

	assert_int_equal(good(w, KEY, "11"), MFA_REASON_OK);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "key", &last), MFA_OK);
	assert_true(last);
	world_enroll_outside(w, "key", "yubico", "its-first-answer");
	w->runner.asked = 0;
	assert_int_equal(good(w, KEY, "22"), MFA_REASON_REPLAYED);
	assert_int_equal(good(w, FIRST, "22"), MFA_REASON_REPLAYED);
	assert_int_equal(w->runner.asked, 0);
	/* After a reset, too. */
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	world_enroll_outside(w, "another-key", "yubico", "one-more-first");
	w->runner.asked = 0;
	assert_int_equal(good(w, KEY, "33"), MFA_REASON_REPLAYED);
	assert_int_equal(w->runner.asked, 0);
	assert_int_equal(good(w, "fresh", "33"), MFA_REASON_OK);
}

/* Nor does an old answer enable the new one. */
static void
test_R6_an_old_answer_confirms_nothing(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "spare",
		.provider = "yubico", .algorithm = "", .import = "spare",
		.address = "" };
	const struct mfa_typed old = world_typed(KEY);
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_enrolled e;

	assert_int_equal(good(w, KEY, "11"), MFA_REASON_OK);
	w->runner.keeps = "5a";
	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	w->runner.asked = 0;
	assert_int_equal(mfa_enroll_confirm(&w->engine, &w->caller,
	    &w->subject, "spare", &old, &confirmed), MFA_ERR_REPLAYED);
	assert_int_equal(w->runner.asked, 0);
	assert_int_equal(record_of(w)->factors[1].status,
	    mfa_record_Status_STATUS_PENDING);
}

/* The same answer of another program's factor is another answer. */
static void
test_R6_another_program_s_answer_is_its_own(void **state)
{
	struct world *w = *state;

	w->runner.keeps = "77";
	world_enroll_outside(w, "pager", "pager", FIRST);
	w->runner.asked = 0;
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_OK);
	assert_string_equal(w->runner.factor, "key");
	/* Used for the one, so the other is asked alone. */
	assert_int_equal(good(w, KEY, "22"), MFA_REASON_OK);
	assert_string_equal(w->runner.factor, "pager");
	assert_int_equal(w->runner.asked, 2);
	assert_int_equal(good(w, KEY, "33"), MFA_REASON_REPLAYED);
	assert_int_equal(w->runner.asked, 2);
	assert_int_equal(record_of(w)->accepted_count, 4);
}

/* Crashed, hung, or none there: no verdict, and it was charged. */
static void
test_R3_a_program_that_fails_is_no_verdict(void **state)
{
	static const enum mfa_err errs[] = { MFA_ERR_PROGRAM,
		MFA_ERR_UNAVAILABLE, MFA_ERR_TIMEOUT };
	struct world *w = *state;

	for (uint32_t i = 0; i < 3; i++) {
		w->runner.ask_err = errs[i];
		assert_int_equal(good(w, KEY, "11"), MFA_REASON_ERROR);
		assert_int_equal(record_of(w)->factors[0].root.consecutive,
		    i + 1);
	}
	w->runner.ask_err = MFA_OK;
	/* It was not accepted, so it may be. */
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_OK);
}

static void
up_again(void *ctx)
{
	struct world *w = ctx;

	w->runner.ask_err = MFA_OK;
}

/* The first of two, and that one alone. */
static void
down(void *ctx)
{
	struct world *w = ctx;

	w->runner.ask_err = MFA_ERR_PROGRAM;
	w->runner.meanwhile = up_again;
}

/* Another provider's outage locks nobody out. */
static void
test_R7_a_program_that_fails_does_not_speak_for_the_next(void **state)
{
	struct world *w = *state;
	const mfa_record_Record *r;

	w->runner.keeps = "77";
	world_enroll_outside(w, "pager", "pager", FIRST);
	w->runner.ctx = w;
	w->runner.meanwhile = down;
	w->runner.asked = 0;
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_OK);
	assert_int_equal(w->runner.asked, 2);
	assert_string_equal(w->runner.factor, "pager");
	r = record_of(w);
	assert_int_equal(r->factors[0].root.consecutive, 0);
	assert_int_equal(r->factors[1].root.consecutive, 0);
	/* If it says no, nobody knows what the other would have said. */
	w->runner.meanwhile = down;
	w->runner.accepts = NULL;
	assert_int_equal(world_try(w, "vvvvvvvv"), MFA_REASON_ERROR);
	assert_int_equal(w->runner.asked, 4);
	r = record_of(w);
	assert_int_equal(r->factors[0].root.consecutive, 1);
	assert_int_equal(r->factors[1].root.consecutive, 1);
}

static void
test_R3_garbage_is_no_verdict(void **state)
{
	static const char *const garbage[] = { "", "\n", "accept\n",
		"verdict: accept", "verdict: accept\r\n", "verdict: yes\n",
		"Verdict: accept\n", " verdict: accept\n",
		"verdict: accept\nverdict: accept\n",
		"verdict: accept\nverdict: refuse\n",
		"verdict: accept\nkept: \n", "verdict: accept\nkept: 0\n",
		"verdict: accept\nkept: zz\n", "verdict: accept\nkept: 00",
		"verdict: accept\nkept: 00\nmore\n",
		"verdict: accept\nkept: 00\nkept: 00\n",
		"verdict: refuse\nkept: 00\n", "kept: 00\nverdict: accept\n",
		"verdict: accept\n\n" };
	struct world *w = *state;

	w->config.burst = 1000;
	w->config.wrong_per_day = 1000;
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		w->runner.reply = garbage[i];
		if (world_try(w, KEY) != MFA_REASON_ERROR)
			fail_msg("understood: %s", garbage[i]);
		assert_int_equal(record_of(w)->factors[0].root.consecutive,
		    i + 1);
		assert_memory_equal(record_of(w)->factors[0].secret.bytes,
		    "\0", 1);
	}
	w->runner.reply = "verdict: accept\n";
	assert_int_equal(world_try(w, KEY), MFA_REASON_OK);
	/* Without a word on it, it keeps what it had. */
	assert_int_equal(record_of(w)->factors[0].secret.size, 1);
}

static void
test_R14_more_than_fits_is_no_verdict(void **state)
{
	struct world *w = *state;
	char reply[1025];

	(void)snprintf(reply, sizeof(reply), "verdict: accept\nkept: ");
	memset(reply + 22, 'a', 258);
	memcpy(reply + 22 + 258, "\n", 2);
	w->runner.reply = reply;
	assert_int_equal(world_try(w, KEY), MFA_REASON_ERROR);
	memcpy(reply + 22 + 256, "\n", 2);
	assert_int_equal(world_try(w, KEY), MFA_REASON_OK);
	assert_int_equal(record_of(w)->factors[0].secret.size, 128);
	/* And the longest there is is told again, whole. */
	w->runner.reply = NULL;
	assert_int_equal(good(w, "next", "00"), MFA_REASON_OK);
	assert_int_equal(strspn(strstr(w->runner.in, "kept: ") + 6, "a"),
	    256);
}

/* ---- when it is not asked ---- */

static void
test_R23_not_asked_where_it_has_no_say(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_recovery_text text;
	char code[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	world_pass(w, 30);
	/* A factor of our own matched. */
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(good(w, code, "11"), MFA_REASON_OK);
	assert_int_equal(world_try(w, text.code[0]), MFA_REASON_OK);
	assert_int_equal(world_try(w, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
	    MFA_REASON_WRONG);
	assert_int_equal(world_try(w, ""), MFA_REASON_MALFORMED);
	assert_int_equal(world_try(w, "\b\n\r\177INCORRECT"),
	    MFA_REASON_MALFORMED);
	assert_int_equal(w->runner.asked, 0);
	/* Off, or not configured any more. */
	w->config.realm[0].provides = MFA_PROVIDES_TOTP;
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_MALFORMED);
	w->config.realm[0].provides = UINT32_MAX;
	w->config.outside_count = 0;
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_MALFORMED);
	assert_int_equal(w->runner.asked, 0);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 0);
}

/* Digits may be a code of ours or an answer for it: both are charged. */
static void
test_R7_asked_when_our_own_do_not_match(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char bad[9], code[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	world_wrong(w, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(w->runner.asked, 1);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 1);
	assert_int_equal(record_of(w)->factors[1].root.consecutive, 1);
	/* It accepts them: the phone gets this attempt's charge back. */
	assert_int_equal(good(w, bad, "11"), MFA_REASON_OK);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 0);
	assert_int_equal(record_of(w)->factors[1].root.consecutive, 1);
	/* A used code of ours may be a fresh answer of its. */
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	assert_int_equal(w->runner.asked, 2);
	assert_int_equal(good(w, code, "22"), MFA_REASON_OK);
	assert_int_equal(w->runner.asked, 3);
	/* Used in both: told as used. */
	assert_int_equal(good(w, code, "33"), MFA_REASON_REPLAYED);
	assert_int_equal(w->runner.asked, 3);
}

static void
test_R6_a_replay_is_refunded_three_times(void **state)
{
	struct world *w = *state;

	assert_int_equal(good(w, KEY, "11"), MFA_REASON_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_try(w, KEY), MFA_REASON_REPLAYED);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 2);
	assert_int_equal(mfa_throttle_day(record_of(w),
	    record_of(w)->stamp.lapse), 2);
}

static void
test_R7_nothing_runs_uncharged(void **state)
{
	struct world *w = *state;

	w->mishap.write_fails = 1; /* the debit */
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_ERROR);
	assert_int_equal(w->runner.asked, 0);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 0);
	w->mishap.writes_before = 1;
	w->mishap.write_fails = 1; /* the commit */
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_ERROR);
	assert_int_equal(w->runner.asked, 1);
	assert_int_equal(record_of(w)->factors[0].root.consecutive, 1);
	assert_int_equal(record_of(w)->accepted_count, 1);
	assert_int_equal(good(w, KEY, "11"), MFA_REASON_OK);
}

#define KEYED(f) cmocka_unit_test_setup_teardown(f, keyed, world_free)
#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, keyed_in_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KEYED(test_R6_what_it_accepts_is_good_once),
		IN_MEMORY(test_R6_what_it_accepts_is_good_once),
		KEYED(test_R7_what_it_refuses_is_charged_once),
		KEYED(test_R7_a_success_costs_nothing),
		KEYED(test_R6_a_new_factor_of_the_same_program),
		KEYED(test_R6_an_old_answer_confirms_nothing),
		KEYED(test_R6_another_program_s_answer_is_its_own),
		KEYED(test_R3_a_program_that_fails_is_no_verdict),
		IN_MEMORY(test_R3_garbage_is_no_verdict),
		IN_MEMORY(test_R7_a_program_that_fails_does_not_speak_for_the_next),
		KEYED(test_R14_more_than_fits_is_no_verdict),
		KEYED(test_R23_not_asked_where_it_has_no_say),
		KEYED(test_R7_asked_when_our_own_do_not_match),
		KEYED(test_R6_a_replay_is_refunded_three_times),
		IN_MEMORY(test_R7_nothing_runs_uncharged),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
