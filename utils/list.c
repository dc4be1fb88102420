/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"

static const struct mfa_out_column columns[] = {
	{ "LABEL", 16 }, { "ID", 16 }, { "PROVIDER", 8 }, { "STATUS", 18 },
	{ "CREATED", 16 }, { "LAST USED", 16 }, { "LOCKED", 0 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct listing {
	json_t *array; /* NULL: a table */
	size_t count;
};

static enum mfa_err
add_json(json_t *array, const mfa_wire_FactorInfo *factor)
{
	json_t *value = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I,"
				  "s:I,s:I,s:i}",
	    "id", mfa_out_json_text(factor->id), "label",
	    mfa_out_json_text(factor->label), "provider",
	    mfa_out_json_text(factor->provider), "status",
	    mfa_out_json_text(factor->status), "created",
	    mfa_out_json_date(factor->created), "confirmed",
	    mfa_out_json_date(factor->confirmed), "last_used",
	    mfa_out_json_date(factor->last_used), "algorithm",
	    mfa_out_json_text(factor->algorithm), "digits",
	    (json_int_t)factor->digits, "period", (json_int_t)factor->period,
	    "locked_seconds", (json_int_t)factor->locked_seconds,
	    "expires_seconds", (json_int_t)factor->expires_seconds, "drift",
	    (int)factor->drift);

	return json_array_append_new(array, value) == 0 ? MFA_OK :
							  MFA_ERR_MEMORY;
}

static void
add_row(const mfa_wire_FactorInfo *factor)
{
	char created[MFA_OUT_DATE], used[MFA_OUT_DATE], locked[MFA_OUT_DATE];
	char status[64], span[MFA_OUT_DATE];
	const char *cells[COLUMNS] = { factor->label, factor->id,
		factor->provider, status, created, used, locked };

	mfa_out_date(factor->created, false, created);
	mfa_out_date(factor->last_used, false, used);
	(void)snprintf(status, sizeof(status), "%s", factor->status);
	if (factor->expires_seconds != 0) {
		mfa_out_span(factor->expires_seconds, span);
		(void)snprintf(status, sizeof(status), "%s (%s)",
		    factor->status, span);
	}
	(void)memcpy(locked, "-", 2);
	if (factor->locked_seconds != 0)
		mfa_out_span(factor->locked_seconds, locked);
	mfa_out_row(columns, COLUMNS, cells);
}

static enum mfa_err
visit(void *ctx, const mfa_wire_Reply *reply)
{
	struct listing *listing = ctx;

	if (listing->array != NULL)
		return add_json(listing->array, &reply->what.factor);
	if (listing->count++ == 0)
		mfa_out_head(columns, COLUMNS);
	add_row(&reply->what.factor);
	return MFA_OK;
}

static int
finish(const struct mfa_args *args, struct listing *listing)
{
	char user[300];

	if (listing->array == NULL) {
		mfa_out_clean(args->user, user, sizeof(user));
		if (listing->count == 0)
			(void)printf("%s has no factors.\n", user);
		return MFA_EXIT_DONE;
	}
	return mfa_out_json_line(json_pack("{s:O}", "factors", listing->array));
}

int
mfa_cmd_list(const struct mfa_args *args)
{
	struct listing listing = { args->json ? json_array() : NULL, 0 };
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_list_tag;
	code = mfa_ask_name(request.what.list.user,
	    sizeof(request.what.list.user), args->user);
	if (code == MFA_EXIT_DONE &&
	    mfa_ask_each(&request, mfa_wire_Reply_factor_tag, visit, &listing,
		&problem) != MFA_OK)
		code = mfa_ask_failed(&problem);
	if (code == MFA_EXIT_DONE)
		code = finish(args, &listing);
	json_decref(listing.array);
	return code;
}
