/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/outcome.h"

#include "lib/base/text.h"
#include "lib/client/reply.h"

enum mfa_err
mfa_outcome_take(const mfa_wire_Reply *reply, struct mfa_outcome *outcome)
{
	const mfa_wire_Verdict *verdict = &reply->what.verdict;
	enum mfa_err r;

	if ((r = mfa_reply_err(reply)) != MFA_OK)
		return r;
	if (reply->which_what != mfa_wire_Reply_verdict_tag)
		return MFA_ERR_PROTOCOL;
	switch (verdict->code) {
	case mfa_wire_VerdictCode_VERDICT_DENY:
	case mfa_wire_VerdictCode_VERDICT_ACCEPT:
	case mfa_wire_VerdictCode_VERDICT_PASS:
	case mfa_wire_VerdictCode_VERDICT_UNAVAILABLE:
	case mfa_wire_VerdictCode_VERDICT_MISCONFIGURED:
		outcome->verdict = (enum mfa_verdict)verdict->code;
		outcome->reason = verdict->reason;
		outcome->text[0] = '\0';
		if (mfa_text_printable(verdict->text))
			(void)mfa_text_copy(outcome->text,
			    sizeof(outcome->text), verdict->text);
		return MFA_OK;
	default:
		return MFA_ERR_PROTOCOL;
	}
}
