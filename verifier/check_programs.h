/* SPDX-License-Identifier: MIT */
/* Part of --check: the programs of the configuration, and who runs them. */
#ifndef MFA_VERIFIER_CHECK_PROGRAMS_H
#define MFA_VERIFIER_CHECK_PROGRAMS_H

#include "verifier/config/config.h"

/*
 * Looks at them in a process that has the runner's account, and says what it
 * finds on standard output.  To be called as root.
 *
 * Returns: an exit status, 0 or 1.
 */
int mfa_check_programs(const struct mfa_config *config);

#endif
