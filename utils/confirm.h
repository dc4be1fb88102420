/* SPDX-License-Identifier: MIT */
/*
 * The first code of a pending factor: what enables it; and another one, where
 * codes are sent.
 */
#ifndef MFA_UTILS_CONFIRM_H
#define MFA_UTILS_CONFIRM_H

#include "utils/codes.h"
#include "utils/session.h"

#define MFA_CONFIRM_TRIES 5 /* codes that a person may type in one go */

/*
 * Asks for the code until it is right, at most MFA_CONFIRM_TRIES times where
 * there is a person, once otherwise.  A person who is sent codes may type
 * "send" for another one.  What goes wrong is said.
 *
 * session:  of the user; proven
 * factor:   id or label
 * provider: of the factor, for the prompt
 * reply:    member "confirmed"; the caller wipes it
 *
 * Returns: MFA_EXIT_DONE, or the exit code.
 */
int mfa_confirm_ask(struct mfa_session *session, const char *factor,
    const char *provider, mfa_wire_Reply *reply);

/*
 * Makes the request that has another code sent to a pending factor.
 *
 * factor: id or label
 *
 * Returns: MFA_EXIT_DONE; MFA_EXIT_USAGE after saying why not.
 */
int mfa_confirm_resend(const struct mfa_args *args, const char *factor,
    mfa_wire_Request *request);

#define MFA_CONFIRM_SENT "Another code is on its way."

/*
 * Says that the factor is enabled and gives out the recovery codes.
 *
 * Returns: the exit code.
 */
int mfa_confirm_tell(const struct mfa_args *args,
    const mfa_wire_Confirmed *confirmed, struct mfa_codes *codes);

#endif
