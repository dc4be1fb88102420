/* SPDX-License-Identifier: MIT */
/*
 * R29: records of every past format open for ever, and what was refused once
 * stays refused.  The records lie in tests/vectors/records and are never made
 * again; this is how they were made.
 *
 *   key       bytes 00 to 1f
 *   format 1  alice, uid 4711: three factors (enabled, disabled, pending; SHA1,
 *             SHA512, SHA256), ten recovery codes with one used, budgets, four
 *             attempts; slot 0 has sequence 3, slot 1 is its successor
 *   format 2  the same subject: five factors (totp disabled; hotp, otp and
 *             outside enabled; otp pending), three recovery codes, a delivered
 *             code, sends, two challenges of which slot 1 has one left, three
 *             accepted answers; slot 0 has sequence 7
 *   good      mfa_codec_encode, then mfa_envelope_seal with mfa_crypt_random
 *   bad       the good slot 1 of format 1 with a bit flipped; or another
 *             message, format or length inside, sealed anew with the same key,
 *             so that everything but the one fault is in order
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
thaw(void **state, const char *file)
{
	struct frozen *z = calloc(1, sizeof(*z));

	assert_non_null(z);
	assert_int_equal(mfa_crypt_init(), MFA_OK);
	assert_int_equal(field(file, "key", z->key.bytes, 32), 32);
	assert_int_equal(field(file, "key-id", z->key.id, 8), 8);
	assert_int_equal(field(file, "store-id", z->store_id, 16), 16);
	for (int i = 0; i < 2; i++) {
		z->len[i] = field(file, i == 0 ? "text0" : "text1",
		    z->text[i], sizeof(z->text[i]));
		assert_int_equal(field(file, i == 0 ? "slot0" : "slot1",
		    z->slots + i * MFA_SLOT, MFA_SLOT), MFA_SLOT);
	}
	*state = z;
	return 0;
}

static int
thaw1(void **state)
{
	return thaw(state, "format1.txt");
}

static int
thaw2(void **state)
{
	return thaw(state, "format2.txt");
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
opens(const struct frozen *z, uint32_t format, uint64_t generation)
{
	static uint8_t work[MFA_SLOT_WORK], scratch[MFA_CODEC_MAX];
	static mfa_record_Record record;
	struct mfa_slot_header header;
	size_t len;

	for (uint8_t i = 0; i < 2; i++) {
		assert_int_equal(mfa_envelope_header(z->slots + i * MFA_SLOT,
		    &header), MFA_OK);
		assert_int_equal(header.format, format);
		assert_int_equal(open_slot(z, i, z->slots + i * MFA_SLOT, work,
		    &len), MFA_OK);
		assert_int_equal(len, z->len[i]);
		assert_memory_equal(work, z->text[i], len);
		assert_int_equal(mfa_codec_decode(work, len, scratch, &record),
		    MFA_OK);
		assert_string_equal(record.name, "alice");
		assert_int_equal(record.generation, generation);
	}
}

static void
test_R29_format_1_opens_for_ever(void **state)
{
	opens(*state, 1, 2);
}

static void
test_R29_format_2_opens_for_ever(void **state)
{
	opens(*state, 2, 3);
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

static void
test_R29_format_2_means_what_it_meant(void **state)
{
	static uint8_t scratch[MFA_CODEC_MAX];
	static mfa_record_Record r;
	const struct frozen *z = *state;
	const mfa_record_Factor *f = r.factors;

	assert_int_equal(mfa_codec_decode(z->text[0], z->len[0], scratch, &r),
	    MFA_OK);
	assert_int_equal(r.factors_count, 5);
	assert_int_equal(f[0].provider, mfa_record_Provider_PROVIDER_TOTP);
	assert_int_equal(f[1].provider, mfa_record_Provider_PROVIDER_HOTP);
	assert_int_equal(f[1].counter, 4711);
	assert_int_equal(f[1].digits, 8);
	assert_int_equal(f[1].replay_step, 4710);
	assert_int_equal(f[2].provider, mfa_record_Provider_PROVIDER_OTP);
	assert_int_equal(f[2].secret.size, 17);
	assert_memory_equal(f[2].secret.bytes, "alice@example.org", 17);
	assert_int_equal(f[3].provider, mfa_record_Provider_PROVIDER_OUTSIDE);
	assert_string_equal(f[3].program, "yubico");
	assert_int_equal(f[3].secret.size, 48);
	assert_int_equal(f[4].status, mfa_record_Status_STATUS_PENDING);
	assert_memory_equal(r.delivered.factor, f[2].id, 8);
	assert_int_equal(r.delivered.sent, 172790);
	assert_int_equal(r.delivered.until, 173090);
	assert_int_equal(r.delivered.compared, 2);
	assert_int_equal(r.sends.count[20], 4);
	assert_int_equal(r.challenges_count, 2);
	assert_string_equal(r.challenges[0].service, "shop-door");
	assert_string_equal(r.challenges[0].rhost, "192.0.2.17");
	assert_int_equal(r.challenges[0].until, 173000);
	assert_int_equal(r.challenges[0].attempts, 4);
	assert_int_equal(r.challenges[1].peer, 2);
	assert_int_equal(r.accepted_count, 3);
	/* And what was written next. */
	assert_int_equal(mfa_codec_decode(z->text[1], z->len[1], scratch, &r),
	    MFA_OK);
	assert_int_equal(f[1].counter, 4715);
	assert_int_equal(r.challenges_count, 1);
	assert_int_equal(r.challenges[0].peer, 2);
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

