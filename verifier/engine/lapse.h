/* SPDX-License-Identifier: MIT */
/*
 * A record's own time (R11): seconds of its age, which only grow.  Within one
 * boot they follow CLOCK_BOOTTIME, so that no step of the wall clock shortens a
 * lock; across boots they follow the wall clock, but never backwards.  Pure.
 */
#ifndef MFA_ENGINE_LAPSE_H
#define MFA_ENGINE_LAPSE_H

#include <stdbool.h>

#include "lib/base/env.h"
#include "protocol/record.pb.h"

/* All that is known of the time when a record is worked on. */
struct mfa_clock {
	struct mfa_now now;
	uint64_t lapse;
	bool plausible; /* else time-based factors are not compared */
};

/*
 * release: seconds since 1970, no sane clock is before it
 * last:    the record's stamp
 */
struct mfa_clock mfa_lapse_read(uint64_t release,
    const mfa_record_Stamp *last, const struct mfa_now *now);

/*
 * Stamps a record that is about to be written.  The wall clock in it is a
 * high-water mark: a write with the clock behind does not hide that it was
 * ahead before.
 */
void mfa_lapse_stamp(mfa_record_Stamp *stamp, const struct mfa_clock *clock);

/* Forgets the high-water mark: an administrator says the clock is right. */
void mfa_lapse_mend(mfa_record_Stamp *stamp, const struct mfa_clock *clock);

#endif
