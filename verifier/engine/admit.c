/* SPDX-License-Identifier: MIT */
/* How a login begins: is it asked for a code at all? */
#include <string.h>

#include "lib/base/text.h"
#include "verifier/engine/attempt.h"
#include "verifier/engine/login.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/steps.h"

#define MALFORMED_MAX 2 /* slips asked again (R25) */

/*
 * Is there something to ask for?  NONE: yes.  Else why not; ERROR with err;
 * REMEMBERED if a code was given at this place.
 * No lock is taken: both slots are checked, and the attempt reads again.
 */
static enum mfa_reason
look(struct mfa_engine *engine, const struct mfa_subject *subject,
    const struct mfa_remember *place, enum mfa_err *err)
{
	struct mfa_repo *repo = NULL;
	enum mfa_reason reason = MFA_REASON_ERROR;
	enum mfa_err r;

	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_ERR_NOT_FOUND ||
	    (r == MFA_OK && !mfa_repo_record(repo)->enrolled))
		reason = MFA_REASON_NOT_ENROLLED;
	else if (r == MFA_ERR_FOREIGN)
		reason = MFA_REASON_UNKNOWN_USER;
	else if (r == MFA_OK)
		reason = mfa_remember_has(mfa_repo_record(repo),
		    mfa_repo_clock(repo), place) ?
		    MFA_REASON_REMEMBERED :
		    MFA_REASON_NONE;
	mfa_repo_close(repo);
	/* Nothing was opened: the time of it goes by all the same (R5). */
	if (r == MFA_ERR_NOT_FOUND)
		mfa_repo_decoy(engine, MFA_DECOY_READ);
	*err = r;
	return reason;
}

/*
 * Who is not enrolled: may a rule's time let in still?  A wrong clock is no
 * reason to.
 */
static enum mfa_reason
excuse(struct mfa_engine *engine, struct mfa_login *login, bool use,
    enum mfa_err *err)
{
	if (login->policy.kind == MFA_POLICY_ENROLLED || login->ask.nullok)
		return MFA_REASON_NOT_ENROLLED;
	/* What others claim of service and host counts nothing. */
	if (login->ask.caller.path != MFA_PATH_ROOT)
		return MFA_REASON_NONE;
	*err = mfa_grace_check(engine, &login->subject, &login->policy, use,
	    &login->grace);
	if (*err == MFA_ERR_CLOCK)
		*err = MFA_OK;
	if (*err != MFA_OK)
		return MFA_REASON_ERROR;
	return login->grace.open ? MFA_REASON_NOT_ENROLLED : MFA_REASON_NONE;
}

/*
 * The one place that lets somebody pass unasked (R2).
 *
 * use: it decides now, and counts
 *
 * Returns: EXEMPT or NOT_ENROLLED to let pass; REFUSED; NONE to ask, or
 * REMEMBERED, if that holds; ERROR with err.
 */
static enum mfa_reason
whether(struct mfa_engine *engine, struct mfa_login *login, bool use,
    enum mfa_err *err)
{
	if (login->policy.kind == MFA_POLICY_DENIED)
		return MFA_REASON_REFUSED;
	if (login->policy.kind == MFA_POLICY_EXEMPT)
		return MFA_REASON_EXEMPT;
	login->hidden = look(engine, &login->subject, &login->place, err);
	if (login->hidden == MFA_REASON_NOT_ENROLLED)
		return excuse(engine, login, use, err);
	if (login->hidden == MFA_REASON_REMEMBERED) {
		login->hidden = MFA_REASON_NONE;
		return MFA_REASON_REMEMBERED;
	}
	return login->hidden == MFA_REASON_ERROR ? MFA_REASON_ERROR :
						   MFA_REASON_NONE;
}

/* Passes, having been told how long that will go on. */
static void
tell_grace(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	if (!login->grace.open) {
		mfa_steps_pass(engine, login, MFA_REASON_NOT_ENROLLED, step);
		return;
	}
	mfa_grace_tell(&login->grace, login->note);
	if (login->ask.acknowledges) {
		mfa_steps_read(login, step, MFA_LOGIN_GRACE);
		return;
	}
	mfa_steps_pass(engine, login, MFA_REASON_NOT_ENROLLED, step);
	(void)mfa_text_copy(step->message, sizeof(step->message), login->note);
}

void
mfa_admit_read(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	/* No code was given in this login. */
	const struct mfa_remember nowhere = { .known = false };
	enum mfa_err err = MFA_OK;

	login->hidden = look(engine, &login->subject, &nowhere, &err);
	switch (login->hidden) {
	case MFA_REASON_NOT_ENROLLED:
		mfa_steps_pass(engine, login, MFA_REASON_NOT_ENROLLED, step);
		break;
	case MFA_REASON_ERROR:
		mfa_steps_fail(engine, login, err, step);
		break;
	default:
		mfa_steps_prompt(login, step, "");
		break;
	}
}

static bool
may_enroll(const struct mfa_login *login)
{
	return login->hidden == MFA_REASON_NOT_ENROLLED &&
	    login->ask.acknowledges &&
	    login->ask.caller.path == MFA_PATH_ROOT &&
	    login->policy.rule != NULL &&
	    login->policy.trouble == MFA_TROUBLE_NONE &&
	    login->policy.rule->unenrolled == MFA_UNENROLLED_ENROLL;
}

