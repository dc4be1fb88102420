/* SPDX-License-Identifier: MIT */
/* MUST list: account.h. */
#include "pam_medusa_mfa/account.h"

#include <stdbool.h>

#include "pam_medusa_mfa/converse.h"
#include "pam_medusa_mfa/mark.h"
#include "pam_medusa_mfa/policy.h"

enum mfa_err
mfa_account_run(pam_handle_t *pamh, const struct mfa_args *args,
    struct mfa_outcome *outcome)
{
	struct mfa_who who;
	enum mfa_err r;

	if ((r = mfa_who_load(pamh, &who, outcome)) != MFA_OK)
		return r;
	if (mfa_mark_find(pamh, &who, outcome))
		return MFA_OK;
	return mfa_policy_ask(args, &who, true, outcome);
}

/* Why the line refuses. */
static const char *
refusal(enum mfa_err err, const struct mfa_outcome *outcome)
{
	if (err != MFA_OK || outcome->verdict != MFA_VERDICT_DENY)
		return "The second factor cannot be checked right now: "
		       "tell your administrator.";
	/* No other way in would help. */
	if (outcome->reason == mfa_wire_Reason_REASON_REFUSED)
		return outcome->text;
	return "A second factor is required, a key alone is not "
	       "enough: try ssh -o PubkeyAuthentication=no";
}

void
mfa_account_tell(pam_handle_t *pamh, int flags, int code, enum mfa_err err,
    const struct mfa_outcome *outcome)
{
	bool in = code != PAM_PERM_DENIED;
	const char *text = in ? outcome->text : refusal(err, outcome);

	if (((unsigned int)flags & PAM_SILENT) == 0 && text[0] != '\0')
		mfa_converse_tell(pamh, in ? PAM_TEXT_INFO : PAM_ERROR_MSG,
		    text);
}
