/* SPDX-License-Identifier: MIT */
/* R11, R15, R16: what totp and hotp share.  Links with --wrap, see unit.am. */
#include "tests/unit/factor.h"

#include "verifier/otp/totp.h"
#include "verifier/provider/common.h"
#include "verifier/provider/setup.h"

#define NOW  1800000015ULL /* in the middle of a step */
#define STEP (NOW / 30)
#define TOTP mfa_record_Provider_PROVIDER_TOTP
#define HOTP mfa_record_Provider_PROVIDER_HOTP

static mfa_record_Factor factor;
static unsigned int random_calls;
static size_t random_bytes;

static void
counted_random(const struct mfa_env *env, void *out, size_t len)
{
	(void)env;
	random_calls++;
	random_bytes += len;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)out)[i] = (uint8_t)(0x40 + i);
}

static unsigned int computed, compared; /* codes; secrets or codes */
static bool all_alike;			/* every place has the code of 0 */

enum mfa_err __real_mfa_hotp_code(const struct mfa_otp_key *key,
    uint64_t counter, char *out);
enum mfa_err __wrap_mfa_hotp_code(const struct mfa_otp_key *key,
    uint64_t counter, char *out);
bool __real_mfa_crypt_equal(const void *a, const void *b, size_t len);
bool __wrap_mfa_crypt_equal(const void *a, const void *b, size_t len);

enum mfa_err
__wrap_mfa_hotp_code(const struct mfa_otp_key *key, uint64_t counter, char *out)
{
	computed++;
	return __real_mfa_hotp_code(key, all_alike ? 0 : counter, out);
}

bool
__wrap_mfa_crypt_equal(const void *a, const void *b, size_t len)
{
	compared++;
	return __real_mfa_crypt_equal(a, b, len);
}

static const struct mfa_env env = { .random = counted_random };
static struct mfa_setup how;

static int
fresh(void **state)
{
	(void)state;
	how = (struct mfa_setup){
		.provider = TOTP,
		.algorithm = mfa_record_Algorithm_ALGORITHM_SHA1,
		.digits = 6,
		.period = 30,
		.import = "",
	};
	memset(&factor, 0, sizeof(factor));
	random_calls = 0;
	random_bytes = 0;
	all_alike = false;
	return 0;
}

static enum mfa_err
setup(void)
{
	return mfa_setup_factor(&env, &how, &factor);
}

static enum mfa_err
import(const char *text)
{
	how.import = text;
	return setup();
}

static void
test_R16_a_new_secret_has_160_bits(void **state)
{
	(void)state;
	assert_int_equal(setup(), MFA_OK);
	assert_int_equal(factor.secret.size, 20);
	assert_int_equal(random_calls, 1);
	assert_int_equal(random_bytes, 20);
	assert_int_equal(factor.secret.bytes[19], 0x40 + 19);
	assert_int_equal(factor.provider, TOTP);
	assert_int_equal(factor.algorithm, 1);
	assert_int_equal(factor.digits, 6);
	assert_int_equal(factor.period, 30);
	assert_int_equal(factor.counter, 0);
}

static void
test_R16_imports(void **state)
{
	char text[200];

	(void)state;
	/* 128 bits are 26 characters; 120 bits are 24. */
	assert_int_equal(import("GEZDGNBVGY3TQOJQGEZDGNBVGY"), MFA_OK);
	assert_int_equal(factor.secret.size, 16);
	assert_int_equal(import("gezd gnbv gy3t qojq gezd gnbv gy"), MFA_OK);
	assert_memory_equal(factor.secret.bytes, "1234567890123456", 16);
	assert_int_equal(import("GEZDGNBVGY3TQOJQGEZDGNBV"), MFA_ERR_INVALID);
	assert_int_equal(import("GE"), MFA_ERR_INVALID);
	assert_int_equal(import("GEZDGNBVGY3TQOJQGEZDGNBVG1"), MFA_ERR_SYNTAX);
	assert_int_equal(import("what is this?"), MFA_ERR_SYNTAX);
	/* 512 bits are 103 characters; the field would hold more. */
	memset(text, 'A', sizeof(text));
	text[103] = '\0';
	assert_int_equal(import(text), MFA_OK);
	assert_int_equal(factor.secret.size, 64);
	text[103] = 'A';
	text[104] = '\0';
	assert_int_equal(import(text), MFA_ERR_INVALID);
	assert_int_equal(random_calls, 0);
}

