/* SPDX-License-Identifier: MIT */
/* R28: who is served, who gives way, who is refused for a minute. */
#include "tests/unit/house.h"

/* ---- caps ---- */

static void
test_R28_caps(void **state)
{
	struct house *h = *state;

	greeted(h, 1000, MFA_CHILDREN_A_UID);
	assert_int_equal(come(h, 1000), 0);
	for (uid_t uid = 1001; uid < 1016; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	assert_int_equal(come(h, 2000), 0);
	greeted(h, 0, ROOTS);
	assert_int_equal(come(h, 0), 0);
	/* All of them, and there is room to end still. */
	assert_int_equal(mfa_places_free(&h->places), MFA_CHILDREN);
}

static void
test_R28_root_s_share_is_not_for_others_nor_theirs_for_root(void **state)
{
	struct house *h = *state;

	greeted(h, 0, ROOTS);
	assert_int_equal(come(h, 0), 0);
	for (uid_t uid = 1000; uid < 1016; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	assert_int_equal(come(h, 0), 0);
}

static void
test_R28_who_leaves_makes_room(void **state)
{
	struct house *h = *state;
	pid_t first = come(h, 1000);

	greeted(h, 1000, MFA_CHILDREN_A_UID - 1);
	assert_int_equal(come(h, 1000), 0);
	assert_int_equal(die(h, first, 0), MFA_DEATH_PLAIN);
	assert_int_not_equal(come(h, 1000), 0);
}

static void
test_R28_records_of_root_s_conversations(void **state)
{
	struct house *h = *state;

	for (size_t i = 0; i < MFA_CHILDREN_A_SUBJECT; i++)
		assert_true(mfa_places_claim(h->notes, i, "u-alice"));
	assert_false(mfa_places_claim(h->notes, 100, "u-alice"));
	assert_true(mfa_places_claim(h->notes, 101, "u-bob"));
	/* One that turns to another record makes room. */
	assert_true(mfa_places_claim(h->notes, 0, "u-bob"));
	assert_true(mfa_places_claim(h->notes, 100, "u-alice"));
}

/* ---- giving way ---- */

static void
test_R28_own_silent_ones_give_way_after_a_second(void **state)
{
	struct house *h = *state;
	pid_t first;

	greeted(h, 1000, 3);
	first = come(h, 1000);
	h->now++;
	for (int i = 4; i < MFA_CHILDREN_A_UID; i++)
		assert_int_not_equal(come(h, 1000), 0);
	h->now = NOW + MFA_SILENT_MS - 1;
	assert_int_equal(come(h, 1000), 0);
	h->now++;
	assert_int_not_equal(come(h, 1000), 0);
	assert_int_equal(h->evicted, first);
	/* The next one is not a second old. */
	assert_int_equal(come(h, 1000), 0);
}

static void
test_R28_who_greeted_never_gives_way(void **state)
{
	struct house *h = *state;

	greeted(h, 0, ROOTS);
	for (uid_t uid = 1000; uid < 1016; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	h->now += 3600000;
	assert_int_equal(come(h, 1000), 0);
	assert_int_equal(come(h, 2000), 0);
	assert_int_equal(come(h, 0), 0);
}

/* 16 uids fill the share of others: one, which has greeted once, is oldest. */
static pid_t
fill(struct house *h)
{
	pid_t oldest;

	greeted(h, 1000, 1);
	h->now++;
	oldest = come(h, 1000);
	h->now++;
	for (uid_t uid = 1000; uid < 1016; uid++) {
		for (int i = uid == 1000 ? 2 : 0; i < MFA_CHILDREN_A_UID; i++)
			assert_int_not_equal(come(h, uid), 0);
	}
	return oldest;
}

static void
test_R28_the_501st_of_another_uid(void **state)
{
	struct house *h = *state;
	pid_t oldest = fill(h);

	/* At once, however young all of them are. */
	assert_int_not_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, oldest);
	/* It is dying: it counts no more, and is not killed again. */
	assert_int_not_equal(come(h, 2001), 0);
	assert_int_not_equal(h->evicted, oldest);
	assert_int_not_equal(h->evicted, 0);
	assert_int_equal(die(h, oldest, SIGKILL), MFA_DEATH_PLAIN);
	assert_int_not_equal(come(h, 2002), 0);
}

static void
test_R28_who_holds_most_gives_way_first(void **state)
{
	struct house *h = *state;
	pid_t of_one, first;

	of_one = come(h, 3000); /* oldest of all, but alone */
	h->now += 60000;
	for (uid_t uid = 1000; uid < 1015; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	first = come(h, 1015);
	h->now++;
	for (int i = 0; i < 3; i++)
		assert_int_not_equal(come(h, 1015), 0);
	greeted(h, 1016, 3);
	assert_int_not_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, first);
	assert_int_not_equal(h->evicted, of_one);
}

/* 128 honest clients, and some more: those are busy, nobody is cut off. */
static void
test_R28_a_crowd_is_told_busy_in_its_first_second(void **state)
{
	struct house *h = *state;
	pid_t first = come(h, 1000);

	for (uid_t uid = 1001; uid < 1000 + MFA_CHILDREN_OTHERS; uid++) {
		h->now++;
		assert_int_not_equal(come(h, uid), 0);
	}
	assert_int_equal(come(h, 2000), 0);
	h->now = NOW + MFA_SILENT_MS;
	assert_int_not_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, first);
	/* Nobody gives way to one who would then hold more. */
	h->now += 60000;
	assert_int_equal(come(h, 2000), 0);
}

static void
test_R28_root_does_not_give_way_to_others(void **state)
{
	struct house *h = *state;
	pid_t first = come(h, 0);

	for (int i = 1; i < ROOTS; i++)
		assert_int_not_equal(come(h, 0), 0);
	for (uid_t uid = 1000; uid < 1016; uid++)
		greeted(h, uid, MFA_CHILDREN_A_UID);
	h->now += 60000;
	assert_int_equal(come(h, 2000), 0);
	/* To another of root's it does. */
	assert_int_not_equal(come(h, 0), 0);
	assert_int_equal(h->evicted, first);
}

static void
test_R28_dropped_ones_count_for_nothing(void **state)
{
	struct house *h = *state;
	struct mfa_place child = { .uid = 1000, .since = NOW,
		.stay = MFA_STAY_DROPPED };

	for (pid_t pid = 1; pid <= MFA_LEAVERS; pid++) {
		child.pid = pid;
		mfa_places_enter(&h->places, mfa_places_free(&h->places),
		    &child);
	}
	h->now += 60000;
	for (uid_t uid = 1000; uid < 1016; uid++) {
		greeted(h, uid, MFA_CHILDREN_A_UID);
		assert_int_equal(h->evicted, 0);
	}
	assert_int_equal(come(h, 1000), 0);
	greeted(h, 0, ROOTS);
	assert_int_equal(mfa_places_free(&h->places), MFA_PLACES);
	assert_int_equal(die(h, 7, 0), MFA_DEATH_PLAIN);
	assert_int_not_equal(mfa_places_free(&h->places), MFA_PLACES);
}

/* ---- refusals ---- */

static void
test_R28_a_crash_refuses_its_uid_for_a_minute(void **state)
{
	static const int signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGILL,
		SIGKILL, SIGTERM, SIGSYS };
	struct house *h = *state;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		assert_int_equal(die(h, come(h, 1000), signals[i]),
		    MFA_DEATH_CRASH);
		assert_int_equal(come(h, 1000), 0);
		assert_int_not_equal(come(h, 1001), 0);
		h->now += MFA_REFUSE_SECONDS * 1000 - 1;
		assert_int_equal(come(h, 1000), 0);
		h->now++;
	}
	assert_int_not_equal(come(h, 1000), 0);
}

