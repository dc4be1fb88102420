/* SPDX-License-Identifier: MIT */
/* Codes for an administrator to hand over: invite, bypass. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/ask.h"
#include "utils/codes.h"
#include "utils/grant.h"
#include "utils/out.h"

/* What differs between them. */
struct kind {
	const char *command;
	const char *what;  /* in a sentence, behind "the" */
	const char *title; /* at its beginning */
	const char *use;   /* what the user does with it, behind the name */
	bool own;	   /* he needs his own command for it */
};

static const struct kind invitation = { "invite", "invitation", "Invitation",
	", who runs this here and types it when asked:\n"
	"  medusa-mfa enroll\n"
	"It is typed into medusa-mfa enroll, not at a login.\n", true };
static const struct kind bypass = { "bypass", "bypass code", "Bypass code",
	", who types it in the place of a verification code.\n", false };

/* The user is not the one who reads this. */
static void
tell_use(const struct kind *kind, const char *user,
    const mfa_wire_Granted *granted)
{
	char date[MFA_OUT_DATE], span[MFA_OUT_DATE];

	mfa_out_date(granted->expires_at, false, date);
	mfa_out_span(granted->expires_seconds, span);
	if (granted->replaced)
		(void)printf("The one of before is void.\n");
	if (granted->dropped != 0)
		(void)printf(MFA_GRANT_DROPPED ".\n", granted->dropped);
	(void)printf("It is good once, until %s (%s).\nGive it to %s%s", date,
	    span, user, kind->use);
}

/* Nobody can show it again. */
static int
lost(const struct kind *kind, const struct mfa_args *args, const char *why)
{
	char user[300], reason[300], options[360] = "";

	mfa_out_word(args->operand[0], user, sizeof(user));
	if (kind == &bypass) {
		mfa_out_word(args->reason, reason, sizeof(reason));
		(void)snprintf(options, sizeof(options),
		    " --for %us --reason %s", args->span, reason);
	}
	mfa_out_error("%s; the %s was made and is lost: "
		      "medusa-mfa %s%s %s makes another one", why, kind->what,
	    kind->command, options, user);
	return MFA_EXIT_FAILED;
}

static int
printed(const struct kind *kind, const struct mfa_args *args)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return MFA_EXIT_DONE;
	return lost(kind, args, "cannot write the output");
}

static int
give_json(const struct kind *kind, const struct mfa_args *args,
    const mfa_wire_Granted *granted)
{
	int code = mfa_out_json_line(json_pack("{s:o,s:o,s:o,s:I}", "user",
	    mfa_out_json_text(args->operand[0]), "code",
	    mfa_out_json_text(granted->code), "expires_at",
	    mfa_out_json_date(granted->expires_at), "expires_seconds",
	    (json_int_t)granted->expires_seconds));

	if (granted->dropped != 0)
		mfa_out_error("note: " MFA_GRANT_DROPPED, granted->dropped);
	return code == MFA_EXIT_DONE ? printed(kind, args) : code;
}

static void
show(const struct kind *kind, const char *user,
    const mfa_wire_Granted *granted)
{
	(void)printf("%s for %s, shown only now:\n\n    %s\n\n", kind->title,
	    user, granted->code);
}

/* Into the file; MFA_ERR_NOT_FOUND if there is to be none. */
static enum mfa_err
save(const mfa_wire_Granted *granted, struct mfa_codes *codes)
{
	char row[1][MFA_CODES_WIDTH];
	enum mfa_err r;

	if (codes->path == NULL)
		return MFA_ERR_NOT_FOUND;
	(void)mfa_text_copy(row[0], sizeof(row[0]), granted->code);
	r = mfa_codes_save(codes, row, 1);
	mfa_secret_wipe(row, sizeof(row));
	return r;
}

/* Not in the file: shown at a terminal, which somebody sees. */
static int
give_unsaved(const struct kind *kind, const struct mfa_args *args,
    const mfa_wire_Granted *granted, enum mfa_err saved)
{
	char why[200], user[300];

	(void)snprintf(why, sizeof(why), "the %s is not in the file: %s",
	    kind->what, mfa_out_file_error(saved));
	if (!mfa_codes_may_show())
		return lost(kind, args, why);
	mfa_out_clean(args->operand[0], user, sizeof(user));
	show(kind, user, granted);
	tell_use(kind, user, granted);
	mfa_out_error("%s", why);
	(void)printed(kind, args);
	return MFA_EXIT_FAILED;
}

