/* SPDX-License-Identifier: MIT */
/* MUST list: sdk.h. */
#include "lib/client/sdk.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "lib/client/reply.h"
#include "protocol/wire_io.h"

_Static_assert(MFA_WIRE_LOWEST >= 2,
    "whoever greets knows realms and challenges");
_Static_assert(MFA_PROBLEM_TEXT ==
	sizeof(((mfa_wire_Error *)NULL)->text), "a verifier's sentence fits");

/* For a person's eyes, whoever wrote it. */
static void
copy_clean(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; text[n] != '\0' && n + 1 < size; n++)
		out[n] = text[n] >= 0x20 && text[n] <= 0x7e ? text[n] : '?';
	out[n] = '\0';
}

void
mfa_sdk_fail(struct mfa_sdk_call *call, enum mfa_err err, const char *text)
{
	if (call->err != MFA_OK)
		return;
	call->err = err;
	if (text != NULL)
		copy_clean(call->text, sizeof(call->text), text);
}

void
mfa_sdk_begin(struct mfa_sdk_call *call, const struct mfa *mfa, pb_size_t tag,
    struct mfa_problem *problem)
{
	memset(call, 0, sizeof(*call));
	call->mfa = mfa;
	call->problem = problem;
	call->request.which_what = tag;
	if (mfa == NULL)
		mfa_sdk_fail(call, MFA_ERR_INVALID, "the handle is NULL");
	else
		call->deadline = mfa_wire_clock() + mfa->timeout;
}

void
mfa_sdk_want(struct mfa_sdk_call *call, const void *result)
{
	if (result == NULL)
		mfa_sdk_fail(call, MFA_ERR_INVALID, "a result is NULL");
}

void
mfa_sdk_put(struct mfa_sdk_call *call, char *field, size_t size,
    const char *value, const char *name)
{
	char text[80];

	if (value == NULL || mfa_text_copy(field, size, value))
		return;
	(void)snprintf(text, sizeof(text), "%s: at most %zu bytes", name,
	    size - 1);
	mfa_sdk_fail(call, MFA_ERR_INVALID, text);
}

void
mfa_sdk_need(struct mfa_sdk_call *call, char *field, size_t size,
    const char *value, const char *name)
{
	char text[80];

	if (value != NULL && value[0] != '\0') {
		mfa_sdk_put(call, field, size, value, name);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s: must not be empty", name);
	mfa_sdk_fail(call, MFA_ERR_INVALID, text);
}

pb_size_t
mfa_sdk_code(struct mfa_sdk_call *call, uint8_t *bytes, size_t size,
    const char *code)
{
	size_t len = code != NULL ? strlen(code) : 0;

	if (code == NULL)
		mfa_sdk_fail(call, MFA_ERR_INVALID, "code: is NULL");
	if (len > size)
		mfa_sdk_fail(call, MFA_ERR_SYNTAX, "this cannot be a code");
	if (call->err != MFA_OK)
		return 0;
	memcpy(bytes, code, len);
	return (pb_size_t)len;
}

/*
 * A listener has room for a few conversations of one uid, and each is short: a
 * busy application waits for its turn, as long as its time-out is.
 */
static enum mfa_err
open_client(struct mfa_sdk_call *call)
{
	const char *path = call->mfa->socket[0] != '\0' ? call->mfa->socket :
							  NULL;

	return mfa_client_open_until(path, call->deadline, &call->client);
}

void
mfa_sdk_send(struct mfa_sdk_call *call)
{
	enum mfa_err r;

	if (call->err != MFA_OK)
		return;
	r = open_client(call);
	if (r == MFA_OK)
		r = mfa_client_send_until(call->client, &call->request,
		    call->deadline);
	/* One that is gone may have said why: that is still to be read. */
	if (r == MFA_ERR_CLOSED && call->client != NULL)
		r = MFA_OK;
	if (r != MFA_OK)
		mfa_sdk_fail(call, r, NULL);
}

pb_size_t
mfa_sdk_recv(struct mfa_sdk_call *call)
{
	enum mfa_err r;

	if (call->err != MFA_OK)
		return 0;
	r = mfa_client_recv_until(call->client, &call->reply, call->deadline);
	if (r != MFA_OK) {
		mfa_sdk_fail(call, r, NULL);
		return 0;
	}
	if ((r = mfa_reply_err(&call->reply)) != MFA_OK) {
		mfa_sdk_fail(call, r, call->reply.what.error.text);
		return 0;
	}
	/* An Error with a number that is none here has failed above. */
	return call->reply.which_what;
}

bool
mfa_sdk_ask(struct mfa_sdk_call *call, pb_size_t tag)
{
	pb_size_t got;

	mfa_sdk_send(call);
	got = mfa_sdk_recv(call);
	if (got != 0 && got != tag)
		mfa_sdk_fail(call, MFA_ERR_PROTOCOL, NULL);
	return call->err == MFA_OK;
}

enum mfa_error
mfa_sdk_end(struct mfa_sdk_call *call)
{
	enum mfa_error error = (enum mfa_error)call->err;

	mfa_client_free(call->client);
	if (call->problem != NULL) {
		const char *text = call->text;

		if (call->err == MFA_OK)
			text = "";
		else if (text[0] == '\0')
			text = mfa_strerror(call->err);
		call->problem->error = error;
		(void)mfa_text_copy(call->problem->text,
		    sizeof(call->problem->text), text);
	}
	mfa_secret_wipe(call, sizeof(*call));
	return error;
}
