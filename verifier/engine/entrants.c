/* SPDX-License-Identifier: MIT */
/* MUST list: attempt.h. */
#include <string.h>

#include "verifier/engine/challenges.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/running.h"
#include "verifier/engine/throttle.h"

mfa_record_Factor *
mfa_running_find(mfa_record_Record *record, const uint8_t id[8])
{
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		if (memcmp(record->factors[i].id, id, 8) == 0)
			return &record->factors[i];
	}
	return NULL;
}

struct mfa_check
mfa_running_check(const struct mfa_running *run, const struct mfa_clock *clock)
{
	return (struct mfa_check){
		.typed = run->attempt->typed,
		.wall = clock->now.wall,
		.lapse = clock->lapse,
		.plausible = clock->plausible,
		.window = run->engine->config->window,
		.look_ahead = run->engine->config->look_ahead,
		.use = &run->use,
	};
}

static const struct mfa_config_realm *
realm_of(const struct mfa_running *run)
{
	return mfa_config_realm_find(run->engine->config, run->subject->realm);
}

/* Of what the realm has on, what counts here. */
static uint32_t
provided(const struct mfa_running *run, const struct mfa_config_realm *realm)
{
	return run->attempt->methods == 0 ?
	    realm->provides :
	    realm->provides & run->attempt->methods;
}

static bool
is_method(const struct mfa_attempt *attempt, const char *name)
{
	return attempt->method == NULL || strcmp(attempt->method, name) == 0;
}

bool
mfa_running_takes_part(const struct mfa_running *run,
    const mfa_record_Factor *factor, const struct mfa_clock *clock)
{
	const struct mfa_attempt *attempt = run->attempt;
	const struct mfa_config_realm *realm = realm_of(run);

	if (realm == NULL ||
	    (provided(run, realm) &
		mfa_policy_bit(run->engine->config, factor)) == 0 ||
	    !is_method(attempt, mfa_provider_name(factor)))
		return false;
	if (attempt->pending == NULL)
		return factor->status == mfa_record_Status_STATUS_ENABLED;
	return factor->status == mfa_record_Status_STATUS_PENDING &&
	    factor->pending_until > clock->lapse &&
	    memcmp(factor->id, attempt->pending, 8) == 0;
}

/* LOCKED or BLOCKED; NONE while the factor is open. */
static enum mfa_reason
throttle_reason(const struct mfa_running *run, const mfa_record_Factor *factor,
    const struct mfa_clock *clock)
{
	switch (mfa_throttle_factor_check(run->engine->config, factor,
	    run->attempt->caller->path, clock->lapse, NULL)) {
	case MFA_THROTTLE_LOCKED:
		return MFA_REASON_LOCKED;
	case MFA_THROTTLE_BLOCKED:
		return MFA_REASON_BLOCKED;
	default:
		return MFA_REASON_NONE;
	}
}

/* Why a factor cannot be compared now; OK if it can. */
static enum mfa_reason
obstacle(const struct mfa_running *run, const mfa_record_Record *record,
    const mfa_record_Factor *factor, const struct mfa_clock *clock)
{
	const struct mfa_provider *provider = mfa_provider_of(factor->provider);
	const struct mfa_check what = mfa_running_check(run, clock);
	enum mfa_err ready = MFA_ERR_SYNTAX;
	enum mfa_reason throttled;

	if (provider != NULL)
		ready = provider->ready(record, factor, &what);
	/* A lock says more than a clock, but a wrong length says nothing. */
	if (ready == MFA_ERR_SYNTAX)
		return MFA_REASON_MALFORMED;
	if ((throttled = throttle_reason(run, factor, clock)) !=
	    MFA_REASON_NONE)
		return throttled;
	if (ready == MFA_OK)
		return MFA_REASON_OK;
	return ready == MFA_ERR_CLOCK ? MFA_REASON_CLOCK : MFA_REASON_NO_CODE;
}

/* Which of two obstacles tells more. */
static bool
says_more(enum mfa_reason here, enum mfa_reason why)
{
	if (why == MFA_REASON_NOT_ENROLLED || why == MFA_REASON_MALFORMED)
		return here != why;
	return why == MFA_REASON_NO_CODE && here != MFA_REASON_MALFORMED;
}

