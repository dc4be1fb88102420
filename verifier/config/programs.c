/* SPDX-License-Identifier: MIT */
#include "verifier/config/programs.h"

#include <string.h>

const struct mfa_config_realm *
mfa_config_realm_find(const struct mfa_config *config, const char *name)
{
	for (size_t i = 0; i < config->realm_count; i++) {
		if (strcmp(config->realm[i].name, name) == 0)
			return &config->realm[i];
	}
	return NULL;
}

bool
mfa_config_delivers(const struct mfa_config *config, const char *service)
{
	if ((config->realm[0].provides & MFA_PROVIDES_OTP) == 0)
		return false;
	for (size_t i = 0; i < config->otp_service_count; i++) {
		if (strcmp(config->otp_services[i], service) == 0)
			return true;
	}
	return config->otp_service_count == 0;
}

/* Returns: true if there is one. */
static bool
take(struct mfa_programs *programs, size_t program, const char *path)
{
	const size_t len = strlen(path);

	memcpy(programs->path[program], path, len);
	return len != 0;
}

bool
mfa_config_programs(const struct mfa_config *config,
    struct mfa_programs *programs)
{
	bool any;

	memset(programs, 0, sizeof(*programs));
	any = take(programs, MFA_PROGRAM_DELIVER, config->otp_program);
	any |= take(programs, MFA_PROGRAM_EVENTS, config->events_directory);
	for (size_t i = 0; i < config->outside_count; i++)
		any |= take(programs, MFA_PROGRAM_OUTSIDE + i,
		    config->outside[i].program);
	return any;
}
