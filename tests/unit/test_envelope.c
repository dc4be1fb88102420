/* SPDX-License-Identifier: MIT */
/* R17, R29: the MUST list of verifier/vault/envelope.h, byte by byte. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "verifier/vault/envelope.h"

/* Where things lie in a slot: envelope.h's table. */
#define AT_FORMAT     8
#define AT_KEY_ID     12
#define AT_STORE_ID   20
#define AT_SLOT	      36
#define AT_ZERO	      37
#define AT_SEQUENCE   40
#define AT_NONCE      48
#define AT_COMMITMENT 72
#define AT_TAG	      8176

struct sample {
	struct mfa_env env;
	uint8_t filler; /* what the generator yields */
	struct mfa_key key;
	uint8_t store_id[MFA_STORE_ID];
	struct mfa_seal how;
	uint8_t text[MFA_SLOT_PLAIN + 1];
	uint8_t slot[MFA_SLOT];
	uint8_t work[MFA_SLOT_WORK];
};

static void
same_bytes(const struct mfa_env *env, void *out, size_t len)
{
	memset(out, ((const struct sample *)env->ctx)->filler, len);
}

static int
sample_new(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));

	if (s == NULL || mfa_crypt_init() != MFA_OK)
		return -1;
	s->env.random = same_bytes;
	s->env.ctx = s;
	s->filler = 0x5a;
	memset(s->key.id, 0x11, sizeof(s->key.id));
	memset(s->key.bytes, 0x22, sizeof(s->key.bytes));
	memset(s->store_id, 0x33, sizeof(s->store_id));
	s->how.key = &s->key;
	s->how.binding = (struct mfa_binding){ s->store_id, "unix",
		"u-alice" };
	s->how.index = 1;
	s->how.sequence = 7;
	for (size_t i = 0; i < sizeof(s->text); i++)
		s->text[i] = (uint8_t)(i * 7 + i / 256);
	*state = s;
	return 0;
}

static int
sample_free(void **state)
{
	free(*state);
	return 0;
}

static void
seal(struct sample *s, size_t len)
{
	assert_int_equal(mfa_envelope_seal(&s->env, &s->how, s->text, len,
	    s->slot), MFA_OK);
}

/* Opens as it was sealed; on failure nothing may be left in the scratch. */
static enum mfa_err
reopen(struct sample *s, size_t *len)
{
	enum mfa_err r;

	memset(s->work, 0xa5, sizeof(s->work));
	r = mfa_envelope_open(&s->key, s->how.binding, s->how.index, s->slot,
	    s->work, len);
	if (r != MFA_OK)
		assert_true(unit_all(s->work, sizeof(s->work), 0));
	return r;
}

static void
refused(struct sample *s, enum mfa_err err)
{
	size_t len = 4711;

	assert_int_equal(reopen(s, &len), err);
	assert_int_equal(len, 4711);
}

static void
test_R17_what_was_sealed_opens(void **state)
{
	static const size_t lens[] = { 0, 1, 2, 500, 5000, MFA_SLOT_PLAIN - 1,
		MFA_SLOT_PLAIN };
	struct sample *s = *state;

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		size_t len = 4711;

		seal(s, lens[i]);
		assert_int_equal(reopen(s, &len), MFA_OK);
		assert_int_equal(len, lens[i]);
		assert_memory_equal(s->work, s->text, len);
	}
}

static void
test_R29_the_header_says_what_it_is(void **state)
{
	struct sample *s = *state;
	struct mfa_slot_header header;

	seal(s, 100);
	assert_memory_equal(s->slot, "MFARECRD", 8);
	assert_memory_equal(s->slot + AT_FORMAT, "\0\0\0\3", 4);
	assert_memory_equal(s->slot + AT_KEY_ID, s->key.id, MFA_KEY_ID);
	assert_memory_equal(s->slot + AT_STORE_ID, s->store_id, MFA_STORE_ID);
	assert_memory_equal(s->slot + AT_SLOT, "\1\0\0\0", 4);
	assert_memory_equal(s->slot + AT_SEQUENCE, "\0\0\0\0\0\0\0\7", 8);
	assert_int_equal(mfa_envelope_header(s->slot, &header), MFA_OK);
	assert_int_equal(header.format, MFA_FORMAT);
	assert_memory_equal(header.key_id, s->key.id, MFA_KEY_ID);
	assert_memory_equal(header.store_id, s->store_id, MFA_STORE_ID);
	assert_int_equal(header.slot, 1);
	assert_int_equal(header.sequence, 7);
}

