/* SPDX-License-Identifier: MIT */
/*
 * deliver-mail: a delivery program.  Reads a code with its message from
 * standard input and mails it.
 *
 * MUST (checked here and against smtp.h):
 *  - the code is nowhere but in the body of the mail;
 *  - what held it is wiped.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "programs/delivery.h"
#include "programs/mail_config.h"
#include "programs/smtp.h"

static enum mfa_err
deliver(const struct mfa_mail_config *config, char *text,
    struct mfa_program_problem *problem)
{
	struct mfa_delivery delivery;
	char subject[320];

	if (mfa_delivery_parse(text, &delivery) != MFA_OK) {
		mfa_program_explain(problem, "standard input is not as "
		    "medusa-mfa-programs(7) says");
		return MFA_ERR_SYNTAX;
	}
	if (!mfa_delivery_subject(&delivery, subject, sizeof(subject))) {
		mfa_program_explain(problem, "the name of the host or the "
		    "issuer is too long");
		return MFA_ERR_INVALID;
	}
	return mfa_smtp_mail(config, delivery.to, subject, delivery.message,
	    problem);
}

static enum mfa_err
run(char *text, struct mfa_mail_config *config,
    struct mfa_program_problem *problem)
{
	size_t len;
	enum mfa_err r;

	r = mfa_program_begin();
	if (r == MFA_OK)
		r = mfa_program_read(STDIN_FILENO, text, MFA_DELIVERY_BYTES,
		    &len);
	if (r != MFA_OK) {
		mfa_program_explain(problem, "standard input: %s",
		    mfa_strerror(r));
		return r;
	}
	r = mfa_mail_config_load(MFA_MAIL_CONFIG, 0, config, problem);
	return r == MFA_OK ? deliver(config, text, problem) : r;
}

/* For medusa-mfad --check, and for people: nothing is sent. */
static enum mfa_err
check(struct mfa_mail_config *config, struct mfa_program_problem *problem)
{
	enum mfa_err r = mfa_program_begin();

	if (r != MFA_OK) {
		mfa_program_explain(problem, "%s", mfa_strerror(r));
		return r;
	}
	return mfa_mail_config_load(MFA_MAIL_CONFIG, 0, config, problem);
}

int
main(int argc, char **argv)
{
	char text[MFA_DELIVERY_BYTES] = "";
	struct mfa_program_problem problem = { "takes no arguments, or --check" };
	struct mfa_mail_config config = { .loopback = false };
	enum mfa_err r = MFA_ERR_INVALID;

	if (argc <= 1)
		r = run(text, &config, &problem);
	else if (argc == 2 && strcmp(argv[1], "--check") == 0)
		r = check(&config, &problem);
	mfa_secret_wipe(text, sizeof(text));
	mfa_mail_config_wipe(&config);
	return r == MFA_OK ? EXIT_SUCCESS :
	    mfa_program_fail("deliver-mail", &problem);
}
