/* SPDX-License-Identifier: MIT */
/* R6, R7, R9, R11, R26: the first code of a factor, and two-code sync. */
#include "tests/unit/confirming.h"

static int
enrolled(void **state)
{
	struct mfa_confirmed confirmed;

	if (world_new(state) != 0)
		return -1;
	world_enroll(*state, "phone", SECRET_A, &confirmed);
	world_pass(*state, 60);
	memset(((struct world *)*state)->events, 0,
	    sizeof(((struct world *)*state)->events));
	return 0;
}

/* ---- confirm ---- */

static void
test_R2_enabled_by_its_first_code_only(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_confirmed out;
	char id[17], bad[9], good[9];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	world_wrong(w, bad);
	memset(&out, 0xa5, sizeof(out));
	assert_int_equal(confirm(w, id, bad, &out), MFA_ERR_WRONG);
	assert_true(unit_all(&out, sizeof(out), 0xa5));
	world_record(w, &r);
	assert_false(r.enrolled);
	assert_int_equal(r.factors[0].status,
	    mfa_record_Status_STATUS_PENDING);
	/* Charged as a login is (R7), and noted (R26). */
	assert_int_equal(r.factors[0].root.consecutive, 1);
	assert_int_equal(day(w), 1);
	assert_int_equal(w->reasons[MFA_REASON_WRONG], 1);
	world_code(w, SECRET_A, 0, good);
	assert_int_equal(confirm(w, id, good, &out), MFA_OK);
	assert_string_equal(out.id, id);
	assert_string_equal(out.label, "phone");
	assert_int_equal(out.codes.count, 10);
	world_record(w, &r);
	assert_true(r.enrolled);
	assert_int_equal(r.factors[0].status,
	    mfa_record_Status_STATUS_ENABLED);
	assert_int_equal(r.factors[0].confirmed, w->now.wall);
	assert_int_equal(r.factors[0].pending_until, 0);
	assert_int_equal(r.factors[0].root.consecutive, 0);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 1);
	assert_int_equal(w->events[MFA_EVENT_RECOVERY_GENERATED], 1);
	/* Once. */
	assert_int_equal(confirm(w, id, good, &out), MFA_ERR_NOT_FOUND);
}

static void
test_R13_codes_with_the_first_factor_only(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_confirmed out;

	world_enroll(w, "phone", SECRET_A, &out);
	assert_int_equal(out.codes.count, 10);
	world_enroll(w, "tablet", SECRET_B, &out);
	assert_int_equal(out.codes.count, 0);
	world_record(w, &r);
	assert_int_equal(r.recovery.generation, 1);
}

static void
test_R13_no_codes_where_they_are_off(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed out;

	w->config.realm[0].provides = MFA_PROVIDES_TOTP;
	world_enroll(w, "phone", SECRET_A, &out);
	assert_int_equal(out.codes.count, 0);
	assert_int_equal(w->events[MFA_EVENT_RECOVERY_GENERATED], 0);
}

static void
test_confirm_what_is_not_there(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed out;
	char id[17], good[9];

	world_code(w, SECRET_A, 0, good);
	assert_int_equal(confirm(w, "phone", good, &out), MFA_ERR_NOT_FOUND);
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_int_equal(confirm(w, "tablet", good, &out), MFA_ERR_NOT_FOUND);
	assert_int_equal(confirm(w, "", good, &out), MFA_ERR_NOT_FOUND);
	/* Another factor's code does not confirm this one. */
	assert_int_equal(confirm(w, "phone", "hello", &out), MFA_ERR_SYNTAX);
	assert_int_equal(confirm(w, "phone", "", &out), MFA_ERR_SYNTAX);
	assert_int_equal(confirm(w, "phone", "12345678", &out),
	    MFA_ERR_SYNTAX);
	assert_int_equal(confirm(w, "phone", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA",
	    &out), MFA_ERR_SYNTAX);
	assert_int_equal(day(w), 0);
	world_pass(w, 900);
	world_code(w, SECRET_A, 0, good);
	assert_int_equal(confirm(w, "phone", good, &out), MFA_ERR_NOT_FOUND);
	assert_int_equal(day(w), 0);
}

