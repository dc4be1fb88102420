/* SPDX-License-Identifier: MIT */
/*
 * R3: a hash or a code that could not be worked out is an error, and neither
 * a yes nor a mere no.  Links with --wrap, see tests/unit.am.
 */
#include "tests/unit/factor.h"

#include "verifier/otp/totp.h"
#include "verifier/provider/grant.h"
#include "verifier/provider/outside.h"
#include "verifier/provider/recovery.h"
#include "verifier/provider/common.h"
#include "verifier/provider/setup.h"
#include "verifier/vault/envelope.h"

#define NOW   1800000015ULL
#define LAPSE 5000ULL

static unsigned int fails_at; /* the call from here that fails; 0: none */

static bool
fails(void)
{
	return fails_at != 0 && --fails_at == 0;
}

enum mfa_err __real_mfa_crypt_hash(const uint8_t *key,
    const struct mfa_crypt_part *parts, size_t n, uint8_t *out, size_t outlen);
enum mfa_err __wrap_mfa_crypt_hash(const uint8_t *key,
    const struct mfa_crypt_part *parts, size_t n, uint8_t *out, size_t outlen);
enum mfa_err
__real_mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen);
enum mfa_err
__wrap_mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen);

enum mfa_err
__wrap_mfa_crypt_hash(const uint8_t *key, const struct mfa_crypt_part *parts,
    size_t n, uint8_t *out, size_t outlen)
{
	return fails() ? MFA_ERR_CRYPTO :
			 __real_mfa_crypt_hash(key, parts, n, out, outlen);
}

enum mfa_err
__wrap_mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen)
{
	return fails() ? MFA_ERR_CRYPTO :
			 __real_mfa_crypt_hmac(alg, key, msg, out, outlen);
}

static uint64_t seed;
static const struct mfa_env env = { .random = factor_random, .ctx = &seed };
static mfa_record_Record record;

static int
fresh(void **state)
{
	(void)state;
	seed = 4711;
	fails_at = 0;
	memset(&record, 0, sizeof(record));
	return 0;
}

/* ---- the envelope ---- */

static void
test_R3_a_slot_without_its_key_is_not_damaged(void **state)
{
	static uint8_t slot[MFA_SLOT], work[MFA_SLOT_WORK];
	static const uint8_t store_id[MFA_STORE_ID] = "store of a test";
	static const struct mfa_key key = { "key of", "a secret" };
	const struct mfa_binding mine = { store_id, "unix", "u-alice" };
	const struct mfa_seal how = { &key, mine, 1, 7 };
	size_t len = 4711;

	(void)state;
	for (unsigned int n = 1; n <= 3; n++) {
		fails_at = n;
		memset(slot, 0xa5, sizeof(slot));
		assert_int_equal(mfa_envelope_seal(&env, &how,
		    (const uint8_t *)"text", 4, slot), MFA_ERR_CRYPTO);
		assert_true(unit_all(slot, sizeof(slot), 0));
	}
	assert_int_equal(mfa_envelope_seal(&env, &how, (const uint8_t *)"text",
	    4, slot), MFA_OK);
	for (unsigned int n = 1; n <= 2; n++) {
		fails_at = n;
		memset(work, 0xa5, sizeof(work));
		assert_int_equal(mfa_envelope_open(&key, mine, 1, slot, work,
		    &len), MFA_ERR_CRYPTO);
		assert_true(unit_all(work, sizeof(work), 0));
		assert_int_equal(len, 4711);
	}
	assert_int_equal(mfa_envelope_open(&key, mine, 1, slot, work, &len),
	    MFA_OK);
	assert_int_equal(len, 4);
}

/* ---- programs ---- */

