/* SPDX-License-Identifier: MIT */
#include "verifier/engine/issuer.h"

#include <string.h>
#include <unistd.h>

void
mfa_issuer_host(char out[HOST_NAME_MAX + 1])
{
	if (gethostname(out, HOST_NAME_MAX + 1) != 0)
		memcpy(out, "localhost", 10);
	out[HOST_NAME_MAX] = '\0';
}

_Static_assert(MFA_ISSUER > HOST_NAME_MAX &&
    MFA_ISSUER > sizeof(((struct mfa_config_realm *)0)->issuer),
    "both fit");

void
mfa_issuer(const struct mfa_config_realm *realm, char *out)
{
	if (realm->issuer[0] == '\0')
		mfa_issuer_host(out);
	else
		memcpy(out, realm->issuer, sizeof(realm->issuer));
}
