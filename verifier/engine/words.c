/* SPDX-License-Identifier: MIT */
/* MUST list: words.h. */
#include "verifier/engine/words.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "verifier/provider/provider.h"

const char *
mfa_words_replayed(const char *method)
{
	if (strcmp(method, mfa_provider_recovery_code.name) == 0)
		return "Recovery code already used.";
	if (method[0] == '\0' || strcmp(method, mfa_provider_totp.name) == 0)
		return "Code already used, wait for the next.";
	/* Here the next does not come by itself. */
	return "Code already used, take another one.";
}

const char *
mfa_words_again(const struct mfa_attempt_result *result)
{
	enum mfa_reason reason = result->reason;

	if (reason == MFA_REASON_REPLAYED)
		return mfa_words_replayed(result->method);
	if (reason == MFA_REASON_CLOCK)
		return "The clock of this host is wrong, use a recovery code.";
	/* One text for all else: it must not tell them apart (R5). */
	return "Wrong code.";
}

void
mfa_words_welcome(const struct mfa_attempt_result *result, char *out,
    size_t size)
{
	char when[MFA_TEXT_TIME], few[32] = "";

	out[0] = '\0';
	if (result->bypass_used != 0) {
		if (result->used_recovery)
			(void)snprintf(few, sizeof(few), " %u recovery codes "
			    "left.", result->recovery_left);
		mfa_text_time(result->bypass_used, when);
		(void)snprintf(out, size, "A bypass code of an administrator "
			"was used on %s.%s", when, few);
	} else if (result->used_bypass) {
		(void)snprintf(out, size, "Bypass code used.");
	} else if (result->used_recovery) {
		(void)snprintf(out, size, result->recovery_left <= 2 ?
			"Recovery code used, only %u left: make new ones." :
			"Recovery code used, %u left.",
		    result->recovery_left);
	}
}
