/* SPDX-License-Identifier: MIT */
/* Who has to give a code.  Pure; reads the configuration only. */
#ifndef MFA_ENGINE_POLICY_H
#define MFA_ENGINE_POLICY_H

#include "verifier/config/config.h"

enum mfa_policy {
	MFA_POLICY_REQUIRED = 1, /* everybody, enrolled or not */
	MFA_POLICY_ENROLLED = 2, /* whoever is enrolled */
	MFA_POLICY_EXEMPT = 3
};

/* user: the name as the user database returns it */
enum mfa_policy mfa_policy_check(const struct mfa_config *config,
    const char *user);

#endif
