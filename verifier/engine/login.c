/* SPDX-License-Identifier: MIT */
#include "verifier/engine/login.h"

#include <stdio.h>
#include <string.h>

#include "verifier/engine/attempt.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/repo.h"
#include "verifier/otp/typed.h"
#include "verifier/provider/provider.h"

#define MALFORMED_MAX 2 /* slips asked again (R25) */

static const char prompt_text[] = "Verification code: ";

static bool
is_recovery(const struct mfa_attempt_result *result)
{
	return result->method != NULL &&
	    strcmp(result->method, mfa_provider_recovery_code.name) == 0;
}

static void
log_outcome(struct mfa_engine *engine, const struct mfa_login *login,
    enum mfa_event_type type, const struct mfa_attempt_result *result,
    const struct mfa_step *step)
{
	struct mfa_event event = {
		.type = type,
		.realm = login->subject.realm,
		.subject = login->subject.name,
		.service = login->ask.caller.service,
		.rhost = login->ask.caller.rhost,
		.tty = login->ask.caller.tty,
		.reason = mfa_reason_name(step->reason),
		.err = step->err,
		.unprivileged = login->ask.caller.path != MFA_PATH_ROOT,
		.caller = login->ask.caller.uid,
	};

	if (result != NULL) {
		event.method = result->method;
		event.factor = result->factor;
		event.has_left = is_recovery(result) &&
		    result->reason == MFA_REASON_OK;
		event.left = result->recovery_left;
	}
	engine->sink->emit(engine->sink, &event);
}

static void
step_verdict(struct mfa_login *login, struct mfa_step *step,
    enum mfa_verdict verdict, enum mfa_reason reason)
{
	memset(step, 0, sizeof(*step));
	step->kind = MFA_STEP_VERDICT;
	step->verdict = verdict;
	step->reason = reason;
	login->over = true;
}

static void
step_prompt(struct mfa_login *login, struct mfa_step *step, const char *note)
{
	memset(step, 0, sizeof(*step));
	step->kind = MFA_STEP_PROMPT;
	step->verdict = MFA_VERDICT_DENY;
	step->note = note;
	step->text = prompt_text;
	login->prompts_left--;
}

