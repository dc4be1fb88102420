/* SPDX-License-Identifier: MIT */
/*
 * The start of the verifier and of its runner, one for all ways of starting
 * them: as root, then never again root.
 *
 * MUST (security of R20, R23; checked against guard.c):
 *  - judged by the effective uid alone: under su and sudo the real uid is the
 *    caller's;
 *  - descriptors 0 to 2 are valid, none but the conversation's is inherited;
 *  - the environment is empty, umask 077, cwd /, all signals default and
 *    unblocked but SIGPIPE and SIGXFSZ, which are ignored: a caller's limit is
 *    an error to answer, not a death;
 *  - no core, not dumpable, no new privileges;
 *  - limits are raised and scheduling is made plain while root can;
 *  - the drop takes groups, gid and uid, is read back, and is proven
 *    irrevocable; an account with an id of 0 is refused;
 *  - the runner's account shares no id with the verifier's: what programs run
 *    as can read nothing of ours;
 *  - a listener that starts itself anew (resume.h) cannot be root again: what
 *    it cannot do it checks, and goes on only if it is the account in all of
 *    its ids for good, with no environment, no new privileges, no core, and no
 *    descriptor but those it names; what it can do, it does again.
 */
#ifndef MFA_VERIFIER_GUARD_H
#define MFA_VERIFIER_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/base/err.h"

struct mfa_account {
	uid_t uid;
	gid_t gid;
};

/*
 * The part that every start has: environment, signals, limits, descriptors.
 *
 * keep:  highest descriptor above 2 that stays open (3), or 2 for none
 * quiet: descriptors 0 to 2 become /dev/null; else only 0
 *
 * Returns: MFA_OK; MFA_ERR_DENIED unless started with effective uid 0;
 * MFA_ERR_IO.
 */
enum mfa_err mfa_guard_begin(int keep, bool quiet) MFA_MUST_USE;

/* Looks the service account up.  Returns: MFA_OK; MFA_ERR_ACCOUNT. */
enum mfa_err mfa_guard_account(struct mfa_account *account) MFA_MUST_USE;
/* The same for the runner's, if it is another one in all of its ids. */
enum mfa_err mfa_guard_runner_account(struct mfa_account *account) MFA_MUST_USE;

/*
 * Becomes the account, for good.
 *
 * Returns: MFA_OK; MFA_ERR_ACCOUNT; on any doubt the caller must end.
 */
enum mfa_err mfa_guard_drop(const struct mfa_account *account) MFA_MUST_USE;

/*
 * The start of a listener that started itself anew.  Signals stay blocked, so
 * that none is lost.
 *
 * expected: all descriptors above 2 that are open
 *
 * Returns: MFA_OK; MFA_ERR_DENIED if anything is odd, the caller must end.
 */
enum mfa_err mfa_guard_resume(const int *expected, size_t count) MFA_MUST_USE;

/* Kills this process after so many seconds; 0 takes it back. */
void mfa_guard_watchdog(unsigned int seconds);

#endif
