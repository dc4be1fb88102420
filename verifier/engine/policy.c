/* SPDX-License-Identifier: MIT */
#include "verifier/engine/policy.h"

#include <string.h>

enum mfa_policy
mfa_policy_check(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const char *user)
{
	/* Exempt users are users of this host. */
	for (uint32_t i = 0; realm == &config->realm[0] &&
	    i < config->exempt_count; i++) {
		if (strcmp(config->exempt_users[i], user) == 0)
			return MFA_POLICY_EXEMPT;
	}
	return realm->require == MFA_REQUIRE_ENROLLED ? MFA_POLICY_ENROLLED :
							MFA_POLICY_REQUIRED;
}

int
mfa_policy_outside(const struct mfa_config *config, const char *name)
{
	for (uint32_t i = 0; i < config->outside_count; i++) {
		if (strcmp(config->outside[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

bool
mfa_policy_provides(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const mfa_record_Factor *factor)
{
	uint32_t bit = 0;
	int i;

	switch (factor->provider) {
	case mfa_record_Provider_PROVIDER_TOTP:
		bit = MFA_PROVIDES_TOTP;
		break;
	case mfa_record_Provider_PROVIDER_HOTP:
		bit = MFA_PROVIDES_HOTP;
		break;
	case mfa_record_Provider_PROVIDER_OTP:
		bit = MFA_PROVIDES_OTP;
		break;
	case mfa_record_Provider_PROVIDER_OUTSIDE:
		i = mfa_policy_outside(config, factor->program);
		if (i >= 0)
			bit = (uint32_t)MFA_PROVIDES_OUTSIDE << i;
		break;
	default:
		break;
	}
	return (realm->provides & bit) != 0;
}
