/* SPDX-License-Identifier: MIT */
#include "verifier/engine/lapse.h"

#include <string.h>

#define DAY 86400

static uint64_t
ahead(uint64_t later, uint64_t earlier)
{
	return later > earlier ? later - earlier : 0;
}

struct mfa_clock
mfa_lapse_read(uint64_t release, const mfa_record_Stamp *last,
    const struct mfa_now *now)
{
	struct mfa_clock clock = { .now = *now };
	bool same_boot = memcmp(last->boot_id, now->boot_id,
	    sizeof(now->boot_id)) == 0;

	clock.lapse = last->lapse + (same_boot ? ahead(now->boot, last->boot) :
						 ahead(now->wall, last->wall));
	clock.plausible = now->wall >= release &&
	    now->wall + DAY >= last->wall;
	return clock;
}

void
mfa_lapse_stamp(mfa_record_Stamp *stamp, const struct mfa_clock *clock)
{
	if (clock->now.wall > stamp->wall)
		stamp->wall = clock->now.wall;
	stamp->boot = clock->now.boot;
	memcpy(stamp->boot_id, clock->now.boot_id, sizeof(stamp->boot_id));
	stamp->lapse = clock->lapse;
}

void
mfa_lapse_mend(mfa_record_Stamp *stamp, const struct mfa_clock *clock)
{
	stamp->wall = clock->now.wall;
}
