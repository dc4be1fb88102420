/* SPDX-License-Identifier: MIT */
/* R17, R19, R29, R31: going through all records, and moving them. */
#include "tests/unit/world.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "verifier/engine/records.h"
#include "verifier/vault/keyring.h"

#define BOTH (MFA_STORE_SLOTS * MFA_STORE_SLOT)

static const struct mfa_caller root = { .right = MFA_RIGHT_MANAGE };

static void
rotate(struct world *w, uint8_t id[MFA_KEY_ID])
{
	assert_int_equal(mfa_keyring_new(w->keys, &w->env, 0, id), MFA_OK);
}

static void
primary(struct world *w, uint8_t id[MFA_KEY_ID])
{
	struct mfa_key key;

	assert_int_equal(mfa_keyring_primary(w->keys, &key), MFA_OK);
	memcpy(id, key.id, MFA_KEY_ID);
}

static void
enroll(struct world *w)
{
	struct mfa_confirmed confirmed;

	world_enroll(w, "phone", SECRET_A, &confirmed);
}

static enum mfa_err
rekey(struct world *w)
{
	return mfa_records_rekey(&w->engine, &root, w->subject.id);
}

/* How many slots name a key. */
static unsigned int
hits(struct world *w, const uint8_t id[MFA_KEY_ID])
{
	struct mfa_records_slots slots;
	unsigned int n = 0;

	assert_int_equal(mfa_records_slots(w->engine.store, w->subject.id,
	    MFA_STORE_READ, &slots), MFA_OK);
	for (unsigned int i = 0; i < slots.count; i++)
		n += memcmp(slots.slot[i].key_id, id, MFA_KEY_ID) == 0;
	return n;
}

/* But for what every write changes, these are equal. */
static void
same_but_written(mfa_record_Record *a, mfa_record_Record *b)
{
	a->stamp = b->stamp;
	memcpy(a->attempts, b->attempts, sizeof(a->attempts));
	a->attempts_count = b->attempts_count;
	assert_memory_equal(a, b, sizeof(*a));
}

static void
test_R29_both_slots_move_and_nothing_else_changes(void **state)
{
	static mfa_record_Record before, after;
	struct world *w = *state;
	uint8_t old[MFA_KEY_ID], fresh[MFA_KEY_ID];
	uint8_t bytes[BOTH], again[BOTH];
	char wrong[9];

	enroll(w);
	world_wrong(w, wrong);
	assert_int_equal(world_try(w, wrong), MFA_REASON_WRONG);
	primary(w, old);
	rotate(w, fresh);
	assert_int_equal(hits(w, old), 2);
	world_record(w, &before);
	assert_int_equal(rekey(w), MFA_OK);
	world_record(w, &after);
	assert_int_equal(hits(w, fresh), 2);
	same_but_written(&before, &after);
	/* Once more: there is nothing to do, and nothing is written. */
	world_read(w, bytes);
	assert_int_equal(rekey(w), MFA_OK);
	world_read(w, again);
	assert_memory_equal(bytes, again, BOTH);
}

static void
test_R29_one_slot_moved_is_not_moved(void **state)
{
	struct world *w = *state;
	uint8_t old[MFA_KEY_ID], fresh[MFA_KEY_ID];
	char wrong[9];

	enroll(w);
	primary(w, old);
	rotate(w, fresh);
	world_wrong(w, wrong);
	assert_int_equal(world_try(w, wrong), MFA_REASON_WRONG);
	assert_int_equal(hits(w, old), 1);
	assert_int_equal(rekey(w), MFA_OK);
	assert_int_equal(hits(w, old), 0);
	assert_int_equal(hits(w, fresh), 2);
}

/* R6: what was used stays used; a code that was not is still good. */
static void
test_R6_codes_are_as_used_as_before(void **state)
{
	struct world *w = *state;
	uint8_t fresh[MFA_KEY_ID];
	char used[9], next[9];

	enroll(w);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, used);
	world_code(w, SECRET_A, 1, next);
	assert_int_equal(world_try(w, used), MFA_REASON_OK);
	rotate(w, fresh);
	assert_int_equal(rekey(w), MFA_OK);
	assert_int_equal(world_try(w, used), MFA_REASON_REPLAYED);
	assert_int_equal(world_try(w, next), MFA_REASON_OK);
}

static void
test_R19_a_torn_slot_is_mended_with_its_record(void **state)
{
	struct world *w = *state;
	uint8_t bytes[BOTH], fresh[MFA_KEY_ID];

	for (size_t at = 0; at < BOTH; at += MFA_STORE_SLOT / 2) {
		if (at == 0)
			enroll(w);
		world_read(w, bytes);
		/* its header, or what is sealed */
		memset(bytes + at, 'x', 100);
		world_write(w, bytes);
		assert_int_equal(rekey(w), MFA_OK);
		primary(w, fresh);
		assert_int_equal(hits(w, fresh), 2);
	}
}

