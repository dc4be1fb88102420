/* SPDX-License-Identifier: MIT */
/*
 * R14: what makes codes and compares them leaves no code, secret, hash or key
 * on the stack.
 */
#include "tests/unit/residue.h"

#include "tests/unit/factor.h"

#include "verifier/otp/hotp.h"
#include "verifier/otp/totp.h"
#include "verifier/provider/grant.h"
#include "verifier/provider/otp.h"
#include "verifier/provider/outside.h"
#include "verifier/provider/recovery.h"
#include "verifier/provider/setup.h"
#include "verifier/vault/envelope.h"

/* ---- what was computed under way ---- */

#define NOTED 8

static uint8_t noted[NOTED][64];
static size_t noted_len[NOTED];
static unsigned int noted_n;

static void
note(const void *out, size_t len)
{
	if (noted_n == NOTED)
		return;
	memcpy(noted[noted_n], out, len);
	noted_len[noted_n++] = len;
}

enum mfa_err __real_mfa_crypt_hmac(enum mfa_crypt_alg alg,
    struct mfa_crypt_part key, struct mfa_crypt_part msg, uint8_t *out,
    size_t *outlen);
enum mfa_err __wrap_mfa_crypt_hmac(enum mfa_crypt_alg alg,
    struct mfa_crypt_part key, struct mfa_crypt_part msg, uint8_t *out,
    size_t *outlen);
enum mfa_err __real_mfa_crypt_hash(const uint8_t *key,
    const struct mfa_crypt_part *parts, size_t n, uint8_t *out, size_t outlen);
enum mfa_err __wrap_mfa_crypt_hash(const uint8_t *key,
    const struct mfa_crypt_part *parts, size_t n, uint8_t *out, size_t outlen);

enum mfa_err
__wrap_mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen)
{
	enum mfa_err r = __real_mfa_crypt_hmac(alg, key, msg, out, outlen);

	note(out, *outlen);
	return r;
}

/* What a code was made for, commitments and nonces are no secrets. */
static bool
is_secret(struct mfa_crypt_part label)
{
	static const char *const open[] = { "medusa-mfa/otp-use/v1", "commit",
		"nonce" };

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		if (label.len == strlen(open[i]) &&
		    memcmp(label.p, open[i], label.len) == 0)
			return false;
	}
	return true;
}

enum mfa_err
__wrap_mfa_crypt_hash(const uint8_t *key, const struct mfa_crypt_part *parts,
    size_t n, uint8_t *out, size_t outlen)
{
	enum mfa_err r = __real_mfa_crypt_hash(key, parts, n, out, outlen);

	if (is_secret(parts[0]))
		note(out, outlen);
	return r;
}

/* Runs it, and none of what was computed is left. */
static void
leaves_nothing(void (*what)(void))
{
	noted_n = 0;
	residue_run(what);
	assert_true(noted_n > 0);
	for (unsigned int i = 0; i < noted_n; i++) {
		if (residue_left(noted[i], noted_len[i]))
			fail_msg("what was computed as number %u is left", i);
	}
}

/* ---- that this test can fail ---- */

static void
leak(void)
{
	volatile char kept[16];

	for (unsigned int i = 0; i < sizeof(kept); i++)
		kept[i] = "left on a stack"[i];
}

static void
test_a_leak_is_found(void **state)
{
	(void)state;
	residue_run(leak);
	assert_true(residue_left("left on a stack", 15));
	assert_false(residue_left("left on a_stack", 15));
}

/* ---- codes ---- */

static const uint8_t secret[20] = "a secret of 20 byte";
static const struct mfa_otp_key key = { MFA_CRYPT_SHA1, secret,
	sizeof(secret), 6 };
static enum mfa_err got;
static char code[9];

static void
make_hotp(void)
{
	got = mfa_hotp_code(&key, 4711, code);
}

static void
test_R14_a_code_is_made(void **state)
{
	uint32_t number;

	(void)state;
	leaves_nothing(make_hotp);
	assert_int_equal(got, MFA_OK);
	number = mfa_num_get32(noted[0] + (noted[0][19] & 15)) & 0x7fffffff;
	assert_false(residue_left(&number, sizeof(number)));
	assert_false(residue_left(code, 6));
}

static uint64_t fresh_step, used_step;

static void
search(void)
{
	got = mfa_totp_search(&key, (struct mfa_totp_range){ 4709, 3 },
	    "123456", 0, &fresh_step, &used_step);
}