/* What envelope.h says of key, nonce, commitment and associated data. */
static void
test_R17_made_as_documented(void **state)
{
	struct sample *s = *state;
	uint8_t subkey[32], nonce[24], commitment[32], fresh[32], ad[67];
	const struct mfa_crypt_part bound[] = { { "medusa-mfa/record/v1", 20 },
		{ s->store_id, 16 }, { "unix", 4 }, { "u-alice", 7 } };
	const struct mfa_crypt_part hedge[] = { { "nonce", 5 }, { fresh, 32 },
		{ s->slot + AT_SEQUENCE, 8 }, { s->work, MFA_SLOT_TEXT } };
	const struct mfa_crypt_part commit[] = { { "commit", 6 },
		{ nonce, 24 } };

	seal(s, 300);
	assert_int_equal(mfa_crypt_hash(s->key.bytes, bound, 4, subkey, 32),
	    MFA_OK);
	memset(fresh, s->filler, sizeof(fresh));
	memset(s->work, 0, sizeof(s->work));
	mfa_num_put32(s->work, 300);
	memcpy(s->work + 4, s->text, 300);
	assert_int_equal(mfa_crypt_hash(subkey, hedge, 4, nonce, 24), MFA_OK);
	assert_memory_equal(s->slot + AT_NONCE, nonce, 24);
	assert_int_equal(mfa_crypt_hash(subkey, commit, 2, commitment, 32),
	    MFA_OK);
	assert_memory_equal(s->slot + AT_COMMITMENT, commitment, 32);
	memcpy(ad, s->slot, AT_NONCE);
	memcpy(ad + AT_NONCE, "\0\0\0\4unix\0\0\0\7u-alice", 19);
	assert_int_equal(mfa_crypt_seal(subkey, nonce,
	    (struct mfa_crypt_part){ ad, sizeof(ad) }, s->work, MFA_SLOT_TEXT),
	    MFA_OK);
	assert_memory_equal(s->slot + MFA_SLOT_HEADER, s->work, MFA_SLOT_WORK);
}

static enum mfa_err
expected(size_t i)
{
	if (i >= AT_FORMAT && i < AT_KEY_ID)
		return MFA_ERR_FORMAT;
	if (i >= AT_KEY_ID && i < AT_STORE_ID)
		return MFA_ERR_NO_KEY;
	return MFA_ERR_DAMAGED;
}

static void
test_R17_every_flipped_byte_is_refused(void **state)
{
	struct sample *s = *state;

	seal(s, 1000);
	for (size_t i = 0; i < MFA_SLOT; i++) {
		s->slot[i] ^= 0x80;
		refused(s, expected(i));
		s->slot[i] ^= 0x80;
	}
	assert_int_equal(reopen(s, &(size_t){ 0 }), MFA_OK);
}

static void
test_R17_every_flipped_bit_of_header_and_tag(void **state)
{
	struct sample *s = *state;

	seal(s, 1000);
	for (size_t i = 0; i < MFA_SLOT; i++) {
		if (i == MFA_SLOT_HEADER)
			i = AT_TAG;
		for (int bit = 0; bit < 8; bit++) {
			size_t len;

			s->slot[i] ^= (uint8_t)(1 << bit);
			assert_int_not_equal(reopen(s, &len), MFA_OK);
			s->slot[i] ^= (uint8_t)(1 << bit);
		}
	}
}

