/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/account.h"
#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/whose.h"

json_t *
mfa_account_json(const struct mfa_args *args, const mfa_wire_Account *account)
{
	json_t *uid = mfa_whose_is_unix(args) ? json_integer(account->uid) :
						json_null();

	return json_pack("{s:o,s:o,s:b,s:b,s:b,s:b,s:b,s:I,s:I,s:I,s:I,s:I,s:I,"
			 "s:I,s:I,s:I,s:o}",
	    "user", mfa_out_json_text(account->user), "uid", uid, "exists",
	    account->exists, "enrolled", account->enrolled, "required",
	    account->required, "exempt", account->exempt, "blocked",
	    account->blocked, "enabled_factors",
	    (json_int_t)account->enabled_factors, "usable_factors",
	    (json_int_t)account->usable_factors, "pending_factors",
	    (json_int_t)account->pending_factors, "recovery_left",
	    (json_int_t)account->recovery_left, "recovery_total",
	    (json_int_t)account->recovery_total, "recovery_compared",
	    (json_int_t)account->recovery_compared, "locked_seconds",
	    (json_int_t)account->locked_seconds, "wrong_today",
	    (json_int_t)account->wrong_today, "wrong_month",
	    (json_int_t)account->wrong_month, "problem",
	    mfa_out_json_text(account->problem));
}

/* An enabled one whose provider is off is not counted in silence. */
static void
factors(const mfa_wire_Account *account, char *out, size_t size)
{
	uint32_t enabled = account->enabled_factors;
	uint32_t usable = account->usable_factors;

	if (usable < enabled)
		(void)snprintf(out, size,
		    "%u enabled, %u usable (provider off: %u), %u pending",
		    enabled, usable, enabled - usable,
		    account->pending_factors);
	else
		(void)snprintf(out, size, "%u enabled, %u pending", enabled,
		    account->pending_factors);
}

static void
count_lines(const mfa_wire_Account *account)
{
	char text[100];

	factors(account, text, sizeof(text));
	mfa_out_line("Factors:", text);
	(void)snprintf(text, sizeof(text), "%u of %u left, %u entered",
	    account->recovery_left, account->recovery_total,
	    account->recovery_compared);
	mfa_out_line("Recovery codes:", text);
	(void)snprintf(text, sizeof(text), "%u in a day, %u in 30 days",
	    account->wrong_today, account->wrong_month);
	mfa_out_line("Wrong codes:", text);
}

static void
print_text(const struct mfa_args *args, const mfa_wire_Account *account)
{
	char text[300], span[MFA_OUT_DATE];

	if (mfa_whose_is_unix(args))
		(void)snprintf(text, sizeof(text), "%s (uid %u)", account->user,
		    account->uid);
	else
		(void)snprintf(text, sizeof(text), "%s", account->user);
	mfa_out_line("User:", text);
	if (!mfa_whose_is_unix(args))
		mfa_out_line("Realm:", args->realm);
	if (account->problem[0] != '\0')
		mfa_out_line("Enrolled:", "not known");
	else
		mfa_out_line("Enrolled:", account->enrolled ? "yes" : "no");
	if (account->exempt)
		mfa_out_line("Asked for code:", "no, exempt");
	else
		mfa_out_line("Asked for code:",
		    account->required ? "yes" : "no");
	count_lines(account);
	if (account->locked_seconds != 0) {
		mfa_out_span(account->locked_seconds, span);
		(void)snprintf(text, sizeof(text),
		    "for %s: right codes are refused too, but recovery codes "
		    "are not", span);
	} else {
		(void)snprintf(text, sizeof(text), "no");
	}
	mfa_out_line("Locked:", text);
	if (account->blocked)
		mfa_out_line("Blocked:", "yes, until an administrator unlocks");
	if (account->problem[0] != '\0')
		mfa_out_line("Problem:", account->problem);
}

int
mfa_cmd_status(const struct mfa_args *args)
{
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_status_tag;
	code = mfa_ask_subject(request.what.status.user,
	    request.what.status.realm, args->user, args->realm);
	if (code != MFA_EXIT_DONE)
		return code;
	if (mfa_ask_one(&request, mfa_wire_Reply_account_tag, &reply,
		&problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	if (!args->json) {
		print_text(args, &reply.what.account);
		return MFA_EXIT_DONE;
	}
	return mfa_out_json_line(mfa_account_json(args,
	    &reply.what.account));
}
