/* SPDX-License-Identifier: MIT */
/*
 * The six entry points.
 *
 * MUST (R20; checked against this folder and lib/client):
 *  - no environment, umask, working directory, signal disposition, alarm,
 *    thread or mutable static of the host's process is touched;
 *  - nothing depends on a cleanup function, which sshd's children never run;
 *  - PAM_USER is never set; no answer is ever logged.
 */
#include <syslog.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "lib/base/text.h"
#include "pam_medusa_mfa/account.h"
#include "pam_medusa_mfa/args.h"
#include "pam_medusa_mfa/login.h"
#include "pam_medusa_mfa/mark.h"
#include "pam_medusa_mfa/result.h"
#include "pam_medusa_mfa/split.h"

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

/* Says in the log which argument is refused. */
static enum mfa_err
parse(pam_handle_t *pamh, enum mfa_args_line line, int argc, const char **argv,
    struct mfa_args *args)
{
	char text[128];
	enum mfa_err r;
	int bad;

	if ((r = mfa_args_parse(line, argc, argv, args, &bad)) != MFA_OK) {
		mfa_text_escape(argv[bad], text, sizeof(text));
		pam_syslog(pamh, LOG_ERR,
		    "refused: argument=%s is unknown, repeated or malformed",
		    text);
	}
	return r;
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

/* A line that asks, or uses what split took off. */
static enum mfa_err
log_in(pam_handle_t *pamh, int flags, const struct mfa_args *args,
    const struct mfa_who *who, struct mfa_outcome *outcome)
{
	enum mfa_err r = mfa_login_run(pamh, flags, args, who, outcome);

	if (r != MFA_OK)
		return r;
	outcome->step = "the mark for the account line";
	return mfa_mark_leave(pamh, who, outcome);
}

/* One auth line, with its log line. */
static enum mfa_err
authenticate(pam_handle_t *pamh, int flags, const struct mfa_args *args,
    struct mfa_outcome *outcome)
{
	struct mfa_who who;
	enum mfa_err r;

	r = mfa_who_ask(pamh, &who, outcome);
	if (r == MFA_OK && !outcome->unasked)
		r = args->split != 0 ?
		    mfa_split_run(pamh, args, &who, outcome) :
		    log_in(pamh, flags, args, &who, outcome);
	log_outcome(pamh, args, r, outcome);
	return r;
}

int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct mfa_outcome outcome = mfa_outcome_refused("");
	struct mfa_args args;
	enum mfa_err err;

	/* Before the first branch, so that all failures take as long. */
	(void)pam_fail_delay(pamh, FAIL_DELAY_US);
	if ((err = mfa_mark_drop(pamh)) == MFA_OK)
		err = parse(pamh, MFA_ARGS_AUTH, argc, argv, &args);
	if (err != MFA_OK)
		return mfa_result_pam(err, outcome.verdict, outcome.reason);
	err = authenticate(pamh, flags, &args, &outcome);
	if (args.split != 0)
		return mfa_result_split(err, outcome.reason);
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
	struct mfa_outcome outcome = mfa_outcome_refused("");
	struct mfa_args args;
	enum mfa_err err;
	int code;

	err = parse(pamh, MFA_ARGS_ACCOUNT, argc, argv, &args);
	if (err == MFA_OK && !args.enforce)
		return PAM_IGNORE;
	if (err == MFA_OK) {
		err = mfa_account_run(pamh, &args, &outcome);
		log_outcome(pamh, &args, err, &outcome);
	}
	code = mfa_result_account(err, outcome.verdict, outcome.reason);
	mfa_account_tell(pamh, flags, code, err, &outcome);
	return code;
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
