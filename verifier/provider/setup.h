/* SPDX-License-Identifier: MIT */
/* What a new totp or hotp factor is made of, and the codes it expects. */
#ifndef MFA_PROVIDER_SETUP_H
#define MFA_PROVIDER_SETUP_H

#include "verifier/provider/provider.h"

struct mfa_setup {
	mfa_record_Provider provider; /* TOTP or HOTP */
	mfa_record_Algorithm algorithm;
	uint32_t digits;	/* 6 to 8 */
	uint32_t period;	/* totp: seconds, 15 to 120; hotp: ignored */
	uint64_t counter;	/* hotp: the next one, at most 2^53 */
	const char *import;	/* base32; empty: a new secret of 160 bits */
};

/*
 * Fills in provider, secret and parameters of a new factor.
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX for a secret that is not base32;
 * MFA_ERR_INVALID for one under 128 or over 512 bits, or other parameters.
 */
enum mfa_err mfa_setup_factor(const struct mfa_env *env,
    const struct mfa_setup *how, mfa_record_Factor *factor) MFA_MUST_USE;

/*
 * The name of an algorithm, as SHA1; empty for NONE.
 *
 * find returns: MFA_OK; MFA_ERR_INVALID for a name that none has.
 */
const char *mfa_setup_algorithm_name(mfa_record_Algorithm algorithm);
enum mfa_err mfa_setup_algorithm_find(const char *name,
    mfa_record_Algorithm *out) MFA_MUST_USE;

/* totp: the step of a wall clock for this factor, its drift included. */
uint64_t mfa_setup_step(const mfa_record_Factor *factor, uint64_t wall);

/* totp: steps that find looks at around the clock; hotp: counters ahead. */
#define MFA_SETUP_SYNC_STEPS	120
#define MFA_SETUP_SYNC_COUNTERS 1000

/*
 * The first place in a range where first and then second stand, for find of
 * struct mfa_provider.
 *
 * Returns: MFA_OK and the place of second; MFA_ERR_WRONG; MFA_ERR_CRYPTO.
 */
struct mfa_totp_range;
enum mfa_err mfa_setup_find_pair(const mfa_record_Factor *factor,
    struct mfa_totp_range range, const struct mfa_typed *first,
    const struct mfa_typed *second, uint64_t *place) MFA_MUST_USE;

/*
 * The same secret twice would make one code good twice (R6): true if a factor
 * of the record has that of factor, in constant time, every one compared (R15).
 * An address, or what a program keeps, may come back when its factor is
 * disabled.
 */
bool mfa_setup_has_secret(const mfa_record_Record *record,
    const mfa_record_Factor *factor);

#endif
