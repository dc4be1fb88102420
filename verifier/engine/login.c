/* SPDX-License-Identifier: MIT */
#include "verifier/engine/login.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "verifier/engine/attempt.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/otp/typed.h"
#include "verifier/provider/provider.h"

#define MALFORMED_MAX 2 /* slips asked again (R25) */

static const char plain_prompt[] = "Verification code: ";
static const char sending_prompt[] = "Verification code (or \"send\"): ";
/* The same whether or not something is sent (R12). */
static const char sent_note[] =
    "If a code can be sent to you, it is on its way.";

static void
log_outcome(struct mfa_engine *engine, const struct mfa_login *login,
    enum mfa_event_type type, const struct mfa_attempt_result *result,
    const struct mfa_step *step)
{
	const struct mfa_report_why why = {
		.type = type,
		.reason = step->reason,
		.err = step->err,
		.result = result,
		.has_attempts = result != NULL &&
		    type == MFA_EVENT_CHALLENGE_FAILED,
		.attempts = login->prompts_left,
	};

	mfa_report_why(engine, &login->ask.caller, &login->subject, &why);
}

static void
step_verdict(struct mfa_login *login, struct mfa_step *step,
    enum mfa_verdict verdict, enum mfa_reason reason)
{
	memset(step, 0, sizeof(*step));
	step->kind = MFA_STEP_VERDICT;
	step->verdict = verdict;
	step->reason = reason;
	step->lock = login->lock;
	login->over = true;
}

static void
step_prompt(struct mfa_login *login, struct mfa_step *step, const char *note)
{
	memset(step, 0, sizeof(*step));
	step->kind = MFA_STEP_PROMPT;
	step->verdict = MFA_VERDICT_DENY;
	step->note = note;
	step->text = login->delivers ? sending_prompt : plain_prompt;
	login->prompts_left--;
}

/* No verdict can be had: never a yes, never "not enrolled". */
static void
fail(struct mfa_engine *engine, struct mfa_login *login, enum mfa_err err,
    struct mfa_step *step)
{
	step_verdict(login, step, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	step->err = err;
	(void)snprintf(step->message, sizeof(step->message),
	    "Verification is not possible: %s.", mfa_strerror(err));
	mfa_report_trouble(engine, &login->ask.caller, &login->subject, err);
}

static void
pass(struct mfa_engine *engine, struct mfa_login *login,
    enum mfa_reason reason, struct mfa_step *step)
{
	step_verdict(login, step, MFA_VERDICT_PASS, reason);
	log_outcome(engine, login, MFA_EVENT_CHALLENGE_SKIPPED, NULL, step);
}

/*
 * Is there something to ask for?  NONE: yes.  Else why not; ERROR with err.
 * No lock is taken: both slots are checked, and the attempt reads again.
 */
static enum mfa_reason
look(struct mfa_engine *engine, const struct mfa_subject *subject,
    enum mfa_err *err)
{
	struct mfa_repo *repo = NULL;
	enum mfa_reason reason = MFA_REASON_ERROR;
	enum mfa_err r;

	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK)
		reason = mfa_repo_record(repo)->enrolled ?
		    MFA_REASON_NONE :
		    MFA_REASON_NOT_ENROLLED;
	else if (r == MFA_ERR_NOT_FOUND)
		reason = MFA_REASON_NOT_ENROLLED;
	else if (r == MFA_ERR_FOREIGN)
		reason = MFA_REASON_UNKNOWN_USER;
	mfa_repo_close(repo);
	*err = r;
	return reason;
}

/*
 * The one place that lets somebody pass unasked (R2).
 *
 * Returns: EXEMPT or NOT_ENROLLED to let pass; NONE to ask; ERROR with err.
 */
static enum mfa_reason
whether(struct mfa_engine *engine, struct mfa_login *login, enum mfa_err *err)
{
	enum mfa_policy policy = mfa_policy_check(engine->config,
	    &engine->config->realm[0], login->subject.name);

	if (policy == MFA_POLICY_EXEMPT)
		return MFA_REASON_EXEMPT;
	login->hidden = look(engine, &login->subject, err);
	if (login->hidden == MFA_REASON_ERROR)
		return MFA_REASON_ERROR;
	if (login->hidden == MFA_REASON_NOT_ENROLLED &&
	    (policy == MFA_POLICY_ENROLLED || login->ask.nullok))
		return MFA_REASON_NOT_ENROLLED;
	return MFA_REASON_NONE;
}

static void
decide(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	enum mfa_err err = MFA_OK;
	enum mfa_reason why = whether(engine, login, &err);

	if (why == MFA_REASON_ERROR) {
		fail(engine, login, err, step);
	} else if (why != MFA_REASON_NONE) {
		pass(engine, login, why, step);
	} else {
		if (login->hidden == MFA_REASON_NOT_ENROLLED)
			mfa_repo_decoy(engine, false);
		step_prompt(login, step, "");
	}
}

