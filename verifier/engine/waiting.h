/* SPDX-License-Identifier: MIT */
/* A pending factor, and how it stands for who would confirm it. */
#ifndef MFA_ENGINE_WAITING_H
#define MFA_ENGINE_WAITING_H

#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"

struct mfa_waiting {
	uint64_t left;	 /* seconds until it expires */
	uint64_t locked; /* seconds until this caller's codes are compared; 0 */
	bool account;	 /* the account's budget is what locks them */
};

/*
 * Looks how a pending factor stands for a caller; no right is needed.
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND (none, or expired); as mfa_repo_open.
 */
enum mfa_err mfa_waiting_look(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const char *factor, struct mfa_waiting *out) MFA_MUST_USE;

#endif
