/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "utils/ask.h"
#include "utils/options.h"

int
mfa_cmd_rename(const struct mfa_args *args)
{
	mfa_wire_Request request;
	mfa_wire_Rename *rename = &request.what.rename;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_rename_tag;
	code = mfa_ask_subject(rename->user, rename->realm, args->user,
	    args->realm);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(rename->factor, sizeof(rename->factor),
		    args->operand[0]);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(rename->label, sizeof(rename->label),
		    args->operand[1]);
	return code == MFA_EXIT_DONE ? mfa_ask_done(&request) : code;
}
