/* SPDX-License-Identifier: MIT */
/*
 * What one call of the module leaves on the PAM handle for a later one.
 *
 * MUST (R14, R20, R24; checked against bound.c):
 *  - it is given back only for the user and the service that it was left for:
 *    login uses one handle for one name after the other;
 *  - it is wiped before it is freed, whoever drops it;
 *  - nothing depends on the cleanup function, which the children of sshd
 *    never run.
 */
#ifndef MFA_PAM_BOUND_H
#define MFA_PAM_BOUND_H

#include <stdbool.h>
#include <stddef.h>

#include <security/pam_modules.h>

#include "lib/base/err.h"
#include "pam_medusa_mfa/who.h"

#define MFA_BOUND_MAX 32 /* bytes */

/*
 * Leaves bytes under a name, in the place of older ones.
 *
 * size: at most MFA_BOUND_MAX
 *
 * Returns: MFA_OK; MFA_ERR_MEMORY, and the older ones may still be there;
 * MFA_ERR_INVALID for more than MFA_BOUND_MAX.
 */
enum mfa_err mfa_bound_put(pam_handle_t *pamh, const char *name,
    const struct mfa_who *who, const void *bytes, size_t size) MFA_MUST_USE;

/*
 * Copies what was left under a name for the same user and service.
 *
 * bytes: untouched unless something of this size was left for them
 *
 * Returns: true if it was.
 */
bool mfa_bound_get(pam_handle_t *pamh, const char *name,
    const struct mfa_who *who, void *bytes, size_t size);

/*
 * Wipes what was left under a name, for whomever.
 *
 * Returns: MFA_OK, also if there was nothing; MFA_ERR_MEMORY, and it may still
 * be there.
 */
enum mfa_err mfa_bound_drop(pam_handle_t *pamh, const char *name) MFA_MUST_USE;

#endif
