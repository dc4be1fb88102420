/* SPDX-License-Identifier: MIT */
#include "verifier/engine/steps.h"

#include <stdio.h>
#include <string.h>

#include "verifier/engine/report.h"
#include "verifier/engine/words.h"

static const char plain_prompt[] = "Verification code: ";
static const char sending_prompt[] = "Verification code (or \"send\"): ";
static const char read_prompt[] = "Press Enter: ";

void
mfa_steps_log(struct mfa_engine *engine, const struct mfa_login *login,
    enum mfa_event_type type, const struct mfa_attempt_result *result,
    const struct mfa_step *step)
{
	char rule[MFA_POLICY_TEXT];
	const struct mfa_report_why why = {
		.type = type,
		.reason = step->reason,
		.err = step->err,
		.result = result,
		.has_attempts = result != NULL &&
		    type == MFA_EVENT_CHALLENGE_FAILED,
		.attempts = login->prompts_left,
		.detail = rule,
	};

	mfa_policy_tell(&login->policy, rule, sizeof(rule));
	mfa_report_why(engine, &login->ask.caller, &login->subject, &why);
}

void
mfa_steps_verdict(struct mfa_login *login, struct mfa_step *step,
    enum mfa_verdict verdict, enum mfa_reason reason)
{
	memset(step, 0, sizeof(*step));
	step->kind = MFA_STEP_VERDICT;
	step->verdict = verdict;
	step->reason = reason;
	step->lock = login->lock;
	login->over = true;
}

void
mfa_steps_prompt(struct mfa_login *login, struct mfa_step *step, const char *note)
{
	memset(step, 0, sizeof(*step));
	step->kind = MFA_STEP_PROMPT;
	step->verdict = MFA_VERDICT_DENY;
	step->note = note;
	step->text = login->delivers ? sending_prompt : plain_prompt;
	login->stage = MFA_LOGIN_CODE;
	login->prompts_left--;
}

/* login->note, to be read. */
void
mfa_steps_read(struct mfa_login *login, struct mfa_step *step,
    enum mfa_login_stage stage)
{
	memset(step, 0, sizeof(*step));
	step->kind = MFA_STEP_PROMPT;
	step->verdict = MFA_VERDICT_DENY;
	step->note = login->note;
	step->text = read_prompt;
	step->acknowledge = true;
	login->stage = stage;
}

/* No verdict can be had: never a yes, never "not enrolled". */
void
mfa_steps_fail(struct mfa_engine *engine, struct mfa_login *login, enum mfa_err err,
    struct mfa_step *step)
{
	mfa_steps_verdict(login, step, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	step->err = err;
	(void)snprintf(step->message, sizeof(step->message),
	    "Verification is not possible: %s.", mfa_strerror(err));
	mfa_report_trouble(engine, &login->ask.caller, &login->subject, err);
}

void
mfa_steps_pass(struct mfa_engine *engine, struct mfa_login *login,
    enum mfa_reason reason, struct mfa_step *step)
{
	mfa_steps_verdict(login, step, MFA_VERDICT_PASS, reason);
	mfa_steps_log(engine, login, MFA_EVENT_CHALLENGE_SKIPPED, NULL, step);
}

void
mfa_steps_refuse(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step, bool log)
{
	mfa_steps_verdict(login, step, MFA_VERDICT_DENY, MFA_REASON_REFUSED);
	memcpy(step->message, MFA_WORDS_REFUSED, sizeof(MFA_WORDS_REFUSED));
	if (log)
		mfa_steps_log(engine, login, MFA_EVENT_CHALLENGE_FAILED, NULL,
		    step);
}

void
mfa_steps_shut(struct mfa_engine *engine, struct mfa_login *login,
    struct mfa_step *step)
{
	mfa_steps_verdict(login, step, MFA_VERDICT_DENY, MFA_REASON_LOCKED);
	memcpy(step->message, MFA_WORDS_SHUT, sizeof(MFA_WORDS_SHUT));
	mfa_steps_log(engine, login, MFA_EVENT_CHALLENGE_FAILED, NULL, step);
}

void
mfa_steps_newcomer_again(struct mfa_login *login, const char *before,
    struct mfa_step *step)
{
	mfa_newcomer_ask(&login->newcomer, before, login->note);
	step->note = login->note;
	step->text = MFA_NEWCOMER_PROMPT;
	login->stage = MFA_LOGIN_NEWCOMER;
}

void
mfa_steps_newcomer(struct mfa_login *login, const char *before,
    struct mfa_step *step)
{
	mfa_steps_prompt(login, step, "");
	mfa_steps_newcomer_again(login, before, step);
}
