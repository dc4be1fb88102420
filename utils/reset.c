/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/term.h"

int
mfa_cmd_reset(const struct mfa_args *args)
{
	char question[400], user[300];
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_reset_tag;
	code = mfa_ask_name(request.what.reset.user,
	    sizeof(request.what.reset.user), args->operand[0]);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_out_clean(args->operand[0], user, sizeof(user));
	(void)snprintf(question, sizeof(question),
	    "Remove all factors and recovery codes of %s?", user);
	code = mfa_term_agree(args->yes, question);
	return code == MFA_EXIT_DONE ? mfa_ask_done(&request) : code;
}
