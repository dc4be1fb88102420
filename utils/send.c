/* SPDX-License-Identifier: MIT */
#include "utils/confirm.h"

int
mfa_cmd_send(const struct mfa_args *args)
{
	struct mfa_ask_problem problem;

	if (mfa_confirm_send(args, args->operand[0], &problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	return MFA_EXIT_DONE;
}
