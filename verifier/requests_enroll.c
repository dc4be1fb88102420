/* SPDX-License-Identifier: MIT */
/* Enroll, Confirm, Disable, RecoveryCodes, Sync. */
#include <string.h>

#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/enroll.h"
#include "verifier/requests.h"

static enum mfa_err
need_user(const struct mfa_subject *subject)
{
	return subject->known ? MFA_OK : MFA_ERR_NO_USER;
}

static const char *
enroll_hint(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_SYNTAX:
		return "the secret is not base32";
	case MFA_ERR_INVALID:
		return "algorithm, digits, period or secret not allowed: "
		       "digits 6 to 8, period 15 to 120, SHA1, SHA256 "
		       "or SHA512, secret of 128 to 512 bits";
	case MFA_ERR_EXISTS:
		return "this user has a factor with this label or secret "
		       "already, perhaps a pending one: see medusa-mfa list";
	case MFA_ERR_FULL:
		return "this user has 4 factors already, pending ones "
		       "included: disable one first";
	case MFA_ERR_FOREIGN:
		return "the record belongs to an earlier user of this name: "
		       "run medusa-mfa reset";
	default:
		return NULL;
	}
}

enum mfa_err
mfa_handle_enroll(struct mfa_conversation *c, const struct mfa_subject *subject,
    const char **hint)
{
	const mfa_wire_Enroll *enroll = &c->request.what.enroll;
	const struct mfa_enroll_ask ask = {
		.label = enroll->label,
		.provider = enroll->provider,
		.algorithm = enroll->algorithm,
		.digits = enroll->digits,
		.period = enroll->period,
		.import = enroll->import_secret,
	};
	const struct mfa_caller caller = mfa_request_caller(c);
	mfa_wire_Enrolled *reply = &c->reply.what.enrolled;
	struct mfa_enrolled got;
	enum mfa_err r;

	if ((r = need_user(subject)) != MFA_OK)
		return r;
	if (ask.label[0] != '\0' && !mfa_text_is_label(ask.label)) {
		*hint = "a label is a letter, then letters, digits and "
			"hyphens, all lower case, at most 32";
		return MFA_ERR_INVALID;
	}
	r = mfa_enroll_begin(&c->engine, &caller, subject, &ask, &got);
	if (r != MFA_OK) {
		*hint = enroll_hint(r);
		return r;
	}
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_enrolled_tag;
	memcpy(reply->id, got.id, sizeof(reply->id));
	memcpy(reply->label, got.label, sizeof(reply->label));
	memcpy(reply->secret, got.secret, sizeof(reply->secret));
	memcpy(reply->otpauth_url, got.otpauth_url,
	    sizeof(reply->otpauth_url));
	memcpy(reply->warning, got.warning, sizeof(reply->warning));
	reply->expires_seconds = got.expires_seconds;
	mfa_crypt_wipe(&got, sizeof(got));
	return mfa_conversation_reply(c);
}

static const char *
code_hint(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_NOT_FOUND:
		return "no such factor waits to be confirmed, or it expired: "
		       "run medusa-mfa enroll";
	case MFA_ERR_WRONG:
		return "wrong code";
	case MFA_ERR_SYNTAX:
		return "that is not a code of this factor";
	case MFA_ERR_LOCKED:
		return "locked after too many wrong codes: check the clocks, "
		       "then run medusa-mfa unlock USER";
	case MFA_ERR_CLOCK:
		return "the clock of this host is not plausible: set it, then "
		       "run medusa-mfa unlock --clock";
	default:
		return NULL;
	}
}

_Static_assert(sizeof(((mfa_wire_Codes *)0)->code[0]) >=
	MFA_TYPED_RECOVERY_TEXT,
    "a recovery code fits");

static void
put_codes(const struct mfa_recovery_text *text, char code[][33],
    pb_size_t *count)
{
	*count = (pb_size_t)text->count;
	for (uint32_t i = 0; i < text->count; i++)
		memcpy(code[i], text->code[i], MFA_TYPED_RECOVERY_TEXT);
}

