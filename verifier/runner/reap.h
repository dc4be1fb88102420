/* SPDX-License-Identifier: MIT */
/*
 * Ending what a program left running.  The caller is a subreaper
 * (PR_SET_CHILD_SUBREAPER): whatever lost its parent below it, in whatever
 * session or group, is its child sooner or later, and as such is found in
 * /proc/self/task/TID/children.
 */
#ifndef MFA_RUNNER_REAP_H
#define MFA_RUNNER_REAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Kills every child and what is handed to us when it dies, until there is
 * none.
 *
 * ms: milliseconds that this may take
 *
 * Returns: true if none is left.
 */
bool mfa_reap_all(unsigned int ms);

/* Kills the children that are not among these, once; who is reaped is gone. */
void mfa_reap_strangers(const pid_t *known, size_t n);

#endif
