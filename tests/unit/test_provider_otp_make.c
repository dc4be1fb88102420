/* SPDX-License-Identifier: MIT */
/* R12: making delivered codes and the factors they go to. */
#include "tests/unit/otp_case.h"

#include <stdlib.h>

/* ---- factors ---- */

static void
test_R12_addresses(void **state)
{
	static const char *const bad[] = { "", " a@b", "a@b ", " ", "a\nb",
		"a\tb", "a\x7f", "\xc3\xa9@b" };
	char longest[MFA_OTP_ADDRESS + 2], out[MFA_OTP_ADDRESS + 1];
	mfa_record_Factor made = mfa_record_Factor_init_zero, before;

	(void)state;
	before = made;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mfa_otp_setup(bad[i], 6, &made),
		    MFA_ERR_INVALID);
	assert_int_equal(mfa_otp_setup("a@b", 5, &made), MFA_ERR_INVALID);
	assert_int_equal(mfa_otp_setup("a@b", 9, &made), MFA_ERR_INVALID);
	assert_int_equal(mfa_otp_setup("a@b", 262, &made), MFA_ERR_INVALID);
	memset(longest, 'x', sizeof(longest));
	longest[MFA_OTP_ADDRESS + 1] = '\0';
	assert_int_equal(mfa_otp_setup(longest, 6, &made), MFA_ERR_INVALID);
	assert_memory_equal(&made, &before, sizeof(made));
	longest[MFA_OTP_ADDRESS] = '\0';
	assert_int_equal(mfa_otp_setup(longest, 8, &made), MFA_OK);
	assert_int_equal(made.provider, mfa_record_Provider_PROVIDER_OTP);
	assert_int_equal(made.digits, 8);
	mfa_otp_address(&made, out);
	assert_string_equal(out, longest);
	assert_int_equal(mfa_otp_setup("a", 6, &made), MFA_OK);
	mfa_otp_address(&made, out);
	assert_string_equal(out, "a");
	assert_int_equal(mfa_otp_setup("+49 30 901820", 6, &made), MFA_OK);
	mfa_otp_address(&made, out);
	assert_string_equal(out, "+49 30 901820");
}

/* Whatever the place was used for before. */
static void
test_R12_a_factor_without_a_key(void **state)
{
	mfa_record_Factor made = factor_of(mfa_record_Provider_PROVIDER_TOTP);

	(void)state;
	assert_int_equal(mfa_otp_setup("a@b", 7, &made), MFA_OK);
	assert_int_equal(made.provider, mfa_record_Provider_PROVIDER_OTP);
	assert_int_equal(made.algorithm, mfa_record_Algorithm_ALGORITHM_NONE);
	assert_int_equal(made.period, 0);
	assert_int_equal(made.digits, 7);
	assert_int_equal(made.secret.size, 3);
}

/* ---- codes ---- */

static void
test_R12_digits_are_uniform(void **state)
{
	unsigned int count[6][10] = { { 0 } };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(mfa_otp_make(&making, &record, factor, code),
		    MFA_OK);
		assert_int_equal(strspn(code, "0123456789"), 6);
		assert_int_equal(strlen(code), 6);
		for (int k = 0; k < 6; k++)
			count[k][code[k] - '0']++;
	}
	/* Chi-square, 9 degrees of freedom: above 33.7 once in 10,000. */
	for (int k = 0; k < 6; k++) {
		double chi = 0;

		for (int d = 0; d < 10; d++) {
			double off = (double)count[k][d] - 1000.0;

			chi += off * off / 1000.0;
		}
		assert_true(chi < 33.7);
	}
}

/* One draw is this number, for as long as it is asked. */
static void
one_number(const struct mfa_env *e, void *out, size_t len)
{
	if (len == sizeof(uint32_t))
		memcpy(out, e->ctx, len);
	else
		memset(out, 1, len);
}

static enum mfa_err
make_of(uint32_t number, uint8_t digits)
{
	const struct mfa_env fixed = { .random = one_number, .ctx = &number };
	struct mfa_otp_making how = making;

	factor->digits = digits;
	how.env = &fixed;
	return mfa_otp_make(&how, &record, factor, code);
}

