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
 *   format 3  slot 0 of format 2 with an invitation, compared twice; slot 1
 *             after a reset, with another invitation; slot 0 has sequence 11
 *   good      mfa_codec_encode, then mfa_envelope_seal with mfa_crypt_random
 *   bad       the good slot 1 of format 1 with a bit flipped; or another
 *             message, format or length inside, sealed anew with the same key,
 *             so that everything but the one fault is in order
 */
#include "tests/unit/frozen.h"

static enum mfa_err
open_slot(const struct frozen *z, uint8_t i, const uint8_t *slot,
    uint8_t *work, size_t *len)
{
	const struct mfa_binding binding = { z->store_id, "unix", "u-alice" };

	return mfa_envelope_open(&z->key, binding, i, slot, work, len);
}

static void
opens(const struct frozen *z, uint32_t format, const uint64_t generation[2])
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
		assert_int_equal(record.generation, generation[i]);
	}
}

static void
test_R29_format_1_opens_for_ever(void **state)
{
	opens(*state, 1, (const uint64_t[]){ 2, 2 });
}

static void
test_R29_format_2_opens_for_ever(void **state)
{
	opens(*state, 2, (const uint64_t[]){ 3, 3 });
}

static void
test_R29_format_3_opens_for_ever(void **state)
{
	opens(*state, 3, (const uint64_t[]){ 4, 5 });
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

static void
test_R29_format_3_means_what_it_meant(void **state)
{
	static uint8_t scratch[MFA_CODEC_MAX];
	static mfa_record_Record r;
	const struct frozen *z = *state;

	assert_int_equal(mfa_codec_decode(z->text[0], z->len[0], scratch, &r),
	    MFA_OK);
	assert_true(r.enrolled);
	assert_int_equal(r.factors_count, 5);
	assert_true(r.has_invitation);
	for (unsigned int i = 0; i < 32; i++) {
		assert_int_equal(r.invitation.hash[i], 0xa0 + i);
		assert_int_equal(r.invitation.salt[i], 0x10 + i);
	}
	assert_int_equal(r.invitation.created, 1764769600);
	assert_int_equal(r.invitation.until, 431990);
	assert_int_equal(r.invitation.compared, 2);
	/* And what was written next. */
	assert_int_equal(mfa_codec_decode(z->text[1], z->len[1], scratch, &r),
	    MFA_OK);
	assert_false(r.enrolled);
	assert_int_equal(r.factors_count, 0);
	assert_int_equal(r.invitation.hash[31], 0x5f);
	assert_int_equal(r.invitation.salt[31], 0xb1);
	assert_int_equal(r.invitation.until, 432080);
	assert_int_equal(r.invitation.compared, 0);
	assert_int_equal(r.days.count_count, 31);
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
test_R29_a_good_one_in_a_file(void **state)
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FROZEN1(test_R29_format_1_opens_for_ever),
		FROZEN1(test_R29_format_1_means_what_it_meant),
		FROZEN2(test_R29_format_2_opens_for_ever),
		FROZEN2(test_R29_format_2_means_what_it_meant),
		FROZEN3(test_R29_format_3_opens_for_ever),
		FROZEN3(test_R29_format_3_means_what_it_meant),
		FROZEN1(test_R29_what_is_bad_stays_refused),
		FROZEN1(test_R29_frozen_slots_in_a_file),
		FROZEN2(test_R29_a_good_one_in_a_file),
		FROZEN3(test_R29_a_good_one_in_a_file),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
