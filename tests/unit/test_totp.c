/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "verifier/otp/totp.h"

/* Counts OpenSSL's allocations: they show how many codes were computed. */
static unsigned long allocations;
static unsigned long fails_from = ULONG_MAX; /* this one and all after it */

static void *
counted_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return allocations++ >= fails_from ? NULL : malloc(size);
}

static void *
plain_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(p, size);
}

static void
plain_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static const uint8_t seed[] = "12345678901234567890";
static const struct mfa_otp_key key = { MFA_CRYPT_SHA1, seed, 20, 6 };
static const struct mfa_otp_key key8 = { MFA_CRYPT_SHA1, seed, 20, 8 };

/* The answer to one question: fresh and used of a search. */
struct answer {
	uint64_t fresh, used;
};

static struct answer
search(struct mfa_totp_range range, const char *typed, uint64_t next)
{
	struct answer a = { 1, 2 };

	assert_int_equal(mfa_totp_search(&key, range, typed, next, &a.fresh,
	    &a.used), MFA_OK);
	return a;
}

static void
assert_answer(struct answer a, uint64_t fresh, uint64_t used)
{
	assert_true(a.fresh == fresh);
	assert_true(a.used == used);
}

static bool
totp_holds(char *const *f)
{
	uint8_t secret[64];
	uint64_t time = 0, period = 0, digits = 0;
	struct mfa_totp_range range;
	struct mfa_otp_key k;
	struct answer a;
	char typed[16] = "";

	if (mfa_num_parse(f[3], 0, UINT64_MAX, &time) != MFA_OK ||
	    mfa_num_parse(f[4], 1, UINT32_MAX, &period) != MFA_OK ||
	    mfa_num_parse(f[5], 6, 8, &digits) != MFA_OK ||
	    strlen(f[6]) != digits)
		return false;
	k.alg = (enum mfa_crypt_alg)unit_alg(f[1]);
	k.secret = secret;
	k.secret_len = unit_unhex(f[2], secret, sizeof(secret));
	k.digits = (unsigned int)digits;
	memcpy(typed, f[6], digits);
	range = mfa_totp_around(time, (unsigned int)period, 0, 0);
	if (range.count != 1 || range.first != time / period)
		return false;
	if (mfa_totp_search(&k, range, typed, 0, &a.fresh, &a.used) != MFA_OK)
		return false;
	if (strcmp(f[0], "good") != 0)
		return a.fresh == MFA_TOTP_NONE && a.used == MFA_TOTP_NONE;
	return a.fresh == range.first && a.used == MFA_TOTP_NONE;
}

static void
test_vectors_of_rfc_6238(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("totp.txt", 7, totp_holds), 71);
}

