/* SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utils/ask.h"
#include "utils/command.h"
#include "utils/options.h"
#include "utils/out.h"

/* Who calls, also root under sudo, unless somebody is named. */
static const char *
whom(const struct mfa_args *args)
{
	const struct passwd *pw;

	if (args->count > 0)
		return args->operand[0];
	pw = getpwuid(getuid());
	return pw != NULL ? pw->pw_name : NULL;
}

int
mfa_cmd_forget(const struct mfa_args *args)
{
	const char *user = whom(args);
	char name[300], told[400];
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	int code;

	if (user == NULL) {
		mfa_out_error("your uid has no user name; say forget USER");
		return MFA_EXIT_FAILED;
	}
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_forget_tag;
	code = mfa_ask_name(request.what.forget.user,
	    sizeof(request.what.forget.user), user);
	if (code != MFA_EXIT_DONE)
		return code;
	if (mfa_ask_one(&request, mfa_wire_Reply_done_tag, &reply,
	    &problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	mfa_out_clean(user, name, sizeof(name));
	(void)snprintf(told, sizeof(told),
	    "Nothing is remembered of %s: codes are asked for again.", name);
	return mfa_ask_told(&reply.what.done, told);
}
