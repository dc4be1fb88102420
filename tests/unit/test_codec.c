/* SPDX-License-Identifier: MIT */
/* R29: a record becomes bytes and comes back; what it may hold is checked. */
#include "tests/unit/codec_sample.h"

static void
test_R29_the_largest_record_comes_back(void **state)
{
	struct sample *s = sample_of(state);
	uint8_t again[MFA_CODEC_MAX];
	size_t len;

	encode(s);
	assert_int_equal(decode(s, s->bytes, s->len), MFA_OK);
	assert_int_equal(mfa_codec_encode(&s->got, again, sizeof(again), &len),
	    MFA_OK);
	assert_int_equal(len, s->len);
	assert_memory_equal(again, s->bytes, len);
	assert_string_equal(s->got.name, s->record.name);
	assert_int_equal(s->got.factors_count, 8);
	assert_int_equal(s->got.factors[7].drift, INT32_MIN);
	assert_int_equal(s->got.factors[7].secret.size, 128);
	assert_int_equal(strlen(s->got.factors[7].program), 16);
	assert_true(s->got.attempts[3] == UINT64_MAX);
	assert_true(s->got.delivered.until == UINT64_MAX);
	assert_int_equal(strlen(s->got.challenges[3].service), 64);
	assert_int_equal(s->got.challenges[3].peer, UINT8_MAX);
	assert_true(s->got.accepted[31] == UINT64_MAX);
}

/* Fields are added for years. */
static void
test_R29_room_is_left_in_the_slot(void **state)
{
	struct sample *s = sample_of(state);

	encode(s);
	assert_true(s->len <= MFA_CODEC_MAX);
	assert_true(s->len * 4 <= (size_t)MFA_SLOT * 3);
	assert_true(MFA_CODEC_MAX * 4 <= (size_t)MFA_SLOT * 3);
	/* The generated bound is honest: the largest comes close to it. */
	assert_true(s->len > MFA_CODEC_MAX * 9 / 10);
}

static void
test_the_smallest_record_comes_back(void **state)
{
	struct sample *s = sample_of(state);

	memset(&s->record, 0, sizeof(s->record));
	s->record.realm[0] = s->record.name[0] = 'x';
	encode(s);
	assert_int_equal(s->len, 6);
	assert_int_equal(decode(s, s->bytes, s->len), MFA_OK);
	assert_string_equal(s->got.name, "x");
	assert_false(s->got.enrolled);
}

static void
test_what_does_not_fit_is_not_encoded(void **state)
{
	struct sample *s = sample_of(state);
	size_t len = 4711, needed;

	encode(s);
	needed = s->len;
	memset(s->bytes, 0xa5, sizeof(s->bytes));
	assert_int_equal(mfa_codec_encode(&s->record, s->bytes, needed - 1,
	    &len), MFA_ERR_INVALID);
	assert_int_equal(len, 4711);
	assert_true(unit_all(s->bytes, needed - 1, 0));
	assert_int_equal(s->bytes[needed - 1], 0xa5);
}

static void
test_R29_a_record_without_a_name_is_refused(void **state)
{
	struct sample *s = sample_of(state);

	s->record.name[0] = '\0';
	encode(s);
	refused(s);
	fill(&s->record);
	s->record.realm[0] = '\0';
	encode(s);
	refused(s);
	assert_int_equal(decode(s, s->bytes, 0), MFA_ERR_DAMAGED);
}

static void
refused_factor(struct sample *s, const mfa_record_Factor *f)
{
	fill(&s->record);
	s->record.factors[5] = *f;
	encode(s);
	refused(s);
}

static void
accepted_factor(struct sample *s, const mfa_record_Factor *f)
{
	fill(&s->record);
	s->record.factors[5] = *f;
	encode(s);
	assert_int_equal(decode(s, s->bytes, s->len), MFA_OK);
	assert_int_equal(s->got.factors[5].provider, f->provider);
}

#define TOTP	mfa_record_Provider_PROVIDER_TOTP
#define HOTP	mfa_record_Provider_PROVIDER_HOTP
#define OTP	mfa_record_Provider_PROVIDER_OTP
#define OUTSIDE mfa_record_Provider_PROVIDER_OUTSIDE

static void
test_R29_enums_out_of_range_are_refused(void **state)
{
	static const mfa_record_Provider kinds[] = { TOTP, HOTP, OTP };
	struct sample *s = sample_of(state);
	mfa_record_Factor good, f;

	for (int k = 0; k < 3; k++) {
		good = factor_of_kind(kinds[k]);
		accepted_factor(s, &good);
		for (int i = 0; i < 2; i++) {
			f = good;
			f.provider = (mfa_record_Provider)(i == 0 ? 0 : 5);
			refused_factor(s, &f);
			f = good;
			f.status = (mfa_record_Status)(i == 0 ? 0 : 4);
			refused_factor(s, &f);
			f = good;
			f.algorithm = (mfa_record_Algorithm)(i == 0 ? 0 : 4);
			if (kinds[k] != OTP)
				refused_factor(s, &f);
		}
	}
}

