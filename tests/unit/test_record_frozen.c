/* SPDX-License-Identifier: MIT */
/*
 * R29: records of every past format open for ever, and what was refused once
 * stays refused.  The records lie in tests/vectors/records and are never made
 * again; this is how those of format 1 were made.
 *
 *   key       bytes 00 to 1f
 *   record    alice, uid 4711: three factors (enabled, disabled, pending; SHA1,
 *             SHA512, SHA256), ten recovery codes with one used, budgets, four
 *             attempts; slot 0 has sequence 3, slot 1 is its successor
 *   good      mfa_codec_encode, then mfa_envelope_seal with mfa_crypt_random
 *   bad       the good slot 1 with a bit flipped; or another message, format
 *             or length inside, sealed anew with the same key, so that
 *             everything but the one fault is in order
 */
#include "tests/unit/world.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "verifier/engine/codec.h"
#include "verifier/vault/envelope.h"

#define RECORDS "records/"

struct frozen {
	struct mfa_key key;
	uint8_t store_id[MFA_STORE_ID];
	uint8_t text[2][MFA_SLOT_PLAIN];
	size_t len[2];
	uint8_t slots[2 * MFA_SLOT];
};

/*
 * Reads one field of a file: its name on a line, then lines that begin with a
 * tab.  Returns: its length.
 */
static size_t
field(const char *file, const char *name, uint8_t *out, size_t size)
{
	char path[4096], line[256];
	bool here = false;
	size_t len = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s%s", MFA_VECTORS, RECORDS,
	    file);
	if ((f = fopen(path, "re")) == NULL)
		fail_msg("%s cannot be opened", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\t' && here)
			len += unit_unhex(line + 1, out + len, size - len);
		else if (line[0] != '\t')
			here = strcmp(line, name) == 0;
	}
	(void)fclose(f);
	if (len == 0)
		fail_msg("%s has no field %s", path, name);
	return len;
}

static int
thaw(void **state)
{
	struct frozen *z = calloc(1, sizeof(*z));

	assert_non_null(z);
	assert_int_equal(mfa_crypt_init(), MFA_OK);
	assert_int_equal(field("format1.txt", "key", z->key.bytes, 32), 32);
	assert_int_equal(field("format1.txt", "key-id", z->key.id, 8), 8);
	assert_int_equal(field("format1.txt", "store-id", z->store_id, 16),
	    16);
	for (int i = 0; i < 2; i++) {
		z->len[i] = field("format1.txt", i == 0 ? "text0" : "text1",
		    z->text[i], sizeof(z->text[i]));
		assert_int_equal(field("format1.txt",
		    i == 0 ? "slot0" : "slot1", z->slots + i * MFA_SLOT,
		    MFA_SLOT), MFA_SLOT);
	}
	*state = z;
	return 0;
}

static int
forget(void **state)
{
	free(*state);
	return 0;
}

static enum mfa_err
open_slot(const struct frozen *z, uint8_t i, const uint8_t *slot,
    uint8_t *work, size_t *len)
{
	const struct mfa_binding binding = { z->store_id, "unix", "u-alice" };

	return mfa_envelope_open(&z->key, binding, i, slot, work, len);
}

static void
test_R29_format_1_opens_for_ever(void **state)
{
	static uint8_t work[MFA_SLOT_WORK], scratch[MFA_CODEC_MAX];
	static mfa_record_Record record;
	const struct frozen *z = *state;
	size_t len;

	for (uint8_t i = 0; i < 2; i++) {
		assert_int_equal(open_slot(z, i, z->slots + i * MFA_SLOT, work,
		    &len), MFA_OK);
		assert_int_equal(len, z->len[i]);
		assert_memory_equal(work, z->text[i], len);
		assert_int_equal(mfa_codec_decode(work, len, scratch, &record),
		    MFA_OK);
		assert_string_equal(record.name, "alice");
		assert_int_equal(record.generation, 2);
	}
}

/* What the bytes mean must not move either. */
static void
test_R29_format_1_means_what_it_meant(void **state)
{
	static uint8_t scratch[MFA_CODEC_MAX];
	static mfa_record_Record r;
	const struct frozen *z = *state;
	const mfa_record_Factor *f = r.factors;

	assert_int_equal(mfa_codec_decode(z->text[1], z->len[1], scratch, &r),
	    MFA_OK);
	assert_string_equal(r.realm, "unix");
	assert_int_equal(r.uid, 4711);
	assert_true(r.enrolled);
	assert_int_equal(r.stamp.wall, 1764769690);
	assert_int_equal(r.stamp.boot, 5090);
	assert_int_equal(r.stamp.lapse, 86490);
	assert_int_equal(r.factors_count, 3);
	assert_string_equal(f[0].label, "phone");
	assert_int_equal(f[0].status, mfa_record_Status_STATUS_ENABLED);
	assert_int_equal(f[0].secret.size, 20);
	assert_int_equal(f[0].last_step, 58825656);
	assert_int_equal(f[0].replay_refunds, 2);
	assert_int_equal(f[0].root.locked_until, 80000);
	assert_int_equal(f[0].other.consecutive, 7);
	assert_string_equal(f[1].label, "tablet-2");
	assert_int_equal(f[1].status, mfa_record_Status_STATUS_DISABLED);
	assert_int_equal(f[1].algorithm, mfa_record_Algorithm_ALGORITHM_SHA512);
	assert_int_equal(f[1].digits, 7);
	assert_int_equal(f[1].period, 45);
	assert_int_equal(f[1].drift, -4);
	assert_int_equal(f[2].status, mfa_record_Status_STATUS_PENDING);
	assert_int_equal(f[2].algorithm, mfa_record_Algorithm_ALGORITHM_SHA256);
	assert_int_equal(f[2].pending_until, 87000);
	assert_int_equal(r.recovery.generation, 3);
	assert_int_equal(r.recovery.codes_count, 10);
	assert_int_equal(r.recovery.codes[4].used_at, 1764769000);
	assert_int_equal(r.recovery.compared, 2);
	assert_int_equal(r.hours.count[5], 300);
	assert_int_equal(r.days.count_count, 31);
	assert_int_equal(r.other_hours.count[24], 7);
	assert_int_equal(r.attempts_count, 4);
}

