/* SPDX-License-Identifier: MIT */
/*
 * R7, R19: a write that stops anywhere.  Disks write sectors of 512 bytes in
 * any order; whichever of a slot's 16 arrived, the record is readable, and it
 * is the old state or the new one.
 */
#include "tests/unit/world.h"

#define SECTOR	512
#define SECTORS (MFA_STORE_SLOT / SECTOR)
#define ALL	((1U << SECTORS) - 1)

struct torn {
	struct world *world;
	uint8_t before[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	uint8_t after[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	uint8_t now[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	unsigned int slot; /* that the write went to */
	uint32_t old;	   /* recovery.compared, the mark of a state */
};

static enum mfa_err
mark(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	const uint32_t *value = ctx;

	(void)clock;
	record->recovery.compared = *value;
	return MFA_OK;
}

static void
update(struct world *w, uint32_t value)
{
	struct mfa_repo *repo;

	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_WRITE, &repo), MFA_OK);
	assert_int_equal(mfa_repo_update(repo,
	    (struct mfa_delta){ mark, &value }), MFA_OK);
	mfa_repo_close(repo);
}

static uint32_t
value_now(struct world *w)
{
	static mfa_record_Record record;

	world_record(w, &record);
	return record.recovery.compared;
}

/* A record, and the bytes of its next write. */
static void
prepare(struct torn *t, struct world *w, uint32_t old)
{
	t->world = w;
	t->old = old;
	update(w, old);
	world_read(w, t->before);
	update(w, old + 1);
	world_read(w, t->after);
	t->slot = memcmp(t->before, t->after, MFA_STORE_SLOT) == 0 ? 1 : 0;
	/* One slot was written, the other one not touched. */
	assert_memory_equal(t->before + (1 - t->slot) * MFA_STORE_SLOT,
	    t->after + (1 - t->slot) * MFA_STORE_SLOT, MFA_STORE_SLOT);
}

/* The file after a crash at which only these sectors had arrived. */
static void
crash(struct torn *t, unsigned int arrived)
{
	memcpy(t->now, t->before, sizeof(t->now));
	for (unsigned int i = 0; i < SECTORS; i++) {
		size_t at = (size_t)t->slot * MFA_STORE_SLOT + i * SECTOR;

		if ((arrived >> i & 1) != 0)
			memcpy(t->now + at, t->after + at, SECTOR);
	}
	world_write(t->world, t->now);
}

static void
check(struct torn *t, unsigned int arrived)
{
	uint32_t wanted = arrived == ALL ? t->old + 1 : t->old;

	crash(t, arrived);
	if (value_now(t->world) != wanted)
		fail_msg("sectors %04x: another state", arrived);
}

static void
test_R7_a_write_cut_short_anywhere(void **state)
{
	static struct torn t;
	struct world *w = *state;
	unsigned int slots = 0;

	assert_int_equal(mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ mark, &(uint32_t){ 1 } }), MFA_OK);
	for (uint32_t old = 10; old <= 20; old += 10) {
		prepare(&t, w, old);
		slots |= 1U << t.slot;
		for (unsigned int n = 0; n <= SECTORS; n++) {
			check(&t, (1U << n) - 1);
			check(&t, ALL & ~((1U << n) - 1));
		}
		world_write(w, t.after);
		update(w, 11);
	}
	assert_int_equal(slots, 3); /* once into each */
}

static void
test_R7_sectors_in_any_order(void **state)
{
	static struct torn t;
	struct world *w = *state;
	uint64_t seed = 0x2545f4914f6cdd1d;

	assert_int_equal(mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ mark, &(uint32_t){ 1 } }), MFA_OK);
	prepare(&t, w, 10);
	for (int i = 0; i < 500; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		check(&t, (unsigned int)(seed >> 40) & ALL);
	}
	for (unsigned int i = 0; i < SECTORS; i++) {
		check(&t, 1U << i);
		check(&t, ALL & ~(1U << i));
	}
}

/* The next write mends it: it goes over the torn slot. */
static void
test_R7_after_a_crash_writing_goes_on(void **state)
{
	static struct torn t;
	struct world *w = *state;

	assert_int_equal(mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ mark, &(uint32_t){ 1 } }), MFA_OK);
	prepare(&t, w, 10);
	for (unsigned int n = 1; n < SECTORS; n += 3) {
		crash(&t, (1U << n) - 1);
		update(w, 77);
		assert_int_equal(value_now(w), 77);
		world_read(w, t.now);
		assert_memory_equal(t.now + (1 - t.slot) * MFA_STORE_SLOT,
		    t.before + (1 - t.slot) * MFA_STORE_SLOT, MFA_STORE_SLOT);
		update(w, 78);
		assert_int_equal(value_now(w), 78);
	}
}

/* Crashes during the write and during its repetition: never both slots. */
static void
test_R7_two_crashes_in_a_row(void **state)
{
	static struct torn t;
	struct world *w = *state;

	assert_int_equal(mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ mark, &(uint32_t){ 1 } }), MFA_OK);
	prepare(&t, w, 10);
	crash(&t, 0x00ff);
	memcpy(t.before, t.now, sizeof(t.before));
	update(w, 11);
	world_read(w, t.after);
	for (unsigned int n = 0; n < SECTORS; n++)
		check(&t, (1U << n) - 1);
	check(&t, ALL);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R7_a_write_cut_short_anywhere),
		IN_FILES(test_R7_sectors_in_any_order),
		IN_FILES(test_R7_after_a_crash_writing_goes_on),
		IN_FILES(test_R7_two_crashes_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
