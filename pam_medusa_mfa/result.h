/* SPDX-License-Identifier: MIT */
/* The one place where a verdict becomes a PAM code (R1, R2, R4). */
#ifndef MFA_PAM_RESULT_H
#define MFA_PAM_RESULT_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/base/verdict.h"
#include "protocol/wire.pb.h"

/*
 * R2: policy exempts the subject, or lets one without a factor pass.
 *
 * verdict, reason: of the verifier; any numbers
 */
bool mfa_result_passes(enum mfa_verdict verdict, mfa_wire_Reason reason);

/*
 * The code of pam_sm_authenticate.
 *
 * err:     not MFA_OK: there is no verdict.  MFA_ERR_INVALID is the module's
 *          own argument, MFA_ERR_NO_USER a user name that cannot be one
 * verdict: of the verifier; any number
 * reason:  of the verifier, or REASON_CONVERSATION when the first prompt could
 *          not be answered; any number
 *
 * Returns: PAM_SUCCESS only through mfa_accepted; PAM_IGNORE only for a pass
 * with a reason that allows one; a refusal for everything else.
 */
int mfa_result_pam(enum mfa_err err, enum mfa_verdict verdict,
    mfa_wire_Reason reason);

/*
 * The code of a split line, which says neither yes nor no.
 *
 * reason: REASON_CONVERSATION if the password could not be asked for
 *
 * Returns: PAM_IGNORE if there is neither an error nor a reason; a refusal
 * for everything else.
 */
int mfa_result_split(enum mfa_err err, mfa_wire_Reason reason);

/*
 * The code of pam_sm_acct_mgmt with enforce: what mfa_result_pam lets in, and
 * one refusal for all else.
 *
 * verdict, reason: of the mark that auth left, or of policy
 *
 * Returns: PAM_SUCCESS, PAM_IGNORE or PAM_PERM_DENIED.
 */
int mfa_result_account(enum mfa_err err, enum mfa_verdict verdict,
    mfa_wire_Reason reason);

#endif
