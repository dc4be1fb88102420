/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "verifier/otp/base32.h"
#include "verifier/otp/totp.h"
#include "verifier/provider/provider.h"

#define SECRET_NEW 20 /* bytes: 160 bits (R16) */
#define SECRET_MIN 16

static struct mfa_otp_key
key_of(const mfa_record_Factor *factor)
{
	return (struct mfa_otp_key){
		.alg = (enum mfa_crypt_alg)factor->algorithm,
		.secret = factor->secret.bytes,
		.secret_len = factor->secret.size,
		.digits = factor->digits,
	};
}

uint64_t
mfa_provider_totp_step(const mfa_record_Factor *factor, uint64_t wall)
{
	return mfa_totp_around(wall, factor->period, factor->drift, 0).first;
}

static enum mfa_err
check(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what, struct mfa_effect *effect)
{
	struct mfa_otp_key key;
	uint64_t fresh, used;
	enum mfa_err r;

	(void)record;
	effect->kind = MFA_EFFECT_NONE;
	if (factor == NULL || factor->provider != mfa_record_Provider_PROVIDER_TOTP ||
	    what->typed->len != factor->digits)
		return MFA_ERR_INVALID;
	key = key_of(factor);
	r = mfa_totp_search(&key,
	    mfa_totp_around(what->wall, factor->period, factor->drift,
		what->window),
	    what->typed->text, factor->last_step, &fresh, &used);
	if (r != MFA_OK)
		return r;
	if (fresh != MFA_TOTP_NONE) {
		effect->kind = MFA_EFFECT_USE;
		effect->step = fresh;
	} else if (used != MFA_TOTP_NONE) {
		effect->kind = MFA_EFFECT_REPLAY;
		effect->step = used;
	}
	return MFA_OK;
}

static enum mfa_err
apply(mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_effect *effect, uint64_t wall)
{
	(void)record;
	if (effect->kind != MFA_EFFECT_USE || effect->step <= factor->last_step)
		return MFA_ERR_REPLAYED;
	factor->last_step = effect->step;
	factor->last_used = wall;
	factor->replay_step = 0;
	factor->replay_refunds = 0;
	return MFA_OK;
}

const struct mfa_provider mfa_provider_totp = {
	.name = "totp",
	.form = MFA_TYPED_DIGITS,
	.check = check,
	.apply = apply,
};

static enum mfa_err
make_secret(const struct mfa_env *env, const char *import,
    mfa_record_Factor *factor)
{
	size_t len = SECRET_NEW;
	enum mfa_err r;

	if (import[0] == '\0') {
		env->random(env, factor->secret.bytes, SECRET_NEW);
	} else {
		r = mfa_base32_parse(import, factor->secret.bytes,
		    sizeof(factor->secret.bytes), &len);
		if (r != MFA_OK)
			return r;
		if (len < SECRET_MIN)
			return MFA_ERR_INVALID;
	}
	factor->secret.size = (pb_size_t)len;
	return MFA_OK;
}

enum mfa_err
mfa_provider_totp_setup(const struct mfa_env *env,
    const struct mfa_totp_setup *how, mfa_record_Factor *factor)
{
	if (how->digits < 6 || how->digits > 8 || how->period < 15 ||
	    how->period > 120 ||
	    how->algorithm < mfa_record_Algorithm_ALGORITHM_SHA1 ||
	    how->algorithm > mfa_record_Algorithm_ALGORITHM_SHA512)
		return MFA_ERR_INVALID;
	factor->provider = mfa_record_Provider_PROVIDER_TOTP;
	factor->algorithm = how->algorithm;
	factor->digits = (uint8_t)how->digits;
	factor->period = (uint16_t)how->period;
	return make_secret(env, how->import, factor);
}

enum mfa_err
mfa_provider_totp_sync(const mfa_record_Factor *factor,
    const struct mfa_typed *first, const struct mfa_typed *second,
    uint64_t wall, uint64_t *step)
{
	const struct mfa_otp_key key = key_of(factor);
	struct mfa_totp_range range = mfa_totp_around(wall, factor->period, 0,
	    MFA_TOTP_SYNC);
	uint64_t found = MFA_TOTP_NONE, fresh, used;
	enum mfa_err r;

	if (first->len != factor->digits || second->len != factor->digits)
		return MFA_ERR_WRONG;
	for (unsigned int i = 0; i + 1 < range.count; i++) {
		struct mfa_totp_range one = { range.first + i, 1 };
		bool hit;

		r = mfa_totp_search(&key, one, first->text, 0, &fresh, &used);
		if (r != MFA_OK)
			return r;
		hit = fresh != MFA_TOTP_NONE;
		one.first++;
		r = mfa_totp_search(&key, one, second->text, 0, &fresh, &used);
		if (r != MFA_OK)
			return r;
		if (hit && fresh != MFA_TOTP_NONE && found == MFA_TOTP_NONE)
			found = one.first;
	}
	if (found == MFA_TOTP_NONE)
		return MFA_ERR_WRONG;
	*step = found;
	return MFA_OK;
}