/* The look at a record, for somebody who cannot have one (R5). */
static void
pretend(struct mfa_engine *engine, struct mfa_login *login)
{
	enum mfa_err ignored;

	if (login->subject.id[0] != '\0')
		(void)look(engine, &login->subject, &ignored);
	mfa_repo_decoy(engine, false);
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * Whom a login is about, and how long it may take.
 *
 * Returns: as mfa_subject_resolve, or of the clock.
 */
static enum mfa_err
begin(struct mfa_engine *engine, const struct mfa_login_ask *ask,
    struct mfa_login *login)
{
	struct mfa_now now;
	enum mfa_err r, clock;

	memset(login, 0, sizeof(*login));
	login->ask = *ask;
	/* What others claim lets nobody pass (R21). */
	if (ask->caller.path != MFA_PATH_ROOT)
		login->ask.nullok = false;
	r = mfa_subject_resolve(ask->user, &login->subject);
	if ((clock = engine->env->now(engine->env, &now)) != MFA_OK)
		return clock;
	login->deadline = now.boot + engine->config->challenge_ttl_seconds;
	return r;
}

static bool
is_nobody(enum mfa_err r)
{
	return r == MFA_ERR_NO_USER || r == MFA_ERR_INVALID;
}

void
mfa_login_begin(struct mfa_engine *engine, const struct mfa_login_ask *ask,
    struct mfa_login *login, struct mfa_step *step)
{
	enum mfa_err r = begin(engine, ask, login);

	login->prompts_left = least(ask->retry, engine->config->max_attempts);
	if (login->prompts_left == 0)
		login->prompts_left = 1;
	login->malformed_left = MALFORMED_MAX;
	/* Where it is on for some services, a claim is not enough. */
	login->delivers = mfa_config_delivers(engine->config,
	    ask->caller.service) &&
	    (ask->caller.path == MFA_PATH_ROOT ||
		engine->config->otp_service_count == 0);
	if (is_nobody(r)) {
		login->hidden = MFA_REASON_UNKNOWN_USER;
		pretend(engine, login);
		step_prompt(login, step, "");
	} else if (r != MFA_OK) {
		fail(engine, login, r, step);
	} else {
		decide(engine, login, step);
	}
}

void
mfa_login_policy(struct mfa_engine *engine, const struct mfa_login_ask *ask,
    bool final, struct mfa_step *step)
{
	struct mfa_login login;
	enum mfa_err err = begin(engine, ask, &login);
	enum mfa_event_type type = MFA_EVENT_CHALLENGE_SKIPPED;
	enum mfa_reason why = MFA_REASON_ERROR;

	/* A split line asks before the password: all cost the same (R5). */
	if (is_nobody(err)) {
		why = MFA_REASON_NONE;
		pretend(engine, &login);
	} else if (err == MFA_OK) {
		why = whether(engine, &login, &err);
		if (why == MFA_REASON_NONE &&
		    login.hidden == MFA_REASON_NOT_ENROLLED)
			mfa_repo_decoy(engine, false);
	}
	switch (why) {
	case MFA_REASON_ERROR:
		fail(engine, &login, err, step);
		return;
	case MFA_REASON_NONE:
		step_verdict(&login, step, MFA_VERDICT_DENY,
		    MFA_REASON_UNVERIFIED);
		type = MFA_EVENT_CHALLENGE_FAILED;
		break;
	default:
		step_verdict(&login, step, MFA_VERDICT_PASS, why);
		break;
	}
	if (final)
		log_outcome(engine, &login, type, NULL, step);
}

static void
deny(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_attempt_result *result, enum mfa_reason reason,
    struct mfa_step *step)
{
	step_verdict(login, step, MFA_VERDICT_DENY, reason);
	log_outcome(engine, login, MFA_EVENT_CHALLENGE_FAILED, result, step);
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
	step_prompt(login, step, note);
}

const char *
mfa_login_replayed(const char *method)
{
	if (strcmp(method, mfa_provider_recovery_code.name) == 0)
		return "Recovery code already used.";
	if (method[0] == '\0' || strcmp(method, mfa_provider_totp.name) == 0)
		return "Code already used, wait for the next.";
	/* Here the next does not come by itself. */
	return "Code already used, take another one.";
}

static const char *
note_for(const struct mfa_attempt_result *result)
{
	enum mfa_reason reason = result->reason;

	if (reason == MFA_REASON_REPLAYED)
		return mfa_login_replayed(result->method);
	if (reason == MFA_REASON_CLOCK)
		return "The clock of this host is wrong, use a recovery code.";
	/* One text for all else: it must not tell them apart (R5). */
	return "Wrong code.";
}

/* What who comes in should know; the most urgent first. */
static void
tell(const struct mfa_attempt_result *result, char *out, size_t size)
{
	char when[MFA_TEXT_TIME];

	out[0] = '\0';
	if (result->bypass_used != 0) {
		mfa_text_time(result->bypass_used, when);
		(void)snprintf(out, size, "A bypass code of an administrator "
			"was used on %s.", when);
	} else if (result->used_bypass) {
		(void)snprintf(out, size, "Bypass code used.");
	} else if (result->used_recovery) {
		(void)snprintf(out, size, result->recovery_left <= 2 ?
			"Recovery code used, only %u left: make new ones." :
			"Recovery code used, %u left.",
		    result->recovery_left);
	}
}

static void
accept_code(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_attempt_result *result, struct mfa_step *step)
{
	step_verdict(login, step, mfa_attempt_verdict(MFA_OK, result),
	    MFA_REASON_OK);
	log_outcome(engine, login, MFA_EVENT_CHALLENGE_VERIFIED, result, step);
	tell(result, step->message, sizeof(step->message));
}

static bool
is_program_trouble(enum mfa_err err)
{
	return err == MFA_ERR_PROGRAM || err == MFA_ERR_UNAVAILABLE;
}

static void
attempt(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_typed *typed, struct mfa_step *step)
{
	const struct mfa_attempt what = {
		.caller = &login->ask.caller,
		.typed = typed,
	};
	struct mfa_attempt_result result;
	enum mfa_err r;

	if (login->hidden != MFA_REASON_NONE) {
		memset(&result, 0, sizeof(result));
		result.reason = login->hidden;
		mfa_attempt_decoy(engine, true);
		again(engine, login, &result, note_for(&result), step);
		return;
	}
	r = mfa_attempt_make(engine, &login->subject, &what, &result);
	/* Only who has such a factor meets its program (R5). */
	if (is_program_trouble(r) && engine->config->realm[0].require ==
		MFA_REQUIRE_ALL) {
		fail(engine, login, r, step);
		memset(&result, 0, sizeof(result));
		result.reason = MFA_REASON_ERROR;
		again(engine, login, &result, note_for(&result), step);
		return;
	}
	if (r != MFA_OK) {
		fail(engine, login, r, step);
		return;
	}
	if (result.locked_now)
		login->lock = MFA_STEP_LOCKED;
	if (result.unlocked_now)
		login->lock = MFA_STEP_UNLOCKED;
	if (result.reason == MFA_REASON_OK)
		accept_code(engine, login, &result, step);
	else
		again(engine, login, &result, note_for(&result), step);
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
	if (login->hidden != MFA_REASON_NONE ||
	    (why.err != MFA_OK && why.err != MFA_ERR_UNAVAILABLE &&
		why.err != MFA_ERR_UNDELIVERED))
		mfa_deliver_decoy(engine);
	if (why.err != MFA_OK || why.reason != MFA_REASON_NONE)
		mfa_report_why(engine, caller, &login->subject, &why);
	if (login->prompts_left == 0) {
		deny(engine, login, NULL, MFA_REASON_SENT, step);
		memcpy(step->message, sent_note, sizeof(sent_note));
		return;
	}
	step_prompt(login, step, sent_note);
}

static void
malformed(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	struct mfa_attempt_result result;

	memset(&result, 0, sizeof(result));
	result.reason = MFA_REASON_MALFORMED;
	if (login->malformed_left == 0)
		login->prompts_left = 0;
	else
		login->malformed_left--;
	again(engine, login, &result, "That is not a code.", step);
}

static bool
expired(const struct mfa_engine *engine, const struct mfa_login *login)
{
	struct mfa_now now;

	return engine->env->now(engine->env, &now) != MFA_OK ||
	    now.boot > login->deadline;
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
	switch (typed.form) {
	case MFA_TYPED_DIGITS:
	case MFA_TYPED_RECOVERY_CODE:
		attempt(engine, login, &typed, step);
		break;
	case MFA_TYPED_MALFORMED:
		if (has_outside(engine))
			attempt(engine, login, &typed, step);
		else
			malformed(engine, login, step);
		break;
	case MFA_TYPED_SEND:
		if (login->delivers)
			send_code(engine, login, &typed, step);
		else
			malformed(engine, login, step);
		break;
	case MFA_TYPED_JUNK:
		deny(engine, login, NULL, MFA_REASON_JUNK, step);
		break;
	}
	mfa_typed_wipe(&typed);
}

void
mfa_login_abandon(struct mfa_engine *engine, struct mfa_login *login,
    enum mfa_reason reason, struct mfa_step *step)
{
	deny(engine, login, NULL, reason, step);
}
