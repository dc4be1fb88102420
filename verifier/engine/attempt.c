/* SPDX-License-Identifier: MIT */
/* MUST list: attempt.h. */
#include "verifier/engine/attempt.h"

#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/throttle.h"
#include "verifier/otp/totp.h"
#include "verifier/provider/provider.h"

#define FACTORS 8
#define REFUNDS 3 /* replays of one step that cost nothing (R6) */

/* One factor that takes part; factor NULL in the record: recovery codes. */
struct entrant {
	uint8_t id[8];
	uint64_t started; /* lock begun by our debit, 0 if none */
	struct mfa_effect effect;
};

struct running {
	struct mfa_engine *engine;
	const struct mfa_attempt *attempt;
	struct mfa_attempt_result *result;
	const struct mfa_provider *provider;
	struct entrant entrants[FACTORS];
	unsigned int n;
	bool recovery;	      /* the recovery set takes part */
	struct mfa_effect recovery_effect;
	uint64_t debited_at;  /* lapse */
	struct entrant *match; /* of entrants; NULL with recovery */
};

static mfa_record_Factor *
find(mfa_record_Record *record, const uint8_t *id)
{
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		if (memcmp(record->factors[i].id, id, 8) == 0)
			return &record->factors[i];
	}
	return NULL;
}

/* ---- may we compare? ---- */

static bool
takes_part(const struct running *run, const mfa_record_Factor *factor,
    const struct mfa_clock *clock)
{
	if (run->attempt->pending == NULL)
		return factor->status == mfa_record_Status_STATUS_ENABLED;
	return factor->status == mfa_record_Status_STATUS_PENDING &&
	    factor->pending_until > clock->lapse &&
	    memcmp(factor->id, run->attempt->pending, 8) == 0;
}

/* Why a factor cannot be compared now; OK if it can. */
static enum mfa_reason
obstacle(const struct running *run, const mfa_record_Factor *factor,
    const struct mfa_clock *clock)
{
	const struct mfa_config *config = run->engine->config;

	if (factor->digits != run->attempt->typed->len)
		return MFA_REASON_MALFORMED;
	switch (mfa_throttle_factor_check(config, factor,
	    run->attempt->caller->path, clock->lapse, NULL)) {
	case MFA_THROTTLE_OPEN:
		break;
	case MFA_THROTTLE_LOCKED:
		return MFA_REASON_LOCKED;
	case MFA_THROTTLE_BLOCKED:
		return MFA_REASON_BLOCKED;
	}
	/* A step used in a future that did not come says the same. */
	if (!clock->plausible ||
	    factor->last_step > mfa_provider_totp_step(factor,
		clock->now.wall) + config->window)
		return MFA_REASON_CLOCK;
	return MFA_REASON_OK;
}

/* Chooses the factors to compare; the reason if there is none. */
static enum mfa_reason
choose_factors(struct running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	enum mfa_reason why = MFA_REASON_NOT_ENROLLED;

	if (mfa_throttle_account_check(run->engine->config, record,
		run->attempt->caller->path, clock->lapse, NULL) !=
	    MFA_THROTTLE_OPEN)
		return MFA_REASON_LOCKED;
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *factor = &record->factors[i];
		enum mfa_reason here;

		if (!takes_part(run, factor, clock))
			continue;
		here = obstacle(run, factor, clock);
		if (here == MFA_REASON_OK)
			memcpy(run->entrants[run->n++].id, factor->id, 8);
		/* A lock says more than a wrong length. */
		else if (why == MFA_REASON_NOT_ENROLLED ||
		    why == MFA_REASON_MALFORMED)
			why = here;
	}
	return run->n != 0 ? MFA_REASON_OK : why;
}

static enum mfa_reason
choose_recovery(struct running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	if (run->attempt->pending != NULL)
		return MFA_REASON_MALFORMED;
	if (!run->engine->config->provider_recovery_code ||
	    record->recovery.codes_count == 0)
		return MFA_REASON_MALFORMED;
	/* 120 bits: no budget refuses them on the root path (R10). */
	if (run->attempt->caller->path != MFA_PATH_ROOT &&
	    mfa_throttle_account_check(run->engine->config, record,
		run->attempt->caller->path, clock->lapse, NULL) !=
		MFA_THROTTLE_OPEN)
		return MFA_REASON_LOCKED;
	run->recovery = true;
	return MFA_REASON_OK;
}

