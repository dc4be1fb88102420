/* SPDX-License-Identifier: MIT */
/* MUST list: mark.h. */
#include "pam_medusa_mfa/mark.h"

#include "pam_medusa_mfa/bound.h"

#define NAME "pam_medusa_mfa_mark"

struct mark {
	enum mfa_verdict verdict;
	mfa_wire_Reason reason;
};

enum mfa_err
mfa_mark_drop(pam_handle_t *pamh)
{
	return mfa_bound_drop(pamh, NAME);
}

enum mfa_err
mfa_mark_leave(pam_handle_t *pamh, const struct mfa_who *who,
    const struct mfa_outcome *outcome)
{
	const struct mark mark = { .verdict = outcome->verdict,
		.reason = outcome->reason };

	if (mark.verdict != MFA_VERDICT_ACCEPT &&
	    mark.verdict != MFA_VERDICT_PASS)
		return MFA_OK;
	return mfa_bound_put(pamh, NAME, who, &mark, sizeof(mark));
}

bool
mfa_mark_find(pam_handle_t *pamh, const struct mfa_who *who,
    struct mfa_outcome *outcome)
{
	struct mark mark;

	if (!mfa_bound_get(pamh, NAME, who, &mark, sizeof(mark)))
		return false;
	outcome->verdict = mark.verdict;
	outcome->reason = mark.reason;
	return true;
}
