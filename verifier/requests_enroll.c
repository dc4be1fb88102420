/* SPDX-License-Identifier: MIT */
/* Enroll, Send, Confirm, Disable, Rename, RecoveryCodes, Sync. */
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/admin.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/enroll.h"
#include "verifier/requests_stuck.h"

/*
 * "no factor NAME and what follows": the name as it was asked for, which may
 * have any byte in it.
 */
static const char *
no_factor(struct mfa_conversation *c, const char *name, const char *follows)
{
	char shown[4 * sizeof(c->request.what.confirm.factor)];

	mfa_text_escape(name, shown, sizeof(shown));
	(void)snprintf(c->words, sizeof(c->words), "no factor %s%s", shown,
	    follows);
	return c->words;
}

/* What may go wrong with all of these. */
static const char *
common_hint(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_PROOF:
		return "a code of a factor that you have is needed first, in "
		       "this conversation";
	case MFA_ERR_INVITATION:
		return "an invitation is needed to enrol: ask your "
		       "administrator for one";
	case MFA_ERR_DENIED:
		return "enrolling is up to an administrator";
	case MFA_ERR_LAST:
		return "this is your last factor, and a factor is required: "
		       "add another one first";
	case MFA_ERR_PROGRAM:
		return "the program of this provider failed: see the log";
	case MFA_ERR_UNAVAILABLE:
		return "no program can be run: where medusa-mfad runs as a "
		       "service, restart it after a change of programs";
	case MFA_ERR_FOREIGN:
		return "the record belongs to an earlier user of this name: "
		       "an administrator runs medusa-mfa reset{who}";
	default:
		return NULL;
	}
}

/* What is wrong with the parameters depends on what they are of. */
static const char *
invalid_hint(const char *provider)
{
	if (strcmp(provider, "otp") == 0)
		return "address or digits not allowed: an address is 1 to 128 "
		       "printable ASCII characters without a blank at its "
		       "ends, digits are 6 to 8";
	if (provider[0] == '\0' || strcmp(provider, "totp") == 0 ||
	    strcmp(provider, "hotp") == 0)
		return "algorithm, digits, period, counter or secret not "
		       "allowed: digits 6 to 8, period 15 to 120, SHA1, "
		       "SHA256 or SHA512, secret of 128 to 512 bits";
	return "the program of this provider refused what it was told";
}

static const char *
enroll_hint(enum mfa_err r, const char *provider)
{
	switch (r) {
	case MFA_ERR_SYNTAX:
		return "the secret is not base32";
	case MFA_ERR_INVALID:
		return invalid_hint(provider);
	case MFA_ERR_EXISTS:
		return "this user has a factor with this label or secret "
		       "already, perhaps a pending one: see medusa-mfa list{of}";
	case MFA_ERR_FULL:
		return "no room: a user has at most 4 factors, pending ones "
		       "included, and a realm at most max_subjects users; "
		       "disable one: medusa-mfa list{of}";
	case MFA_ERR_CONFIG:
		return "this provider is off: see providers in "
		       "medusa-mfa.conf";
	case MFA_ERR_CLOCK:
		return "the clock of this host is not plausible: set it first";
	case MFA_ERR_UNDELIVERED:
		return "the factor waits to be confirmed, but its code could "
		       "not be delivered: see the log; medusa-mfa send{of} "
		       "FACTOR tries again";
	default:
		return common_hint(r);
	}
}

static enum mfa_err
need_label(const char *label, const char **hint)
{
	if (mfa_text_is_label(label))
		return MFA_OK;
	*hint = "a label is a letter, then letters, digits and hyphens, all "
		"lower case, at most 32";
	return MFA_ERR_INVALID;
}

static enum mfa_err
send_enrolled(struct mfa_conversation *c, const struct mfa_enrolled *got,
    bool enabled)
{
	mfa_wire_Enrolled *reply = &c->reply.what.enrolled;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_enrolled_tag;
	memcpy(reply->id, got->id, sizeof(reply->id));
	memcpy(reply->label, got->label, sizeof(reply->label));
	memcpy(reply->secret, got->secret, sizeof(reply->secret));
	memcpy(reply->otpauth_url, got->otpauth_url,
	    sizeof(reply->otpauth_url));
	memcpy(reply->warning, got->warning, sizeof(reply->warning));
	reply->expires_seconds = got->expires_seconds;
	reply->enabled = enabled;
	return mfa_conversation_reply(c);
}

