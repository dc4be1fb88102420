/* SPDX-License-Identifier: MIT */
/* MUST list: attempt.h. */
#include "verifier/engine/attempt.h"

#include <string.h>

#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/challenges.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/report.h"
#include "verifier/engine/running.h"
#include "verifier/engine/throttle.h"
#include "verifier/otp/totp.h"
#include "verifier/provider/outside.h"
#include "verifier/provider/recovery.h"

#define REFUNDS 3 /* replays of one step that cost nothing (R6) */
#define ASKING	5 /* seconds after which no further program is asked (R28) */

/* ---- compare ---- */

static enum mfa_err
compare_entrant(struct mfa_running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock, struct mfa_entrant *e)
{
	const struct mfa_check what = mfa_running_check(run, clock);

	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *factor = &record->factors[i];

		if (memcmp(factor->id, e->id, sizeof(e->id)) != 0)
			continue;
		if (e->provider->check != NULL)
			return e->provider->check(record, factor, &what,
			    &e->effect);
		/* A program is not asked about what it accepted before. */
		if (mfa_outside_was_accepted(record, factor, what.typed))
			e->effect.kind = MFA_EFFECT_REPLAY;
		return MFA_OK;
	}
	return MFA_OK;
}

static enum mfa_err
compare(struct mfa_running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	const struct mfa_check what = mfa_running_check(run, clock);
	enum mfa_err r = MFA_OK;

	for (unsigned int i = 0; r == MFA_OK && i < run->lone_n; i++)
		r = run->lone[i].provider->check(record, NULL, &what,
		    &run->lone[i].effect);
	for (unsigned int i = 0; r == MFA_OK && i < run->n; i++)
		r = compare_entrant(run, record, clock, &run->entrants[i]);
	return r;
}

/* The same of what has no factors. */
static enum mfa_effect_kind
strongest_lone(struct mfa_running *run)
{
	for (unsigned int i = 0; i < run->lone_n; i++) {
		struct mfa_lone *lone = &run->lone[i];

		if (lone->effect.kind == MFA_EFFECT_USE || run->hit == NULL)
			run->hit = lone->effect.kind == MFA_EFFECT_NONE ?
			    run->hit :
			    lone;
	}
	return run->hit == NULL ? MFA_EFFECT_NONE : run->hit->effect.kind;
}

/* The strongest effect: a fresh code before a used one. */
static enum mfa_effect_kind
strongest(struct mfa_running *run)
{
	enum mfa_effect_kind kind = MFA_EFFECT_NONE;

	if (run->lone_n != 0)
		return strongest_lone(run);
	for (unsigned int i = 0; i < run->n; i++) {
		struct mfa_entrant *e = &run->entrants[i];

		if (kind == MFA_EFFECT_USE ||
		    e->effect.kind == MFA_EFFECT_NONE)
			continue;
		if (e->effect.kind == MFA_EFFECT_USE ||
		    kind == MFA_EFFECT_NONE) {
			kind = e->effect.kind;
			run->match = e;
		}
	}
	return kind;
}

/* ---- programs, with the record unlocked ---- */

static enum mfa_err
ask_program(struct mfa_running *run, const struct mfa_clock *clock,
    unsigned int i)
{
	const mfa_record_Factor *factor = &run->outside[i];
	const struct mfa_check what = mfa_running_check(run, clock);
	char in[MFA_OUTSIDE_INPUT];
	uint8_t out[MFA_OUTSIDE_OUTPUT];
	size_t len = 0, got = 0;
	int index = mfa_policy_outside(run->engine->config, factor->program);
	enum mfa_err r = MFA_ERR_PROGRAM;

	if (index >= 0) {
		mfa_outside_ask_check(factor, &what, in, &len);
		const struct mfa_question question = {
			.realm = run->subject->realm,
			.subject = run->subject->name,
			.factor = factor->label,
			.index = (uint32_t)index,
			.in = (const uint8_t *)in,
			.len = len,
		};
		r = run->engine->runner->ask(run->engine->runner, &question,
		    out, sizeof(out), &got);
	}
	if (r == MFA_OK)
		r = mfa_outside_read_check(factor, what.typed, out, got,
		    &run->outside_entrant[i]->effect);
	mfa_crypt_wipe(in, sizeof(in));
	mfa_crypt_wipe(out, sizeof(out));
	return r;
}

