/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/policy.h"

#include <string.h>
#include <unistd.h>

#include "lib/client/client.h"

#define POLICY_VERSION 3 /* of the protocol: the first that knows Policy */

static void
fill(const struct mfa_args *args, const struct mfa_who *who, bool final,
    mfa_wire_Request *request)
{
	mfa_wire_Policy *policy = &request->what.policy;

	_Static_assert(sizeof(policy->user) == sizeof(who->user) &&
	    sizeof(policy->service) == sizeof(who->service) &&
	    sizeof(policy->rhost) == sizeof(who->rhost) &&
	    sizeof(policy->tty) == sizeof(who->tty), "who fits");
	memset(request, 0, sizeof(*request));
	request->which_what = mfa_wire_Request_policy_tag;
	memcpy(policy->user, who->user, sizeof(policy->user));
	memcpy(policy->service, who->service, sizeof(policy->service));
	memcpy(policy->rhost, who->rhost, sizeof(policy->rhost));
	memcpy(policy->tty, who->tty, sizeof(policy->tty));
	policy->nullok = args->nullok;
	policy->final = final;
	policy->key_used = who->key_used;
}

/* A question accepts nobody. */
static enum mfa_err
take_verdict(const mfa_wire_Reply *reply, struct mfa_outcome *outcome)
{
	struct mfa_outcome got = *outcome;
	enum mfa_err r;

	if ((r = mfa_outcome_take(reply, &got)) != MFA_OK)
		return r;
	if (got.verdict == MFA_VERDICT_ACCEPT)
		return MFA_ERR_PROTOCOL;
	*outcome = got;
	return MFA_OK;
}

static enum mfa_err
exchange(struct mfa_client *client, const mfa_wire_Request *request,
    struct mfa_outcome *outcome)
{
	mfa_wire_Reply reply;
	enum mfa_err r;

	if (mfa_client_version(client) < POLICY_VERSION) {
		outcome->step = "the listening medusa-mfad is of an older "
				"release: restart it";
		return MFA_ERR_VERSION;
	}
	outcome->step = "no verdict, try medusa-mfad --check";
	if ((r = mfa_client_send(client, request)) != MFA_OK ||
	    (r = mfa_client_recv(client, &reply)) != MFA_OK)
		return r;
	return take_verdict(&reply, outcome);
}

/* reached: there was a verifier to talk to. */
static enum mfa_err
try_way(const struct mfa_args *args, const mfa_wire_Request *request, bool own,
    struct mfa_outcome *outcome, bool *reached)
{
	struct mfa_client *client = NULL;
	enum mfa_err r;

	outcome->step = "cannot reach medusa-mfad, try medusa-mfad --check";
	r = own ? mfa_client_open_own(&client) :
		  mfa_client_open(args->socket, &client);
	*reached = r == MFA_OK;
	if (r == MFA_OK)
		r = exchange(client, request, outcome);
	mfa_client_free(client);
	return r;
}

enum mfa_err
mfa_policy_ask(const struct mfa_args *args, const struct mfa_who *who,
    bool final, struct mfa_outcome *outcome)
{
	mfa_wire_Request request;
	enum mfa_err r;
	bool reached;

	*outcome = mfa_outcome_refused(NULL);
	fill(args, who, final, &request);
	r = try_way(args, &request, false, outcome, &reached);
	/*
	 * Somebody may keep a listener busy with this very user; after an
	 * upgrade it may be of the release before until it is restarted.
	 */
	if ((r == MFA_ERR_BUSY || r == MFA_ERR_VERSION) && reached &&
	    geteuid() == 0) {
		struct mfa_outcome own = *outcome;
		const enum mfa_err second = try_way(args, &request, true,
		    &own, &reached);

		/* What the listener is says more than that there is no other. */
		if (second == MFA_OK || reached || r == MFA_ERR_BUSY) {
			*outcome = own;
			r = second;
		}
	}
	return r;
}
