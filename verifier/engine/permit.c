/* SPDX-License-Identifier: MIT */
/* MUST list: permit.h. */
#include "verifier/engine/permit.h"

#include <string.h>

#include "verifier/engine/repo.h"

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
