/* SPDX-License-Identifier: MIT */
/*
 * Codes that an administrator gives out, of a recovery code's form and
 * strength, good once and for a time: the invitation, with which somebody who
 * has no factor adds one (R21), and the bypass, with which somebody whose
 * factors are out of reach comes in (R10).
 */
#ifndef MFA_PROVIDER_GRANT_H
#define MFA_PROVIDER_GRANT_H

#include "verifier/provider/provider.h"

enum mfa_grant {
	MFA_GRANT_INVITATION = 1,
	MFA_GRANT_BYPASS = 2
};

/* Now, and seconds that a code is good for. */
struct mfa_grant_time {
	uint64_t wall, lapse;
	uint32_t ttl;
};

/*
 * Puts a new code in the place of whatever there was.
 *
 * text: for the person; caller wipes
 *
 * Returns: MFA_OK; MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_grant_new(const struct mfa_env *env, enum mfa_grant kind,
    const struct mfa_grant_time *time, mfa_record_Record *record,
    char text[MFA_TYPED_RECOVERY_TEXT]) MFA_MUST_USE;

/* Takes it away. */
void mfa_grant_drop(enum mfa_grant kind, mfa_record_Record *record);

/* The one of that kind, NULL if there is none. */
const mfa_record_Grant *mfa_grant_find(enum mfa_grant kind,
    const mfa_record_Record *record);

/* Seconds that it is good for; 0 if there is none. */
uint64_t mfa_grant_left(enum mfa_grant kind, const mfa_record_Record *record,
    uint64_t lapse);

#endif
