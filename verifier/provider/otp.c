/* SPDX-License-Identifier: MIT */
/*
 * MUST list: otp.h.  Six digits are found at once by whoever has the hash and
 * its key; both are in the sealed record only.
 */
#include "verifier/provider/otp.h"

#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/provider/common.h"

#define OTP   mfa_record_Provider_PROVIDER_OTP
#define TRIES 128 /* one fails in 45 times at most */

_Static_assert(MFA_OTP_ADDRESS <= MFA_PROVIDER_KEEP, "addresses are kept");

enum mfa_err
mfa_otp_setup(const char *address, uint32_t digits, mfa_record_Factor *factor)
{
	const size_t len = strlen(address);

	if (len < 1 || len > MFA_OTP_ADDRESS || !mfa_text_printable(address) ||
	    address[0] == ' ' || address[len - 1] == ' ' ||
	    digits < MFA_HOTP_DIGITS_MIN || digits > MFA_HOTP_DIGITS_MAX)
		return MFA_ERR_INVALID;
	factor->provider = OTP;
	factor->algorithm = mfa_record_Algorithm_ALGORITHM_NONE;
	factor->digits = (uint8_t)digits;
	factor->period = 0;
	memcpy(factor->secret.bytes, address, len);
	factor->secret.size = (pb_size_t)len;
	return MFA_OK;
}

void
mfa_otp_address(const mfa_record_Factor *factor, char *out)
{
	memcpy(out, factor->secret.bytes, factor->secret.size);
	out[factor->secret.size] = '\0';
}

/* ---- hashes ---- */

static enum mfa_err
hash_code(const uint8_t *salt, const uint8_t *id, const char *code,
    size_t digits, uint8_t out[MFA_CRYPT_HASH])
{
	static const char label[] = "medusa-mfa/otp-code/v1";
	const struct mfa_crypt_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ id, 8 },
		{ code, digits },
	};

	return mfa_crypt_hash(salt, parts, 3, out, MFA_CRYPT_HASH);
}

static enum mfa_err
hash_use(const uint8_t *salt, const mfa_record_Record *record,
    const struct mfa_otp_use *use, uint8_t out[16])
{
	static const char label[] = "medusa-mfa/otp-use/v1";
	uint8_t hash[MFA_CRYPT_HASH], peer[4];
	const struct mfa_crypt_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ record->realm, strlen(record->realm) },
		{ record->name, strlen(record->name) },
		{ use->service, strlen(use->service) },
		{ use->rhost, strlen(use->rhost) },
		{ peer, sizeof(peer) },
		{ use->challenge, use->challenge == NULL ? 0 : 16 },
		{ use->confirm, use->confirm == NULL ? 0 : 8 },
	};
	enum mfa_err r;

	mfa_num_put32(peer, use->peer);
	r = mfa_crypt_hash(salt, parts, sizeof(parts) / sizeof(parts[0]), hash,
	    sizeof(hash));
	if (r == MFA_OK)
		memcpy(out, hash, 16);
	return r;
}

/* ---- making ---- */

