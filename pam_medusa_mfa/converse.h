/* SPDX-License-Identifier: MIT */
/*
 * One exchange with the person, through the conversation of the host.
 *
 * MUST (R8, R14, R25; checked against converse.c):
 *  - what the host allocated is wiped and freed on every path;
 *  - an answer that is the password never gets into struct mfa_answer;
 *  - PAM_SILENT is not looked at: a prompt is never suppressed.
 */
#ifndef MFA_PAM_CONVERSE_H
#define MFA_PAM_CONVERSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <security/pam_modules.h>

#include "lib/base/err.h"
#include "protocol/wire.pb.h"

#define MFA_ANSWER_MAX 128 /* bytes; more is not typed by a person */

/* What came back.  Wipe with mfa_answer_wipe. */
struct mfa_answer {
	/*
	 * REASON_NONE: text is an answer to send.  Else there is none:
	 * REASON_CONVERSATION: the host could not ask, or gave no answer;
	 * REASON_PASSWORD_REPEATED: it was PAM_AUTHTOK;
	 * REASON_JUNK: it was empty or over-long.
	 */
	mfa_wire_Reason reason;
	size_t len;
	uint8_t text[MFA_ANSWER_MAX]; /* not NUL-terminated */
};

void mfa_answer_wipe(struct mfa_answer *answer);

/*
 * Decides what a text is as an answer (R8); only what may be sent is copied.
 *
 * text:   NUL-terminated
 * answer: REASON_CONVERSATION on failure
 *
 * Returns: MFA_OK; MFA_ERR_IO if PAM_AUTHTOK could not be read, so that
 * nothing may be sent.
 */
enum mfa_err mfa_answer_judge(pam_handle_t *pamh, const char *text,
    struct mfa_answer *answer) MFA_MUST_USE;

/*
 * Shows one prompt and takes the answer.
 *
 * style:  PAM_PROMPT_ECHO_OFF or PAM_PROMPT_ECHO_ON
 * prompt: NUL-terminated, shown as it is
 * answer: REASON_CONVERSATION on failure
 *
 * Returns: MFA_OK, also when the host could not ask; MFA_ERR_MEMORY;
 * MFA_ERR_IO if PAM_AUTHTOK could not be read, so that nothing may be sent.
 */
enum mfa_err mfa_converse_ask(pam_handle_t *pamh, int style,
    const char *prompt, struct mfa_answer *answer) MFA_MUST_USE;

/*
 * Asks for the password and makes the answer PAM_AUTHTOK, whatever it is.
 *
 * given: false if the host could not ask or gave no answer, and on failure
 *
 * Returns: MFA_OK; MFA_ERR_MEMORY; MFA_ERR_IO if it could not be set.
 */
enum mfa_err mfa_converse_password(pam_handle_t *pamh, const char *prompt,
    bool *given) MFA_MUST_USE;

/*
 * Shows a text; whether that works, and what may be typed, changes nothing.
 *
 * style: PAM_ERROR_MSG, PAM_TEXT_INFO, or PAM_PROMPT_ECHO_ON for what waits
 *        until it is read: what is typed there is wiped unseen
 */
void mfa_converse_tell(pam_handle_t *pamh, int style, const char *text);

#endif