static void
ask(struct mfa_engine *engine, struct mfa_login *login, struct mfa_step *step)
{
	enum mfa_err r;

	if (!may_enroll(login)) {
		mfa_steps_prompt(login, step, "");
		return;
	}
	r = mfa_newcomer_begin(engine, &login->ask.caller, &login->subject,
	    &login->newcomer);
	if (r == MFA_OK)
		mfa_steps_newcomer(login, "", step);
	else if (r == MFA_ERR_LOCKED)
		mfa_steps_shut(engine, login, step);
	else
		mfa_steps_fail(engine, login, r, step);
}

/* It may be void by now: then a code is asked for after all. */
static bool
is_remembered(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	const struct mfa_attempt_result result = {
		.reason = MFA_REASON_REMEMBERED };
	const enum mfa_err r = mfa_remember_use(engine, &login->subject,
	    &login->place);

	if (r != MFA_OK)
		return false;
	mfa_steps_verdict(login, step, mfa_attempt_verdict(r, &result),
	    MFA_REASON_REMEMBERED);
	mfa_steps_log(engine, login, MFA_EVENT_CHALLENGE_VERIFIED, &result,
	    step);
	return true;
}

static void
decide(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	enum mfa_err err = MFA_OK;

	switch (whether(engine, login, true, &err)) {
	case MFA_REASON_ERROR:
		mfa_steps_fail(engine, login, err, step);
		return;
	case MFA_REASON_REFUSED:
		mfa_steps_refuse(engine, login, step, true);
		return;
	case MFA_REASON_EXEMPT:
		mfa_steps_pass(engine, login, MFA_REASON_EXEMPT, step);
		return;
	case MFA_REASON_NOT_ENROLLED:
		tell_grace(engine, login, step);
		return;
	case MFA_REASON_REMEMBERED:
		if (is_remembered(engine, login, step))
			return;
		break;
	default:
		break;
	}
	ask(engine, login, step);
}

/*
 * The look at a record, for somebody who cannot have one (R5).
 *
 * Returns: MFA_OK; what is wrong with the store for all, and is said to all.
 */
static enum mfa_err
pretend(struct mfa_engine *engine, struct mfa_login *login)
{
	const struct mfa_remember nowhere = { .known = false };
	enum mfa_err r = MFA_OK;

	if (login->subject.id[0] != '\0')
		(void)look(engine, &login->subject, &nowhere, &r);
	else
		mfa_repo_decoy(engine, MFA_DECOY_READ);
	switch (r) {
	case MFA_ERR_LIMIT:
	case MFA_ERR_IO:
	case MFA_ERR_MEMORY:
		return r;
	default:
		return MFA_OK;
	}
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
	mfa_policy_check(engine->config, &engine->config->realm[0],
	    &login->subject, &login->ask.caller, &login->policy);
	mfa_remember_place(engine, &login->ask.caller, &login->policy,
	    &login->place);
	return r;
}

static bool
is_nobody(enum mfa_err r)
{
	return r == MFA_ERR_NO_USER || r == MFA_ERR_INVALID;
}

/* A rule that denies all the same tells nothing of who is known. */
static bool
is_denied(const struct mfa_login *login, enum mfa_err r)
{
	return is_nobody(r) && login->policy.kind == MFA_POLICY_DENIED;
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
	    (login->policy.provides & MFA_PROVIDES_OTP) != 0 &&
	    (ask->caller.path == MFA_PATH_ROOT ||
		engine->config->otp_service_count == 0);
	if (is_denied(login, r)) {
		mfa_steps_refuse(engine, login, step, true);
	} else if (is_nobody(r)) {
		login->hidden = MFA_REASON_UNKNOWN_USER;
		if ((r = pretend(engine, login)) == MFA_OK)
			mfa_steps_prompt(login, step, "");
		else
			mfa_steps_fail(engine, login, r, step);
	} else if (r != MFA_OK) {
		mfa_steps_fail(engine, login, r, step);
	} else {
		decide(engine, login, step);
	}
}

/* What a question is told; what follows from it is logged if final. */
static enum mfa_event_type
answer_policy(struct mfa_login *login, enum mfa_reason why,
    struct mfa_step *step)
{
	if (why == MFA_REASON_EXEMPT || why == MFA_REASON_NOT_ENROLLED) {
		mfa_steps_verdict(login, step, MFA_VERDICT_PASS, why);
		if (login->grace.open) {
			mfa_grace_tell(&login->grace, login->note);
			(void)mfa_text_copy(step->message,
			    sizeof(step->message), login->note);
		}
		return MFA_EVENT_CHALLENGE_SKIPPED;
	}
	mfa_steps_verdict(login, step, MFA_VERDICT_DENY, MFA_REASON_UNVERIFIED);
	return MFA_EVENT_CHALLENGE_FAILED;
}

void
mfa_login_policy(struct mfa_engine *engine, const struct mfa_login_ask *ask,
    bool final, struct mfa_step *step)
{
	struct mfa_login login;
	enum mfa_err err = begin(engine, ask, &login);
	enum mfa_reason why = MFA_REASON_ERROR;
	enum mfa_event_type type;

	/* A split line asks before the password: all cost the same (R5). */
	if (is_denied(&login, err)) {
		why = MFA_REASON_REFUSED;
	} else if (is_nobody(err)) {
		if ((err = pretend(engine, &login)) == MFA_OK)
			why = MFA_REASON_NONE;
	} else if (err == MFA_OK) {
		why = whether(engine, &login, final, &err);
	}
	if (why == MFA_REASON_ERROR) {
		mfa_steps_fail(engine, &login, err, step);
	} else if (why == MFA_REASON_REFUSED) {
		mfa_steps_refuse(engine, &login, step, final);
	} else {
		type = answer_policy(&login, why, step);
		if (final)
			mfa_steps_log(engine, &login, type, NULL, step);
	}
}
