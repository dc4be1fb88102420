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
#include "verifier/engine/grace.h"
#include "verifier/engine/newcomer.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/subject.h"

struct mfa_login_ask {
	struct mfa_caller caller;
	const char *user;
	bool nullok;	/* a root host lets whoever is not enrolled pass */
	uint32_t retry; /* prompts at most; max_attempts bounds it too */
	bool acknowledges; /* the client knows prompts that want no answer */
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
	bool acknowledge; /* to be read; its answer is not looked at */
	/* a verdict */
	enum mfa_verdict verdict; /* DENY unless known better */
	enum mfa_reason reason;
	enum mfa_err err;	  /* with reason ERROR */
	char message[120];	  /* for the person; may be empty */
	enum mfa_step_lock lock;  /* of the whole login */
};

/* What a prompt is out for. */
enum mfa_login_stage {
	MFA_LOGIN_CODE = 0,	/* a code */
	MFA_LOGIN_GRACE = 1,	/* to tell that time is running out */
	MFA_LOGIN_NEWCOMER = 2, /* the first code of a new factor */
	MFA_LOGIN_SHOW = 3	/* recovery codes are read */
};

/* Caller's memory; secret: mfa_login_wipe. */
struct mfa_login {
	struct mfa_login_ask ask;
	struct mfa_subject subject;
	struct mfa_policy policy; /* points into the configuration */
	enum mfa_login_stage stage;
	struct mfa_remember place;
	struct mfa_grace grace;
	struct mfa_newcomer newcomer; /* secret */
	char note[MFA_NEWCOMER_NOTE]; /* of the prompt that is out; secret */
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
 * Would a login be asked for a code?  No prompt, no counter but, where it is
 * final, that of enroll_by.
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

/* When it is over, and whenever it is given up. */
void mfa_login_wipe(struct mfa_login *login);

#endif
