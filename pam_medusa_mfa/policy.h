/* SPDX-License-Identifier: MIT */
/*
 * Asks the verifier whether a login would be asked for a code: no prompt, no
 * counter.
 */
#ifndef MFA_PAM_POLICY_H
#define MFA_PAM_POLICY_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "pam_medusa_mfa/args.h"
#include "pam_medusa_mfa/outcome.h"
#include "pam_medusa_mfa/who.h"

/*
 * One request, in a conversation of its own.
 *
 * final:   the answer refuses somebody now: the verifier logs it
 * outcome: the verdict and its reason, never MFA_VERDICT_ACCEPT, which no
 *          policy can say; a refusal on failure
 *
 * Returns: MFA_OK if outcome holds a verdict; MFA_ERR_VERSION if the verifier
 * is too old for the question; what it said instead of a verdict; MFA_ERR_* of
 * reaching and talking to it.
 */
enum mfa_err mfa_policy_ask(const struct mfa_args *args,
    const struct mfa_who *who, bool final, struct mfa_outcome *outcome)
    MFA_MUST_USE;

#endif
