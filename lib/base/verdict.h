/* SPDX-License-Identifier: MIT */
/*
 * A verdict is not an error code.  The values lie far apart in Hamming
 * distance (at least 8 bits), so that no single flipped bit and no forgotten
 * initialisation turns a refusal into an admission.
 *
 * The numbers are those of wire.proto, enum VerdictCode; a test compares them.
 */
#ifndef MFA_BASE_VERDICT_H
#define MFA_BASE_VERDICT_H

#include <stdbool.h>

#include "lib/base/err.h"

enum mfa_verdict {
	MFA_VERDICT_DENY = 0x2d9a6c35,	      /* wrong, locked, unknown, required */
	MFA_VERDICT_ACCEPT = 0x5265b3ca,      /* committed success */
	MFA_VERDICT_PASS = 0x4b1fd0a6,	      /* not asked: policy lets it pass */
	MFA_VERDICT_UNAVAILABLE = 0x34e00f59, /* key, store, lock, NSS, time */
	MFA_VERDICT_MISCONFIGURED = 0x1cc8f593 /* the configuration is refused */
};

/*
 * The one place that admits: true only for a success that met no error.
 *
 * err:     outcome of the exchange that delivered the verdict
 * verdict: what was delivered
 *
 * Returns: true if and only if err is MFA_OK and verdict MFA_VERDICT_ACCEPT.
 */
bool mfa_accepted(enum mfa_err err, enum mfa_verdict verdict);

#endif
