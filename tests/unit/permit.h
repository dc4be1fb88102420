/* SPDX-License-Identifier: MIT */
/* For tests of permit.c: an owner, its proofs, and every change it may ask for. */
#ifndef MFA_TESTS_PERMIT_H
#define MFA_TESTS_PERMIT_H

#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/enroll.h"
#include "verifier/engine/grants.h"
#include "verifier/engine/prove.h"
#include "verifier/engine/throttle.h"

static const struct mfa_enroll_ask second = { .label = "tablet",
	.provider = "", .algorithm = "", .import = SECRET_B, .address = "" };

/* The subject itself, as a session of it asks. */
static inline struct mfa_caller
owner(const struct mfa_proof *proof)
{
	return (struct mfa_caller){ .path = MFA_PATH_OTHER,
		.right = MFA_RIGHT_OWNER, .proof = proof, .uid = 4711,
		.service = "medusa-mfa", .rhost = "", .tty = "" };
}

static inline enum mfa_err
prove(struct world *w, const char *text, struct mfa_proof *proof)
{
	const struct mfa_caller caller = owner(NULL);
	const struct mfa_typed typed = world_typed(text);

	return mfa_prove_code(&w->engine, &caller, &w->subject, &typed, 300,
	    proof);
}

static inline enum mfa_err
prove_now(struct world *w, struct mfa_proof *proof)
{
	char code[9];

	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	return prove(w, code, proof);
}

static inline enum mfa_err
enroll_as(struct world *w, const struct mfa_caller *caller)
{
	struct mfa_enrolled out;

	return mfa_enroll_begin(&w->engine, caller, &w->subject, &second,
	    &out);
}

/* Every change, in an order in which each could be done. */
enum { ENROLL, CONFIRM, RENAME, CODES, DISABLE, CHANGES };

static inline enum mfa_err
change(struct world *w, int what, const struct mfa_caller *caller)
{
	struct mfa_recovery_text text;
	struct mfa_confirmed confirmed;
	char code[9];
	bool last;

	switch (what) {
	case ENROLL:
		return enroll_as(w, caller);
	case CONFIRM:
		world_pass(w, 30);
		world_code(w, SECRET_B, 0, code);
		const struct mfa_typed typed = world_typed(code);
		return mfa_enroll_confirm(&w->engine, caller, &w->subject,
		    "tablet", &typed, &confirmed);
	case RENAME:
		return mfa_enroll_rename(&w->engine, caller, &w->subject,
		    "tablet", "slate");
	case CODES:
		return mfa_enroll_recovery(&w->engine, caller, &w->subject,
		    &text);
	default:
		return mfa_enroll_disable(&w->engine, caller, &w->subject,
		    "slate", &last);
	}
}

#endif
