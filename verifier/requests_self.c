/* SPDX-License-Identifier: MIT */
/*
 * Prove, Invite, Bypass: how an owner comes to change its own record (R21), and
 * what administrators hand out.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/grants.h"
#include "verifier/engine/prove.h"
#include "verifier/requests.h"

/* The owner asks about itself: nothing need be hidden. */
static const char *
prove_hint(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_SYNTAX:
		return "that is not a code";
	case MFA_ERR_LOCKED:
		return "locked after too many wrong codes: see medusa-mfa "
		       "status";
	case MFA_ERR_CLOCK:
		return "the clock of this host is not plausible: use a "
		       "recovery code";
	case MFA_ERR_EXPIRED:
		return "no code that was sent is good now: send asks for "
		       "another one";
	case MFA_ERR_NOT_ENROLLED:
		return "there is nothing to compare a code with: no factor is "
		       "enabled, and there is no invitation";
	case MFA_ERR_PROGRAM:
		return "the program of this provider failed";
	default:
		return NULL;
	}
}

static const char *
send_hint(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_NOT_FOUND:
	case MFA_ERR_CONFIG:
		return "no code can be sent to you here";
	case MFA_ERR_LOCKED:
		return "no more codes are sent to you today";
	case MFA_ERR_UNAVAILABLE:
	case MFA_ERR_UNDELIVERED:
		return "the code could not be delivered: ask your "
		       "administrator";
	default:
		return NULL;
	}
}

static enum mfa_err
send_code(struct mfa_conversation *c, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_typed *typed)
{
	const struct mfa_deliver_ask ask = {
		.factor = typed->text,
		.use = { .service = caller->service, .rhost = caller->rhost,
		    .peer = (uint32_t)caller->path },
		.wait = true,
	};

	if (!mfa_config_delivers(&c->config, caller->service))
		return MFA_ERR_CONFIG;
	return mfa_deliver_code(&c->engine, caller, subject, &ask);
}

static enum mfa_err
tell_proof(struct mfa_conversation *c, bool sent)
{
	char text[80] = "";

	if (sent)
		(void)snprintf(text, sizeof(text), "A code is on its way.");
	else if (c->proof.kind == MFA_PROOF_RECOVERY_CODE)
		(void)snprintf(text, sizeof(text),
		    "Recovery code used, %u left.", c->proof.recovery_left);
	return mfa_requests_done(c, text);
}

enum mfa_err
mfa_handle_prove(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Prove *prove = &c->request.what.prove;
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_typed typed;
	bool sends, words;
	enum mfa_err r;

	mfa_typed_parse(prove->code.bytes, prove->code.size, &typed);
	sends = typed.form == MFA_TYPED_SEND;
	if (sends)
		r = send_code(c, &caller, &about->subject, &typed);
	else
		r = mfa_prove_code(&c->engine, &caller, &about->subject,
		    &typed, c->config.challenge_ttl_seconds, &c->proof);
	words = typed.form == MFA_TYPED_RECOVERY_CODE;
	mfa_typed_wipe(&typed);
	if (r != MFA_OK) {
		*hint = sends ? send_hint(r) : prove_hint(r);
		if (r == MFA_ERR_REPLAYED && words)
			*hint = "this recovery code was used before: take "
				"another one";
		if (r == MFA_ERR_EXPIRED && words)
			*hint = "this invitation is not good: it was used, or "
				"replaced by a newer one, or its time is over";
		return r;
	}
	mfa_conversation_be_patient(c);
	return tell_proof(c, sends);
}

_Static_assert(sizeof(((mfa_wire_Granted *)0)->code) >=
	MFA_TYPED_RECOVERY_TEXT,
    "a code fits");

static const char *
give_hint(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_EXISTS:
		return "this user is enrolled: an own factor proves changes; "
		       "if all are lost, run medusa-mfa reset{who} first";
	case MFA_ERR_CONFIG:
		return "self_enroll = no in medusa-mfa.conf: no invitation is "
		       "taken; enrol the user yourself";
	case MFA_ERR_NOT_ENROLLED:
		return "this user is not enrolled: run medusa-mfa invite{who}";
	case MFA_ERR_INVALID:
		return "a bypass is good for 1 minute to 7 days, and has a "
		       "reason of 1 to 64 printable characters";
	case MFA_ERR_FOREIGN:
		return "the record belongs to an earlier user of this name: "
		       "run medusa-mfa reset{who}";
	default:
		return NULL;
	}
}

static enum mfa_err
give(struct mfa_conversation *c, const struct mfa_request_about *about,
    const struct mfa_grants_ask *ask, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	mfa_wire_Granted *reply = &c->reply.what.granted;
	struct mfa_granted got;
	enum mfa_err r;

	r = mfa_grants_give(&c->engine, &caller, &about->subject, ask, &got);
	if (r != MFA_OK) {
		*hint = give_hint(r);
		return r;
	}
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_granted_tag;
	memcpy(reply->code, got.code, sizeof(got.code));
	reply->expires_at = got.expires_at;
	reply->expires_seconds = got.expires_seconds;
	reply->replaced = got.replaced;
	reply->dropped = got.dropped;
	mfa_crypt_wipe(&got, sizeof(got));
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_invite(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_grants_ask ask = { .kind = MFA_GRANT_INVITATION,
		.reason = "" };

	return give(c, about, &ask, hint);
}

enum mfa_err
mfa_handle_bypass(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Bypass *bypass = &c->request.what.bypass;
	const struct mfa_grants_ask ask = { .kind = MFA_GRANT_BYPASS,
		.seconds = bypass->seconds, .reason = bypass->reason };

	return give(c, about, &ask, hint);
}
