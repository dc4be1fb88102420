/* SPDX-License-Identifier: MIT */
/*
 * The provider contract: a kind of second factor.
 *
 * A provider compares and describes.  It never writes, sends or runs
 * anything: check returns an effect, which the engine applies to the record as
 * it stands at commit (it may have moved since), writes and syncs.
 */
#ifndef MFA_PROVIDER_PROVIDER_H
#define MFA_PROVIDER_PROVIDER_H

#include <stdint.h>

#include "lib/base/env.h"
#include "lib/base/err.h"
#include "protocol/record.pb.h"
#include "verifier/otp/typed.h"

enum mfa_effect_kind {
	MFA_EFFECT_NONE = 0,   /* no match */
	MFA_EFFECT_USE = 1,    /* a fresh code: mark step or index used */
	MFA_EFFECT_REPLAY = 2  /* a code of the window that was used before */
};

struct mfa_effect {
	enum mfa_effect_kind kind;
	uint64_t step;	/* totp */
	uint32_t index; /* recovery_code: in the set */
	uint32_t generation; /* recovery_code: of the set */
};

/* What a comparison may know besides the record. */
struct mfa_check {
	const struct mfa_typed *typed;
	uint64_t wall;	     /* seconds since 1970 */
	unsigned int window; /* steps before and after */
};

struct mfa_provider {
	const char *name;	  /* as in "providers =" */
	enum mfa_typed_form form; /* answers of this form are for it */
	/*
	 * Compares, in constant time, all candidates computed (R15).
	 *
	 * factor: one of record's; NULL for a provider without factors
	 * effect: kind NONE on failure
	 *
	 * Returns: MFA_OK, also for a wrong code; MFA_ERR_CRYPTO;
	 * MFA_ERR_INVALID for a factor that is not this provider's.
	 */
	enum mfa_err (*check)(const mfa_record_Record *record,
	    const mfa_record_Factor *factor, const struct mfa_check *what,
	    struct mfa_effect *effect);
	/*
	 * Applies USE to the record as it is now.
	 *
	 * Returns: MFA_OK; MFA_ERR_REPLAYED if somebody else used that code
	 * meanwhile.
	 */
	enum mfa_err (*apply)(mfa_record_Record *record,
	    mfa_record_Factor *factor, const struct mfa_effect *effect,
	    uint64_t wall);
};

extern const struct mfa_provider mfa_provider_totp;
extern const struct mfa_provider mfa_provider_recovery_code;

/* ---- totp ---- */

struct mfa_totp_setup {
	mfa_record_Algorithm algorithm;
	uint32_t digits;	/* 6 to 8 */
	uint32_t period;	/* seconds, 15 to 120 */
	const char *import;	/* base32; empty: a new secret of 160 bits */
};

/*
 * Fills in provider, secret and parameters of a new factor.
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX for a secret that is not base32;
 * MFA_ERR_INVALID for one under 128 or over 512 bits, or other parameters.
 */
enum mfa_err mfa_provider_totp_setup(const struct mfa_env *env,
    const struct mfa_totp_setup *how, mfa_record_Factor *factor) MFA_MUST_USE;

/* The step of a wall clock for this factor, its drift included. */
uint64_t mfa_provider_totp_step(const mfa_record_Factor *factor,
    uint64_t wall);

/*
 * Two consecutive codes, searched up to MFA_TOTP_SYNC steps around the clock.
 *
 * first, second: digits, of the factor's length
 * step:          of the second code
 *
 * Returns: MFA_OK; MFA_ERR_WRONG if there are no such steps.
 */
#define MFA_TOTP_SYNC 120
enum mfa_err mfa_provider_totp_sync(const mfa_record_Factor *factor,
    const struct mfa_typed *first, const struct mfa_typed *second,
    uint64_t wall, uint64_t *step) MFA_MUST_USE;

/* ---- recovery codes ---- */

struct mfa_recovery_text {
	char code[16][MFA_TYPED_RECOVERY_TEXT]; /* secret */
	uint32_t count;
};

/*
 * Replaces the recovery set by count new codes (R13).
 *
 * count: 1 to 16
 * text:  the codes for the person; caller wipes
 */
enum mfa_err mfa_provider_recovery_new(const struct mfa_env *env,
    uint32_t count, uint64_t wall, mfa_record_RecoverySet *set,
    struct mfa_recovery_text *text) MFA_MUST_USE;

/* Codes not used yet. */
uint32_t mfa_provider_recovery_left(const mfa_record_RecoverySet *set);

#endif
