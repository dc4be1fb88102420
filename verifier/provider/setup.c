/* SPDX-License-Identifier: MIT */
#include "verifier/provider/setup.h"

#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/otp/base32.h"
#include "verifier/provider/common.h"

#define SECRET_NEW 20 /* bytes: 160 bits (R16) */
#define SECRET_MIN 16
#define SECRET_MAX 64

uint64_t
mfa_setup_step(const mfa_record_Factor *factor, uint64_t wall)
{
	return mfa_totp_around(wall, factor->period, factor->drift, 0).first;
}

static enum mfa_err
make_secret(const struct mfa_env *env, const char *import, uint8_t *secret,
    size_t *len)
{
	enum mfa_err r;

	if (import[0] == '\0') {
		env->random(env, secret, SECRET_NEW);
		*len = SECRET_NEW;
		return MFA_OK;
	}
	if ((r = mfa_base32_parse(import, secret, SECRET_MAX, len)) != MFA_OK)
		return r;
	return *len < SECRET_MIN ? MFA_ERR_INVALID : MFA_OK;
}

static bool
is_sound(const struct mfa_setup *how)
{
	if (how->digits < MFA_HOTP_DIGITS_MIN ||
	    how->digits > MFA_HOTP_DIGITS_MAX ||
	    how->algorithm < mfa_record_Algorithm_ALGORITHM_SHA1 ||
	    how->algorithm > mfa_record_Algorithm_ALGORITHM_SHA512)
		return false;
	if (how->provider == mfa_record_Provider_PROVIDER_HOTP)
		return how->counter <= MFA_PROVIDER_COUNTER_MAX;
	return how->provider == mfa_record_Provider_PROVIDER_TOTP &&
	    how->period >= 15 && how->period <= 120;
}

enum mfa_err
mfa_setup_factor(const struct mfa_env *env, const struct mfa_setup *how,
    mfa_record_Factor *factor)
{
	const bool timed = how->provider == mfa_record_Provider_PROVIDER_TOTP;
	uint8_t secret[SECRET_MAX];
	size_t len = 0;
	enum mfa_err r;

	if (!is_sound(how))
		return MFA_ERR_INVALID;
	r = make_secret(env, how->import, secret, &len);
	if (r == MFA_OK) {
		factor->provider = how->provider;
		factor->algorithm = how->algorithm;
		factor->digits = (uint8_t)how->digits;
		factor->period = timed ? (uint16_t)how->period : 0;
		factor->counter = timed ? 0 : how->counter;
		memcpy(factor->secret.bytes, secret, len);
		factor->secret.size = (pb_size_t)len;
	}
	mfa_crypt_wipe(secret, sizeof(secret));
	return r;
}

enum mfa_err
mfa_setup_find_pair(const mfa_record_Factor *factor,
    struct mfa_totp_range range, const struct mfa_typed *first,
    const struct mfa_typed *second, uint64_t *place)
{
	const struct mfa_otp_key key = mfa_provider_key(factor);
	uint64_t found;
	enum mfa_err r;

	if (!mfa_provider_takes(factor, factor->provider, first) ||
	    !mfa_provider_takes(factor, factor->provider, second))
		return MFA_ERR_WRONG;
	r = mfa_totp_pair(&key, range, first->text, second->text, &found);
	if (r != MFA_OK)
		return r;
	if (found == MFA_TOTP_NONE)
		return MFA_ERR_WRONG;
	*place = found;
	return MFA_OK;
}

/* An address, or what a program keeps, is no secret of ours. */
static bool
may_come_back(const mfa_record_Factor *factor)
{
	return factor->status == mfa_record_Status_STATUS_DISABLED &&
	    factor->provider != mfa_record_Provider_PROVIDER_TOTP &&
	    factor->provider != mfa_record_Provider_PROVIDER_HOTP;
}

bool
mfa_setup_has_secret(const mfa_record_Record *record,
    const mfa_record_Factor *factor)
{
	uint8_t found = 0;

	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];
		/* Whole: HMAC fills a key up with zeros, and so do we. */
		const bool equal = mfa_crypt_equal(f->secret.bytes,
		    factor->secret.bytes, sizeof(f->secret.bytes));

		found |= (uint8_t)(equal & !may_come_back(f));
	}
	return found;
}

static const char *const algorithms[] = {
	[mfa_record_Algorithm_ALGORITHM_NONE] = "",
	[mfa_record_Algorithm_ALGORITHM_SHA1] = "SHA1",
	[mfa_record_Algorithm_ALGORITHM_SHA256] = "SHA256",
	[mfa_record_Algorithm_ALGORITHM_SHA512] = "SHA512",
};

const char *
mfa_setup_algorithm_name(mfa_record_Algorithm algorithm)
{
	return algorithms[algorithm];
}

enum mfa_err
mfa_setup_algorithm_find(const char *name, mfa_record_Algorithm *out)
{
	for (size_t i = mfa_record_Algorithm_ALGORITHM_SHA1;
	    i <= mfa_record_Algorithm_ALGORITHM_SHA512; i++) {
		if (strcmp(name, algorithms[i]) == 0) {
			*out = (mfa_record_Algorithm)i;
			return MFA_OK;
		}
	}
	return MFA_ERR_INVALID;
}
