/* SPDX-License-Identifier: MIT */
#include "verifier/provider/common.h"

struct mfa_otp_key
mfa_provider_key(const mfa_record_Factor *factor)
{
	return (struct mfa_otp_key){
		.alg = (enum mfa_crypt_alg)factor->algorithm,
		.secret = factor->secret.bytes,
		.secret_len = factor->secret.size,
		.digits = factor->digits,
	};
}

bool
mfa_provider_takes(const mfa_record_Factor *factor, mfa_record_Provider number,
    const struct mfa_typed *typed)
{
	return factor != NULL && factor->provider == number &&
	    typed->form == MFA_TYPED_DIGITS && typed->len == factor->digits;
}

enum mfa_err
mfa_provider_search(const mfa_record_Factor *factor,
    struct mfa_totp_range range, uint64_t next, const struct mfa_typed *typed,
    struct mfa_effect *effect)
{
	const struct mfa_otp_key key = mfa_provider_key(factor);
	uint64_t fresh, used;
	enum mfa_err r;

	effect->kind = MFA_EFFECT_NONE;
	r = mfa_totp_search(&key, range, typed->text, next, &fresh, &used);
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

void
mfa_provider_used(mfa_record_Factor *factor, uint64_t wall)
{
	factor->last_used = wall;
	factor->replay_step = 0;
	factor->replay_refunds = 0;
}
