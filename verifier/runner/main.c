/* SPDX-License-Identifier: MIT */
/*
 * medusa-mfa-runner: started by medusa-mfad as root, to run programs as an
 * account that can read nothing of ours (R23).  Not for people: descriptor 3 is
 * all it listens to.
 */
#include <unistd.h>

#include "verifier/guard.h"
#include "verifier/runner/limits.h"
#include "verifier/runner/pool.h"

#define VERIFIER_FD 3

int
main(void)
{
	struct mfa_programs programs;
	struct mfa_account account;
	struct mfa_event_limit *limit;

	if (mfa_guard_begin(VERIFIER_FD, true) != MFA_OK || setsid() < 0 ||
	    mfa_pool_table(VERIFIER_FD, &programs) != MFA_OK)
		_exit(1);
	limit = mfa_limits_map(MFA_RUNDIR);
	if (mfa_guard_runner_account(&account) != MFA_OK ||
	    mfa_guard_drop(&account) != MFA_OK)
		_exit(1);
	_exit(mfa_pool_run(VERIFIER_FD, &programs, limit) == MFA_OK ? 0 : 1);
}
