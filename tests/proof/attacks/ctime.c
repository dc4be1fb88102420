/* SPDX-License-Identifier: MIT */
/* Constant time of every comparison with a secret (R15); how: ctime_seen.h. */
#include "tests/proof/attacks/ctime_seen.h"

#include "lib/base/secret.h"
#include "verifier/otp/totp.h"
#include "verifier/provider/otp.h"
#include "verifier/provider/provider.h"
#include "verifier/provider/recovery.h"
#include "verifier/provider/setup.h"
#include "verifier/vault/envelope.h"

#define NOW	1000000000U
#define WINDOW	1
#define AHEAD	10
#define CODES	10
#define PLAIN	6000
#define FACTORS 8

/* ---- codes by time and by counter ---- */

static const uint8_t seed[20] = "12345678901234567890";

static mfa_record_Factor
factor_of(mfa_record_Provider provider, mfa_record_Algorithm algorithm)
{
	mfa_record_Factor factor = mfa_record_Factor_init_zero;

	factor.provider = provider;
	factor.status = mfa_record_Status_STATUS_ENABLED;
	factor.algorithm = algorithm;
	factor.digits = 6;
	factor.period = 30;
	factor.counter = 5;
	memcpy(factor.secret.bytes, seed, sizeof(seed));
	factor.secret.size = sizeof(seed);
	return factor;
}

static struct mfa_typed
typed(const char *text)
{
	struct mfa_typed out;

	mfa_typed_parse((const uint8_t *)text, strlen(text), &out);
	return out;
}

/* The code of a step as a person types it. */
static struct mfa_typed
right(mfa_record_Algorithm algorithm, uint64_t step)
{
	const struct mfa_otp_key key = { (enum mfa_crypt_alg)algorithm, seed,
		sizeof(seed), 6 };
	char code[MFA_HOTP_DIGITS_MAX + 1];

	assert_int_equal(mfa_hotp_code(&key, step, code), MFA_OK);
	return typed(code);
}

static void
look_at(const struct mfa_provider *provider, mfa_record_Factor factor,
    const struct mfa_typed *answer, enum mfa_effect_kind wanted)
{
	static const mfa_record_Record record = mfa_record_Record_init_zero;
	const struct mfa_check what = { .typed = answer, .wall = NOW,
		.plausible = true, .window = WINDOW, .look_ahead = AHEAD };
	bool by_time = provider == &mfa_provider_totp;
	struct mfa_effect effect;
	unsigned int errors;
	enum mfa_err r;

	ctime_hide(factor.secret.bytes, sizeof(factor.secret.bytes));
	errors = ctime_start();
	r = provider->check(&record, &factor, &what, &effect);
	/* with the counter before the next one */
	ctime_finish(errors, by_time ? 2 * WINDOW + 1 : AHEAD + 2);
	assert_int_equal(r, MFA_OK);
	assert_int_equal(effect.kind, wanted);
}

static void
test_R15_totp(void **state)
{
	(void)state;
	for (int alg = 1; alg <= 3; alg++) {
		const mfa_record_Algorithm a = (mfa_record_Algorithm)alg;
		mfa_record_Factor factor = factor_of(
		    mfa_record_Provider_PROVIDER_TOTP, a);
		const struct mfa_typed wrong = typed("000000");

		for (uint64_t step = NOW / 30 - 1; step <= NOW / 30 + 1;
		     step++) {
			const struct mfa_typed code = right(a, step);

			look_at(&mfa_provider_totp, factor, &code,
			    MFA_EFFECT_USE);
			factor.last_step = step;
			look_at(&mfa_provider_totp, factor, &code,
			    MFA_EFFECT_REPLAY);
			factor.last_step = 0;
		}
		look_at(&mfa_provider_totp, factor, &wrong, MFA_EFFECT_NONE);
	}
}

