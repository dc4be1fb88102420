/* SPDX-License-Identifier: MIT */
/* One login: carries prompts and answers between host and verifier. */
#ifndef MFA_PAM_LOGIN_H
#define MFA_PAM_LOGIN_H

#include <security/pam_modules.h>

#include "lib/base/err.h"
#include "pam_medusa_mfa/args.h"
#include "pam_medusa_mfa/outcome.h"
#include "pam_medusa_mfa/who.h"

/*
 * Asks the verifier, and the person as often as the verifier wants; with
 * use_split nobody, and what an earlier split line took off is the answer.
 * A prompt to acknowledge is shown and answered by nothing, whatever is typed
 * and whether it could be shown or not; with use_split it is not shown.
 *
 * flags:   of the entry point; PAM_SILENT hides closing texts
 * outcome: always filled; a refusal on failure
 *
 * Returns: MFA_OK if outcome holds a verdict; MFA_ERR_MEMORY; what the
 * verifier said instead of a verdict; MFA_ERR_* of reaching and talking to
 * it.  Never MFA_ERR_INVALID or MFA_ERR_NO_USER.
 */
enum mfa_err mfa_login_run(pam_handle_t *pamh, int flags,
    const struct mfa_args *args, const struct mfa_who *who,
    struct mfa_outcome *outcome) MFA_MUST_USE;

#endif
