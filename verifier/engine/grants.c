/* SPDX-License-Identifier: MIT */
#include "verifier/engine/grants.h"

#include <string.h>

#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/factors.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"

struct giving {
	struct mfa_engine *engine;
	const struct mfa_grants_ask *ask;
	uint32_t seconds;
	char address[129];
	struct mfa_granted out;
};

/*
 * Who is invited starts from nothing: what an earlier try left behind, pending
 * factors and wrong codes of its own, is not in the way.
 *
 * Returns: how many factors waited still.
 */
static uint32_t
begin_anew(mfa_record_Record *record, uint64_t lapse)
{
	uint32_t dropped = 0;

	for (pb_size_t i = record->factors_count; i-- > 0;) {
		const mfa_record_Factor *f = &record->factors[i];

		if (f->status != mfa_record_Status_STATUS_PENDING)
			continue;
		dropped += f->pending_until > lapse;
		mfa_enroll_drop(record, i);
	}
	record->generation++; /* what the last invitation proved is void */
	memset(&record->other_hours, 0, sizeof(record->other_hours));
	return dropped;
}

static enum mfa_err
apply_give(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	struct giving *g = ctx;
	const bool bypass = g->ask->kind == MFA_GRANT_BYPASS;
	const struct mfa_grant_time time = { clock->now.wall, clock->lapse,
		g->seconds };
	enum mfa_err r;

	if (record->enrolled != bypass)
		return bypass ? MFA_ERR_NOT_ENROLLED : MFA_ERR_EXISTS;
	mfa_report_address(record, g->address);
	g->out.replaced = mfa_grant_left(g->ask->kind, record,
	    clock->lapse) != 0;
	g->out.dropped = bypass ? 0 : begin_anew(record, clock->lapse);
	mfa_remember_void(record);
	g->out.expires_at = time.wall + time.ttl;
	g->out.expires_seconds = time.ttl;
	r = mfa_grant_new(g->engine->env, g->ask->kind, &time, record,
	    g->out.code);
	if (bypass)
		memcpy(record->bypass_reason, g->ask->reason,
		    strlen(g->ask->reason) + 1);
	return r;
}

static enum mfa_err
check(const struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_grants_ask *ask)
{
	if (caller->right != MFA_RIGHT_MANAGE)
		return MFA_ERR_DENIED;
	if (!subject->known)
		return MFA_ERR_NO_USER;
	if (ask->kind != MFA_GRANT_BYPASS)
		return engine->config->self_enroll == MFA_SELF_ENROLL_NO ?
		    MFA_ERR_CONFIG :
		    MFA_OK;
	return ask->seconds >= MFA_GRANTS_LEAST &&
		ask->seconds <= MFA_GRANTS_MOST && ask->reason[0] != '\0' &&
		strlen(ask->reason) <= MFA_GRANTS_REASON &&
		mfa_text_printable(ask->reason) ?
	    MFA_OK :
	    MFA_ERR_INVALID;
}

enum mfa_err
mfa_grants_give(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_grants_ask *ask,
    struct mfa_granted *out)
{
	const bool bypass = ask->kind == MFA_GRANT_BYPASS;
	struct giving g = { .engine = engine, .ask = ask,
		.seconds = bypass ? ask->seconds :
				    engine->config->invitation_ttl_seconds };
	const struct mfa_delta delta = { apply_give, &g };
	const struct mfa_report_why why = {
		.type = bypass ? MFA_EVENT_BYPASS_CREATED : MFA_EVENT_INVITED,
		.detail = bypass ? ask->reason : NULL,
		.address = g.address,
	};
	enum mfa_err r;

	if ((r = check(engine, caller, subject, ask)) != MFA_OK)
		return r;
	r = mfa_repo_change(engine, subject, delta);
	if (r == MFA_ERR_NOT_FOUND)
		r = bypass ? MFA_ERR_NOT_ENROLLED :
			     mfa_repo_make(engine, subject, delta);
	if (r == MFA_OK) {
		mfa_report_why(engine, caller, subject, &why);
		*out = g.out;
	}
	mfa_crypt_wipe(&g, sizeof(g));
	return r;
}
