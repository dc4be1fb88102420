/* SPDX-License-Identifier: MIT */
/* One-time passwords by counter: RFC 4226, and 6238 1.2 for the hashes. */
#ifndef MFA_OTP_HOTP_H
#define MFA_OTP_HOTP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "verifier/crypt/crypt.h"

#define MFA_HOTP_DIGITS_MIN 6
#define MFA_HOTP_DIGITS_MAX 8

/* A shared secret and how codes are made from it. */
struct mfa_otp_key {
	enum mfa_crypt_alg alg;
	const uint8_t *secret;
	size_t secret_len; /* bytes */
	unsigned int digits; /* 6 to 8 */
};

/*
 * The code of one counter value (RFC 4226 section 5.3).
 *
 * out: MFA_HOTP_DIGITS_MAX + 1 bytes; digits, leading zeros kept, NUL
 *
 * Returns: MFA_OK; MFA_ERR_INVALID for digits or algorithm; MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_hotp_code(const struct mfa_otp_key *key, uint64_t counter,
    char *out) MFA_MUST_USE;

#endif