/* Numbers of the last, incomplete part of the range would come too often. */
static enum mfa_err
make_code(const struct mfa_env *env, unsigned int digits, char *code)
{
	uint32_t range = 1, number = 0;
	uint32_t fair;
	int tries = 0;

	for (unsigned int i = 0; i < digits; i++)
		range *= 10;
	fair = UINT32_MAX / range * range;
	do {
		if (tries++ == TRIES)
			return MFA_ERR_CRYPTO;
		env->random(env, &number, sizeof(number));
	} while (number >= fair);
	code[digits] = '\0';
	for (unsigned int i = digits; i > 0; i--) {
		code[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
	mfa_crypt_wipe(&number, sizeof(number));
	return MFA_OK;
}

enum mfa_err
mfa_otp_make(const struct mfa_otp_making *how, mfa_record_Record *record,
    const mfa_record_Factor *factor, char code[9])
{
	mfa_record_Delivered made;
	char digits[9];
	enum mfa_err r;

	/* The record takes its gaps along as well: nothing of the stack. */
	memset(&made, 0, sizeof(made));
	memset(code, 0, 9);
	if (factor->provider != OTP || factor->digits < MFA_HOTP_DIGITS_MIN ||
	    factor->digits > MFA_HOTP_DIGITS_MAX)
		return MFA_ERR_INVALID;
	how->env->random(how->env, made.salt, sizeof(made.salt));
	memcpy(made.factor, factor->id, sizeof(made.factor));
	made.sent = how->lapse;
	made.peer = (uint8_t)how->use->peer;
	made.until = how->lapse > UINT64_MAX - how->ttl ? UINT64_MAX :
							  how->lapse + how->ttl;
	if ((r = make_code(how->env, factor->digits, digits)) != MFA_OK ||
	    (r = hash_code(made.salt, made.factor, digits, factor->digits,
		 made.hash)) != MFA_OK ||
	    (r = hash_use(made.salt, record, how->use, made.binding)) != MFA_OK)
		goto out;
	record->delivered = made;
	record->has_delivered = true;
	memcpy(code, digits, factor->digits);
out:
	mfa_crypt_wipe(digits, sizeof(digits));
	mfa_crypt_wipe(&made, sizeof(made));
	return r;
}

/* ---- the live code ---- */

/* There is one, its time is not over, and it was made for this. */
static bool
is_for(const mfa_record_Record *record, uint64_t lapse,
    const struct mfa_otp_use *use)
{
	const mfa_record_Delivered *live = &record->delivered;
	uint8_t binding[16];

	return record->has_delivered && live->until != 0 &&
	    lapse < live->until && use != NULL &&
	    hash_use(live->salt, record, use, binding) == MFA_OK &&
	    mfa_crypt_equal(binding, live->binding, sizeof(binding));
}

bool
mfa_otp_is_live(const mfa_record_Record *record, uint64_t lapse,
    const struct mfa_otp_use *use)
{
	return record->delivered.compared < MFA_OTP_COMPARISONS &&
	    is_for(record, lapse, use);
}

bool
mfa_otp_end(mfa_record_Record *record)
{
	const bool was = record->has_delivered && record->delivered.until != 0;

	mfa_crypt_wipe(&record->delivered, sizeof(record->delivered));
	record->has_delivered = false;
	return was;
}

/* ---- the provider ---- */

static bool
is_sent_to(const mfa_record_Record *record, const mfa_record_Factor *factor)
{
	return memcmp(record->delivered.factor, factor->id,
		   sizeof(factor->id)) == 0;
}

static enum mfa_err
ready(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what)
{
	if (!mfa_provider_takes(factor, OTP, what->typed))
		return MFA_ERR_SYNTAX;
	if (!is_sent_to(record, factor) ||
	    !mfa_otp_is_live(record, what->lapse, what->use))
		return MFA_ERR_NOT_FOUND;
	return MFA_OK;
}

static void
charge(mfa_record_Record *record, mfa_record_Factor *factor)
{
	(void)factor;
	/* One too many is as good as any number, and fits. */
	if (record->delivered.compared <= MFA_OTP_COMPARISONS)
		record->delivered.compared++;
}

/* Changes with every code: salt and factor are in it. */
static uint64_t
number_of(const uint8_t hash[MFA_CRYPT_HASH])
{
	return mfa_num_get64(hash);
}

static enum mfa_err
check(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what, struct mfa_effect *effect)
{
	const mfa_record_Delivered *live = &record->delivered;
	uint8_t hash[MFA_CRYPT_HASH];
	enum mfa_err r;

	effect->kind = MFA_EFFECT_NONE;
	/* A comparison that was not counted is none (R7). */
	if (!mfa_provider_takes(factor, OTP, what->typed) ||
	    live->compared < 1 || live->compared > MFA_OTP_COMPARISONS)
		return MFA_ERR_INVALID;
	if (!is_sent_to(record, factor) ||
	    !is_for(record, what->lapse, what->use))
		return MFA_OK;
	r = hash_code(live->salt, factor->id, what->typed->text,
	    what->typed->len, hash);
	if (r == MFA_OK && mfa_crypt_equal(hash, live->hash, sizeof(hash))) {
		effect->kind = MFA_EFFECT_USE;
		effect->step = number_of(live->hash);
	}
	mfa_crypt_wipe(hash, sizeof(hash));
	return r;
}

static enum mfa_err
apply(mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_effect *effect, uint64_t wall)
{
	if (effect->kind != MFA_EFFECT_USE || !record->has_delivered ||
	    record->delivered.until == 0 || !is_sent_to(record, factor) ||
	    number_of(record->delivered.hash) != effect->step)
		return MFA_ERR_REPLAYED;
	(void)mfa_otp_end(record);
	mfa_provider_used(factor, wall);
	return MFA_OK;
}

const struct mfa_provider mfa_provider_otp = {
	.name = "otp",
	.number = OTP,
	.ready = ready,
	.charge = charge,
	.check = check,
	.apply = apply,
};
