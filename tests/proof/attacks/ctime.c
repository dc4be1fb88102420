/* SPDX-License-Identifier: MIT */
/*
 * Constant time (R15): every comparison with a secret, under valgrind, with the
 * secret marked as undefined.  memcheck then complains of every branch and every
 * address that depends on it.  Only what a comparison says is marked as known
 * again, since its verdict is told: by the wraps of mfa_totp_search,
 * mfa_crypt_equal and mfa_crypt_open below.  How often they are called is counted, so that no case
 * can leave early and no candidate go uncompared.
 *
 * Without valgrind nothing is undefined and nothing can be found: "control"
 * fails then.
 */
#include "tests/unit/unit.h"

#include <valgrind/memcheck.h>

#include "lib/base/secret.h"
#include "verifier/otp/totp.h"
#include "verifier/provider/otp.h"
#include "verifier/provider/provider.h"
#include "verifier/provider/recovery.h"
#include "verifier/vault/envelope.h"

#define NOW	1000000000U
#define WINDOW	1
#define AHEAD	10
#define CODES	10
#define PLAIN	6000

/* What a wrap has seen; told is false where the caller may not branch. */
static struct {
	unsigned int compared;
	bool told;
} seen;

bool __real_mfa_crypt_equal(const void *a, const void *b, size_t len);
bool __wrap_mfa_crypt_equal(const void *a, const void *b, size_t len);
enum mfa_err __real_mfa_totp_search(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *typed, uint64_t last,
    uint64_t *fresh, uint64_t *used);
enum mfa_err __wrap_mfa_totp_search(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *typed, uint64_t last,
    uint64_t *fresh, uint64_t *used);
enum mfa_err __real_mfa_crypt_open(const uint8_t *key, const uint8_t *nonce,
    struct mfa_crypt_part ad, uint8_t *text, size_t len);
enum mfa_err __wrap_mfa_crypt_open(const uint8_t *key, const uint8_t *nonce,
    struct mfa_crypt_part ad, uint8_t *text, size_t len);

bool
__wrap_mfa_crypt_equal(const void *a, const void *b, size_t len)
{
	bool equal = __real_mfa_crypt_equal(a, b, len);

	seen.compared++;
	if (seen.told)
		VALGRIND_MAKE_MEM_DEFINED(&equal, sizeof(equal));
	return equal;
}

/* Inside nothing is told, outside the outcome is. */
enum mfa_err
__wrap_mfa_totp_search(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *typed, uint64_t last,
    uint64_t *fresh, uint64_t *used)
{
	bool told = seen.told;
	enum mfa_err r;

	seen.told = false;
	r = __real_mfa_totp_search(key, range, typed, last, fresh, used);
	seen.told = told;
	VALGRIND_MAKE_MEM_DEFINED(fresh, sizeof(*fresh));
	VALGRIND_MAKE_MEM_DEFINED(used, sizeof(*used));
	return r;
}

/* What was opened is no longer compared with anything. */
enum mfa_err
__wrap_mfa_crypt_open(const uint8_t *key, const uint8_t *nonce,
    struct mfa_crypt_part ad, uint8_t *text, size_t len)
{
	enum mfa_err r = __real_mfa_crypt_open(key, nonce, ad, text, len);

	VALGRIND_MAKE_MEM_DEFINED(&r, sizeof(r));
	VALGRIND_MAKE_MEM_DEFINED(text, len);
	return r;
}

static void
hide(const void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

static void
tell(const void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(p, len);
}

/* Runs from here on are looked at; finish says what was found. */
static unsigned int
start(void)
{
	seen.compared = 0;
	seen.told = true;
	return (unsigned int)VALGRIND_COUNT_ERRORS;
}

static void
finish(unsigned int before, unsigned int compared)
{
	assert_int_equal(VALGRIND_COUNT_ERRORS - before, 0);
	assert_int_equal(seen.compared, compared);
}

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

	hide(factor.secret.bytes, sizeof(factor.secret.bytes));
	errors = start();
	r = provider->check(&record, &factor, &what, &effect);
	/* with the counter before the next one */
	finish(errors, by_time ? 2 * WINDOW + 1 : AHEAD + 2);
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

		hide(record.recovery.salt, sizeof(record.recovery.salt));
		for (int j = 0; j < CODES; j++)
			hide(record.recovery.codes[j].hash, MFA_CRYPT_HASH);
		errors = start();
		r = mfa_provider_recovery_code.check(&record, NULL, &what,
		    &effect);
		finish(errors, CODES);
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

		hide(record.delivered.salt, sizeof(record.delivered.salt));
		hide(record.delivered.hash, sizeof(record.delivered.hash));
		hide(record.delivered.binding,
		    sizeof(record.delivered.binding));
		errors = start();
		r = mfa_provider_otp.check(&record, &factor, &what, &effect);
		finish(errors, 2); /* the binding, the code */
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

		hide(record.invitation.salt, sizeof(record.invitation.salt));
		hide(record.invitation.hash, sizeof(record.invitation.hash));
		errors = start();
		r = mfa_provider_invitation.check(&record, NULL, &what,
		    &effect);
		finish(errors, 1);
		assert_int_equal(r, MFA_OK);
		tell(&effect, sizeof(effect));
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
	hide(key.bytes, sizeof(key.bytes));
	errors = start();
	r = mfa_envelope_open(&key, binding, 0, slot, text, &len);
	assert_int_equal(VALGRIND_COUNT_ERRORS - errors, branches);
	assert_int_equal(seen.compared, 1); /* the commitment */
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
		hide(a, sizeof(a));
		hide(b, sizeof(b));
		errors = start();
		equal = mfa_secret_equal(a, sizeof(a), b, sizeof(b));
		finish(errors, 0);
		tell(&equal, sizeof(equal));
		assert_int_equal(equal, i == 0);
		tell(a, sizeof(a));
		tell(b, sizeof(b));
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
	unsigned int errors = start();

	(void)state;
	hide(a, sizeof(a));
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