static enum mfa_err
with(int alg, uint32_t digits, uint32_t period)
{
	how.algorithm = (mfa_record_Algorithm)alg;
	how.digits = digits;
	how.period = period;
	return setup();
}

static void
test_R16_parameters_out_of_range(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		how.provider = i == 0 ? TOTP : HOTP;
		assert_int_equal(with(0, 6, 30), MFA_ERR_INVALID);
		assert_int_equal(with(4, 6, 30), MFA_ERR_INVALID);
		assert_int_equal(with(1, 5, 30), MFA_ERR_INVALID);
		assert_int_equal(with(1, 9, 30), MFA_ERR_INVALID);
		assert_int_equal(with(1, 262, 30), MFA_ERR_INVALID);
	}
	how.provider = TOTP;
	assert_int_equal(with(1, 6, 14), MFA_ERR_INVALID);
	assert_int_equal(with(1, 6, 121), MFA_ERR_INVALID);
	assert_int_equal(with(1, 6, 65566), MFA_ERR_INVALID);
	assert_int_equal(random_calls, 0);
	assert_int_equal(with(3, 8, 120), MFA_OK);
	assert_int_equal(with(2, 7, 15), MFA_OK);
}

static void
test_hotp_has_a_counter_and_no_period(void **state)
{
	(void)state;
	how.provider = HOTP;
	how.period = 65566;
	how.counter = 12;
	assert_int_equal(setup(), MFA_OK);
	assert_int_equal(factor.provider, HOTP);
	assert_int_equal(factor.counter, 12);
	assert_int_equal(factor.period, 0);
	assert_int_equal(factor.secret.size, 20);
	how.counter = 1ULL << 53;
	assert_int_equal(setup(), MFA_OK);
	how.counter++;
	assert_int_equal(setup(), MFA_ERR_INVALID);
	how.counter = UINT64_MAX;
	assert_int_equal(setup(), MFA_ERR_INVALID);
	assert_true(factor.counter == 1ULL << 53);
}

static void
test_other_kinds_are_not_set_up_here(void **state)
{
	static const mfa_record_Provider others[] = {
		mfa_record_Provider_PROVIDER_NONE,
		mfa_record_Provider_PROVIDER_OTP,
		mfa_record_Provider_PROVIDER_OUTSIDE,
		(mfa_record_Provider)5,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		how.provider = others[i];
		assert_int_equal(setup(), MFA_ERR_INVALID);
	}
}

static void
test_a_failure_leaves_the_factor_alone(void **state)
{
	mfa_record_Factor before;

	(void)state;
	memset(&factor, 0x5a, sizeof(factor));
	before = factor;
	assert_int_equal(import("GEZDGNBVGY3TQOJQGEZDGNBV"), MFA_ERR_INVALID);
	assert_int_equal(import("!"), MFA_ERR_SYNTAX);
	assert_int_equal(with(1, 5, 30), MFA_ERR_INVALID);
	assert_memory_equal(&factor, &before, sizeof(factor));
}

