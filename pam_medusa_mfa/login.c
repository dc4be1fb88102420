/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/login.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "lib/client/client.h"
#include "lib/client/reply.h"
#include "pam_medusa_mfa/audit.h"
#include "pam_medusa_mfa/converse.h"
#include "pam_medusa_mfa/result.h"
#include "pam_medusa_mfa/seat.h"
#include "pam_medusa_mfa/split.h"

/*
 * The verifier ends by its own count; this one only keeps a host from asking
 * for ever when that goes wrong.
 */
#define PROMPTS_MAX	 16
#define ACKNOWLEDGED_MAX 8 /* to be read, besides */
#define SHOWN_MAX                                                             \
	(sizeof(mfa_wire_Prompt) + sizeof(((struct mfa_args *)0)->prompt))

#define SAME_NUMBER(name) \
	_Static_assert((unsigned int)MFA_VERDICT_##name == \
	    (unsigned int)mfa_wire_VerdictCode_VERDICT_##name, \
	    "wire.proto and verdict.h agree on " #name)
SAME_NUMBER(DENY);
SAME_NUMBER(ACCEPT);
SAME_NUMBER(PASS);
SAME_NUMBER(UNAVAILABLE);
SAME_NUMBER(MISCONFIGURED);

struct login {
	pam_handle_t *pamh;
	const struct mfa_args *args;
	bool silent;
	struct mfa_client *client;
	struct mfa_outcome *out;
	bool greeted; /* there was a verifier to talk to */
	int asked;    /* prompts for an answer */
	int acknowledged; /* prompts to be read */
	struct mfa_split_code code; /* of use_split */
};

static void
fill_login(const struct mfa_args *args, const struct mfa_who *who,
    mfa_wire_Request *request)
{
	struct mfa_seat seat = { 0, 0, 0, 0 };
	mfa_wire_Login *login = &request->what.login;

	memset(request, 0, sizeof(*request));
	request->which_what = mfa_wire_Request_login_tag;
	memcpy(login->user, who->user, sizeof(login->user));
	memcpy(login->service, who->service, sizeof(login->service));
	memcpy(login->rhost, who->rhost, sizeof(login->rhost));
	memcpy(login->tty, who->tty, sizeof(login->tty));
	login->nullok = args->nullok;
	login->retry = args->retry;
	login->key_used = who->key_used;
	login->unseen = args->use_split;
	/* Of a login from elsewhere it says nothing. */
	if (who->rhost[0] == '\0')
		mfa_seat_look(who->tty, &seat);
	login->session = seat.session;
	login->ruid = seat.ruid;
	login->leader = seat.leader;
	login->leader_since = seat.leader_since;
}

/*
 * A verifier that is tired of waiting says why before it leaves: if it is
 * gone, that message is still to be read.
 */
static enum mfa_err
send_unless_gone(const struct login *l, const mfa_wire_Request *request)
{
	enum mfa_err r = mfa_client_send(l->client, request);

	return r == MFA_ERR_CLOSED ? MFA_OK : r;
}

static void
tell(const struct login *l, const char *text)
{
	bool good = l->out->verdict == MFA_VERDICT_ACCEPT ||
	    mfa_result_passes(l->out->verdict, l->out->reason);

	if (text[0] != '\0' && !l->silent && mfa_text_printable(text))
		mfa_converse_tell(l->pamh,
		    good ? PAM_TEXT_INFO : PAM_ERROR_MSG, text);
}

/* The end of a conversation: a verdict, or an error instead of one. */
static enum mfa_err
take_verdict(const struct login *l, const mfa_wire_Reply *reply)
{
	enum mfa_err r;

	if ((r = mfa_outcome_take(reply, l->out)) != MFA_OK)
		return r;
	mfa_audit_lock(l->pamh, reply->what.verdict.lock);
	tell(l, l->out->text);
	return MFA_OK;
}

/*
 * There is no answer to send.  The verifier is told why and confirms, so that
 * its log line is out; it has nothing more to decide, and whatever else than
 * a refusal it says is an error.
 */
static enum mfa_err
give_up(const struct login *l, mfa_wire_Reason reason, bool first)
{
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	enum mfa_err r;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_abandon_tag;
	request.what.abandon.reason = reason;
	if ((r = send_unless_gone(l, &request)) != MFA_OK ||
	    (r = mfa_client_recv(l->client, &reply)) != MFA_OK)
		return r;
	if ((r = mfa_reply_err(&reply)) != MFA_OK)
		return r;
	if (reply.which_what != mfa_wire_Reply_verdict_tag ||
	    reply.what.verdict.code != mfa_wire_VerdictCode_VERDICT_DENY)
		return MFA_ERR_PROTOCOL;
	/* An answer before this one may have begun a lock. */
	mfa_audit_lock(l->pamh, reply.what.verdict.lock);
	/* R4: only a first prompt that was shown fails the conversation. */
	if (reason == mfa_wire_Reason_REASON_CONVERSATION && !first)
		reason = mfa_wire_Reason_REASON_WRONG;
	l->out->reason = reason;
	if (reason != mfa_wire_Reason_REASON_CONVERSATION)
		tell(l, reply.what.verdict.text);
	return MFA_OK;
}

/*
 * Asks nobody: the first prompt gets the code, a later one nothing.  Where none
 * was taken off, answer stays one that was not given.
 */
static enum mfa_err
use_code(struct login *l, struct mfa_answer *answer)
{
	enum mfa_err r;

	if (l->code.text[0] == '\0')
		return MFA_OK;
	r = mfa_answer_judge(l->pamh, l->code.text, answer);
	mfa_secret_wipe(&l->code, sizeof(l->code));
	return r;
}

/* Nothing is proven by it: not even that somebody has read it. */
static void
acknowledge(const struct login *l, const char *shown, struct mfa_answer *answer)
{
	if (!l->args->use_split)
		mfa_converse_tell(l->pamh, PAM_PROMPT_ECHO_ON, shown);
	answer->reason = mfa_wire_Reason_REASON_NONE;
}

static enum mfa_err
ask(struct login *l, const mfa_wire_Prompt *prompt, struct mfa_answer *answer)
{
	bool own = !prompt->acknowledge && l->args->prompt[0] != '\0';
	enum mfa_err r = MFA_OK;
	char shown[SHOWN_MAX];

	if (!mfa_text_printable(prompt->note) ||
	    !mfa_text_printable(prompt->text) || prompt->text[0] == '\0')
		return MFA_ERR_PROTOCOL;
	(void)snprintf(shown, sizeof(shown), "%s%s%s", prompt->note,
	    prompt->note[0] != '\0' ? " " : "",
	    own ? l->args->prompt : prompt->text);
	if (prompt->acknowledge)
		acknowledge(l, shown, answer);
	else if (l->args->use_split)
		r = use_code(l, answer);
	else
		r = mfa_converse_ask(l->pamh, l->args->echo ?
		    PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF, shown, answer);
	/* A key or recovery codes may stand in it. */
	mfa_secret_wipe(shown, sizeof(shown));
	return r;
}

static enum mfa_err
send_answer(const struct login *l, const struct mfa_answer *answer)
{
	mfa_wire_Request request;
	mfa_wire_Answer_text_t *text = &request.what.answer.text;
	enum mfa_err r;

	_Static_assert(sizeof(text->bytes) >= MFA_ANSWER_MAX, "an answer fits");
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_answer_tag;
	memcpy(text->bytes, answer->text, answer->len);
	text->size = (pb_size_t)answer->len;
	r = send_unless_gone(l, &request);
	mfa_secret_wipe(&request, sizeof(request));
	return r;
}

/* One prompt, one message to the verifier.  last: no prompt may follow. */
static enum mfa_err
carry(struct login *l, const mfa_wire_Prompt *prompt, bool first,
    bool *last)
{
	struct mfa_answer answer = { .reason =
	    mfa_wire_Reason_REASON_CONVERSATION };
	enum mfa_err asked, r;

	asked = ask(l, prompt, &answer);
	*last = asked != MFA_OK || answer.reason != mfa_wire_Reason_REASON_NONE;
	if (*last)
		r = give_up(l, answer.reason, first && !l->args->use_split);
	else
		r = send_answer(l, &answer);
	mfa_answer_wipe(&answer);
	return asked != MFA_OK ? asked : r;
}

/* Counts a prompt; false if it is one too many. */
static bool
count(struct login *l, const mfa_wire_Prompt *prompt)
{
	if (prompt->acknowledge)
		return ++l->acknowledged <= ACKNOWLEDGED_MAX;
	return ++l->asked <= PROMPTS_MAX;
}

static enum mfa_err
pull(struct login *l)
{
	const mfa_wire_Prompt *prompt;
	mfa_wire_Reply reply;
	enum mfa_err r;
	bool last = false;

	do {
		if ((r = mfa_client_recv(l->client, &reply)) != MFA_OK)
			break;
		prompt = &reply.what.prompt;
		if (reply.which_what != mfa_wire_Reply_prompt_tag) {
			r = take_verdict(l, &reply);
			break;
		}
		r = count(l, prompt) ?
		    carry(l, prompt, l->asked == 1, &last) : MFA_ERR_PROTOCOL;
	} while (r == MFA_OK && !last);
	mfa_secret_wipe(&reply, sizeof(reply));
	return r;
}

static enum mfa_err
try_way(struct login *l, const mfa_wire_Request *request, bool own)
{
	enum mfa_err r;

	l->out->step = "cannot reach medusa-mfad, try medusa-mfad --check";
	r = own ? mfa_client_open_own(&l->client) :
		  mfa_client_open(l->args->socket, &l->client);
	if (r == MFA_OK) {
		l->greeted = true;
		l->out->step = "no verdict, try medusa-mfad --check";
		if ((r = mfa_client_send(l->client, request)) == MFA_OK)
			r = pull(l);
	}
	mfa_client_free(l->client);
	return r;
}

/* Nobody is there who could say anything, so that the module does. */
static void
explain(const struct login *l, enum mfa_err err)
{
	const char *text = "The second factor cannot be checked right now: "
			   "tell your administrator.";

	if (geteuid() != 0) {
		text = "The second factor cannot be checked: medusa-mfad is "
		       "not running or not to be reached.";
		if (err == MFA_ERR_UNAVAILABLE)
			l->out->step = "cannot reach medusa-mfad, start it by "
			    "systemctl enable --now medusa-mfad.socket or "
			    "medusa-mfad --listen";
	}
	tell(l, text);
}

static enum mfa_err
talk(struct login *l, const mfa_wire_Request *request)
{
	enum mfa_err r = try_way(l, request, false);

	/* Somebody may keep a listener busy with this very user. */
	if (r == MFA_ERR_BUSY && l->greeted &&
	    l->asked + l->acknowledged == 0 && geteuid() == 0)
		r = try_way(l, request, true);
	if (!l->greeted)
		explain(l, r);
	/* In the module these mean its argument and its user name. */
	if (r == MFA_ERR_INVALID || r == MFA_ERR_NO_USER)
		r = MFA_ERR_PROTOCOL;
	return r;
}

enum mfa_err
mfa_login_run(pam_handle_t *pamh, int flags, const struct mfa_args *args,
    const struct mfa_who *who, struct mfa_outcome *outcome)
{
	struct login l = { .pamh = pamh, .args = args, .out = outcome };
	mfa_wire_Request request;
	enum mfa_err r;

	l.silent = ((unsigned int)flags & PAM_SILENT) != 0;
	*outcome = mfa_outcome_refused("use_split: the code");
	if (args->use_split &&
	    (r = mfa_split_take(pamh, who, &l.code)) != MFA_OK)
		return r;
	fill_login(args, who, &request);
	r = talk(&l, &request);
	mfa_secret_wipe(&l.code, sizeof(l.code));
	return r;
}
