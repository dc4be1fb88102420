/* SPDX-License-Identifier: MIT */
/*
 * The steps of a login, for admit.c and login.c; nobody else includes it.
 */
#ifndef MFA_ENGINE_STEPS_H
#define MFA_ENGINE_STEPS_H

#include "verifier/engine/attempt.h"
#include "verifier/engine/login.h"

/* The line of an outcome (R26).  result: NULL without an attempt */
void mfa_steps_log(struct mfa_engine *engine, const struct mfa_login *login,
    enum mfa_event_type type, const struct mfa_attempt_result *result,
    const struct mfa_step *step);

/* Ends the login. */
void mfa_steps_verdict(struct mfa_login *login, struct mfa_step *step,
    enum mfa_verdict verdict, enum mfa_reason reason);

/* No verdict can be had: never a yes, never "not enrolled". */
void mfa_steps_fail(struct mfa_engine *engine, struct mfa_login *login,
    enum mfa_err err, struct mfa_step *step);

/* Lets pass unasked. */
void mfa_steps_pass(struct mfa_engine *engine, struct mfa_login *login,
    enum mfa_reason reason, struct mfa_step *step);

/* A rule denies it. */
void mfa_steps_refuse(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step, bool log);

/* Who would enrol has given too many wrong codes. */
void mfa_steps_shut(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step);

/* Asks for a code; note must outlive the step. */
void mfa_steps_prompt(struct mfa_login *login, struct mfa_step *step,
    const char *note);

/* Shows login->note, to be read. */
void mfa_steps_read(struct mfa_login *login, struct mfa_step *step,
    enum mfa_login_stage stage);

/*
 * Asks for the first code of login->newcomer's factor; again: in the place of a
 * prompt that has been counted.
 */
void mfa_steps_newcomer(struct mfa_login *login, const char *before,
    struct mfa_step *step);
void mfa_steps_newcomer_again(struct mfa_login *login, const char *before,
    struct mfa_step *step);

/*
 * What was to be read before a pass has been (admit.c): lets pass who is not
 * enrolled still.  The prompt may have been out for minutes, and whoever has
 * been enrolled since is asked for a code (R2).
 */
void mfa_admit_read(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step);

#endif
