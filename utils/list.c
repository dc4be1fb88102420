/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/whose.h"

/* Usual values fill 80 columns. */
static const struct mfa_out_column columns[] = {
	{ "LABEL", 14 }, { "PROVIDER", 8 }, { "STATUS", 8 },
	{ "LAST USED", 16 }, { "NOTE", 0 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))
#define NOTE	30 /* columns that are left */
#define ADDRESS 9  /* fewer say nothing */

struct listing {
	json_t *array; /* NULL: text */
	bool all_details;
	size_t count;
};

static enum mfa_err
add_json(json_t *array, const mfa_wire_FactorInfo *factor)
{
	json_t *value = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I,"
				  "s:I,s:I,s:i,s:o,s:b}",
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
	    (int)factor->drift, "address", mfa_out_json_text(factor->address),
	    "provider_on", !factor->provider_off);

	return json_array_append_new(array, value) == 0 ? MFA_OK :
							  MFA_ERR_MEMORY;
}

/* An address in few columns: its middle goes. */
static void
shorten(const char *address, size_t room, char *out)
{
	size_t len = strlen(address), head = (room - 3) / 2;

	if (len <= room) {
		(void)memcpy(out, address, len + 1);
		return;
	}
	(void)memcpy(out, address, head);
	(void)memcpy(out + head, "...", 3);
	(void)memcpy(out + head + 3, address + len - (room - 3 - head),
	    room - 3 - head + 1);
}

/* Adds to what stands there; as much of it as has room. */
static void
add_note(char out[NOTE + 1], const char *note)
{
	size_t used = strlen(out);

	if (snprintf(out + used, NOTE + 1 - used, "%s%s",
		used != 0 ? ", " : "", note) < 0)
		out[used] = '\0';
}

/* What else there is to say in one line. */
static void
make_note(const mfa_wire_FactorInfo *factor, char out[NOTE + 1])
{
	char span[MFA_OUT_DATE], note[2 * MFA_OUT_DATE], address[NOTE + 1];
	size_t used;

	out[0] = '\0';
	if (factor->provider_off)
		add_note(out, "provider off");
	if (factor->locked_seconds != 0) {
		mfa_out_span(factor->locked_seconds, span);
		(void)snprintf(note, sizeof(note), "locked %s", span);
		add_note(out, note);
	} else if (factor->expires_seconds != 0) {
		mfa_out_span(factor->expires_seconds, span);
		(void)snprintf(note, sizeof(note), "%s left", span);
		add_note(out, note);
	}
	used = strlen(out);
	used += used != 0 ? 2 : 0;
	if (factor->address[0] != '\0' && used + ADDRESS <= NOTE) {
		shorten(factor->address, NOTE - used, address);
		add_note(out, address);
	}
	if (out[0] == '\0')
		add_note(out, "-");
}

static void
add_row(const mfa_wire_FactorInfo *factor)
{
	char used[MFA_OUT_DATE], note[NOTE + 1];
	const char *cells[COLUMNS] = { factor->label, factor->provider,
		factor->status, used, note };

	mfa_out_date(factor->last_used, false, used);
	make_note(factor, note);
	mfa_out_row(columns, COLUMNS, cells);
}

static void
date_line(const char *title, uint64_t seconds)
{
	char date[MFA_OUT_DATE];

	mfa_out_date(seconds, false, date);
	mfa_out_line(title, date);
}

static void
span_line(const char *title, uint64_t seconds)
{
	char span[MFA_OUT_DATE];

	if (seconds == 0)
		return;
	mfa_out_span(seconds, span);
	mfa_out_line(title, span);
}

static void
code_line(const mfa_wire_FactorInfo *factor)
{
	char text[80], period[24] = "";

	if (factor->digits == 0)
		return;
	if (factor->period != 0)
		(void)snprintf(period, sizeof(period), ", every %u s",
		    factor->period);
	(void)snprintf(text, sizeof(text), "%s%s%u digits%s",
	    factor->algorithm, factor->algorithm[0] != '\0' ? ", " : "",
	    factor->digits, period);
	mfa_out_line("Codes:", text);
}

static void
add_details(const mfa_wire_FactorInfo *factor)
{
	char drift[40];

	mfa_out_line("Label:", factor->label);
	mfa_out_line("Id:", factor->id);
	mfa_out_line("Provider:", factor->provider);
	if (factor->provider_off)
		mfa_out_line("", "off in the configuration: it lets in nobody");
	mfa_out_line("Status:", factor->status);
	date_line("Created:", factor->created);
	date_line("Confirmed:", factor->confirmed);
	date_line("Last used:", factor->last_used);
	code_line(factor);
	if (factor->drift != 0) {
		(void)snprintf(drift, sizeof(drift), "%+d periods",
		    (int)factor->drift);
		mfa_out_line("Clock:", drift);
	}
	if (factor->address[0] != '\0')
		mfa_out_line("Address:", factor->address);
	span_line("Locked for:", factor->locked_seconds);
	span_line("Expires in:", factor->expires_seconds);
}

static enum mfa_err
visit(void *ctx, const mfa_wire_Reply *reply)
{
	struct listing *listing = ctx;

	if (listing->array != NULL)
		return add_json(listing->array, &reply->what.factor);
	if (listing->all_details) {
		if (listing->count++ != 0)
			(void)putchar('\n');
		add_details(&reply->what.factor);
		return MFA_OK;
	}
	if (listing->count++ == 0)
		mfa_out_head(columns, COLUMNS);
	add_row(&reply->what.factor);
	return MFA_OK;
}

static int
finish(const struct mfa_args *args, struct listing *listing)
{
	char who[MFA_WHOSE];

	if (listing->array == NULL) {
		mfa_whose_name(args, args->user, who);
		if (listing->count == 0)
			(void)printf("%s has no factors.\n", who);
		return MFA_EXIT_DONE;
	}
	return mfa_out_json_line(json_pack("{s:O}", "factors", listing->array));
}

int
mfa_cmd_list(const struct mfa_args *args)
{
	struct listing listing = { args->json ? json_array() : NULL,
		args->all_details, 0 };
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_list_tag;
	code = mfa_ask_subject(request.what.list.user, request.what.list.realm,
	    args->user, args->realm);
	if (code == MFA_EXIT_DONE &&
	    mfa_ask_each(&request, mfa_wire_Reply_factor_tag, visit, &listing,
		&problem) != MFA_OK)
		code = mfa_ask_failed(&problem);
	if (code == MFA_EXIT_DONE)
		code = finish(args, &listing);
	json_decref(listing.array);
	return code;
}
