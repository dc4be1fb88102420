/* SPDX-License-Identifier: MIT */
/* Who has to give a code.  Pure; reads the configuration only. */
#ifndef MFA_ENGINE_POLICY_H
#define MFA_ENGINE_POLICY_H

#include "protocol/record.pb.h"
#include "verifier/config/config.h"

enum mfa_policy {
	MFA_POLICY_REQUIRED = 1, /* everybody, enrolled or not */
	MFA_POLICY_ENROLLED = 2, /* whoever is enrolled */
	MFA_POLICY_EXEMPT = 3
};

/*
 * realm: of the configuration
 * user:  in unix, the name as the user database returns it
 */
enum mfa_policy mfa_policy_check(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const char *user);

/* True if the realm's providers have that factor's on. */
bool mfa_policy_provides(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const mfa_record_Factor *factor);

/* Index in config->outside of a provider's name, or -1. */
int mfa_policy_outside(const struct mfa_config *config, const char *name);

#endif