static void
test_R15_hotp(void **state)
{
	const mfa_record_Algorithm a = mfa_record_Algorithm_ALGORITHM_SHA1;
	const mfa_record_Factor factor =
	    factor_of(mfa_record_Provider_PROVIDER_HOTP, a);
	const struct mfa_typed wrong = typed("000000");

	(void)state;
	for (uint64_t counter = 4; counter <= 5 + AHEAD; counter++) {
		const struct mfa_typed code = right(a, counter);

		look_at(&mfa_provider_hotp, factor, &code,
		    counter < 5 ? MFA_EFFECT_REPLAY : MFA_EFFECT_USE);
	}
	look_at(&mfa_provider_hotp, factor, &wrong, MFA_EFFECT_NONE);
}

/* ---- sync, and a secret that is enrolled already ---- */

static void
test_R15_pair(void **state)
{
	static const struct mfa_totp_range range = { 100, 8 };

	(void)state;
	for (int alg = 1; alg <= 3; alg++) {
		const mfa_record_Algorithm a = (mfa_record_Algorithm)alg;

		for (uint64_t at = 99; at < 109; at++) {
			const bool good = at > range.first &&
			    at < range.first + range.count;
			mfa_record_Factor factor = factor_of(
			    mfa_record_Provider_PROVIDER_TOTP, a);
			const struct mfa_typed first = right(a, at - 1);
			const struct mfa_typed second = right(a, at);
			uint64_t place = 0;
			unsigned int errors;
			enum mfa_err r;

			ctime_hide(factor.secret.bytes,
			    sizeof(factor.secret.bytes));
			errors = ctime_start();
			r = mfa_setup_find_pair(&factor, range, &first, &second,
			    &place);
			ctime_finish(errors, 2 * range.count);
			assert_int_equal(r, good ? MFA_OK : MFA_ERR_WRONG);
			assert_int_equal(place, good ? at : 0);
		}
	}
}

/* Only the outcome over all factors is told. */
static void
test_R15_has_secret(void **state)
{
	static mfa_record_Record record;
	mfa_record_Factor wanted = factor_of(mfa_record_Provider_PROVIDER_TOTP,
	    mfa_record_Algorithm_ALGORITHM_SHA1);

	(void)state;
	record.factors_count = FACTORS;
	ctime_hide(wanted.secret.bytes, sizeof(wanted.secret.bytes));
	for (int same = -1; same < FACTORS; same++) {
		unsigned int errors;
		bool found;

		for (int i = 0; i < FACTORS; i++) {
			mfa_record_Factor *f = &record.factors[i];

			*f = factor_of(i == 3 ?
				mfa_record_Provider_PROVIDER_OTP :
				mfa_record_Provider_PROVIDER_TOTP,
			    mfa_record_Algorithm_ALGORITHM_SHA1);
			f->status = i < 3 ? mfa_record_Status_STATUS_ENABLED :
					    mfa_record_Status_STATUS_DISABLED;
			f->secret.bytes[i] ^= i != same;
			ctime_hide(f->secret.bytes, sizeof(f->secret.bytes));
		}
		errors = ctime_start();
		ctime_tell_nothing();
		found = mfa_setup_has_secret(&record, &wanted);
		ctime_finish(errors, FACTORS);
		ctime_tell(&found, sizeof(found));
		/* what is no secret may come back */
		assert_int_equal(found, same >= 0 && same != 3);
	}
}

/* ---- codes that are kept as hashes ---- */

static void
fixed_random(const struct mfa_env *env, void *out, size_t len)
{
	uint8_t *p = out;

	(void)env;
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 7 + len);
}

static const struct mfa_env env = { .random = fixed_random };

