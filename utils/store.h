/* SPDX-License-Identifier: MIT */
/* What the words of the command store do, by file. */
#ifndef MFA_UTILS_STORE_H
#define MFA_UTILS_STORE_H

#include "utils/options.h"

/*
 * Makes void, in every record, what a backup that was put back would let in
 * once more; says what people have to do then.
 *
 * Returns: the exit code: MFA_EXIT_FAILED if a record failed.
 */
int mfa_store_after_restore(const struct mfa_args *args);

#endif
