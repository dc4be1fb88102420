/* SPDX-License-Identifier: MIT */
/* Looking at records and letting people back in. */
#ifndef MFA_ENGINE_ADMIN_H
#define MFA_ENGINE_ADMIN_H

#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"

struct mfa_factor_info {
	char id[17];
	char label[33];
	char provider[33];
	char address[129]; /* of otp; empty */
	const char *status; /* pending, enabled, disabled, blocked */
	uint64_t created, confirmed, last_used; /* wall */
	const char *algorithm; /* empty where there is none */
	uint32_t digits, period; /* 0 where there is none */
	uint64_t locked_seconds;  /* the longer of both paths' */
	uint64_t expires_seconds; /* of a pending factor */
	int32_t drift;
	bool provider_off; /* the realm does not have its provider on */
};

/*
 * Calls visit for each factor; expired pending ones are left out.
 *
 * Returns: MFA_OK, also without a record; as mfa_repo_open; what visit
 * returned.
 */
enum mfa_err mfa_admin_list(struct mfa_engine *engine,
    const struct mfa_subject *subject,
    enum mfa_err (*visit)(void *ctx, const struct mfa_factor_info *info),
    void *ctx) MFA_MUST_USE;

struct mfa_account_info {
	char user[MFA_SUBJECT_NAME + 1];
	uint32_t uid;
	bool exists; /* there is a record */
	bool enrolled;
	bool required;
	bool exempt;
	uint32_t enabled_factors, pending_factors;
	uint32_t usable_factors; /* enabled, and their providers are on */
	uint32_t recovery_left, recovery_total, recovery_compared;
	uint64_t locked_seconds; /* longest lock, root path: budgets, factors */
	bool blocked;
	enum mfa_err problem; /* why the record cannot be used, or MFA_OK */
	uint32_t wrong_today, wrong_month;
	/* By way of programs that are not root, as screen lockers. */
	uint32_t wrong_today_other;
	uint64_t locked_seconds_other;
	enum mfa_err proof; /* what this caller's change would be told: OK, or
			       as mfa_permit_check */
	uint64_t invited_seconds; /* an invitation is good for; 0: none */
	uint32_t invitation_compared;
	uint64_t bypass_seconds; /* the same of a bypass */
	uint32_t bypass_compared;
	char bypass_reason[65];
	uint32_t remembered; /* places where no code is asked for now */
	bool by_rules; /* required and exempt depend on more than the user */
};

/*
 * Returns: MFA_OK, with info->problem where the record cannot be used, or the
 * store does not answer.
 */
enum mfa_err mfa_admin_status(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    struct mfa_account_info *info) MFA_MUST_USE;

/* Calls visit for every record of a realm. */
enum mfa_err mfa_admin_users(struct mfa_engine *engine, const char *realm,
    enum mfa_err (*visit)(void *ctx, const struct mfa_account_info *info),
    void *ctx) MFA_MUST_USE;

/*
 * Empties a record: not enrolled any more; budgets kept, generation grows
 * (R30).  Also takes a record over for a user whose uid changed (R22), and
 * replaces one that cannot be read.
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; as mfa_repo_open.
 */
enum mfa_err mfa_admin_reset(struct mfa_engine *engine,
    const struct mfa_caller *caller,
    const struct mfa_subject *subject) MFA_MUST_USE;

/*
 * Clears locks, blocks and budgets.
 *
 * clock: also accept the clock as it is now, and forget used steps that lie
 *        in a future it will not reach soon (R11)
 *
 * Returns: MFA_OK; MFA_ERR_CLOCK, and nothing is changed, if that clock is
 * before the release; as mfa_repo_change.
 */
enum mfa_err mfa_admin_unlock(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    bool clock) MFA_MUST_USE;

/*
 * Removes the file of a record that was reset.
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_DENIED while it is enrolled or
 * has a factor.
 */
enum mfa_err mfa_admin_remove(struct mfa_engine *engine,
    const struct mfa_caller *caller,
    const struct mfa_subject *subject) MFA_MUST_USE;

#endif
