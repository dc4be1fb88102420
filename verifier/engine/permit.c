/* SPDX-License-Identifier: MIT */
/* MUST list: permit.h. */
#include "verifier/engine/permit.h"

#include <string.h>

#include "verifier/engine/attempt.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/provider/recovery.h"

/* ---- what a proof is good for ---- */

/* Made for this record, in this life of it, and not long ago. */
static bool
is_live(const struct mfa_proof *proof, const struct mfa_subject *subject,
    const mfa_record_Record *record, const struct mfa_clock *clock)
{
	return proof != NULL && proof->kind != MFA_PROOF_NONE &&
	    strcmp(proof->id, subject->id) == 0 &&
	    proof->generation == record->generation &&
	    clock->now.boot <= proof->until;
}

static bool
has_factor(const mfa_record_Record *record, const uint8_t id[8])
{
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		if (record->factors[i].status ==
			mfa_record_Status_STATUS_ENABLED &&
		    memcmp(record->factors[i].id, id, 8) == 0)
			return true;
	}
	return false;
}

/* What proved it must still be the owner's. */
static bool
has_proven(const struct mfa_proof *proof, const mfa_record_Record *record)
{
	switch (proof->kind) {
	case MFA_PROOF_FACTOR:
		return has_factor(record, proof->factor);
	case MFA_PROOF_RECOVERY_CODE:
		return proof->recovery_generation ==
		    record->recovery.generation;
	default:
		return false;
	}
}

static enum mfa_err
check_first(const struct mfa_engine *engine, const struct mfa_clock *clock,
    bool invited)
{
	const struct mfa_config *config = engine->config;

	switch (config->self_enroll) {
	case MFA_SELF_ENROLL_YES:
		return MFA_OK;
	case MFA_SELF_ENROLL_UNTIL:
		/* A clock that was never set is before every day. */
		if (clock->now.wall >= engine->env->release &&
		    clock->now.wall < config->self_enroll_end)
			return MFA_OK;
		return invited ? MFA_OK : MFA_ERR_INVITATION;
	case MFA_SELF_ENROLL_INVITE:
		return invited ? MFA_OK : MFA_ERR_INVITATION;
	default:
		return MFA_ERR_DENIED;
	}
}

enum mfa_err
mfa_permit_check(const struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const mfa_record_Record *record, const struct mfa_clock *clock,
    enum mfa_change change)
{
	const struct mfa_proof *proof = caller->proof;
	bool live;

	if (caller->right == MFA_RIGHT_MANAGE)
		return MFA_OK;
	if (caller->right == MFA_RIGHT_FIRST)
		return record->enrolled ? MFA_ERR_PROOF : MFA_OK;
	/* Users of this host own their records; nobody else does. */
	if (caller->right != MFA_RIGHT_OWNER ||
	    strcmp(subject->realm, MFA_REALM_UNIX) != 0)
		return MFA_ERR_DENIED;
	live = is_live(proof, subject, record, clock);
	if (record->enrolled)
		return live && has_proven(proof, record) ? MFA_OK :
							   MFA_ERR_PROOF;
	/* What is pending was made with leave; its code proves the rest. */
	if (change == MFA_CHANGE_CONFIRM)
		return MFA_OK;
	return check_first(engine, clock,
	    live && proof->kind == MFA_PROOF_INVITATION);
}

enum mfa_err
mfa_permit_look(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, enum mfa_change change)
{
	static const mfa_record_Record none = mfa_record_Record_init_zero;
	struct mfa_repo *repo = NULL;
	struct mfa_clock clock = { 0 };
	enum mfa_err r;

	if (caller->right == MFA_RIGHT_MANAGE)
		return MFA_OK;
	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		r = mfa_permit_check(engine, caller, subject,
		    mfa_repo_record(repo), mfa_repo_clock(repo), change);
	} else if (r == MFA_ERR_NOT_FOUND) {
		r = engine->env->now(engine->env, &clock.now);
		if (r == MFA_OK)
			r = mfa_permit_check(engine, caller, subject, &none,
			    &clock, change);
	}
	mfa_repo_close(repo);
	return r;
}

/* ---- proving ---- */

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
mfa_permit_prove(struct mfa_engine *engine, const struct mfa_caller *caller,
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
