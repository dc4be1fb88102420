/* SPDX-License-Identifier: MIT */
/* Explain, Forget. */
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "verifier/engine/explain.h"
#include "verifier/engine/remember.h"
#include "verifier/requests.h"

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), #a)
SAME(MFA_OUTLOOK_ASKED, mfa_wire_Outcome_OUTCOME_ASKED);
SAME(MFA_OUTLOOK_PASSES, mfa_wire_Outcome_OUTCOME_PASSES);
SAME(MFA_OUTLOOK_REFUSED, mfa_wire_Outcome_OUTCOME_REFUSED);
SAME(MFA_OUTLOOK_ENROLLS, mfa_wire_Outcome_OUTCOME_ENROLLS);
SAME(MFA_POLICY_REQUIRED, mfa_wire_Decision_DECISION_REQUIRE);
SAME(MFA_POLICY_ENROLLED, mfa_wire_Decision_DECISION_OPTIONAL);
SAME(MFA_POLICY_EXEMPT, mfa_wire_Decision_DECISION_EXEMPT);
SAME(MFA_POLICY_DENIED, mfa_wire_Decision_DECISION_DENY);

static void
fill(const struct mfa_explained *e, const char *methods,
    mfa_wire_Explained *out)
{
	out->outcome = (mfa_wire_Outcome)e->outlook;
	out->decision = (mfa_wire_Decision)e->policy.kind;
	if (e->policy.rule != NULL)
		(void)mfa_text_copy(out->rule, sizeof(out->rule),
		    e->policy.rule->name);
	(void)mfa_text_copy(out->why, sizeof(out->why), e->why);
	(void)mfa_text_copy(out->methods, sizeof(out->methods), methods);
	out->enrolled = e->enrolled;
	out->usable_factors = e->usable_factors;
	out->enroll_until = e->grace.end;
	out->logins_left = e->grace.logins_left;
	out->logins_counted = e->grace.counted;
	if (e->policy.rule != NULL && e->policy.trouble == MFA_TROUBLE_NONE)
		out->remember_seconds = e->policy.rule->remember_seconds;
	if (e->place.why != NULL)
		(void)mfa_text_copy(out->remember_why,
		    sizeof(out->remember_why), e->place.why);
	out->remembered = e->remembered;
	out->locked_seconds = e->locked_seconds;
	if (e->problem != MFA_OK)
		(void)mfa_text_copy(out->problem, sizeof(out->problem),
		    mfa_strerror(e->problem));
}

enum mfa_err
mfa_handle_explain(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const mfa_wire_Explain *explain = &c->request.what.explain;
	mfa_wire_Explained *reply = &c->reply.what.explained;
	struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_explained got;
	const char *methods = c->config.realm[0].providers;

	(void)hint;
	caller.service = explain->service;
	caller.rhost = explain->rhost;
	caller.tty = explain->tty;
	caller.key_used = explain->key_used;
	caller.seat.session = 1; /* that there is one, not which */
	mfa_explain(&c->engine, &caller, &about->subject, &got);
	if (got.policy.rule != NULL && got.policy.rule->methods[0] != '\0')
		methods = got.policy.rule->methods;
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_explained_tag;
	memcpy(reply->user, about->subject.name, sizeof(reply->user));
	reply->known = about->subject.known;
	fill(&got, methods, reply);
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_forget(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	char text[80] = "Nothing was remembered.";
	uint32_t count;
	const enum mfa_err r = mfa_remember_forget(&c->engine, &caller,
	    &about->subject, &count);

	(void)hint;
	if (count != 0)
		(void)snprintf(text, sizeof(text), "%u place%s forgotten: "
			"codes are asked for again.", (unsigned int)count,
		    count == 1 ? "" : "s");
	return r == MFA_OK ? mfa_requests_done(c, text) : r;
}
