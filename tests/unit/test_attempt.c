/* SPDX-License-Identifier: MIT */
/* R6, R7, R9, R10, R11: the transaction, with a stopped clock. */
#include "tests/unit/world.h"
#include "verifier/engine/throttle.h"

static void
wrong_code(const struct world *w, char out[9])
{
	char good[9];
	unsigned int n = 100000;

	/* Not a code of the window, nor of the steps the tests move over. */
	for (;;) {
		bool hit = false;

		(void)snprintf(out, 9, "%06u", n++ % 1000000);
		for (int s = -3; s <= 3; s++) {
			world_code(w, SECRET_A, s, good);
			hit |= strcmp(good, out) == 0;
			world_code(w, SECRET_B, s, good);
			hit |= strcmp(good, out) == 0;
		}
		if (!hit)
			return;
	}
}

/* A record with one factor; time moved on so that the next code is fresh. */
static void
one_factor(struct world *w)
{
	struct mfa_confirmed confirmed;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(confirmed.codes.count, 10);
	world_pass(w, 30);
}

static void
test_R6_a_code_is_good_once(void **state)
{
	struct world *w = *state;
	mfa_record_Record record;
	char code[9];

	one_factor(w);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	world_record(w, &record);
	assert_int_equal(record.factors[0].last_step, w->now.wall / 30);
}

