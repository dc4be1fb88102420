/* SPDX-License-Identifier: MIT */
#include "utils/confirm.h"

static int
send_another(struct mfa_session *session, const mfa_wire_Request *request)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;
	int code = mfa_session_change(session, request,
	    mfa_wire_Reply_done_tag, &reply, &problem);

	if (code == MFA_EXIT_DONE)
		code = mfa_ask_told(&reply.what.done, MFA_CONFIRM_SENT);
	return code;
}

int
mfa_cmd_send(const struct mfa_args *args)
{
	struct mfa_session session;
	mfa_wire_Request request;
	struct mfa_term term;
	int code = mfa_confirm_resend(args, args->operand[0], &request);

	if (code != MFA_EXIT_DONE)
		return code;
	mfa_term_open(&term);
	code = mfa_session_open(&session, &term, args, MFA_SESSION_CHANGE);
	if (code == MFA_EXIT_DONE)
		code = send_another(&session, &request);
	mfa_session_close(&session);
	mfa_term_close(&term);
	return code;
}
