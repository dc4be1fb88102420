/* SPDX-License-Identifier: MIT */
/*
 * account ... enforce: who comes in here without a second factor (R24)?
 *
 * MUST (checked against account.c and result.c):
 *  - in comes who has a mark of this very login, or whom policy exempts or lets
 *    pass without a factor; every error and everything else refuses;
 *  - no prompt, and no counter is touched.
 */
#ifndef MFA_PAM_ACCOUNT_H
#define MFA_PAM_ACCOUNT_H

#include <security/pam_modules.h>

#include "lib/base/err.h"
#include "pam_medusa_mfa/args.h"
#include "pam_medusa_mfa/outcome.h"

/*
 * Looks for the mark, and without one asks the verifier.
 *
 * outcome: of the mark, or of policy; a refusal on failure
 *
 * Returns: MFA_OK if outcome holds a verdict; as mfa_who_load and
 * mfa_policy_ask.
 */
enum mfa_err mfa_account_run(pam_handle_t *pamh, const struct mfa_args *args,
    struct mfa_outcome *outcome) MFA_MUST_USE;

/*
 * Tells the person in one line why this is the end, or what the verifier says
 * to who passes; nothing with PAM_SILENT.
 *
 * code: what the line returns
 */
void mfa_account_tell(pam_handle_t *pamh, int flags, int code,
    enum mfa_err err, const struct mfa_outcome *outcome);

#endif