static void
test_R29_numbers_out_of_range_are_refused(void **state)
{
	static const mfa_record_Provider kinds[] = { TOTP, HOTP, OTP };
	static const uint8_t digits[] = { 0, 1, 5, 9, 255 };
	static const uint16_t periods[] = { 0, 1, 14, 121, 65535 };
	static const pb_size_t sizes[] = { 0, 1, 15, 65, 128 };
	struct sample *s = sample_of(state);
	mfa_record_Factor f;

	for (int i = 0; i < 5; i++) {
		for (int k = 0; k < 3; k++) {
			f = factor_of_kind(kinds[k]);
			f.digits = digits[i];
			refused_factor(s, &f);
		}
		f = factor_of_kind(TOTP);
		f.period = periods[i];
		refused_factor(s, &f);
		f = factor_of_kind(TOTP);
		f.secret.size = sizes[i];
		refused_factor(s, &f);
		f = factor_of_kind(HOTP);
		f.secret.size = sizes[i];
		refused_factor(s, &f);
	}
}

static void
test_R29_numbers_at_the_edge_are_accepted(void **state)
{
	static const mfa_record_Provider kinds[] = { TOTP, HOTP };
	struct sample *s = sample_of(state);

	for (int i = 0; i < 4; i++) {
		mfa_record_Factor f = factor_of_kind(kinds[i % 2]);

		f.digits = i < 2 ? 6 : 8;
		f.secret.size = i < 2 ? 16 : 64;
		if (kinds[i % 2] == TOTP)
			f.period = i < 2 ? 15 : 120;
		accepted_factor(s, &f);
	}
	/* The longest record there is, is shorter than what may be decoded. */
	fill(&s->record);
	encode(s);
	assert_true(s->len < MFA_CODEC_MAX);
}

/* What totp and hotp have in common must be there for hotp, too. */
static void
test_R29_hotp_is_checked(void **state)
{
	struct sample *s = sample_of(state);
	mfa_record_Factor f = factor_of_kind(HOTP);

	accepted_factor(s, &f);
	f.secret.size = 64;
	accepted_factor(s, &f);
	f.algorithm = mfa_record_Algorithm_ALGORITHM_NONE;
	refused_factor(s, &f);
}

static void
test_R29_a_delivered_one_needs_an_address(void **state)
{
	struct sample *s = sample_of(state);
	mfa_record_Factor f = factor_of_kind(OTP);

	f.secret.size = 1;
	accepted_factor(s, &f);
	f.secret.size = 128;
	accepted_factor(s, &f);
	f.secret.size = 0;
	refused_factor(s, &f);
}

static void
test_R29_an_outside_one_needs_a_program_and_bytes(void **state)
{
	static const char *const bad[] = { "", "Yubico", "1x", "-x", "a b",
		"a/b", "../x" };
	struct sample *s = sample_of(state);
	const mfa_record_Factor good = s->record.factors[5];
	mfa_record_Factor f = good;

	accepted_factor(s, &f);
	f.secret.size = 1;
	accepted_factor(s, &f);
	f.secret.size = 0;
	refused_factor(s, &f);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = good;
		memset(f.program, 0, sizeof(f.program));
		memcpy(f.program, bad[i], strlen(bad[i]));
		refused_factor(s, &f);
	}
}

static void
test_labels_are_checked(void **state)
{
	static const char *const bad[] = { "", "Phone", "1phone", "-phone",
		"my phone", "phone_1", "ph\xc3\xb6ne", "phone\n", "phone=x" };
	struct sample *s = sample_of(state);
	const mfa_record_Factor good = s->record.factors[5];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mfa_record_Factor f = good;

		memset(f.label, 0, sizeof(f.label));
		memcpy(f.label, bad[i], strlen(bad[i]));
		refused_factor(s, &f);
	}
}

static void
test_too_long_is_refused(void **state)
{
	struct sample *s = sample_of(state);

	encode(s);
	assert_int_equal(decode(s, s->bytes, MFA_CODEC_MAX + 1),
	    MFA_ERR_DAMAGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLE(test_R29_the_largest_record_comes_back),
		WITH_SAMPLE(test_R29_room_is_left_in_the_slot),
		WITH_SAMPLE(test_the_smallest_record_comes_back),
		WITH_SAMPLE(test_what_does_not_fit_is_not_encoded),
		WITH_SAMPLE(test_R29_a_record_without_a_name_is_refused),
		WITH_SAMPLE(test_R29_enums_out_of_range_are_refused),
		WITH_SAMPLE(test_R29_numbers_out_of_range_are_refused),
		WITH_SAMPLE(test_R29_numbers_at_the_edge_are_accepted),
		WITH_SAMPLE(test_R29_hotp_is_checked),
		WITH_SAMPLE(test_R29_a_delivered_one_needs_an_address),
		WITH_SAMPLE(
		    test_R29_an_outside_one_needs_a_program_and_bytes),
		WITH_SAMPLE(test_labels_are_checked),
		WITH_SAMPLE(test_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
