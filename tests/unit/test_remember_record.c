/* SPDX-License-Identifier: MIT */
/*
 * R1, R24, R29: what a place is, and what a record keeps of places.  Tests of
 * the record alone: no login takes place.
 */
#include "tests/unit/world.h"

#include "verifier/engine/policy.h"
#include "verifier/engine/remember.h"

#define SECONDS 3600

static const struct mfa_config_rule patient = { .remember_seconds = SECONDS };
static const struct mfa_policy by_totp = { .kind = MFA_POLICY_REQUIRED,
	.rule = &patient,
	.provides = MFA_PROVIDES_TOTP };

/* ---- a place ---- */

static struct mfa_remember
place_of(struct world *w, const struct mfa_policy *policy)
{
	struct mfa_remember place;

	memset(&place, 0xa5, sizeof(place));
	mfa_remember_place(&w->engine, &w->caller, policy, &place);
	return place;
}

static void
is_none(const struct mfa_remember *place, const char *why)
{
	assert_false(place->known);
	assert_true(place->binding == 0);
	assert_int_equal(place->seconds, 0);
	if (why == NULL)
		assert_null(place->why);
	else
		assert_string_equal(place->why, why);
}

static void
at_terminal(struct world *w)
{
	w->caller.tty = "/dev/pts/3";
	w->caller.seat = (struct mfa_seat){ .session = 17, .ruid = 1000,
		.leader = 4711, .leader_since = 99 };
}

static void
test_R1_nowhere_without_a_rule_that_remembers(void **state)
{
	static const struct mfa_config_rule plain;
	struct world *w = *state;
	struct mfa_policy policy = by_totp;
	struct mfa_remember place;

	at_terminal(w);
	policy.rule = NULL;
	place = place_of(w, &policy);
	is_none(&place, NULL);
	policy.rule = &plain;
	place = place_of(w, &policy);
	is_none(&place, NULL);
	policy.rule = &patient;
	policy.trouble = MFA_TROUBLE_GROUP;
	place = place_of(w, &policy);
	is_none(&place, NULL);
	place = place_of(w, &by_totp);
	assert_true(place.known);
	assert_int_equal(place.seconds, SECONDS);
	assert_null(place.why);
}

static void
test_R1_a_boot_that_cannot_be_told_is_no_place(void **state)
{
	struct world *w = *state;
	struct mfa_remember place;

	at_terminal(w);
	w->clock_fails = true;
	place = place_of(w, &by_totp);
	is_none(&place, "this boot cannot be told from another");
}

/* Who closes a terminal leaves its name to others. */
static void
test_R1_a_terminal_outside_of_a_session_is_no_place(void **state)
{
	struct world *w = *state;
	struct mfa_remember place;

	at_terminal(w);
	w->caller.seat.session = 0;
	place = place_of(w, &by_totp);
	is_none(&place, "it is in no audit session: pam_loginuid makes one");
}

/*
 * BLAKE2b of the boot, the service, the terminal's name or "host", what tells
 * it from others, and the methods; each with its length in front.  Frozen:
 * what an older verifier of this boot has written counts still.
 */
static void
test_R29_a_place_is_the_same_after_an_upgrade(void **state)
{
	static const uint8_t terminal[8] = { 0x6e, 0xce, 0xe8, 0x81, 0x96, 0xa8,
		0xc0, 0x03 };
	static const uint8_t host[8] = { 0x2f, 0x43, 0x82, 0x4c, 0x07, 0x78,
		0x83, 0x35 };
	const uint16_t one = 1;
	struct world *w = *state;
	struct mfa_remember place;

	at_terminal(w);
	place = place_of(w, &by_totp);
	assert_true(place.known);
	/* The numbers are hashed as they lie in memory. */
	if (*(const uint8_t *)&one == 1)
		assert_memory_equal(&place.binding, terminal, 8);
	w->caller.rhost = "192.0.2.7";
	w->caller.key_used = true;
	place = place_of(w, &by_totp);
	assert_true(place.known);
	if (*(const uint8_t *)&one == 1)
		assert_memory_equal(&place.binding, host, 8);
}

/* ---- a record ---- */

static const struct mfa_clock at_10 = { .lapse = 10 };

static bool
has(bool enrolled, bool known)
{
	static mfa_record_Record record;
	const struct mfa_remember place = { .known = known, .binding = 5,
		.seconds = SECONDS };

	memset(&record, 0, sizeof(record));
	record.enrolled = enrolled;
	record.remembered_count = 1;
	record.remembered[0].binding = 5;
	record.remembered[0].since = 9;
	return mfa_remember_has(&record, &at_10, &place);
}

