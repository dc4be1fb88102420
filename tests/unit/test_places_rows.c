/* SPDX-License-Identifier: MIT */
/*
 * R28: whose row is whose, and that what lies behind the last one is none:
 * the refusals behind the places, and guards behind refusals and notes.
 */
#include "tests/unit/house.h"

/* As a place, a refusal that ends now would be uid 1's, and taken. */
#define LATER ((UINT64_C(1) << 32) + NOW)

/* ---- behind the last row ---- */

/* The first refusal is 3000's. */
static void
refusal_behind_the_places(struct house *h)
{
	h->now = LATER;
	assert_int_equal(die(h, come(h, 3000), SIGSEGV), MFA_DEATH_CRASH);
}

static void
test_R28_a_refusal_holds_no_place(void **state)
{
	struct house *h = *state;

	refusal_behind_the_places(h);
	for (uid_t uid = 1; uid < 17; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	assert_int_equal(come(h, 1), 0);
	greeted(h, 0, ROOTS);
	assert_int_equal(come(h, 0), 0);
}

static void
test_R28_a_refusal_is_no_free_place(void **state)
{
	struct house *h = *state;
	const struct mfa_place child = { .pid = 7, .uid = 1000,
		.stay = MFA_STAY_DROPPED };

	refusal_behind_the_places(h);
	for (size_t i = 0; i < MFA_PLACES; i++) {
		assert_int_equal(mfa_places_free(&h->places), i);
		mfa_places_enter(&h->places, i, &child);
	}
	assert_int_equal(mfa_places_free(&h->places), MFA_PLACES);
}

static void
test_R28_a_refusal_does_not_give_way(void **state)
{
	struct house *h = *state;
	pid_t first;

	refusal_behind_the_places(h);
	first = come(h, 1);
	h->now++;
	for (int i = 1; i < MFA_CHILDREN_A_UID; i++)
		assert_int_not_equal(come(h, 1), 0);
	h->now += MFA_SILENT_MS;
	assert_int_not_equal(come(h, 1), 0);
	assert_int_equal(h->evicted, first);
	assert_int_equal(die(h, first, SIGKILL), MFA_DEATH_PLAIN);
}

static void
test_R28_a_refusal_does_not_give_way_to_another_uid(void **state)
{
	struct house *h = *state;
	pid_t first;

	refusal_behind_the_places(h);
	first = come(h, 1);
	h->now++;
	for (int i = 1; i < MFA_CHILDREN_A_UID; i++)
		assert_int_not_equal(come(h, 1), 0);
	for (uid_t uid = 2; uid < 17; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	assert_int_not_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, first);
}

static void
test_R28_what_is_behind_the_refusals_refuses_nobody(void **state)
{
	struct house *h = *state;

	h->behind = (struct mfa_refusal){ .end = UINT64_MAX, .uid = 1000 };
	assert_int_not_equal(come(h, 1000), 0);
}

static void
test_R28_what_is_behind_the_notes_is_about_no_record(void **state)
{
	struct house *h = *state;

	assert_true(mfa_places_claim(h->notes, 0, "u-alice"));
	h->notes[MFA_PLACES] = h->notes[0];
	for (size_t i = 1; i < MFA_CHILDREN_A_SUBJECT; i++)
		assert_true(mfa_places_claim(h->notes, i, "u-alice"));
	assert_false(mfa_places_claim(h->notes, 100, "u-alice"));
}

/* ---- records ---- */

static void
test_R28_a_record_is_told_by_all_of_its_id(void **state)
{
	struct house *h = *state;
	char id[2][101];

	for (int i = 0; i < 2; i++) {
		memset(id[i], 'x', sizeof(id[i]) - 1);
		id[i][sizeof(id[i]) - 1] = '\0';
	}
	id[1][0] = 'y';
	for (size_t i = 0; i < MFA_CHILDREN_A_SUBJECT; i++)
		assert_true(mfa_places_claim(h->notes, i, id[0]));
	assert_false(mfa_places_claim(h->notes, 100, id[0]));
	assert_true(mfa_places_claim(h->notes, 100, id[1]));
}

/* An id whose FNV-1a is 0, which stands for none. */
static void
test_R28_who_has_no_record_yet_is_not_counted(void **state)
{
	struct house *h = *state;

	for (size_t i = 0; i < MFA_CHILDREN_A_SUBJECT; i++)
		assert_true(mfa_places_claim(h->notes, i, "77kepQFQ8Kl"));
	assert_false(mfa_places_claim(h->notes, 100, "77kepQFQ8Kl"));
}

/* ---- giving way ---- */

/* The one that holds most came to a place before one that is older. */
static void
test_R28_who_holds_less_stays_however_old(void **state)
{
	struct house *h = *state;
	pid_t leaves = come(h, 4000), of_one = come(h, 3000), first;

	h->now += 60000;
	assert_int_equal(die(h, leaves, 0), MFA_DEATH_PLAIN);
	first = come(h, 1015);
	assert_true(place_of(h, first) < place_of(h, of_one));
	h->now++;
	for (int i = 0; i < 3; i++)
		assert_int_not_equal(come(h, 1015), 0);
	for (uid_t uid = 1000; uid < 1015; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	greeted(h, 1016, 3);
	assert_int_not_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, first);
}

/* And one more is not: that waits for the second to pass. */
static void
test_R28_two_more_are_enough_at_once(void **state)
{
	struct house *h = *state;
	pid_t first = come(h, 3000), of_another;

	h->now++;
	assert_int_not_equal(come(h, 3000), 0);
	for (uid_t uid = 1000; uid < 1015; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	greeted(h, 1016, 6);
	of_another = come(h, 2000);
	assert_int_not_equal(of_another, 0);
	assert_int_equal(h->evicted, first);
	assert_int_equal(come(h, 2001), 0);
	h->now += MFA_SILENT_MS;
	assert_int_not_equal(come(h, 2001), 0);
	assert_int_not_equal(h->evicted, of_another);
}

static void
test_R28_who_came_first_in_a_millisecond_gives_way(void **state)
{
	struct house *h = *state;
	pid_t first = come(h, 1000);

	for (int i = 1; i < MFA_CHILDREN_A_UID; i++)
		assert_int_not_equal(come(h, 1000), 0);
	for (uid_t uid = 1001; uid < 1016; uid++) {
		for (int i = 0; i < MFA_CHILDREN_A_UID; i++)
			assert_int_not_equal(come(h, uid), 0);
	}
	assert_int_not_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, first);
}

/* ---- refusals ---- */

/* As many uids crash as can be refused, a millisecond each. */
static void
all_refused(struct house *h)
{
	for (uid_t uid = 0; uid < MFA_REFUSALS; uid++) {
		h->now++;
		assert_int_equal(die(h, come(h, uid), SIGSEGV),
		    MFA_DEATH_CRASH);
	}
}

static void
none_is_forgotten(struct house *h)
{
	for (uid_t uid = 0; uid < MFA_REFUSALS; uid++)
		assert_int_equal(come(h, uid), 0);
}

static void
test_R28_another_crash_takes_nobody_else_s_row(void **state)
{
	struct house *h = *state;
	const pid_t more[] = { come(h, 5), come(h, 0), come(h, 0) };

	all_refused(h);
	none_is_forgotten(h);
	/* The last time, its own row is not the one that ends first. */
	for (int i = 0; i < 3; i++) {
		h->now++;
		assert_int_equal(die(h, more[i], SIGSEGV), MFA_DEATH_CRASH);
		none_is_forgotten(h);
	}
}

static void
test_R28_one_that_is_not_ours_is_nobody_s(void **state)
{
	struct house *h = *state;
	struct mfa_departure gone;

	assert_int_not_equal(come(h, 0), 0);
	gone = mfa_places_leave(&h->places, 99999, SIGSEGV, h->now);
	assert_int_equal(gone.place, MFA_PLACES);
	assert_int_equal(gone.death, MFA_DEATH_PLAIN);
	/* (uid_t)-1 is nobody's, chown(2). */
	assert_int_equal(gone.uid, (uid_t)-1);
	assert_int_not_equal(come(h, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOUSE(test_R28_a_refusal_holds_no_place),
		IN_HOUSE(test_R28_a_refusal_is_no_free_place),
		IN_HOUSE(test_R28_a_refusal_does_not_give_way),
		IN_HOUSE(test_R28_a_refusal_does_not_give_way_to_another_uid),
		IN_HOUSE(test_R28_what_is_behind_the_refusals_refuses_nobody),
		IN_HOUSE(test_R28_what_is_behind_the_notes_is_about_no_record),
		IN_HOUSE(test_R28_a_record_is_told_by_all_of_its_id),
		IN_HOUSE(test_R28_who_has_no_record_yet_is_not_counted),
		IN_HOUSE(test_R28_who_holds_less_stays_however_old),
		IN_HOUSE(test_R28_two_more_are_enough_at_once),
		IN_HOUSE(test_R28_who_came_first_in_a_millisecond_gives_way),
		IN_HOUSE(test_R28_another_crash_takes_nobody_else_s_row),
		IN_HOUSE(test_R28_one_that_is_not_ours_is_nobody_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
