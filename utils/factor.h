/* SPDX-License-Identifier: MIT */
/* Kinds of factors, and the one that a command is about. */
#ifndef MFA_UTILS_FACTOR_H
#define MFA_UTILS_FACTOR_H

#include "utils/ask.h"
#include "utils/options.h"

enum mfa_factor_kind {
	MFA_FACTOR_TOTP = 1,
	MFA_FACTOR_HOTP = 2,
	MFA_FACTOR_OTP = 3,	/* codes are sent to its address */
	MFA_FACTOR_OUTSIDE = 4	/* a configured program knows */
};

/*
 * provider: NULL or empty for the default one
 */
enum mfa_factor_kind mfa_factor_kind(const char *provider);

/*
 * Looks for a pending factor of a user.
 *
 * args:    the user
 * name:    id or label; NULL: the newest that has the address
 * address: where name is NULL; NULL: the newest of all
 * out:     untouched on failure
 * problem: filled in on failure
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; as mfa_ask_each.
 */
enum mfa_err mfa_factor_pending(const struct mfa_args *args, const char *name,
    const char *address, mfa_wire_FactorInfo *out,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/* True for a pending one that wrong codes have locked until it expires. */
bool mfa_factor_is_stuck(const mfa_wire_FactorInfo *factor);

/* One factor of a user, and what the others are good for. */
struct mfa_factor_look {
	mfa_wire_FactorInfo factor;
	bool enabled;	 /* it is, perhaps blocked */
	uint32_t others; /* that are enabled */
	uint32_t usable; /* of those: whose providers are on */
};

/*
 * Looks at a factor before something is done to it.
 *
 * args:    the user
 * name:    id or label, as the verifier understands it
 * out:     untouched on failure
 * problem: filled in on failure
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; as mfa_ask_each.
 */
enum mfa_err mfa_factor_look(const struct mfa_args *args, const char *name,
    struct mfa_factor_look *out, struct mfa_ask_problem *problem) MFA_MUST_USE;

#endif
