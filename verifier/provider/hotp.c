/* SPDX-License-Identifier: MIT */
/*
 * Codes by counter: RFC 4226, section 7.4 for the window ahead.
 *
 * MUST (R6):
 *  - the counter is the next one that is accepted; it only grows, and beyond
 *    the code that was accepted;
 *  - wrong codes never move it.
 */
#include "verifier/provider/common.h"
#include "verifier/provider/setup.h"

#define HOTP mfa_record_Provider_PROVIDER_HOTP
#define LAST (MFA_PROVIDER_COUNTER_MAX - 1) /* that a code is made of */

/* Counters from first to at most ahead beyond the next. */
static struct mfa_totp_range
range_to(const mfa_record_Factor *factor, uint64_t first, unsigned int ahead)
{
	struct mfa_totp_range range = { first, 0 };
	uint64_t last = LAST;

	if (factor->counter > MFA_PROVIDER_COUNTER_MAX)
		return range;
	if (factor->counter < LAST - ahead)
		last = factor->counter + ahead;
	if (first <= last)
		range.count = (unsigned int)(last - first + 1);
	return range;
}

static enum mfa_err
ready(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what)
{
	(void)record;
	return mfa_provider_takes(factor, HOTP, what->typed) ? MFA_OK :
							       MFA_ERR_SYNTAX;
}

static enum mfa_err
check(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what, struct mfa_effect *effect)
{
	uint64_t first;

	(void)record;
	effect->kind = MFA_EFFECT_NONE;
	if (!mfa_provider_takes(factor, HOTP, what->typed))
		return MFA_ERR_INVALID;
	/* The one before is there to tell a replay from a wrong code. */
	first = factor->counter == 0 ? 0 : factor->counter - 1;
	return mfa_provider_search(factor,
	    range_to(factor, first, what->look_ahead), factor->counter,
	    what->typed, effect);
}

static enum mfa_err
apply(mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_effect *effect, uint64_t wall)
{
	(void)record;
	if (effect->kind != MFA_EFFECT_USE || effect->step < factor->counter ||
	    effect->step > LAST)
		return MFA_ERR_REPLAYED;
	factor->counter = effect->step + 1;
	mfa_provider_used(factor, wall);
	return MFA_OK;
}

static enum mfa_err
find(const mfa_record_Factor *factor, const struct mfa_typed *first,
    const struct mfa_typed *second, uint64_t wall, uint64_t *place)
{
	(void)wall;
	return mfa_setup_find_pair(factor,
	    range_to(factor, factor->counter, MFA_SETUP_SYNC_COUNTERS), first,
	    second, place);
}

static enum mfa_err
move(mfa_record_Factor *factor, uint64_t place, uint64_t wall, int32_t *moved)
{
	/* The first of the two codes must be unused as well. */
	if (place == 0 || place > LAST || place - 1 < factor->counter ||
	    place - 1 - factor->counter > INT32_MAX)
		return MFA_ERR_REPLAYED;
	*moved = (int32_t)(place - 1 - factor->counter);
	factor->counter = place + 1;
	mfa_provider_used(factor, wall);
	return MFA_OK;
}

const struct mfa_provider mfa_provider_hotp = {
	.name = "hotp",
	.number = HOTP,
	.ready = ready,
	.warm = mfa_crypt_warm,
	.check = check,
	.apply = apply,
	.find = find,
	.move = move,
};