static void
test_R31_only_who_manages_moves(void **state)
{
	static const enum mfa_right rights[] = { MFA_RIGHT_NONE,
		MFA_RIGHT_OWNER };
	struct world *w = *state;
	uint8_t old[MFA_KEY_ID], fresh[MFA_KEY_ID];

	enroll(w);
	primary(w, old);
	rotate(w, fresh);
	for (size_t i = 0; i < 2; i++) {
		const struct mfa_caller caller = { .right = rights[i] };

		assert_int_equal(mfa_records_rekey(&w->engine, &caller,
		    w->subject.id), MFA_ERR_DENIED);
	}
	assert_int_equal(hits(w, old), 2);
}

static void
test_ids_that_are_none_and_records_that_are_gone(void **state)
{
	struct world *w = *state;

	assert_int_equal(mfa_records_rekey(&w->engine, &root, ""),
	    MFA_ERR_INVALID);
	assert_int_equal(mfa_records_rekey(&w->engine, &root, "../store-id"),
	    MFA_ERR_INVALID);
	assert_int_equal(mfa_records_rekey(&w->engine, &root, "u-nobody"),
	    MFA_OK);
}

/* R17: what cannot be opened is not written. */
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
	uint8_t good[BOTH], bad[BOTH], after[BOTH];

	enroll(w);
	world_read(w, good);
	for (size_t i = 0; i < sizeof(trouble) / sizeof(trouble[0]); i++) {
		memcpy(bad, good, BOTH);
		for (size_t slot = 0; slot < BOTH; slot += MFA_STORE_SLOT)
			memset(bad + slot + trouble[i].at, trouble[i].byte,
			    trouble[i].len);
		world_write(w, bad);
		assert_int_equal(rekey(w), trouble[i].err);
		world_read(w, after);
		assert_memory_equal(bad, after, BOTH);
	}
}

static void
test_R17_without_a_primary_nothing_moves(void **state)
{
	struct world *w = *state;
	char path[128];

	enroll(w);
	(void)snprintf(path, sizeof(path), "%s/primary", w->keys);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rekey(w), MFA_ERR_NO_KEY);
}

static void
test_R7_conflicts_are_borne(void **state)
{
	struct world *w = *state;
	uint8_t fresh[MFA_KEY_ID];

	enroll(w);
	rotate(w, fresh);
	w->mishap.conflicts = 3;
	assert_int_equal(rekey(w), MFA_OK);
	assert_int_equal(hits(w, fresh), 1); /* the one that there is */
	rotate(w, fresh);
	w->mishap.write_fails = 1;
	assert_int_equal(rekey(w), MFA_ERR_IO);
}

/* ---- who needs a key ---- */

struct needing {
	unsigned int users, odd;
	enum mfa_err why, answer;
	char id[MFA_STORE_ID_MAX + 1];
};

static enum mfa_err
note_need(void *ctx, const char *id, enum mfa_err why)
{
	struct needing *n = ctx;

	n->users += why == MFA_OK;
	n->odd += why != MFA_OK;
	n->why = why;
	(void)snprintf(n->id, sizeof(n->id), "%s", id);
	return n->answer;
}

static struct needing
need(struct world *w, const uint8_t key[MFA_KEY_ID])
{
	struct needing n = { .why = MFA_OK };

	assert_int_equal(mfa_records_need(w->engine.store, key, note_need,
	    &n), MFA_OK);
	return n;
}

static void
test_R17_a_slot_that_names_a_key_needs_it(void **state)
{
	struct world *w = *state;
	uint8_t old[MFA_KEY_ID], fresh[MFA_KEY_ID], bytes[BOTH];
	struct needing n = { .answer = MFA_ERR_FULL };
	char wrong[9];

	enroll(w);
	primary(w, old);
	assert_int_equal(need(w, old).users, 1);
	rotate(w, fresh);
	assert_int_equal(need(w, fresh).users, 0);
	/* One slot is enough, and it need not open. */
	world_wrong(w, wrong);
	assert_int_equal(world_try(w, wrong), MFA_REASON_WRONG);
	assert_int_equal(need(w, old).users, 1);
	assert_int_equal(need(w, fresh).users, 1);
	world_read(w, bytes);
	for (size_t slot = 0; slot < BOTH; slot += MFA_STORE_SLOT)
		memset(bytes + slot + 5000, 'x', 9);
	world_write(w, bytes);
	assert_int_equal(need(w, old).users, 1);
	assert_string_equal(need(w, old).id, w->subject.id);
	assert_int_equal(mfa_records_need(w->engine.store, old, note_need,
	    &n), MFA_ERR_FULL);
}

