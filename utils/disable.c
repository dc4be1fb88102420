/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/term.h"

int
mfa_cmd_disable(const struct mfa_args *args)
{
	char question[600], user[300], factor[64];
	mfa_wire_Request request;
	mfa_wire_Disable *disable = &request.what.disable;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_disable_tag;
	code = mfa_ask_name(disable->user, sizeof(disable->user), args->user);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(disable->factor, sizeof(disable->factor),
		    args->operand[0]);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_out_clean(args->user, user, sizeof(user));
	mfa_out_clean(args->operand[0], factor, sizeof(factor));
	(void)snprintf(question, sizeof(question),
	    "With the last factor go the recovery codes, and no code is asked "
	    "for any more.\nDisable factor %s of %s?",
	    factor, user);
	code = mfa_term_agree(args->yes, question);
	return code == MFA_EXIT_DONE ? mfa_ask_done(&request) : code;
}
