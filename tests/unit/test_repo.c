/* SPDX-License-Identifier: MIT */
/* R3, R6, R7, R22, R30: opening, changing, creating; deltas and conflicts. */
#include "tests/unit/world.h"

#include <unistd.h>

#include "verifier/vault/envelope.h"

/* What a delta does, and how often it was asked. */
struct change {
	uint32_t add; /* to recovery.compared */
	enum mfa_err answer;
	unsigned int calls;
	uint32_t saw; /* what was there the last time */
};

static enum mfa_err
apply(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	struct change *c = ctx;

	(void)clock;
	c->calls++;
	c->saw = record->recovery.compared;
	record->recovery.compared += c->add;
	return c->answer;
}

static enum mfa_err
create(struct world *w, uint32_t value)
{
	struct change c = { .add = value };

	return mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ apply, &c });
}

static enum mfa_err
change(struct world *w, struct change *c)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	c->calls = 0;
	r = mfa_repo_open(&w->engine, &w->subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK)
		r = mfa_repo_update(repo, (struct mfa_delta){ apply, c });
	mfa_repo_close(repo);
	return r;
}

static uint32_t
value(struct world *w)
{
	static mfa_record_Record record;

	world_record(w, &record);
	return record.recovery.compared;
}

/* ---- creating ---- */

static void
test_created_is_empty_but_for_the_delta(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;

	assert_int_equal(create(w, 5), MFA_OK);
	world_record(w, &r);
	assert_string_equal(r.realm, "unix");
	assert_string_equal(r.name, "alice");
	assert_int_equal(r.uid, 4711);
	assert_true(r.generation != 0);
	assert_false(r.enrolled);
	assert_int_equal(r.factors_count, 0);
	assert_int_equal(r.recovery.generation, 0);
	assert_int_equal(r.recovery.compared, 5);
	assert_int_equal(r.stamp.wall, w->now.wall);
	assert_int_equal(r.stamp.boot, w->now.boot);
	assert_int_equal(r.stamp.lapse, 0);
	assert_int_equal(r.attempts_count, 0);
}

static void
test_created_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(create(w, 5), MFA_OK);
	assert_int_equal(create(w, 6), MFA_ERR_EXISTS);
	assert_int_equal(value(w), 5);
}

static void
test_R22_no_record_for_nobody(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;

	w->subject.known = false;
	assert_int_equal(create(w, 5), MFA_ERR_NO_USER);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_NOT_FOUND);
}

static void
test_R3_what_fails_creates_nothing(void **state)
{
	struct world *w = *state;
	struct change c = { .answer = MFA_ERR_FULL };
	struct mfa_repo *repo;
	char path[128];

	assert_int_equal(mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ apply, &c }), MFA_ERR_FULL);
	w->clock_fails = true;
	assert_int_equal(create(w, 5), MFA_ERR_IO);
	w->clock_fails = false;
	(void)snprintf(path, sizeof(path), "%s/primary", w->keys);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(create(w, 5), MFA_ERR_NO_KEY);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_NOT_FOUND);
}

/* ---- changing ---- */

static void
test_a_change_is_durable_and_seen(void **state)
{
	struct world *w = *state;
	struct change c = { .add = 2 };
	struct mfa_repo *repo;

	assert_int_equal(create(w, 5), MFA_OK);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_WRITE, &repo), MFA_OK);
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(mfa_repo_update(repo,
		    (struct mfa_delta){ apply, &c }), MFA_OK);
		assert_int_equal(mfa_repo_record(repo)->recovery.compared,
		    5 + 2 * i);
	}
	mfa_repo_close(repo);
	assert_int_equal(c.calls, 3);
	assert_int_equal(value(w), 11);
}

