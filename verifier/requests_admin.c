/* SPDX-License-Identifier: MIT */
/* List, Status, Users, Reset, Unlock, Remove. */
#include <string.h>

#include "lib/base/text.h"
#include "verifier/engine/admin.h"
#include "verifier/guard.h"
#include "verifier/requests.h"

static enum mfa_err
send_factor(void *ctx, const struct mfa_factor_info *info)
{
	struct mfa_conversation *c = ctx;
	mfa_wire_FactorInfo *f = &c->reply.what.factor;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_factor_tag;
	memcpy(f->id, info->id, sizeof(f->id));
	memcpy(f->label, info->label, sizeof(f->label));
	(void)mfa_text_copy(f->provider, sizeof(f->provider), info->provider);
	(void)mfa_text_copy(f->status, sizeof(f->status), info->status);
	(void)mfa_text_copy(f->algorithm, sizeof(f->algorithm),
	    info->algorithm);
	f->created = info->created;
	f->confirmed = info->confirmed;
	f->last_used = info->last_used;
	f->digits = info->digits;
	f->period = info->period;
	f->locked_seconds = info->locked_seconds;
	f->expires_seconds = info->expires_seconds;
	f->drift = info->drift;
	memcpy(f->address, info->address, sizeof(f->address));
	f->provider_off = info->provider_off;
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_list(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	enum mfa_err r;

	(void)hint;
	if (mfa_request_is_nobody(c, about))
		return MFA_ERR_NO_USER;
	r = mfa_admin_list(&c->engine, &about->subject, send_factor, c);
	return r == MFA_OK ? mfa_requests_done(c, "") : r;
}

static mfa_wire_Proof
proof_of(enum mfa_err err)
{
	switch (err) {
	case MFA_OK:
		return mfa_wire_Proof_PROOF_NONE;
	case MFA_ERR_PROOF:
		return mfa_wire_Proof_PROOF_CODE;
	case MFA_ERR_INVITATION:
		return mfa_wire_Proof_PROOF_INVITATION;
	default:
		return mfa_wire_Proof_PROOF_REFUSED;
	}
}

static enum mfa_err
send_account(void *ctx, const struct mfa_account_info *info)
{
	struct mfa_conversation *c = ctx;
	mfa_wire_Account *a = &c->reply.what.account;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_account_tag;
	memcpy(a->user, info->user, sizeof(a->user));
	a->uid = info->uid;
	a->exists = info->exists;
	a->enrolled = info->enrolled;
	a->required = info->required;
	a->exempt = info->exempt;
	a->enabled_factors = info->enabled_factors;
	a->usable_factors = info->usable_factors;
	a->pending_factors = info->pending_factors;
	a->recovery_left = info->recovery_left;
	a->recovery_total = info->recovery_total;
	a->recovery_compared = info->recovery_compared;
	a->locked_seconds = info->locked_seconds;
	a->blocked = info->blocked;
	a->wrong_today = info->wrong_today;
	a->wrong_month = info->wrong_month;
	a->wrong_today_unprivileged = info->wrong_today_other;
	a->locked_seconds_unprivileged = info->locked_seconds_other;
	a->proof = proof_of(info->proof);
	a->invited_seconds = info->invited_seconds;
	a->invitation_compared = info->invitation_compared;
	a->bypass_seconds = info->bypass_seconds;
	a->bypass_compared = info->bypass_compared;
	memcpy(a->bypass_reason, info->bypass_reason,
	    sizeof(a->bypass_reason));
	a->remembered = info->remembered;
	a->by_rules = info->by_rules;
	if (info->problem != MFA_OK)
		(void)mfa_text_copy(a->problem, sizeof(a->problem),
		    mfa_strerror(info->problem));
	/* One of many: each may take its time, the whole may take longer. */
	mfa_guard_watchdog(MFA_WORK_MAX);
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_status(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_account_info info;
	enum mfa_err r;

	(void)hint;
	r = mfa_admin_status(&c->engine, &caller, &about->subject, &info);
	if (r != MFA_OK)
		return r;
	/* A name nobody has, with nothing left behind. */
	if (!about->subject.known && !info.exists)
		return MFA_ERR_NO_USER;
	if ((r = send_account(c, &info)) != MFA_OK)
		return r;
	return mfa_requests_done(c, "");
}

enum mfa_err
mfa_handle_users(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	enum mfa_err r = mfa_admin_users(&c->engine, about->realm,
	    send_account, c);

	(void)hint;
	return r == MFA_OK ? mfa_requests_done(c, "") : r;
}

static enum mfa_err
finish(struct mfa_conversation *c, enum mfa_err r, const char **hint)
{
	if (r == MFA_ERR_NOT_FOUND)
		*hint = "this user has no record";
	if (r == MFA_ERR_FOREIGN)
		*hint = "the record belongs to an earlier user of this name: "
			"run medusa-mfa reset{who}";
	if (r == MFA_ERR_CLOCK)
		*hint = "the clock of this host is wrong still: set it first";
	return r == MFA_OK ? mfa_requests_done(c, "") : r;
}

enum mfa_err
mfa_handle_reset(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);

	return finish(c, mfa_admin_reset(&c->engine, &caller, &about->subject),
	    hint);
}

enum mfa_err
mfa_handle_unlock(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);

	return finish(c,
	    mfa_admin_unlock(&c->engine, &caller, &about->subject,
		c->request.what.unlock.clock),
	    hint);
}

enum mfa_err
mfa_handle_remove(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	enum mfa_err r = mfa_admin_remove(&c->engine, &caller,
	    &about->subject);

	if (r == MFA_ERR_DENIED)
		*hint = "this user still has factors: run medusa-mfa "
			"reset{who} first";
	return finish(c, r, hint);
}
