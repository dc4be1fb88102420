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
			 "s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:I,s:b,s:o}",
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
	    (json_int_t)account->wrong_month, "wrong_today_unprivileged",
	    (json_int_t)account->wrong_today_unprivileged,
	    "locked_seconds_unprivileged",
	    (json_int_t)account->locked_seconds_unprivileged,
	    "invited_seconds",
	    (json_int_t)account->invited_seconds, "invitation_compared",
	    (json_int_t)account->invitation_compared, "bypass_seconds",
	    (json_int_t)account->bypass_seconds, "bypass_compared",
	    (json_int_t)account->bypass_compared, "bypass_reason",
	    mfa_out_json_text(account->bypass_reason), "remembered",
	    (json_int_t)account->remembered, "by_rules", account->by_rules,
	    "problem",
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

/* How often such a code was compared; nothing where it never was. */
static void
add_tried(char *text, size_t size, uint32_t compared)
{
	size_t used = strlen(text);

	if (compared != 0)
		(void)snprintf(text + used, size - used,
		    "; somebody typed one %u time%s, right or wrong", compared,
		    mfa_out_s(compared));
}

static void
count_lines(const mfa_wire_Account *account)
{
	char text[100];

	factors(account, text, sizeof(text));
	mfa_out_line("Factors:", text);
	(void)snprintf(text, sizeof(text), "none");
	if (account->recovery_total != 0) {
		(void)snprintf(text, sizeof(text), "%u of %u left",
		    account->recovery_left, account->recovery_total);
		add_tried(text, sizeof(text), account->recovery_compared);
	}
	mfa_out_line("Recovery codes:", text);
	(void)snprintf(text, sizeof(text), "%u in a day, %u in 30 days",
	    account->wrong_today, account->wrong_month);
	mfa_out_line("Wrong codes:", text);
	if (account->wrong_today_unprivileged == 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "%u in a day by way of programs that are not root",
	    account->wrong_today_unprivileged);
	mfa_out_line("", text);
}

static void
user_lines(const struct mfa_args *args, const mfa_wire_Account *account)
{
	char text[300];

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
}

static void
invited_line(const mfa_wire_Account *account)
{
	char text[100], span[MFA_OUT_DATE];

	if (account->invited_seconds == 0)
		return;
	mfa_out_span(account->invited_seconds, span);
	(void)snprintf(text, sizeof(text), "for %s", span);
	add_tried(text, sizeof(text), account->invitation_compared);
	mfa_out_line("Invited:", text);
}

static void
bypass_lines(const mfa_wire_Account *account)
{
	char text[100], span[MFA_OUT_DATE];

	if (account->bypass_seconds == 0)
		return;
	mfa_out_span(account->bypass_seconds, span);
	(void)snprintf(text, sizeof(text), "for %s", span);
	add_tried(text, sizeof(text), account->bypass_compared);
	mfa_out_line("Bypass code:", text);
	mfa_out_clean(account->bypass_reason, text, sizeof(text));
	mfa_out_line("", text);
}

static void
locked_lines(const struct mfa_args *args, const mfa_wire_Account *account)
{
	char text[120] = "no", span[MFA_OUT_DATE];

	if (account->locked_seconds != 0) {
		mfa_out_span(account->locked_seconds, span);
		(void)snprintf(text, sizeof(text),
		    "for %s: right codes are refused too, but recovery codes "
		    "are not", span);
	}
	/* Users of other realms do not log in here. */
	mfa_out_line(mfa_whose_is_unix(args) ? "Locked at logins: " :
					       "Locked:", text);
	if (account->locked_seconds_unprivileged != 0) {
		mfa_out_span(account->locked_seconds_unprivileged, span);
		(void)snprintf(text, sizeof(text), "for %s", span);
		mfa_out_line("Locked at screen lockers and own commands: ",
		    text);
	}
	if (account->blocked)
		mfa_out_line("Blocked:", "yes, until an administrator unlocks");
}

/* Where rules decide, it is yes here and no there; only root may ask where. */
static void
asked_lines(const struct mfa_args *args, const mfa_wire_Account *account)
{
	char text[600] = "depends on rules", name[300];

	if (!account->by_rules)
		(void)snprintf(text, sizeof(text), "%s", account->exempt ?
		    "no, exempt" : account->required ? "yes" : "no");
	else if (!args->owner) {
		mfa_out_word(account->user, name, sizeof(name));
		(void)snprintf(text, sizeof(text),
		    "depends on rules: medusa-mfa explain %s SERVICE", name);
	}
	mfa_out_line("Asked for code:", text);
	if (account->remembered == 0)
		return;
	(void)snprintf(text, sizeof(text), "%u place%s", account->remembered,
	    mfa_out_s(account->remembered));
	mfa_out_line("Remembered:", text);
}

static void
print_text(const struct mfa_args *args, const mfa_wire_Account *account)
{
	user_lines(args, account);
	invited_line(account);
	bypass_lines(account);
	asked_lines(args, account);
	count_lines(account);
	locked_lines(args, account);
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
