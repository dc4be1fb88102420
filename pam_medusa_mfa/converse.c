/* SPDX-License-Identifier: MIT */
/*
 * MUST list: converse.h.
 *
 * The conversation function is called without pam_prompt, which writes a log
 * line of its own for every person that hangs up.
 */
#include "pam_medusa_mfa/converse.h"

#include <stdlib.h>
#include <string.h>

#include <security/pam_appl.h>

#include "lib/base/secret.h"

/* A string that the host allocated. */
static void
drop(char *text)
{
	if (text == NULL)
		return;
	mfa_secret_wipe(text, strlen(text));
	free(text);
}

/*
 * Some hosts give PAM_SUCCESS and no response, some a response and an error.
 * *text is not NULL only if the answer counts; caller drops it.
 */
static int
call_host(pam_handle_t *pamh, int style, const char *shown, char **text)
{
	struct pam_message message = { .msg_style = style, .msg = shown };
	const struct pam_message *messages = &message;
	struct pam_response *responses = NULL;
	const struct pam_conv *conv;
	const void *item = NULL;
	char *got = NULL;
	int code;

	*text = NULL;
	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
		return PAM_CONV_ERR;
	conv = item;
	if (conv->conv == NULL)
		return PAM_CONV_ERR;
	code = conv->conv(1, &messages, &responses, conv->appdata_ptr);
	if (responses != NULL)
		got = responses->resp;
	free(responses);
	if (code == PAM_SUCCESS)
		*text = got;
	else
		drop(got);
	return code;
}

static void
no_answer(struct mfa_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->reason = mfa_wire_Reason_REASON_CONVERSATION;
}

enum mfa_err
mfa_answer_judge(pam_handle_t *pamh, const char *text,
    struct mfa_answer *answer)
{
	const void *password = NULL;
	size_t len = strlen(text);

	no_answer(answer);
	if (len == 0) {
		answer->reason = mfa_wire_Reason_REASON_JUNK;
		return MFA_OK;
	}
	if (pam_get_item(pamh, PAM_AUTHTOK, &password) != PAM_SUCCESS)
		return MFA_ERR_IO;
	if (password != NULL &&
	    mfa_secret_equal(text, len, password, strlen(password))) {
		answer->reason = mfa_wire_Reason_REASON_PASSWORD_REPEATED;
	} else if (len > sizeof(answer->text)) {
		answer->reason = mfa_wire_Reason_REASON_JUNK;
	} else {
		memcpy(answer->text, text, len);
		answer->len = len;
		answer->reason = mfa_wire_Reason_REASON_NONE;
	}
	return MFA_OK;
}

void
mfa_answer_wipe(struct mfa_answer *answer)
{
	mfa_secret_wipe(answer, sizeof(*answer));
}

enum mfa_err
mfa_converse_ask(pam_handle_t *pamh, int style, const char *prompt,
    struct mfa_answer *answer)
{
	enum mfa_err r = MFA_OK;
	char *text;
	int code;

	no_answer(answer);
	code = call_host(pamh, style, prompt, &text);
	if (code == PAM_BUF_ERR)
		return MFA_ERR_MEMORY;
	if (text != NULL)
		r = mfa_answer_judge(pamh, text, answer);
	drop(text);
	return r;
}

enum mfa_err
mfa_converse_password(pam_handle_t *pamh, const char *prompt, bool *given)
{
	char *text;
	int code;

	*given = false;
	code = call_host(pamh, PAM_PROMPT_ECHO_OFF, prompt, &text);
	if (text == NULL)
		return code == PAM_BUF_ERR ? MFA_ERR_MEMORY : MFA_OK;
	code = pam_set_item(pamh, PAM_AUTHTOK, text);
	drop(text);
	if (code == PAM_BUF_ERR)
		return MFA_ERR_MEMORY;
	*given = code == PAM_SUCCESS;
	return *given ? MFA_OK : MFA_ERR_IO;
}

void
mfa_converse_tell(pam_handle_t *pamh, int style, const char *text)
{
	char *response;

	(void)call_host(pamh, style, text, &response);
	drop(response);
}
