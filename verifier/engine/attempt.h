/* SPDX-License-Identifier: MIT */
/*
 * One typed answer against one record: the transaction.  (docs/architecture.md)
 *
 *   lock, read -> may we compare? -> debit, durable -> compare
 *     -> commit, durable -> unlock -> only now the outcome
 *
 * Where a program compares (an outside provider), the lock is given up for the
 * time it runs and the record read again before the commit.
 *
 * MUST (R6, R7; checked against attempt.c):
 *  - nothing is compared that was not debited durably before;
 *  - every factor that is compared is debited, and the account once;
 *  - a match counts only after its commit is durable, and only if the code was
 *    still unused in the record as it was committed;
 *  - no program runs while the record is locked;
 *  - whatever fails, the answer is no.
 */
#ifndef MFA_ENGINE_ATTEMPT_H
#define MFA_ENGINE_ATTEMPT_H

#include "lib/base/verdict.h"
#include "protocol/record.pb.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/lapse.h"
#include "verifier/engine/subject.h"
#include "verifier/otp/typed.h"

struct mfa_attempt {
	const struct mfa_caller *caller;
	const struct mfa_typed *typed;
	/* NULL: all enabled factors and recovery codes.  Else the one pending
	   factor, by id (8 bytes), and no recovery codes. */
	const uint8_t *pending;
	/* NULL: a login.  Else a stored challenge, by id (16 bytes): it must
	   be live, the attempt is counted in it, and a match ends it. */
	const uint8_t *challenge;
	/* The answer is an owner's proof: if the subject is not enrolled, its
	   invitation takes part, and nothing else does. */
	bool proof;
	uint32_t methods;   /* bits of the providers that count; 0: all that
			       the realm has on */
	const char *method; /* NULL: by the answer's form; else a provider's name */
	/* Joins the commit of a match; may be NULL.  The factor is the one
	   that matched, NULL for a recovery code. */
	enum mfa_err (*on_match)(void *ctx, mfa_record_Record *record,
	    mfa_record_Factor *factor, const struct mfa_clock *clock);
	void *ctx;
};

struct mfa_attempt_result {
	enum mfa_reason reason; /* OK, REMEMBERED (admit.c's), WRONG, REPLAYED, LOCKED, BLOCKED, CLOCK,
				   MALFORMED, NO_CODE, NOT_ENROLLED, EXPIRED
				   (challenge) or UNKNOWN_USER */
	char method[33];	/* provider's name, or empty */
	char factor[33];	/* label of the factor that matched, or was the
				   only one compared */
	uint32_t recovery_left; /* after a recovery code */
	bool used_recovery;	/* a recovery code matched */
	bool used_invitation;	/* an invitation matched, and is gone */
	bool used_bypass;	/* a bypass matched, and is gone */
	uint64_t bypass_used;	/* wall: an earlier one was, and its owner is to
				   be told now; 0: no */
	bool used_delivered;	/* a delivered code matched, and is gone */
	bool voided_delivered;	/* its last comparison was wrong: gone, too */
	bool locked_now;	/* this attempt started a lock, of a factor or
				   of the account */
	bool blocked_now;	/* it was the last before the hard stop */
	char locked_factor[33]; /* label, if it is one factor that was locked */
	bool unlocked_now;	/* the first right code after a lock */
	uint32_t attempts_left; /* of the challenge */
	char address[129];	/* of an otp factor, for event programs */
};

/*
 * Makes the attempt.  Without a record of the subject's own, decoy work is
 * done instead and the reason is NOT_ENROLLED or UNKNOWN_USER (another uid's).
 *
 * result: reason WRONG and nothing else on failure
 *
 * Returns: MFA_OK, whatever the reason; else why no verdict can be had.
 */
enum mfa_err mfa_attempt_make(struct mfa_engine *engine,
    const struct mfa_subject *subject, const struct mfa_attempt *attempt,
    struct mfa_attempt_result *result) MFA_MUST_USE;

/*
 * The one place that turns an attempt into a verdict (R1).
 *
 * err, result: of mfa_attempt_make
 *
 * Returns: ACCEPT for a match that is durable, or a place that is remembered and
 * was written durably; UNAVAILABLE on an error; else
 * DENY.
 */
enum mfa_verdict mfa_attempt_verdict(enum mfa_err err,
    const struct mfa_attempt_result *result);

/*
 * The work of a wrong code, for somebody who has no record (R5); without
 * writing, a rehearsal that finds everything in place for the real one.
 *
 * parts: MFA_DECOY_*, besides the codes that are worked out
 */
void mfa_attempt_decoy(struct mfa_engine *engine, unsigned int parts);

#endif
