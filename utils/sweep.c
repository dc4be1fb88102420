/* SPDX-License-Identifier: MIT */
#include "utils/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAR 30 /* characters */

/* ---- all records ---- */

static void
add(struct mfa_sweep *sweep, const char *text)
{
	const size_t size = strlen(text) + 1;

	memcpy(sweep->names + sweep->len, text, size);
	sweep->len += size;
}

struct listing {
	struct mfa_sweep *sweep;
	bool (*wanted)(void *ctx, const mfa_wire_RecordInfo *info);
	void *ctx;
};

static enum mfa_err
take(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_RecordInfo *info = &reply->what.record;
	const struct listing *listing = ctx;
	struct mfa_sweep *sweep = listing->sweep;
	const size_t most = sizeof(info->id) + sizeof(info->realm) +
	    sizeof(info->user);

	if (listing->wanted != NULL && !listing->wanted(listing->ctx, info))
		return MFA_OK;
	if (sweep->room - sweep->len < most) {
		size_t room = 2 * sweep->room + 16 * most;
		char *more = realloc(sweep->names, room);

		if (more == NULL)
			return MFA_ERR_MEMORY;
		sweep->names = more;
		sweep->room = room;
	}
	add(sweep, info->id);
	add(sweep, info->realm);
	add(sweep, info->user);
	sweep->count++;
	return MFA_OK;
}

enum mfa_err
mfa_sweep_list(struct mfa_sweep *sweep,
    bool (*wanted)(void *ctx, const mfa_wire_RecordInfo *info), void *ctx,
    struct mfa_ask_problem *problem)
{
	struct listing listing = { sweep, wanted, ctx };
	mfa_wire_Request request;
	enum mfa_err r;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_records_tag;
	if (sweep->client == NULL &&
	    (r = mfa_ask_open(3, &sweep->client, problem)) != MFA_OK)
		return r;
	return mfa_ask_each_on(sweep->client, &request,
	    mfa_wire_Reply_record_tag, take, &listing, problem);
}

/* One line that is written over; of a terminal alone. */
static void
show_bar(const struct mfa_sweep *sweep)
{
	char bar[BAR + 1];

	if (!sweep->bar)
		return;
	memset(bar, '.', BAR);
	memset(bar, '#', sweep->done * BAR / sweep->count);
	bar[BAR] = '\0';
	(void)fprintf(stderr, "\r[%s] %zu of %zu", bar, sweep->done,
	    sweep->count);
}

void
mfa_sweep_clear(const struct mfa_sweep *sweep)
{
	if (sweep->bar)
		(void)fprintf(stderr, "\r%*s\r", BAR + 46, "");
}

static const char *
pull(struct mfa_sweep *sweep)
{
	const char *text = sweep->names + sweep->next;

	sweep->next += strlen(text) + 1;
	return text;
}

bool
mfa_sweep_next(struct mfa_sweep *sweep, struct mfa_sweep_record *out)
{
	if (sweep->done == sweep->count) {
		mfa_sweep_clear(sweep);
		return false;
	}
	show_bar(sweep);
	out->id = pull(sweep);
	out->realm = pull(sweep);
	out->user = pull(sweep);
	sweep->done++;
	return true;
}

/* ---- each of them ---- */

static enum mfa_err
ask_once(struct mfa_sweep *sweep, const mfa_wire_Request *request,
    unsigned int tag, mfa_wire_Reply *reply, struct mfa_ask_problem *problem)
{
	enum mfa_err r;

	if (sweep->client == NULL &&
	    (r = mfa_ask_open(3, &sweep->client, problem)) != MFA_OK)
		return r;
	if ((r = mfa_client_send(sweep->client, request)) != MFA_OK)
		mfa_ask_explain(r, problem);
	else
		r = mfa_ask_answer(sweep->client, tag, reply, problem);
	if (r == MFA_OK)
		return r;
	/* Whatever it was, the next one begins anew. */
	mfa_client_free(sweep->client);
	sweep->client = NULL;
	return r;
}

enum mfa_err
mfa_sweep_ask(struct mfa_sweep *sweep, const mfa_wire_Request *request,
    unsigned int tag, mfa_wire_Reply *reply, struct mfa_ask_problem *problem)
{
	enum mfa_err r = ask_once(sweep, request, tag, reply, problem);

	if (r == MFA_ERR_CLOSED || r == MFA_ERR_TIMEOUT || r == MFA_ERR_BUSY)
		r = ask_once(sweep, request, tag, reply, problem);
	return r;
}

void
mfa_sweep_free(struct mfa_sweep *sweep)
{
	mfa_client_free(sweep->client);
	free(sweep->names);
	memset(sweep, 0, sizeof(*sweep));
}
