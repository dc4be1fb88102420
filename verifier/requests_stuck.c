/* SPDX-License-Identifier: MIT */
/*
 * What to do about a pending factor that is in nobody's way but its owner's:
 * locked by wrong codes, or not the owner's to change.
 */
#include "verifier/requests_stuck.h"

#include <inttypes.h>
#include <stdio.h>

#include "verifier/engine/permit.h"
#include "verifier/engine/waiting.h"

static uint64_t
minutes(uint64_t seconds)
{
	return seconds / 60 + (seconds % 60 != 0);
}

/* What was proven in this conversation will not help in the next one. */
static const char *
begin_anew(struct mfa_conversation *c, const struct mfa_request_about *about)
{
	struct mfa_caller caller = mfa_request_caller(c, about->peer);

	caller.proof = NULL;
	switch (mfa_permit_look(&c->engine, &caller, &about->subject,
	    MFA_CHANGE_ENROLL)) {
	case MFA_OK:
	case MFA_ERR_PROOF:
		return "begin anew: medusa-mfa enroll";
	case MFA_ERR_INVITATION:
		return "ask your administrator for another invitation, and "
		       "begin anew: medusa-mfa enroll";
	default:
		return "ask your administrator to enrol you anew";
	}
}

const char *
mfa_requests_stuck(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char *factor,
    enum mfa_err err)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	const char *opening = err == MFA_ERR_WRONG ?
	    "wrong code, and too many of them" :
	    "locked after too many wrong codes";
	struct mfa_waiting w;

	if (mfa_waiting_look(&c->engine, &caller, &about->subject, factor,
	    &w) != MFA_OK || (w.locked == 0 && !w.account))
		return err == MFA_ERR_WRONG ? "wrong code" : opening;
	if (caller.right == MFA_RIGHT_MANAGE)
		(void)snprintf(c->words, sizeof(c->words),
		    "%s: check the clocks, then run medusa-mfa unlock{who}",
		    opening);
	else if (w.account)
		(void)snprintf(c->words, sizeof(c->words),
		    "%s: wait (see medusa-mfa status), or ask your "
		    "administrator to unlock you", opening);
	else if (w.locked < w.left)
		(void)snprintf(c->words, sizeof(c->words),
		    "%s: check the clocks, and in %" PRIu64 " min: "
		    "medusa-mfa confirm %.32s", opening, minutes(w.locked),
		    factor);
	else
		(void)snprintf(c->words, sizeof(c->words),
		    "%s: it stays locked until it expires; check the clocks, "
		    "then %s", opening, begin_anew(c, about));
	return c->words;
}

const char *
mfa_requests_waits(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char *factor, bool removes)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_waiting w;

	if (mfa_waiting_look(&c->engine, &caller, &about->subject, factor,
	    &w) != MFA_OK)
		return NULL;
	if (!removes)
		return "this factor is pending: confirm it first, then rename "
		       "it";
	(void)snprintf(c->words, sizeof(c->words), "this factor is pending: "
	    "nobody can log in with it, and it goes by itself in %" PRIu64
	    " min; before that only an administrator can remove it",
	    minutes(w.left));
	return c->words;
}