static void
test_R6_another_factors_code_confirms_nothing(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed out;
	char id[17], code[9];

	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(confirm(w, "tablet", code, &out), MFA_ERR_WRONG);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	/* The other way round: not a login either. */
	world_code(w, SECRET_B, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
	assert_int_equal(confirm(w, "tablet", code, &out), MFA_OK);
}

static void
test_R9_confirming_locks_as_a_login_does(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed out;
	char id[17], bad[9], good[9];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	world_wrong(w, bad);
	for (int i = 0; i < 5; i++)
		assert_int_equal(confirm(w, id, bad, &out), MFA_ERR_WRONG);
	assert_int_equal(w->events[MFA_EVENT_LOCKED], 1);
	world_code(w, SECRET_A, 0, good);
	assert_int_equal(confirm(w, id, good, &out), MFA_ERR_LOCKED);
	assert_int_equal(day(w), 5);
	assert_int_equal(w->reasons[MFA_REASON_LOCKED], 1);
}

static void
test_R11_no_confirming_by_an_implausible_clock(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed out;
	char id[17], good[9];

	w->now.wall = MFA_RELEASE_TIME - 10;
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	world_code(w, SECRET_A, 0, good);
	assert_int_equal(confirm(w, id, good, &out), MFA_ERR_CLOCK);
}

/* ---- sync ---- */

static void
test_R11_sync_learns_the_drift(void **state)
{
	static const int drifts[] = { 0, 1, -1, 20, -20, 119, -118 };
	struct world *w = *state;
	mfa_record_Record r;
	char code[9];

	for (int i = 0; i < 7; i++) {
		int32_t drift = 4711;

		world_pass(w, 300ULL * 30);
		assert_int_equal(sync_at(w, drifts[i], &drift), MFA_OK);
		assert_int_equal(drift, drifts[i]);
		assert_int_equal(w->events[MFA_EVENT_SYNCED], i + 1);
		/* Both codes are used, the next one logs in. */
		world_code(w, SECRET_A, drifts[i], code);
		assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
		world_code(w, SECRET_A, drifts[i] - 1, code);
		assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
		world_pass(w, 30);
		world_code(w, SECRET_A, drifts[i], code);
		assert_int_equal(world_try(w, code), MFA_REASON_OK);
	}
	world_record(w, &r);
	assert_int_equal(r.factors[0].drift, drifts[6]);
	/* A success costs nothing. */
	assert_int_equal(day(w), 0);
	assert_int_equal(r.factors[0].root.consecutive, 0);
}

static void
test_R11_no_silent_learning(void **state)
{
	struct world *w = *state;
	mfa_record_Record r;
	char code[9];

	for (int i = 0; i < 5; i++) {
		world_pass(w, 60);
		world_code(w, SECRET_A, 1, code);
		assert_int_equal(world_try(w, code), MFA_REASON_OK);
	}
	world_record(w, &r);
	assert_int_equal(r.factors[0].drift, 0);
}

static void
test_R7_a_wrong_sync_is_refused_and_charged(void **state)
{
	struct world *w = *state;
	char first[9], second[9];
	int32_t drift = 4711;
	mfa_record_Record r;

	world_code(w, SECRET_A, 0, first);
	world_code(w, SECRET_A, 2, second);
	assert_int_equal(sync_codes(w, "phone", first, second, &drift),
	    MFA_ERR_WRONG);
	assert_int_equal(sync_codes(w, "phone", second, first, &drift),
	    MFA_ERR_WRONG);
	assert_int_equal(sync_codes(w, "phone", first, first, &drift),
	    MFA_ERR_WRONG);
	assert_int_equal(drift, 4711);
	world_record(w, &r);
	assert_int_equal(r.factors[0].root.consecutive, 3);
	assert_int_equal(r.factors[0].drift, 0);
	assert_int_equal(day(w), 3);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_FAILED], 3);
	assert_int_equal(w->events[MFA_EVENT_SYNCED], 0);
	/* Impossible input is not. */
	assert_int_equal(sync_codes(w, "phone", "hello", first, &drift),
	    MFA_ERR_SYNTAX);
	assert_int_equal(sync_codes(w, "phone", first, "1234567", &drift),
	    MFA_ERR_SYNTAX);
	assert_int_equal(sync_codes(w, "tablet", first, second, &drift),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(day(w), 3);
}

static void
test_R6_sync_does_not_take_used_codes(void **state)
{
	struct world *w = *state;
	int32_t drift;
	char code[9];

	assert_int_equal(sync_at(w, 0, &drift), MFA_OK);
	assert_int_equal(sync_at(w, 0, &drift), MFA_ERR_REPLAYED);
	assert_int_equal(sync_at(w, -1, &drift), MFA_ERR_REPLAYED);
	assert_int_equal(w->reasons[MFA_REASON_REPLAYED], 2);
	/* Charged, and the used ones stay used. */
	assert_int_equal(day(w), 2);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	assert_int_equal(sync_at(w, 1, &drift), MFA_OK);
}

static void
test_sync_of_an_enabled_factor_only(void **state)
{
	struct world *w = *state;
	char id[17], first[9], second[9];
	int32_t drift;

	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
	world_code(w, SECRET_B, 0, first);
	world_code(w, SECRET_B, 1, second);
	assert_int_equal(sync_codes(w, "tablet", first, second, &drift),
	    MFA_ERR_NOT_FOUND);
}

/* Codes were used while the clock was a year ahead; now it is right. */
static void
test_R11_sync_mends_what_a_clock_ahead_wrote(void **state)
{
	struct world *w = *state;
	uint64_t right = w->now.wall;
	int32_t drift;
	char code[9];

	w->now.wall += 365ULL * 86400;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	w->now.wall = right + 600;
	w->now.boot += 600;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_CLOCK);
	assert_int_equal(sync_at(w, 0, &drift), MFA_OK);
	assert_int_equal(drift, 0);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R11_sync_needs_a_clock_of_this_age(void **state)
{
	struct world *w = *state;
	int32_t drift;

	w->now.wall = MFA_RELEASE_TIME - 1;
	assert_int_equal(sync_at(w, 0, &drift), MFA_ERR_CLOCK);
	assert_int_equal(day(w), 0);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)
#define ENROLLED(f) cmocka_unit_test_setup_teardown(f, enrolled, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R2_enabled_by_its_first_code_only),
		IN_FILES(test_R13_codes_with_the_first_factor_only),
		IN_FILES(test_R13_no_codes_where_they_are_off),
		IN_FILES(test_confirm_what_is_not_there),
		ENROLLED(test_R6_another_factors_code_confirms_nothing),
		IN_FILES(test_R9_confirming_locks_as_a_login_does),
		IN_FILES(test_R11_no_confirming_by_an_implausible_clock),
		ENROLLED(test_R11_sync_learns_the_drift),
		ENROLLED(test_R11_no_silent_learning),
		ENROLLED(test_R7_a_wrong_sync_is_refused_and_charged),
		ENROLLED(test_R6_sync_does_not_take_used_codes),
		ENROLLED(test_sync_of_an_enabled_factor_only),
		ENROLLED(test_R11_sync_mends_what_a_clock_ahead_wrote),
		ENROLLED(test_R11_sync_needs_a_clock_of_this_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
