/* SPDX-License-Identifier: MIT */
#include "verifier/provider/provider.h"

#include <string.h>

static const struct mfa_provider *const with_factors[] = {
	&mfa_provider_totp,
	&mfa_provider_hotp,
	&mfa_provider_otp,
	&mfa_provider_outside,
	NULL,
};

const struct mfa_provider *
mfa_provider_of(mfa_record_Provider number)
{
	for (size_t i = 0; with_factors[i] != NULL; i++) {
		if (with_factors[i]->number == number)
			return with_factors[i];
	}
	return NULL;
}

const struct mfa_provider *
mfa_provider_find(const char *name)
{
	for (size_t i = 0; with_factors[i] != NULL; i++) {
		if (with_factors[i] != &mfa_provider_outside &&
		    strcmp(with_factors[i]->name, name) == 0)
			return with_factors[i];
	}
	return NULL;
}

const char *
mfa_provider_name(const mfa_record_Factor *factor)
{
	const struct mfa_provider *provider = mfa_provider_of(factor->provider);

	if (provider == NULL)
		return "";
	return provider == &mfa_provider_outside ? factor->program :
						   provider->name;
}
