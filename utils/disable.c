/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/ask.h"
#include "utils/factor.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/term.h"
#include "utils/whose.h"

static bool
somebody_is_there(void)
{
	struct mfa_term term;
	bool there;

	mfa_term_open(&term);
	there = mfa_term_interactive(&term);
	mfa_term_close(&term);
	return there;
}

/* What a person should know before; empty where there is nothing to say. */
static int
find_warning(const struct mfa_args *args, const char **warning)
{
	struct mfa_ask_problem problem;
	struct mfa_factor_look look;

	*warning = "";
	if (args->yes || !somebody_is_there())
		return MFA_EXIT_DONE;
	if (mfa_factor_look(args, args->operand[0], &look, &problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	if (look.enabled && look.others == 0)
		*warning = "With the last factor go the recovery codes, and no "
			   "code is asked for any more.\n";
	else if (look.enabled && look.usable == 0)
		*warning = "The factors that are left cannot be used: their "
			   "providers are off in medusa-mfa.conf.\n"
			   "A code is asked for all the same.\n";
	return MFA_EXIT_DONE;
}

int
mfa_cmd_disable(const struct mfa_args *args)
{
	char question[1000], who[MFA_WHOSE], factor[64];
	const char *warning;
	mfa_wire_Request request;
	mfa_wire_Disable *disable = &request.what.disable;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_disable_tag;
	code = mfa_ask_subject(disable->user, disable->realm, args->user,
	    args->realm);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(disable->factor, sizeof(disable->factor),
		    args->operand[0]);
	if (code == MFA_EXIT_DONE)
		code = find_warning(args, &warning);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_whose_name(args, args->user, who);
	mfa_out_clean(args->operand[0], factor, sizeof(factor));
	(void)snprintf(question, sizeof(question),
	    "%sDisable factor %s of %s?", warning, factor, who);
	code = mfa_term_agree(args->yes, question);
	return code == MFA_EXIT_DONE ? mfa_ask_done(&request) : code;
}