/* A person waits: slow programs must not add up. */
static enum mfa_err
check_patience(const struct mfa_running *run, const struct mfa_clock *clock)
{
	const struct mfa_env *env = run->engine->env;
	struct mfa_now now;
	enum mfa_err r;

	if ((r = env->now(env, &now)) != MFA_OK)
		return r;
	return now.boot <= clock->now.boot + ASKING ? MFA_OK : MFA_ERR_PROGRAM;
}

/*
 * Gives the record up, asks every program that takes part until one accepts,
 * and opens it again.
 */
static enum mfa_err
ask_programs(struct mfa_running *run, struct mfa_repo **repo)
{
	const struct mfa_clock clock = *mfa_repo_clock(*repo);
	enum mfa_err r = MFA_OK;

	mfa_repo_close(*repo);
	*repo = NULL;
	for (unsigned int i = 0; i < run->outside_n; i++) {
		const struct mfa_effect *e = &run->outside_entrant[i]->effect;
		enum mfa_err one;

		if (e->kind == MFA_EFFECT_REPLAY)
			continue;
		if ((one = check_patience(run, &clock)) != MFA_OK)
			return one;
		/* One that is down must not speak for the others. */
		if ((one = ask_program(run, &clock, i)) != MFA_OK)
			r = one;
		if (e->kind == MFA_EFFECT_USE)
			break;
	}
	if (r != MFA_OK && strongest(run) != MFA_EFFECT_USE)
		return r;
	return mfa_repo_open(run->engine, run->subject, MFA_STORE_WRITE, repo);
}

/* ---- commit ---- */

static enum mfa_err
commit_factor(struct mfa_running *run, mfa_record_Record *record,
    const struct mfa_clock *clock, mfa_record_Factor *factor)
{
	struct mfa_attempt_result *result = run->result;
	enum mfa_path path = run->attempt->caller->path;
	enum mfa_err r;

	if (factor == NULL || !mfa_running_takes_part(run, factor, clock))
		return MFA_ERR_REPLAYED;
	r = run->match->provider->apply(record, factor, &run->match->effect,
	    clock->now.wall);
	if (r != MFA_OK)
		return r;
	result->unlocked_now = mfa_throttle_was_locked(factor, path,
	    run->match->started);
	result->used_delivered = run->match->provider == &mfa_provider_otp;
	mfa_throttle_factor_reset(factor, path);
	memcpy(result->factor, factor->label, sizeof(result->factor));
	return MFA_OK;
}

static void
note_hit(struct mfa_running *run, mfa_record_Record *record)
{
	struct mfa_attempt_result *result = run->result;
	const struct mfa_provider *p = run->hit == NULL ? NULL :
							  run->hit->provider;

	result->used_recovery = p == &mfa_provider_recovery_code;
	result->used_invitation = p == &mfa_provider_invitation;
	result->used_bypass = p == &mfa_provider_bypass;
	/* A login by another way tells of the bypass, once. */
	if (!result->used_bypass && !run->attempt->proof &&
	    run->attempt->pending == NULL && run->attempt->challenge == NULL &&
	    run->attempt->caller->path == MFA_PATH_ROOT) {
		result->bypass_used = record->bypass_used;
		record->bypass_used = 0;
	}
}

static enum mfa_err
commit_match(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct mfa_running *run = ctx;
	const struct mfa_attempt *attempt = run->attempt;
	mfa_record_Factor *factor = NULL;
	enum mfa_err r;

	if (run->hit != NULL) {
		r = run->hit->provider->apply(record, NULL, &run->hit->effect,
		    clock->now.wall);
	} else {
		factor = mfa_running_find(record, run->match->id);
		r = commit_factor(run, record, clock, factor);
	}
	if (r != MFA_OK)
		return r;
	if (attempt->challenge != NULL) {
		int i = mfa_challenges_find(record, attempt->challenge);

		/* Somebody else's answer was faster. */
		if (i < 0)
			return MFA_ERR_REPLAYED;
		mfa_challenges_drop(record, i);
	}
	mfa_running_refund(run, record, run->match);
	note_hit(run, record);
	run->result->recovery_left = mfa_provider_recovery_left(
	    &record->recovery);
	mfa_report_address(record, run->result->address);
	if (attempt->on_match != NULL)
		r = attempt->on_match(attempt->ctx, record, factor, clock);
	/* Perhaps this very code enabled the first one. */
	if (run->result->address[0] == '\0')
		mfa_report_address(record, run->result->address);
	return r;
}

