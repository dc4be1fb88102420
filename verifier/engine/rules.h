/* SPDX-License-Identifier: MIT */
/*
 * Is a rule about this login?
 *
 * MUST (checked against rules.c):
 *  - a host's name is never looked up, and an empty one is no network's;
 *  - what cannot be found out is TROUBLE, unless another condition says no;
 *  - what a caller that is not root says of service, host and key lets nobody
 *    pass (R21).
 */
#ifndef MFA_ENGINE_RULES_H
#define MFA_ENGINE_RULES_H

#include "verifier/config/config.h"
#include "verifier/engine/caller.h"
#include "verifier/engine/groups.h"

enum mfa_match {
	MFA_MATCH_NO = 1,
	MFA_MATCH_YES = 2,
	MFA_MATCH_MAYBE = 3, /* depends on a login, and this is none */
	MFA_MATCH_TROUBLE = 4
};

/* Why a condition cannot be evaluated; of several the last. */
enum mfa_trouble {
	MFA_TROUBLE_NONE = 0,
	MFA_TROUBLE_HOST = 1,	/* the remote host is no address */
	MFA_TROUBLE_GROUP = 2,	/* no such group */
	MFA_TROUBLE_LOOKUP = 3, /* the user database does not answer */
	MFA_TROUBLE_KEY = 4	/* nobody said whether a key was used */
};

/*
 * caller:  NULL for no login in particular: conditions of service, host and
 *          key are MAYBE
 * groups:  of the subject
 * trouble: set with TROUBLE
 */
enum mfa_match mfa_rules_match(const struct mfa_config_rule *rule,
    const struct mfa_subject *subject, const struct mfa_caller *caller,
    struct mfa_groups *groups, enum mfa_trouble *trouble);

#endif
