/* SPDX-License-Identifier: MIT */
/*
 * Codes that an administrator gives out: invitations, and bypasses for who has
 * no factor at hand.
 */
#ifndef MFA_ENGINE_GRANTS_H
#define MFA_ENGINE_GRANTS_H

#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"
#include "verifier/otp/typed.h"
#include "verifier/provider/grant.h"

#define MFA_GRANTS_LEAST  60	 /* seconds */
#define MFA_GRANTS_MOST	  604800 /* of a bypass */
#define MFA_GRANTS_REASON 64	 /* bytes */

struct mfa_grants_ask {
	enum mfa_grant kind;
	uint32_t seconds;   /* of a bypass; an invitation's are configured */
	const char *reason; /* of a bypass: printable, not empty */
};

/* Secret: wipe with mfa_crypt_wipe. */
struct mfa_granted {
	char code[MFA_TYPED_RECOVERY_TEXT];
	uint64_t expires_at; /* wall */
	uint64_t expires_seconds;
	bool replaced; /* an older one that was good still is void now */
	uint32_t dropped; /* pending factors that an invitation took away */
};

/*
 * Gives one out; an older one of its kind is void.  An invitation makes a
 * record where there is none, and takes pending factors and the own wrong codes
 * of an earlier try away.
 *
 * Returns: MFA_OK; MFA_ERR_CONFIG where no invitation is taken; MFA_ERR_EXISTS
 * to invite who is enrolled;
 * MFA_ERR_NOT_ENROLLED to bypass for who is not; MFA_ERR_INVALID (seconds,
 * reason); MFA_ERR_NO_USER; MFA_ERR_DENIED; as mfa_repo_open.
 */
enum mfa_err mfa_grants_give(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_grants_ask *ask, struct mfa_granted *out) MFA_MUST_USE;

#endif
