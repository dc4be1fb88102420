/* SPDX-License-Identifier: MIT */
/*
 * One typed answer against one record: the transaction.  (docs/architecture.md)
 *
 *   lock, read -> may we compare? -> debit, durable -> compare
 *     -> commit, durable -> unlock -> only now the outcome
 *
 * MUST (R6, R7; checked against attempt.c):
 *  - nothing is compared that was not debited durably before;
 *  - every factor that is compared is debited, and the account once;
 *  - a match counts only after its commit is durable, and only if the code was
 *    still unused in the record as it was committed;
 *  - whatever fails, the answer is no.
 */
#ifndef MFA_ENGINE_ATTEMPT_H
#define MFA_ENGINE_ATTEMPT_H

#include "protocol/record.pb.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/lapse.h"
#include "verifier/engine/subject.h"
#include "verifier/otp/typed.h"

struct mfa_attempt {
	const struct mfa_caller *caller;
	const struct mfa_typed *typed;
	/* NULL: a login, all enabled factors and recovery codes.  Else the one
	   pending factor, by id (8 bytes), and no recovery codes. */
	const uint8_t *pending;
	/* Joins the commit of a match; may be NULL.  The factor is the one
	   that matched, NULL for a recovery code. */
	enum mfa_err (*on_match)(void *ctx, mfa_record_Record *record,
	    mfa_record_Factor *factor, const struct mfa_clock *clock);
	void *ctx;
};

struct mfa_attempt_result {
	enum mfa_reason reason; /* OK, WRONG, REPLAYED, LOCKED, BLOCKED, CLOCK,
				   MALFORMED, NOT_ENROLLED or UNKNOWN_USER */
	const char *method;	/* provider's name, or NULL */
	char factor[33];	/* label of the factor that matched */
	uint32_t recovery_left; /* after a recovery code */
	bool locked_now;	/* this attempt started a lock */
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
 * The work of a wrong code, for somebody who has no record (R5); without the
 * write, a rehearsal that finds everything in place for the real one.
 */
void mfa_attempt_decoy(struct mfa_engine *engine, bool write);

#endif
