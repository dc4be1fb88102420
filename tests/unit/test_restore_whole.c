/* SPDX-License-Identifier: MIT */
/* R17: what a restored record keeps, and that it is done wholly or not at all. */
#include "tests/unit/restore.h"

#include "verifier/engine/admin.h"

/* ---- what stays ---- */

/* R9, R10: nothing is opened, and no factor comes back. */
static void
test_R9_locks_and_budgets_stay(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	static mfa_record_Record before, after;
	char wrong[9];
	bool last;

	enroll(w, &confirmed);
	world_enroll(w, "other", SECRET_B, &confirmed);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "other", &last), MFA_OK);
	world_wrong(w, wrong);
	for (int i = 0; i < 6; i++)
		(void)world_try(w, wrong);
	assert_int_equal(world_try(w, wrong), MFA_REASON_LOCKED);
	world_record(w, &before);
	assert_int_equal(restored(w).enabled, 1);
	world_record(w, &after);
	assert_memory_equal(&before.factors[0].root, &after.factors[0].root,
	    sizeof(after.factors[0].root));
	assert_memory_equal(&before.hours, &after.hours, sizeof(after.hours));
	assert_memory_equal(&before.days, &after.days, sizeof(after.days));
	assert_int_equal(after.factors[1].status,
	    mfa_record_Status_STATUS_DISABLED);
	world_pass(w, 60);
	assert_int_equal(try_step(w, 1), MFA_REASON_LOCKED);
}

/* But for what every write changes, and the generation, these are equal. */
static void
same(mfa_record_Record *a, mfa_record_Record *b)
{
	a->stamp = b->stamp;
	a->generation = b->generation;
	memcpy(a->attempts, b->attempts, sizeof(a->attempts));
	a->attempts_count = b->attempts_count;
	assert_memory_equal(a, b, sizeof(*a));
}

static void
test_once_more_changes_nothing(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_restored out;
	static mfa_record_Record first, second;
	char id[17];

	enroll(w, &confirmed);
	world_enroll_hotp(w, "token", SECRET_C);
	assert_int_equal(world_pending(w, "other", SECRET_B, id), MFA_OK);
	(void)restored(w);
	world_record(w, &first);
	assert_int_equal(restore_it(w, &out), MFA_OK);
	assert_false(out.changed);
	assert_int_equal(out.recovery_codes, 0);
	assert_int_equal(out.pending, 0);
	assert_int_equal(out.tokens, 1); /* it still wants sync */
	assert_int_equal(out.enabled, 2);
	world_record(w, &second);
	same(&first, &second);
}

static void
test_R26_one_event_where_something_changed(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_restored out;
	unsigned int events = 0;

	enroll(w, &confirmed);
	memset(w->events, 0, sizeof(w->events));
	(void)restored(w);
	assert_int_equal(restore_it(w, &out), MFA_OK);
	for (int i = 0; i < MFA_EVENT_END; i++)
		events += w->events[i];
	assert_int_equal(events, 1);
	assert_string_equal(w->texts.subject, "alice");
	assert_string_equal(w->texts.realm, "unix");
}

static void
test_a_reset_record_has_nothing(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_restored out;
	static mfa_record_Record r;

	enroll(w, &confirmed);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	assert_int_equal(restore_it(w, &out), MFA_OK);
	assert_false(out.changed);
	assert_int_equal(out.enabled, 0);
	world_record(w, &r);
	assert_false(r.enrolled);
}

/* ---- all or nothing ---- */

static void
unchanged(struct world *w, enum mfa_err err)
{
	struct mfa_restored out;
	uint8_t before[BOTH], after[BOTH];

	memset(&out, 0x5a, sizeof(out));
	world_read(w, before);
	assert_int_equal(restore_it(w, &out), err);
	world_read(w, after);
	assert_memory_equal(before, after, BOTH);
	assert_int_equal(out.tokens, 0x5a5a5a5a);
}

static void
test_R11_not_with_a_clock_that_is_wrong(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;

	enroll(w, &confirmed);
	w->now.wall = MFA_RELEASE_TIME - 1;
	unchanged(w, MFA_ERR_CLOCK);
	w->now.wall = WORLD_START - 2 * 86400;
	unchanged(w, MFA_ERR_CLOCK);
	w->now.wall = WORLD_START + 90;
	(void)restored(w);
}

static void
test_R31_only_who_manages(void **state)
{
	static const enum mfa_right rights[] = { MFA_RIGHT_NONE,
		MFA_RIGHT_OWNER };
	struct world *w = *state;
	struct mfa_confirmed confirmed;

	enroll(w, &confirmed);
	for (size_t i = 0; i < 2; i++) {
		w->caller.right = rights[i];
		unchanged(w, MFA_ERR_DENIED);
	}
}

