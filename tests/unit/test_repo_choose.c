/* SPDX-License-Identifier: MIT */
/*
 * R2, R17, R29: which slot counts.  One damaged is a crash survived; any other
 * trouble of either slot is an error, never an older state.
 */
#include "tests/unit/world.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verifier/engine/codec.h"
#include "verifier/vault/envelope.h"

#define AT_FORMAT   8
#define AT_STORE_ID 20

struct pair {
	struct world *w;
	struct mfa_key key;
	uint8_t slots[MFA_STORE_SLOTS * MFA_STORE_SLOT];
};

/* A slot as the repo would write it; value is the mark it is known by. */
static void
forge(struct pair *p, uint8_t index, uint64_t sequence, uint32_t value)
{
	static mfa_record_Record record;
	uint8_t text[MFA_CODEC_MAX];
	const struct mfa_seal how = { &p->key,
		{ p->w->engine.store->id, MFA_REALM_UNIX, p->w->subject.id },
		index, sequence };
	size_t len;

	memset(&record, 0, sizeof(record));
	memcpy(record.realm, "unix", 5);
	memcpy(record.name, "alice", 6);
	record.uid = p->w->subject.uid;
	record.recovery.compared = value;
	record.has_recovery = true;
	assert_int_equal(mfa_codec_encode(&record, text, sizeof(text), &len),
	    MFA_OK);
	assert_int_equal(mfa_envelope_seal(&p->w->env, &how, text, len,
	    p->slots + index * MFA_SLOT), MFA_OK);
}

static int
pair_new(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	struct mfa_store *store;
	void *w;

	assert_non_null(p);
	assert_int_equal(world_new(&w), 0);
	p->w = w;
	assert_int_equal(mfa_keyring_primary(p->w->keys, &p->key), MFA_OK);
	forge(p, 0, 10, 100);
	forge(p, 1, 11, 111);
	store = p->w->engine.store;
	assert_int_equal(store->ops->create(store, p->w->subject.id,
	    p->slots), MFA_OK);
	*state = p;
	return 0;
}

static int
pair_free(void **state)
{
	struct pair *p = *state;
	void *w = p->w;

	free(p);
	return world_free(&w);
}

/* The repo's word on the slots as they are now, for both modes. */
static enum mfa_err
look(struct pair *p, uint32_t *value)
{
	enum mfa_err r[2];

	world_write(p->w, p->slots);
	for (int i = 0; i < 2; i++) {
		struct mfa_repo *repo = (struct mfa_repo *)0x1;

		r[i] = mfa_repo_open(&p->w->engine, &p->w->subject,
		    i == 0 ? MFA_STORE_READ : MFA_STORE_WRITE, &repo);
		assert_int_equal(r[i] == MFA_OK, repo != NULL);
		if (r[i] == MFA_OK)
			*value = mfa_repo_record(repo)->recovery.compared;
		mfa_repo_close(repo);
	}
	assert_int_equal(r[0], r[1]);
	return r[0];
}

static void
counts(struct pair *p, uint32_t wanted)
{
	uint32_t value = 0;

	assert_int_equal(look(p, &value), MFA_OK);
	assert_int_equal(value, wanted);
}

static void
refused(struct pair *p, enum mfa_err err)
{
	uint32_t value;

	assert_int_equal(look(p, &value), err);
}

static void
test_the_higher_sequence_counts(void **state)
{
	struct pair *p = *state;

	counts(p, 111);
	forge(p, 0, 12, 102);
	counts(p, 102);
	/* Not only by one, and numbers are compared, not texts. */
	forge(p, 1, 256, 156);
	counts(p, 156);
	forge(p, 0, UINT64_MAX - 1, 199);
	counts(p, 199);
}

static void
test_R7_one_damaged_slot_is_a_crash_survived(void **state)
{
	struct pair *p = *state;

	p->slots[5000] ^= 1;
	counts(p, 111);
	forge(p, 0, 10, 100);
	p->slots[MFA_SLOT + 5000] ^= 1;
	counts(p, 100);
	memset(p->slots + MFA_SLOT, 0, MFA_SLOT);
	counts(p, 100);
	memset(p->slots + MFA_SLOT, 0xff, MFA_SLOT);
	counts(p, 100);
}

static void
test_R2_both_damaged_is_damaged(void **state)
{
	struct pair *p = *state;

	p->slots[5000] ^= 1;
	p->slots[MFA_SLOT + 72] ^= 1;
	refused(p, MFA_ERR_DAMAGED);
	memset(p->slots, 0, sizeof(p->slots));
	refused(p, MFA_ERR_DAMAGED);
}

static void
test_equal_sequences_are_no_history_of_ours(void **state)
{
	struct pair *p = *state;

	forge(p, 0, 11, 100);
	refused(p, MFA_ERR_DAMAGED);
	/* One of them damaged: nothing to compare. */
	p->slots[5000] ^= 1;
	counts(p, 111);
}

static void
test_R17_slots_are_not_swapped(void **state)
{
	struct pair *p = *state;
	uint8_t first[MFA_SLOT];

	memcpy(first, p->slots, MFA_SLOT);
	memcpy(p->slots, p->slots + MFA_SLOT, MFA_SLOT);
	counts(p, 111); /* the copy in slot 0 is damage */
	memcpy(p->slots + MFA_SLOT, first, MFA_SLOT);
	refused(p, MFA_ERR_DAMAGED);
}

static void
test_R17_another_users_record_in_place(void **state)
{
	struct pair *p = *state;

	memcpy(p->w->subject.id, "u-bob", 6);
	forge(p, 0, 10, 100);
	forge(p, 1, 11, 111);
	memcpy(p->w->subject.id, "u-alice", 8);
	refused(p, MFA_ERR_DAMAGED);
}