static void
test_R28_another_crash_begins_the_minute_anew(void **state)
{
	struct house *h = *state;
	pid_t first = come(h, 0), second = come(h, 0);

	assert_int_equal(die(h, first, SIGSEGV), MFA_DEATH_CRASH);
	h->now += 30000;
	assert_int_equal(die(h, second, SIGSEGV | 0x80), MFA_DEATH_CRASH);
	h->now += 59999;
	assert_int_equal(come(h, 0), 0);
	h->now++;
	assert_int_not_equal(come(h, 0), 0);
}

static void
test_R28_what_is_no_crash(void **state)
{
	struct house *h = *state;
	struct mfa_departure gone;
	pid_t oldest;

	assert_int_equal(die(h, come(h, 1000), 0), MFA_DEATH_PLAIN);
	assert_int_equal(die(h, come(h, 1000), 1 << 8), MFA_DEATH_PLAIN);
	assert_int_equal(die(h, come(h, 1000), SIGALRM), MFA_DEATH_HANG);
	gone = mfa_places_leave(&h->places, 99999, SIGSEGV, h->now);
	assert_int_equal(gone.death, MFA_DEATH_PLAIN);
	assert_int_equal(gone.place, MFA_PLACES);
	oldest = fill(h);
	assert_int_not_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, oldest);
	assert_int_equal(die(h, oldest, SIGKILL), MFA_DEATH_PLAIN);
	assert_int_not_equal(come(h, 3000), 0);
}

