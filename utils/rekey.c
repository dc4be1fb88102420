/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "utils/ask.h"
#include "utils/key.h"
#include "utils/out.h"

#define BAR 30 /* characters */

struct rekeying {
	struct mfa_client *client; /* NULL: to be opened */
	char primary[17];
	char (*id)[201]; /* of those that are to be moved */
	size_t count, room;
	size_t moved, already, failed;
	bool bar;
};

/* ---- what is to be done ---- */

static enum mfa_err
take_primary(void *ctx, const mfa_wire_Reply *reply)
{
	struct rekeying *k = ctx;

	if (reply->what.key.primary)
		memcpy(k->primary, reply->what.key.id, sizeof(k->primary));
	return MFA_OK;
}

static bool
is_moved(const struct rekeying *k, const mfa_wire_RecordInfo *info)
{
	return !info->torn && info->problem[0] == '\0' &&
	    strcmp(info->key, k->primary) == 0 &&
	    (info->other_key[0] == '\0' ||
		strcmp(info->other_key, k->primary) == 0);
}

static enum mfa_err
take_record(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_RecordInfo *info = &reply->what.record;
	struct rekeying *k = ctx;

	if (is_moved(k, info)) {
		k->already++;
		return MFA_OK;
	}
	if (k->count == k->room) {
		size_t room = k->room == 0 ? 256 : 2 * k->room;
		char (*more)[201] = realloc(k->id, room * sizeof(*more));

		if (more == NULL)
			return MFA_ERR_MEMORY;
		k->id = more;
		k->room = room;
	}
	memcpy(k->id[k->count++], info->id, sizeof(k->id[0]));
	return MFA_OK;
}

static enum mfa_err
survey(struct rekeying *k, struct mfa_ask_problem *problem)
{
	mfa_wire_Request request;
	enum mfa_err r;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_keys_tag;
	if ((r = mfa_ask_open(3, &k->client, problem)) != MFA_OK)
		return r;
	r = mfa_ask_each_on(k->client, &request, mfa_wire_Reply_key_tag,
	    take_primary, k, problem);
	if (r != MFA_OK)
		return r;
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_records_tag;
	return mfa_ask_each_on(k->client, &request, mfa_wire_Reply_record_tag,
	    take_record, k, problem);
}

/* ---- doing it ---- */

/* One line that is written over; of a terminal alone. */
static void
show_bar(const struct rekeying *k)
{
	char bar[BAR + 1];
	size_t done = k->moved + k->failed;
	size_t filled = k->count == 0 ? 0 : done * BAR / k->count;

	if (!k->bar)
		return;
	memset(bar, '.', BAR);
	memset(bar, '#', filled);
	bar[BAR] = '\0';
	(void)fprintf(stderr, "\r[%s] %zu of %zu", bar, done, k->count);
}

static void
clear_bar(const struct rekeying *k)
{
	if (k->bar)
		(void)fprintf(stderr, "\r%*s\r", BAR + 46, "");
}

static enum mfa_err
ask_once(struct rekeying *k, const char *id, struct mfa_ask_problem *problem)
{
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	enum mfa_err r;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_rekey_tag;
	memcpy(request.what.rekey.id, id, sizeof(request.what.rekey.id));
	if (k->client == NULL &&
	    (r = mfa_ask_open(3, &k->client, problem)) != MFA_OK)
		return r;
	if ((r = mfa_client_send(k->client, &request)) != MFA_OK)
		mfa_ask_explain(r, problem);
	else
		r = mfa_ask_answer(k->client, mfa_wire_Reply_done_tag, &reply,
		    problem);
	if (r == MFA_OK)
		return r;
	/* Whatever it was, the next one begins anew. */
	mfa_client_free(k->client);
	k->client = NULL;
	return r;
}

/* A listener that is restarted meanwhile is no reason to give up. */
static enum mfa_err
ask(struct rekeying *k, const char *id, struct mfa_ask_problem *problem)
{
	enum mfa_err r = ask_once(k, id, problem);

	if (r == MFA_ERR_CLOSED || r == MFA_ERR_TIMEOUT || r == MFA_ERR_BUSY)
		r = ask_once(k, id, problem);
	return r;
}

static void
move_all(struct rekeying *k)
{
	struct mfa_ask_problem problem;

	for (size_t i = 0; i < k->count; i++) {
		show_bar(k);
		if (ask(k, k->id[i], &problem) == MFA_OK) {
			k->moved++;
			continue;
		}
		k->failed++;
		clear_bar(k);
		mfa_out_error("record %s: %s", k->id[i], problem.text);
	}
	clear_bar(k);
}

static int
report(const struct mfa_args *args, const struct rekeying *k)
{
	int code = MFA_EXIT_DONE;

	if (args->json)
		code = mfa_out_json_line(json_pack("{s:s,s:I,s:I,s:I}",
		    "primary", k->primary, "moved", (json_int_t)k->moved,
		    "already", (json_int_t)k->already, "failed",
		    (json_int_t)k->failed));
	else
		(void)printf("%zu moved to key %s, %zu were there already, "
			     "%zu failed\n", k->moved, k->primary, k->already,
		    k->failed);
	return code == MFA_EXIT_DONE && k->failed != 0 ? MFA_EXIT_FAILED :
							 code;
}

int
mfa_key_rekey(const struct mfa_args *args)
{
	struct rekeying k = {
		.bar = !args->json && isatty(STDERR_FILENO),
	};
	struct mfa_ask_problem problem;
	int code;

	if (survey(&k, &problem) != MFA_OK) {
		code = mfa_ask_failed(&problem);
	} else if (k.primary[0] == '\0') {
		mfa_out_error("there is no primary key: medusa-mfa key list");
		code = MFA_EXIT_FAILED;
	} else {
		move_all(&k);
		code = report(args, &k);
	}
	mfa_client_free(k.client);
	free(k.id);
	return code;
}