static void
enter(struct mfa_running *run, const mfa_record_Factor *factor)
{
	struct mfa_entrant *e = &run->entrants[run->n++];
	const char *name = mfa_provider_name(factor);

	e->provider = mfa_provider_of(factor->provider);
	memcpy(e->id, factor->id, sizeof(e->id));
	memcpy(e->method, name, strlen(name) + 1);
	memcpy(e->label, factor->label, sizeof(e->label));
	if (e->provider->check != NULL)
		return;
	run->outside[run->outside_n] = *factor;
	run->outside_entrant[run->outside_n++] = e;
}

static bool
account_is_open(const struct mfa_running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	return mfa_throttle_account_check(run->engine->config, record,
	    run->attempt->caller->path, clock->lapse, NULL) ==
	    MFA_THROTTLE_OPEN;
}

static enum mfa_reason
choose_factors(struct mfa_running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	enum mfa_reason why = MFA_REASON_NOT_ENROLLED;

	if (!account_is_open(run, record, clock))
		return MFA_REASON_LOCKED;
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *factor = &record->factors[i];
		enum mfa_reason here;

		if (!mfa_running_takes_part(run, factor, clock))
			continue;
		here = obstacle(run, record, factor, clock);
		if (here == MFA_REASON_OK)
			enter(run, factor);
		else if (says_more(here, why))
			why = here;
	}
	if (run->n != 0)
		return MFA_REASON_OK;
	/* Enrolled with other methods than this one. */
	if (why == MFA_REASON_NOT_ENROLLED && record->enrolled &&
	    run->attempt->pending == NULL)
		return MFA_REASON_MALFORMED;
	return why;
}

static void
enter_lone(struct mfa_running *run, const struct mfa_provider *provider)
{
	run->lone[run->lone_n++].provider = provider;
}

/* Its own codes and, where an administrator gave one out, the bypass. */
static enum mfa_reason
choose_recovery(struct mfa_running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	const struct mfa_config_realm *realm = realm_of(run);
	const struct mfa_check what = mfa_running_check(run, clock);

	if (run->attempt->pending != NULL || realm == NULL)
		return MFA_REASON_MALFORMED;
	if ((provided(run, realm) & MFA_PROVIDES_RECOVERY_CODE) != 0 &&
	    record->recovery.codes_count != 0 &&
	    is_method(run->attempt, mfa_provider_recovery_code.name))
		enter_lone(run, &mfa_provider_recovery_code);
	/* It lets somebody in; it proves nothing of the own. */
	if (!run->attempt->proof && run->attempt->challenge == NULL &&
	    is_method(run->attempt, mfa_provider_bypass.name) &&
	    mfa_provider_bypass.ready(record, NULL, &what) == MFA_OK)
		enter_lone(run, &mfa_provider_bypass);
	if (run->lone_n == 0)
		return MFA_REASON_MALFORMED;
	/* 120 bits: no budget refuses them on the root path (R10). */
	if (run->attempt->caller->path != MFA_PATH_ROOT &&
	    !account_is_open(run, record, clock))
		return MFA_REASON_LOCKED;
	return MFA_REASON_OK;
}

/*
 * By proof alone.  120 bits need no budget, and one here would be a lever
 * against who was invited.
 */
static enum mfa_reason
choose_invitation(struct mfa_running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	const struct mfa_check what = mfa_running_check(run, clock);

	switch (mfa_provider_invitation.ready(record, NULL, &what)) {
	case MFA_OK:
		enter_lone(run, &mfa_provider_invitation);
		return MFA_REASON_OK;
	case MFA_ERR_NOT_FOUND:
		return MFA_REASON_NO_CODE;
	default:
		return MFA_REASON_MALFORMED;
	}
}

static int
find_challenge(const struct mfa_running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	return mfa_challenges_live(run->engine->config, record,
	    run->attempt->challenge, run->attempt->caller->path, clock);
}

