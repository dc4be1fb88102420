/* SPDX-License-Identifier: MIT */
#include "utils/session.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/factor.h"
#include "utils/out.h"

/* Prove, and what Account says of it, came with this version. */
#define VERSION 3

/* One person, or script, that proves. */
struct proving {
	struct mfa_session *session;
	int left; /* proofs that may still be tried */
	mfa_wire_Request request;
};

static int
look(struct mfa_session *session)
{
	struct mfa_ask_problem problem;
	struct mfa_client *client = NULL;
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	enum mfa_err r;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_status_tag;
	code = mfa_ask_subject(request.what.status.user,
	    request.what.status.realm, session->args->user,
	    session->args->realm);
	if (code != MFA_EXIT_DONE)
		return code;
	if ((r = mfa_ask_open(VERSION, &client, &problem)) != MFA_OK)
		return mfa_ask_failed(&problem);
	if ((r = mfa_client_send(client, &request)) != MFA_OK)
		mfa_ask_explain(r, &problem);
	else
		r = mfa_ask_answer(client, mfa_wire_Reply_account_tag, &reply,
		    &problem);
	mfa_client_free(client);
	if (r != MFA_OK)
		return mfa_ask_failed(&problem);
	/* Of a record that cannot be read the change itself tells more. */
	if (reply.what.account.problem[0] != '\0')
		return MFA_EXIT_DONE;
	session->need = reply.what.account.proof;
	session->pending = !reply.what.account.enrolled &&
	    reply.what.account.pending_factors != 0;
	return MFA_EXIT_DONE;
}

/* With --json, standard output is for one object alone. */
static void
say(const struct mfa_args *args, const char *text)
{
	if (args->json)
		mfa_out_error("%s", text);
	else
		(void)printf("%s\n", text);
}

/* Whoever forgot it would ask for an invitation that is not needed. */
static void
tell_pending(const struct mfa_session *session)
{
	struct mfa_ask_problem problem;
	mfa_wire_FactorInfo factor;
	char span[MFA_OUT_DATE], text[200];

	if (mfa_factor_pending(session->args, NULL, NULL, &factor, &problem) !=
	    MFA_OK)
		return;
	mfa_out_span(factor.expires_seconds, span);
	if (mfa_factor_is_stuck(&factor))
		(void)snprintf(text, sizeof(text),
		    "The factor %s is locked after too many wrong codes, and "
		    "goes by itself in %s.", factor.label, span);
	else
		(void)snprintf(text, sizeof(text),
		    "The factor %s is pending, for %s; to enable it: "
		    "medusa-mfa confirm %s", factor.label, span, factor.label);
	say(session->args, text);
}

int
mfa_session_open(struct mfa_session *session, struct mfa_term *term,
    const struct mfa_args *args, enum mfa_session_purpose purpose)
{
	int code;

	memset(session, 0, sizeof(*session));
	session->args = args;
	session->term = term;
	session->need = mfa_wire_Proof_PROOF_NONE;
	if (!args->owner)
		return MFA_EXIT_DONE;
	if ((code = look(session)) != MFA_EXIT_DONE)
		return code;
	/* What is not enrolled yet is protected by nothing but this. */
	if (purpose != MFA_SESSION_ENROLL &&
	    session->need != mfa_wire_Proof_PROOF_CODE)
		session->need = mfa_wire_Proof_PROOF_NONE;
	if (purpose == MFA_SESSION_ENROLL && session->pending)
		tell_pending(session);
	if (session->need != mfa_wire_Proof_PROOF_REFUSED)
		return MFA_EXIT_DONE;
	mfa_out_error("you cannot enrol by yourself here: ask your "
		      "administrator");
	return MFA_EXIT_FAILED;
}

void
mfa_session_close(struct mfa_session *session)
{
	mfa_client_free(session->client);
	session->client = NULL;
}

/* ---- the proof ---- */

static bool
needs_proof(const struct mfa_session *session)
{
	return session->need == mfa_wire_Proof_PROOF_CODE ||
	    session->need == mfa_wire_Proof_PROOF_INVITATION;
}