static void
test_R14_a_code_is_searched(void **state)
{
	(void)state;
	assert_int_equal(mfa_hotp_code(&key, 4711, code), MFA_OK);
	leaves_nothing(search);
	assert_int_equal(got, MFA_OK);
	/* The last one of the range stands there last. */
	assert_false(residue_left(code, 6));
}

static mfa_record_Factor factor;
static struct mfa_typed first, second;
static uint64_t place;

static void
find_pair(void)
{
	got = mfa_setup_find_pair(&factor, (struct mfa_totp_range){ 4709, 3 },
	    &first, &second, &place);
}

static void
test_R14_two_codes_are_searched(void **state)
{
	(void)state;
	memset(&factor, 0, sizeof(factor));
	factor.provider = mfa_record_Provider_PROVIDER_TOTP;
	factor.algorithm = mfa_record_Algorithm_ALGORITHM_SHA1;
	factor.digits = 6;
	factor.period = 30;
	memcpy(factor.secret.bytes, secret, sizeof(secret));
	factor.secret.size = sizeof(secret);
	first = factor_typed("123456");
	second = factor_typed("654321");
	assert_int_equal(mfa_hotp_code(&key, 4711, code), MFA_OK);
	leaves_nothing(find_pair);
	assert_int_equal(got, MFA_ERR_WRONG);
	assert_false(residue_left(code, 6));
}

/* ---- a new secret ---- */

static uint64_t seed;
static const struct mfa_env env = { .random = factor_random, .ctx = &seed };

static void
set_up(void)
{
	const struct mfa_setup how = {
		.provider = mfa_record_Provider_PROVIDER_TOTP,
		.algorithm = mfa_record_Algorithm_ALGORITHM_SHA1,
		.digits = 6, .period = 30, .import = "" };

	got = mfa_setup_factor(&env, &how, &factor);
}

static void
test_R14_a_secret_is_made(void **state)
{
	(void)state;
	memset(&factor, 0, sizeof(factor));
	residue_run(set_up);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(factor.secret.size, 20);
	assert_false(residue_left(factor.secret.bytes, 20));
}

/* ---- recovery codes, grants ---- */

static mfa_record_Record record;
static char text[MFA_TYPED_RECOVERY_TEXT];
static struct mfa_recovery_text texts;
static struct mfa_check what;
static struct mfa_effect effect;

static void
make_recovery(void)
{
	got = mfa_provider_recovery_new(&env, 1, 1000, &record.recovery,
	    &texts);
}

static void
check_recovery(void)
{
	got = mfa_provider_recovery_code.check(&record, NULL, &what, &effect);
}

static void
test_R14_a_recovery_code(void **state)
{
	uint8_t bytes[15];
	uint64_t again;

	(void)state;
	memset(&record, 0, sizeof(record));
	again = seed = 5;
	residue_run(make_recovery);
	assert_int_equal(got, MFA_OK);
	assert_false(residue_left(texts.code[0], 29));
	/* What it was made of, after the salt of the set. */
	{
		const struct mfa_env twice = { .random = factor_random,
			.ctx = &again };
		uint8_t salt[sizeof(record.recovery.salt)];

		twice.random(&twice, salt, sizeof(salt));
		assert_memory_equal(salt, record.recovery.salt, sizeof(salt));
		twice.random(&twice, bytes, sizeof(bytes));
	}
	mfa_typed_recovery_format(bytes, text);
	assert_string_equal(text, texts.code[0]);
	assert_false(residue_left(bytes, sizeof(bytes)));
	first = factor_typed(texts.code[0]);
	assert_false(residue_left(first.text, MFA_TYPED_RECOVERY));
	what = (struct mfa_check){ .typed = &first };
	leaves_nothing(check_recovery);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(effect.kind, MFA_EFFECT_USE);
}

static void
check_bypass(void)
{
	got = mfa_provider_bypass.check(&record, NULL, &what, &effect);
}

static void
test_R14_a_bypass(void **state)
{
	const struct mfa_grant_time time = { 1000, 1000, 3600 };

	(void)state;
	memset(&record, 0, sizeof(record));
	assert_int_equal(mfa_grant_new(&env, MFA_GRANT_BYPASS, &time, &record,
	    text), MFA_OK);
	first = factor_typed(text);
	what = (struct mfa_check){ .typed = &first, .lapse = 1001 };
	leaves_nothing(check_bypass);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(effect.kind, MFA_EFFECT_USE);
}

