/* SPDX-License-Identifier: MIT */
/* A login without a host: what pam_medusa_mfa.so would be told. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/term.h"

#define PROMPTS 3 /* as a login asks by default */

/* A login as it goes on. */
struct trial {
	const struct mfa_args *args;
	struct mfa_client *client;
	struct mfa_term term;
	mfa_wire_Account told; /* root: the locks that were told */
	bool guessed; /* the last answer was a code, not the word "send" */
};

static int
pass(const struct mfa_args *args, const mfa_wire_Verdict *verdict)
{
	char user[300];

	mfa_out_clean(args->user, user, sizeof(user));
	if (verdict->reason == mfa_wire_Reason_REASON_EXEMPT)
		mfa_out_error("%s is exempt: no code is asked for", user);
	else
		mfa_out_error("%s is not enrolled: no code is asked for", user);
	return MFA_EXIT_FAILED;
}

/*
 * Only root is told; for others the reason is empty.  What wrong codes did, the
 * next lines say.
 */
static const char *
why(mfa_wire_Reason reason)
{
	switch (reason) {
	case mfa_wire_Reason_REASON_LOCKED:
		return "locked: right codes are refused too";
	case mfa_wire_Reason_REASON_BLOCKED:
		return "blocked after too many wrong codes";
	case mfa_wire_Reason_REASON_UNKNOWN_USER:
		return "no such user on this host, or the record is an earlier "
		       "user's";
	case mfa_wire_Reason_REASON_NOT_ENROLLED:
		return "not enrolled, and a code is required";
	case mfa_wire_Reason_REASON_NO_CODE:
		return "no code that was sent is good now: answer send, then "
		       "type the code";
	default:
		return "the code is refused";
	}
}

/* Who is not root is never told why; its own status may be asked for. */
static const char *
look(const struct mfa_args *args)
{
	return args->owner ? " (locked? see medusa-mfa status)" : "";
}

static int
conclude(const struct mfa_args *args, const mfa_wire_Verdict *verdict)
{
	char text[401];
	bool said = verdict->text[0] != '\0';

	mfa_out_clean(verdict->text, text, sizeof(text));
	switch (verdict->code) {
	case mfa_wire_VerdictCode_VERDICT_ACCEPT:
		(void)printf("%s\n", said ? text : "The code is right.");
		return MFA_EXIT_DONE;
	case mfa_wire_VerdictCode_VERDICT_DENY:
		mfa_out_error("%s%s", said ? text : why(verdict->reason),
		    look(args));
		return MFA_EXIT_WRONG;
	case mfa_wire_VerdictCode_VERDICT_PASS:
		return pass(args, verdict);
	case mfa_wire_VerdictCode_VERDICT_UNAVAILABLE:
		mfa_out_error("%s", said ? text : "no verdict can be had now");
		mfa_ask_setup();
		return MFA_EXIT_UNAVAILABLE;
	case mfa_wire_VerdictCode_VERDICT_MISCONFIGURED:
		mfa_out_error("%s", said ? text :
					   mfa_strerror(MFA_ERR_CONFIG));
		return MFA_EXIT_FAILED;
	default:
		mfa_out_error("%s", mfa_strerror(MFA_ERR_PROTOCOL));
		return MFA_EXIT_FAILED;
	}
}

/*
 * The person gave no answer: the verifier may note why.  After a wrong code
 * the end of input is that code's result.
 */
static int
abandon(const struct trial *trial, enum mfa_err err, const char *note)
{
	mfa_wire_Request request;
	enum mfa_err r;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_abandon_tag;
	request.what.abandon.reason = err == MFA_ERR_INVALID ?
	    mfa_wire_Reason_REASON_JUNK : mfa_wire_Reason_REASON_CONVERSATION;
	r = mfa_client_send(trial->client, &request);
	(void)r; /* It ends here either way. */
	if (err != MFA_ERR_CLOSED || trial->term.caught != 0 ||
	    !trial->guessed || note[0] == '\0')
		return mfa_term_failed(&trial->term, err);
	mfa_out_error("%s%s", note, look(trial->args));
	return MFA_EXIT_WRONG;
}

