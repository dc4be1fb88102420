/* SPDX-License-Identifier: MIT */
/*
 * What the engine asks of the world: the clocks and randomness.  Tests stop
 * time by passing their own.
 */
#ifndef MFA_BASE_ENV_H
#define MFA_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/* One reading of all clocks. */
struct mfa_now {
	uint64_t wall;	     /* seconds since 1970 */
	uint64_t boot;	     /* CLOCK_BOOTTIME, seconds since boot */
	uint8_t boot_id[16]; /* of this boot */
};

struct mfa_env {
	/* Returns: MFA_OK or MFA_ERR_IO; now is untouched on failure. */
	enum mfa_err (*now)(const struct mfa_env *env, struct mfa_now *now);
	/* Fills len bytes from a cryptographic generator; cannot fail. */
	void (*random)(const struct mfa_env *env, void *out, size_t len);
	uint64_t release; /* seconds since 1970: no clock is before this */
	void *ctx;	  /* a test's own */
};

/*
 * The system's clocks: CLOCK_REALTIME, CLOCK_BOOTTIME and
 * /proc/sys/kernel/random/boot_id.  For struct mfa_env.now.
 */
enum mfa_err mfa_env_now(const struct mfa_env *env,
    struct mfa_now *now) MFA_MUST_USE;

#endif