bool
mfa_session_is_send(const char *line)
{
	size_t blanks = strspn(line, " \t");

	return strncasecmp(line + blanks, "send", 4) == 0 &&
	    strchr(" \t\r", line[blanks + 4]) != NULL;
}

/* True for what a person mends by typing again. */
static bool
is_wrong(enum mfa_err err)
{
	return err == MFA_ERR_WRONG || err == MFA_ERR_REPLAYED ||
	    err == MFA_ERR_SYNTAX || err == MFA_ERR_INVALID ||
	    err == MFA_ERR_EXPIRED;
}

/* Who is sent nothing now may have the code already, or another factor. */
static bool
is_unsent(enum mfa_err err)
{
	return err == MFA_ERR_TOO_SOON || err == MFA_ERR_UNDELIVERED ||
	    err == MFA_ERR_NOT_FOUND || err == MFA_ERR_CONFIG ||
	    err == MFA_ERR_LOCKED;
}

static void
tell(const struct mfa_args *args, const mfa_wire_Done *done,
    const char *otherwise)
{
	char clean[401];

	mfa_out_clean(done->text[0] != '\0' ? done->text : otherwise, clean,
	    sizeof(clean));
	if (clean[0] != '\0')
		say(args, clean);
}

/*
 * A person takes longer than the verifier waits for one who has proven nothing
 * yet: each try has a new conversation, and the one that succeeds is kept.
 */
static enum mfa_err
try_proof(struct proving *proving, bool send, struct mfa_ask_problem *problem)
{
	struct mfa_session *session = proving->session;
	mfa_wire_Reply reply;
	enum mfa_err r;

	r = mfa_ask_begin(&proving->request, &session->client, problem);
	if (r == MFA_OK)
		r = mfa_ask_answer(session->client, mfa_wire_Reply_done_tag,
		    &reply, problem);
	if (r == MFA_OK)
		tell(session->args, &reply.what.done,
		    send ? "A code is on its way." : "");
	if (r != MFA_OK || send)
		mfa_session_close(session);
	else
		session->invited =
		    session->need == mfa_wire_Proof_PROOF_INVITATION;
	return r;
}

/* What a wrong proof is, and what came of it. */
static int
failed(const struct proving *proving, struct mfa_ask_problem *problem)
{
	bool invited =
	    proving->session->need == mfa_wire_Proof_PROOF_INVITATION;
	int code;

	if (invited && (problem->err == MFA_ERR_WRONG ||
			   problem->err == MFA_ERR_SYNTAX))
		(void)mfa_text_copy(problem->text, sizeof(problem->text),
		    "not your invitation: six groups of four letters and "
		    "digits");
	code = mfa_ask_failed(problem);
	if (!is_wrong(problem->err))
		return code;
	if (proving->left <= 0 && mfa_term_interactive(proving->session->term))
		mfa_out_error("nothing was changed; run it again");
	return MFA_EXIT_WRONG;
}

/* One line; proving->left says whether there is to be another. */
static int
take(struct proving *proving, const char *line)
{
	mfa_wire_Prove_code_t *proof = &proving->request.what.prove.code;
	bool person = mfa_term_interactive(proving->session->term);
	bool send = mfa_session_is_send(line);
	struct mfa_ask_problem problem;
	enum mfa_err r;

	proof->size = (pb_size_t)strlen(line);
	memcpy(proof->bytes, line, proof->size);
	r = try_proof(proving, send, &problem);
	mfa_secret_wipe(proof, sizeof(*proof));
	if (r == MFA_OK) {
		proving->left = send ? proving->left : 0;
		return MFA_EXIT_DONE;
	}
	if (is_wrong(r))
		proving->left--;
	else if (!person || !send || !is_unsent(r))
		proving->left = 0;
	return failed(proving, &problem);
}