enum mfa_err
mfa_handle_confirm(struct mfa_conversation *c,
    const struct mfa_subject *subject, const char **hint)
{
	const mfa_wire_Confirm *confirm = &c->request.what.confirm;
	const struct mfa_caller caller = mfa_request_caller(c);
	mfa_wire_Confirmed *reply = &c->reply.what.confirmed;
	struct mfa_confirmed got;
	struct mfa_typed typed;
	enum mfa_err r;

	mfa_typed_parse(confirm->code.bytes, confirm->code.size, &typed);
	r = mfa_enroll_confirm(&c->engine, &caller, subject, confirm->factor,
	    &typed, &got);
	mfa_typed_wipe(&typed);
	if (r != MFA_OK) {
		*hint = code_hint(r);
		return r;
	}
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_confirmed_tag;
	memcpy(reply->id, got.id, sizeof(reply->id));
	memcpy(reply->label, got.label, sizeof(reply->label));
	put_codes(&got.codes, reply->code, &reply->code_count);
	mfa_crypt_wipe(&got, sizeof(got));
	return mfa_conversation_reply(c);
}

static enum mfa_err
send_done(struct mfa_conversation *c, const char *text)
{
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_done_tag;
	(void)mfa_text_copy(c->reply.what.done.text,
	    sizeof(c->reply.what.done.text), text);
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_disable(struct mfa_conversation *c,
    const struct mfa_subject *subject, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c);
	bool last = false;
	enum mfa_err r;

	r = mfa_enroll_disable(&c->engine, &caller, subject,
	    c->request.what.disable.factor, &last);
	if (r != MFA_OK) {
		if (r == MFA_ERR_NOT_FOUND)
			*hint = "no such factor: see medusa-mfa list";
		return r;
	}
	return send_done(c, last ? "That was the last factor: this user is "
				   "no longer enrolled." :
				   "");
}

enum mfa_err
mfa_handle_recovery_codes(struct mfa_conversation *c,
    const struct mfa_subject *subject, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c);
	mfa_wire_Codes *reply = &c->reply.what.codes;
	struct mfa_recovery_text text;
	enum mfa_err r;

	r = mfa_enroll_recovery(&c->engine, &caller, subject, &text);
	if (r != MFA_OK) {
		if (r == MFA_ERR_NOT_FOUND)
			*hint = "this user is not enrolled: run medusa-mfa "
				"enroll";
		if (r == MFA_ERR_CONFIG)
			*hint = "recovery codes are off: see providers in "
				"medusa-mfa.conf";
		return r;
	}
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_codes_tag;
	put_codes(&text, reply->code, &reply->code_count);
	mfa_crypt_wipe(&text, sizeof(text));
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_sync(struct mfa_conversation *c, const struct mfa_subject *subject,
    const char **hint)
{
	const mfa_wire_Sync *sync = &c->request.what.sync;
	const struct mfa_caller caller = mfa_request_caller(c);
	struct mfa_typed first, second;
	const struct mfa_sync_ask ask = { sync->factor, &first, &second };
	int32_t drift = 0;
	enum mfa_err r;

	mfa_typed_parse(sync->first.bytes, sync->first.size, &first);
	mfa_typed_parse(sync->second.bytes, sync->second.size, &second);
	r = mfa_enroll_sync(&c->engine, &caller, subject, &ask, &drift);
	mfa_typed_wipe(&first);
	mfa_typed_wipe(&second);
	if (r != MFA_OK) {
		*hint = r == MFA_ERR_NOT_FOUND ?
		    "no such enabled factor: see medusa-mfa list" :
		    r == MFA_ERR_WRONG ?
		    "these are not two codes in a row of this factor" :
		    code_hint(r);
		return r;
	}
	return send_done(c, drift == 0 ? "The factor's clock is right." :
		drift > 0 ? "The factor's clock is ahead; noted." :
			    "The factor's clock is behind; noted.");
}