static void
test_R6_confirm_sets_the_watermark(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char code[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	world_code(w, SECRET_A, -1, code);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	world_code(w, SECRET_A, 1, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R6_no_clock_step_reopens_a_code(void **state)
{
	struct world *w = *state;
	uint64_t used_at;
	char code[9];

	one_factor(w);
	world_code(w, SECRET_A, 0, code);
	used_at = w->now.wall;
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	/* Forth, back, and another boot with the clock at that time. */
	w->now.wall = used_at + 3600;
	assert_int_not_equal(world_try(w, code), MFA_REASON_OK);
	w->now.wall = used_at;
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	w->now.boot_id[0] ^= 1;
	w->now.boot = 10;
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	w->now.wall = used_at - 30;
	assert_int_not_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R6_replay_is_refunded_three_times_a_step(void **state)
{
	struct world *w = *state;
	mfa_record_Record record;
	char code[9];

	one_factor(w);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 2);
	assert_int_equal(mfa_throttle_day(&record, record.stamp.lapse), 2);
}

static void
test_R7_wrong_codes_are_charged_and_lock(void **state)
{
	struct world *w = *state;
	mfa_record_Record record;
	char bad[9], code[9];

	one_factor(w);
	wrong_code(w, bad);
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	for (int i = 0; i < 20; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 5);
	assert_int_equal(mfa_throttle_day(&record, record.stamp.lapse), 5);
	/* The right code is not compared either, until the lock ends. */
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_LOCKED);
	world_pass(w, 899);
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
	world_pass(w, 1);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 0);
	/* The account's budget is not reset by success (R9). */
	assert_int_equal(mfa_throttle_day(&record, record.stamp.lapse), 5);
}

static void
test_R7_120_logins_with_phone_A_leave_phone_B_alone(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	mfa_record_Record record;
	char code[9];

	one_factor(w);
	world_enroll(w, "tablet", SECRET_B, &confirmed);
	assert_int_equal(confirmed.codes.count, 0);
	for (int i = 0; i < 120; i++) {
		world_pass(w, 30);
		world_code(w, SECRET_A, 0, code);
		assert_int_equal(world_try(w, code), MFA_REASON_OK);
	}
	world_record(w, &record);
	assert_int_equal(record.factors[1].root.consecutive, 0);
	assert_int_equal(record.factors[1].root.burst, 0);
	assert_int_equal(mfa_throttle_month(&record, record.stamp.lapse), 0);
	world_pass(w, 30);
	world_code(w, SECRET_B, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R7_a_failed_write_is_no_comparison(void **state)
{
	struct world *w = *state;
	mfa_record_Record record;
	char code[9];

	one_factor(w);
	world_code(w, SECRET_A, 0, code);
	w->mishap.write_fails = 1; /* the debit */
	assert_int_equal(world_try(w, code), MFA_REASON_ERROR);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 0);
	w->mishap.writes_before = 1;
	w->mishap.write_fails = 1; /* the commit */
	assert_int_equal(world_try(w, code), MFA_REASON_ERROR);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 1);
	/* It was not accepted, so it may be. */
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R9_budgets_of_the_account(void **state)
{
	struct world *w = *state;
	char bad[9], code[9];
	unsigned int compared = 0;

	one_factor(w);
	w->config.burst = 20; /* the factor's lock is not the point here */
	for (int i = 0; i < 40; i++) {
		wrong_code(w, bad);
		compared += world_try(w, bad) == MFA_REASON_WRONG;
		world_pass(w, 901);
	}
	assert_int_equal(compared, 20);
	world_pass(w, 25ULL * 3600);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R9_hard_stop_blocks_until_a_person_acts(void **state)
{
	struct world *w = *state;
	unsigned int compared = 0;
	char bad[9], code[9];

	one_factor(w);
	w->config.wrong_per_day = 1000;
	w->config.wrong_per_month = 10000;
	for (int i = 0; i < 100; i++) {
		wrong_code(w, bad);
		compared += world_try(w, bad) == MFA_REASON_WRONG;
		world_pass(w, 86401);
	}
	assert_int_equal(compared, 70);
	wrong_code(w, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_BLOCKED);
	world_pass(w, 400ULL * 86400);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_BLOCKED);
}

static void
test_R9_the_other_path_has_its_own_budget(void **state)
{
	struct world *w = *state;
	unsigned int compared = 0;
	mfa_record_Record record;
	char bad[9], code[9];

	one_factor(w);
	w->config.burst = 20;
	for (int i = 0; i < 40; i++) {
		wrong_code(w, bad);
		compared += world_try_on(w, &w->engine, MFA_PATH_OTHER, bad) ==
		    MFA_REASON_WRONG;
		world_pass(w, 1);
	}
	assert_int_equal(compared, 10);
	world_record(w, &record);
	assert_int_equal(record.factors[0].other.consecutive, 10);
	assert_int_equal(record.factors[0].root.consecutive, 0);
	/* The root path is open, and its success reopens the other. */
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_record(w, &record);
	assert_int_equal(record.factors[0].other.consecutive, 0);
}

static void
test_R10_recovery_codes_pass_every_lock_once(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	mfa_record_Record record;
	char bad[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	for (int i = 0; i < 6; i++) {
		wrong_code(w, bad);
		(void)world_try(w, bad);
	}
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
	assert_int_equal(world_try(w, confirmed.codes.code[3]), MFA_REASON_OK);
	assert_int_equal(world_try(w, confirmed.codes.code[3]),
	    MFA_REASON_REPLAYED);
	for (int i = 0; i < 50; i++)
		assert_int_equal(world_try(w, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
		    MFA_REASON_WRONG);
	assert_int_equal(world_try(w, confirmed.codes.code[0]), MFA_REASON_OK);
	world_record(w, &record);
	assert_int_equal(record.recovery.compared, 53);
	/* A success with a recovery code does not open the factor's lock. */
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
}

static void
test_R10_on_the_other_path_the_budget_counts(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	unsigned int compared = 0;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	for (int i = 0; i < 30; i++)
		compared += world_try_on(w, &w->engine, MFA_PATH_OTHER,
		    "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA") == MFA_REASON_WRONG;
	assert_int_equal(compared, 10);
	assert_int_equal(world_try_on(w, &w->engine, MFA_PATH_OTHER,
	    confirmed.codes.code[0]), MFA_REASON_LOCKED);
	assert_int_equal(world_try(w, confirmed.codes.code[0]), MFA_REASON_OK);
}

static void
test_R11_implausible_clock_blocks_codes_by_time_only(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	uint64_t right = w->now.wall;
	char code[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	w->now.wall = MFA_RELEASE_TIME - 1;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_CLOCK);
	assert_int_equal(world_try(w, confirmed.codes.code[0]), MFA_REASON_OK);
	/* The write above must not have made the clock plausible. */
	w->now.wall = right - 86402;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_CLOCK);
	w->now.wall = right + 30;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R11_no_clock_step_shortens_a_lock(void **state)
{
	struct world *w = *state;
	char bad[9];

	one_factor(w);
	wrong_code(w, bad);
	for (int i = 0; i < 5; i++)
		(void)world_try(w, bad);
	w->now.wall += 3600; /* a step, not time: the boot clock stands */
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
	w->now.wall -= 7200;
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
	/* Another boot, the clock far behind: still locked. */
	w->now.boot_id[3] ^= 0x55;
	w->now.boot = 1;
	w->now.wall -= 1000;
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
	w->now.boot += 901;
	w->now.wall = WORLD_START + 9000;
	wrong_code(w, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
}

/* ---- conflicts: a store without a lock (R6, R7) ---- */

struct rival {
	struct world *w;
	struct mfa_engine engine;
	const char *code;
	enum mfa_reason reason;
};

static void
rival_acts(void *ctx)
{
	struct rival *rival = ctx;

	rival->w->mishap.meanwhile = NULL;
	rival->reason = world_try_on(rival->w, &rival->engine, MFA_PATH_ROOT,
	    rival->code);
}

static void
test_R6_two_hosts_one_code_one_success(void **state)
{
	struct world *w = *state;
	struct rival rival = { .w = w };
	enum mfa_reason mine;
	char code[9];

	one_factor(w);
	world_code(w, SECRET_A, 0, code);
	rival.code = code;
	world_twin(w, &rival.engine);
	/* The rival logs in between our comparison and our commit. */
	w->mishap.writes_before = 1;
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_acts;
	w->mishap.ctx = &rival;
	mine = world_try(w, code);
	assert_int_equal(rival.reason, MFA_REASON_OK);
	assert_int_equal(mine, MFA_REASON_REPLAYED);
	world_twin_free(&rival.engine);
}

static void
test_R7_unknown_outcome_is_resolved_not_repeated(void **state)
{
	struct world *w = *state;
	mfa_record_Record record;
	char code[9], bad[9];

	one_factor(w);
	wrong_code(w, bad);
	w->mishap.unknown_done = 1; /* the debit is there */
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 1);
	w->mishap.unknown_lost = 1; /* it is not: made again */
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 2);
	world_code(w, SECRET_A, 0, code);
	w->mishap.writes_before = 1;
	w->mishap.unknown_done = 1; /* the commit is there: accepted, once */
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
}

static void
test_R7_eight_rounds_then_no(void **state)
{
	struct world *w = *state;
	char code[9];

	one_factor(w);
	world_code(w, SECRET_A, 0, code);
	w->mishap.conflicts = 7;
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	w->mishap.conflicts = 8;
	assert_int_equal(world_try(w, code), MFA_REASON_ERROR);
	w->mishap.conflicts = 0;
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R8_impossible_codes_are_not_charged(void **state)
{
	struct world *w = *state;
	mfa_record_Record record;
	unsigned int before;

	one_factor(w);
	before = w->writes;
	assert_int_equal(world_try(w, "1234567"), MFA_REASON_MALFORMED);
	assert_int_equal(world_try(w, "12345678"), MFA_REASON_MALFORMED);
	assert_int_equal(world_try(w, "hello"), MFA_REASON_MALFORMED);
	assert_int_equal(world_try(w, ""), MFA_REASON_MALFORMED);
	assert_int_equal(world_try(w, "\b\n\r\177INCORRECT"),
	    MFA_REASON_MALFORMED);
	assert_int_equal(w->writes, before);
	world_record(w, &record);
	assert_int_equal(record.factors[0].root.consecutive, 0);
}

static void
test_R3_no_clock_no_verdict(void **state)
{
	struct world *w = *state;
	char code[9];

	one_factor(w);
	world_code(w, SECRET_A, 0, code);
	w->clock_fails = true;
	assert_int_equal(world_try(w, code), MFA_REASON_ERROR);
	w->clock_fails = false;
	w->mishap.open_fails = 1;
	assert_int_equal(world_try(w, code), MFA_REASON_ERROR);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)
#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R6_a_code_is_good_once),
		IN_MEMORY(test_R6_a_code_is_good_once),
		IN_FILES(test_R6_confirm_sets_the_watermark),
		IN_FILES(test_R6_no_clock_step_reopens_a_code),
		IN_FILES(test_R6_replay_is_refunded_three_times_a_step),
		IN_FILES(test_R7_wrong_codes_are_charged_and_lock),
		IN_FILES(test_R7_120_logins_with_phone_A_leave_phone_B_alone),
		IN_MEMORY(test_R7_a_failed_write_is_no_comparison),
		IN_FILES(test_R9_budgets_of_the_account),
		IN_MEMORY(test_R9_hard_stop_blocks_until_a_person_acts),
		IN_FILES(test_R9_the_other_path_has_its_own_budget),
		IN_FILES(test_R10_recovery_codes_pass_every_lock_once),
		IN_FILES(test_R10_on_the_other_path_the_budget_counts),
		IN_FILES(test_R11_implausible_clock_blocks_codes_by_time_only),
		IN_FILES(test_R11_no_clock_step_shortens_a_lock),
		IN_MEMORY(test_R6_two_hosts_one_code_one_success),
		IN_MEMORY(test_R7_unknown_outcome_is_resolved_not_repeated),
		IN_MEMORY(test_R7_eight_rounds_then_no),
		IN_MEMORY(test_R8_impossible_codes_are_not_charged),
		IN_MEMORY(test_R3_no_clock_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
