/* SPDX-License-Identifier: MIT */
/* Keys never pass through here: the verifier makes and reads them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/run.h"

static const struct mfa_out_column columns[] = {
	{ "ID", 16 }, { "PRIMARY", 7 }, { "PROBLEM", 0 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct listing {
	json_t *array; /* NULL: a table */
	size_t count;
};

static enum mfa_err
visit(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_KeyInfo *key = &reply->what.key;
	const char *cells[COLUMNS] = { key->id, key->primary ? "yes" : "no",
		key->problem[0] != '\0' ? key->problem : "-" };
	struct listing *listing = ctx;
	json_t *value;

	if (listing->array == NULL) {
		if (listing->count++ == 0)
			mfa_out_head(columns, COLUMNS);
		mfa_out_row(columns, COLUMNS, cells);
		return MFA_OK;
	}
	value = json_pack("{s:o,s:b,s:o}", "id", mfa_out_json_text(key->id),
	    "primary", key->primary, "problem",
	    mfa_out_json_text(key->problem));
	return json_array_append_new(listing->array, value) == 0 ?
	    MFA_OK : MFA_ERR_MEMORY;
}

static int
list(const struct mfa_args *args)
{
	struct listing listing = { args->json ? json_array() : NULL, 0 };
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	int code = MFA_EXIT_DONE;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_keys_tag;
	if (mfa_ask_each(&request, mfa_wire_Reply_key_tag, visit, &listing,
		&problem) != MFA_OK)
		code = mfa_ask_failed(&problem);
	else if (args->json)
		code = mfa_out_json_line(
		    json_pack("{s:O}", "keys", listing.array));
	else if (listing.count == 0)
		(void)puts("There are no keys: medusa-mfa setup");
	json_decref(listing.array);
	return code;
}

static int
make(void)
{
	int status;

	if (geteuid() != 0) {
		mfa_out_error("key new must be run as root");
		return MFA_EXIT_FAILED;
	}
	status = mfa_run_verifier("--new-key", NULL);
	if (status == 0)
		return MFA_EXIT_DONE;
	mfa_ask_setup();
	return MFA_EXIT_FAILED;
}

int
mfa_cmd_key(const struct mfa_args *args)
{
	if (strcmp(args->operand[0], "list") == 0)
		return list(args);
	if (strcmp(args->operand[0], "new") == 0 && !args->json)
		return make();
	mfa_out_error("key: say key new, or key list "
		      "(see: medusa-mfa help key)");
	return MFA_EXIT_USAGE;
}