static const struct bad {
	const char *file;
	enum mfa_err opened;  /* by the envelope */
	enum mfa_err decoded; /* what was in it; OK if it did not open */
	enum mfa_err repo;    /* beside the good slot 0; OK: that one counts */
} bad[] = {
	{ "bad-tag.txt", MFA_ERR_DAMAGED, MFA_OK, MFA_OK },
	{ "bad-commitment.txt", MFA_ERR_DAMAGED, MFA_OK, MFA_OK },
	{ "bad-slot.txt", MFA_ERR_DAMAGED, MFA_OK, MFA_OK },
	{ "bad-length.txt", MFA_ERR_DAMAGED, MFA_OK, MFA_OK },
	{ "bad-cut.txt", MFA_OK, MFA_ERR_DAMAGED, MFA_ERR_DAMAGED },
	{ "bad-newer.txt", MFA_ERR_FORMAT, MFA_OK, MFA_ERR_FORMAT },
	{ "bad-enum.txt", MFA_OK, MFA_ERR_DAMAGED, MFA_ERR_DAMAGED },
	{ "bad-unknown.txt", MFA_OK, MFA_ERR_DAMAGED, MFA_ERR_DAMAGED },
	{ "bad-padding.txt", MFA_OK, MFA_ERR_DAMAGED, MFA_ERR_DAMAGED },
	{ "bad-empty.txt", MFA_OK, MFA_ERR_DAMAGED, MFA_ERR_DAMAGED },
};

static void
test_R29_what_is_bad_stays_refused(void **state)
{
	static uint8_t work[MFA_SLOT_WORK], scratch[MFA_CODEC_MAX];
	static mfa_record_Record record;
	static uint8_t slot[MFA_SLOT];
	const struct frozen *z = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t len = 0;

		assert_int_equal(field(bad[i].file, "slot1", slot, MFA_SLOT),
		    MFA_SLOT);
		if (open_slot(z, 1, slot, work, &len) != bad[i].opened)
			fail_msg("%s opens otherwise", bad[i].file);
		if (bad[i].opened == MFA_OK &&
		    mfa_codec_decode(work, len, scratch, &record) !=
			bad[i].decoded)
			fail_msg("%s decodes otherwise", bad[i].file);
	}
}

/* Puts the frozen key into a world's ring, and its id into the store. */
static void
move_in(struct world *w, const struct frozen *z)
{
	char path[512], hex[65];
	int fd;

	mfa_num_hex(z->key.id, MFA_KEY_ID, hex);
	(void)snprintf(path, sizeof(path), "%s/%s.key", w->keys, hex);
	mfa_num_hex(z->key.bytes, MFA_CRYPT_KEY, hex);
	hex[64] = '\n';
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, hex, 65), 65);
	(void)close(fd);
	memcpy(w->engine.store->id, z->store_id, sizeof(z->store_id));
}

static enum mfa_err
repo_says(struct world *w, const uint8_t *slots, uint64_t *wall)
{
	struct mfa_store *store = w->engine.store;
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	assert_int_equal(store->ops->create(store, "u-alice", slots), MFA_OK);
	r = mfa_repo_open(&w->engine, &w->subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK)
		*wall = mfa_repo_record(repo)->stamp.wall;
	mfa_repo_close(repo);
	assert_int_equal(store->ops->remove(store, "u-alice"), MFA_OK);
	return r;
}

static void
test_R29_frozen_slots_in_a_file(void **state)
{
	struct frozen *z = *state;
	void *place = NULL;
	struct world *w;
	uint64_t wall = 0;

	assert_int_equal(world_new(&place), 0);
	w = place;
	move_in(w, z);
	assert_int_equal(repo_says(w, z->slots, &wall), MFA_OK);
	assert_int_equal(wall, 1764769690);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(field(bad[i].file, "slot1",
		    z->slots + MFA_SLOT, MFA_SLOT), MFA_SLOT);
		if (repo_says(w, z->slots, &wall) != bad[i].repo)
			fail_msg("%s in a file", bad[i].file);
		/* An older state counts only after a write cut short. */
		if (bad[i].repo == MFA_OK)
			assert_int_equal(wall, 1764769600);
	}
	assert_int_equal(world_free(&place), 0);
}

#define FROZEN(f) cmocka_unit_test_setup_teardown(f, thaw, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FROZEN(test_R29_format_1_opens_for_ever),
		FROZEN(test_R29_format_1_means_what_it_meant),
		FROZEN(test_R29_what_is_bad_stays_refused),
		FROZEN(test_R29_frozen_slots_in_a_file),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
