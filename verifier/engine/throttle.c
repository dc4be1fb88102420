/* SPDX-License-Identifier: MIT */
/* MUST list: throttle.h. */
#include "verifier/engine/throttle.h"

#include <string.h>

#define HOUR 3600
#define DAY  86400

/*
 * A rolling window of n buckets needs one more: the oldest is only partly
 * inside.
 */
struct window {
	uint64_t unit; /* seconds */
	uint32_t buckets;
};
static const struct window hourly = { HOUR, 25 };
static const struct window daily = { DAY, 31 };

/* ---- rolling budgets ---- */

static void
budget_move(mfa_record_Budget *budget, struct window w, uint64_t lapse)
{
	uint64_t bucket = lapse / w.unit;
	uint64_t shift = bucket > budget->newest ? bucket - budget->newest : 0;

	if (budget->count_count != w.buckets) {
		memset(budget->count, 0, sizeof(budget->count));
		budget->count_count = (pb_size_t)w.buckets;
		budget->newest = bucket;
		return;
	}
	if (shift == 0)
		return;
	if (shift > w.buckets)
		shift = w.buckets;
	memmove(budget->count + shift, budget->count,
	    (w.buckets - shift) * sizeof(budget->count[0]));
	memset(budget->count, 0, shift * sizeof(budget->count[0]));
	budget->newest = bucket;
}

/* The bucket of a lapse, or NULL if it has left the window. */
static uint16_t *
budget_at(mfa_record_Budget *budget, struct window w, uint64_t lapse)
{
	uint64_t bucket = lapse / w.unit;
	uint64_t age = budget->newest > bucket ? budget->newest - bucket : 0;

	return age < budget->count_count ? &budget->count[age] : NULL;
}

static void
budget_debit(mfa_record_Budget *budget, struct window w, uint64_t lapse)
{
	uint16_t *count;

	budget_move(budget, w, lapse);
	count = budget_at(budget, w, lapse);
	if (count != NULL && *count < UINT16_MAX)
		(*count)++;
}

static void
budget_refund(mfa_record_Budget *budget, struct window w, uint64_t lapse)
{
	uint16_t *count = budget_at(budget, w, lapse);

	if (count != NULL && *count > 0)
		(*count)--;
}

static uint32_t
budget_sum(const mfa_record_Budget *budget, struct window w, uint64_t lapse)
{
	mfa_record_Budget copy = *budget;
	uint32_t sum = 0;

	budget_move(&copy, w, lapse);
	for (uint32_t i = 0; i < copy.count_count; i++)
		sum += copy.count[i];
	return sum;
}

/* Seconds until fewer than limit are left in the window; 0 if so now. */
static uint64_t
budget_wait(const mfa_record_Budget *budget, struct window w, uint64_t lapse,
    uint32_t limit)
{
	uint64_t begin = lapse / w.unit * w.unit;
	uint32_t ahead = 0;

	if (budget_sum(budget, w, lapse) < limit)
		return 0;
	do {
		ahead++;
	} while (ahead < w.buckets &&
	    budget_sum(budget, w, begin + ahead * w.unit) >= limit);
	return begin + ahead * w.unit - lapse;
}

/* ---- factors ---- */

static const mfa_record_Throttle *
side(const mfa_record_Factor *factor, enum mfa_path path)
{
	return path == MFA_PATH_ROOT ? &factor->root : &factor->other;
}

static mfa_record_Throttle *
side_of(mfa_record_Factor *factor, enum mfa_path path)
{
	return path == MFA_PATH_ROOT ? &factor->root : &factor->other;
}

static uint32_t
hard_stop(const struct mfa_config *config, enum mfa_path path)
{
	return path == MFA_PATH_ROOT ? config->hard_stop :
				       config->hard_stop_unprivileged;
}

enum mfa_throttle
mfa_throttle_factor_check(const struct mfa_config *config,
    const mfa_record_Factor *factor, enum mfa_path path, uint64_t lapse,
    uint64_t *seconds)
{
	const mfa_record_Throttle *t = side(factor, path);

	if (seconds != NULL)
		*seconds = 0;
	if (t->consecutive >= hard_stop(config, path))
		return MFA_THROTTLE_BLOCKED;
	if (t->locked_until <= lapse)
		return MFA_THROTTLE_OPEN;
	if (seconds != NULL)
		*seconds = t->locked_until - lapse;
	return MFA_THROTTLE_LOCKED;
}

/* 15 minutes, doubled for each lock before, to 24 hours. */
static uint64_t
lock_time(const struct mfa_config *config, uint32_t locks)
{
	uint64_t seconds = config->lock_seconds;

	for (uint32_t i = 0; i < locks && seconds < config->lock_max_seconds;
	    i++)
		seconds *= 2;
	return seconds < config->lock_max_seconds ? seconds :
						    config->lock_max_seconds;
}

