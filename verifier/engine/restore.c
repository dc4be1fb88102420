/* SPDX-License-Identifier: MIT */
/* MUST list: restore.h. */
#include "verifier/engine/restore.h"

#include <string.h>

#include "verifier/engine/enroll.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/provider/grant.h"
#include "verifier/provider/recovery.h"
#include "verifier/provider/setup.h"

struct restoring {
	const struct mfa_config *config;
	uint32_t jump; /* of the generation */
	struct mfa_restored out;
};

/* ---- factors ---- */

static void
drop_pending(struct restoring *re, mfa_record_Record *record)
{
	for (pb_size_t i = record->factors_count; i-- > 0;) {
		if (record->factors[i].status !=
		    mfa_record_Status_STATUS_PENDING)
			continue;
		mfa_enroll_drop(record, i);
		re->out.pending++;
		re->out.changed = true;
	}
}

/* Codes of before now, and those of a device that is ahead of us. */
static void
use_up(struct restoring *re, mfa_record_Factor *factor, uint64_t wall)
{
	const uint64_t reach = mfa_setup_step(factor, wall) +
	    re->config->window;

	if (factor->last_step >= reach)
		return;
	factor->last_step = reach;
	re->out.changed = true;
}

static void
block(struct restoring *re, mfa_record_Factor *factor)
{
	re->out.changed |= factor->root.consecutive != MFA_RESTORE_BLOCKED ||
	    factor->other.consecutive != MFA_RESTORE_BLOCKED;
	factor->root.consecutive = MFA_RESTORE_BLOCKED;
	factor->other.consecutive = MFA_RESTORE_BLOCKED;
}

static void
void_factors(struct restoring *re, mfa_record_Record *record, uint64_t wall)
{
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		mfa_record_Factor *f = &record->factors[i];
		const bool enabled = f->status ==
		    mfa_record_Status_STATUS_ENABLED;

		re->out.enabled += enabled;
		if (f->provider == mfa_record_Provider_PROVIDER_TOTP) {
			use_up(re, f, wall);
		} else if (f->provider == mfa_record_Provider_PROVIDER_HOTP) {
			block(re, f);
			re->out.tokens += enabled;
		}
	}
}

/* ---- what is not a factor's ---- */

/* The generation of the codes lives on, so that none comes twice. */
static void
void_recovery(struct restoring *re, mfa_record_RecoverySet *set)
{
	re->out.recovery_codes = mfa_provider_recovery_left(set);
	re->out.changed |= set->codes_count != 0;
	memset(set->salt, 0, sizeof(set->salt));
	memset(set->codes, 0, sizeof(set->codes));
	set->codes_count = 0;
	set->created = 0;
}

static void
void_grants(struct restoring *re, mfa_record_Record *record, uint64_t lapse)
{
	re->out.granted =
	    mfa_grant_left(MFA_GRANT_INVITATION, record, lapse) != 0 ||
	    mfa_grant_left(MFA_GRANT_BYPASS, record, lapse) != 0;
	re->out.changed |= re->out.granted;
	mfa_grant_drop(MFA_GRANT_INVITATION, record);
	mfa_grant_drop(MFA_GRANT_BYPASS, record);
}

static void
void_passing(struct restoring *re, mfa_record_Record *record, uint64_t lapse)
{
	re->out.changed |= record->delivered.until > lapse ||
	    record->challenges_count != 0 || record->remembered_count != 0;
	record->has_delivered = false;
	memset(&record->delivered, 0, sizeof(record->delivered));
	memset(record->challenges, 0, sizeof(record->challenges));
	record->challenges_count = 0;
	mfa_remember_void(record);
	/* How many logins there were since, nobody knows. */
	if (record->grace_logins != 0) {
		re->out.changed |= record->grace_logins != UINT16_MAX;
		record->grace_logins = UINT16_MAX;
	}
}

static enum mfa_err
apply_restore(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct restoring *re = ctx;

	if (!clock->plausible)
		return MFA_ERR_CLOCK;
	memset(&re->out, 0, sizeof(re->out));
	drop_pending(re, record);
	void_factors(re, record, clock->now.wall);
	void_recovery(re, &record->recovery);
	void_grants(re, record, clock->lapse);
	void_passing(re, record, clock->lapse);
	/* Not the next one: it may have been there before the roll-back, and
	   what was proven then would be proven again. */
	record->generation += UINT64_C(1) + re->jump;
	return MFA_OK;
}

/* ---- one record ---- */

/* Whom the event names; nothing else of a subject is asked for there. */
static struct mfa_subject
subject_of(const mfa_record_Record *record)
{
	struct mfa_subject subject = { .uid = record->uid };

	memcpy(subject.realm, record->realm, sizeof(subject.realm));
	memcpy(subject.name, record->name, sizeof(subject.name));
	return subject;
}

static void
report(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject)
{
	const struct mfa_report_why why = {
		.type = MFA_EVENT_RESTORED,
	};

	mfa_report_why(engine, caller, subject, &why);
}

enum mfa_err
mfa_restore_record(struct mfa_engine *engine, const struct mfa_caller *caller,
    const char *id, struct mfa_restored *out)
{
	struct restoring re = { .config = engine->config };
	struct mfa_subject subject = { .uid = 0 };
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	if (caller->right != MFA_RIGHT_MANAGE)
		return MFA_ERR_DENIED;
	if (!mfa_store_id_ok(id))
		return MFA_ERR_INVALID;
	engine->env->random(engine->env, &re.jump, sizeof(re.jump));
	r = mfa_repo_open_id(engine, id, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK) {
		subject = subject_of(mfa_repo_record(repo));
		r = mfa_repo_update(repo,
		    (struct mfa_delta){ apply_restore, &re });
	}
	mfa_repo_close(repo);
	if (r == MFA_ERR_NOT_FOUND)
		r = MFA_OK;
	if (r != MFA_OK)
		return r;
	if (re.out.changed)
		report(engine, caller, &subject);
	*out = re.out;
	return MFA_OK;
}
