/* SPDX-License-Identifier: MIT */
#include "utils/confirm.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "utils/out.h"

/* True for what a person mends by typing again. */
static bool
again(enum mfa_err err)
{
	return err == MFA_ERR_WRONG || err == MFA_ERR_REPLAYED ||
	    err == MFA_ERR_SYNTAX || err == MFA_ERR_INVALID;
}

static int
fill(mfa_wire_Request *request, const char *user, const char *factor)
{
	mfa_wire_Confirm *confirm = &request->what.confirm;
	int code;

	memset(request, 0, sizeof(*request));
	request->which_what = mfa_wire_Request_confirm_tag;
	code = mfa_ask_name(confirm->user, sizeof(confirm->user), user);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(confirm->factor, sizeof(confirm->factor),
		    factor);
	return code;
}

/* One code: read, sent, answered. */
static int
attempt(struct mfa_term *term, mfa_wire_Request *request, mfa_wire_Reply *reply,
    struct mfa_ask_problem *problem)
{
	mfa_wire_Confirm_code_t *code = &request->what.confirm.code;
	char line[MFA_TERM_LINE];
	enum mfa_err r;

	r = mfa_term_read(term, "Code from your app: ", true, line,
	    sizeof(line));
	if (r != MFA_OK) {
		problem->err = MFA_ERR_CLOSED;
		return mfa_term_failed(term, r);
	}
	code->size = (pb_size_t)strlen(line);
	memcpy(code->bytes, line, code->size);
	mfa_secret_wipe(line, sizeof(line));
	r = mfa_ask_one(request, mfa_wire_Reply_confirmed_tag, reply, problem);
	mfa_secret_wipe(code, sizeof(*code));
	return r == MFA_OK ? MFA_EXIT_DONE : mfa_ask_failed(problem);
}

int
mfa_confirm_ask(struct mfa_term *term, const struct mfa_args *args,
    const char *factor, mfa_wire_Reply *reply)
{
	int left = mfa_term_interactive(term) ? MFA_CONFIRM_TRIES : 1;
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	int code;

	memset(reply, 0, sizeof(*reply));
	code = fill(&request, args->user, factor);
	if (code != MFA_EXIT_DONE)
		return code;
	do {
		code = attempt(term, &request, reply, &problem);
		left--;
	} while (code != MFA_EXIT_DONE && left > 0 && again(problem.err));
	return code;
}

static int
tell_json(const mfa_wire_Confirmed *confirmed)
{
	return mfa_out_json_line(json_pack("{s:o,s:o,s:o}", "id",
	    mfa_out_json_text(confirmed->id), "label",
	    mfa_out_json_text(confirmed->label), "recovery_codes",
	    mfa_out_json_list(confirmed->code[0], sizeof(confirmed->code[0]),
		confirmed->code_count)));
}

int
mfa_confirm_tell(const struct mfa_args *args,
    const mfa_wire_Confirmed *confirmed, struct mfa_codes *codes)
{
	if (args->json)
		return tell_json(confirmed);
	(void)printf("\nThe factor %s is enabled.\n", confirmed->label);
	if (confirmed->code_count == 0) {
		(void)printf("The recovery codes you have stay good.\n");
		return MFA_EXIT_DONE;
	}
	return mfa_codes_give(codes, confirmed->code, confirmed->code_count);
}

int
mfa_cmd_confirm(const struct mfa_args *args)
{
	struct mfa_codes codes;
	struct mfa_term term;
	mfa_wire_Reply reply;
	int code;

	if (!mfa_codes_open(&codes, args->output))
		return MFA_EXIT_FAILED;
	mfa_term_open(&term);
	code = mfa_confirm_ask(&term, args, args->operand[0], &reply);
	if (code == MFA_EXIT_DONE)
		code = mfa_confirm_tell(args, &reply.what.confirmed, &codes);
	mfa_secret_wipe(&reply, sizeof(reply));
	mfa_codes_close(&codes);
	mfa_term_close(&term);
	return code;
}
