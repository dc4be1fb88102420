/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/account.h"
#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"

json_t *
mfa_account_json(const mfa_wire_Account *account)
{
	return json_pack("{s:o,s:I,s:b,s:b,s:b,s:b,s:b,s:I,s:I,s:I,s:I,s:I,s:I,"
			 "s:I,s:I,s:o}",
	    "user", mfa_out_json_text(account->user), "uid",
	    (json_int_t)account->uid, "exists", account->exists, "enrolled",
	    account->enrolled, "required", account->required, "exempt",
	    account->exempt, "blocked", account->blocked, "enabled_factors",
	    (json_int_t)account->enabled_factors, "pending_factors",
	    (json_int_t)account->pending_factors, "recovery_left",
	    (json_int_t)account->recovery_left, "recovery_total",
	    (json_int_t)account->recovery_total, "recovery_compared",
	    (json_int_t)account->recovery_compared, "locked_seconds",
	    (json_int_t)account->locked_seconds, "wrong_today",
	    (json_int_t)account->wrong_today, "wrong_month",
	    (json_int_t)account->wrong_month, "problem",
	    mfa_out_json_text(account->problem));
}

static void
line(const char *title, const char *text)
{
	char clean[600];

	mfa_out_clean(text, clean, sizeof(clean));
	(void)printf("%-17s%s\n", title, clean);
}

static void
count_lines(const mfa_wire_Account *account)
{
	char text[100];

	(void)snprintf(text, sizeof(text), "%u enabled, %u pending",
	    account->enabled_factors, account->pending_factors);
	line("Factors:", text);
	(void)snprintf(text, sizeof(text), "%u of %u left, %u entered",
	    account->recovery_left, account->recovery_total,
	    account->recovery_compared);
	line("Recovery codes:", text);
	(void)snprintf(text, sizeof(text), "%u in a day, %u in 30 days",
	    account->wrong_today, account->wrong_month);
	line("Wrong codes:", text);
}

static void
print_text(const mfa_wire_Account *account)
{
	char text[300], span[MFA_OUT_DATE];

	(void)snprintf(text, sizeof(text), "%s (uid %u)", account->user,
	    account->uid);
	line("User:", text);
	if (account->problem[0] != '\0')
		line("Enrolled:", "not known");
	else
		line("Enrolled:", account->enrolled ? "yes" : "no");
	if (account->exempt)
		line("Asked for code:", "no, exempt");
	else
		line("Asked for code:", account->required ? "yes" : "no");
	count_lines(account);
	if (account->locked_seconds != 0) {
		mfa_out_span(account->locked_seconds, span);
		(void)snprintf(text, sizeof(text),
		    "for %s: right codes are refused too, but recovery codes "
		    "are not", span);
	} else {
		(void)snprintf(text, sizeof(text), "no");
	}
	line("Locked:", text);
	if (account->blocked)
		line("Blocked:", "yes, until an administrator unlocks");
	if (account->problem[0] != '\0')
		line("Problem:", account->problem);
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
	code = mfa_ask_name(request.what.status.user,
	    sizeof(request.what.status.user), args->user);
	if (code != MFA_EXIT_DONE)
		return code;
	if (mfa_ask_one(&request, mfa_wire_Reply_account_tag, &reply,
		&problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	if (!args->json) {
		print_text(&reply.what.account);
		return MFA_EXIT_DONE;
	}
	return mfa_out_json_line(mfa_account_json(&reply.what.account));
}