static void
test_R15_recovery(void **state)
{
	static mfa_record_Record record;
	static struct mfa_recovery_text text;
	struct mfa_effect effect;
	unsigned int errors;

	(void)state;
	assert_int_equal(mfa_provider_recovery_new(&(struct mfa_env){
	    .random = mfa_crypt_random }, CODES, NOW, &record.recovery, &text),
	    MFA_OK);
	for (int i = -1; i < CODES; i++) {
		const struct mfa_typed answer = typed(
		    i < 0 ? "AAAABBBBCCCCDDDDEEEEFFFF" : text.code[i]);
		const struct mfa_check what = { .typed = &answer };
		enum mfa_err r;

		ctime_hide(record.recovery.salt, sizeof(record.recovery.salt));
		for (int j = 0; j < CODES; j++)
			ctime_hide(record.recovery.codes[j].hash,
			    MFA_CRYPT_HASH);
		errors = ctime_start();
		r = mfa_provider_recovery_code.check(&record, NULL, &what,
		    &effect);
		ctime_finish(errors, CODES);
		assert_int_equal(r, MFA_OK);
		assert_int_equal(effect.kind,
		    i < 0 ? MFA_EFFECT_NONE : MFA_EFFECT_USE);
	}
}

static void
test_R15_delivered(void **state)
{
	static mfa_record_Record record;
	mfa_record_Factor factor = factor_of(mfa_record_Provider_PROVIDER_OTP,
	    mfa_record_Algorithm_ALGORITHM_NONE);
	const struct mfa_otp_use use = { .service = "sshd", .rhost = "" };
	const struct mfa_otp_making how = { .env = &env, .use = &use,
		.ttl = 300 };
	char code[9];

	(void)state;
	assert_int_equal(mfa_otp_make(&how, &record, &factor, code), MFA_OK);
	record.delivered.compared = 1;
	for (int good = 0; good < 2; good++) {
		const struct mfa_typed answer = typed(good ? code : "000000");
		const struct mfa_check what = { .typed = &answer, .use = &use };
		struct mfa_effect effect;
		unsigned int errors;
		enum mfa_err r;

		ctime_hide(record.delivered.salt,
		    sizeof(record.delivered.salt));
		ctime_hide(record.delivered.hash,
		    sizeof(record.delivered.hash));
		ctime_hide(record.delivered.binding,
		    sizeof(record.delivered.binding));
		errors = ctime_start();
		r = mfa_provider_otp.check(&record, &factor, &what, &effect);
		ctime_finish(errors, 2); /* the binding, the code */
		assert_int_equal(r, MFA_OK);
		assert_int_equal(effect.kind,
		    good ? MFA_EFFECT_USE : MFA_EFFECT_NONE);
	}
}

static void
test_R15_grant(void **state)
{
	static mfa_record_Record record;
	char text[MFA_TYPED_RECOVERY_TEXT];

	(void)state;
	record.has_invitation = true;
	record.invitation.until = 300;
	assert_int_equal(mfa_provider_recovery_make(&env,
	    "medusa-mfa/invitation/v1", record.invitation.salt, text,
	    record.invitation.hash), MFA_OK);
	for (int good = 0; good < 2; good++) {
		const struct mfa_typed answer =
		    typed(good ? text : "AAAABBBBCCCCDDDDEEEEFFFF");
		const struct mfa_check what = { .typed = &answer };
		struct mfa_effect effect;
		unsigned int errors;
		enum mfa_err r;

		ctime_hide(record.invitation.salt,
		    sizeof(record.invitation.salt));
		ctime_hide(record.invitation.hash,
		    sizeof(record.invitation.hash));
		errors = ctime_start();
		r = mfa_provider_invitation.check(&record, NULL, &what,
		    &effect);
		ctime_finish(errors, 1);
		assert_int_equal(r, MFA_OK);
		ctime_tell(&effect, sizeof(effect));
		assert_int_equal(effect.kind,
		    good ? MFA_EFFECT_USE : MFA_EFFECT_NONE);
	}
}

/* ---- the seal ---- */

/*
 * libsodium's own comparison of the tag ends in one branch on the verdict: one
 * complaint for each opening that gets so far, whatever is wrong with the
 * record; and one in mfa_crypt_open where it was fine.
 */
