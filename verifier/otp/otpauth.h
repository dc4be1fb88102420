/* SPDX-License-Identifier: MIT */
/*
 * The otpauth:// URL of a QR code (the Key URI format that authenticator apps
 * read).  All values are percent-encoded (RFC 3986), spaces as %20.
 */
#ifndef MFA_OTP_OTPAUTH_H
#define MFA_OTP_OTPAUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct mfa_otpauth {
	const char *issuer;  /* shown by the app */
	const char *account; /* user@host */
	const char *secret;  /* base32 without padding */
	const char *algorithm; /* SHA1, SHA256, SHA512 */
	unsigned int digits;
	unsigned int period; /* totp: seconds */
	bool hotp;	     /* else totp */
	uint64_t counter;    /* hotp: the next one */
};

/*
 * Formats otpauth://totp/ISSUER:ACCOUNT?secret=...&issuer=...  Default
 * parameters (SHA1, 6, 30) are left out: it makes the QR code smaller.  hotp
 * always has its counter.
 *
 * out: size bytes
 *
 * Returns: MFA_OK or MFA_ERR_INVALID if it does not fit.
 */
enum mfa_err mfa_otpauth_format(const struct mfa_otpauth *what, char *out,
    size_t size) MFA_MUST_USE;

#endif
