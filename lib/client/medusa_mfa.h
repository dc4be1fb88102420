/* SPDX-License-Identifier: MIT */
/*
 * libmedusa_mfa: second factors for applications on this host.  The manual is
 * medusa_mfa(3), mfa_factor_enroll(3), mfa_challenge_start(3).
 *
 * The library asks medusa-mfad, which decides; it sees no key and no record.
 * Who asks is told by the kernel: root may do all, the account of a realm may
 * manage the realm's subjects, and any other user is himself, may see his
 * factors and be challenged.
 *
 * Threads: there is no global state.  A handle is only read by calls, each of
 * which has a conversation of its own, so any number of threads may use one at
 * once.  Set it up (mfa_set_...) before that, and close it after.
 * Time: a call returns within the handle's timeout.
 * Strings: NUL-terminated; limits are bytes without the NUL.  Where a text is
 * optional, NULL and "" are the same.
 * Failure: what a call would fill in is untouched, but pointers are NULL, a
 * struct mfa_challenge says "required", and a struct mfa_outcome refuses.
 * Reserved members must be zero in what is passed, and are in what comes back.
 */
#ifndef MFA_CLIENT_MEDUSA_MFA_H
#define MFA_CLIENT_MEDUSA_MFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "medusa_mfa_challenge.h"
#include "medusa_mfa_error.h"
#include "medusa_mfa_factor.h"

MFA_C_BEGIN

struct mfa;

/*
 * Makes a handle.  Asks nobody yet.
 *
 * realm: NULL or "unix", whose subjects are the users of this host; else the
 *        NAME of a [realm NAME] in medusa-mfa.conf(5), 1 to 32 bytes
 * out:   close with mfa_close; NULL on failure
 *
 * Returns: NONE; INVALID; MEMORY.
 */
MFA_RESULT mfa_open(const char *realm, struct mfa **out);
void mfa_close(struct mfa *mfa); /* takes NULL */

/*
 * How long one call may take: 100 to 600000 milliseconds, 25000 at first.  What
 * was asked for may happen after TIMEOUT all the same, but for an acceptance,
 * which is then lost.
 *
 * Returns: NONE; INVALID.
 */
MFA_RESULT mfa_set_timeout(struct mfa *mfa, uint32_t milliseconds);

/*
 * Another socket than the built-in one: an absolute path of at most 107 bytes,
 * copied, in a folder that only root can write to.
 *
 * Returns: NONE; INVALID.
 */
MFA_RESULT mfa_set_socket(struct mfa *mfa, const char *path);

/* Clears what holds a secret; the compiler may not drop it. */
void mfa_wipe(void *object, size_t size);

MFA_C_END

#endif
