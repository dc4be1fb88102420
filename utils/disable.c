/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/factor.h"
#include "utils/out.h"
#include "utils/session.h"
#include "utils/whose.h"

/* What a person should know before; empty where there is nothing to say. */
static int
find_warning(const struct mfa_session *session, const char **warning)
{
	const struct mfa_args *args = session->args;
	struct mfa_ask_problem problem;
	struct mfa_factor_look look;

	*warning = "";
	if (args->yes || !mfa_term_interactive(session->term))
		return MFA_EXIT_DONE;
	if (mfa_factor_look(args, args->operand[0], &look, &problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	if (look.enabled && look.others == 0 && args->owner)
		*warning = "With the last factor go the recovery codes, and no "
			   "code is asked for any more.\n"
			   "To enrol again you may need an invitation of your "
			   "administrator.  For a new\n"
			   "phone, run medusa-mfa enroll with it first, and "
			   "disable this one then.\n";
	else if (look.enabled && look.others == 0)
		*warning = "With the last factor go the recovery codes, and no "
			   "code is asked for any more.\n";
	else if (look.enabled && look.usable == 0)
		*warning = "The factors that are left cannot be used: their "
			   "providers are off in medusa-mfa.conf.\n"
			   "A code is asked for all the same.\n";
	return MFA_EXIT_DONE;
}

static int
fill(mfa_wire_Request *request, const struct mfa_args *args)
{
	mfa_wire_Disable *disable = &request->what.disable;
	int code;

	memset(request, 0, sizeof(*request));
	request->which_what = mfa_wire_Request_disable_tag;
	code = mfa_ask_subject(disable->user, disable->realm, args->user,
	    args->realm);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(disable->factor, sizeof(disable->factor),
		    args->operand[0]);
	return code;
}

static int
disable(struct mfa_session *session, const mfa_wire_Request *request)
{
	char question[1000], who[MFA_WHOSE], factor[64];
	const struct mfa_args *args = session->args;
	const char *warning;
	int code = find_warning(session, &warning);

	if (code != MFA_EXIT_DONE)
		return code;
	mfa_whose_name(args, args->user, who);
	mfa_out_clean(args->operand[0], factor, sizeof(factor));
	(void)snprintf(question, sizeof(question),
	    "%sDisable factor %s of %s?", warning, factor, who);
	code = mfa_term_agreed(session->term, args->yes, question);
	return code == MFA_EXIT_DONE ? mfa_session_done(session, request) :
				       code;
}

int
mfa_cmd_disable(const struct mfa_args *args)
{
	struct mfa_session session;
	mfa_wire_Request request;
	struct mfa_term term;
	int code = fill(&request, args);

	if (code != MFA_EXIT_DONE)
		return code;
	mfa_term_open(&term);
	code = mfa_session_open(&session, &term, args, MFA_SESSION_CHANGE);
	if (code == MFA_EXIT_DONE)
		code = disable(&session, &request);
	mfa_session_close(&session);
	mfa_term_close(&term);
	return code;
}
