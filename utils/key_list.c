/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/ask.h"
#include "utils/key.h"
#include "utils/out.h"

static const struct mfa_out_column columns[] = {
	{ "ID", 16 }, { "PRIMARY", 7 }, { "RECORDS", 7 }, { "PROBLEM", 0 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct key {
	char id[17];
	bool primary;
	char problem[121];
	size_t records;
};

struct listing {
	struct key *key;
	size_t count;
	size_t lost;  /* records without a header that tells a key */
	bool counted; /* how many records need each is known */
};

/* Returns: the key of that id, a new one if there is none; NULL: memory. */
static struct key *
find(struct listing *l, const char *id)
{
	struct key *more;

	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->key[i].id, id) == 0)
			return &l->key[i];
	}
	more = realloc(l->key, (l->count + 1) * sizeof(*more));
	if (more == NULL)
		return NULL;
	l->key = more;
	more += l->count++;
	memset(more, 0, sizeof(*more));
	(void)mfa_text_copy(more->id, sizeof(more->id), id);
	(void)mfa_text_copy(more->problem, sizeof(more->problem),
	    "records need it, and it is not here");
	return more;
}

static enum mfa_err
take_key(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_KeyInfo *info = &reply->what.key;
	struct key *key = find(ctx, info->id);

	if (key == NULL)
		return MFA_ERR_MEMORY;
	key->primary = info->primary;
	memcpy(key->problem, info->problem, sizeof(key->problem));
	return MFA_OK;
}

/* A record needs the keys of both of its slots. */
static enum mfa_err
count_record(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_RecordInfo *info = &reply->what.record;
	struct listing *l = ctx;
	struct key *key;

	if (info->key[0] == '\0') {
		l->lost++;
		return MFA_OK;
	}
	if ((key = find(l, info->key)) == NULL)
		return MFA_ERR_MEMORY;
	key->records++;
	if (info->other_key[0] == '\0' ||
	    strcmp(info->key, info->other_key) == 0)
		return MFA_OK;
	if ((key = find(l, info->other_key)) == NULL)
		return MFA_ERR_MEMORY;
	key->records++;
	return MFA_OK;
}

static enum mfa_err
fetch(struct listing *l, bool retired, struct mfa_ask_problem *problem)
{
	struct mfa_client *client = NULL;
	mfa_wire_Request request;
	enum mfa_err r;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_keys_tag;
	request.what.keys.retired = retired;
	if ((r = mfa_ask_open(retired ? 3 : 0, &client, problem)) != MFA_OK)
		return r;
	r = mfa_ask_each_on(client, &request, mfa_wire_Reply_key_tag,
	    take_key, l, problem);
	/* An older verifier knows no more than that. */
	if (r == MFA_OK && !retired && mfa_client_version(client) >= 3) {
		memset(&request, 0, sizeof(request));
		request.which_what = mfa_wire_Request_records_tag;
		r = mfa_ask_each_on(client, &request,
		    mfa_wire_Reply_record_tag, count_record, l, problem);
		l->counted = r == MFA_OK;
	}
	mfa_client_free(client);
	return r;
}

static json_t *
key_json(const struct listing *l, const struct key *key)
{
	json_t *records = l->counted ? json_integer((json_int_t)key->records) :
				       json_null();

	return json_pack("{s:o,s:b,s:o,s:o}", "id", mfa_out_json_text(key->id),
	    "primary", key->primary, "records", records, "problem",
	    mfa_out_json_text(key->problem));
}

static int
print_json(const struct listing *l)
{
	json_t *array = json_array();

	for (size_t i = 0; i < l->count; i++) {
		if (json_array_append_new(array, key_json(l, &l->key[i])) !=
		    0) {
			json_decref(array);
			return mfa_out_json_line(NULL);
		}
	}
	return mfa_out_json_line(json_pack("{s:o,s:I}", "keys", array,
	    "unknown", (json_int_t)l->lost));
}

static void
print_table(const struct listing *l, bool retired)
{
	char records[24] = "-";

	if (l->count == 0)
		(void)puts(retired ? "No key was taken out of use." :
				     "There are no keys: medusa-mfa setup");
	else
		mfa_out_head(columns, COLUMNS);
	for (size_t i = 0; i < l->count; i++) {
		const struct key *key = &l->key[i];
		const char *cells[COLUMNS] = { key->id,
			key->primary ? "yes" : "no", records,
			key->problem[0] != '\0' ? key->problem : "-" };

		if (l->counted)
			(void)snprintf(records, sizeof(records), "%zu",
			    key->records);
		mfa_out_row(columns, COLUMNS, cells);
	}
	if (l->lost != 0)
		(void)printf("Of %zu record%s nobody knows which key %s: "
			     "medusa-mfa store check\n", l->lost,
		    mfa_out_s(l->lost), l->lost == 1 ? "it needs" :
						       "they need");
}

int
mfa_key_list(const struct mfa_args *args, bool retired)
{
	struct listing l = { NULL, 0, 0, false };
	struct mfa_ask_problem problem;
	int code = MFA_EXIT_DONE;

	if (fetch(&l, retired, &problem) != MFA_OK)
		code = mfa_ask_failed(&problem);
	else if (args->json)
		code = print_json(&l);
	else
		print_table(&l, retired);
	free(l.key);
	return code;
}
