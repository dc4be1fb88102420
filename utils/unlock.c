/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "utils/ask.h"
#include "utils/options.h"

int
mfa_cmd_unlock(const struct mfa_args *args)
{
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_unlock_tag;
	request.what.unlock.clock = args->clock;
	code = mfa_ask_subject(request.what.unlock.user,
	    request.what.unlock.realm, args->operand[0], args->realm);
	return code == MFA_EXIT_DONE ? mfa_ask_done(&request) : code;
}
