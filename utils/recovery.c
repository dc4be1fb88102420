/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "utils/codes.h"
#include "utils/out.h"
#include "utils/session.h"
#include "utils/whose.h"

static int
give(const struct mfa_args *args, const mfa_wire_Codes *set,
    struct mfa_codes *codes)
{
	int code;

	if (!args->json)
		return mfa_codes_give(args, codes, set->code, set->code_count);
	code = mfa_out_json_line(json_pack("{s:o}", "recovery_codes",
	    mfa_out_json_list(set->code[0], sizeof(set->code[0]),
		set->code_count)));
	return mfa_codes_printed(args, code);
}

static int
regenerate(struct mfa_session *session, const mfa_wire_Request *request,
    struct mfa_codes *codes)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;
	int code;

	memset(&reply, 0, sizeof(reply));
	code = mfa_session_change(session, request, mfa_wire_Reply_codes_tag,
	    &reply, &problem);
	if (code == MFA_EXIT_DONE)
		code = give(session->args, &reply.what.codes, codes);
	mfa_secret_wipe(&reply, sizeof(reply));
	return code;
}

static int
replace(struct mfa_session *session, const mfa_wire_Request *request)
{
	const struct mfa_args *args = session->args;
	char question[700], who[MFA_WHOSE];
	struct mfa_codes codes;
	int code;

	mfa_whose_name(args, args->user, who);
	(void)snprintf(question, sizeof(question),
	    "Make new recovery codes for %s? The old ones end.", who);
	code = mfa_term_agreed(session->term, args->yes, question);
	if (code != MFA_EXIT_DONE)
		return code;
	if (!mfa_codes_open(&codes, args->output))
		return MFA_EXIT_FAILED;
	code = regenerate(session, request, &codes);
	mfa_codes_close(&codes);
	return code;
}

int
mfa_cmd_recovery_codes(const struct mfa_args *args)
{
	struct mfa_session session;
	mfa_wire_Request request;
	struct mfa_term term;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_recovery_codes_tag;
	code = mfa_ask_subject(request.what.recovery_codes.user,
	    request.what.recovery_codes.realm, args->user, args->realm);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_term_open(&term);
	code = mfa_session_open(&session, &term, args, MFA_SESSION_CHANGE);
	if (code == MFA_EXIT_DONE)
		code = replace(&session, &request);
	mfa_session_close(&session);
	mfa_term_close(&term);
	return code;
}
