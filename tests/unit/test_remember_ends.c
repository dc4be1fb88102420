/* SPDX-License-Identifier: MIT */
/*
 * Remembered places are void as soon as something says that the record's owner
 * may not be who was there: a lock, a new factor, a clock that was moved, a new
 * life.  And the open invitation, once somebody is enrolled.
 */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"

static enum mfa_err
remember(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	record->remembered_count = 2;
	record->remembered[0].binding = 4711;
	record->remembered[1].binding = 4712;
	record->remembered[0].since = (uint32_t)clock->lapse;
	record->remembered[1].since = (uint32_t)clock->lapse;
	return MFA_OK;
}

/* Enrolled, with two places. */
static int
known(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	assert_int_equal(mfa_repo_change(&w->engine, &w->subject,
			     (struct mfa_delta){ remember, NULL }),
	    MFA_OK);
	return 0;
}

static unsigned int
places(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return r.remembered_count;
}

static void
test_a_lock_of_a_factor_voids_them(void **state)
{
	struct world *w = *state;
	char bad[9];

	world_wrong(w, bad);
	for (int i = 0; i < 4; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(places(w), 2);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
	assert_int_equal(places(w), 0);
}

static void
test_a_spent_budget_of_the_account_voids_them(void **state)
{
	struct world *w = *state;
	char bad[9];

	w->config.wrong_per_day = 2;
	world_wrong(w, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(places(w), 2);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(places(w), 0);
}

static void
test_another_factor_voids_them(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	char id[17];

	assert_int_equal(world_pending(w, "other", SECRET_C, id), MFA_OK);
	assert_int_equal(places(w), 2);
	world_enroll(w, "tablet", SECRET_B, &confirmed);
	assert_int_equal(places(w), 0);
}

static void
test_sync_voids_them(void **state)
{
	struct world *w = *state;
	struct mfa_typed first, second;
	char a[9], b[9];
	int32_t drift;

	world_pass(w, 300);
	world_code(w, SECRET_A, 20, a);
	world_code(w, SECRET_A, 21, b);
	first = world_typed(a);
	second = world_typed(b);
	assert_int_equal(
	    mfa_enroll_sync(&w->engine, &w->caller, &w->subject,
		&(const struct mfa_sync_ask){ "phone", &first, &second },
		&drift),
	    MFA_OK);
	assert_int_equal(places(w), 0);
}

static void
test_reset_voids_them(void **state)
{
	struct world *w = *state;

	assert_int_equal(
	    mfa_admin_reset(&w->engine, &w->caller, &w->subject), MFA_OK);
	assert_int_equal(places(w), 0);
}

static void
test_R6_who_is_enrolled_has_no_invitation(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w = *state;
	static mfa_record_Record r;
	struct mfa_granted given;

	assert_int_equal(
	    mfa_admin_reset(&w->engine, &w->caller, &w->subject), MFA_OK);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
			     WORLD_INVITE, &given),
	    MFA_OK);
	world_record(w, &r);
	assert_true(r.has_invitation);
	/* An administrator enrols the person all the same. */
	world_enroll(w, "tablet", SECRET_B, &confirmed);
	world_record(w, &r);
	assert_false(r.has_invitation);
}

#define KNOWN(f) cmocka_unit_test_setup_teardown(f, known, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KNOWN(test_a_lock_of_a_factor_voids_them),
		KNOWN(test_a_spent_budget_of_the_account_voids_them),
		KNOWN(test_another_factor_voids_them),
		KNOWN(test_sync_voids_them),
		KNOWN(test_reset_voids_them),
		KNOWN(test_R6_who_is_enrolled_has_no_invitation),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
