/* SPDX-License-Identifier: MIT */
/* MUST list: split.h. */
#include "pam_medusa_mfa/split.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "pam_medusa_mfa/bound.h"
#include "pam_medusa_mfa/converse.h"
#include "pam_medusa_mfa/policy.h"
#include "pam_medusa_mfa/result.h"

#define NAME	 "pam_medusa_mfa_code"
#define PASSWORD "Password: "
#define GROUP	 5 /* four letters or digits, and a hyphen */

_Static_assert(sizeof(struct mfa_split_code) <= MFA_BOUND_MAX, "it fits");

/* Of ASCII: what isalnum says depends on the host's locale. */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
all_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_digit(text[i]))
			return false;
	}
	return true;
}

static bool
is_recovery(const char *text)
{
	for (size_t i = 0; i < MFA_SPLIT_RECOVERY; i++) {
		if (i % GROUP == GROUP - 1) {
			if (text[i] != '-')
				return false;
		} else if (!is_digit(text[i]) && !is_letter(text[i])) {
			return false;
		}
	}
	return true;
}

size_t
mfa_split_find(const char *typed, uint32_t digits)
{
	size_t len = strlen(typed);

	if (len > digits && all_digits(typed + len - digits, digits))
		return len - digits;
	if (len > MFA_SPLIT_RECOVERY &&
	    is_recovery(typed + len - MFA_SPLIT_RECOVERY))
		return len - MFA_SPLIT_RECOVERY;
	return len;
}

/* True if policy asks this user for nothing, so that nothing is taken off. */
static bool
not_asked(pam_handle_t *pamh, const struct mfa_args *args,
    const struct mfa_who *who)
{
	struct mfa_outcome policy;
	char user[256];
	enum mfa_err r = mfa_policy_ask(args, who, false, &policy);

	if (r == MFA_OK)
		return mfa_result_passes(policy.verdict, policy.reason);
	mfa_text_escape(who->user, user, sizeof(user));
	pam_syslog(pamh, LOG_WARNING,
	    "split: user=%s: taken apart, policy or not: %s: %s", user,
	    policy.step, mfa_strerror(r));
	return false;
}

/* What was typed, by an earlier module or now; NULL if nothing was. */
static enum mfa_err
get_typed(pam_handle_t *pamh, const char **typed)
{
	const void *item = NULL;
	enum mfa_err r;
	bool given;

	if (pam_get_item(pamh, PAM_AUTHTOK, &item) != PAM_SUCCESS)
		return MFA_ERR_IO;
	if (item == NULL) {
		r = mfa_converse_password(pamh, PASSWORD, &given);
		if (r != MFA_OK || !given)
			return r;
		if (pam_get_item(pamh, PAM_AUTHTOK, &item) != PAM_SUCCESS ||
		    item == NULL)
			return MFA_ERR_IO;
	}
	*typed = item;
	return MFA_OK;
}

/* Makes the first len bytes PAM_AUTHTOK; typed is gone then. */
static enum mfa_err
keep_password(pam_handle_t *pamh, const char *typed, size_t len)
{
	char *password = calloc(1, len + 1);
	int code;

	if (password == NULL)
		return MFA_ERR_MEMORY;
	memcpy(password, typed, len);
	code = pam_set_item(pamh, PAM_AUTHTOK, password);
	mfa_secret_wipe(password, len);
	free(password);
	if (code == PAM_BUF_ERR)
		return MFA_ERR_MEMORY;
	return code == PAM_SUCCESS ? MFA_OK : MFA_ERR_IO;
}

static enum mfa_err
take_apart(pam_handle_t *pamh, const struct mfa_args *args,
    const struct mfa_who *who, const char *typed)
{
	size_t len = mfa_split_find(typed, args->split);
	struct mfa_split_code code;
	enum mfa_err r;

	if (typed[len] == '\0')
		return MFA_OK;
	memset(&code, 0, sizeof(code));
	if (!mfa_text_copy(code.text, sizeof(code.text), typed + len))
		return MFA_ERR_INVALID;
	if ((r = keep_password(pamh, typed, len)) == MFA_OK)
		r = mfa_bound_put(pamh, NAME, who, &code, sizeof(code));
	mfa_secret_wipe(&code, sizeof(code));
	return r;
}

enum mfa_err
mfa_split_run(pam_handle_t *pamh, const struct mfa_args *args,
    const struct mfa_who *who, struct mfa_outcome *outcome)
{
	const char *typed = NULL;
	enum mfa_err r;

	*outcome = mfa_outcome_refused("split: the password");
	if ((r = mfa_bound_drop(pamh, NAME)) != MFA_OK)
		return r;
	if (not_asked(pamh, args, who))
		return MFA_OK;
	if ((r = get_typed(pamh, &typed)) != MFA_OK)
		return r;
	if (typed == NULL) {
		outcome->reason = mfa_wire_Reason_REASON_CONVERSATION;
		outcome->unasked = true;
		return MFA_OK;
	}
	return take_apart(pamh, args, who, typed);
}

enum mfa_err
mfa_split_take(pam_handle_t *pamh, const struct mfa_who *who,
    struct mfa_split_code *code)
{
	enum mfa_err r;

	memset(code, 0, sizeof(*code));
	(void)mfa_bound_get(pamh, NAME, who, code, sizeof(*code));
	if ((r = mfa_bound_drop(pamh, NAME)) != MFA_OK)
		mfa_secret_wipe(code, sizeof(*code));
	return r;
}