/* That it was about to be killed is no excuse for another signal. */
static void
test_R28_who_gives_way_may_crash_all_the_same(void **state)
{
	struct house *h = *state;
	pid_t oldest = fill(h);

	assert_int_not_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, oldest);
	assert_int_equal(die(h, oldest, SIGSEGV), MFA_DEATH_CRASH);
	assert_int_equal(come(h, 1000), 0);
}

static void
test_R28_who_is_refused_evicts_nobody(void **state)
{
	struct house *h = *state;

	assert_int_equal(die(h, come(h, 2000), SIGSEGV), MFA_DEATH_CRASH);
	(void)fill(h);
	assert_int_equal(come(h, 2000), 0);
	assert_int_equal(h->evicted, 0);
}

static void
test_R28_many_refusals(void **state)
{
	struct house *h = *state;

	for (uid_t uid = 0; uid < MFA_REFUSALS; uid++) {
		assert_int_equal(die(h, come(h, uid), SIGSEGV),
		    MFA_DEATH_CRASH);
		h->now++;
	}
	for (uid_t uid = 0; uid < MFA_REFUSALS; uid++)
		assert_int_equal(come(h, uid), 0);
	/* One more, and the oldest is forgotten, no other. */
	assert_int_equal(die(h, come(h, 5000), SIGSEGV), MFA_DEATH_CRASH);
	assert_int_equal(come(h, 5000), 0);
	assert_int_not_equal(come(h, 0), 0);
	for (uid_t uid = 1; uid < MFA_REFUSALS; uid++)
		assert_int_equal(come(h, uid), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOUSE(test_R28_caps),
		IN_HOUSE(
		    test_R28_root_s_share_is_not_for_others_nor_theirs_for_root),
		IN_HOUSE(test_R28_who_leaves_makes_room),
		IN_HOUSE(test_R28_records_of_root_s_conversations),
		IN_HOUSE(test_R28_own_silent_ones_give_way_after_a_second),
		IN_HOUSE(test_R28_who_greeted_never_gives_way),
		IN_HOUSE(test_R28_the_501st_of_another_uid),
		IN_HOUSE(test_R28_who_holds_most_gives_way_first),
		IN_HOUSE(test_R28_a_crowd_is_told_busy_in_its_first_second),
		IN_HOUSE(test_R28_root_does_not_give_way_to_others),
		IN_HOUSE(test_R28_dropped_ones_count_for_nothing),
		IN_HOUSE(test_R28_a_crash_refuses_its_uid_for_a_minute),
		IN_HOUSE(test_R28_another_crash_begins_the_minute_anew),
		IN_HOUSE(test_R28_what_is_no_crash),
		IN_HOUSE(test_R28_who_gives_way_may_crash_all_the_same),
		IN_HOUSE(test_R28_who_is_refused_evicts_nobody),
		IN_HOUSE(test_R28_many_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