static void
test_ids_that_are_none_and_records_that_are_gone(void **state)
{
	struct world *w = *state;
	struct mfa_restored out = { .tokens = 7 };

	assert_int_equal(mfa_restore_record(&w->engine, &w->caller, "", &out),
	    MFA_ERR_INVALID);
	assert_int_equal(mfa_restore_record(&w->engine, &w->caller,
	    "../store-id", &out), MFA_ERR_INVALID);
	assert_int_equal(out.tokens, 7);
	assert_int_equal(mfa_restore_record(&w->engine, &w->caller, "u-nobody",
	    &out), MFA_OK);
	assert_int_equal(out.tokens, 0);
	assert_false(out.changed);
}

static void
test_R17_what_cannot_be_read_is_not_touched(void **state)
{
	static const struct {
		size_t at, len;
		int byte;
		enum mfa_err err;
	} trouble[] = {
		{ 11, 1, 0xff, MFA_ERR_FORMAT },
		{ 12, 8, 0xee, MFA_ERR_NO_KEY },
		{ 0, 8, 'x', MFA_ERR_DAMAGED },
		{ 20, 16, 's', MFA_ERR_DAMAGED },
		{ 4000, 9, 'x', MFA_ERR_DAMAGED },
	};
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	uint8_t good[BOTH], bad[BOTH];

	enroll(w, &confirmed);
	world_read(w, good);
	for (size_t i = 0; i < sizeof(trouble) / sizeof(trouble[0]); i++) {
		memcpy(bad, good, BOTH);
		for (size_t slot = 0; slot < BOTH; slot += MFA_STORE_SLOT)
			memset(bad + slot + trouble[i].at, trouble[i].byte,
			    trouble[i].len);
		world_write(w, bad);
		unchanged(w, trouble[i].err);
	}
}

static void
test_R17_another_users_record_is_none(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	uint8_t theirs[BOTH];

	enroll(w, &confirmed);
	world_read(w, theirs);
	memcpy(w->subject.name, "bob", 4);
	memcpy(w->subject.id, "u-bob", 6);
	enroll(w, &confirmed);
	world_write(w, theirs);
	unchanged(w, MFA_ERR_DAMAGED);
}

/* R22: of a user of another uid, too: it must be safe whoever comes. */
static void
test_R22_a_record_of_another_uid(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;

	enroll(w, &confirmed);
	w->subject.uid++;
	assert_int_not_equal(restored(w).recovery_codes, 0);
}

/* R19: a backup that was made while somebody logged in. */
static void
test_R19_a_torn_record(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	uint8_t backup[BOTH], torn[BOTH];
	char wrong[9];

	enroll(w, &confirmed);
	/* Or the other slot would be of before the factor was confirmed. */
	world_wrong(w, wrong);
	assert_int_equal(world_try(w, wrong), MFA_REASON_WRONG);
	world_read(w, backup);
	for (size_t at = 0; at < BOTH; at += MFA_STORE_SLOT) {
		memcpy(torn, backup, BOTH);
		memset(torn + at + 4000, 'x', 100);
		world_write(w, torn);
		(void)restored(w);
		assert_int_not_equal(world_try(w, confirmed.codes.code[0]),
		    MFA_REASON_OK);
		world_pass(w, 60);
		assert_int_equal(try_step(w, 1), MFA_REASON_OK);
	}
}

/* R7: there is no moment at which half of it is done. */
static void
test_R7_it_is_one_write(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_restored out;
	static mfa_record_Record before, after;
	unsigned int writes;

	enroll(w, &confirmed);
	world_enroll_hotp(w, "token", SECRET_C);
	world_record(w, &before);
	w->mishap.write_fails = 1;
	assert_int_equal(restore_it(w, &out), MFA_ERR_IO);
	world_record(w, &after);
	assert_memory_equal(&before, &after, sizeof(after));
	writes = w->writes;
	(void)restored(w);
	assert_int_equal(w->writes, writes + 1);
}

static void
test_R7_conflicts_are_borne(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_restored out;

	enroll(w, &confirmed);
	w->mishap.conflicts = 3;
	out = restored(w);
	assert_int_equal(out.recovery_codes, confirmed.codes.count);
	assert_int_equal(out.enabled, 1);
	w->mishap.unknown_done = 1;
	assert_int_equal(restore_it(w, &out), MFA_OK);
}

#define MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FILES(test_R9_locks_and_budgets_stay),
		FILES(test_once_more_changes_nothing),
		FILES(test_R26_one_event_where_something_changed),
		FILES(test_a_reset_record_has_nothing),
		FILES(test_R11_not_with_a_clock_that_is_wrong),
		FILES(test_R31_only_who_manages),
		FILES(test_ids_that_are_none_and_records_that_are_gone),
		FILES(test_R17_what_cannot_be_read_is_not_touched),
		FILES(test_R17_another_users_record_is_none),
		FILES(test_R22_a_record_of_another_uid),
		FILES(test_R19_a_torn_record),
		MEMORY(test_R7_it_is_one_write),
		MEMORY(test_R7_conflicts_are_borne),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