static enum mfa_reason
choose(struct running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	if (!record->enrolled && run->attempt->pending == NULL)
		return MFA_REASON_NOT_ENROLLED;
	if (run->attempt->typed->form == MFA_TYPED_RECOVERY_CODE) {
		run->provider = &mfa_provider_recovery_code;
		return choose_recovery(run, record, clock);
	}
	if (run->attempt->typed->form != MFA_TYPED_DIGITS)
		return MFA_REASON_MALFORMED;
	run->provider = &mfa_provider_totp;
	return choose_factors(run, record, clock);
}

/* ---- debit ---- */

static bool
charges_account(const struct running *run)
{
	return !run->recovery || run->attempt->caller->path != MFA_PATH_ROOT;
}

static enum mfa_err
debit(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	struct running *run = ctx;
	enum mfa_path path = run->attempt->caller->path;

	run->debited_at = clock->lapse;
	for (unsigned int i = 0; i < run->n; i++) {
		mfa_record_Factor *factor = find(record, run->entrants[i].id);

		/* After a conflict somebody else's change may stand. */
		if (factor == NULL || !takes_part(run, factor, clock) ||
		    obstacle(run, factor, clock) != MFA_REASON_OK)
			return MFA_ERR_LOCKED;
		run->entrants[i].started = mfa_throttle_factor_debit(
		    run->engine->config, factor, path, clock->lapse);
	}
	if (run->recovery && record->recovery.compared < UINT32_MAX)
		record->recovery.compared++;
	if (!charges_account(run))
		return MFA_OK;
	if (mfa_throttle_account_check(run->engine->config, record, path,
		clock->lapse, NULL) != MFA_THROTTLE_OPEN)
		return MFA_ERR_LOCKED;
	mfa_throttle_account_debit(record, path, clock->lapse);
	return MFA_OK;
}

/* ---- compare ---- */

static enum mfa_err
compare(struct running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	const struct mfa_check what = {
		.typed = run->attempt->typed,
		.wall = clock->now.wall,
		.window = run->engine->config->window,
	};
	enum mfa_err r = MFA_OK;

	if (run->recovery)
		return run->provider->check(record, NULL, &what,
		    &run->recovery_effect);
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		for (unsigned int j = 0; j < run->n; j++) {
			if (memcmp(record->factors[i].id, run->entrants[j].id,
				8) != 0)
				continue;
			r = run->provider->check(record, &record->factors[i],
			    &what, &run->entrants[j].effect);
			if (r != MFA_OK)
				return r;
		}
	}
	return r;
}

/* The strongest effect: a fresh code before a used one. */
static enum mfa_effect_kind
strongest(struct running *run)
{
	enum mfa_effect_kind kind = MFA_EFFECT_NONE;

	if (run->recovery)
		return run->recovery_effect.kind;
	for (unsigned int i = 0; i < run->n; i++) {
		struct entrant *e = &run->entrants[i];

		if (e->effect.kind == MFA_EFFECT_USE ||
		    (e->effect.kind == MFA_EFFECT_REPLAY &&
			kind == MFA_EFFECT_NONE)) {
			if (kind == MFA_EFFECT_USE)
				continue;
			kind = e->effect.kind;
			run->match = e;
		}
	}
	return kind;
}

/* ---- commit ---- */

static void
refund(struct running *run, mfa_record_Record *record,
    const struct entrant *except)
{
	enum mfa_path path = run->attempt->caller->path;

	for (unsigned int i = 0; i < run->n; i++) {
		const struct entrant *e = &run->entrants[i];
		mfa_record_Factor *factor = find(record, e->id);

		if (e != except && factor != NULL)
			mfa_throttle_factor_refund(run->engine->config, factor,
			    path, e->started);
	}
	if (charges_account(run))
		mfa_throttle_account_refund(record, path, run->debited_at);
}

static enum mfa_err
commit_match(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct running *run = ctx;
	const struct mfa_effect *effect = run->recovery ?
	    &run->recovery_effect :
	    &run->match->effect;
	mfa_record_Factor *factor = NULL;
	enum mfa_err r;

	if (!run->recovery) {
		factor = find(record, run->match->id);
		if (factor == NULL || !takes_part(run, factor, clock))
			return MFA_ERR_REPLAYED;
	}
	r = run->provider->apply(record, factor, effect, clock->now.wall);
	if (r != MFA_OK)
		return r;
	if (factor != NULL) {
		mfa_throttle_factor_reset(factor, run->attempt->caller->path);
		memcpy(run->result->factor, factor->label,
		    sizeof(run->result->factor));
	}
	refund(run, record, run->match);
	run->result->recovery_left = mfa_provider_recovery_left(
	    &record->recovery);
	return run->attempt->on_match == NULL ? MFA_OK :
						run->attempt->on_match(
						    run->attempt->ctx, record,
						    factor, clock);
}

