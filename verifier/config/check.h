/* SPDX-License-Identifier: MIT */
/*
 * The configuration as a whole, when all files are read; nobody outside this
 * folder includes it.
 */
#ifndef MFA_CONFIG_CHECK_H
#define MFA_CONFIG_CHECK_H

#include "verifier/config/read.h"

/* What does not fit, and the line that made it so. */
struct mfa_config_fault {
	struct mfa_config_origin at;
	char sentence[200];
};

/*
 * Makes the bits of each realm's providers and checks what no single line can:
 * pairs of options, required options, providers that other sections describe.
 *
 * fault: filled in on failure
 *
 * Returns: MFA_OK; MFA_ERR_CONFIG.
 */
enum mfa_err mfa_config_check(struct mfa_config_reading *reading,
    struct mfa_config_fault *fault) MFA_MUST_USE;

/*
 * Makes the bits of one realm's providers.
 *
 * Returns: NULL, or where in the names the first unknown one begins.
 */
const char *mfa_config_provides(struct mfa_config *config, size_t realm);

#endif
