/* SPDX-License-Identifier: MIT */
#include "utils/confirm.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "utils/factor.h"
#include "utils/out.h"

/* One pending factor and the person who confirms it. */
struct asking {
	struct mfa_session *session;
	const char *factor;
	bool sent; /* codes are sent: "send" is a word */
	int left;  /* codes that may still be tried */
	char prompt[80];
	mfa_wire_Request request;
};

/* True for what a person mends by typing again. */
static bool
again(enum mfa_err err)
{
	return err == MFA_ERR_WRONG || err == MFA_ERR_REPLAYED ||
	    err == MFA_ERR_SYNTAX || err == MFA_ERR_INVALID;
}

/* True for what another code may follow. */
static bool
later(enum mfa_err err)
{
	return err == MFA_ERR_TOO_SOON || err == MFA_ERR_UNDELIVERED;
}

static void
fill_prompt(struct asking *asking, const char *provider)
{
	size_t size = sizeof(asking->prompt);
	char name[48];

	switch (mfa_factor_kind(provider)) {
	case MFA_FACTOR_TOTP:
		(void)snprintf(asking->prompt, size, "Code from your app: ");
		return;
	case MFA_FACTOR_HOTP:
		(void)snprintf(asking->prompt, size,
		    "Code from your token or app: ");
		return;
	case MFA_FACTOR_OTP:
		(void)snprintf(asking->prompt, size, "Code that was sent: ");
		return;
	default:
		mfa_out_clean(provider, name, sizeof(name));
		(void)snprintf(asking->prompt, size, "Answer of your %s: ",
		    name);
	}
}

static int
fill(mfa_wire_Request *request, const struct mfa_args *args,
    const char *factor)
{
	mfa_wire_Confirm *confirm = &request->what.confirm;
	int code;

	memset(request, 0, sizeof(*request));
	request->which_what = mfa_wire_Request_confirm_tag;
	code = mfa_ask_subject(confirm->user, confirm->realm, args->user,
	    args->realm);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(confirm->factor, sizeof(confirm->factor),
		    factor);
	return code;
}

int
mfa_confirm_resend(const struct mfa_args *args, const char *factor,
    mfa_wire_Request *request)
{
	mfa_wire_Send *send = &request->what.send;
	int code;

	memset(request, 0, sizeof(*request));
	request->which_what = mfa_wire_Request_send_tag;
	code = mfa_ask_subject(send->user, send->realm, args->user,
	    args->realm);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(send->factor, sizeof(send->factor), factor);
	return code;
}

static int
another(struct asking *asking)
{
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	enum mfa_err r;
	int code;

	code = mfa_confirm_resend(asking->session->args, asking->factor,
	    &request);
	if (code != MFA_EXIT_DONE) {
		asking->left = 0;
		return code;
	}
	r = mfa_session_one(asking->session, &request, mfa_wire_Reply_done_tag,
	    &reply, &problem);
	if (r == MFA_OK)
		return mfa_ask_told(&reply.what.done, MFA_CONFIRM_SENT);
	if (!later(r))
		asking->left = 0;
	return mfa_ask_failed(&problem);
}

static int
try_code(struct asking *asking, const char *line, mfa_wire_Reply *reply)
{
	mfa_wire_Confirm_code_t *code = &asking->request.what.confirm.code;
	struct mfa_ask_problem problem;
	enum mfa_err r;

	code->size = (pb_size_t)strlen(line);
	memcpy(code->bytes, line, code->size);
	r = mfa_session_one(asking->session, &asking->request,
	    mfa_wire_Reply_confirmed_tag, reply, &problem);
	mfa_secret_wipe(code, sizeof(*code));
	/* Where none is waiting, another one can be asked for. */
	asking->left = again(r) || (r == MFA_ERR_EXPIRED && asking->sent) ?
	    asking->left - 1 :
	    0;
	return r == MFA_OK ? MFA_EXIT_DONE : mfa_ask_failed(&problem);
}

