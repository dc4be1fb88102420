/* SPDX-License-Identifier: MIT */
/*
 * Delivered one-time codes (R12), the part without any delivery.
 *
 * MUST (checked against otp.c):
 *  - one code is live at a time; a new one, a use, the end of its time or three
 *    comparisons end the one before;
 *  - it is stored as a keyed hash only, and compared with nothing that was not
 *    asked for the same use;
 *  - the comparison is counted where the attempt is debited, before it is made.
 */
#ifndef MFA_PROVIDER_OTP_H
#define MFA_PROVIDER_OTP_H

#include "verifier/provider/provider.h"

#define MFA_OTP_COMPARISONS 3
#define MFA_OTP_ADDRESS	    128 /* bytes at most */

/*
 * What a code may be used for.  Realm and subject are the record's.  Strings
 * are never NULL.
 */
struct mfa_otp_use {
	const char *service;
	const char *rhost;
	uint32_t peer;	   /* enum mfa_path of the caller */
	const uint8_t *challenge; /* 16 bytes; NULL: a login */
	const uint8_t *confirm;	  /* 8 bytes: id of the pending factor that this
				     confirms; NULL: none */
};

/* Makes a factor that codes go to.  address: 1 to 128 bytes, printable ASCII,
 * no blank at its ends.  Returns: MFA_OK; MFA_ERR_INVALID. */
enum mfa_err mfa_otp_setup(const char *address, uint32_t digits,
    mfa_record_Factor *factor) MFA_MUST_USE;

/* The address of an otp factor.  out: MFA_OTP_ADDRESS + 1 bytes. */
void mfa_otp_address(const mfa_record_Factor *factor, char *out);

/*
 * Makes a code, uniformly distributed, and puts it in the place of the one that
 * was live.
 *
 * factor: it is sent to
 * use:    what it will be good for
 * lapse:  now; ttl: seconds
 * code:   factor->digits digits and NUL, 9 bytes; secret
 *
 * Returns: MFA_OK; MFA_ERR_INVALID for a factor that is not otp;
 * MFA_ERR_CRYPTO.
 */
struct mfa_otp_making {
	const struct mfa_env *env;
	const struct mfa_otp_use *use;
	uint64_t lapse;
	uint32_t ttl;
};
enum mfa_err mfa_otp_make(const struct mfa_otp_making *how,
    mfa_record_Record *record, const mfa_record_Factor *factor,
    char code[9]) MFA_MUST_USE;

/* True if a code is live that was made for this use. */
bool mfa_otp_is_live(const mfa_record_Record *record, uint64_t lapse,
    const struct mfa_otp_use *use);

/* Ends the live code.  Returns: false if there was none. */
bool mfa_otp_end(mfa_record_Record *record);

#endif