static void
test_R17_another_stores_record_in_place(void **state)
{
	struct pair *p = *state;
	struct mfa_store *store = p->w->engine.store;

	store->id[0] ^= 1;
	refused(p, MFA_ERR_DAMAGED);
	/* Also where the keys of that store are not here. */
	p->slots[12] ^= 1;
	p->slots[MFA_SLOT + 12] ^= 1;
	refused(p, MFA_ERR_DAMAGED);
	forge(p, 0, 5, 55);
	counts(p, 55);
}

static void
test_R29_newer_in_one_slot_is_an_error(void **state)
{
	struct pair *p = *state;

	for (int i = 0; i < 2; i++) {
		uint8_t *format = p->slots + i * MFA_SLOT + AT_FORMAT;

		mfa_num_put32(format, MFA_FORMAT + 1);
		refused(p, MFA_ERR_FORMAT);
		mfa_num_put32(format, MFA_FORMAT);
	}
	/* Whatever the other slot is. */
	mfa_num_put32(p->slots + AT_FORMAT, MFA_FORMAT + 1);
	p->slots[MFA_SLOT + 5000] ^= 1;
	refused(p, MFA_ERR_FORMAT);
}

static void
key_path(struct pair *p, const struct mfa_key *key, char out[256])
{
	char hex[17];

	mfa_num_hex(key->id, MFA_KEY_ID, hex);
	(void)snprintf(out, 256, "%s/%s.key", p->w->keys, hex);
}

/* Slot 0 with the old key, slot 1 with a new one. */
static void
two_keys(struct pair *p, char old[256], char fresh[256])
{
	uint8_t id[MFA_KEY_ID];

	key_path(p, &p->key, old);
	assert_int_equal(mfa_keyring_new(p->w->keys, &p->w->env, 0, id),
	    MFA_OK);
	assert_int_equal(mfa_keyring_primary(p->w->keys, &p->key), MFA_OK);
	key_path(p, &p->key, fresh);
	forge(p, 1, 11, 111);
	counts(p, 111);
}

static void
test_R2_a_missing_key_of_either_slot_is_an_error(void **state)
{
	struct pair *p = *state;
	char keys[2][256], moved[600];

	two_keys(p, keys[0], keys[1]);
	for (int i = 0; i < 2; i++) {
		(void)snprintf(moved, sizeof(moved), "%s.away", keys[i]);
		assert_int_equal(rename(keys[i], moved), 0);
		refused(p, MFA_ERR_NO_KEY);
		assert_int_equal(rename(moved, keys[i]), 0);
		counts(p, 111);
	}
}

static void
test_R18_an_unsafe_key_of_either_slot_is_an_error(void **state)
{
	struct pair *p = *state;
	char keys[2][256];

	two_keys(p, keys[0], keys[1]);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(chmod(keys[i], 0644), 0);
		refused(p, MFA_ERR_UNSAFE);
		assert_int_equal(chmod(keys[i], 0640), 0);
	}
	/* A key file that is wrong is not a record that is torn. */
	assert_int_equal(truncate(keys[1], 10), 0);
	refused(p, MFA_ERR_NO_KEY);
	assert_int_equal(truncate(keys[0], 0), 0);
	refused(p, MFA_ERR_NO_KEY);
}

/* It opens, so no crash explains it: no way back to the older slot. */
static void
test_R29_what_opens_but_makes_no_sense_is_damaged(void **state)
{
	struct pair *p = *state;
	const struct mfa_seal how = { &p->key,
		{ p->w->engine.store->id, MFA_REALM_UNIX, "u-alice" }, 1, 12 };

	assert_int_equal(mfa_envelope_seal(&p->w->env, &how,
	    (const uint8_t *)"what", 4, p->slots + MFA_SLOT), MFA_OK);
	refused(p, MFA_ERR_DAMAGED);
	forge(p, 0, 13, 103);
	counts(p, 103);
}

static enum mfa_err
nothing(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)record;
	(void)clock;
	return MFA_OK;
}

static void
test_sequence_never_wraps(void **state)
{
	struct pair *p = *state;
	struct mfa_repo *repo;
	uint8_t now[sizeof(p->slots)];

	forge(p, 0, UINT64_MAX - 1, 199);
	counts(p, 199);
	assert_int_equal(mfa_repo_open(&p->w->engine, &p->w->subject,
	    MFA_STORE_WRITE, &repo), MFA_OK);
	assert_int_equal(mfa_repo_update(repo,
	    (struct mfa_delta){ nothing, NULL }), MFA_ERR_INVALID);
	mfa_repo_close(repo);
	world_read(p->w, now);
	assert_memory_equal(now, p->slots, sizeof(now));
}

#define WITH_PAIR(f) cmocka_unit_test_setup_teardown(f, pair_new, pair_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PAIR(test_the_higher_sequence_counts),
		WITH_PAIR(test_R7_one_damaged_slot_is_a_crash_survived),
		WITH_PAIR(test_R2_both_damaged_is_damaged),
		WITH_PAIR(test_equal_sequences_are_no_history_of_ours),
		WITH_PAIR(test_R17_slots_are_not_swapped),
		WITH_PAIR(test_R17_another_users_record_in_place),
		WITH_PAIR(test_R17_another_stores_record_in_place),
		WITH_PAIR(test_R29_newer_in_one_slot_is_an_error),
		WITH_PAIR(test_R2_a_missing_key_of_either_slot_is_an_error),
		WITH_PAIR(test_R18_an_unsafe_key_of_either_slot_is_an_error),
		WITH_PAIR(test_R29_what_opens_but_makes_no_sense_is_damaged),
		WITH_PAIR(test_sequence_never_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
