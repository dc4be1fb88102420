/* SPDX-License-Identifier: MIT */
/*
 * What a login would be asked, and which rule says so; changes nothing and
 * counts nothing.
 */
#ifndef MFA_ENGINE_EXPLAIN_H
#define MFA_ENGINE_EXPLAIN_H

#include "verifier/engine/engine.h"
#include "verifier/engine/grace.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/subject.h"

/* Numbers of wire.proto, enum Outcome. */
enum mfa_outlook {
	MFA_OUTLOOK_ASKED = 1,
	MFA_OUTLOOK_PASSES = 2,
	MFA_OUTLOOK_REFUSED = 3,
	MFA_OUTLOOK_ENROLLS = 4
};

struct mfa_explained {
	enum mfa_outlook outlook;
	struct mfa_policy policy;
	char why[201]; /* one sentence */
	bool enrolled;
	uint32_t usable_factors; /* enabled, and of the rule's methods */
	struct mfa_grace grace;
	struct mfa_remember place;
	bool remembered;
	uint64_t locked_seconds; /* until codes are compared again */
	enum mfa_err problem; /* why the record cannot be used, or MFA_OK */
};

/*
 * caller: of the login that is thought of, believed as root's hosts are
 */
void mfa_explain(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, struct mfa_explained *out);

#endif
