/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/result.h"

#include <security/pam_modules.h>

static int
of_error(enum mfa_err err)
{
	switch (err) {
	case MFA_ERR_MEMORY:
		return PAM_BUF_ERR;
	case MFA_ERR_INVALID:
	case MFA_ERR_CONFIG:
		return PAM_SERVICE_ERR;
	case MFA_ERR_NO_USER:
		return PAM_USER_UNKNOWN;
	default:
		return PAM_AUTHINFO_UNAVAIL;
	}
}

/* Every verdict but the two that let pass; unknown numbers too. */
static int
of_refusal(enum mfa_verdict verdict, mfa_wire_Reason reason)
{
	switch (verdict) {
	case MFA_VERDICT_DENY:
		if (reason == mfa_wire_Reason_REASON_CONVERSATION)
			return PAM_CONV_ERR;
		return PAM_AUTH_ERR;
	case MFA_VERDICT_MISCONFIGURED:
		return PAM_SERVICE_ERR;
	default:
		return PAM_AUTHINFO_UNAVAIL;
	}
}

bool
mfa_result_passes(enum mfa_verdict verdict, mfa_wire_Reason reason)
{
	return verdict == MFA_VERDICT_PASS &&
	    (reason == mfa_wire_Reason_REASON_NOT_ENROLLED ||
	    reason == mfa_wire_Reason_REASON_EXEMPT);
}

int
mfa_result_pam(enum mfa_err err, enum mfa_verdict verdict,
    mfa_wire_Reason reason)
{
	if (mfa_accepted(err, verdict))
		return PAM_SUCCESS;
	if (err != MFA_OK)
		return of_error(err);
	if (mfa_result_passes(verdict, reason))
		return PAM_IGNORE;
	return of_refusal(verdict, reason);
}

int
mfa_result_split(enum mfa_err err, mfa_wire_Reason reason)
{
	if (err == MFA_OK && reason == mfa_wire_Reason_REASON_NONE)
		return PAM_IGNORE;
	return mfa_result_pam(err, MFA_VERDICT_DENY, reason);
}

int
mfa_result_account(enum mfa_err err, enum mfa_verdict verdict,
    mfa_wire_Reason reason)
{
	int code = mfa_result_pam(err, verdict, reason);

	if (code == PAM_SUCCESS || code == PAM_IGNORE)
		return code;
	return PAM_PERM_DENIED;
}
