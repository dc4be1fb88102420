/* SPDX-License-Identifier: MIT */
/* Factors, recovery codes, state.  MUST list: sdk.h. */
#include "lib/client/sdk.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

#define FACTORS_MAX 64 /* more than a record can ever hold */

#define NEED(call, ask, field, value) \
	mfa_sdk_need(call, (ask)->field, sizeof((ask)->field), value, #field)
#define PUT(call, ask, field, value) \
	mfa_sdk_put(call, (ask)->field, sizeof((ask)->field), value, #field)
#define PUT_REALM(call, ask) \
	PUT(call, ask, realm, (call)->mfa != NULL ? (call)->mfa->realm : NULL)

/* Strings of both sides have the same size, so they always fit. */
#define COPY(to, from, field)                                               \
	do {                                                                \
		_Static_assert(sizeof((to)->field) == sizeof((from)->field), \
		    #field);                                                \
		memcpy((to)->field, (from)->field, sizeof((to)->field));    \
	} while (0)

static bool
is_zero(const uint64_t *reserved, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (reserved[i] != 0)
			return false;
	}
	return true;
}

static void
fill_enroll(struct mfa_sdk_call *call, const struct mfa_enroll *what)
{
	mfa_wire_Enroll *ask = &call->request.what.enroll;

	if (!is_zero(what->reserved,
		sizeof(what->reserved) / sizeof(what->reserved[0])))
		mfa_sdk_fail(call, MFA_ERR_INVALID,
		    "a reserved member is not zero");
	NEED(call, ask, user, what->user);
	PUT(call, ask, label, what->label);
	PUT(call, ask, provider, what->provider);
	PUT(call, ask, algorithm, what->algorithm);
	PUT(call, ask, address, what->address);
	mfa_sdk_put(call, ask->import_secret, sizeof(ask->import_secret),
	    what->secret, "secret");
	ask->digits = what->digits;
	ask->period = what->period;
	ask->counter = what->counter;
	PUT_REALM(call, ask);
}

enum mfa_error
mfa_factor_enroll(const struct mfa *mfa, const struct mfa_enroll *what,
    struct mfa_pending *out, struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	const mfa_wire_Enrolled *got = &call.reply.what.enrolled;

	mfa_sdk_begin(&call, mfa, mfa_wire_Request_enroll_tag, problem);
	mfa_sdk_want(&call, out);
	if (what == NULL)
		mfa_sdk_fail(&call, MFA_ERR_INVALID, "nothing to enroll");
	else
		fill_enroll(&call, what);
	if (mfa_sdk_ask(&call, mfa_wire_Reply_enrolled_tag)) {
		memset(out, 0, sizeof(*out));
		COPY(out, got, id);
		COPY(out, got, label);
		COPY(out, got, secret);
		COPY(out, got, otpauth_url);
		COPY(out, got, warning);
		out->expires_seconds = got->expires_seconds;
	}
	return mfa_sdk_end(&call);
}

/* The two replies with recovery codes have them in the same form. */
static void
take_codes(struct mfa_codes *out, pb_size_t count, char (*code)[33])
{
	memset(out, 0, sizeof(*out));
	out->count = count;
	for (pb_size_t i = 0; i < count; i++)
		memcpy(out->code[i], code[i], sizeof(out->code[i]));
}
_Static_assert(sizeof(((struct mfa_codes *)NULL)->code) ==
	sizeof(((mfa_wire_Codes *)NULL)->code), "all codes fit");
_Static_assert(sizeof(((struct mfa_codes *)NULL)->code) ==
	sizeof(((mfa_wire_Confirmed *)NULL)->code), "all codes fit");

enum mfa_error
mfa_factor_confirm(const struct mfa *mfa, const char *user, const char *factor,
    const char *code, struct mfa_codes *codes, struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_Confirm *ask = &call.request.what.confirm;
	mfa_wire_Confirmed *got = &call.reply.what.confirmed;

	mfa_sdk_begin(&call, mfa, mfa_wire_Request_confirm_tag, problem);
	mfa_sdk_want(&call, codes);
	NEED(&call, ask, user, user);
	NEED(&call, ask, factor, factor);
	ask->code.size = mfa_sdk_code(&call, ask->code.bytes,
	    sizeof(ask->code.bytes), code);
	PUT_REALM(&call, ask);
	if (mfa_sdk_ask(&call, mfa_wire_Reply_confirmed_tag))
		take_codes(codes, got->code_count, got->code);
	return mfa_sdk_end(&call);
}

enum mfa_error
mfa_recovery_codes(const struct mfa *mfa, const char *user,
    struct mfa_codes *out, struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_RecoveryCodes *ask = &call.request.what.recovery_codes;
	mfa_wire_Codes *got = &call.reply.what.codes;

	mfa_sdk_begin(&call, mfa, mfa_wire_Request_recovery_codes_tag, problem);
	mfa_sdk_want(&call, out);
	NEED(&call, ask, user, user);
	PUT_REALM(&call, ask);
	if (mfa_sdk_ask(&call, mfa_wire_Reply_codes_tag))
		take_codes(out, got->code_count, got->code);
	return mfa_sdk_end(&call);
}

static enum mfa_err
append(struct mfa_factors *list, const mfa_wire_FactorInfo *info)
{
	struct mfa_factor *f;

	if (list->count == FACTORS_MAX)
		return MFA_ERR_PROTOCOL;
	f = realloc(list->factor, (list->count + 1) * sizeof(*f));
	if (f == NULL)
		return MFA_ERR_MEMORY;
	list->factor = f;
	f += list->count++;
	memset(f, 0, sizeof(*f));
	COPY(f, info, id);
	COPY(f, info, label);
	COPY(f, info, provider);
	COPY(f, info, status);
	COPY(f, info, algorithm);
	COPY(f, info, address);
	f->created = info->created;
	f->confirmed = info->confirmed;
	f->last_used = info->last_used;
	f->digits = info->digits;
	f->period = info->period;
	f->locked_seconds = info->locked_seconds;
	f->expires_seconds = info->expires_seconds;
	f->drift = info->drift;
	return MFA_OK;
}

/* Until Done; anything else is no list. */
static void
take_factors(struct mfa_sdk_call *call, struct mfa_factors *list)
{
	enum mfa_err r = MFA_OK;
	pb_size_t tag;

	while ((tag = mfa_sdk_recv(call)) != mfa_wire_Reply_done_tag) {
		if (tag == 0)
			return;
		r = tag == mfa_wire_Reply_factor_tag ?
		    append(list, &call->reply.what.factor) :
		    MFA_ERR_PROTOCOL;
		if (r != MFA_OK)
			mfa_sdk_fail(call, r, NULL);
	}
}

enum mfa_error
mfa_factor_list(const struct mfa *mfa, const char *user,
    struct mfa_factors *out, struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_List *ask = &call.request.what.list;
	struct mfa_factors list = { .count = 0 };

	if (out != NULL)
		*out = list;
	mfa_sdk_begin(&call, mfa, mfa_wire_Request_list_tag, problem);
	mfa_sdk_want(&call, out);
	NEED(&call, ask, user, user);
	PUT_REALM(&call, ask);
	mfa_sdk_send(&call);
	take_factors(&call, &list);
	if (call.err == MFA_OK)
		*out = list;
	else
		mfa_factors_free(&list);
	return mfa_sdk_end(&call);
}

void
mfa_factors_free(struct mfa_factors *factors)
{
	if (factors == NULL)
		return;
	free(factors->factor);
	factors->factor = NULL;
	factors->count = 0;
}

enum mfa_error
mfa_factor_rename(const struct mfa *mfa, const char *user, const char *factor,
    const char *label, struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_Rename *ask = &call.request.what.rename;

	mfa_sdk_begin(&call, mfa, mfa_wire_Request_rename_tag, problem);
	NEED(&call, ask, user, user);
	NEED(&call, ask, factor, factor);
	NEED(&call, ask, label, label);
	PUT_REALM(&call, ask);
	(void)mfa_sdk_ask(&call, mfa_wire_Reply_done_tag);
	return mfa_sdk_end(&call);
}

enum mfa_error
mfa_factor_disable(const struct mfa *mfa, const char *user,
    const char *factor, struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_Disable *ask = &call.request.what.disable;

	mfa_sdk_begin(&call, mfa, mfa_wire_Request_disable_tag, problem);
	NEED(&call, ask, user, user);
	NEED(&call, ask, factor, factor);
	PUT_REALM(&call, ask);
	(void)mfa_sdk_ask(&call, mfa_wire_Reply_done_tag);
	return mfa_sdk_end(&call);
}

enum mfa_error
mfa_factor_send(const struct mfa *mfa, const char *user, const char *factor,
    struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_Send *ask = &call.request.what.send;

	mfa_sdk_begin(&call, mfa, mfa_wire_Request_send_tag, problem);
	NEED(&call, ask, user, user);
	NEED(&call, ask, factor, factor);
	PUT_REALM(&call, ask);
	(void)mfa_sdk_ask(&call, mfa_wire_Reply_done_tag);
	return mfa_sdk_end(&call);
}

static void
take_account(struct mfa_account *out, const mfa_wire_Account *got)
{
	memset(out, 0, sizeof(*out));
	out->uid = got->uid;
	out->exists = got->exists;
	out->enrolled = got->enrolled;
	out->required = got->required;
	out->exempt = got->exempt;
	out->blocked = got->blocked;
	out->enabled_factors = got->enabled_factors;
	out->pending_factors = got->pending_factors;
	out->recovery_left = got->recovery_left;
	out->recovery_total = got->recovery_total;
	out->recovery_compared = got->recovery_compared;
	out->wrong_today = got->wrong_today;
	out->wrong_month = got->wrong_month;
	out->locked_seconds = got->locked_seconds;
	COPY(out, got, problem);
}

enum mfa_error
mfa_status(const struct mfa *mfa, const char *user, struct mfa_account *out,
    struct mfa_problem *problem)
{
	struct mfa_sdk_call call;
	mfa_wire_Status *ask = &call.request.what.status;

	mfa_sdk_begin(&call, mfa, mfa_wire_Request_status_tag, problem);
	mfa_sdk_want(&call, out);
	NEED(&call, ask, user, user);
	PUT_REALM(&call, ask);
	if (mfa_sdk_ask(&call, mfa_wire_Reply_account_tag))
		take_account(out, &call.reply.what.account);
	return mfa_sdk_end(&call);
}
