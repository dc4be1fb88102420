/* SPDX-License-Identifier: MIT */
/*
 * The time until everybody must have a factor: enroll_by of a rule.
 *
 * Logins are counted in the record, which the first counted one makes (the one
 * exception from "a login creates nothing", R19: who is enrolled has one).
 */
#ifndef MFA_ENGINE_GRACE_H
#define MFA_ENGINE_GRACE_H

#include "verifier/engine/engine.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/subject.h"

struct mfa_grace {
	bool open;	      /* who is not enrolled may pass still */
	uint64_t end;	      /* wall, seconds since 1970; 0: no date */
	uint64_t seconds_left; /* until then */
	bool counted;
	uint32_t logins_left; /* after this one */
};

/*
 * policy: of a login through root's hosts, and a subject that is not enrolled
 * use:    counts this login
 * out:    all zero on failure, and where the rule sets no time
 *
 * Returns: MFA_OK; MFA_ERR_CLOCK if it is wrong, and a date cannot be held
 * against it; MFA_ERR_CONFLICT if the subject is enrolled by now; as
 * mfa_repo_open, mfa_repo_update.
 */
enum mfa_err mfa_grace_check(struct mfa_engine *engine,
    const struct mfa_subject *subject, const struct mfa_policy *policy,
    bool use, struct mfa_grace *out) MFA_MUST_USE;

/* "Set up a second factor ...": out has 200 bytes. */
#define MFA_GRACE_TEXT 200
void mfa_grace_tell(const struct mfa_grace *grace, char *out);

#endif