static int
answer(struct trial *trial, const mfa_wire_Prompt *prompt)
{
	char note[240], text[240], line[MFA_TERM_LINE], both[500];
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	enum mfa_err r;

	mfa_out_clean(prompt->note, note, sizeof(note));
	mfa_out_clean(prompt->text, text, sizeof(text));
	(void)snprintf(both, sizeof(both), "%s%s%s", note,
	    note[0] != '\0' ? " " : "", text);
	r = mfa_term_read(&trial->term, both, false, line, sizeof(line));
	if (r != MFA_OK)
		return abandon(trial, r, note);
	trial->guessed = strncasecmp(line, "send", 4) != 0;
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_answer_tag;
	request.what.answer.text.size = (pb_size_t)strlen(line);
	memcpy(request.what.answer.text.bytes, line,
	    request.what.answer.text.size);
	r = mfa_client_send(trial->client, &request);
	mfa_secret_wipe(line, sizeof(line));
	mfa_secret_wipe(&request, sizeof(request));
	if (r == MFA_OK)
		return MFA_EXIT_DONE;
	mfa_ask_explain(r, &problem);
	return mfa_ask_failed(&problem);
}

/* Prompts and answers until the verdict. */
static int
converse(struct trial *trial, const struct mfa_args *args)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;
	int code;

	for (;;) {
		enum mfa_err r = mfa_ask_reply(trial->client, &reply, &problem);

		if (r != MFA_OK)
			return mfa_ask_failed(&problem);
		if (reply.which_what == mfa_wire_Reply_verdict_tag)
			return conclude(args, &reply.what.verdict);
		if (reply.which_what != mfa_wire_Reply_prompt_tag) {
			mfa_ask_explain(MFA_ERR_PROTOCOL, &problem);
			return mfa_ask_failed(&problem);
		}
		code = answer(trial, &reply.what.prompt);
		if (code != MFA_EXIT_DONE)
			return code;
	}
}

/* ---- what root may know besides ---- */

/*
 * Locks that were not told yet.  Those of screen lockers no code that is tried
 * here meets.
 */
static void
tell_locks(struct trial *trial, const mfa_wire_Account *now)
{
	const mfa_wire_Account *told = &trial->told;
	char user[300], word[300], span[MFA_OUT_DATE];

	mfa_out_clean(trial->args->user, user, sizeof(user));
	mfa_out_word(trial->args->user, word, sizeof(word));
	mfa_out_span(now->locked_seconds, span);
	if (now->locked_seconds != 0 && told->locked_seconds == 0)
		mfa_out_error("note: at logins wrong codes lock %s for %s: "
			      "right codes are refused too, recovery codes are "
			      "not (medusa-mfa unlock %s)", user, span, word);
	mfa_out_span(now->locked_seconds_unprivileged, span);
	if (now->locked_seconds_unprivileged != 0 &&
	    told->locked_seconds_unprivileged == 0)
		mfa_out_error("note: at screen lockers and own commands wrong "
			      "codes lock %s for %s (medusa-mfa unlock %s)",
		    user, span, word);
	if (now->blocked && !told->blocked)
		mfa_out_error("note: a factor of %s is blocked after too many "
			      "wrong codes (medusa-mfa unlock %s)", user, word);
	trial->told = *now;
}

/*
 * Nobody is asked for the code of a name that was mistyped.  What else goes
 * wrong, the login itself will say.
 */
static int
look_at_account(struct trial *trial)
{
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	enum mfa_err r;

	if (trial->args->owner)
		return MFA_EXIT_DONE;
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_status_tag;
	memcpy(request.what.status.user, trial->args->user,
	    strlen(trial->args->user) + 1);
	r = mfa_ask_one(&request, mfa_wire_Reply_account_tag, &reply, &problem);
	if (r == MFA_OK)
		tell_locks(trial, &reply.what.account);
	return r == MFA_ERR_NO_USER ? mfa_ask_failed(&problem) : MFA_EXIT_DONE;
}

int
mfa_cmd_verify(const struct mfa_args *args)
{
	struct mfa_ask_problem problem;
	struct trial trial = { .args = args };
	mfa_wire_Request request;
	mfa_wire_Login *login = &request.what.login;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_login_tag;
	login->retry = PROMPTS;
	(void)mfa_text_copy(login->service, sizeof(login->service),
	    "medusa-mfa");
	code = mfa_ask_name(login->user, sizeof(login->user), args->user);
	if (code == MFA_EXIT_DONE)
		code = look_at_account(&trial);
	if (code != MFA_EXIT_DONE)
		return code;
	if (mfa_ask_begin(&request, &trial.client, &problem) != MFA_OK) {
		mfa_client_free(trial.client);
		return mfa_ask_failed(&problem);
	}
	mfa_term_open(&trial.term);
	code = converse(&trial, args);
	mfa_client_free(trial.client);
	mfa_term_close(&trial.term);
	if (code == MFA_EXIT_DONE || code == MFA_EXIT_WRONG)
		(void)look_at_account(&trial);
	return code;
}