static void
test_R11_around_gives_the_window(void **state)
{
	static const struct {
		uint64_t now;
		unsigned int period;
		int32_t drift;
		unsigned int window;
		struct mfa_totp_range expected;
	} cases[] = {
		{ 1111111109, 30, 0, 1, { 37037035, 3 } },
		{ 1111111109, 30, 0, 0, { 37037036, 1 } },
		{ 1111111109, 60, 0, 2, { 18518516, 5 } },
		{ 1111111109, 30, 5, 1, { 37037040, 3 } },
		{ 1111111109, 30, -5, 1, { 37037030, 3 } },
		{ 59, 30, 0, 1, { 0, 3 } }, { 60, 30, 0, 1, { 1, 3 } },
		{ 29, 30, 0, 1, { 0, 2 } }, { 0, 30, 0, 1, { 0, 2 } },
		{ 0, 30, 0, 0, { 0, 1 } }, { 59, 30, 0, 3, { 0, 5 } },
		{ 59, 30, -2, 1, { 0, 1 } }, { 59, 30, -3, 1, { 0, 0 } },
		{ 59, 30, INT32_MIN, 1, { 0, 0 } },
		{ 59, 30, INT32_MAX, 0, { 2147483648, 1 } },
		{ 20000000000, 30, 0, 1, { 666666665, 3 } },
		{ 1ULL << 40, 1, 0, 1, { (1ULL << 40) - 1, 3 } },
		/* The last time and the widest window of all. */
		{ INT64_MAX / 2, 1, 0, 1, { INT64_MAX / 2 - 1, 3 } },
		{ 1ULL << 40, 1, 0, INT_MAX / 2,
		    { (1ULL << 40) - INT_MAX / 2, INT_MAX } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mfa_totp_range got = mfa_totp_around(cases[i].now,
		    cases[i].period, cases[i].drift, cases[i].window);

		assert_int_equal(got.count, cases[i].expected.count);
		assert_true(got.first == cases[i].expected.first);
	}
}

/* Whatever cannot be: no step at all, no wrap-around, no division by 0. */
static void
test_R3_around_of_nonsense_is_empty(void **state)
{
	(void)state;
	assert_int_equal(mfa_totp_around(59, 0, 0, 1).count, 0);
	assert_int_equal(mfa_totp_around(UINT64_MAX, 1, 0, 1).count, 0);
	assert_int_equal(mfa_totp_around(UINT64_MAX, 2, INT32_MAX, 1).count, 0);
	assert_int_equal(mfa_totp_around(INT64_MAX / 2 + 1, 1, 0, 1).count, 0);
	assert_int_equal(mfa_totp_around(59, 30, 0, UINT_MAX).count, 0);
	assert_int_equal(mfa_totp_around(1ULL << 40, 1, 0, INT_MAX / 2 + 1)
	    .count, 0);
	assert_int_equal(mfa_totp_around(59, 30, INT32_MIN, UINT_MAX / 2).count,
	    0);
}

/* R6: each position of the match against each watermark. */
static void
test_R6_search_tells_fresh_from_used(void **state)
{
	const struct mfa_totp_range range = { 10, 5 };

	(void)state;
	for (uint64_t step = 10; step < 15; step++) {
		char code[MFA_HOTP_DIGITS_MAX + 1];

		assert_int_equal(mfa_hotp_code(&key, step, code), MFA_OK);
		for (uint64_t next = 8; next < 17; next++) {
			bool fresh = step >= next;

			assert_answer(search(range, code, next),
			    fresh ? step : MFA_TOTP_NONE,
			    fresh ? MFA_TOTP_NONE : step);
		}
		assert_answer(search(range, code, 0), step, MFA_TOTP_NONE);
		assert_answer(search(range, code, UINT64_MAX), MFA_TOTP_NONE,
		    step);
	}
}

static void
test_R6_code_outside_the_range_is_not_found(void **state)
{
	const struct mfa_totp_range range = { 10, 5 }, empty = { 10, 0 };
	char code[MFA_HOTP_DIGITS_MAX + 1];

	(void)state;
	assert_int_equal(mfa_hotp_code(&key, 9, code), MFA_OK);
	assert_answer(search(range, code, 0), MFA_TOTP_NONE, MFA_TOTP_NONE);
	assert_int_equal(mfa_hotp_code(&key, 15, code), MFA_OK);
	assert_answer(search(range, code, 0), MFA_TOTP_NONE, MFA_TOTP_NONE);
	assert_int_equal(mfa_hotp_code(&key, 10, code), MFA_OK);
	assert_answer(search(empty, code, 0), MFA_TOTP_NONE, MFA_TOTP_NONE);
}

/* Up to the step before the one that stands for none. */
static void
test_R6_the_last_steps_of_all_are_searched(void **state)
{
	const struct mfa_totp_range range = { MFA_TOTP_NONE - 3, 3 };
	char code[MFA_HOTP_DIGITS_MAX + 1];

	(void)state;
	for (uint64_t step = range.first; step < MFA_TOTP_NONE; step++) {
		assert_int_equal(mfa_hotp_code(&key, step, code), MFA_OK);
		assert_answer(search(range, code, 0), step, MFA_TOTP_NONE);
	}
}

/* Every single wrong digit, at every place. */
static void
test_R6_near_misses_are_not_found(void **state)
{
	const struct mfa_totp_range range = { 10, 1 };
	char code[MFA_HOTP_DIGITS_MAX + 1];

	(void)state;
	assert_int_equal(mfa_hotp_code(&key, 10, code), MFA_OK);
	for (unsigned int place = 0; place < 6; place++) {
		char right = code[place];

		for (char digit = '0'; digit <= '9'; digit++) {
			code[place] = digit;
			assert_answer(search(range, code, 0),
			    digit == right ? 10 : MFA_TOTP_NONE, MFA_TOTP_NONE);
		}
		code[place] = right;
	}
}

/* Two steps with the same code: found by looking for them. */
static uint64_t
twin_of(uint64_t from, uint64_t *other)
{
	static char codes[4096][MFA_HOTP_DIGITS_MAX + 1];

	for (uint64_t i = 0; i < 4096; i++) {
		assert_int_equal(mfa_hotp_code(&key, from + i, codes[i]),
		    MFA_OK);
		for (uint64_t j = 0; j < i; j++) {
			if (strcmp(codes[i], codes[j]) == 0) {
				*other = from + i;
				return from + j;
			}
		}
	}
	fail_msg("no two equal codes");
	return 0;
}

static void
test_R6_smallest_fresh_and_largest_used(void **state)
{
	struct mfa_totp_range range;
	char code[MFA_HOTP_DIGITS_MAX + 1];
	uint64_t low, high = 0;

	(void)state;
	low = twin_of(1000, &high);
	range.first = low;
	range.count = (unsigned int)(high - low + 1);
	assert_int_equal(mfa_hotp_code(&key, low, code), MFA_OK);
	assert_answer(search(range, code, low), low, MFA_TOTP_NONE);
	assert_answer(search(range, code, low + 1), high, low);
	assert_answer(search(range, code, high), high, low);
	assert_answer(search(range, code, high + 1), MFA_TOTP_NONE, high);
}

static unsigned long
cost(struct mfa_totp_range range, const char *typed, uint64_t next)
{
	unsigned long before = allocations;

	(void)search(range, typed, next);
	return allocations - before;
}

/* As much is computed for a match at any place as for none. */
static void
test_R15_no_early_exit(void **state)
{
	const struct mfa_totp_range one = { 11, 1 }, range = { 10, 5 };
	char code[MFA_HOTP_DIGITS_MAX + 1];
	unsigned long each = cost(one, "000000", 0);

	(void)state;
	assert_true(each > 0);
	assert_int_equal(cost(range, "000000", 0), 5 * each);
	for (uint64_t step = 9; step <= 15; step++) {
		assert_int_equal(mfa_hotp_code(&key, step, code), MFA_OK);
		assert_int_equal(cost(range, code, 0), 5 * each);
		assert_int_equal(cost(range, code, step), 5 * each);
		assert_int_equal(cost(range, code, 20), 5 * each);
	}
}

static enum mfa_err
failing_search(const struct mfa_otp_key *k, struct mfa_totp_range range)
{
	struct answer a = { 1, 2 };
	enum mfa_err r = mfa_totp_search(k, range, "94287082", 0, &a.fresh,
	    &a.used);

	assert_answer(a, MFA_TOTP_NONE, MFA_TOTP_NONE);
	return r;
}

static void
test_R3_search_fails_closed(void **state)
{
	const struct mfa_totp_range range = { 0, 3 };
	const struct mfa_totp_range wraps = { UINT64_MAX - 1, 3 };
	const struct mfa_totp_range reaches_none = { UINT64_MAX, 1 };
	struct mfa_otp_key bad = key8;
	struct answer a = { 1, 2 };

	(void)state;
	assert_int_equal(mfa_totp_search(&key8, range, "94287082", 0, &a.fresh,
	    &a.used), MFA_OK);
	assert_answer(a, 1, MFA_TOTP_NONE);
	assert_int_equal(failing_search(&key8, wraps), MFA_ERR_INVALID);
	assert_int_equal(failing_search(&key8, reaches_none), MFA_ERR_INVALID);
	bad.digits = 5;
	assert_int_equal(failing_search(&bad, range), MFA_ERR_INVALID);
	bad.digits = 9;
	assert_int_equal(failing_search(&bad, range), MFA_ERR_INVALID);
}

/* A match is worth nothing if a later step could not be computed. */
static void
test_R3_search_without_memory_fails_closed(void **state)
{
	const struct mfa_totp_range range = { 0, 3 };
	unsigned long needed = allocations;
	struct answer a = { 1, 2 };

	(void)state;
	assert_int_equal(mfa_totp_search(&key8, range, "94287082", 0, &a.fresh,
	    &a.used), MFA_OK);
	assert_answer(a, 1, MFA_TOTP_NONE);
	needed = allocations - needed;
	assert_in_range(needed, 3, 300);
	for (unsigned long k = 0; k < needed; k++) {
		fails_from = allocations + k;
		assert_int_equal(failing_search(&key8, range), MFA_ERR_CRYPTO);
		fails_from = ULONG_MAX;
	}
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
		cmocka_unit_test(test_vectors_of_rfc_6238),
		cmocka_unit_test(test_R11_around_gives_the_window),
		cmocka_unit_test(test_R3_around_of_nonsense_is_empty),
		cmocka_unit_test(test_R6_search_tells_fresh_from_used),
		cmocka_unit_test(test_R6_code_outside_the_range_is_not_found),
		cmocka_unit_test(test_R6_the_last_steps_of_all_are_searched),
		cmocka_unit_test(test_R6_near_misses_are_not_found),
		cmocka_unit_test(test_R6_smallest_fresh_and_largest_used),
		cmocka_unit_test(test_R15_no_early_exit),
		cmocka_unit_test(test_R3_search_fails_closed),
		cmocka_unit_test(test_R3_search_without_memory_fails_closed),
	};

	if (CRYPTO_set_mem_functions(counted_malloc, plain_realloc,
	    plain_free) != 1)
		return 99;
	return cmocka_run_group_tests(tests, setup, NULL);
}
