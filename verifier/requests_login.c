/* SPDX-License-Identifier: MIT */
/* Login, Policy, Answer, Abandon: a step of the engine becomes a reply. */
#include <string.h>

#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/requests.h"

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), #a)
SAME(MFA_VERDICT_DENY, mfa_wire_VerdictCode_VERDICT_DENY);
SAME(MFA_VERDICT_ACCEPT, mfa_wire_VerdictCode_VERDICT_ACCEPT);
SAME(MFA_VERDICT_PASS, mfa_wire_VerdictCode_VERDICT_PASS);
SAME(MFA_VERDICT_UNAVAILABLE, mfa_wire_VerdictCode_VERDICT_UNAVAILABLE);
SAME(MFA_VERDICT_MISCONFIGURED, mfa_wire_VerdictCode_VERDICT_MISCONFIGURED);
SAME(MFA_REASON_OK, mfa_wire_Reason_REASON_OK);
SAME(MFA_REASON_WRONG, mfa_wire_Reason_REASON_WRONG);
SAME(MFA_REASON_REPLAYED, mfa_wire_Reason_REASON_REPLAYED);
SAME(MFA_REASON_LOCKED, mfa_wire_Reason_REASON_LOCKED);
SAME(MFA_REASON_BLOCKED, mfa_wire_Reason_REASON_BLOCKED);
SAME(MFA_REASON_MALFORMED, mfa_wire_Reason_REASON_MALFORMED);
SAME(MFA_REASON_UNKNOWN_USER, mfa_wire_Reason_REASON_UNKNOWN_USER);
SAME(MFA_REASON_NOT_ENROLLED, mfa_wire_Reason_REASON_NOT_ENROLLED);
SAME(MFA_REASON_EXEMPT, mfa_wire_Reason_REASON_EXEMPT);
SAME(MFA_REASON_EXPIRED, mfa_wire_Reason_REASON_EXPIRED);
SAME(MFA_REASON_CLOCK, mfa_wire_Reason_REASON_CLOCK);
SAME(MFA_REASON_ERROR, mfa_wire_Reason_REASON_ERROR);
SAME(MFA_REASON_PASSWORD_REPEATED, mfa_wire_Reason_REASON_PASSWORD_REPEATED);
SAME(MFA_REASON_CONVERSATION, mfa_wire_Reason_REASON_CONVERSATION);
SAME(MFA_REASON_JUNK, mfa_wire_Reason_REASON_JUNK);
SAME(MFA_REASON_NO_CODE, mfa_wire_Reason_REASON_NO_CODE);
SAME(MFA_REASON_SENT, mfa_wire_Reason_REASON_SENT);
SAME(MFA_REASON_EVICTED, mfa_wire_Reason_REASON_EVICTED);
SAME(MFA_REASON_UNVERIFIED, mfa_wire_Reason_REASON_UNVERIFIED);
SAME(MFA_REASON_REFUSED, mfa_wire_Reason_REASON_REFUSED);
SAME(MFA_REASON_REMEMBERED, mfa_wire_Reason_REASON_REMEMBERED);

#define RETRY_MAX 10
/* Versions of the protocol. */
#define SINCE_READ 3 /* prompts to be read */
#define SINCE_KEY  3 /* a login says whether a key was used */

static enum mfa_err
send_prompt(struct mfa_conversation *c, const struct mfa_step *step)
{
	mfa_wire_Prompt *prompt = &c->reply.what.prompt;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_prompt_tag;
	(void)mfa_text_copy(prompt->note, sizeof(prompt->note), step->note);
	(void)mfa_text_copy(prompt->text, sizeof(prompt->text), step->text);
	prompt->acknowledge = step->acknowledge;
	c->state = MFA_STATE_ASKED;
	return mfa_conversation_reply(c);
}

static enum mfa_err
send_verdict(struct mfa_conversation *c, const struct mfa_step *step)
{
	mfa_wire_Verdict *verdict = &c->reply.what.verdict;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_verdict_tag;
	verdict->code = (mfa_wire_VerdictCode)step->verdict;
	/* Why is for root: it tells locked from wrong (R5).  A pass has
	   nothing to hide, and the module wants to know its reason. */
	if (c->peer.uid == 0 || step->verdict == MFA_VERDICT_PASS) {
		verdict->reason = (mfa_wire_Reason)step->reason;
		verdict->error = step->err;
	}
	/* Linux audit is written by hosts of root. */
	if (c->peer.uid == 0)
		verdict->lock = (mfa_wire_Lock)step->lock;
	(void)mfa_text_copy(verdict->text, sizeof(verdict->text),
	    step->message);
	mfa_login_wipe(&c->login);
	c->state = MFA_STATE_READY;
	return mfa_conversation_reply(c);
}