/*
 * The factor is there, but its first code is not: which factor that is, and
 * how to go on.
 */
static enum mfa_err
refuse_code(struct mfa_conversation *c, const struct mfa_request_about *about,
    enum mfa_err r, const char *label)
{
	mfa_wire_Error *error = &c->reply.what.error;
	char why[200];

	if (r == MFA_ERR_TOO_SOON)
		(void)snprintf(why, sizeof(why),
		    "one was sent to this user a moment ago; in %u seconds: "
		    "medusa-mfa send{of} %s",
		    c->config.otp_resend_seconds, label);
	else
		(void)snprintf(why, sizeof(why),
		    "no more codes are sent to this user today");
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_error_tag;
	error->code = r;
	(void)snprintf(c->words, sizeof(c->words),
	    "the factor %s is pending, but no code was sent to it: %s", label,
	    why);
	mfa_request_words(about, c->words, error->text, sizeof(error->text));
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_enroll(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Enroll *enroll = &c->request.what.enroll;
	const struct mfa_enroll_ask ask = {
		.label = enroll->label,
		.provider = enroll->provider,
		.algorithm = enroll->algorithm,
		.digits = enroll->digits,
		.period = enroll->period,
		.import = enroll->import_secret,
		.address = enroll->address,
		.counter = enroll->counter,
		.enabled = enroll->enabled,
		.check_only = enroll->check_only,
	};
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_enrolled got = { .label = "" };
	enum mfa_err r = MFA_OK;

	if (!about->subject.known)
		return MFA_ERR_NO_USER;
	if (ask.label[0] != '\0')
		r = need_label(ask.label, hint);
	if (r != MFA_OK)
		return r;
	r = mfa_enroll_begin(&c->engine, &caller, &about->subject, &ask, &got);
	if (r == MFA_ERR_TOO_SOON || r == MFA_ERR_LOCKED)
		return refuse_code(c, about, r, got.label);
	if (r != MFA_OK) {
		*hint = enroll_hint(r, ask.provider);
		return r;
	}
	mfa_conversation_be_patient(c);
	r = send_enrolled(c, &got, ask.enabled);
	mfa_crypt_wipe(&got, sizeof(got));
	return r;
}

/* Once more the code of a pending factor. */
enum mfa_err
mfa_handle_send(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	enum mfa_err r = mfa_deliver_confirm(&c->engine, &caller,
	    &about->subject, c->request.what.send.factor);

	switch (r) {
	case MFA_OK:
		return mfa_requests_done(c, "A code is on its way.");
	case MFA_ERR_NOT_FOUND:
		*hint = no_factor(c, c->request.what.send.factor,
		    " waits for a delivered code, or it expired: run "
		    "medusa-mfa enroll{of}");
		break;
	case MFA_ERR_LOCKED:
		*hint = "no more codes are sent to this user today";
		break;
	case MFA_ERR_CONFIG:
		*hint = "delivered codes are off: see providers in "
			"medusa-mfa.conf";
		break;
	case MFA_ERR_UNDELIVERED:
		*hint = "the code could not be delivered: see the log";
		break;
	default:
		*hint = common_hint(r);
		break;
	}
	return r;
}

static const char *
code_hint(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_WRONG:
		return "wrong code";
	case MFA_ERR_SYNTAX:
		return "that is not a code of this factor";
	case MFA_ERR_LOCKED:
		return "locked after too many wrong codes: check the clocks, "
		       "then run medusa-mfa unlock{who}";
	case MFA_ERR_EXPIRED:
		return "no code is waiting; medusa-mfa send{of} FACTOR "
		       "sends one";
	case MFA_ERR_CLOCK:
		return "the clock of this host is not plausible: set it, then "
		       "run medusa-mfa unlock --clock{who}";
	default:
		return common_hint(r);
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
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Confirm *confirm = &c->request.what.confirm;
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	mfa_wire_Confirmed *reply = &c->reply.what.confirmed;
	struct mfa_confirmed got;
	struct mfa_typed typed;
	enum mfa_err r;

	mfa_typed_parse(confirm->code.bytes, confirm->code.size, &typed);
	r = mfa_enroll_confirm(&c->engine, &caller, &about->subject,
	    confirm->factor, &typed, &got);
	mfa_typed_wipe(&typed);
	if (r != MFA_OK) {
		*hint = r == MFA_ERR_WRONG || r == MFA_ERR_LOCKED ?
		    mfa_requests_stuck(c, about, confirm->factor, r) :
		r == MFA_ERR_NOT_FOUND ?
		    no_factor(c, confirm->factor, " waits to be confirmed, or "
			"it expired: run medusa-mfa enroll{of}") :
		    code_hint(r);
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

/* What is left after one factor is gone, if that is not enough to log in. */
static const char *
what_is_left(struct mfa_conversation *c, const struct mfa_caller *caller,
    const struct mfa_subject *subject, bool last)
{
	struct mfa_account_info info;

	if (last)
		return "That was the last factor: this user is no longer "
		       "enrolled.";
	if (mfa_admin_status(&c->engine, caller, subject, &info) == MFA_OK &&
	    info.enabled_factors != 0 && info.usable_factors == 0)
		return "No factor that is left can be used: their providers "
		       "are off in medusa-mfa.conf.";
	return "";
}

/* Without a proof there is more to say of a factor that is pending. */
static const char *
change_hint(struct mfa_conversation *c, const struct mfa_request_about *about,
    const char *factor, enum mfa_err r)
{
	const bool removes =
	    c->request.which_what == mfa_wire_Request_disable_tag;
	const char *hint = NULL;

	if (r == MFA_ERR_NOT_FOUND)
		return no_factor(c, factor, ": see medusa-mfa list{of}");
	if (r == MFA_ERR_INVITATION || r == MFA_ERR_DENIED)
		hint = mfa_requests_waits(c, about, factor, removes);
	return hint != NULL ? hint : common_hint(r);
}

enum mfa_err
mfa_handle_disable(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	bool last = false;
	enum mfa_err r;

	r = mfa_enroll_disable(&c->engine, &caller, &about->subject,
	    c->request.what.disable.factor, &last);
	if (r != MFA_OK) {
		*hint = change_hint(c, about, c->request.what.disable.factor,
		    r);
		return r;
	}
	return mfa_requests_done(c,
	    what_is_left(c, &caller, &about->subject, last));
}

enum mfa_err
mfa_handle_rename(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Rename *rename = &c->request.what.rename;
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	enum mfa_err r = need_label(rename->label, hint);

	if (r != MFA_OK)
		return r;
	r = mfa_enroll_rename(&c->engine, &caller, &about->subject,
	    rename->factor, rename->label);
	if (r != MFA_OK)
		*hint = r == MFA_ERR_EXISTS ? "another factor has this label" :
		    change_hint(c, about, rename->factor, r);
	return r == MFA_OK ? mfa_requests_done(c, "") : r;
}

enum mfa_err
mfa_handle_recovery_codes(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	mfa_wire_Codes *reply = &c->reply.what.codes;
	struct mfa_recovery_text text;
	enum mfa_err r;

	r = mfa_enroll_recovery(&c->engine, &caller, &about->subject, &text);
	if (r != MFA_OK) {
		*hint = common_hint(r);
		if (r == MFA_ERR_NOT_FOUND)
			*hint = "this user is not enrolled: run medusa-mfa "
				"enroll{of}";
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
mfa_handle_sync(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Sync *sync = &c->request.what.sync;
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_typed first, second;
	const struct mfa_sync_ask ask = { sync->factor, &first, &second };
	int32_t drift = 0;
	enum mfa_err r;

	mfa_typed_parse(sync->first.bytes, sync->first.size, &first);
	mfa_typed_parse(sync->second.bytes, sync->second.size, &second);
	r = mfa_enroll_sync(&c->engine, &caller, &about->subject, &ask, &drift);
	mfa_typed_wipe(&first);
	mfa_typed_wipe(&second);
	if (r != MFA_OK) {
		*hint = r == MFA_ERR_NOT_FOUND ?
		    no_factor(c, sync->factor, " is enabled, or it has "
			"neither clock nor counter: see medusa-mfa list{of}") :
		    r == MFA_ERR_WRONG ?
		    "these are not two codes in a row of this factor" :
		    code_hint(r);
		return r;
	}
	return mfa_requests_done(c, drift == 0 ?
		"The factor is where it should be." :
		drift > 0 ? "The factor is ahead; noted." :
			    "The factor is behind; noted.");
}