static int
give(const struct kind *kind, const struct mfa_args *args,
    const mfa_wire_Granted *granted, struct mfa_codes *codes)
{
	char user[300];
	enum mfa_err saved = save(granted, codes);

	if (saved != MFA_OK && codes->path != NULL)
		return give_unsaved(kind, args, granted, saved);
	mfa_out_clean(args->operand[0], user, sizeof(user));
	if (saved == MFA_OK)
		(void)printf("The %s for %s is in %s\n", kind->what, user,
		    codes->path);
	else
		show(kind, user, granted);
	tell_use(kind, user, granted);
	return saved == MFA_OK ? MFA_EXIT_DONE : printed(kind, args);
}

/* ---- what may still be in the way ---- */

static void
hint_listener(const char *user)
{
	int fd = -1;
	enum mfa_err r = mfa_client_connect(NULL, &fd);

	if (r == MFA_ERR_UNAVAILABLE)
		(void)printf("Nobody listens yet, which %s needs: "
			     "systemctl enable --now medusa-mfad.socket\n",
		    user);
	if (fd >= 0)
		(void)close(fd);
}

static void
hint_account(const char *user, const char *word,
    const mfa_wire_Account *account)
{
	char span[MFA_OUT_DATE];

	if (account->exempt)
		(void)printf("note: %s is exempt and is not asked for a code\n",
		    user);
	else if (account->by_rules && !account->enrolled)
		(void)printf("Rules say whether %s comes in without a factor: "
			     "medusa-mfa explain %s SERVICE\n", user, word);
	else if (account->required && !account->enrolled)
		(void)printf("Users who have no factor are refused at logins "
			     "here (require = all): %s\nhas to be let in to "
			     "type it, or enrol %s yourself.\n", user, user);
	if (account->locked_seconds_unprivileged == 0)
		return;
	mfa_out_span(account->locked_seconds_unprivileged, span);
	(void)printf("note: wrong codes lock the own commands of %s for %s: "
		     "medusa-mfa unlock %s\n", user, span, word);
}

/* A state that cannot be had is no reason to fail: the code is made. */
static void
hint(const struct mfa_args *args)
{
	char user[300], word[300];
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;

	mfa_out_clean(args->operand[0], user, sizeof(user));
	mfa_out_word(args->operand[0], word, sizeof(word));
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_status_tag;
	if (mfa_text_copy(request.what.status.user,
		sizeof(request.what.status.user), args->operand[0]) &&
	    mfa_ask_one(&request, mfa_wire_Reply_account_tag, &reply,
		&problem) == MFA_OK)
		hint_account(user, word, &reply.what.account);
	hint_listener(user);
}

static int
ask(const struct kind *kind, const struct mfa_args *args,
    const mfa_wire_Request *request)
{
	struct mfa_ask_problem problem;
	struct mfa_codes codes;
	mfa_wire_Reply reply;
	int code;

	if (!mfa_codes_open(&codes, args->output))
		return MFA_EXIT_FAILED;
	if (mfa_ask_one(request, mfa_wire_Reply_granted_tag, &reply,
		&problem) != MFA_OK)
		code = mfa_ask_failed(&problem);
	else if (args->json)
		code = give_json(kind, args, &reply.what.granted);
	else
		code = give(kind, args, &reply.what.granted, &codes);
	mfa_secret_wipe(&reply, sizeof(reply));
	mfa_codes_close(&codes);
	if (code == MFA_EXIT_DONE && kind->own && !args->json)
		hint(args);
	return code;
}

int
mfa_cmd_invite(const struct mfa_args *args)
{
	mfa_wire_Request request;
	int code;

	if (args->count == 0 && args->users_from == NULL) {
		mfa_out_error("invite: say who, or --users-from FILE "
			      "(see: medusa-mfa help invite)");
		return MFA_EXIT_USAGE;
	}
	if (args->count != 1 || args->users_from != NULL)
		return mfa_grant_many(args);
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_invite_tag;
	code = mfa_ask_name(request.what.invite.user,
	    sizeof(request.what.invite.user), args->operand[0]);
	return code == MFA_EXIT_DONE ? ask(&invitation, args, &request) : code;
}

int
mfa_cmd_bypass(const struct mfa_args *args)
{
	mfa_wire_Request request;
	mfa_wire_Bypass *what = &request.what.bypass;
	int code;

	if (args->span == 0 || args->reason == NULL) {
		mfa_out_error("bypass: --for TIME and --reason TEXT are needed "
			      "(see: medusa-mfa help bypass)");
		return MFA_EXIT_USAGE;
	}
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_bypass_tag;
	what->seconds = args->span;
	code = mfa_ask_name(what->user, sizeof(what->user), args->operand[0]);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(what->reason, sizeof(what->reason),
		    args->reason);
	return code == MFA_EXIT_DONE ? ask(&bypass, args, &request) : code;
}
