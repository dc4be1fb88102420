/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/base/text.h"
#include "utils/out.h"
#include "utils/session.h"

static int
fill(mfa_wire_Request *request, const struct mfa_args *args)
{
	mfa_wire_Rename *rename = &request->what.rename;
	int code;

	memset(request, 0, sizeof(*request));
	request->which_what = mfa_wire_Request_rename_tag;
	code = mfa_ask_subject(rename->user, rename->realm, args->user,
	    args->realm);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(rename->factor, sizeof(rename->factor),
		    args->operand[0]);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(rename->label, sizeof(rename->label),
		    args->operand[1]);
	return code;
}

int
mfa_cmd_rename(const struct mfa_args *args)
{
	struct mfa_session session;
	mfa_wire_Request request;
	struct mfa_term term;
	int code;

	if (!mfa_text_is_label(args->operand[1])) {
		mfa_out_error("rename: LABEL is a letter, then up to 31 "
			      "letters, digits and hyphens, all lower case");
		return MFA_EXIT_USAGE;
	}
	if ((code = fill(&request, args)) != MFA_EXIT_DONE)
		return code;
	mfa_term_open(&term);
	code = mfa_session_open(&session, &term, args, MFA_SESSION_CHANGE);
	if (code == MFA_EXIT_DONE)
		code = mfa_session_done(&session, &request);
	mfa_session_close(&session);
	mfa_term_close(&term);
	return code;
}