/* A replay is given back at most REFUNDS times a step. */
static enum mfa_err
commit_replay(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct mfa_running *run = ctx;
	mfa_record_Factor *factor = mfa_running_find(record, run->match->id);

	(void)clock;
	if (factor == NULL)
		return MFA_ERR_REPLAYED;
	/* Not for an older one: two codes in turn would never be charged. */
	if (run->match->effect.step > factor->replay_step) {
		factor->replay_step = run->match->effect.step;
		factor->replay_refunds = 0;
	}
	if (factor->replay_refunds >= REFUNDS)
		return MFA_ERR_REPLAYED;
	factor->replay_refunds++;
	mfa_running_refund(run, record, NULL);
	return MFA_OK;
}

/* What a charge has closed that stays. */
static void
note_locks(struct mfa_running *run)
{
	struct mfa_attempt_result *result = run->result;
	unsigned int closed = 0;

	for (unsigned int i = 0; i < run->n; i++) {
		const struct mfa_entrant *e = &run->entrants[i];

		if (e->closed == MFA_REASON_NONE)
			continue;
		closed++;
		result->blocked_now |= e->closed == MFA_REASON_BLOCKED;
		memcpy(result->locked_factor, e->label,
		    sizeof(result->locked_factor));
	}
	result->locked_now = closed != 0 || run->account_closed;
	if (closed != 1)
		result->locked_factor[0] = '\0';
}

/* What a wrong answer has done besides: a lock, the end of a code. */
static void
note_wrong(struct mfa_running *run, const mfa_record_Record *record)
{
	struct mfa_attempt_result *result = run->result;

	note_locks(run);
	for (unsigned int i = 0; i < run->n; i++) {
		if (run->entrants[i].provider == &mfa_provider_otp)
			result->voided_delivered = record->delivered.compared >=
			    MFA_OTP_COMPARISONS;
	}
	if (run->n == 1)
		memcpy(result->factor, run->entrants[0].label,
		    sizeof(result->factor));
	mfa_report_address(record, result->address);
}

/* What the log calls it: a match's provider, or the only one compared. */
static void
name_method(struct mfa_running *run)
{
	const char *name = "";

	if (run->hit != NULL)
		name = run->hit->provider->name;
	else if (run->lone_n == 1)
		name = run->lone[0].provider->name;
	else if (run->match != NULL)
		name = run->match->method;
	else if (run->n > 0)
		name = run->entrants[0].method;
	for (unsigned int i = 1; run->match == NULL && i < run->n; i++) {
		if (strcmp(run->entrants[i].method, name) != 0)
			name = "";
	}
	(void)mfa_text_copy(run->result->method, sizeof(run->result->method),
	    name);
}

static enum mfa_err
conclude(struct mfa_running *run, struct mfa_repo *repo)
{
	enum mfa_effect_kind kind = strongest(run);
	struct mfa_attempt_result *result = run->result;
	enum mfa_err r = MFA_OK;

	name_method(run);
	switch (kind) {
	case MFA_EFFECT_NONE:
		note_wrong(run, mfa_repo_record(repo));
		return MFA_OK;
	case MFA_EFFECT_REPLAY:
		result->reason = MFA_REASON_REPLAYED;
		if (run->match != NULL)
			memcpy(result->factor, run->match->label,
			    sizeof(result->factor));
		r = run->hit != NULL ?
		    MFA_ERR_REPLAYED :
		    mfa_repo_update(repo,
			(struct mfa_delta){ commit_replay, run });
		if (r != MFA_ERR_REPLAYED)
			return r;
		note_locks(run); /* it was not given back */
		return MFA_OK;
	case MFA_EFFECT_USE:
		break;
	}
	r = mfa_repo_update(repo, (struct mfa_delta){ commit_match, run });
	if (r == MFA_ERR_REPLAYED) {
		result->unlocked_now = false;
		result->used_delivered = false;
		result->used_recovery = false;
		result->used_invitation = false;
		result->used_bypass = false;
		result->bypass_used = 0;
		result->reason = MFA_REASON_REPLAYED;
		note_locks(run);
		return MFA_OK;
	}
	if (r == MFA_OK)
		result->reason = MFA_REASON_OK;
	return r;
}

