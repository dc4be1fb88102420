/* SPDX-License-Identifier: MIT */
/*
 * A program's beginning: three pipes, its own session, and what it starts with.
 *
 * MUST (R23; checked against launch.c):
 *  - no shell: execve of the path that was checked, which is its only argument;
 *  - the environment is PATH, LANG and MEDUSA_MFA, nothing else;
 *  - descriptors 0 to 2 are its pipes, and there is no other;
 *  - signals are all default, none is blocked; limits are lower than ours;
 *  - session and process group are its own.
 */
#ifndef MFA_RUNNER_LAUNCH_H
#define MFA_RUNNER_LAUNCH_H

#include <sys/types.h>

#include "lib/base/err.h"

#define MFA_LAUNCH_FAILED 127 /* its exit status if it cannot be executed */

/* Our ends do not block; -1 when closed. */
struct mfa_launch {
	pid_t pid;
	int pidfd;
	int in, out, err;
};

/*
 * path:  checked by mfa_safe_program
 * kind:  value of MEDUSA_MFA, one short word
 * child: to be closed by mfa_launch_close; not reaped by it
 *
 * Returns: MFA_OK; MFA_ERR_LIMIT.  A program that cannot be executed says so
 * on its standard error and exits with MFA_LAUNCH_FAILED.
 */
enum mfa_err mfa_launch(const char *path, const char *kind,
    struct mfa_launch *child) MFA_MUST_USE;

/* Closes one of our ends, if it is open. */
void mfa_launch_close_end(int *fd);
void mfa_launch_close(struct mfa_launch *child);

#endif