enum mfa_reason
mfa_running_choose(struct mfa_running *run, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	if (!record->enrolled && run->attempt->proof)
		return choose_invitation(run, record, clock);
	if (!record->enrolled && run->attempt->pending == NULL)
		return MFA_REASON_NOT_ENROLLED;
	if (run->attempt->challenge != NULL) {
		const int i = find_challenge(run, record, clock);

		if (i < 0)
			return MFA_REASON_EXPIRED;
		run->result->attempts_left = run->engine->config->max_attempts -
		    record->challenges[i].attempts;
	}
	switch (run->attempt->typed->form) {
	case MFA_TYPED_RECOVERY_CODE:
		return choose_recovery(run, record, clock);
	case MFA_TYPED_DIGITS:
	case MFA_TYPED_MALFORMED:
		return choose_factors(run, record, clock);
	default:
		return MFA_REASON_MALFORMED;
	}
}

enum mfa_err
mfa_running_prepare(const struct mfa_running *run)
{
	enum mfa_err r = MFA_OK;

	for (unsigned int i = 0; r == MFA_OK && i < run->n; i++) {
		if (run->entrants[i].provider->warm != NULL)
			r = run->entrants[i].provider->warm();
	}
	return r;
}

/* ---- charging ---- */

static bool
charges_account(const struct mfa_running *run)
{
	if (run->lone_n == 0)
		return true;
	return run->attempt->caller->path != MFA_PATH_ROOT &&
	    run->lone[0].provider != &mfa_provider_invitation;
}

static enum mfa_err
debit_entrants(struct mfa_running *run, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	for (unsigned int i = 0; i < run->n; i++) {
		struct mfa_entrant *e = &run->entrants[i];
		mfa_record_Factor *factor = mfa_running_find(record, e->id);

		/* After a conflict somebody else's change may stand. */
		if (factor == NULL ||
		    !mfa_running_takes_part(run, factor, clock) ||
		    obstacle(run, record, factor, clock) != MFA_REASON_OK)
			return MFA_ERR_LOCKED;
		e->started = mfa_throttle_factor_debit(run->engine->config,
		    factor, run->attempt->caller->path, clock->lapse);
		e->closed = throttle_reason(run, factor, clock);
		if (e->closed != MFA_REASON_NONE)
			mfa_remember_void(record);
		if (e->provider->charge != NULL)
			e->provider->charge(record, factor);
	}
	return MFA_OK;
}

static enum mfa_err
debit_challenge(struct mfa_running *run, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	int i;

	if (run->attempt->challenge == NULL)
		return MFA_OK;
	if ((i = find_challenge(run, record, clock)) < 0)
		return MFA_ERR_LOCKED;
	record->challenges[i].attempts++;
	run->result->attempts_left = run->engine->config->max_attempts -
	    record->challenges[i].attempts;
	return MFA_OK;
}

enum mfa_err
mfa_running_debit(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct mfa_running *run = ctx;
	enum mfa_err r;

	run->debited_at = clock->lapse;
	if ((r = debit_challenge(run, record, clock)) != MFA_OK ||
	    (r = debit_entrants(run, record, clock)) != MFA_OK)
		return r;
	for (unsigned int i = 0; i < run->lone_n; i++)
		run->lone[i].provider->charge(record, NULL);
	if (!charges_account(run))
		return MFA_OK;
	if (!account_is_open(run, record, clock))
		return MFA_ERR_LOCKED;
	mfa_throttle_account_debit(record, run->attempt->caller->path,
	    clock->lapse);
	run->account_closed = !account_is_open(run, record, clock);
	if (run->account_closed)
		mfa_remember_void(record);
	return MFA_OK;
}

void
mfa_running_refund(struct mfa_running *run, mfa_record_Record *record,
    const struct mfa_entrant *except)
{
	enum mfa_path path = run->attempt->caller->path;

	for (unsigned int i = 0; i < run->n; i++) {
		const struct mfa_entrant *e = &run->entrants[i];
		mfa_record_Factor *factor = mfa_running_find(record, e->id);

		if (e != except && factor != NULL)
			mfa_throttle_factor_refund(run->engine->config, factor,
			    path, e->started);
	}
	if (charges_account(run))
		mfa_throttle_account_refund(record, path, run->debited_at);
}