static void
open_slot(uint8_t *slot, enum mfa_err wanted, unsigned int branches)
{
	static uint8_t text[MFA_SLOT_WORK];
	static const uint8_t store[MFA_STORE_ID];
	const struct mfa_binding binding = { store, "unix", "u-somebody" };
	struct mfa_key key = { .id = "8 bytes" };
	unsigned int errors;
	size_t len;
	enum mfa_err r;

	memset(key.bytes, 'k', sizeof(key.bytes));
	ctime_hide(key.bytes, sizeof(key.bytes));
	errors = ctime_start();
	r = mfa_envelope_open(&key, binding, 0, slot, text, &len);
	assert_int_equal(VALGRIND_COUNT_ERRORS - errors, branches);
	assert_int_equal(ctime_compared(), 1); /* the commitment */
	assert_int_equal(r, wanted);
}

static void
test_R15_envelope(void **state)
{
	static uint8_t slot[MFA_SLOT], plain[PLAIN];
	static const uint8_t store[MFA_STORE_ID];
	struct mfa_key key = { .id = "8 bytes" };
	const struct mfa_seal how = { .key = &key,
		.binding = { store, "unix", "u-somebody" }, .sequence = 1 };

	(void)state;
	memset(key.bytes, 'k', sizeof(key.bytes));
	assert_int_equal(mfa_envelope_seal(&env, &how, plain, sizeof(plain),
	    slot), MFA_OK);
	open_slot(slot, MFA_OK, 2);
	slot[MFA_SLOT - 1] ^= 1; /* the tag's last byte */
	open_slot(slot, MFA_ERR_DAMAGED, 1);
	slot[MFA_SLOT - 1] ^= 1;
	slot[MFA_SLOT_HEADER] ^= 1;
	open_slot(slot, MFA_ERR_DAMAGED, 1);
	slot[MFA_SLOT_HEADER] ^= 1;
	slot[MFA_SLOT_HEADER - 1] ^= 1; /* the commitment: nothing is opened */
	open_slot(slot, MFA_ERR_DAMAGED, 0);
}

/* ---- the module's comparison with the password ---- */

static void
test_R15_secret_equal(void **state)
{
	char a[32] = "the same text twice", b[32] = "the same text twice";

	(void)state;
	for (int i = 0; i < 32; i++) {
		unsigned int errors;
		bool equal;

		b[i] ^= i != 0; /* the first round is equal */
		ctime_hide(a, sizeof(a));
		ctime_hide(b, sizeof(b));
		errors = ctime_start();
		equal = mfa_secret_equal(a, sizeof(a), b, sizeof(b));
		ctime_finish(errors, 0);
		ctime_tell(&equal, sizeof(equal));
		assert_int_equal(equal, i == 0);
		ctime_tell(a, sizeof(a));
		ctime_tell(b, sizeof(b));
		b[i] ^= i != 0;
	}
}

/* The method finds what it is there for: a comparison that leaves early. */
static bool
leaves_early(const volatile char *a, const volatile char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static void
test_control(void **state)
{
	char a[] = "secret", b[] = "public";
	unsigned int errors = ctime_start();

	(void)state;
	ctime_hide(a, sizeof(a));
	(void)leaves_early(a, b, sizeof(a));
	assert_int_not_equal(VALGRIND_COUNT_ERRORS - errors, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_R15_totp),
		cmocka_unit_test(test_R15_hotp),
		cmocka_unit_test(test_R15_pair),
		cmocka_unit_test(test_R15_has_secret),
		cmocka_unit_test(test_R15_recovery),
		cmocka_unit_test(test_R15_delivered),
		cmocka_unit_test(test_R15_grant),
		cmocka_unit_test(test_R15_envelope),
		cmocka_unit_test(test_R15_secret_equal),
	};

	if (mfa_crypt_init() != MFA_OK || mfa_crypt_warm() != MFA_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
