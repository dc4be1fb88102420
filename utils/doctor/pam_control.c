/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "utils/doctor/pam_line.h"
#include "utils/doctor/word.h"

#define UNSET (-100)

static const char *const codes[MFA_PAM_CODES] = { "success", "open_err",
	"symbol_err", "service_err", "system_err", "buf_err", "perm_denied",
	"auth_err", "cred_insufficient", "authinfo_unavail", "user_unknown",
	"maxtries", "new_authtok_reqd", "acct_expired", "session_err",
	"cred_unavail", "cred_expired", "cred_err", "no_module_data",
	"conv_err", "authtok_err", "authtok_recover_err", "authtok_lock_busy",
	"authtok_disable_aging", "try_again", "ignore", "abort",
	"authtok_expired", "module_unknown", "bad_item", "conv_again",
	"incomplete" };

static const struct {
	const char *word;
	int action;
} actions_of[] = {
	{ "ignore", MFA_PAM_DO_IGNORE }, { "ok", MFA_PAM_DO_OK },
	{ "done", MFA_PAM_DO_DONE }, { "bad", MFA_PAM_DO_BAD },
	{ "die", MFA_PAM_DO_DIE }, { "reset", MFA_PAM_DO_RESET },
};

/* The four plain words: what success, ignore and all else do. */
static const struct {
	const char *word;
	int success, ignore, otherwise;
} words[] = {
	{ "required", MFA_PAM_DO_OK, MFA_PAM_DO_IGNORE, MFA_PAM_DO_BAD },
	{ "requisite", MFA_PAM_DO_OK, MFA_PAM_DO_IGNORE, MFA_PAM_DO_DIE },
	{ "optional", MFA_PAM_DO_OK, MFA_PAM_DO_IGNORE, MFA_PAM_DO_IGNORE },
	{ "sufficient", MFA_PAM_DO_DONE, MFA_PAM_DO_IGNORE,
	    MFA_PAM_DO_IGNORE },
};

const char *
mfa_pam_code_name(int code)
{
	return code >= 0 && code < MFA_PAM_CODES ? codes[code] : "?";
}

static void
set_unset(int actions[MFA_PAM_CODES], int value)
{
	for (int i = 0; i < MFA_PAM_CODES; i++) {
		if (actions[i] == UNSET)
			actions[i] = value;
	}
}

static void
set_all(int actions[MFA_PAM_CODES], int value)
{
	for (int i = 0; i < MFA_PAM_CODES; i++)
		actions[i] = value;
}

static bool
plain_word(const char *control, int actions[MFA_PAM_CODES])
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!mfa_word_alike(control, words[i].word))
			continue;
		set_all(actions, words[i].otherwise);
		actions[MFA_PAM_SUCCESS] = words[i].success;
		actions[MFA_PAM_NEW_AUTHTOK] = words[i].success;
		actions[MFA_PAM_IGNORE] = words[i].ignore;
		return true;
	}
	return false;
}

static const char *
skip_blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* Takes "auth_err" or "default"; -1: default, -2: neither. */
static int
take_code(const char **at)
{
	for (int i = 0; i < MFA_PAM_CODES; i++) {
		if (!mfa_word_begins(*at, codes[i]))
			continue;
		*at += strlen(codes[i]);
		return i;
	}
	if (!mfa_word_begins(*at, "default"))
		return -2;
	*at += strlen("default");
	return -1;
}

static bool
take_action(const char **at, int *action)
{
	int jump = 0;

	for (size_t i = 0; i < sizeof(actions_of) / sizeof(actions_of[0]);
	     i++) {
		if (!mfa_word_begins(*at, actions_of[i].word))
			continue;
		*at += strlen(actions_of[i].word);
		*action = actions_of[i].action;
		return true;
	}
	while (isdigit((unsigned char)**at) && jump < 100000)
		jump = 10 * jump + (*(*at)++ - '0');
	*action = jump;
	return jump > 0;
}

/* Takes "auth_err=die" with blanks around. */
static bool
take_pair(const char **at, int actions[MFA_PAM_CODES])
{
	int code = take_code(at), action;

	if (code == -2)
		return false;
	*at = skip_blanks(*at);
	if (**at != '=')
		return false;
	*at = skip_blanks(*at + 1);
	if (!take_action(at, &action))
		return false;
	if (code == -1)
		set_unset(actions, action);
	else
		actions[code] = action;
	*at = skip_blanks(*at);
	return true;
}

bool
mfa_pam_control_parse(const char *control, int actions[MFA_PAM_CODES])
{
	const char *at = skip_blanks(control);

	if (plain_word(control, actions))
		return true;
	set_all(actions, UNSET);
	while (*at != '\0') {
		if (take_pair(&at, actions))
			continue;
		set_all(actions, MFA_PAM_DO_BAD);
		return false;
	}
	set_unset(actions, MFA_PAM_DO_BAD);
	return true;
}
