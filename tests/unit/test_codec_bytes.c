/* SPDX-License-Identifier: MIT */
/*
 * R29: bytes that are no record of ours.  What decodes must encode to the same
 * bytes again, or something would be lost with the next write.
 */
#include "tests/unit/codec_sample.h"

/* Tags of record.proto: field << 3 | wire type. */
#define TAG_NAME	 0x12
#define TAG_UID		 0x18
#define TAG_FACTOR	 0x3a
#define TAG_RECOVERY	 0x42
#define TAG_UNKNOWN(wire) 0x88 | (wire), 0x01 /* 17 */
#define TAG_FACTOR_NEW	 0xa8, 0x01 /* 21, a number */

/* A C string would end there and the rest would be lost. */
static void
test_R29_nul_in_a_text_is_refused(void **state)
{
	struct sample *s = sample_of(state);
	uint8_t *label;

	encode(s);
	label = memmem(s->bytes, s->len, s->record.factors[2].label, 32);
	assert_non_null(label);
	label[10] = '\0';
	refused(s);
	encode(s);
	label = memmem(s->bytes, s->len, "nnnnnnnnnn", 10);
	assert_non_null(label);
	label[255] = '\0';
	refused(s);
}

/* Puts bytes at the end of the message, where a field may stand. */
static void
append(struct sample *s, const void *bytes, size_t len)
{
	memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

/* A record that has room for more: the bound must not be what refuses. */
static void
small(struct sample *s)
{
	s->record.factors_count = 1;
	s->record.attempts_count = 1;
	s->record.challenges_count = 1;
	s->record.accepted_count = 1;
	encode(s);
}

static void
test_R29_unknown_fields_are_refused(void **state)
{
	static const uint8_t number[] = { TAG_UNKNOWN(0), 1 };
	static const uint8_t text[] = { TAG_UNKNOWN(2), 3, 'n', 'e', 'w' };
	static const uint8_t fixed[] = { TAG_UNKNOWN(1), 1, 2, 3, 4, 5, 6,
		7, 8 };
	static const uint8_t nested[] = { TAG_FACTOR_NEW, 1 };
	struct sample *s = sample_of(state);
	uint8_t *factor;

	small(s);
	append(s, number, sizeof(number));
	refused(s);
	small(s);
	append(s, text, sizeof(text));
	refused(s);
	small(s);
	append(s, fixed, sizeof(fixed));
	refused(s);
	/* Inside a factor: after its last field, the factor made longer. */
	small(s);
	factor = memchr(s->bytes + 280, TAG_FACTOR, s->len - 280);
	assert_non_null(factor);
	size_t inner = (size_t)(factor[1] & 0x7f) + (size_t)factor[2] * 128;
	uint8_t *end = factor + 3 + inner;
	assert_int_equal(*end, TAG_RECOVERY);
	memmove(end + sizeof(nested), end,
	    s->len - (size_t)(end - s->bytes));
	memcpy(end, nested, sizeof(nested));
	s->len += sizeof(nested);
	inner += sizeof(nested);
	factor[1] = (uint8_t)(0x80 | (inner & 0x7f));
	factor[2] = (uint8_t)(inner / 128);
	refused(s);
	small(s);
	assert_int_equal(decode(s, s->bytes, s->len), MFA_OK);
}

/* The last of two would win in one reader and the first in another. */
static void
test_R29_repeated_fields_are_refused(void **state)
{
	static const uint8_t uid[] = { TAG_UID, 5 };
	static const uint8_t name[] = { TAG_NAME, 3, 'b', 'o', 'b' };
	static const uint8_t stamp[] = { 0x32, 2, 0x08, 1 };
	static const uint8_t zero[] = { TAG_UID, 0 };
	struct sample *s = sample_of(state);

	small(s);
	append(s, uid, sizeof(uid));
	refused(s);
	small(s);
	append(s, name, sizeof(name));
	refused(s);
	small(s);
	append(s, stamp, sizeof(stamp));
	refused(s);
	/* A default that is written out encodes differently, too. */
	memset(&s->record, 0, sizeof(s->record));
	s->record.realm[0] = s->record.name[0] = 'x';
	encode(s);
	append(s, zero, sizeof(zero));
	refused(s);
}

static void
test_R29_other_spellings_of_the_same_are_refused(void **state)
{
	/* uid 1 in two bytes; the fields in another order */
	static const uint8_t padded[] = { 0x0a, 1, 'x', 0x12, 1, 'x', 0x18,
		0x81, 0x00 };
	static const uint8_t order[] = { 0x12, 1, 'x', 0x0a, 1, 'x', 0x18, 1 };
	static const uint8_t good[] = { 0x0a, 1, 'x', 0x12, 1, 'x', 0x18, 1 };
	struct sample *s = sample_of(state);

	assert_int_equal(decode(s, padded, sizeof(padded)), MFA_ERR_DAMAGED);
	assert_int_equal(decode(s, order, sizeof(order)), MFA_ERR_DAMAGED);
	assert_int_equal(decode(s, good, sizeof(good)), MFA_OK);
}

static void
test_R29_trailing_zeros_are_refused(void **state)
{
	static const uint8_t zeros[8];
	struct sample *s = sample_of(state);

	for (size_t n = 1; n <= sizeof(zeros); n++) {
		small(s);
		append(s, zeros, n);
		refused(s);
	}
	memset(s->bytes, 0, sizeof(s->bytes));
	assert_int_equal(decode(s, s->bytes, 100), MFA_ERR_DAMAGED);
}

/*
 * Cut anywhere: damaged, or exactly at the end of a field, where what is left
 * is a record, too.  (Cuts are the envelope's to notice.)
 */
static void
test_R29_truncated_anywhere(void **state)
{
	struct sample *s = sample_of(state);
	unsigned int whole = 0;

	encode(s);
	for (size_t len = 0; len < s->len; len++) {
		uint8_t again[MFA_CODEC_MAX];
		size_t n;

		if (decode(s, s->bytes, len) != MFA_OK)
			continue;
		whole++;
		assert_int_equal(mfa_codec_encode(&s->got, again,
		    sizeof(again), &n), MFA_OK);
		assert_int_equal(n, len);
		assert_memory_equal(again, s->bytes, n);
	}
	/* after name, uid, generation, enrolled, stamp, 8 factors, recovery,
	   three budgets, attempts, delivered, sends, 4 challenges, accepted, invitation,
	   bypass, its reason */
	assert_int_equal(whole, 28);
}

static void
test_random_damage_never_gets_through_changed(void **state)
{
	struct sample *s = sample_of(state);
	uint64_t seed = 0x9e3779b97f4a7c15;
	unsigned int refusals = 0;

	small(s);
	for (int i = 0; i < 20000; i++) {
		uint8_t bytes[MFA_CODEC_MAX], again[MFA_CODEC_MAX];
		size_t n;

		memcpy(bytes, s->bytes, s->len);
		for (int flips = 0; flips <= i % 4; flips++) {
			seed = seed * 6364136223846793005 + 1;
			bytes[(seed >> 33) % s->len] ^=
			    (uint8_t)(1 << (seed >> 61));
		}
		if (decode(s, bytes, s->len) != MFA_OK) {
			refusals++;
			continue;
		}
		assert_int_equal(mfa_codec_encode(&s->got, again,
		    sizeof(again), &n), MFA_OK);
		assert_int_equal(n, s->len);
		assert_memory_equal(again, bytes, n);
	}
	assert_in_range(refusals, 100, 19999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLE(test_R29_nul_in_a_text_is_refused),
		WITH_SAMPLE(test_R29_unknown_fields_are_refused),
		WITH_SAMPLE(test_R29_repeated_fields_are_refused),
		WITH_SAMPLE(test_R29_other_spellings_of_the_same_are_refused),
		WITH_SAMPLE(test_R29_trailing_zeros_are_refused),
		WITH_SAMPLE(test_R29_truncated_anywhere),
		WITH_SAMPLE(test_random_damage_never_gets_through_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
