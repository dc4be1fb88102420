/* SPDX-License-Identifier: MIT */
/* What the words of the command key do, by file. */
#ifndef MFA_UTILS_KEY_H
#define MFA_UTILS_KEY_H

#include <stdbool.h>

#include "utils/options.h"

/*
 * Prints the keys.
 *
 * retired: those that were taken out of use; else those of the ring, with the
 *          number of records that need each
 *
 * Returns: the exit code.
 */
int mfa_key_list(const struct mfa_args *args, bool retired);

/*
 * Moves all records to the primary key, one after the other.  To be stopped at
 * any time: a record has moved or has not, and the next run goes on.
 *
 * Returns: the exit code: MFA_EXIT_FAILED if a record could not be moved.
 */
int mfa_key_rekey(const struct mfa_args *args);

#endif
