/* SPDX-License-Identifier: MIT */
/*
 * The table that keeps equal log lines of all runners apart, as each
 * conversation that a client starts for itself has a runner of its own.
 *
 * MUST (checked against limits.c):
 *  - it is another one than the verifier's: nothing here can silence a line of
 *    the verifier;
 *  - its file is root's alone, mapped before the drop and then closed: a
 *    program, which has the runner's account, can neither open nor cut it;
 *  - without the file a runner has a table of its own, and goes on.
 */
#ifndef MFA_RUNNER_LIMITS_H
#define MFA_RUNNER_LIMITS_H

#include <sys/types.h>

#include "verifier/event/event.h"

#define MFA_LIMITS_FILE "runner-limits"

/*
 * Maps MFA_LIMITS_FILE of a folder; file and folder are made if they are
 * missing.  To be called as root; there is no way back but the process's end.
 *
 * dir: a folder of root's that does not outlive a boot: MFA_RUNDIR
 *
 * Returns: the table; one for this process and its children alone where the
 * file cannot be had; NULL without memory.
 */
struct mfa_event_limit *mfa_limits_map(const char *dir);

#endif