static int
turn(struct proving *proving)
{
	bool invited =
	    proving->session->need == mfa_wire_Proof_PROOF_INVITATION;
	struct mfa_term *term = proving->session->term;
	char line[MFA_TERM_LINE];
	enum mfa_err r;
	int code;

	/* A long one is typed in sight, and is used up by it. */
	r = mfa_term_read(term, invited ?
		"Invitation from your administrator: " :
		"Code of a factor you have: ", invited, line, sizeof(line));
	if (r != MFA_OK) {
		proving->left = 0;
		code = mfa_term_failed_before(term, r, invited ?
			"the invitation" : "the code of a factor you have");
	} else if (line[0] == '\0' && mfa_term_interactive(term)) {
		code = MFA_EXIT_FAILED;
	} else {
		code = take(proving, line);
	}
	mfa_secret_wipe(line, sizeof(line));
	return code;
}

int
mfa_session_prove(struct mfa_session *session)
{
	struct proving proving = { .session = session };
	int code;

	if (!needs_proof(session))
		return MFA_EXIT_DONE;
	proving.left = mfa_term_interactive(session->term) ?
	    MFA_SESSION_TRIES : 1;
	proving.request.which_what = mfa_wire_Request_prove_tag;
	code = mfa_ask_name(proving.request.what.prove.user,
	    sizeof(proving.request.what.prove.user), session->args->user);
	if (code != MFA_EXIT_DONE)
		return code;
	do
		code = turn(&proving);
	while (proving.left > 0);
	return code;
}

/* ---- what was proven for ---- */

/* In the one conversation; what closed it before this came was time. */
static enum mfa_err
ask_kept(struct mfa_session *session, const mfa_wire_Request *request,
    unsigned int tag, mfa_wire_Reply *reply, struct mfa_ask_problem *problem)
{
	enum mfa_err r;

	memset(reply, 0, sizeof(*reply));
	r = mfa_client_send(session->client, request);
	if (r == MFA_OK)
		r = mfa_ask_answer(session->client, tag, reply, problem);
	else if (r != MFA_ERR_CLOSED)
		mfa_ask_explain(r, problem);
	else
		r = MFA_ERR_PROOF;
	if (r != MFA_ERR_PROOF && r != MFA_ERR_INVITATION)
		return r;
	problem->err = MFA_ERR_PROOF;
	(void)mfa_text_copy(problem->text, sizeof(problem->text),
	    "that took too long: the verifier waits no more");
	return MFA_ERR_PROOF;
}

enum mfa_err
mfa_session_one(struct mfa_session *session, const mfa_wire_Request *request,
    unsigned int tag, mfa_wire_Reply *reply, struct mfa_ask_problem *problem)
{
	if (session->client == NULL)
		return mfa_ask_one(request, tag, reply, problem);
	return ask_kept(session, request, tag, reply, problem);
}

int
mfa_session_change(struct mfa_session *session,
    const mfa_wire_Request *request, unsigned int tag, mfa_wire_Reply *reply,
    struct mfa_ask_problem *problem)
{
	enum mfa_err r;
	int code;

	memset(problem, 0, sizeof(*problem));
	if (needs_proof(session)) {
		r = mfa_ask_one(request, tag, reply, problem);
		if (r == MFA_OK)
			return MFA_EXIT_DONE;
		if (r != MFA_ERR_PROOF && r != MFA_ERR_INVITATION)
			return mfa_ask_failed(problem);
		problem->err = MFA_OK;
		if ((code = mfa_session_prove(session)) != MFA_EXIT_DONE)
			return code;
	}
	r = mfa_session_one(session, request, tag, reply, problem);
	return r == MFA_OK ? MFA_EXIT_DONE : mfa_ask_failed(problem);
}

int
mfa_session_done(struct mfa_session *session, const mfa_wire_Request *request)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;
	int code = mfa_session_change(session, request,
	    mfa_wire_Reply_done_tag, &reply, &problem);

	if (code == MFA_EXIT_DONE)
		code = mfa_ask_told(&reply.what.done, "Done.");
	return code;
}