static bool
is_record_trouble(enum mfa_err err)
{
	return err == MFA_ERR_DAMAGED || err == MFA_ERR_NO_KEY ||
	    err == MFA_ERR_FORMAT;
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
	log_outcome(engine, login,
	    is_record_trouble(err) ? MFA_EVENT_RECORD_UNUSABLE :
				     MFA_EVENT_ERROR,
	    NULL, step);
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

/* The one place that lets somebody pass unasked (R2). */
static void
decide(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	enum mfa_policy policy = mfa_policy_check(engine->config,
	    login->subject.name);
	enum mfa_err err = MFA_OK;

	if (policy == MFA_POLICY_EXEMPT) {
		pass(engine, login, MFA_REASON_EXEMPT, step);
		return;
	}
	login->hidden = look(engine, &login->subject, &err);
	if (login->hidden == MFA_REASON_ERROR) {
		fail(engine, login, err, step);
		return;
	}
	if (login->hidden == MFA_REASON_NOT_ENROLLED &&
	    (policy == MFA_POLICY_ENROLLED || login->ask.nullok)) {
		pass(engine, login, MFA_REASON_NOT_ENROLLED, step);
		return;
	}
	if (login->hidden == MFA_REASON_NOT_ENROLLED)
		mfa_repo_decoy(engine, false);
	step_prompt(login, step, "");
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

void
mfa_login_begin(struct mfa_engine *engine, const struct mfa_login_ask *ask,
    struct mfa_login *login, struct mfa_step *step)
{
	struct mfa_now now;
	enum mfa_err r;

	memset(login, 0, sizeof(*login));
	login->ask = *ask;
	/* What others claim lets nobody pass (R21). */
	if (ask->caller.path != MFA_PATH_ROOT)
		login->ask.nullok = false;
	login->prompts_left = least(ask->retry, engine->config->max_attempts);
	if (login->prompts_left == 0)
		login->prompts_left = 1;
	login->malformed_left = MALFORMED_MAX;
	r = engine->env->now(engine->env, &now);
	if (r == MFA_OK) {
		login->deadline = now.boot +
		    engine->config->challenge_ttl_seconds;
		r = mfa_subject_resolve(ask->user, &login->subject);
	}
	if (r == MFA_ERR_NO_USER || r == MFA_ERR_INVALID) {
		login->hidden = MFA_REASON_UNKNOWN_USER;
		pretend(engine, login);
		step_prompt(login, step, "");
	} else if (r != MFA_OK) {
		fail(engine, login, r, step);
	} else {
		decide(engine, login, step);
	}
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

static const char *
note_for(const struct mfa_attempt_result *result)
{
	enum mfa_reason reason = result->reason;

	if (reason == MFA_REASON_REPLAYED && is_recovery(result))
		return "Recovery code already used.";
	if (reason == MFA_REASON_REPLAYED)
		return "Code already used, wait for the next.";
	if (reason == MFA_REASON_CLOCK)
		return "The clock of this host is wrong, use a recovery code.";
	/* One text for all else: it must not tell them apart (R5). */
	return "Wrong code.";
}

static void
accept_code(struct mfa_engine *engine, struct mfa_login *login,
    const struct mfa_attempt_result *result, struct mfa_step *step)
{
	step_verdict(login, step, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	log_outcome(engine, login, MFA_EVENT_CHALLENGE_VERIFIED, result, step);
	if (!is_recovery(result))
		return;
	log_outcome(engine, login, MFA_EVENT_RECOVERY_USED, result, step);
	(void)snprintf(step->message, sizeof(step->message),
	    result->recovery_left <= 2 ?
		"Recovery code used, only %u left: make new ones." :
		"Recovery code used, %u left.",
	    result->recovery_left);
}

/* What else an administrator wants to know of a refusal. */
static void
note_also(struct mfa_engine *engine, const struct mfa_login *login,
    const struct mfa_attempt_result *result)
{
	struct mfa_step why = { .reason = result->reason };

	if (result->reason == MFA_REASON_CLOCK)
		log_outcome(engine, login, MFA_EVENT_CLOCK_IMPLAUSIBLE, result,
		    &why);
	if (!result->locked_now)
		return;
	why.reason = MFA_REASON_LOCKED;
	log_outcome(engine, login, MFA_EVENT_LOCKED, result, &why);
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
	if (r != MFA_OK) {
		fail(engine, login, r, step);
		return;
	}
	if (result.reason == MFA_REASON_OK) {
		accept_code(engine, login, &result, step);
		return;
	}
	again(engine, login, &result, note_for(&result), step);
	note_also(engine, login, &result);
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

const char *
mfa_reason_name(enum mfa_reason reason)
{
	static const char *const names[] = {
		[MFA_REASON_NONE] = "none",
		[MFA_REASON_OK] = "ok",
		[MFA_REASON_WRONG] = "wrong",
		[MFA_REASON_REPLAYED] = "replayed",
		[MFA_REASON_LOCKED] = "locked",
		[MFA_REASON_BLOCKED] = "blocked",
		[MFA_REASON_MALFORMED] = "malformed",
		[MFA_REASON_UNKNOWN_USER] = "unknown-user",
		[MFA_REASON_NOT_ENROLLED] = "not-enrolled",
		[MFA_REASON_EXEMPT] = "exempt",
		[MFA_REASON_EXPIRED] = "expired",
		[MFA_REASON_CLOCK] = "clock",
		[MFA_REASON_ERROR] = "error",
		[MFA_REASON_PASSWORD_REPEATED] = "password-repeated",
		[MFA_REASON_CONVERSATION] = "no-answer",
		[MFA_REASON_JUNK] = "junk",
	};

	if ((unsigned int)reason >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[reason];
}
