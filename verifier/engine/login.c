/* SPDX-License-Identifier: MIT */
#include "verifier/engine/login.h"

#include <string.h>

#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/attempt.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/engine/steps.h"
#include "verifier/engine/words.h"
#include "verifier/otp/typed.h"

static void
deny(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_attempt_result *result, enum mfa_reason reason,
    struct mfa_step *step)
{
	mfa_steps_verdict(login, step, MFA_VERDICT_DENY, reason);
	mfa_steps_log(engine, login, MFA_EVENT_CHALLENGE_FAILED, result, step);
}

/* Refused, logged; asked again while prompts are left. */
static void
again(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_attempt_result *result, const char *note,
    struct mfa_step *step)
{
	deny(engine, login, result, result->reason, step);
	if (login->prompts_left == 0)
		return;
	login->over = false;
	mfa_steps_prompt(login, step, note);
}

static void
accept_code(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_attempt_result *result, struct mfa_step *step)
{
	mfa_steps_verdict(login, step, mfa_attempt_verdict(MFA_OK, result),
	    MFA_REASON_OK);
	mfa_steps_log(engine, login, MFA_EVENT_CHALLENGE_VERIFIED, result, step);
	mfa_words_welcome(result, step->message, sizeof(step->message));
}

static bool
is_program_trouble(enum mfa_err err)
{
	return err == MFA_ERR_PROGRAM || err == MFA_ERR_UNAVAILABLE;
}

/* Joins the commit of a factor's code; a recovery code is no habit. */
static enum mfa_err
note_place(void *ctx, mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_clock *clock)
{
	const struct mfa_login *login = ctx;

	if (factor != NULL)
		mfa_remember_add(record, clock, &login->place);
	return MFA_OK;
}

static void
attempt(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_typed *typed, struct mfa_step *step)
{
	const struct mfa_attempt what = {
		.caller = &login->ask.caller,
		.typed = typed,
		.methods = login->policy.provides,
		.on_match = note_place,
		.ctx = login,
	};
	struct mfa_attempt_result result = { .reason = login->hidden };
	enum mfa_err r;

	if (login->hidden != MFA_REASON_NONE) {
		mfa_attempt_decoy(engine, MFA_DECOY_READ | MFA_DECOY_WRITE);
		again(engine, login, &result, mfa_words_again(&result), step);
		return;
	}
	r = mfa_attempt_make(engine, &login->subject, &what, &result);
	/* Only who has such a factor meets its program (R5). */
	if (is_program_trouble(r) &&
	    login->policy.kind == MFA_POLICY_REQUIRED) {
		mfa_steps_fail(engine, login, r, step);
		result.reason = MFA_REASON_ERROR;
		again(engine, login, &result, mfa_words_again(&result), step);
		return;
	}
	if (r != MFA_OK) {
		mfa_steps_fail(engine, login, r, step);
		return;
	}
	if (result.locked_now)
		login->lock = MFA_STEP_LOCKED;
	if (result.unlocked_now)
		login->lock = MFA_STEP_UNLOCKED;
	if (result.reason == MFA_REASON_OK)
		accept_code(engine, login, &result, step);
	else
		again(engine, login, &result, mfa_words_again(&result), step);
	mfa_report_also(engine, &login->ask.caller, &login->subject, &result);
}

/* Text that no provider of ours knows: a program's affair where one is on. */
static bool
has_outside(const struct mfa_engine *engine)
{
	return engine->config->realm[0].provides >= MFA_PROVIDES_OUTSIDE;
}

/*
 * Asks for a code.  Whether one goes out, and why not, is for the log alone:
 * all see the same.
 */
static void
send_code(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_typed *typed, struct mfa_step *step)
{
	const struct mfa_caller *caller = &login->ask.caller;
	const struct mfa_deliver_ask ask = {
		.factor = typed->text,
		.use = { .service = caller->service, .rhost = caller->rhost,
		    .peer = (uint32_t)caller->path },
	};
	struct mfa_report_why why = { .type = MFA_EVENT_OTP_UNDELIVERED,
		.reason = login->hidden };

	if (login->hidden == MFA_REASON_NONE)
		why.err = mfa_deliver_code(engine, caller, &login->subject,
		    &ask);
	/* Whoever gets none costs the same; without a runner it was written. */
	if (login->hidden != MFA_REASON_NONE)
		mfa_repo_decoy(engine, MFA_DECOY_READ | MFA_DECOY_WRITE);
	else if (why.err != MFA_OK && why.err != MFA_ERR_UNAVAILABLE &&
	    why.err != MFA_ERR_UNDELIVERED)
		mfa_repo_decoy(engine, MFA_DECOY_WRITE);
	if (why.err != MFA_OK || why.reason != MFA_REASON_NONE)
		mfa_report_why(engine, caller, &login->subject, &why);
	if (login->prompts_left == 0) {
		deny(engine, login, NULL, MFA_REASON_SENT, step);
		memcpy(step->message, MFA_WORDS_SENT, sizeof(MFA_WORDS_SENT));
		return;
	}
	mfa_steps_prompt(login, step, MFA_WORDS_SENT);
}

