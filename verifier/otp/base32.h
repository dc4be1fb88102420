/* SPDX-License-Identifier: MIT */
/* Base32 as authenticator apps write it: RFC 4648 section 6. */
#ifndef MFA_OTP_BASE32_H
#define MFA_OTP_BASE32_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/*
 * Encodes len bytes without padding.
 *
 * out: size bytes, at least (len * 8 + 4) / 5 + 1; NUL-terminated
 *
 * Returns: MFA_OK or MFA_ERR_INVALID if size is too small.
 */
enum mfa_err mfa_base32_format(const uint8_t *bytes, size_t len, char *out,
    size_t size) MFA_MUST_USE;

/*
 * Decodes.  Case, spaces and hyphens are ignored; padding may be there, whole,
 * or missing; non-zero bits after the last byte are refused.
 *
 * text: NUL-terminated
 * out:  size bytes; untouched on failure but for wiped scratch
 * len:  bytes decoded
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX; MFA_ERR_INVALID if it does not fit.
 */
enum mfa_err mfa_base32_parse(const char *text, uint8_t *out, size_t size,
    size_t *len) MFA_MUST_USE;

#endif
