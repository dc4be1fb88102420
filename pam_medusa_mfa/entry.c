/* SPDX-License-Identifier: MIT */
/*
 * The six entry points.
 *
 * MUST (R20; checked against this folder and lib/client):
 *  - no environment, umask, working directory, signal disposition, alarm,
 *    thread or mutable static of the host's process is touched;
 *  - nothing is left to a cleanup function, which sshd's children never run;
 *  - PAM_USER is never set; no answer is ever logged.
 */
#include <syslog.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "lib/base/text.h"
#include "pam_medusa_mfa/args.h"
#include "pam_medusa_mfa/login.h"
#include "pam_medusa_mfa/result.h"

/* Asked of libpam, which waits after the whole stack; nothing waits here. */
#define FAIL_DELAY_US 2000000

static void
name_user(pam_handle_t *pamh, char *out, size_t size)
{
	const void *item = NULL;

	if (pam_get_item(pamh, PAM_USER, &item) != PAM_SUCCESS || item == NULL)
		item = "";
	mfa_text_escape(item, out, size);
}

static void
log_argument(pam_handle_t *pamh, const char *argument)
{
	char text[128];

	mfa_text_escape(argument, text, sizeof(text));
	pam_syslog(pamh, LOG_ERR,
	    "refused: argument=%s is unknown, repeated or malformed", text);
}

/* R26: with a verdict the verifier has written the line. */
static void
log_outcome(pam_handle_t *pamh, const struct mfa_args *args, enum mfa_err err,
    const struct mfa_outcome *outcome)
{
	char user[256];

	name_user(pamh, user, sizeof(user));
	if (err != MFA_OK || outcome->unasked)
		pam_syslog(pamh, LOG_ERR, "refused: user=%s: %s: %s", user,
		    outcome->step, err != MFA_OK ? mfa_strerror(err) :
						   "no answer");
	if (args->debug)
		pam_syslog(pamh, LOG_DEBUG,
		    "user=%s error=%d verdict=%#x reason=%d", user, (int)err,
		    (unsigned int)outcome->verdict, (int)outcome->reason);
}

int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct mfa_outcome outcome;
	struct mfa_args args;
	enum mfa_err err;
	int bad;

	/* Before the first branch, so that all failures take as long. */
	(void)pam_fail_delay(pamh, FAIL_DELAY_US);
	err = mfa_args_parse(argc, argv, &args, &bad);
	if (err != MFA_OK) {
		log_argument(pamh, argv[bad]);
		return mfa_result_pam(err, MFA_VERDICT_DENY,
		    mfa_wire_Reason_REASON_NONE);
	}
	err = mfa_login_run(pamh, flags, &args, &outcome);
	log_outcome(pamh, &args, err, &outcome);
	return mfa_result_pam(err, outcome.verdict, outcome.reason);
}

/* An error here would end sessions that were authenticated. */
int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}

int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}

int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}

int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}
