/* SPDX-License-Identifier: MIT */
/* ChallengeStart, ChallengeSend, ChallengeVerify. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/base/verdict.h"
#include "verifier/engine/challenge.h"
#include "verifier/engine/login.h"
#include "verifier/engine/words.h"
#include "verifier/requests.h"

_Static_assert(sizeof(((mfa_wire_Challenge *)0)->id) >= MFA_CHALLENGE_TEXT &&
	sizeof(((mfa_wire_ChallengeVerify *)0)->id) >= MFA_CHALLENGE_TEXT &&
	sizeof(((mfa_wire_ChallengeSend *)0)->id) >= MFA_CHALLENGE_TEXT,
    "an id fits");
_Static_assert(sizeof(((mfa_wire_Challenge *)0)->method) >=
	sizeof(((struct mfa_challenge *)0)->method),
    "its methods fit");

static enum mfa_err
send_challenge(struct mfa_conversation *c, const struct mfa_challenge *got)
{
	mfa_wire_Challenge *reply = &c->reply.what.challenge;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_challenge_tag;
	reply->not_required = !got->required;
	if (got->required) {
		memcpy(reply->id, got->id, sizeof(got->id));
		memcpy(reply->method, got->method, sizeof(got->method));
		reply->method_count = (pb_size_t)got->method_count;
		reply->expires_at = got->expires_at;
		reply->expires_seconds = got->expires_seconds;
	}
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_challenge_start(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_ChallengeStart *start =
	    &c->request.what.challenge_start;
	struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_challenge got;
	enum mfa_err r;

	/* Who does not exist is not one who has nothing to prove. */
	if (!about->subject.known)
		return MFA_ERR_NO_USER;
	if (start->service[0] != '\0')
		caller.service = start->service;
	caller.rhost = start->rhost;
	memset(&got, 0, sizeof(got));
	r = mfa_challenge_start(&c->engine, &caller, &about->subject, &got);
	if (r == MFA_OK)
		return send_challenge(c, &got);
	if (r == MFA_ERR_FOREIGN)
		*hint = "the record belongs to an earlier user of this name: "
			"an administrator runs medusa-mfa reset{who}";
	return r;
}

enum mfa_err
mfa_handle_challenge_send(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_ChallengeSend *send = &c->request.what.challenge_send;
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	enum mfa_err r;

	/* Removed since it was begun. */
	if (!about->subject.known)
		return MFA_ERR_NO_USER;
	r = mfa_challenge_send(&c->engine, &caller, &about->subject,
	    about->challenge, send->factor);
	switch (r) {
	case MFA_OK:
		return mfa_requests_done(c, "A code is on its way.");
	case MFA_ERR_NOT_FOUND:
		*hint = "no enabled factor of this name takes delivered codes";
		break;
	case MFA_ERR_LOCKED:
		*hint = "no more codes are sent today, or the factor is "
			"locked";
		break;
	case MFA_ERR_CONFIG:
		*hint = "delivered codes are off: see providers in "
			"medusa-mfa.conf";
		break;
	case MFA_ERR_UNAVAILABLE:
		*hint = "no program can be run: where medusa-mfad runs as a "
			"service, restart it after a change of programs";
		break;
	default:
		break;
	}
	return r;
}

/* ---- the verdict ---- */

/*
 * For the person.  What only root and the realm may know reads like a wrong
 * code, as at a login (R5).
 */
static const char *
sentence(const struct mfa_attempt_result *result)
{
	switch (result->reason) {
	case MFA_REASON_OK:
		return "";
	case MFA_REASON_REPLAYED:
		return mfa_words_replayed(result->method);
	case MFA_REASON_EXPIRED:
		return "This challenge is over, begin another.";
	case MFA_REASON_CLOCK:
		return "The clock of this host is wrong, use a recovery code.";
	case MFA_REASON_MALFORMED:
	case MFA_REASON_JUNK:
		return "That is not a code.";
	default:
		return "Wrong code.";
	}
}

static mfa_wire_Lock
lock_of(const struct mfa_attempt_result *result)
{
	if (result->locked_now)
		return mfa_wire_Lock_LOCK_LOCKED;
	return result->unlocked_now ? mfa_wire_Lock_LOCK_UNLOCKED :
				      mfa_wire_Lock_LOCK_NONE;
}

static enum mfa_err
send_verdict(struct mfa_conversation *c, enum mfa_peer peer,
    enum mfa_verdict code, const struct mfa_attempt_result *result)
{
	mfa_wire_Verdict *verdict = &c->reply.what.verdict;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_verdict_tag;
	verdict->code = (mfa_wire_VerdictCode)code;
	/* Why tells locked from wrong: not for an owner (R5). */
	if (peer == MFA_PEER_ROOT || peer == MFA_PEER_REALM)
		verdict->reason = (mfa_wire_Reason)result->reason;
	if (peer == MFA_PEER_ROOT)
		verdict->lock = lock_of(result);
	if (code != MFA_VERDICT_ACCEPT) {
		verdict->attempts_left = result->attempts_left;
	} else {
		memcpy(verdict->method, result->method,
		    sizeof(verdict->method));
		if (result->used_recovery)
			verdict->recovery_left = result->recovery_left;
	}
	(void)mfa_text_copy(verdict->text, sizeof(verdict->text),
	    sentence(result));
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_challenge_verify(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_ChallengeVerify *verify =
	    &c->request.what.challenge_verify;
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_attempt_result result = { .reason = MFA_REASON_WRONG };
	const struct mfa_challenge_answer answer = {
		.id = about->challenge,
		.method = verify->method,
		.answer = verify->code.bytes,
		.len = verify->code.size,
	};
	enum mfa_err r;

	(void)hint;
	if (!about->subject.known)
		return MFA_ERR_NO_USER;
	r = mfa_challenge_verify(&c->engine, &caller, &about->subject, &answer,
	    &result);
	if (r != MFA_OK)
		return r;
	return send_verdict(c, about->peer, mfa_attempt_verdict(r, &result),
	    &result);
}