static void
test_R17_what_cannot_be_judged_is_said(void **state)
{
	struct world *w = *state;
	uint8_t none[MFA_KEY_ID] = { 0 }, good[BOTH], bad[BOTH];
	struct needing n;

	enroll(w);
	world_read(w, good);
	memcpy(bad, good, BOTH);
	memset(bad, 'x', 8);
	world_write(w, bad);
	n = need(w, none);
	assert_int_equal(n.users + n.odd, 0); /* the other slot has a header */
	memset(bad + MFA_STORE_SLOT, 'x', 8);
	world_write(w, bad);
	n = need(w, none);
	assert_int_equal(n.odd, 1);
	assert_int_equal(n.why, MFA_ERR_DAMAGED);
	memcpy(bad, good, BOTH);
	bad[MFA_STORE_SLOT + 11] = 0xff;
	world_write(w, bad);
	assert_int_equal(need(w, none).why, MFA_ERR_FORMAT);
}

/* R30: a write that began before has ended when somebody says no. */
static void
test_R30_the_lock_is_waited_for(void **state)
{
	struct world *w = *state;
	uint8_t none[MFA_KEY_ID] = { 0 };
	char path[400];
	int fd;

	enroll(w);
	(void)snprintf(path, sizeof(path), "%s/records/%s", w->dir,
	    w->subject.id);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(need(w, none).why, MFA_ERR_BUSY);
	(void)close(fd);
	assert_int_equal(need(w, none).odd, 0);
}

/* ---- looking ---- */

struct looked {
	unsigned int n;
	struct mfa_record_info info;
};

static enum mfa_err
note_info(void *ctx, const struct mfa_record_info *info)
{
	struct looked *l = ctx;

	l->n++;
	l->info = *info;
	return MFA_OK;
}

static struct mfa_record_info
look(struct world *w)
{
	struct looked l = { .n = 0 };

	assert_int_equal(mfa_records_each(&w->engine, note_info, &l), MFA_OK);
	assert_int_equal(l.n, 1);
	return l.info;
}

static void
test_R19_what_each_record_says(void **state)
{
	struct world *w = *state;
	struct mfa_record_info info;
	uint8_t good[BOTH], bad[BOTH];

	enroll(w);
	world_read(w, good);
	info = look(w);
	assert_string_equal(info.id, w->subject.id);
	assert_string_equal(info.realm, "unix");
	assert_string_equal(info.user, "alice");
	assert_int_equal(info.uid, w->subject.uid);
	assert_int_equal(info.slots.count, 2);
	assert_true(info.slots.slot[0].sequence > info.slots.slot[1].sequence);
	assert_false(info.torn || info.no_realm);
	assert_int_equal(info.problem, MFA_OK);
	memcpy(bad, good, BOTH);
	memset(bad + 4000, 'x', 9);
	world_write(w, bad);
	info = look(w);
	assert_true(info.torn);
	assert_int_equal(info.problem, MFA_OK);
	memset(bad + MFA_STORE_SLOT + 4000, 'x', 9);
	world_write(w, bad);
	info = look(w);
	assert_int_equal(info.problem, MFA_ERR_DAMAGED);
	assert_int_equal(info.slots.count, 2);
	assert_string_equal(info.user, "alice");
	memset(bad, 'x', BOTH);
	world_write(w, bad);
	assert_int_equal(look(w).slots.count, 0);
}

static void
test_a_realm_that_the_configuration_does_not_name(void **state)
{
	struct world *w = *state;
	struct mfa_record_info info;
	char id[17];

	(void)world_realm(w, "shop", MFA_PROVIDES_TOTP);
	w->subject = world_subject("shop", "bob");
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	info = look(w);
	assert_string_equal(info.realm, "shop");
	assert_false(info.no_realm);
	w->config.realm_count--;
	info = look(w);
	assert_true(info.no_realm);
	assert_int_equal(info.problem, MFA_OK);
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_R29_both_slots_move_and_nothing_else_changes),
		IN_WORLD(test_R29_one_slot_moved_is_not_moved),
		IN_WORLD(test_R6_codes_are_as_used_as_before),
		IN_WORLD(test_R19_a_torn_slot_is_mended_with_its_record),
		IN_WORLD(test_R31_only_who_manages_moves),
		IN_WORLD(test_ids_that_are_none_and_records_that_are_gone),
		IN_WORLD(test_R17_what_cannot_be_read_is_not_touched),
		IN_WORLD(test_R17_without_a_primary_nothing_moves),
		cmocka_unit_test_setup_teardown(test_R7_conflicts_are_borne,
		    world_new_memory, world_free),
		IN_WORLD(test_R17_a_slot_that_names_a_key_needs_it),
		IN_WORLD(test_R17_what_cannot_be_judged_is_said),
		IN_WORLD(test_R30_the_lock_is_waited_for),
		IN_WORLD(test_R19_what_each_record_says),
		IN_WORLD(test_a_realm_that_the_configuration_does_not_name),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
