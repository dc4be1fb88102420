/* SPDX-License-Identifier: MIT */
/*
 * Challenges.  MUST list: sdk.h, and
 *  - mfa_challenge_verify returns MFA_ERROR_NONE in one place, for the verdict
 *    ACCEPT that contradicts itself nowhere;
 *  - an answer that cannot be one is no "not required".
 */
#include "lib/client/sdk.h"

#include <string.h>

#include "lib/base/text.h"
#include "lib/base/verdict.h"

#define SAME_NUMBER(name) \
	_Static_assert((unsigned int)MFA_VERDICT_##name == \
	    (unsigned int)mfa_wire_VerdictCode_VERDICT_##name, \
	    "wire.proto and verdict.h agree on " #name)
SAME_NUMBER(DENY);
SAME_NUMBER(ACCEPT);
SAME_NUMBER(UNAVAILABLE);
SAME_NUMBER(MISCONFIGURED);

static void
take_challenge(struct mfa_sdk_call *call, struct mfa_challenge *out)
{
	const mfa_wire_Challenge *got = &call->reply.what.challenge;
	struct mfa_challenge c = { .required = !got->not_required };

	_Static_assert(sizeof(c.id) == sizeof(got->id), "an id fits");
	_Static_assert(sizeof(c.method) == sizeof(got->method), "all fit");
	if (got->not_required != (got->id[0] == '\0') ||
	    got->not_required != (got->method_count == 0)) {
		mfa_sdk_fail(call, MFA_ERR_PROTOCOL, NULL);
		return;
	}
	memcpy(c.id, got->id, sizeof(c.id));
	c.method_count = got->method_count;
	memcpy(c.method, got->method, sizeof(c.method));
	c.expires_at = got->expires_at;
	c.expires_seconds = got->expires_seconds;
	*out = c;
}

enum mfa_error
mfa_challenge_start(const struct mfa *mfa, const char *user,
    const char *service, const char *rhost, struct mfa_challenge *out,
    struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_ChallengeStart *ask = &call.request.what.challenge_start;

	if (out != NULL) {
		memset(out, 0, sizeof(*out));
		out->required = true;
	}
	mfa_sdk_begin(&call, mfa, mfa_wire_Request_challenge_start_tag,
	    problem);
	mfa_sdk_want(&call, out);
	mfa_sdk_need(&call, ask->user, sizeof(ask->user), user, "user");
	mfa_sdk_need(&call, ask->service, sizeof(ask->service), service,
	    "service");
	mfa_sdk_put(&call, ask->rhost, sizeof(ask->rhost), rhost, "rhost");
	if (mfa != NULL)
		(void)mfa_text_copy(ask->realm, sizeof(ask->realm),
		    mfa->realm);
	if (mfa_sdk_ask(&call, mfa_wire_Reply_challenge_tag))
		take_challenge(&call, out);
	return mfa_sdk_end(&call);
}

/* Nobody knows it; the verifier would say the same. */
static void
need_id(struct mfa_sdk_call *call, char *field, size_t size, const char *id)
{
	if (id == NULL)
		mfa_sdk_fail(call, MFA_ERR_INVALID, "id: is NULL");
	else if (id[0] == '\0' || !mfa_text_copy(field, size, id))
		mfa_sdk_fail(call, MFA_ERR_EXPIRED, NULL);
}

enum mfa_error
mfa_challenge_send(const struct mfa *mfa, const char *id, const char *factor,
    struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_ChallengeSend *ask = &call.request.what.challenge_send;

	mfa_sdk_begin(&call, mfa, mfa_wire_Request_challenge_send_tag, problem);
	need_id(&call, ask->id, sizeof(ask->id), id);
	mfa_sdk_put(&call, ask->factor, sizeof(ask->factor), factor,
	    "factor");
	(void)mfa_sdk_ask(&call, mfa_wire_Reply_done_tag);
	return mfa_sdk_end(&call);
}

/* NONE: this caller is not told why (R5). */
static const struct {
	mfa_wire_Reason reason;
	enum mfa_err err;
} refusals[] = {
	{ mfa_wire_Reason_REASON_NONE, MFA_ERR_WRONG },
	{ mfa_wire_Reason_REASON_WRONG, MFA_ERR_WRONG },
	{ mfa_wire_Reason_REASON_REPLAYED, MFA_ERR_REPLAYED },
	{ mfa_wire_Reason_REASON_LOCKED, MFA_ERR_LOCKED },
	{ mfa_wire_Reason_REASON_BLOCKED, MFA_ERR_LOCKED },
	{ mfa_wire_Reason_REASON_MALFORMED, MFA_ERR_SYNTAX },
	{ mfa_wire_Reason_REASON_JUNK, MFA_ERR_SYNTAX },
	{ mfa_wire_Reason_REASON_UNKNOWN_USER, MFA_ERR_NO_USER },
	{ mfa_wire_Reason_REASON_NOT_ENROLLED, MFA_ERR_NOT_ENROLLED },
	{ mfa_wire_Reason_REASON_EXPIRED, MFA_ERR_EXPIRED },
	{ mfa_wire_Reason_REASON_CLOCK, MFA_ERR_CLOCK },
	{ mfa_wire_Reason_REASON_NO_CODE, MFA_ERR_NOT_FOUND },
};

/* Why a verdict refuses.  Never MFA_OK. */
static enum mfa_err
refusal(const mfa_wire_Verdict *got)
{
	if (got->reason == mfa_wire_Reason_REASON_ERROR && got->error != 0)
		return (enum mfa_err)got->error;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].reason == got->reason)
			return refusals[i].err;
	}
	return MFA_ERR_PROTOCOL;
}