static enum mfa_err
send_step(struct mfa_conversation *c, const struct mfa_step *step)
{
	return step->kind == MFA_STEP_PROMPT ? send_prompt(c, step) :
					       send_verdict(c, step);
}

/* There is no engine: the configuration or the store is unusable. */
static enum mfa_err
refuse_broken(struct mfa_conversation *c)
{
	struct mfa_step step = {
		.kind = MFA_STEP_VERDICT,
		.verdict = c->broken == MFA_ERR_CONFIG ?
		    MFA_VERDICT_MISCONFIGURED :
		    MFA_VERDICT_UNAVAILABLE,
		.reason = MFA_REASON_ERROR,
		.err = c->broken,
		.message = "Verification is not possible: ask your "
			   "administrator.",
	};

	return send_verdict(c, &step);
}

/* May there be one more conversation about this record? */
static bool
has_place(const struct mfa_conversation *c, const struct mfa_subject *subject)
{
	return subject->id[0] == '\0' || c->peer.claim == NULL ||
	    c->peer.claim(c->peer.ctx, subject->id);
}

enum mfa_err
mfa_handle_login(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Login *login = &c->login_request.what.login;
	struct mfa_login_ask ask;
	struct mfa_step step;

	(void)hint;
	if (c->request.what.login.retry < 1 ||
	    c->request.what.login.retry > RETRY_MAX)
		return MFA_ERR_PROTOCOL;
	if (c->broken != MFA_OK)
		return refuse_broken(c);
	if (!has_place(c, &about->subject))
		return MFA_ERR_BUSY;
	c->login_request = c->request;
	ask.caller = mfa_request_caller(c, about->peer);
	ask.caller.service = login->service;
	ask.caller.rhost = login->rhost;
	ask.caller.tty = login->tty;
	ask.caller.key_used = login->key_used;
	/* A module of the release before says nothing: that is no "no". */
	ask.caller.key_unknown = c->version < SINCE_KEY;
	ask.caller.seat = (struct mfa_seat){ login->session, login->ruid,
		login->leader, login->leader_since };
	ask.acknowledges = c->version >= SINCE_READ && !login->unseen;
	ask.user = login->user;
	ask.nullok = login->nullok;
	ask.retry = login->retry;
	mfa_login_begin(&c->engine, &ask, &c->login, &step);
	return send_step(c, &step);
}

/* The same question without a prompt. */
enum mfa_err
mfa_handle_policy(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Policy *policy = &c->request.what.policy;
	struct mfa_login_ask ask;
	struct mfa_step step;

	(void)hint;
	if (c->broken != MFA_OK)
		return refuse_broken(c);
	if (!has_place(c, &about->subject))
		return MFA_ERR_BUSY;
	ask.caller = mfa_request_caller(c, about->peer);
	ask.caller.service = policy->service;
	ask.caller.rhost = policy->rhost;
	ask.caller.tty = policy->tty;
	ask.caller.key_used = policy->key_used;
	/* sshd tells of a key when the next method begins: not of one that was
	   enough (openssh auth2.c, userauth_finish). */
	ask.caller.key_unknown = policy->final && !policy->key_used;
	ask.acknowledges = false;
	ask.user = policy->user;
	ask.nullok = policy->nullok;
	ask.retry = 1;
	/* A line for each would be a flood: of others nothing is decided. */
	mfa_login_policy(&c->engine, &ask,
	    policy->final && c->peer.uid == 0, &step);
	return send_step(c, &step);
}

enum mfa_err
mfa_handle_answer(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Answer *answer = &c->request.what.answer;
	struct mfa_step step;

	(void)about;
	(void)hint;
	mfa_login_answer(&c->engine, &c->login, answer->text.bytes,
	    answer->text.size, &step);
	return send_step(c, &step);
}

enum mfa_err
mfa_handle_abandon(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	mfa_wire_Reason reason = c->request.what.abandon.reason;
	bool known = reason == mfa_wire_Reason_REASON_PASSWORD_REPEATED ||
	    reason == mfa_wire_Reason_REASON_CONVERSATION ||
	    reason == mfa_wire_Reason_REASON_JUNK;
	struct mfa_step step;

	(void)about;
	(void)hint;
	mfa_login_abandon(&c->engine, &c->login,
	    known ? (enum mfa_reason)reason : MFA_REASON_CONVERSATION, &step);
	if (!known)
		return MFA_ERR_PROTOCOL;
	return send_verdict(c, &step);
}

void
mfa_requests_end_login(struct mfa_conversation *c, enum mfa_reason reason)
{
	struct mfa_step step;

	mfa_login_abandon(&c->engine, &c->login, reason, &step);
	if (send_verdict(c, &step) != MFA_OK)
		c->state = MFA_STATE_OVER; /* gone already */
}
