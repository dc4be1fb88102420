/* SPDX-License-Identifier: MIT */
/* One-time passwords by time: RFC 6238. */
#ifndef MFA_OTP_TOTP_H
#define MFA_OTP_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "verifier/otp/hotp.h"

#define MFA_TOTP_NONE UINT64_MAX

/* Steps first to first + count - 1 are searched. */
struct mfa_totp_range {
	uint64_t first;
	unsigned int count;
};

/*
 * The range of steps a code may come from: window steps before and after
 * (now / period + drift), clamped at step 0.
 */
struct mfa_totp_range mfa_totp_around(uint64_t now, unsigned int period,
    int32_t drift, unsigned int window);

/*
 * Compares a typed code with every step of a range, in constant time: all
 * codes are computed, all compared, none skipped (R15).
 *
 * typed: exactly key->digits bytes
 * next:  the watermark: steps below it were used
 * fresh: smallest matching step from the watermark on, or MFA_TOTP_NONE
 * used:  largest matching step below the watermark, or MFA_TOTP_NONE
 *
 * Returns: MFA_OK or the error of mfa_hotp_code; outputs are MFA_TOTP_NONE
 * on failure.
 */
enum mfa_err mfa_totp_search(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *typed, uint64_t last,
    uint64_t *fresh, uint64_t *used) MFA_MUST_USE;

/*
 * The first place in a range where first and, next to it, second stand, in
 * constant time: both are compared with every code (R15).
 *
 * first, second: exactly key->digits bytes
 * place:         of second, or MFA_TOTP_NONE; unchanged on failure
 *
 * Returns: as mfa_totp_search.
 */
enum mfa_err mfa_totp_pair(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *first, const char *second,
    uint64_t *place) MFA_MUST_USE;

#endif
