/* SPDX-License-Identifier: MIT */
/*
 * What proves a factor: the first code, and the two codes of sync.  Both are
 * comparisons, so both are charged.
 */
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/attempt.h"
#include "verifier/engine/enroll.h"
#include "verifier/engine/permit.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/engine/throttle.h"
#include "verifier/provider/grant.h"

/* ---- confirm ---- */

struct confirming {
	struct mfa_engine *engine;
	const struct mfa_caller *caller;
	const struct mfa_subject *subject;
	const struct mfa_config_realm *realm;
	struct mfa_confirmed out;
};

/* Joins the commit of the matching code. */
static enum mfa_err
enable(void *ctx, mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_clock *clock)
{
	struct confirming *c = ctx;
	const struct mfa_config *config = c->engine->config;
	bool first = !record->enrolled;
	enum mfa_err r;

	r = mfa_permit_check(c->engine, c->caller, c->subject, record, clock,
	    MFA_CHANGE_CONFIRM);
	if (r != MFA_OK)
		return r;
	mfa_grant_drop(MFA_GRANT_INVITATION, record);
	mfa_remember_void(record);
	factor->status = mfa_record_Status_STATUS_ENABLED;
	factor->confirmed = clock->now.wall;
	factor->pending_until = 0;
	record->enrolled = true;
	c->out.codes.count = 0;
	if (!first || c->realm == NULL ||
	    (c->realm->provides & MFA_PROVIDES_RECOVERY_CODE) == 0)
		return MFA_OK;
	return mfa_provider_recovery_new(c->engine->env,
	    config->recovery_code_count, clock->now.wall, &record->recovery,
	    &c->out.codes);
}

static enum mfa_err
find_pending(struct confirming *c, const char *factor, uint8_t id[8])
{
	struct mfa_confirmed *out = &c->out;
	const mfa_record_Record *record;
	struct mfa_repo *repo = NULL;
	enum mfa_err r;
	int i;

	r = mfa_repo_open(c->engine, c->subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		record = mfa_repo_record(repo);
		i = mfa_enroll_find(record, factor);
		if (i < 0 || record->factors[i].status !=
		    mfa_record_Status_STATUS_PENDING) {
			r = MFA_ERR_NOT_FOUND;
		} else {
			memcpy(id, record->factors[i].id,
			    sizeof(record->factors[i].id));
			mfa_num_hex(id, 8, out->id);
			memcpy(out->label, record->factors[i].label,
			    sizeof(out->label));
			r = mfa_permit_check(c->engine, c->caller, c->subject,
			    record, mfa_repo_clock(repo), MFA_CHANGE_CONFIRM);
		}
	}
	mfa_repo_close(repo);
	return r;
}

static void
report_confirmed(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct confirming *c,
    const struct mfa_attempt_result *result)
{
	struct mfa_report_why why = {
		.type = MFA_EVENT_FACTOR_ENABLED,
		.result = result,
	};

	mfa_report_why(engine, caller, subject, &why);
	mfa_report_also(engine, caller, subject, result);
	if (c->out.codes.count == 0)
		return;
	why = (struct mfa_report_why){ .type = MFA_EVENT_RECOVERY_GENERATED,
		.address = result->address,
		.has_left = true, .left = c->out.codes.count };
	mfa_report_why(engine, caller, subject, &why);
}

/* A comparison that failed is told as that of a login is. */
static void
report_refused(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject,
    const struct mfa_attempt_result *result)
{
	const struct mfa_report_why why = {
		.type = MFA_EVENT_CHALLENGE_FAILED,
		.reason = result->reason,
		.result = result,
	};

	mfa_report_why(engine, caller, subject, &why);
	mfa_report_also(engine, caller, subject, result);
}

enum mfa_err
mfa_enroll_confirm(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const char *factor,
    const struct mfa_typed *code, struct mfa_confirmed *out)
{
	struct confirming c = { .engine = engine, .caller = caller,
		.subject = subject };
	struct mfa_attempt_result result;
	uint8_t id[8];
	const struct mfa_attempt attempt = {
		.caller = caller,
		.typed = code,
		.pending = id,
		.on_match = enable,
		.ctx = &c,
	};
	enum mfa_err r;

	if (code->form != MFA_TYPED_DIGITS && code->form != MFA_TYPED_MALFORMED)
		return MFA_ERR_SYNTAX;
	c.realm = mfa_config_realm_find(engine->config, subject->realm);
	if ((r = find_pending(&c, factor, id)) != MFA_OK)
		return r;
	r = mfa_attempt_make(engine, subject, &attempt, &result);
	/* A comparison that was charged leaves a line, whatever came of it. */
	if (r != MFA_OK && r != MFA_ERR_PROOF)
		mfa_report_trouble(engine, caller, subject, r);
	if (r == MFA_OK && (r = mfa_reason_err(result.reason)) != MFA_OK)
		report_refused(engine, caller, subject, &result);
	/* It is gone meanwhile. */
	if (r == MFA_ERR_NOT_ENROLLED)
		r = MFA_ERR_NOT_FOUND;
	if (r == MFA_OK) {
		*out = c.out;
		report_confirmed(engine, caller, subject, &c, &result);
	}
	mfa_crypt_wipe(&c, sizeof(c));
	return r;
}

