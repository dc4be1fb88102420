/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/account.h"
#include "utils/ask.h"
#include "utils/elastic.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/term.h"
#include "utils/whose.h"

static const struct mfa_out_column columns[] = {
	{ "USER", 20 }, { "UID", 10 }, { "ENROLLED", 8 }, { "FACTORS", 7 },
	{ "RECOVERY", 8 }, { "LOCKED", 8 }, { "PROBLEM", 0 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct listing {
	const struct mfa_args *args;
	size_t count;
};

static const char *
enrolled(const mfa_wire_Account *account)
{
	if (account->enrolled)
		return "yes";
	return account->invited_seconds != 0 ? "invited" : "no";
}

static void
add_row(const struct mfa_args *args, const mfa_wire_Account *account)
{
	char uid[16] = "-", factors[32], recovery[16], locked[MFA_OUT_DATE] = "-";
	const char *cells[COLUMNS] = { account->user, uid, enrolled(account),
		factors, recovery, locked,
		account->problem[0] != '\0' ? account->problem : "-" };

	if (mfa_whose_is_unix(args))
		(void)snprintf(uid, sizeof(uid), "%u", account->uid);
	(void)snprintf(factors, sizeof(factors), "%u",
	    account->usable_factors);
	if (account->usable_factors < account->enabled_factors)
		(void)snprintf(factors, sizeof(factors), "%u of %u",
		    account->usable_factors, account->enabled_factors);
	(void)snprintf(recovery, sizeof(recovery), "%u",
	    account->recovery_left);
	if (account->locked_seconds != 0)
		mfa_out_span(account->locked_seconds, locked);
	if (account->blocked)
		(void)memcpy(locked, "blocked", 8);
	/* Of a record that cannot be used nothing but the name is known. */
	for (int i = 1; i < 5 && account->problem[0] != '\0'; i++)
		cells[i] = "?";
	mfa_out_row(columns, COLUMNS, cells);
}

/* Each account is printed as it comes: there may be a million. */
static enum mfa_err
visit(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_Account *account = &reply->what.account;
	struct listing *listing = ctx;
	bool first = listing->count++ == 0;

	if (listing->args->json) {
		(void)fputs(first ? "\n" : ",\n", stdout);
		return mfa_out_json(mfa_account_json(listing->args, account));
	}
	if (first)
		mfa_out_head(columns, COLUMNS);
	add_row(listing->args, account);
	return MFA_OK;
}

static int
list(const struct mfa_args *args)
{
	struct listing listing = { args, 0 };
	struct mfa_ask_problem problem;
	struct mfa_elastic *elastic;
	mfa_wire_Request request;
	enum mfa_err r;
	bool is_whole;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_users_tag;
	if (args->realm != NULL &&
	    (code = mfa_ask_name(request.what.users.realm,
		 sizeof(request.what.users.realm), args->realm)) !=
		MFA_EXIT_DONE)
		return code;
	elastic = mfa_elastic_begin();
	if (args->json)
		(void)fputs("{\"users\":[", stdout);
	r = mfa_ask_each(&request, mfa_wire_Reply_account_tag, visit, &listing,
	    &problem);
	if (r == MFA_OK && args->json)
		(void)fputs("]}\n", stdout);
	else if (r == MFA_OK && listing.count == 0)
		(void)puts("There are no records.");
	is_whole = mfa_elastic_end(elastic);
	if (r != MFA_OK)
		return mfa_ask_failed(&problem);
	if (is_whole)
		return MFA_EXIT_DONE;
	mfa_out_error("cannot write the output");
	return MFA_EXIT_FAILED;
}

static int
remove_record(const struct mfa_args *args)
{
	char question[700], who[MFA_WHOSE];
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_remove_tag;
	code = mfa_ask_subject(request.what.remove.user,
	    request.what.remove.realm, args->operand[1], args->realm);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_whose_name(args, args->operand[1], who);
	(void)snprintf(question, sizeof(question),
	    "Remove the record of %s with its counters?", who);
	code = mfa_term_agree(args->yes, question);
	return code == MFA_EXIT_DONE ? mfa_ask_done(&request) : code;
}

int
mfa_cmd_users(const struct mfa_args *args)
{
	if (args->count == 0 && !args->yes)
		return list(args);
	if (args->count == 2 && !args->json &&
	    strcmp(args->operand[0], "remove") == 0)
		return remove_record(args);
	mfa_out_error("users: say users, or users remove USER "
		      "(see: medusa-mfa help users)");
	return MFA_EXIT_USAGE;
}
