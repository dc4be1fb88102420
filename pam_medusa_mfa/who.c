/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/who.h"

#include <string.h>

#include "lib/base/text.h"

static enum mfa_err
copy_item(pam_handle_t *pamh, int type, char *dst, size_t size)
{
	const void *item = NULL;

	if (pam_get_item(pamh, type, &item) != PAM_SUCCESS)
		return MFA_ERR_IO;
	if (!mfa_text_copy(dst, size, item != NULL ? item : ""))
		return MFA_ERR_PROTOCOL;
	return MFA_OK;
}

/*
 * What sshd says of the methods that have passed, a line each (OpenSSH,
 * auth-pam.c, expose_authinfo): "publickey ssh-ed25519 AAAA...".
 */
static bool
names_key(const char *info)
{
	static const char word[] = "publickey ";

	while (info != NULL) {
		if (strncmp(info, word, sizeof(word) - 1) == 0)
			return true;
		if ((info = strchr(info, '\n')) != NULL)
			info++;
	}
	return false;
}

static enum mfa_err
copy_items(pam_handle_t *pamh, struct mfa_who *who, struct mfa_outcome *outcome)
{
	enum mfa_err r;

	outcome->step = "user name is empty or too long";
	r = copy_item(pamh, PAM_USER, who->user, sizeof(who->user));
	if (r == MFA_ERR_PROTOCOL || (r == MFA_OK && who->user[0] == '\0'))
		return MFA_ERR_NO_USER;
	if (r != MFA_OK)
		return r;
	outcome->step = "service, remote host or terminal name is too long";
	if ((r = copy_item(pamh, PAM_SERVICE, who->service,
	    sizeof(who->service))) != MFA_OK ||
	    (r = copy_item(pamh, PAM_RHOST, who->rhost,
	    sizeof(who->rhost))) != MFA_OK)
		return r;
	return copy_item(pamh, PAM_TTY, who->tty, sizeof(who->tty));
}

enum mfa_err
mfa_who_load(pam_handle_t *pamh, struct mfa_who *who,
    struct mfa_outcome *outcome)
{
	enum mfa_err r;

	memset(who, 0, sizeof(*who));
	if ((r = copy_items(pamh, who, outcome)) != MFA_OK)
		memset(who, 0, sizeof(*who));
	else
		who->key_used = names_key(pam_getenv(pamh, "SSH_AUTH_INFO_0"));
	return r;
}

enum mfa_err
mfa_who_ask(pam_handle_t *pamh, struct mfa_who *who,
    struct mfa_outcome *outcome)
{
	const char *user = NULL;
	int code;

	memset(who, 0, sizeof(*who));
	outcome->step = "cannot get the user name";
	code = pam_get_user(pamh, &user, NULL);
	if (code == PAM_BUF_ERR)
		return MFA_ERR_MEMORY;
	if (code != PAM_SUCCESS) {
		outcome->reason = mfa_wire_Reason_REASON_CONVERSATION;
		outcome->unasked = true;
		return MFA_OK;
	}
	return mfa_who_load(pamh, who, outcome);
}
