/* SPDX-License-Identifier: MIT */
/* Codes by time.  The watermark, last_step, only grows (R6). */
#include "verifier/provider/common.h"
#include "verifier/provider/setup.h"

#define TOTP mfa_record_Provider_PROVIDER_TOTP

static enum mfa_err
ready(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what)
{
	(void)record;
	if (!mfa_provider_takes(factor, TOTP, what->typed))
		return MFA_ERR_SYNTAX;
	/* A step used in a future that did not come: one of the clocks lied. */
	if (!what->plausible || factor->last_step >
	    mfa_setup_step(factor, what->wall) + what->window)
		return MFA_ERR_CLOCK;
	return MFA_OK;
}

static enum mfa_err
check(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what, struct mfa_effect *effect)
{
	uint64_t next;

	(void)record;
	effect->kind = MFA_EFFECT_NONE;
	if (!mfa_provider_takes(factor, TOTP, what->typed))
		return MFA_ERR_INVALID;
	next = factor->last_step == UINT64_MAX ? UINT64_MAX :
						 factor->last_step + 1;
	return mfa_provider_search(factor,
	    mfa_totp_around(what->wall, factor->period, factor->drift,
		what->window),
	    next, what->typed, effect);
}

static enum mfa_err
apply(mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_effect *effect, uint64_t wall)
{
	(void)record;
	if (effect->kind != MFA_EFFECT_USE || effect->step <= factor->last_step)
		return MFA_ERR_REPLAYED;
	factor->last_step = effect->step;
	mfa_provider_used(factor, wall);
	return MFA_OK;
}

/* The step of the clock itself, whatever drift was learnt before. */
static struct mfa_totp_range
around_clock(const mfa_record_Factor *factor, uint64_t wall,
    unsigned int window)
{
	return mfa_totp_around(wall, factor->period, 0, window);
}

static enum mfa_err
find(const mfa_record_Factor *factor, const struct mfa_typed *first,
    const struct mfa_typed *second, uint64_t wall, uint64_t *place)
{
	return mfa_setup_find_pair(factor,
	    around_clock(factor, wall, MFA_SETUP_SYNC_STEPS), first, second,
	    place);
}

static enum mfa_err
move(mfa_record_Factor *factor, uint64_t place, uint64_t wall, int32_t *moved)
{
	const uint64_t here = around_clock(factor, wall, 0).first;
	const int64_t drift = (int64_t)place - (int64_t)here;

	/* The clock was set between find and move. */
	if (drift < INT32_MIN || drift > INT32_MAX)
		return MFA_ERR_REPLAYED;
	/* Codes of the past stay used; a mark beyond reach is a clock's. */
	if (place <= factor->last_step &&
	    factor->last_step <= here + MFA_SETUP_SYNC_STEPS)
		return MFA_ERR_REPLAYED;
	factor->drift = (int32_t)drift;
	factor->last_step = place;
	mfa_provider_used(factor, wall);
	*moved = factor->drift;
	return MFA_OK;
}

const struct mfa_provider mfa_provider_totp = {
	.name = "totp",
	.number = TOTP,
	.ready = ready,
	.warm = mfa_crypt_warm,
	.check = check,
	.apply = apply,
	.find = find,
	.move = move,
};
