/* SPDX-License-Identifier: MIT */
#include "verifier/engine/prove.h"

#include <string.h>

#include "verifier/engine/attempt.h"
#include "verifier/engine/report.h"
#include "verifier/provider/recovery.h"

struct proving {
	const struct mfa_subject *subject;
	uint32_t seconds;
	struct mfa_proof proof;
};

/* Joins the commit of the matching code. */
static enum mfa_err
note_match(void *ctx, mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_clock *clock)
{
	struct proving *p = ctx;

	p->proof = (struct mfa_proof){ .generation = record->generation,
		.until = clock->now.boot + p->seconds };
	memcpy(p->proof.id, p->subject->id, sizeof(p->proof.id));
	if (factor != NULL) {
		p->proof.kind = MFA_PROOF_FACTOR;
		memcpy(p->proof.factor, factor->id, sizeof(p->proof.factor));
	} else if (record->enrolled) {
		p->proof.kind = MFA_PROOF_RECOVERY_CODE;
		p->proof.recovery_generation = record->recovery.generation;
		p->proof.recovery_left =
		    mfa_provider_recovery_left(&record->recovery);
	} else {
		p->proof.kind = MFA_PROOF_INVITATION;
	}
	return MFA_OK;
}

enum mfa_err
mfa_prove_code(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_typed *typed,
    uint32_t seconds, struct mfa_proof *proof)
{
	struct proving p = { .subject = subject, .seconds = seconds };
	const struct mfa_attempt attempt = {
		.caller = caller,
		.typed = typed,
		.proof = true,
		.on_match = note_match,
		.ctx = &p,
	};
	struct mfa_attempt_result result;
	struct mfa_report_why why = { .type = MFA_EVENT_CHALLENGE_FAILED,
		.result = &result };
	enum mfa_err r;

	memset(proof, 0, sizeof(*proof));
	if (typed->form == MFA_TYPED_JUNK || typed->form == MFA_TYPED_SEND)
		return MFA_ERR_SYNTAX;
	r = mfa_attempt_make(engine, subject, &attempt, &result);
	if (mfa_attempt_verdict(r, &result) == MFA_VERDICT_ACCEPT) {
		why.type = MFA_EVENT_CHALLENGE_VERIFIED;
		*proof = p.proof;
	}
	if (r != MFA_OK) {
		mfa_report_trouble(engine, caller, subject, r);
		return r;
	}
	why.reason = result.reason;
	mfa_report_why(engine, caller, subject, &why);
	mfa_report_also(engine, caller, subject, &result);
	return mfa_reason_err(result.reason);
}
