/* SPDX-License-Identifier: MIT */
/* What the tests of engine/confirm.c share. */
#ifndef MFA_TESTS_CONFIRMING_H
#define MFA_TESTS_CONFIRMING_H

#include "tests/unit/world.h"

#include "verifier/engine/throttle.h"

static inline enum mfa_err
confirm(struct world *w, const char *factor, const char *code,
    struct mfa_confirmed *out)
{
	const struct mfa_typed typed = world_typed(code);

	return mfa_enroll_confirm(&w->engine, &w->caller, &w->subject, factor,
	    &typed, out);
}

static inline enum mfa_err
sync_codes(struct world *w, const char *factor, const char *first,
    const char *second, int32_t *drift)
{
	const struct mfa_typed a = world_typed(first);
	const struct mfa_typed b = world_typed(second);
	const struct mfa_sync_ask ask = { factor, &a, &b };

	return mfa_enroll_sync(&w->engine, &w->caller, &w->subject, &ask,
	    drift);
}

/* Two codes in a row of SECRET_A, the second so many steps from now. */
static inline enum mfa_err
sync_at(struct world *w, int steps, int32_t *drift)
{
	char first[9], second[9];

	world_code(w, SECRET_A, steps - 1, first);
	world_code(w, SECRET_A, steps, second);
	return sync_codes(w, "phone", first, second, drift);
}

static inline uint32_t
day(struct world *w)
{
	static mfa_record_Record record;

	world_record(w, &record);
	return mfa_throttle_day(&record, record.stamp.lapse);
}

#endif
