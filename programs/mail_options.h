/* SPDX-License-Identifier: MIT */
/* The options of mail.conf, one row each; for mail_config.c alone. */
#ifndef MFA_PROGRAMS_MAIL_OPTIONS_H
#define MFA_PROGRAMS_MAIL_OPTIONS_H

#include "programs/mail_config.h"

struct mfa_mail_option {
	const char *name;
	/* Returns: false for a value that it does not take. */
	bool (*parse)(const char *value, struct mfa_mail_config *config);
	const char *expects; /* goes on after the option's name */
};

#define MFA_MAIL_OPTIONS 8
extern const struct mfa_mail_option mfa_mail_options[MFA_MAIL_OPTIONS];

/*
 * What was not said becomes its default; what does not fit together is refused.
 *
 * problem: the sentence, without a file's name
 *
 * Returns: MFA_OK; MFA_ERR_CONFIG.
 */
enum mfa_err mfa_mail_options_complete(struct mfa_mail_config *config,
    struct mfa_program_problem *problem) MFA_MUST_USE;

#endif
