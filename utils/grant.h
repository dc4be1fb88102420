/* SPDX-License-Identifier: MIT */
/* Invitations for many users at once. */
#ifndef MFA_UTILS_GRANT_H
#define MFA_UTILS_GRANT_H

#include "utils/options.h"

/* What an invitation took away. */
#define MFA_GRANT_DROPPED "Pending factors of an earlier try are gone: %u"

/*
 * Invites each of args->operand and of the file args->users_from, each once, in
 * one conversation: a line, or with --json an object, for each.  Who cannot be
 * invited is named on standard error, and the others go on.
 *
 * Returns: the exit code: MFA_EXIT_DONE if all were.
 */
int mfa_grant_many(const struct mfa_args *args);

#endif
