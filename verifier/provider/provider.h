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

#define MFA_PROVIDER_KEEP 128 /* bytes that Factor.secret holds */

enum mfa_effect_kind {
	MFA_EFFECT_NONE = 0,   /* no match */
	MFA_EFFECT_USE = 1,    /* a fresh code: mark what it used up */
	MFA_EFFECT_REPLAY = 2  /* a code of the window that was used before */
};

struct mfa_effect {
	enum mfa_effect_kind kind;
	/* totp: step; hotp: counter; otp, outside: what was compared, as a
	   number that changes with it */
	uint64_t step;
	uint32_t index; /* recovery_code: in the set */
	uint32_t generation; /* recovery_code: of the set */
	uint64_t accepted; /* outside: hash of the answer; invitation: which */
	struct {
		uint32_t size;
		uint8_t bytes[MFA_PROVIDER_KEEP];
	} keep; /* outside: what the program wants kept from now on */
};

/* What a comparison may know besides the record. */
struct mfa_check {
	const struct mfa_typed *typed;
	uint64_t wall;	     /* seconds since 1970 */
	uint64_t lapse;	     /* the record's own time */
	bool plausible;	     /* the wall clock may be believed */
	unsigned int window; /* totp: steps before and after */
	unsigned int look_ahead; /* hotp: counters beyond the next */
	const struct mfa_otp_use *use; /* otp: what the code would be used for */
};

struct mfa_provider {
	const char *name;	  /* as in "providers =" */
	mfa_record_Provider number; /* NONE: it has no factors */
	/*
	 * Could this answer be one of this factor's, now?  Looks at no secret
	 * and compares nothing.
	 *
	 * Returns: MFA_OK; MFA_ERR_SYNTAX if its form is another;
	 * MFA_ERR_CLOCK; MFA_ERR_NOT_FOUND if there is nothing to compare
	 * with (no live code).
	 */
	enum mfa_err (*ready)(const mfa_record_Record *record,
	    const mfa_record_Factor *factor, const struct mfa_check *what);
	/*
	 * Has what check needs besides the record: before the debit, since
	 * what cannot be compared is not charged (R7).  NULL: nothing.
	 *
	 * Returns: MFA_OK; MFA_ERR_CRYPTO.
	 */
	enum mfa_err (*warm)(void);
	/* Counters of its own, at the debit; NULL if it has none.  The factor
	   is NULL for a provider without factors. */
	void (*charge)(mfa_record_Record *record, mfa_record_Factor *factor);
	/*
	 * Compares, in constant time, all candidates computed (R15).  NULL for
	 * outside, where a program does.
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
	/*
	 * Finds two consecutive codes far around what is expected, and moves
	 * the factor there.  NULL where there is nothing to move.
	 *
	 * first, second: digits
	 * moved: steps or counters that the factor was ahead of expectation
	 *
	 * Returns: find: MFA_OK and the place of the second code; MFA_ERR_WRONG
	 * if there is none; MFA_ERR_CRYPTO.  move: MFA_OK; MFA_ERR_REPLAYED if
	 * those codes were used.
	 */
	enum mfa_err (*find)(const mfa_record_Factor *factor,
	    const struct mfa_typed *first, const struct mfa_typed *second,
	    uint64_t wall, uint64_t *place);
	enum mfa_err (*move)(mfa_record_Factor *factor, uint64_t place,
	    uint64_t wall, int32_t *moved);
};

extern const struct mfa_provider mfa_provider_totp, mfa_provider_hotp,
    mfa_provider_otp, mfa_provider_outside, mfa_provider_recovery_code,
    mfa_provider_invitation, mfa_provider_bypass;

/* The provider of a factor; NULL for a number that none has. */
const struct mfa_provider *mfa_provider_of(mfa_record_Provider number);
/* The same by name, without outside and recovery_code. */
const struct mfa_provider *mfa_provider_find(const char *name);

/* The name a person knows a factor's provider by: an outside one's own. */
const char *mfa_provider_name(const mfa_record_Factor *factor);

/*
 * Enrolment, each kind's parameters and the rest: verifier/provider/setup.h.
 * Recovery codes: verifier/provider/recovery.h; invitations and
 * bypasses: grant.h.  Delivered codes and programs:
 * verifier/provider/otp.h, outside.h.
 */
#endif