/* A replay is given back at most REFUNDS times a step. */
static enum mfa_err
commit_replay(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct running *run = ctx;
	mfa_record_Factor *factor = find(record, run->match->id);

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
	refund(run, record, NULL);
	return MFA_OK;
}

static enum mfa_err
conclude(struct running *run, struct mfa_repo *repo)
{
	enum mfa_err r = MFA_OK;

	run->result->method = run->provider->name;
	switch (strongest(run)) {
	case MFA_EFFECT_NONE:
		run->result->reason = MFA_REASON_WRONG;
		for (unsigned int i = 0; i < run->n; i++)
			run->result->locked_now |= run->entrants[i].started != 0;
		return MFA_OK;
	case MFA_EFFECT_REPLAY:
		run->result->reason = MFA_REASON_REPLAYED;
		if (!run->recovery)
			r = mfa_repo_update(repo,
			    (struct mfa_delta){ commit_replay, run });
		return r == MFA_ERR_REPLAYED ? MFA_OK : r;
	case MFA_EFFECT_USE:
		break;
	}
	r = mfa_repo_update(repo, (struct mfa_delta){ commit_match, run });
	if (r == MFA_ERR_REPLAYED) {
		run->result->reason = MFA_REASON_REPLAYED;
		return MFA_OK;
	}
	if (r == MFA_OK)
		run->result->reason = MFA_REASON_OK;
	return r;
}

/* ---- the whole ---- */

void
mfa_attempt_decoy(struct mfa_engine *engine, bool write)
{
	static const uint8_t secret[20] = { 1 };
	const struct mfa_otp_key key = { MFA_CRYPT_SHA1, secret,
		sizeof(secret), 6 };
	uint64_t fresh, used;

	/* The outcome is nobody's; only the time matters. */
	if (mfa_totp_search(&key,
		mfa_totp_around(engine->env->release, 30, 0,
		    engine->config->window),
		"000000", UINT64_MAX - 1, &fresh, &used) == MFA_OK)
		mfa_repo_decoy(engine, write);
}

static enum mfa_err
run_attempt(struct running *run, struct mfa_repo *repo, bool *decoy)
{
	enum mfa_reason why;
	enum mfa_err r;

	why = choose(run, mfa_repo_record(repo), mfa_repo_clock(repo));
	if (why != MFA_REASON_OK) {
		run->result->reason = why;
		*decoy = true;
		return MFA_OK;
	}
	r = mfa_repo_update(repo, (struct mfa_delta){ debit, run });
	if (r == MFA_ERR_LOCKED) {
		run->result->reason = MFA_REASON_LOCKED;
		*decoy = true;
		return MFA_OK;
	}
	if (r == MFA_OK)
		r = compare(run, mfa_repo_record(repo), mfa_repo_clock(repo));
	if (r == MFA_OK)
		r = conclude(run, repo);
	return r;
}

enum mfa_err
mfa_attempt_make(struct mfa_engine *engine, const struct mfa_subject *subject,
    const struct mfa_attempt *attempt, struct mfa_attempt_result *result)
{
	struct mfa_attempt_result got;
	struct running run;
	struct mfa_repo *repo = NULL;
	bool decoy = false;
	enum mfa_err r;

	memset(&run, 0, sizeof(run));
	memset(&got, 0, sizeof(got));
	memset(result, 0, sizeof(*result));
	result->reason = MFA_REASON_WRONG;
	got.reason = MFA_REASON_WRONG;
	run.engine = engine;
	run.attempt = attempt;
	run.result = &got;
	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK) {
		r = run_attempt(&run, repo, &decoy);
	} else if (r == MFA_ERR_NOT_FOUND || r == MFA_ERR_FOREIGN) {
		got.reason = r == MFA_ERR_FOREIGN ? MFA_REASON_UNKNOWN_USER :
						    MFA_REASON_NOT_ENROLLED;
		decoy = true;
		r = MFA_OK;
	}
	mfa_repo_close(repo);
	if (decoy)
		mfa_attempt_decoy(engine, true);
	if (r == MFA_OK)
		*result = got;
	return r;
}
