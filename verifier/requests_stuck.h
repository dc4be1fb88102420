/* SPDX-License-Identifier: MIT */
/* Hints about pending factors, which end by themselves. */
#ifndef MFA_VERIFIER_REQUESTS_STUCK_H
#define MFA_VERIFIER_REQUESTS_STUCK_H

#include "verifier/requests.h"

/*
 * What follows from a wrong code, or a lock, of a pending factor: owners cannot
 * unlock, and are told how else to go on.
 *
 * err: MFA_ERR_WRONG or MFA_ERR_LOCKED, of Confirm
 *
 * Returns: a hint, perhaps in c->words.
 */
const char *mfa_requests_stuck(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char *factor,
    enum mfa_err err);

/*
 * Why an owner may not remove or rename a pending factor.
 *
 * Returns: a hint, perhaps in c->words; NULL if it is not pending.
 */
const char *mfa_requests_waits(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char *factor, bool removes);

#endif
