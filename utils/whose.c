/* SPDX-License-Identifier: MIT */
#include "utils/whose.h"

#include <stdio.h>
#include <string.h>

#include "utils/out.h"

bool
mfa_whose_is_unix(const struct mfa_args *args)
{
	return args->realm == NULL || strcmp(args->realm, "unix") == 0;
}

void
mfa_whose_name(const struct mfa_args *args, const char *user,
    char out[MFA_WHOSE])
{
	char name[300];

	mfa_out_clean(user, name, sizeof(name));
	if (mfa_whose_is_unix(args))
		(void)snprintf(out, MFA_WHOSE, "%s", name);
	else
		(void)snprintf(out, MFA_WHOSE, "%s of realm %s", name,
		    args->realm);
}

void
mfa_whose_options(const struct mfa_args *args, char out[MFA_WHOSE])
{
	char name[500];

	mfa_out_word(args->user, name, sizeof(name));
	out[0] = '\0';
	if (args->owner)
		return;
	if (mfa_whose_is_unix(args))
		(void)snprintf(out, MFA_WHOSE, " --user %s", name);
	else
		(void)snprintf(out, MFA_WHOSE, " --realm %s --user %s",
		    args->realm, name);
}
