/* SPDX-License-Identifier: MIT */
#include "verifier/engine/policy.h"

#include <string.h>

enum mfa_policy
mfa_policy_check(const struct mfa_config *config, const char *user)
{
	for (uint32_t i = 0; i < config->exempt_count; i++) {
		if (strcmp(config->exempt_users[i], user) == 0)
			return MFA_POLICY_EXEMPT;
	}
	return config->require == MFA_REQUIRE_ENROLLED ? MFA_POLICY_ENROLLED :
							 MFA_POLICY_REQUIRED;
}