/* Moved to another place, it is somebody else's and does not open. */
static void
test_R17_bound_to_slot_store_realm_and_name(void **state)
{
	struct sample *s = *state;
	struct mfa_binding mine = s->how.binding;
	uint8_t other_store[MFA_STORE_ID];

	seal(s, 100);
	s->how.index = 0;
	refused(s, MFA_ERR_DAMAGED);
	/* Not even with the index in the header set right. */
	s->slot[AT_SLOT] = 0;
	refused(s, MFA_ERR_DAMAGED);
	s->slot[AT_SLOT] = 1;
	s->how.index = 1;
	memcpy(other_store, s->store_id, sizeof(other_store));
	other_store[15] ^= 1;
	s->how.binding.store_id = other_store;
	refused(s, MFA_ERR_DAMAGED);
	memcpy(s->slot + AT_STORE_ID, other_store, sizeof(other_store));
	refused(s, MFA_ERR_DAMAGED);
	memcpy(s->slot + AT_STORE_ID, s->store_id, sizeof(s->store_id));
	s->how.binding = mine;
	s->how.binding.realm = "demo";
	refused(s, MFA_ERR_DAMAGED);
	s->how.binding = mine;
	s->how.binding.id = "u-bob";
	refused(s, MFA_ERR_DAMAGED);
	/* Where the one ends and the other begins counts, too. */
	s->how.binding.realm = "unixu";
	s->how.binding.id = "-alice";
	refused(s, MFA_ERR_DAMAGED);
	s->how.binding = mine;
	seal(s, 100);
	assert_int_equal(reopen(s, &(size_t){ 0 }), MFA_OK);
}

static void
test_R17_bound_to_its_key(void **state)
{
	struct sample *s = *state;

	seal(s, 100);
	s->key.bytes[31] ^= 1;
	refused(s, MFA_ERR_DAMAGED);
	s->key.bytes[31] ^= 1;
	s->key.id[0] ^= 1;
	refused(s, MFA_ERR_NO_KEY);
	/* Another key's id in the header helps nobody. */
	memcpy(s->slot + AT_KEY_ID, s->key.id, MFA_KEY_ID);
	refused(s, MFA_ERR_DAMAGED);
}

static void
test_sequence_never_wraps(void **state)
{
	struct sample *s = *state;
	size_t len;

	for (int i = 0; i < 2; i++) {
		s->how.sequence = i == 0 ? 0 : UINT64_MAX;
		assert_int_equal(mfa_envelope_seal(&s->env, &s->how, s->text,
		    10, s->slot), MFA_ERR_INVALID);
		assert_true(unit_all(s->slot, sizeof(s->slot), 0));
	}
	s->how.sequence = UINT64_MAX - 1;
	seal(s, 10);
	assert_int_equal(reopen(s, &len), MFA_OK);
	mfa_num_put64(s->slot + AT_SEQUENCE, 0);
	refused(s, MFA_ERR_DAMAGED);
}

static void
test_what_does_not_fit_is_not_sealed(void **state)
{
	struct sample *s = *state;
	char realm[34], id[258];

	assert_int_equal(mfa_envelope_seal(&s->env, &s->how, s->text,
	    MFA_SLOT_PLAIN + 1, s->slot), MFA_ERR_INVALID);
	assert_int_equal(mfa_envelope_seal(&s->env, &s->how, s->text, SIZE_MAX,
	    s->slot), MFA_ERR_INVALID);
	memset(realm, 'r', 33);
	realm[33] = '\0';
	s->how.binding.realm = realm;
	assert_int_equal(mfa_envelope_seal(&s->env, &s->how, s->text, 10,
	    s->slot), MFA_ERR_INVALID);
	/* Wiped: the text was in it. */
	assert_true(unit_all(s->slot, sizeof(s->slot), 0));
	s->how.binding.realm = realm + 1;
	memset(id, 'u', 257);
	id[257] = '\0';
	s->how.binding.id = id;
	assert_int_equal(mfa_envelope_seal(&s->env, &s->how, s->text, 10,
	    s->slot), MFA_ERR_INVALID);
	assert_true(unit_all(s->slot, sizeof(s->slot), 0));
	s->how.binding.id = id + 1;
	seal(s, 10);
	assert_int_equal(reopen(s, &(size_t){ 0 }), MFA_OK);
	s->how.binding.id = id;
	refused(s, MFA_ERR_DAMAGED);
}

/* Format and magic are judged first, so that a newer one is called newer. */
static void
test_R29_newer_format_is_refused_as_newer(void **state)
{
	static const uint32_t newer[] = { 4, 5, 255, 256, 0x80000000,
		UINT32_MAX };
	struct sample *s = *state;
	struct mfa_slot_header header;

	seal(s, 100);
	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++) {
		mfa_num_put32(s->slot + AT_FORMAT, newer[i]);
		assert_int_equal(mfa_envelope_header(s->slot, &header),
		    MFA_ERR_FORMAT);
		refused(s, MFA_ERR_FORMAT);
	}
	/* What else is wrong with it does not matter. */
	memset(s->slot + AT_KEY_ID, 0xee, MFA_SLOT - AT_KEY_ID);
	refused(s, MFA_ERR_FORMAT);
	mfa_num_put32(s->slot + AT_FORMAT, 0);
	refused(s, MFA_ERR_DAMAGED);
}