/* ---- the whole ---- */

enum mfa_verdict
mfa_attempt_verdict(enum mfa_err err, const struct mfa_attempt_result *result)
{
	if (err != MFA_OK)
		return MFA_VERDICT_UNAVAILABLE;
	return result->reason == MFA_REASON_OK ||
		result->reason == MFA_REASON_REMEMBERED ?
	    MFA_VERDICT_ACCEPT :
	    MFA_VERDICT_DENY;
}

void
mfa_attempt_decoy(struct mfa_engine *engine, unsigned int parts)
{
	static const uint8_t secret[20] = { 1 };
	const struct mfa_otp_key key = { MFA_CRYPT_SHA1, secret,
		sizeof(secret), 6 };
	uint64_t fresh, used;

	/* In the order of an attempt: after a flush the caches are cold. */
	mfa_repo_decoy(engine, parts);
	/* The outcome is nobody's; only the time matters. */
	(void)!mfa_totp_search(&key,
	    mfa_totp_around(engine->env->release, 30, 0,
		engine->config->window),
	    "000000", UINT64_MAX, &fresh, &used);
}

static enum mfa_err
run_attempt(struct mfa_running *run, struct mfa_repo **repo, bool *decoy)
{
	enum mfa_reason why;
	enum mfa_err r;

	why = mfa_running_choose(run, mfa_repo_record(*repo),
	    mfa_repo_clock(*repo));
	if (why != MFA_REASON_OK) {
		run->result->reason = why;
		*decoy = true;
		return MFA_OK;
	}
	if ((r = mfa_running_prepare(run)) == MFA_OK)
		r = mfa_repo_update(*repo,
		    (struct mfa_delta){ mfa_running_debit, run });
	if (r == MFA_ERR_LOCKED) {
		run->result->reason = MFA_REASON_LOCKED;
		*decoy = true;
		return MFA_OK;
	}
	if (r == MFA_OK)
		r = compare(run, mfa_repo_record(*repo), mfa_repo_clock(*repo));
	if (r == MFA_OK && run->outside_n != 0 &&
	    strongest(run) != MFA_EFFECT_USE)
		r = ask_programs(run, repo);
	if (r == MFA_OK)
		r = conclude(run, *repo);
	return r;
}

static void
begin(struct mfa_running *run, struct mfa_engine *engine,
    const struct mfa_subject *subject, const struct mfa_attempt *attempt)
{
	memset(run, 0, sizeof(*run));
	run->engine = engine;
	run->subject = subject;
	run->attempt = attempt;
	run->use.service = attempt->caller->service;
	run->use.rhost = attempt->caller->rhost;
	run->use.peer = (uint32_t)attempt->caller->path;
	run->use.challenge = attempt->challenge;
	run->use.confirm = attempt->pending;
}

enum mfa_err
mfa_attempt_make(struct mfa_engine *engine, const struct mfa_subject *subject,
    const struct mfa_attempt *attempt, struct mfa_attempt_result *result)
{
	struct mfa_attempt_result got;
	struct mfa_running run;
	struct mfa_repo *repo = NULL;
	bool decoy = false, opened;
	enum mfa_err r;

	begin(&run, engine, subject, attempt);
	memset(&got, 0, sizeof(got));
	memset(result, 0, sizeof(*result));
	result->reason = MFA_REASON_WRONG;
	got.reason = MFA_REASON_WRONG;
	run.result = &got;
	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	opened = r != MFA_ERR_NOT_FOUND;
	if (r == MFA_OK) {
		r = run_attempt(&run, &repo, &decoy);
	} else if (r == MFA_ERR_NOT_FOUND || r == MFA_ERR_FOREIGN) {
		got.reason = r == MFA_ERR_FOREIGN ? MFA_REASON_UNKNOWN_USER :
						    MFA_REASON_NOT_ENROLLED;
		decoy = true;
		r = MFA_OK;
	}
	mfa_repo_close(repo);
	/* Of the subject's own record the reading is done. */
	if (decoy)
		mfa_attempt_decoy(engine, MFA_DECOY_WRITE |
		    (opened ? 0 : MFA_DECOY_READ));
	if (r == MFA_OK)
		*result = got;
	mfa_crypt_wipe(&run, sizeof(run));
	return r;
}