static void
malformed(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	const struct mfa_attempt_result result = {
		.reason = MFA_REASON_MALFORMED };

	if (login->malformed_left == 0)
		login->prompts_left = 0;
	else
		login->malformed_left--;
	again(engine, login, &result, MFA_WORDS_MALFORMED, step);
}

static bool
expired(const struct mfa_engine *engine, const struct mfa_login *login)
{
	struct mfa_now now;

	return engine->env->now(engine->env, &now) != MFA_OK ||
	    now.boot > login->deadline;
}

/* The next recovery codes, and when all were shown the verdict. */
static void
show_codes(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	struct mfa_attempt_result result = { .reason = MFA_REASON_OK };

	if (mfa_newcomer_show(&login->newcomer, login->note)) {
		mfa_steps_read(login, step, MFA_LOGIN_SHOW);
		return;
	}
	(void)mfa_text_copy(result.method, sizeof(result.method),
	    mfa_provider_totp.name);
	memcpy(result.factor, login->newcomer.label, sizeof(result.factor));
	accept_code(engine, login, &result, step);
}

/* What is no code of an app; asked again as often as elsewhere (R25). */
static void
slip(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_typed *typed, struct mfa_step *step)
{
	if (typed->form == MFA_TYPED_JUNK) {
		deny(engine, login, NULL, MFA_REASON_JUNK, step);
		return;
	}
	malformed(engine, login, step);
	if (!login->over)
		mfa_steps_newcomer_again(login, MFA_WORDS_MALFORMED, step);
}

static void
answer_newcomer(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_typed *typed, struct mfa_step *step)
{
	enum mfa_err r;
	bool wrong;

	if (typed->form != MFA_TYPED_DIGITS) {
		slip(engine, login, typed, step);
		return;
	}
	r = mfa_newcomer_answer(engine, &login->ask.caller, &login->subject,
	    typed, &login->newcomer);
	wrong = r == MFA_ERR_WRONG || r == MFA_ERR_REPLAYED;
	if (r == MFA_OK) {
		show_codes(engine, login, step);
	} else if (r == MFA_ERR_SYNTAX) {
		/* As many digits as no code of this factor has. */
		slip(engine, login, typed, step);
	} else if (wrong && login->prompts_left > 0) {
		mfa_steps_newcomer(login, "Wrong code.", step);
	} else if (wrong || r == MFA_ERR_LOCKED || r == MFA_ERR_NOT_FOUND ||
	    r == MFA_ERR_PROOF) {
		deny(engine, login, NULL, MFA_REASON_NOT_ENROLLED, step);
	} else {
		mfa_steps_fail(engine, login, r, step);
	}
}

static void
answer_code(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_typed *typed, struct mfa_step *step)
{
	switch (typed->form) {
	case MFA_TYPED_DIGITS:
	case MFA_TYPED_RECOVERY_CODE:
		attempt(engine, login, typed, step);
		break;
	case MFA_TYPED_MALFORMED:
		if (has_outside(engine))
			attempt(engine, login, typed, step);
		else
			malformed(engine, login, step);
		break;
	case MFA_TYPED_SEND:
		if (login->delivers)
			send_code(engine, login, typed, step);
		else
			malformed(engine, login, step);
		break;
	case MFA_TYPED_JUNK:
		deny(engine, login, NULL, MFA_REASON_JUNK, step);
		break;
	}
}

void
mfa_login_answer(struct mfa_engine *engine, struct mfa_login *login,
    const uint8_t *answer, size_t len, struct mfa_step *step)
{
	struct mfa_typed typed;

	if (login->over || expired(engine, login)) {
		deny(engine, login, NULL, MFA_REASON_EXPIRED, step);
		return;
	}
	mfa_typed_parse(answer, len, &typed);
	switch (login->stage) {
	case MFA_LOGIN_CODE:
		answer_code(engine, login, &typed, step);
		break;
	case MFA_LOGIN_GRACE:
		mfa_admit_read(engine, login, step);
		break;
	case MFA_LOGIN_NEWCOMER:
		answer_newcomer(engine, login, &typed, step);
		break;
	case MFA_LOGIN_SHOW:
		show_codes(engine, login, step);
		break;
	}
	mfa_typed_wipe(&typed);
}

void
mfa_login_wipe(struct mfa_login *login)
{
	mfa_crypt_wipe(&login->newcomer, sizeof(login->newcomer));
	mfa_crypt_wipe(login->note, sizeof(login->note));
}

void
mfa_login_abandon(struct mfa_engine *engine, struct mfa_login *login,
    enum mfa_reason reason, struct mfa_step *step)
{
	deny(engine, login, NULL, reason, step);
}
