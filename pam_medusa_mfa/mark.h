/* SPDX-License-Identifier: MIT */
/*
 * The mark by which an account line sees that auth was here (R24).
 *
 * MUST (checked against mark.c and entry.c):
 *  - it is dropped when authentication begins anew, before anything else;
 *  - it is left by a login that was accepted, or that policy let pass, and by
 *    nothing else;
 *  - it holds no secret.
 */
#ifndef MFA_PAM_MARK_H
#define MFA_PAM_MARK_H

#include <stdbool.h>

#include <security/pam_modules.h>

#include "lib/base/err.h"
#include "pam_medusa_mfa/outcome.h"
#include "pam_medusa_mfa/who.h"

/*
 * Drops the mark, whosever it is.
 *
 * Returns: as mfa_bound_drop.
 */
enum mfa_err mfa_mark_drop(pam_handle_t *pamh) MFA_MUST_USE;

/*
 * Leaves a mark if outcome accepts or lets pass.
 *
 * Returns: as mfa_bound_put; MFA_OK too if there is no mark to leave.
 */
enum mfa_err mfa_mark_leave(pam_handle_t *pamh, const struct mfa_who *who,
    const struct mfa_outcome *outcome) MFA_MUST_USE;

/*
 * Looks for a mark of the same user and service.
 *
 * outcome: its verdict and reason, as they were; untouched without a mark
 *
 * Returns: true if there is one.
 */
bool mfa_mark_find(pam_handle_t *pamh, const struct mfa_who *who,
    struct mfa_outcome *outcome);

#endif