static void
test_R2_only_for_who_is_enrolled_and_somewhere(void **state)
{
	(void)state;
	assert_true(has(true, true));
	assert_false(has(false, true));
	assert_false(has(true, false));
	assert_false(has(false, false));
}

static void
add(mfa_record_Record *record, uint64_t lapse, uint64_t binding)
{
	const struct mfa_clock clock = { .lapse = lapse };
	const struct mfa_remember place = { .known = true, .binding = binding,
		.seconds = SECONDS };

	mfa_remember_add(record, &clock, &place);
}

/* These bindings in this order, and nothing behind them. */
static void
holds(const mfa_record_Record *record, const uint64_t *bindings, size_t n)
{
	assert_int_equal(record->remembered_count, n);
	for (size_t i = 0; i < n; i++)
		assert_true(record->remembered[i].binding == bindings[i]);
	assert_true(unit_all(&record->remembered[n],
	    sizeof(record->remembered) - n * sizeof(record->remembered[0]),
	    0));
}

static void
test_R24_a_place_that_comes_again_is_the_newest(void **state)
{
	static const uint64_t three[] = { 1, 2, 3 }, again[] = { 2, 3, 1 };
	static const uint64_t last[] = { 2, 1, 3 };
	mfa_record_Record *record = *state;

	for (uint64_t i = 1; i <= 3; i++)
		add(record, 100 + i, i);
	holds(record, three, 3);
	add(record, 200, 1);
	holds(record, again, 3);
	assert_int_equal(record->remembered[2].since, 200);
	add(record, 300, 3);
	holds(record, last, 3);
	assert_int_equal(record->remembered[1].since, 200);
	assert_int_equal(record->remembered[2].since, 300);
}

static void
test_R24_the_oldest_of_nine_goes(void **state)
{
	static const uint64_t rest[] = { 2, 3, 4, 5, 6, 7, 8, 9 };
	mfa_record_Record *record = *state;

	for (uint64_t i = 1; i <= 9; i++)
		add(record, 100, i);
	holds(record, rest, 8);
}

/* A record that has one twice has it once from then on. */
static void
test_R24_no_place_is_there_twice(void **state)
{
	static const uint64_t one[] = { 7, 5 };
	mfa_record_Record *record = *state;

	for (uint64_t i = 5; i < 8; i++)
		add(record, 100, i);
	record->remembered[1].binding = 5;
	add(record, 200, 5);
	holds(record, one, 2);
}

/* The age of a record has four bytes of room: what is later is not kept. */
static void
test_R1_a_time_that_has_no_room_is_not_kept(void **state)
{
	static const uint64_t one[] = { 1 };
	mfa_record_Record *record = *state;

	add(record, (uint64_t)UINT32_MAX + 1, 2);
	holds(record, NULL, 0);
	add(record, UINT32_MAX, 1);
	holds(record, one, 1);
	assert_true(record->remembered[0].since == UINT32_MAX);
}

static void
test_R24_nothing_is_left_of_what_is_void(void **state)
{
	mfa_record_Record *record = *state;

	memset(record->remembered, 0x5a, sizeof(record->remembered));
	record->remembered_count = 8;
	mfa_remember_void(record);
	holds(record, NULL, 0);
}

/* ---- what status says ---- */

static void
test_R24_without_patience_no_place_counts(void **state)
{
	static struct mfa_config config;
	mfa_record_Record *record = *state;

	mfa_config_init(&config);
	add(record, at_10.lapse, 1);
	assert_int_equal(mfa_remember_count(&config, record, &at_10), 0);
	config.rule_count = 2;
	assert_int_equal(mfa_remember_count(&config, record, &at_10), 0);
	config.rule[0].remember_seconds = 1;
	assert_int_equal(mfa_remember_count(&config, record, &at_10), 1);
}

static int
empty(void **state)
{
	static mfa_record_Record record;

	memset(&record, 0, sizeof(record));
	*state = &record;
	return 0;
}

#define WORLD(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)
#define RECORD(f) cmocka_unit_test_setup(f, empty)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(test_R1_nowhere_without_a_rule_that_remembers),
		WORLD(test_R1_a_boot_that_cannot_be_told_is_no_place),
		WORLD(test_R1_a_terminal_outside_of_a_session_is_no_place),
		WORLD(test_R29_a_place_is_the_same_after_an_upgrade),
		cmocka_unit_test(test_R2_only_for_who_is_enrolled_and_somewhere),
		RECORD(test_R24_a_place_that_comes_again_is_the_newest),
		RECORD(test_R24_the_oldest_of_nine_goes),
		RECORD(test_R24_no_place_is_there_twice),
		RECORD(test_R1_a_time_that_has_no_room_is_not_kept),
		RECORD(test_R24_nothing_is_left_of_what_is_void),
		RECORD(test_R24_without_patience_no_place_counts),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