static enum mfa_err
touch(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)record;
	(void)clock;
	return MFA_OK;
}

/* All but what every write changes is the frozen text still. */
static void
holds_still(struct world *w, const struct frozen *z)
{
	static mfa_record_Record was, is;
	static uint8_t scratch[MFA_CODEC_MAX], bytes[MFA_CODEC_MAX];
	size_t len;

	assert_int_equal(mfa_codec_decode(z->text[1], z->len[1], scratch, &was),
	    MFA_OK);
	world_record(w, &is);
	is.stamp = was.stamp;
	memcpy(is.attempts, was.attempts, sizeof(is.attempts));
	/* Format 1 did not have them, so there is nothing in them. */
	assert_int_equal(is.delivered.until, 0);
	assert_int_equal(is.sends.count_count, 0);
	is.has_delivered = is.has_sends = false;
	assert_int_equal(mfa_codec_encode(&is, bytes, sizeof(bytes), &len),
	    MFA_OK);
	assert_int_equal(len, z->len[1]);
	assert_memory_equal(bytes, z->text[1], len);
}

/* Upgraded by its next write, one slot at a time, and nothing is lost. */
static void
test_R29_format_1_becomes_2_with_the_next_write(void **state)
{
	static uint8_t now[2 * MFA_SLOT];
	struct frozen *z = *state;
	struct mfa_slot_header header;
	void *place = NULL;
	struct world *w;

	assert_int_equal(world_new(&place), 0);
	w = place;
	move_in(w, z);
	assert_int_equal(w->engine.store->ops->create(w->engine.store,
	    "u-alice", z->slots), MFA_OK);
	for (unsigned int write = 0; write < 2; write++) {
		assert_int_equal(mfa_repo_change(&w->engine, &w->subject,
		    (struct mfa_delta){ touch, NULL }), MFA_OK);
		world_read(w, now);
		assert_int_equal(mfa_envelope_header(now + write * MFA_SLOT,
		    &header), MFA_OK);
		assert_int_equal(header.format, 2);
		assert_int_equal(header.sequence, 5 + write);
		/* The other one is what it was. */
		if (write == 0)
			assert_memory_equal(now + MFA_SLOT,
			    z->slots + MFA_SLOT, MFA_SLOT);
		holds_still(w, z);
	}
	/* A write cut short leaves the format that was there before. */
	memcpy(now, z->slots, sizeof(z->slots));
	world_write(w, now);
	assert_int_equal(mfa_repo_change(&w->engine, &w->subject,
	    (struct mfa_delta){ touch, NULL }), MFA_OK);
	world_read(w, now);
	now[4000] ^= 1;
	world_write(w, now);
	holds_still(w, z);
	assert_int_equal(world_free(&place), 0);
}

/* Looked at, it stays as it is. */
static void
test_R29_format_1_is_not_written_by_reading(void **state)
{
	static uint8_t now[2 * MFA_SLOT];
	struct frozen *z = *state;
	struct mfa_repo *repo = NULL;
	void *place = NULL;
	struct world *w;

	assert_int_equal(world_new(&place), 0);
	w = place;
	move_in(w, z);
	assert_int_equal(w->engine.store->ops->create(w->engine.store,
	    "u-alice", z->slots), MFA_OK);
	for (int mode = MFA_STORE_READ; mode <= MFA_STORE_WRITE; mode++) {
		assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
		    (enum mfa_store_mode)mode, &repo), MFA_OK);
		mfa_repo_close(repo);
	}
	world_read(w, now);
	assert_memory_equal(now, z->slots, sizeof(now));
	assert_int_equal(world_free(&place), 0);
}

static void
test_R29_format_2_in_a_file(void **state)
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
	assert_int_equal(world_free(&place), 0);
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

#define FROZEN1(f) cmocka_unit_test_setup_teardown(f, thaw1, forget)
#define FROZEN2(f) cmocka_unit_test_setup_teardown(f, thaw2, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FROZEN1(test_R29_format_1_opens_for_ever),
		FROZEN1(test_R29_format_1_means_what_it_meant),
		FROZEN2(test_R29_format_2_opens_for_ever),
		FROZEN2(test_R29_format_2_means_what_it_meant),
		FROZEN1(test_R29_what_is_bad_stays_refused),
		FROZEN1(test_R29_frozen_slots_in_a_file),
		FROZEN1(test_R29_format_1_becomes_2_with_the_next_write),
		FROZEN1(test_R29_format_1_is_not_written_by_reading),
		FROZEN2(test_R29_format_2_in_a_file),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
