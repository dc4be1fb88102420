/* SPDX-License-Identifier: MIT */
/*
 * The first code of a pending factor: what enables it; and another one, where
 * codes are sent.
 */
#ifndef MFA_UTILS_CONFIRM_H
#define MFA_UTILS_CONFIRM_H

#include "utils/ask.h"
#include "utils/codes.h"
#include "utils/options.h"
#include "utils/term.h"

#define MFA_CONFIRM_TRIES 5 /* codes that a person may type in one go */

/*
 * Asks for the code until it is right, at most MFA_CONFIRM_TRIES times where
 * there is a person, once otherwise.  A person who is sent codes may type
 * "send" for another one.  What goes wrong is said.
 *
 * args:     the user
 * factor:   id or label
 * provider: of the factor, for the prompt
 * reply:    member "confirmed"; the caller wipes it
 *
 * Returns: MFA_EXIT_DONE, or the exit code.
 */
int mfa_confirm_ask(struct mfa_term *term, const struct mfa_args *args,
    const char *factor, const char *provider, mfa_wire_Reply *reply);

/*
 * Has another code sent to a pending factor, and says so.
 *
 * args:    the user
 * factor:  id or label
 * problem: filled in on failure
 *
 * Returns: as mfa_ask_one.
 */
enum mfa_err mfa_confirm_send(const struct mfa_args *args, const char *factor,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/*
 * Says that the factor is enabled and gives out the recovery codes.
 *
 * Returns: the exit code.
 */
int mfa_confirm_tell(const struct mfa_args *args,
    const mfa_wire_Confirmed *confirmed, struct mfa_codes *codes);

#endif
