/* SPDX-License-Identifier: MIT */
/* What the tests of providers share: answers, codes, a random source. */
#ifndef MFA_TESTS_FACTOR_H
#define MFA_TESTS_FACTOR_H

#include "tests/unit/unit.h"

#include "lib/base/env.h"
#include "verifier/crypt/crypt.h"
#include "verifier/otp/hotp.h"
#include "verifier/otp/typed.h"
#include "verifier/provider/provider.h"

/* What a person typed. */
static inline struct mfa_typed
factor_typed(const char *text)
{
	struct mfa_typed typed;

	mfa_typed_parse((const uint8_t *)text, strlen(text), &typed);
	return typed;
}

/* The code of a totp or hotp factor at a step or counter. */
static inline struct mfa_typed
factor_code(const mfa_record_Factor *factor, uint64_t place)
{
	const struct mfa_otp_key key = {
		.alg = (enum mfa_crypt_alg)factor->algorithm,
		.secret = factor->secret.bytes,
		.secret_len = factor->secret.size,
		.digits = factor->digits,
	};
	char code[MFA_HOTP_DIGITS_MAX + 1];

	assert_int_equal(mfa_hotp_code(&key, place, code), MFA_OK);
	return factor_typed(code);
}

/* A factor with the secret of RFC 4226 appendix D. */
static inline mfa_record_Factor
factor_of(mfa_record_Provider provider)
{
	mfa_record_Factor factor = mfa_record_Factor_init_zero;

	factor.provider = provider;
	factor.status = mfa_record_Status_STATUS_ENABLED;
	factor.algorithm = mfa_record_Algorithm_ALGORITHM_SHA1;
	factor.digits = 6;
	factor.period = 30;
	factor.secret.size = 20;
	memcpy(factor.secret.bytes, "12345678901234567890", 20);
	memcpy(factor.id, "factor-1", 8);
	return factor;
}

/* Numbers that look random, the same in every run; ctx: a uint64_t. */
static inline void
factor_random(const struct mfa_env *env, void *out, size_t len)
{
	uint64_t *state = env->ctx;

	for (size_t i = 0; i < len; i++) {
		*state = *state * 6364136223846793005U + 1442695040888963407U;
		((uint8_t *)out)[i] = (uint8_t)(*state >> 56);
	}
}

#endif