/* One line: a code, or the word that asks for one. */
static int
turn(struct asking *asking, mfa_wire_Reply *reply)
{
	struct mfa_term *term = asking->session->term;
	char line[MFA_TERM_LINE];
	enum mfa_err r;
	int code;

	r = mfa_term_read(term, asking->prompt, true, line, sizeof(line));
	if (r != MFA_OK) {
		asking->left = 0;
		return mfa_term_failed(term, r);
	}
	if (asking->sent && mfa_session_is_send(line))
		code = another(asking);
	else
		code = try_code(asking, line, reply);
	mfa_secret_wipe(line, sizeof(line));
	return code;
}

int
mfa_confirm_ask(struct mfa_session *session, const char *factor,
    const char *provider, mfa_wire_Reply *reply)
{
	bool person = mfa_term_interactive(session->term);
	struct asking asking = { .session = session,
		.factor = factor,
		.left = person ? MFA_CONFIRM_TRIES : 1 };
	int code;

	memset(reply, 0, sizeof(*reply));
	asking.sent = person && mfa_factor_kind(provider) == MFA_FACTOR_OTP;
	fill_prompt(&asking, provider);
	code = fill(&asking.request, session->args, factor);
	if (code != MFA_EXIT_DONE)
		return code;
	do
		code = turn(&asking, reply);
	while (asking.left > 0);
	return code;
}

static int
tell_json(const struct mfa_args *args, const mfa_wire_Confirmed *confirmed)
{
	int code = mfa_out_json_line(json_pack("{s:o,s:o,s:o}", "id",
	    mfa_out_json_text(confirmed->id), "label",
	    mfa_out_json_text(confirmed->label), "recovery_codes",
	    mfa_out_json_list(confirmed->code[0], sizeof(confirmed->code[0]),
		confirmed->code_count)));

	return confirmed->code_count == 0 ? code :
					    mfa_codes_printed(args, code);
}

int
mfa_confirm_tell(const struct mfa_args *args,
    const mfa_wire_Confirmed *confirmed, struct mfa_codes *codes)
{
	if (args->json)
		return tell_json(args, confirmed);
	(void)printf("\nThe factor %s is enabled.\n", confirmed->label);
	if (confirmed->code_count == 0) {
		(void)printf("The recovery codes you have stay good.\n");
		return MFA_EXIT_DONE;
	}
	return mfa_codes_give(args, codes, confirmed->code,
	    confirmed->code_count);
}

/*
 * A person is asked in the factor's own words.  A script needs none, but is not
 * to spend a proof on a factor that is not there.
 */
static int
find_provider(const struct mfa_session *session, mfa_wire_FactorInfo *factor)
{
	const struct mfa_args *args = session->args;
	struct mfa_ask_problem problem;

	memset(factor, 0, sizeof(*factor));
	if (!mfa_term_interactive(session->term) &&
	    session->need == mfa_wire_Proof_PROOF_NONE)
		return MFA_EXIT_DONE;
	if (mfa_factor_pending(args, args->operand[0], NULL, factor,
		&problem) == MFA_OK)
		return MFA_EXIT_DONE;
	return mfa_ask_failed(&problem);
}

static int
confirm(struct mfa_session *session, mfa_wire_Reply *reply)
{
	const struct mfa_args *args = session->args;
	mfa_wire_FactorInfo factor;
	int code = find_provider(session, &factor);

	if (code == MFA_EXIT_DONE)
		code = mfa_session_prove(session);
	if (code == MFA_EXIT_DONE)
		code = mfa_confirm_ask(session, args->operand[0],
		    factor.provider, reply);
	return code;
}

int
mfa_cmd_confirm(const struct mfa_args *args)
{
	struct mfa_session session;
	struct mfa_codes codes;
	struct mfa_term term;
	mfa_wire_Reply reply;
	int code;

	memset(&reply, 0, sizeof(reply));
	if (!mfa_codes_open(&codes, args->output))
		return MFA_EXIT_FAILED;
	mfa_term_open(&term);
	code = mfa_session_open(&session, &term, args, MFA_SESSION_CHANGE);
	if (code == MFA_EXIT_DONE)
		code = confirm(&session, &reply);
	if (code == MFA_EXIT_DONE)
		code = mfa_confirm_tell(args, &reply.what.confirmed, &codes);
	mfa_secret_wipe(&reply, sizeof(reply));
	mfa_session_close(&session);
	mfa_codes_close(&codes);
	mfa_term_close(&term);
	return code;
}
