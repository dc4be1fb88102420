/* SPDX-License-Identifier: MIT */
/* How a call of the module ended, for the log and for result.h. */
#ifndef MFA_PAM_OUTCOME_H
#define MFA_PAM_OUTCOME_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/base/verdict.h"
#include "protocol/wire.pb.h"

/* MFA_VERDICT_DENY until the verifier has said otherwise. */
struct mfa_outcome {
	enum mfa_verdict verdict;
	mfa_wire_Reason reason;
	const char *step; /* constant text for the log: where an error arose */
	bool unasked;	  /* the verifier does not know of this login */
	/* What the verifier has for the person, printable; or "". */
	char text[sizeof(((mfa_wire_Verdict *)0)->text)];
};

/* A refusal at a first step. */
static inline struct mfa_outcome
mfa_outcome_refused(const char *step)
{
	struct mfa_outcome outcome = { .verdict = MFA_VERDICT_DENY,
		.reason = mfa_wire_Reason_REASON_NONE, .step = step };

	return outcome;
}

/*
 * Takes over a verdict of a number that is known, with its text.
 *
 * outcome: untouched on failure
 *
 * Returns: MFA_OK; what the verifier said instead; MFA_ERR_PROTOCOL.
 */
enum mfa_err mfa_outcome_take(const mfa_wire_Reply *reply,
    struct mfa_outcome *outcome) MFA_MUST_USE;

#endif