/* ---- delivered codes ---- */

static const struct mfa_otp_use use = { .service = "sshd", .rhost = "" };

static void
make_delivered(void)
{
	const struct mfa_otp_making making = { &env, &use, 1000, 300 };

	got = mfa_otp_make(&making, &record, &record.factors[0], code);
}

static void
check_delivered(void)
{
	got = mfa_provider_otp.check(&record, &record.factors[0], &what,
	    &effect);
}

static void
test_R14_a_delivered_code(void **state)
{
	(void)state;
	memset(&record, 0, sizeof(record));
	record.factors_count = 1;
	assert_int_equal(mfa_otp_setup("a@example.org", 6,
	    &record.factors[0]), MFA_OK);
	leaves_nothing(make_delivered);
	assert_int_equal(got, MFA_OK);
	assert_false(residue_left(code, 6));
	record.delivered.compared = 1;
	first = factor_typed(code);
	what = (struct mfa_check){ .typed = &first, .lapse = 1001,
		.use = &use };
	leaves_nothing(check_delivered);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(effect.kind, MFA_EFFECT_USE);
}

/* ---- programs ---- */

#define KEPT "6b657074206279206120636f6d70616e79" /* kept by a company */

static void
read_check(void)
{
	static const char reply[] = "verdict: accept\nkept: " KEPT "\n";

	got = mfa_outside_read_check(&factor, &first, (const uint8_t *)reply,
	    sizeof(reply) - 1, &effect);
}

static void
read_enroll(void)
{
	static const char reply[] = "verdict: accept\nkept: " KEPT "\n";

	got = mfa_outside_read_enroll("tokens", (const uint8_t *)reply,
	    sizeof(reply) - 1, &factor);
}

static void
ask_check(void)
{
	static char question[MFA_OUTSIDE_INPUT];
	size_t len;

	mfa_outside_ask_check(&factor, &what, question, &len);
	got = len > 0 ? MFA_OK : MFA_ERR_IO;
}

static void
test_R14_what_a_program_keeps(void **state)
{
	static void (*const ways[])(void) = { read_enroll, read_check,
		ask_check };

	(void)state;
	memset(&factor, 0, sizeof(factor));
	first = factor_typed("an answer");
	what = (struct mfa_check){ .typed = &first };
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		residue_run(ways[i]);
		assert_int_equal(got, MFA_OK);
		assert_int_equal(factor.secret.size, 17);
		assert_false(residue_left(KEPT, 34));
		assert_false(residue_left("kept by a company", 17));
	}
}

/* ---- the key of a record ---- */

static struct mfa_key ring_key = { .bytes = "a key of 32 bytes, or nearly so" };
static const uint8_t store_id[MFA_STORE_ID] = "a store";
static uint8_t slot[MFA_SLOT], work[MFA_SLOT_WORK];
static size_t work_len;

static struct mfa_binding
binding(void)
{
	return (struct mfa_binding){ store_id, "unix", "u-alice" };
}

static void
seal(void)
{
	const struct mfa_seal how = { &ring_key, binding(), 0, 1 };

	got = mfa_envelope_seal(&env, &how, (const uint8_t *)"a record of hers",
	    16, slot);
}

static void
unseal(void)
{
	got = mfa_envelope_open(&ring_key, binding(), 0, slot, work, &work_len);
}

static void
test_R14_the_key_of_a_record(void **state)
{
	(void)state;
	leaves_nothing(seal);
	assert_int_equal(got, MFA_OK);
	leaves_nothing(unseal);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(work_len, 16);
	assert_false(residue_left("a record of hers", 16));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_leak_is_found),
		cmocka_unit_test(test_R14_a_code_is_made),
		cmocka_unit_test(test_R14_a_code_is_searched),
		cmocka_unit_test(test_R14_two_codes_are_searched),
		cmocka_unit_test(test_R14_a_secret_is_made),
		cmocka_unit_test(test_R14_a_recovery_code),
		cmocka_unit_test(test_R14_a_bypass),
		cmocka_unit_test(test_R14_a_delivered_code),
		cmocka_unit_test(test_R14_what_a_program_keeps),
		cmocka_unit_test(test_R14_the_key_of_a_record),
	};

	residue_need_plain_frames();
	if (mfa_crypt_init() != MFA_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