static void
test_R16_an_algorithm_and_its_name(void **state)
{
	static const struct {
		const char *name;
		mfa_record_Algorithm algorithm;
	} all[] = {
		{ "SHA1", mfa_record_Algorithm_ALGORITHM_SHA1 },
		{ "SHA256", mfa_record_Algorithm_ALGORITHM_SHA256 },
		{ "SHA512", mfa_record_Algorithm_ALGORITHM_SHA512 },
	};
	static const char *const others[] = { "", "SHA", "SHA2", "SHA-1",
		"sha1", "SHA5122", "MD5", " SHA1" };
	mfa_record_Algorithm found;

	(void)state;
	for (int i = 0; i < 3; i++) {
		found = mfa_record_Algorithm_ALGORITHM_NONE;
		assert_int_equal(mfa_setup_algorithm_find(all[i].name,
		    &found), MFA_OK);
		assert_int_equal(found, all[i].algorithm);
		assert_string_equal(mfa_setup_algorithm_name(found),
		    all[i].name);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(mfa_setup_algorithm_find(others[i], &found),
		    MFA_ERR_INVALID);
	assert_string_equal(mfa_setup_algorithm_name(
	    mfa_record_Algorithm_ALGORITHM_NONE), "");
}

static void
test_the_key_is_the_factors(void **state)
{
	struct mfa_otp_key key;

	(void)state;
	factor = factor_of(TOTP);
	factor.algorithm = mfa_record_Algorithm_ALGORITHM_SHA512;
	factor.digits = 8;
	key = mfa_provider_key(&factor);
	assert_int_equal(key.alg, MFA_CRYPT_SHA512);
	assert_ptr_equal(key.secret, factor.secret.bytes);
	assert_int_equal(key.secret_len, 20);
	assert_int_equal(key.digits, 8);
}

static void
test_R11_the_step_has_the_drift_in_it(void **state)
{
	(void)state;
	factor = factor_of(TOTP);
	assert_true(mfa_setup_step(&factor, NOW) == STEP);
	factor.drift = 5;
	assert_true(mfa_setup_step(&factor, NOW) == STEP + 5);
	factor.drift = -5;
	assert_true(mfa_setup_step(&factor, NOW) == STEP - 5);
	/* Before 1970 there is no step. */
	factor.drift = INT32_MIN;
	assert_true(mfa_setup_step(&factor, NOW) == 0);
}

/* ---- pairs ---- */

static enum mfa_err
pair(struct mfa_totp_range range, uint64_t a, uint64_t b, uint64_t *place)
{
	const struct mfa_typed first = factor_code(&factor, a);
	const struct mfa_typed second = factor_code(&factor, b);

	*place = 4711;
	return mfa_setup_find_pair(&factor, range, &first, &second, place);
}

static void
test_R11_a_pair_is_found_everywhere_in_its_range(void **state)
{
	const struct mfa_totp_range range = { 100, 20 };
	uint64_t place;

	(void)state;
	factor = factor_of(TOTP);
	for (uint64_t at = 95; at < 125; at++) {
		bool inside = at >= 100 && at + 1 < 120;

		assert_int_equal(pair(range, at, at + 1, &place),
		    inside ? MFA_OK : MFA_ERR_WRONG);
		assert_true(place == (inside ? at + 1 : 4711));
	}
}

static void
test_R11_what_is_no_pair(void **state)
{
	const struct mfa_totp_range range = { 100, 20 }, one = { 100, 1 },
				    none = { 100, 0 };
	uint64_t place;

	(void)state;
	factor = factor_of(TOTP);
	assert_int_equal(pair(range, 105, 105, &place), MFA_ERR_WRONG);
	assert_int_equal(pair(range, 106, 105, &place), MFA_ERR_WRONG);
	assert_int_equal(pair(range, 105, 107, &place), MFA_ERR_WRONG);
	assert_int_equal(pair(one, 100, 101, &place), MFA_ERR_WRONG);
	assert_int_equal(pair(none, 100, 101, &place), MFA_ERR_WRONG);
	assert_true(place == 4711);
}

static void
test_R11_the_first_of_many_pairs(void **state)
{
	const struct mfa_totp_range range = { 100, 20 };
	uint64_t place;

	(void)state;
	factor = factor_of(TOTP);
	all_alike = true;
	assert_int_equal(pair(range, 0, 0, &place), MFA_OK);
	assert_true(place == 101);
}

static void
test_R15_every_place_is_compared_with_both(void **state)
{
	const struct mfa_totp_range range = { 100, 20 };
	uint64_t place;

	(void)state;
	factor = factor_of(TOTP);
	for (uint64_t at = 98; at < 122; at++) {
		computed = compared = 0;
		(void)pair(range, at, at + 1, &place);
		assert_int_equal(computed, 2 + range.count); /* two typed */
		assert_int_equal(compared, 2 * range.count);
	}
}

static void
test_R3_a_range_beyond_the_last_place(void **state)
{
	const struct mfa_totp_range last = { UINT64_MAX - 2, 2 },
				    wraps = { UINT64_MAX - 1, 2 };
	uint64_t place;

	(void)state;
	factor = factor_of(TOTP);
	assert_int_equal(pair(last, UINT64_MAX - 2, UINT64_MAX - 1, &place),
	    MFA_OK);
	assert_true(place == UINT64_MAX - 1);
	assert_int_equal(pair(wraps, UINT64_MAX - 1, UINT64_MAX, &place),
	    MFA_ERR_INVALID);
	assert_true(place == 4711);
}

static void
test_R8_a_pair_is_digits_of_the_factors_length(void **state)
{
	static const char *const others[] = { "1234567", "12345678", "12345",
		"send", "hunter2", "", "0123-4567-89AB-CDEF-GHJK-MNPQ" };
	const struct mfa_totp_range range = { 100, 20 };
	struct mfa_typed good, other;
	uint64_t place = 4711;

	(void)state;
	factor = factor_of(TOTP);
	good = factor_code(&factor, 105);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		other = factor_typed(others[i]);
		assert_int_equal(mfa_setup_find_pair(&factor, range, &good,
		    &other, &place), MFA_ERR_WRONG);
		assert_int_equal(mfa_setup_find_pair(&factor, range, &other,
		    &good, &place), MFA_ERR_WRONG);
	}
	/* A record out of its mind is an error, never a pair. */
	factor.algorithm = mfa_record_Algorithm_ALGORITHM_NONE;
	assert_int_equal(mfa_setup_find_pair(&factor, range, &good, &good,
	    &place), MFA_ERR_INVALID);
	assert_true(place == 4711);
}

