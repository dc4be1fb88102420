/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "verifier/otp/hotp.h"

/* OpenSSL's allocations, which one test makes fail. */
static bool out_of_memory;

static void *
faulty_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return out_of_memory ? NULL : malloc(size);
}

static void *
faulty_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return out_of_memory ? NULL : realloc(p, size);
}

static void
plain_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static bool
untouched(const struct mfa_otp_key *key, uint64_t counter,
    enum mfa_err expected)
{
	char code[MFA_HOTP_DIGITS_MAX + 1];

	memset(code, 'Z', sizeof(code));
	return mfa_hotp_code(key, counter, code) == expected &&
	    unit_all(code, sizeof(code), 'Z');
}

static bool
hotp_holds(char *const *f)
{
	uint8_t secret[64];
	char code[MFA_HOTP_DIGITS_MAX + 1];
	uint64_t counter = 0, digits = 0;
	struct mfa_otp_key key;

	if (mfa_num_parse(f[3], 0, UINT64_MAX, &counter) != MFA_OK ||
	    mfa_num_parse(f[4], 0, UINT32_MAX, &digits) != MFA_OK)
		return false;
	key.alg = (enum mfa_crypt_alg)unit_alg(f[1]);
	key.secret = secret;
	key.secret_len = unit_unhex(f[2], secret, sizeof(secret));
	key.digits = (unsigned int)digits;
	if (strcmp(f[0], "invalid") == 0)
		return untouched(&key, counter, MFA_ERR_INVALID);
	memset(code, 'Z', sizeof(code));
	if (mfa_hotp_code(&key, counter, code) != MFA_OK ||
	    strlen(code) != digits ||
	    strspn(code, "0123456789") != digits ||
	    !unit_all(code + digits + 1, sizeof(code) - digits - 1, 'Z'))
		return false;
	return (strcmp(code, f[5]) == 0) == (strcmp(f[0], "good") == 0);
}

static void
test_vectors_of_rfc_4226(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("hotp.txt", 6, hotp_holds), 56);
}

/* Fewer digits are the end of more digits (RFC 4226 5.3, modulo). */
static void
test_fewer_digits_are_the_last_ones(void **state)
{
	static const uint8_t secret[20] = { 1, 2, 3 };

	(void)state;
	for (uint64_t counter = 0; counter < 100; counter++) {
		struct mfa_otp_key key = { MFA_CRYPT_SHA512, secret,
			sizeof(secret), 8 };
		char long_code[MFA_HOTP_DIGITS_MAX + 1];
		char code[MFA_HOTP_DIGITS_MAX + 1];

		assert_int_equal(mfa_hotp_code(&key, counter, long_code),
		    MFA_OK);
		for (key.digits = 6; key.digits < 8; key.digits++) {
			assert_int_equal(mfa_hotp_code(&key, counter, code),
			    MFA_OK);
			assert_string_equal(code, long_code + 8 - key.digits);
		}
	}
}

static void
test_R3_no_code_without_crypto(void **state)
{
	static const uint8_t secret[20] = { 1 };
	const struct mfa_otp_key key = { MFA_CRYPT_SHA1, secret,
		sizeof(secret), 6 };
	bool refused;

	(void)state;
	out_of_memory = true;
	refused = untouched(&key, 0, MFA_ERR_CRYPTO);
	out_of_memory = false;
	assert_true(refused);
}

static int
setup(void **state)
{
	(void)state;
	if (mfa_crypt_init() != MFA_OK || mfa_crypt_warm() != MFA_OK)
		return -1;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_of_rfc_4226),
		cmocka_unit_test(test_fewer_digits_are_the_last_ones),
		cmocka_unit_test(test_R3_no_code_without_crypto),
	};

	if (CRYPTO_set_mem_functions(faulty_malloc, faulty_realloc,
	    plain_free) != 1)
		return 99;
	return cmocka_run_group_tests(tests, setup, NULL);
}
