/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/ask.h"
#include "utils/options.h"
#include "utils/term.h"
#include "utils/whose.h"

int
mfa_cmd_reset(const struct mfa_args *args)
{
	char question[700], who[MFA_WHOSE];
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_reset_tag;
	code = mfa_ask_subject(request.what.reset.user,
	    request.what.reset.realm, args->operand[0], args->realm);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_whose_name(args, args->operand[0], who);
	(void)snprintf(question, sizeof(question),
	    "Remove all factors and recovery codes of %s?", who);
	code = mfa_term_agree(args->yes, question);
	return code == MFA_EXIT_DONE ? mfa_ask_done(&request) : code;
}
