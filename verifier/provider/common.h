/* SPDX-License-Identifier: MIT */
/* What providers share; no other folder includes it. */
#ifndef MFA_PROVIDER_COMMON_H
#define MFA_PROVIDER_COMMON_H

#include "verifier/otp/totp.h"
#include "verifier/provider/provider.h"

/* No hotp counter goes beyond it: exact in every language's numbers. */
#define MFA_PROVIDER_COUNTER_MAX (1ULL << 53)

/* The key of a totp or hotp factor; points into it. */
struct mfa_otp_key mfa_provider_key(const mfa_record_Factor *factor);

/* True if the factor is of that provider and as many digits were typed as it
 * has.  factor may be NULL. */
bool mfa_provider_takes(const mfa_record_Factor *factor,
    mfa_record_Provider number, const struct mfa_typed *typed);

/*
 * Compares digits with the codes of a range of steps or counters (R15).
 *
 * next:   places below it were used
 * effect: USE or REPLAY with the place, or NONE
 *
 * Returns: as mfa_totp_search.
 */
enum mfa_err mfa_provider_search(const mfa_record_Factor *factor,
    struct mfa_totp_range range, uint64_t next, const struct mfa_typed *typed,
    struct mfa_effect *effect) MFA_MUST_USE;

/* A code of the factor was accepted: when, and no replays counted yet. */
void mfa_provider_used(mfa_record_Factor *factor, uint64_t wall);

#endif