/*
 * What the verdict means.  To callers that are not told why, the reason is
 * NONE.
 */
static enum mfa_err
judge(const mfa_wire_Verdict *got)
{
	bool told_ok = got->reason == mfa_wire_Reason_REASON_OK ||
	    got->reason == mfa_wire_Reason_REASON_NONE;

	if (got->error >= MFA_ERR_END)
		return MFA_ERR_PROTOCOL;
	switch (got->code) {
	case mfa_wire_VerdictCode_VERDICT_ACCEPT:
		if (told_ok && mfa_accepted((enum mfa_err)got->error,
			(enum mfa_verdict)got->code))
			return MFA_OK;
		return MFA_ERR_PROTOCOL;
	case mfa_wire_VerdictCode_VERDICT_DENY:
		return refusal(got);
	case mfa_wire_VerdictCode_VERDICT_UNAVAILABLE:
		return got->error != 0 ? (enum mfa_err)got->error :
					 MFA_ERR_UNAVAILABLE;
	case mfa_wire_VerdictCode_VERDICT_MISCONFIGURED:
		return MFA_ERR_CONFIG;
	default:
		return MFA_ERR_PROTOCOL;
	}
}

static void
take_verdict(struct mfa_sdk_call *call, struct mfa_outcome *outcome)
{
	const mfa_wire_Verdict *got = &call->reply.what.verdict;
	enum mfa_err r = judge(got);

	_Static_assert(sizeof(outcome->method) == sizeof(got->method), "fits");
	if (r == MFA_OK) {
		memcpy(outcome->method, got->method, sizeof(outcome->method));
		outcome->recovery_left = got->recovery_left;
		return;
	}
	mfa_sdk_fail(call, r, got->text);
	if (got->code != mfa_wire_VerdictCode_VERDICT_DENY ||
	    r == MFA_ERR_PROTOCOL)
		return;
	outcome->attempts_left = got->attempts_left;
	outcome->blocked = got->reason == mfa_wire_Reason_REASON_BLOCKED;
}

enum mfa_error
mfa_challenge_verify(const struct mfa *mfa, const char *id,
    const char *method, const char *code, struct mfa_outcome *outcome,
    struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_ChallengeVerify *ask = &call.request.what.challenge_verify;
	struct mfa_outcome result;

	memset(&result, 0, sizeof(result));
	mfa_sdk_begin(&call, mfa, mfa_wire_Request_challenge_verify_tag,
	    problem);
	need_id(&call, ask->id, sizeof(ask->id), id);
	mfa_sdk_put(&call, ask->method, sizeof(ask->method), method, "method");
	ask->code.size = mfa_sdk_code(&call, ask->code.bytes,
	    sizeof(ask->code.bytes), code);
	if (mfa_sdk_ask(&call, mfa_wire_Reply_verdict_tag))
		take_verdict(&call, &result);
	if (outcome != NULL)
		*outcome = result;
	return mfa_sdk_end(&call);
}