/* ---- a secret that is there already ---- */

static void
test_R6_R15_a_secret_is_looked_for_in_all(void **state)
{
	static mfa_record_Record record;
	const mfa_record_Factor wanted = factor_of(TOTP);

	(void)state;
	record.factors_count = 8;
	for (unsigned int i = 0; i < 8; i++) {
		record.factors[i] = factor_of(i % 2 == 0 ? TOTP : HOTP);
		record.factors[i].secret.bytes[i] ^= 1;
		record.factors[i].status = i < 4 ?
		    mfa_record_Status_STATUS_ENABLED :
		    mfa_record_Status_STATUS_DISABLED;
	}
	for (unsigned int i = 0; i <= 8; i++) {
		if (i < 8)
			record.factors[i].secret.bytes[i] ^= 1;
		compared = 0;
		assert_int_equal(mfa_setup_has_secret(&record, &wanted), i < 8);
		assert_int_equal(compared, 8);
		if (i < 8)
			record.factors[i].secret.bytes[i] ^= 1;
	}
	/* The last byte there is room for counts as well. */
	record.factors[0] = wanted;
	record.factors[0].secret.bytes[63] = 1;
	assert_false(mfa_setup_has_secret(&record, &wanted));
	record.factors_count = 0;
	record.factors[0] = wanted;
	assert_false(mfa_setup_has_secret(&record, &wanted));
}

static void
test_R6_what_is_no_secret_may_come_back(void **state)
{
	static const mfa_record_Provider others[] = {
		mfa_record_Provider_PROVIDER_OTP,
		mfa_record_Provider_PROVIDER_OUTSIDE };
	static mfa_record_Record record;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const mfa_record_Factor wanted = factor_of(others[i]);

		record.factors_count = 1;
		record.factors[0] = wanted;
		assert_true(mfa_setup_has_secret(&record, &wanted));
		record.factors[0].status = mfa_record_Status_STATUS_PENDING;
		assert_true(mfa_setup_has_secret(&record, &wanted));
		record.factors[0].status = mfa_record_Status_STATUS_DISABLED;
		compared = 0;
		assert_false(mfa_setup_has_secret(&record, &wanted));
		assert_int_equal(compared, 1);
	}
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R16_a_new_secret_has_160_bits),
		FRESH(test_R16_imports),
		FRESH(test_R16_parameters_out_of_range),
		FRESH(test_hotp_has_a_counter_and_no_period),
		FRESH(test_other_kinds_are_not_set_up_here),
		FRESH(test_a_failure_leaves_the_factor_alone),
		FRESH(test_R16_an_algorithm_and_its_name),
		FRESH(test_the_key_is_the_factors),
		FRESH(test_R11_the_step_has_the_drift_in_it),
		FRESH(test_R11_a_pair_is_found_everywhere_in_its_range),
		FRESH(test_R11_what_is_no_pair),
		FRESH(test_R11_the_first_of_many_pairs),
		FRESH(test_R15_every_place_is_compared_with_both),
		FRESH(test_R3_a_range_beyond_the_last_place),
		FRESH(test_R6_R15_a_secret_is_looked_for_in_all),
		FRESH(test_R6_what_is_no_secret_may_come_back),
		FRESH(test_R8_a_pair_is_digits_of_the_factors_length),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
