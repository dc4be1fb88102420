/* SPDX-License-Identifier: MIT */
/*
 * A login as a pull interface: begin and answer each yield one step, a prompt
 * or the verdict.  The engine never waits for a person and holds no lock
 * between two calls.
 */
#ifndef MFA_ENGINE_LOGIN_H
#define MFA_ENGINE_LOGIN_H

#include <stddef.h>

#include "lib/base/verdict.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"

struct mfa_login_ask {
	struct mfa_caller caller;
	const char *user;
	bool nullok;	/* a root host lets whoever is not enrolled pass */
	uint32_t retry; /* prompts at most; max_attempts bounds it too */
};

enum mfa_step_kind {
	MFA_STEP_PROMPT = 1,
	MFA_STEP_VERDICT = 2
};

/* What a login did to the locks of its subject, for Linux audit; wire.proto's
 * numbers. */
enum mfa_step_lock {
	MFA_STEP_LOCK_NONE = 0,
	MFA_STEP_LOCKED = 1,
	MFA_STEP_UNLOCKED = 2
};

struct mfa_step {
	enum mfa_step_kind kind;
	/* a prompt */
	const char *note; /* before it; may be empty */
	const char *text;
	/* a verdict */
	enum mfa_verdict verdict; /* DENY unless known better */
	enum mfa_reason reason;
	enum mfa_err err;	  /* with reason ERROR */
	char message[120];	  /* for the person; may be empty */
	enum mfa_step_lock lock;  /* of the whole login */
};

/* Caller's memory; no secrets. */
struct mfa_login {
	struct mfa_login_ask ask;
	struct mfa_subject subject;
	enum mfa_reason hidden; /* not NONE: asked for parity only */
	uint32_t prompts_left;
	uint32_t malformed_left;
	uint64_t deadline; /* CLOCK_BOOTTIME, seconds */
	enum mfa_step_lock lock;
	bool delivers; /* codes are sent for this service: "send" is known */
	bool over;
};

/*
 * Begins: decides whether to ask at all.
 *
 * ask:   strings must outlive the login
 */
void mfa_login_begin(struct mfa_engine *engine,
    const struct mfa_login_ask *ask, struct mfa_login *login,
    struct mfa_step *step);

/*
 * Would a login be asked for a code?  No prompt, no counter.
 *
 * final: the answer decides a login now, and is logged; trouble always is
 * step:  a verdict: PASS and why; DENY if it would be asked; UNAVAILABLE
 */
void mfa_login_policy(struct mfa_engine *engine,
    const struct mfa_login_ask *ask, bool final, struct mfa_step *step);

/* One answer, as typed; len bytes, wiped by the caller. */
void mfa_login_answer(struct mfa_engine *engine, struct mfa_login *login,
    const uint8_t *answer, size_t len, struct mfa_step *step);

/*
 * There will be no answer.  Logs why and yields DENY.
 *
 * reason: PASSWORD_REPEATED, CONVERSATION, JUNK or EXPIRED
 */
void mfa_login_abandon(struct mfa_engine *engine, struct mfa_login *login,
    enum mfa_reason reason, struct mfa_step *step);

/*
 * What a person is told of a used code.
 *
 * method: a provider's name; empty if it is not known
 */
const char *mfa_login_replayed(const char *method);

#endif
