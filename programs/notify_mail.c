/* SPDX-License-Identifier: MIT */
/*
 * notify-mail: an event program.  Reads one event from standard input, and
 * mails the user if it changes who can log in.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "programs/mail_config.h"
#include "programs/notice.h"
#include "programs/smtp.h"

/* Where to; NULL if there is no way to know. */
static const char *
recipient(const struct mfa_notice *notice, const struct mfa_mail_config *config)
{
	if (notice->address[0] != '\0')
		return notice->address;
	if (notice->user[0] == '\0' || config->domain[0] == '\0')
		return NULL;
	return notice->user;
}

static enum mfa_err
notify(const struct mfa_notice *notice, struct mfa_mail_config *config,
    struct mfa_program_problem *problem)
{
	const char *to;
	enum mfa_err r;

	r = mfa_mail_config_load(MFA_MAIL_CONFIG, 0, config, problem);
	if (r != MFA_OK)
		return r;
	to = recipient(notice, config);
	return to == NULL ? MFA_OK :
	    mfa_smtp_mail(config, to, notice->subject, notice->body, problem);
}

static enum mfa_err
run(struct mfa_mail_config *config, struct mfa_program_problem *problem)
{
	struct mfa_notice notice = { .wanted = false };
	char json[MFA_NOTICE_BYTES];
	size_t len;
	enum mfa_err r;

	r = mfa_program_begin();
	if (r == MFA_OK)
		r = mfa_program_read(STDIN_FILENO, json, sizeof(json), &len);
	if (r == MFA_OK)
		r = mfa_notice_read(json, len, &notice);
	if (r != MFA_OK) {
		mfa_program_explain(problem, "standard input: %s",
		    mfa_strerror(r));
		return r;
	}
	return notice.wanted ? notify(&notice, config, problem) : MFA_OK;
}

int
main(int argc, char **argv)
{
	struct mfa_program_problem problem = { "takes no arguments" };
	struct mfa_mail_config config = { .loopback = false };
	enum mfa_err r = MFA_ERR_INVALID;

	(void)argv;
	if (argc <= 1)
		r = run(&config, &problem);
	mfa_mail_config_wipe(&config);
	return r == MFA_OK ? EXIT_SUCCESS :
	    mfa_program_fail("notify-mail", &problem);
}
