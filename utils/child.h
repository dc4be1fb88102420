/* SPDX-License-Identifier: MIT */
/* Children that are never waited for without a bound. */
#ifndef MFA_UTILS_CHILD_H
#define MFA_UTILS_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t mfa_child_clock(void);

/*
 * Waits for the end of a child that was forked here.
 *
 * deadline: seconds from now
 * status:   of waitpid
 *
 * Returns: MFA_OK; MFA_ERR_TIMEOUT; MFA_ERR_IO.
 */
enum mfa_err mfa_child_await(pid_t child, unsigned int deadline,
    int *status) MFA_MUST_USE;

/*
 * Ends a child that was forked here; one that hangs in the kernel is left to
 * it after a second.
 */
void mfa_child_end(pid_t child);

#endif