static void
test_R3_a_program_s_yes_that_cannot_be_noted_is_none(void **state)
{
	static const char reply[] = "verdict: accept\nkept: 01\n";
	const struct mfa_typed typed = factor_typed("hunter2");
	mfa_record_Factor *factor = &record.factors[0];
	mfa_record_Record before;
	struct mfa_effect e;

	(void)state;
	*factor = factor_of(mfa_record_Provider_PROVIDER_OUTSIDE);
	memcpy(factor->program, "yubico", 7);
	record.factors_count = 1;
	before = record;
	for (unsigned int n = 1; n <= 2; n++) {
		fails_at = n;
		memset(&e, 0xff, sizeof(e));
		assert_int_equal(mfa_outside_read_check(factor, &typed,
		    (const uint8_t *)reply, strlen(reply), &e),
		    MFA_ERR_CRYPTO);
		assert_true(unit_all(&e, sizeof(e), 0));
	}
	/* Perhaps it was accepted before: nobody knows. */
	fails_at = 1;
	assert_true(mfa_outside_was_accepted(&record, factor, &typed));
	assert_false(mfa_outside_was_accepted(&record, factor, &typed));
	assert_int_equal(mfa_outside_read_check(factor, &typed,
	    (const uint8_t *)reply, strlen(reply), &e), MFA_OK);
	fails_at = 1;
	assert_int_equal(mfa_provider_outside.apply(&record, factor, &e, NOW),
	    MFA_ERR_CRYPTO);
	assert_memory_equal(&record, &before, sizeof(record));
	assert_int_equal(mfa_provider_outside.apply(&record, factor, &e, NOW),
	    MFA_OK);
}

/* ---- long codes ---- */

static void
not_compared(const struct mfa_provider *provider, const char *text)
{
	const struct mfa_typed typed = factor_typed(text);
	const struct mfa_check what = { .typed = &typed, .lapse = LAPSE };
	struct mfa_effect e = { .kind = MFA_EFFECT_USE };

	fails_at = 1;
	assert_int_equal(provider->check(&record, NULL, &what, &e),
	    MFA_ERR_CRYPTO);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
	assert_int_equal(provider->check(&record, NULL, &what, &e), MFA_OK);
	assert_int_equal(e.kind, MFA_EFFECT_USE);
}

static void
test_R3_a_long_code_that_cannot_be_hashed_is_not_wrong(void **state)
{
	const struct mfa_grant_time time = { NOW, LAPSE, 600 };
	struct mfa_recovery_text codes;
	char text[MFA_TYPED_RECOVERY_TEXT];

	(void)state;
	assert_int_equal(mfa_provider_recovery_new(&env, 3, NOW,
	    &record.recovery, &codes), MFA_OK);
	not_compared(&mfa_provider_recovery_code, codes.code[1]);
	assert_int_equal(mfa_grant_new(&env, MFA_GRANT_BYPASS, &time, &record,
	    text), MFA_OK);
	not_compared(&mfa_provider_bypass, text);
	assert_int_equal(mfa_grant_new(&env, MFA_GRANT_INVITATION, &time,
	    &record, text), MFA_OK);
	not_compared(&mfa_provider_invitation, text);
	/* Nor is one given out. */
	fails_at = 1;
	assert_int_equal(mfa_grant_new(&env, MFA_GRANT_BYPASS, &time, &record,
	    text), MFA_ERR_CRYPTO);
	fails_at = 2;
	assert_int_equal(mfa_provider_recovery_new(&env, 3, NOW,
	    &record.recovery, &codes), MFA_ERR_CRYPTO);
}

/* ---- codes of six digits ---- */

/* One place of five that could not be worked out, be it before the match. */
static void
test_R3_a_search_with_a_gap_finds_nothing(void **state)
{
	const mfa_record_Factor factor =
	    factor_of(mfa_record_Provider_PROVIDER_TOTP);
	const struct mfa_otp_key key = mfa_provider_key(&factor);
	const struct mfa_totp_range range = { 100, 5 };
	const struct mfa_typed first = factor_code(&factor, 103);
	const struct mfa_typed second = factor_code(&factor, 104);
	uint64_t fresh_step, used, place = 4711;

	(void)state;
	for (unsigned int n = 1; n <= range.count; n++) {
		fresh_step = used = 4711;
		fails_at = n;
		assert_int_equal(mfa_totp_search(&key, range, second.text, 0,
		    &fresh_step, &used), MFA_ERR_CRYPTO);
		assert_true(fresh_step == MFA_TOTP_NONE);
		assert_true(used == MFA_TOTP_NONE);
		fails_at = n;
		assert_int_equal(mfa_setup_find_pair(&factor, range, &first,
		    &second, &place), MFA_ERR_CRYPTO);
		assert_true(place == 4711);
	}
	assert_int_equal(mfa_setup_find_pair(&factor, range, &first, &second,
	    &place), MFA_OK);
	assert_true(place == 104);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R3_a_slot_without_its_key_is_not_damaged),
		FRESH(test_R3_a_program_s_yes_that_cannot_be_noted_is_none),
		FRESH(test_R3_a_long_code_that_cannot_be_hashed_is_not_wrong),
		FRESH(test_R3_a_search_with_a_gap_finds_nothing),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
