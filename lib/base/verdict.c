/* SPDX-License-Identifier: MIT */
#include "lib/base/verdict.h"

bool
mfa_accepted(enum mfa_err err, enum mfa_verdict verdict)
{
	return err == MFA_OK && verdict == MFA_VERDICT_ACCEPT;
}
