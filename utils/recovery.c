/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "utils/ask.h"
#include "utils/codes.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/term.h"
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
regenerate(const struct mfa_args *args, const mfa_wire_Request *request)
{
	struct mfa_ask_problem problem;
	struct mfa_codes codes;
	mfa_wire_Reply reply;
	int code;

	if (!mfa_codes_open(&codes, args->output))
		return MFA_EXIT_FAILED;
	if (mfa_ask_one(request, mfa_wire_Reply_codes_tag, &reply, &problem) ==
	    MFA_OK)
		code = give(args, &reply.what.codes, &codes);
	else
		code = mfa_ask_failed(&problem);
	mfa_secret_wipe(&reply, sizeof(reply));
	mfa_codes_close(&codes);
	return code;
}

int
mfa_cmd_recovery_codes(const struct mfa_args *args)
{
	char question[700], who[MFA_WHOSE];
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_recovery_codes_tag;
	code = mfa_ask_subject(request.what.recovery_codes.user,
	    request.what.recovery_codes.realm, args->user, args->realm);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_whose_name(args, args->user, who);
	(void)snprintf(question, sizeof(question),
	    "Make new recovery codes for %s? The old ones end.", who);
	code = mfa_term_agree(args->yes, question);
	return code == MFA_EXIT_DONE ? regenerate(args, &request) : code;
}
