/* SPDX-License-Identifier: MIT */
/* Whom codes are from, as an app or a message shows it. */
#ifndef MFA_ENGINE_ISSUER_H
#define MFA_ENGINE_ISSUER_H

#include <limits.h>

#include "verifier/config/config.h"

#define MFA_ISSUER 256 /* bytes */

/* The host's name. */
void mfa_issuer_host(char out[HOST_NAME_MAX + 1]);

/*
 * The realm's issuer, or the host's name.
 *
 * out: MFA_ISSUER bytes
 */
void mfa_issuer(const struct mfa_config_realm *realm, char *out);

#endif
