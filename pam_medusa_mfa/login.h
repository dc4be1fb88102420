/* SPDX-License-Identifier: MIT */
/* One login: carries prompts and answers between host and verifier. */
#ifndef MFA_PAM_LOGIN_H
#define MFA_PAM_LOGIN_H

#include <stdbool.h>

#include <security/pam_modules.h>

#include "lib/base/err.h"
#include "lib/base/verdict.h"
#include "pam_medusa_mfa/args.h"
#include "protocol/wire.pb.h"

/* How it ended.  MFA_VERDICT_DENY until the verifier has said otherwise. */
struct mfa_outcome {
	enum mfa_verdict verdict;
	mfa_wire_Reason reason;
	const char *step; /* constant text for the log: where an error arose */
	bool unasked;	  /* the verifier does not know of this login */
};

/*
 * Asks the verifier, and the person as often as the verifier wants.
 *
 * flags:   of the entry point; PAM_SILENT hides the verifier's closing text
 * outcome: always filled; a refusal on failure
 *
 * Returns: MFA_OK if outcome holds a verdict; MFA_ERR_NO_USER if the user
 * name is empty or longer than 256 bytes, without prompt or verifier;
 * MFA_ERR_MEMORY; what the verifier said instead of a verdict; MFA_ERR_*
 * of reaching and talking to it.  Never MFA_ERR_INVALID.
 */
enum mfa_err mfa_login_run(pam_handle_t *pamh, int flags,
    const struct mfa_args *args, struct mfa_outcome *outcome) MFA_MUST_USE;

#endif