/* ---- sync ---- */

struct syncing {
	struct mfa_engine *engine;
	const struct mfa_caller *caller;
	const struct mfa_sync_ask *ask;
	const struct mfa_provider *provider;
	uint8_t id[8];
	char label[33];
	uint64_t started;
	bool was_open; /* it is charged in spite of a lock, too */
	uint64_t debited_at;
	uint64_t place;
	int32_t drift;
};

static mfa_record_Factor *
synced_factor(const struct syncing *s, mfa_record_Record *record)
{
	int i = mfa_enroll_find(record, s->ask->factor);

	if (i < 0 ||
	    record->factors[i].status != mfa_record_Status_STATUS_ENABLED)
		return NULL;
	return &record->factors[i];
}

static enum mfa_err
debit_sync(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	struct syncing *s = ctx;
	mfa_record_Factor *factor = synced_factor(s, record);

	if (factor == NULL)
		return MFA_ERR_NOT_FOUND;
	s->provider = mfa_provider_of(factor->provider);
	if (s->provider == NULL || s->provider->find == NULL)
		return MFA_ERR_NOT_FOUND; /* nothing that could drift */
	if (s->ask->first->len != factor->digits ||
	    s->ask->second->len != factor->digits)
		return MFA_ERR_SYNTAX;
	memcpy(s->id, factor->id, sizeof(s->id));
	memcpy(s->label, factor->label, sizeof(s->label));
	s->was_open = mfa_throttle_factor_check(s->engine->config, factor,
	    s->caller->path, clock->lapse, NULL) == MFA_THROTTLE_OPEN;
	s->started = mfa_throttle_factor_debit(s->engine->config, factor,
	    s->caller->path, clock->lapse);
	s->debited_at = clock->lapse;
	mfa_throttle_account_debit(record, s->caller->path, clock->lapse);
	return MFA_OK;
}

static enum mfa_err
compare_sync(struct syncing *s, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		if (memcmp(record->factors[i].id, s->id, 8) == 0)
			return s->provider->find(&record->factors[i],
			    s->ask->first, s->ask->second, clock->now.wall,
			    &s->place);
	}
	return MFA_ERR_NOT_FOUND;
}

static enum mfa_err
commit_sync(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct syncing *s = ctx;
	mfa_record_Factor *factor = synced_factor(s, record);
	enum mfa_err r;

	if (factor == NULL || memcmp(factor->id, s->id, 8) != 0)
		return MFA_ERR_NOT_FOUND;
	r = s->provider->move(factor, s->place, clock->now.wall, &s->drift);
	if (r != MFA_OK)
		return r;
	mfa_remember_void(record);
	mfa_throttle_factor_reset(factor, s->caller->path);
	mfa_throttle_account_refund(record, s->caller->path, s->debited_at);
	if (s->provider == &mfa_provider_totp)
		mfa_lapse_mend(&record->stamp, clock);
	return MFA_OK;
}

static enum mfa_err
run_sync(struct syncing *s, struct mfa_repo *repo)
{
	const struct mfa_clock *clock = mfa_repo_clock(repo);
	enum mfa_err r;

	if (clock->now.wall < s->engine->env->release)
		return MFA_ERR_CLOCK;
	/* What cannot be compared is not charged (R7). */
	if ((r = mfa_crypt_warm()) == MFA_OK)
		r = mfa_repo_update(repo, (struct mfa_delta){ debit_sync, s });
	if (r == MFA_OK)
		r = compare_sync(s, mfa_repo_record(repo), clock);
	if (r == MFA_OK)
		r = mfa_repo_update(repo, (struct mfa_delta){ commit_sync, s });
	return r;
}

static void
report_sync(const struct syncing *s, const struct mfa_subject *subject,
    enum mfa_err r)
{
	struct mfa_attempt_result result = {
		.reason = r == MFA_ERR_WRONG ? MFA_REASON_WRONG :
					       MFA_REASON_REPLAYED,
	};

	if (r == MFA_OK) {
		mfa_report(s->engine, s->caller, subject, MFA_EVENT_SYNCED,
		    s->label);
		return;
	}
	if (r != MFA_ERR_WRONG && r != MFA_ERR_REPLAYED)
		return;
	(void)mfa_text_copy(result.method, sizeof(result.method),
	    s->provider->name);
	memcpy(result.factor, s->label, sizeof(result.factor));
	result.locked_now = s->started != 0 && s->was_open;
	if (result.locked_now)
		memcpy(result.locked_factor, s->label, sizeof(s->label));
	report_refused(s->engine, s->caller, subject, &result);
}

enum mfa_err
mfa_enroll_sync(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_sync_ask *ask,
    int32_t *drift)
{
	struct syncing s = { .engine = engine, .caller = caller, .ask = ask };
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	if (caller->right != MFA_RIGHT_MANAGE)
		return MFA_ERR_DENIED;
	if (ask->first->form != MFA_TYPED_DIGITS ||
	    ask->second->form != MFA_TYPED_DIGITS)
		return MFA_ERR_SYNTAX;
	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK)
		r = run_sync(&s, repo);
	mfa_repo_close(repo);
	report_sync(&s, subject, r);
	if (r == MFA_OK)
		*drift = s.drift;
	return r;
}