/* An older format is opened, but not what only says so. */
static void
test_R29_nothing_passes_for_an_older_format(void **state)
{
	struct sample *s = *state;
	struct mfa_slot_header header;

	seal(s, 100);
	mfa_num_put32(s->slot + AT_FORMAT, 1);
	assert_int_equal(mfa_envelope_header(s->slot, &header), MFA_OK);
	assert_int_equal(header.format, 1);
	refused(s, MFA_ERR_DAMAGED);
	mfa_num_put32(s->slot + AT_FORMAT, MFA_FORMAT);
	assert_int_equal(reopen(s, &(size_t){ 0 }), MFA_OK);
}

static void
test_header_of_nothing(void **state)
{
	struct sample *s = *state;
	struct mfa_slot_header header;

	memset(s->slot, 0, sizeof(s->slot));
	assert_int_equal(mfa_envelope_header(s->slot, &header),
	    MFA_ERR_DAMAGED);
	memset(s->slot, 0xff, sizeof(s->slot));
	assert_int_equal(mfa_envelope_header(s->slot, &header),
	    MFA_ERR_DAMAGED);
	for (int i = AT_ZERO; i < AT_SEQUENCE; i++) {
		seal(s, 10);
		s->slot[i] = 1;
		assert_int_equal(mfa_envelope_header(s->slot, &header),
		    MFA_ERR_DAMAGED);
	}
}

/* A generator that repeats itself must not repeat a nonce. */
static void
test_nonce_is_hedged(void **state)
{
	struct sample *s = *state;
	uint8_t first[24];

	seal(s, 100);
	memcpy(first, s->slot + AT_NONCE, sizeof(first));
	seal(s, 100);
	assert_memory_equal(s->slot + AT_NONCE, first, sizeof(first));
	s->how.sequence++;
	seal(s, 100);
	assert_memory_not_equal(s->slot + AT_NONCE, first, sizeof(first));
	s->how.sequence--;
	s->text[50] ^= 1;
	seal(s, 100);
	assert_memory_not_equal(s->slot + AT_NONCE, first, sizeof(first));
	s->text[50] ^= 1;
	seal(s, 99);
	assert_memory_not_equal(s->slot + AT_NONCE, first, sizeof(first));
	s->filler ^= 1;
	seal(s, 100);
	assert_memory_not_equal(s->slot + AT_NONCE, first, sizeof(first));
}

static void
test_R14_no_plain_text_in_a_slot(void **state)
{
	struct sample *s = *state;

	memset(s->text, 'S', 64);
	seal(s, 64);
	for (size_t i = 0; i + 8 <= MFA_SLOT; i++)
		assert_memory_not_equal(s->slot + i, "SSSSSSSS", 8);
}

#define WITH_SAMPLE(f) \
	cmocka_unit_test_setup_teardown(f, sample_new, sample_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLE(test_R17_what_was_sealed_opens),
		WITH_SAMPLE(test_R29_the_header_says_what_it_is),
		WITH_SAMPLE(test_R17_made_as_documented),
		WITH_SAMPLE(test_R17_every_flipped_byte_is_refused),
		WITH_SAMPLE(test_R17_every_flipped_bit_of_header_and_tag),
		WITH_SAMPLE(test_R17_bound_to_slot_store_realm_and_name),
		WITH_SAMPLE(test_R17_bound_to_its_key),
		WITH_SAMPLE(test_sequence_never_wraps),
		WITH_SAMPLE(test_what_does_not_fit_is_not_sealed),
		WITH_SAMPLE(test_R29_newer_format_is_refused_as_newer),
		WITH_SAMPLE(test_R29_nothing_passes_for_an_older_format),
		WITH_SAMPLE(test_header_of_nothing),
		WITH_SAMPLE(test_nonce_is_hedged),
		WITH_SAMPLE(test_R14_no_plain_text_in_a_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