static void
test_R12_leading_zeros_are_kept(void **state)
{
	static const struct {
		uint32_t number;
		uint8_t digits;
		const char *code;
	} cases[] = {
		{ 0, 6, "000000" }, { 7, 6, "000007" }, { 7, 7, "0000007" },
		{ 12345, 8, "00012345" }, { 999999, 6, "999999" },
		{ 1000000, 6, "000000" }, { 123000042, 6, "000042" },
		{ 4293999999U, 6, "999999" }, { 4289999999U, 7, "9999999" },
		{ 4199999999U, 8, "99999999" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(make_of(cases[i].number, cases[i].digits),
		    MFA_OK);
		assert_string_equal(code, cases[i].code);
		assert_int_equal(compare(cases[i].code, SENT, &use).kind,
		    MFA_EFFECT_USE);
	}
}

/* The incomplete end of the range is drawn again; for ever is a failure. */
static void
test_R12_no_modulo_bias(void **state)
{
	mfa_record_Record before;

	(void)state;
	factor->digits = 8;
	before = record;
	assert_int_equal(make_of(4200000000U, 8), MFA_ERR_CRYPTO);
	assert_int_equal(make_of(UINT32_MAX, 8), MFA_ERR_CRYPTO);
	assert_memory_equal(&record, &before, sizeof(record));
	assert_string_equal(code, "");
	assert_int_equal(make_of(4294000000U, 6), MFA_ERR_CRYPTO);
	assert_int_equal(make_of(4290000000U, 7), MFA_ERR_CRYPTO);
}

/* Bad for so many draws, then good. */
static void
bad_at_first(const struct mfa_env *e, void *out, size_t len)
{
	unsigned int *left = e->ctx;

	memset(out, 1, len);
	if (len != sizeof(uint32_t) || *left == 0)
		return;
	(*left)--;
	memset(out, 0xff, len);
}

/* One draw of 45 fails: 128 in a row are no bad luck. */
static void
test_R12_so_many_draws_and_no_more(void **state)
{
	unsigned int left = 127;
	const struct mfa_env late = { .random = bad_at_first, .ctx = &left };

	(void)state;
	making.env = &late;
	factor->digits = 8;
	assert_int_equal(mfa_otp_make(&making, &record, factor, code), MFA_OK);
	assert_int_equal(left, 0);
	left = 128;
	assert_int_equal(mfa_otp_make(&making, &record, factor, code),
	    MFA_ERR_CRYPTO);
	assert_int_equal(left, 0);
}

/* A code that was sent before an upgrade is good after it. */
static void
test_R29_hashed_as_ever(void **state)
{
	static const uint8_t challenge[16] = "sixteen bytes..";
	const mfa_record_Delivered *live = &record.delivered;
	const struct mfa_crypt_part of_code[] = {
		{ "medusa-mfa/otp-code/v1", 22 }, { "factor-1", 8 },
		{ code, 6 } };
	const struct mfa_crypt_part of_login[] = {
		{ "medusa-mfa/otp-use/v1", 21 }, { "unix", 4 }, { "karla", 5 },
		{ "sshd", 4 }, { "192.0.2.7", 9 }, { "\0\0\0\1", 4 },
		{ NULL, 0 }, { NULL, 0 } };
	const struct mfa_crypt_part of_challenge[] = { of_login[0],
		of_login[1], of_login[2], of_login[3], of_login[4],
		of_login[5], { challenge, 16 }, { "factor-1", 8 } };
	uint8_t hash[MFA_CRYPT_HASH];

	(void)state;
	assert_int_equal(mfa_crypt_hash(live->salt, of_code, 3, hash, 32),
	    MFA_OK);
	assert_memory_equal(live->hash, hash, 32);
	assert_int_equal(mfa_crypt_hash(live->salt, of_login, 8, hash, 32),
	    MFA_OK);
	assert_memory_equal(live->binding, hash, 16);
	use.challenge = challenge;
	use.confirm = factor->id;
	assert_int_equal(mfa_otp_make(&making, &record, factor, code), MFA_OK);
	assert_int_equal(mfa_crypt_hash(live->salt, of_challenge, 8, hash,
	    32), MFA_OK);
	assert_memory_equal(live->binding, hash, 16);
}

static void
test_R12_stored_hashed_only(void **state)
{
	const mfa_record_Delivered first = record.delivered;
	const uint32_t number = (uint32_t)strtoul(code, NULL, 10);

	(void)state;
	assert_true(record.has_delivered);
	assert_null(memmem(&record.delivered, sizeof(record.delivered), code,
	    6));
	assert_memory_equal(first.factor, factor->id, 8);
	assert_true(first.sent == SENT);
	assert_true(first.until == SENT + TTL);
	/* The same code again would have another hash. */
	assert_int_equal(make_of(number, 6), MFA_OK);
	assert_int_equal(strtoul(code, NULL, 10), number);
	assert_memory_not_equal(first.salt, record.delivered.salt, 32);
	assert_memory_not_equal(first.hash, record.delivered.hash, 32);
}

static void
test_a_code_for_another_kind_is_not_made(void **state)
{
	mfa_record_Record before;

	(void)state;
	factor->provider = mfa_record_Provider_PROVIDER_HOTP;
	before = record;
	assert_int_equal(mfa_otp_make(&making, &record, factor, code),
	    MFA_ERR_INVALID);
	factor->provider = mfa_record_Provider_PROVIDER_OTP;
	factor->digits = 9;
	before = record;
	assert_int_equal(mfa_otp_make(&making, &record, factor, code),
	    MFA_ERR_INVALID);
	assert_memory_equal(&record, &before, sizeof(record));
	assert_string_equal(code, "");
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R12_addresses),
		FRESH(test_R12_a_factor_without_a_key),
		FRESH(test_R12_digits_are_uniform),
		FRESH(test_R12_leading_zeros_are_kept),
		FRESH(test_R12_no_modulo_bias),
		FRESH(test_R12_so_many_draws_and_no_more),
		FRESH(test_R29_hashed_as_ever),
		FRESH(test_R12_stored_hashed_only),
		FRESH(test_a_code_for_another_kind_is_not_made),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
