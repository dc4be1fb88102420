/* SPDX-License-Identifier: MIT */
/* Whose record a command is about, in words. */
#ifndef MFA_UTILS_WHOSE_H
#define MFA_UTILS_WHOSE_H

#include <stdbool.h>

#include "utils/options.h"

#define MFA_WHOSE 600 /* bytes of both, with the NUL */

/* True for users of this host, who log in. */
bool mfa_whose_is_unix(const struct mfa_args *args);

/* For a sentence: "alice", or "alice of realm shop". */
void mfa_whose_name(const struct mfa_args *args, const char *user,
    char out[MFA_WHOSE]);

/*
 * For a command line, behind its command: " --user alice", or
 * " --realm shop --user alice"; empty for one's own record.
 */
void mfa_whose_options(const struct mfa_args *args, char out[MFA_WHOSE]);

#endif
