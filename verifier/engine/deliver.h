/* SPDX-License-Identifier: MIT */
/*
 * Making a code, charging for it, and only then sending it (R12).
 *
 * MUST (checked against deliver.c):
 *  - the code and its debit are durable before anything is sent, and nothing is
 *    sent under the record's lock;
 *  - resend_seconds lie between two codes, sends_per_day bound them, half of it
 *    for callers that are not root;
 *  - a caller that is not root voids no live code that root asked for;
 *  - the code is nowhere but in the message; it is wiped after it was handed
 *    over.
 */
#ifndef MFA_ENGINE_DELIVER_H
#define MFA_ENGINE_DELIVER_H

#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"
#include "verifier/provider/otp.h"

struct mfa_deliver_ask {
	const char *factor; /* id or label of an enabled one; empty: the first;
			       with use->confirm, ignored */
	struct mfa_otp_use use;
	bool wait; /* until it is delivered */
};

/*
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND (no such otp factor); MFA_ERR_TOO_SOON;
 * MFA_ERR_LOCKED (sends of the day used up, or the factor is locked);
 * MFA_ERR_EXPIRED (no such challenge, or over); MFA_ERR_CONFIG (otp is off for
 * the realm); MFA_ERR_UNDELIVERED; MFA_ERR_UNAVAILABLE; as mfa_repo_open.
 */
enum mfa_err mfa_deliver_code(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_deliver_ask *ask) MFA_MUST_USE;

/*
 * The code that confirms a pending factor, by id or label.
 *
 * Returns: as above; as mfa_permit_check; MFA_ERR_NOT_FOUND if it is not
 * pending or no otp factor.
 */
enum mfa_err mfa_deliver_confirm(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const char *factor) MFA_MUST_USE;

#endif