static void
test_a_delta_that_says_no_writes_nothing(void **state)
{
	struct world *w = *state;
	struct change c = { .add = 2, .answer = MFA_ERR_LOCKED };
	uint8_t before[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	uint8_t after[sizeof(before)];

	assert_int_equal(create(w, 5), MFA_OK);
	world_read(w, before);
	assert_int_equal(change(w, &c), MFA_ERR_LOCKED);
	assert_int_equal(c.calls, 1);
	world_read(w, after);
	assert_memory_equal(before, after, sizeof(before));
}

static void
test_looking_changes_nothing(void **state)
{
	struct world *w = *state;
	struct change c = { .add = 2 };
	struct mfa_repo *repo;

	assert_int_equal(create(w, 5), MFA_OK);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_OK);
	assert_int_equal(mfa_repo_update(repo,
	    (struct mfa_delta){ apply, &c }), MFA_ERR_INVALID);
	mfa_repo_close(repo);
	assert_int_equal(value(w), 5);
}

static void
test_the_last_four_attempts_are_kept(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct change c = { .add = 1 };
	uint64_t ids[6] = { 0 };

	assert_int_equal(create(w, 0), MFA_OK);
	for (unsigned int i = 0; i < 6; i++) {
		assert_int_equal(change(w, &c), MFA_OK);
		world_record(w, &r);
		assert_int_equal(r.attempts_count, i < 4 ? i + 1 : 4);
		ids[i] = r.attempts[0];
		for (unsigned int j = 0; j < r.attempts_count; j++)
			assert_true(r.attempts[j] == ids[i - j]);
		for (unsigned int j = 0; j < i; j++)
			assert_true(ids[j] != ids[i]);
	}
}

/* Keys are read for each open and each write. */
static void
test_a_key_made_meanwhile_seals_the_next_write(void **state)
{
	struct world *w = *state;
	struct change c = { .add = 1 };
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT], id[MFA_KEY_ID];
	struct mfa_slot_header header;
	struct mfa_repo *repo;
	unsigned int hits = 0;

	assert_int_equal(create(w, 5), MFA_OK);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_WRITE, &repo), MFA_OK);
	assert_int_equal(mfa_keyring_new(w->keys, &w->env, 0, id), MFA_OK);
	assert_int_equal(mfa_repo_update(repo,
	    (struct mfa_delta){ apply, &c }), MFA_OK);
	mfa_repo_close(repo);
	world_read(w, bytes);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mfa_envelope_header(bytes + i * MFA_SLOT,
		    &header), MFA_OK);
		hits += memcmp(header.key_id, id, MFA_KEY_ID) == 0;
	}
	assert_int_equal(hits, 1);
	assert_int_equal(value(w), 6);
}

/* ---- whose it is ---- */

static void
foreign(struct world *w, const struct mfa_subject *subject)
{
	struct mfa_repo *repo = NULL;

	assert_int_equal(mfa_repo_open(&w->engine, subject, MFA_STORE_WRITE,
	    &repo), MFA_ERR_FOREIGN);
	/* For administration: it was read. */
	assert_non_null(repo);
	assert_string_equal(mfa_repo_record(repo)->name, "alice");
	mfa_repo_close(repo);
}

static enum mfa_err
move_realm(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)clock;
	memcpy(record->realm, "demo", 5);
	return MFA_OK;
}

static void
test_R22_another_uid_name_or_realm_is_foreign(void **state)
{
	struct world *w = *state;
	struct mfa_subject other = w->subject;
	struct mfa_repo *repo;

	assert_int_equal(create(w, 5), MFA_OK);
	other.uid++;
	foreign(w, &other);
	/* Without an account there is no uid to compare. */
	other.known = false;
	assert_int_equal(mfa_repo_open(&w->engine, &other, MFA_STORE_READ,
	    &repo), MFA_OK);
	mfa_repo_close(repo);
	other = w->subject;
	memcpy(other.name, "alicf", 6);
	foreign(w, &other);
	/* The realm is bound into the seal: there is nothing to read (R17). */
	other = w->subject;
	memcpy(other.realm, "demo", 5);
	assert_int_equal(mfa_repo_open(&w->engine, &other, MFA_STORE_READ,
	    &repo), MFA_ERR_DAMAGED);
	assert_null(repo);
	/* Nor does a record that names another realm pass for this one's. */
	assert_int_equal(mfa_repo_change(&w->engine, &w->subject,
	    (struct mfa_delta){ move_realm, NULL }), MFA_OK);
	foreign(w, &w->subject);
}