uint64_t
mfa_throttle_factor_debit(const struct mfa_config *config,
    mfa_record_Factor *factor, enum mfa_path path, uint64_t lapse)
{
	mfa_record_Throttle *t = side_of(factor, path);

	if (t->consecutive < UINT32_MAX)
		t->consecutive++;
	t->burst++;
	if (t->burst < config->burst)
		return 0;
	t->locked_until = lapse + lock_time(config, t->locks);
	t->burst = 0;
	if (t->locks < UINT16_MAX)
		t->locks++;
	return t->locked_until;
}

void
mfa_throttle_factor_refund(const struct mfa_config *config,
    mfa_record_Factor *factor, enum mfa_path path, uint64_t started)
{
	mfa_record_Throttle *t = side_of(factor, path);

	if (t->consecutive > 0)
		t->consecutive--;
	if (started != 0 && t->locked_until == started) {
		t->locked_until = 0;
		t->burst = (uint16_t)(config->burst - 1);
		if (t->locks > 0)
			t->locks--;
	} else if (started == 0 && t->burst > 0) {
		t->burst--;
	}
}

void
mfa_throttle_factor_reset(mfa_record_Factor *factor, enum mfa_path path)
{
	const mfa_record_Throttle clear = mfa_record_Throttle_init_zero;

	*side_of(factor, path) = clear;
	if (path == MFA_PATH_ROOT)
		factor->other = clear;
}

/* ---- account ---- */

enum mfa_throttle
mfa_throttle_account_check(const struct mfa_config *config,
    const mfa_record_Record *record, enum mfa_path path, uint64_t lapse,
    uint64_t *seconds)
{
	uint64_t wait, month = 0;

	if (path == MFA_PATH_ROOT) {
		wait = budget_wait(&record->hours, hourly, lapse,
		    config->wrong_per_day);
		month = budget_wait(&record->days, daily, lapse,
		    config->wrong_per_month);
	} else {
		wait = budget_wait(&record->other_hours, hourly, lapse,
		    config->wrong_per_day_unprivileged);
	}
	if (month > wait)
		wait = month;
	if (seconds != NULL)
		*seconds = wait;
	return wait == 0 ? MFA_THROTTLE_OPEN : MFA_THROTTLE_LOCKED;
}

void
mfa_throttle_account_debit(mfa_record_Record *record, enum mfa_path path,
    uint64_t lapse)
{
	if (path == MFA_PATH_ROOT) {
		budget_debit(&record->hours, hourly, lapse);
		budget_debit(&record->days, daily, lapse);
	} else {
		budget_debit(&record->other_hours, hourly, lapse);
	}
}

void
mfa_throttle_account_refund(mfa_record_Record *record, enum mfa_path path,
    uint64_t lapse)
{
	if (path == MFA_PATH_ROOT) {
		budget_refund(&record->hours, hourly, lapse);
		budget_refund(&record->days, daily, lapse);
	} else {
		budget_refund(&record->other_hours, hourly, lapse);
	}
}

enum mfa_throttle
mfa_throttle_sends_check(const mfa_record_Record *record, uint32_t limit,
    uint64_t lapse)
{
	return budget_sum(&record->sends, hourly, lapse) < limit ?
	    MFA_THROTTLE_OPEN :
	    MFA_THROTTLE_LOCKED;
}

void
mfa_throttle_sends_debit(mfa_record_Record *record, uint64_t lapse)
{
	budget_debit(&record->sends, hourly, lapse);
}

/* A lock that this very attempt began does not count. */
bool
mfa_throttle_was_locked(const mfa_record_Factor *factor, enum mfa_path path,
    uint64_t started)
{
	return side(factor, path)->locks > (started != 0 ? 1u : 0u);
}

void
mfa_throttle_clear(mfa_record_Record *record)
{
	const mfa_record_Throttle clear = mfa_record_Throttle_init_zero;
	const mfa_record_Budget empty = mfa_record_Budget_init_zero;

	for (pb_size_t i = 0; i < record->factors_count; i++) {
		record->factors[i].root = clear;
		record->factors[i].other = clear;
	}
	record->hours = empty;
	record->days = empty;
	record->other_hours = empty;
	record->sends = empty;
}

uint32_t
mfa_throttle_day(const mfa_record_Record *record, uint64_t lapse)
{
	return budget_sum(&record->hours, hourly, lapse);
}

uint32_t
mfa_throttle_month(const mfa_record_Record *record, uint64_t lapse)
{
	return budget_sum(&record->days, daily, lapse);
}

uint32_t
mfa_throttle_day_other(const mfa_record_Record *record, uint64_t lapse)
{
	return budget_sum(&record->other_hours, hourly, lapse);
}

uint64_t
mfa_throttle_longest(const struct mfa_config *config,
    const mfa_record_Record *record, enum mfa_path path, uint64_t lapse)
{
	uint64_t longest, seconds;

	(void)mfa_throttle_account_check(config, record, path, lapse,
	    &longest);
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];

		if (f->status != mfa_record_Status_STATUS_ENABLED)
			continue;
		(void)mfa_throttle_factor_check(config, f, path, lapse,
		    &seconds);
		if (seconds > longest)
			longest = seconds;
	}
	return longest;
}
