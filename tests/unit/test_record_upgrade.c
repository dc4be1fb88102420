/* SPDX-License-Identifier: MIT */
/* R29: a record of a past format becomes one of today with its next write. */
#include "tests/unit/frozen.h"

static enum mfa_err
touch(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)record;
	(void)clock;
	return MFA_OK;
}

/*
 * All but what every write changes is the frozen text still: what its format
 * did not have yet is empty.
 */
static void
holds_still(struct world *w, const struct frozen *z, uint32_t format)
{
	static mfa_record_Record was, is;
	static uint8_t scratch[MFA_CODEC_MAX], bytes[MFA_CODEC_MAX];
	size_t len;

	assert_int_equal(mfa_codec_decode(z->text[1], z->len[1], scratch, &was),
	    MFA_OK);
	world_record(w, &is);
	is.stamp = was.stamp;
	memcpy(is.attempts, was.attempts, sizeof(is.attempts));
	if (format < 2) {
		assert_int_equal(is.delivered.until, 0);
		assert_int_equal(is.sends.count_count, 0);
		is.has_delivered = is.has_sends = false;
	}
	if (format < 3) {
		assert_int_equal(is.invitation.until, 0);
		assert_int_equal(is.invitation.created, 0);
		is.has_invitation = false;
	}
	assert_int_equal(mfa_codec_encode(&is, bytes, sizeof(bytes), &len),
	    MFA_OK);
	assert_int_equal(len, z->len[1]);
	assert_memory_equal(bytes, z->text[1], len);
}

/* Upgraded by its next write, one slot at a time, and nothing is lost. */
static void
becomes_3(struct frozen *z, uint32_t format, uint64_t sequence)
{
	static uint8_t now[2 * MFA_SLOT];
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
		assert_int_equal(header.format, 3);
		assert_int_equal(header.sequence, sequence + write);
		/* The other one is what it was. */
		if (write == 0)
			assert_memory_equal(now + MFA_SLOT,
			    z->slots + MFA_SLOT, MFA_SLOT);
		holds_still(w, z, format);
	}
	/* A write cut short leaves the format that was there before. */
	memcpy(now, z->slots, sizeof(z->slots));
	world_write(w, now);
	assert_int_equal(mfa_repo_change(&w->engine, &w->subject,
	    (struct mfa_delta){ touch, NULL }), MFA_OK);
	world_read(w, now);
	now[4000] ^= 1;
	world_write(w, now);
	holds_still(w, z, format);
	assert_int_equal(world_free(&place), 0);
}

static void
test_R29_format_1_becomes_3_with_the_next_write(void **state)
{
	becomes_3(*state, 1, 5);
}

static void
test_R29_format_2_becomes_3_with_the_next_write(void **state)
{
	becomes_3(*state, 2, 9);
}

/* Looked at, it stays as it is. */
static void
test_R29_an_old_record_is_not_written_by_reading(void **state)
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FROZEN1(test_R29_format_1_becomes_3_with_the_next_write),
		FROZEN2(test_R29_format_2_becomes_3_with_the_next_write),
		FROZEN1(test_R29_an_old_record_is_not_written_by_reading),
		FROZEN2(test_R29_an_old_record_is_not_written_by_reading),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