static void
test_open_by_id_takes_the_records_word(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;

	assert_int_equal(create(w, 5), MFA_OK);
	assert_int_equal(mfa_repo_open_id(&w->engine, "u-alice",
	    MFA_STORE_READ, &repo),
	    MFA_OK);
	assert_int_equal(mfa_repo_record(repo)->uid, 4711);
	mfa_repo_close(repo);
	assert_int_equal(mfa_repo_open_id(&w->engine, "u-bob",
	    MFA_STORE_READ, &repo),
	    MFA_ERR_NOT_FOUND);
	assert_null(repo);
}

/* ---- one at a time, nothing left ---- */

static void
test_one_record_at_once(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo, *second = (struct mfa_repo *)0x1;

	assert_int_equal(create(w, 5), MFA_OK);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_OK);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &second), MFA_ERR_INVALID);
	assert_null(second);
	assert_int_equal(create(w, 6), MFA_ERR_INVALID);
	mfa_repo_decoy(&w->engine, MFA_DECOY_READ | MFA_DECOY_WRITE);
	assert_int_equal(mfa_repo_record(repo)->recovery.compared, 5);
	mfa_repo_close(repo);
	assert_int_equal(value(w), 5);
	mfa_repo_close(NULL);
}

static void
test_R14_nothing_is_left_after_close(void **state)
{
	struct world *w = *state;
	const mfa_record_Record *record;
	struct mfa_repo *repo;

	assert_int_equal(create(w, 5), MFA_OK);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_OK);
	record = mfa_repo_record(repo);
	assert_string_equal(record->name, "alice");
	mfa_repo_close(repo);
	assert_true(unit_all(record, sizeof(*record), 0));
}

static unsigned int
decoys_written(const struct world *w)
{
	static uint8_t slot[MFA_STORE_SLOT];
	unsigned int n = 0;
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/decoy", w->dir);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fread(slot, 1, sizeof(slot), f) == sizeof(slot))
		n += !unit_all(slot, sizeof(slot), 0);
	(void)fclose(f);
	return n;
}

static void
test_R5_a_decoy_leaves_no_record(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;

	mfa_repo_decoy(&w->engine, MFA_DECOY_READ);
	assert_int_equal(decoys_written(w), 0);
	mfa_repo_decoy(&w->engine, MFA_DECOY_READ | MFA_DECOY_WRITE);
	assert_int_equal(decoys_written(w), 1);
	assert_int_equal(mfa_repo_open_id(&w->engine, "u-",
	    MFA_STORE_READ, &repo),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_NOT_FOUND);
	/* Without a key it does nothing, and the engine is free after it. */
	w->config.encryption_key[0] = 'x';
	mfa_repo_decoy(&w->engine, MFA_DECOY_READ | MFA_DECOY_WRITE);
	w->config.encryption_key[0] = '/';
	assert_int_equal(create(w, 5), MFA_OK);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)
#define ON_BOTH(f) \
	IN_FILES(f), \
	{ #f ": memory", f, world_new_memory, world_free, NULL }

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_created_is_empty_but_for_the_delta),
		ON_BOTH(test_created_once),
		IN_FILES(test_R22_no_record_for_nobody),
		IN_FILES(test_R3_what_fails_creates_nothing),
		ON_BOTH(test_a_change_is_durable_and_seen),
		IN_FILES(test_a_delta_that_says_no_writes_nothing),
		ON_BOTH(test_looking_changes_nothing),
		ON_BOTH(test_the_last_four_attempts_are_kept),
		IN_FILES(test_a_key_made_meanwhile_seals_the_next_write),
		ON_BOTH(test_R22_another_uid_name_or_realm_is_foreign),
		IN_FILES(test_open_by_id_takes_the_records_word),
		IN_FILES(test_one_record_at_once),
		IN_FILES(test_R14_nothing_is_left_after_close),
		IN_FILES(test_R5_a_decoy_leaves_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
