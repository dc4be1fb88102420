/* SPDX-License-Identifier: MIT */
/*
 * mail.conf: which server takes mail, and from whom it is.
 *
 * MUST (checked against mail_config.c):
 *  - the file is root's, not writable by others, no symbolic link on the way,
 *    all checked on the descriptor that is read;
 *  - with a password in it, it is not readable by others;
 *  - it counts as missing only on a clean "no such file"; then the defaults
 *    hold;
 *  - what is unknown, repeated or malformed is refused with file and line, and
 *    no value is shown;
 *  - a password is wiped from every buffer of ours.
 */
#ifndef MFA_PROGRAMS_MAIL_CONFIG_H
#define MFA_PROGRAMS_MAIL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "programs/mail_address.h"
#include "programs/program.h"

#define MFA_MAIL_CONFIG MFA_SYSCONFDIR "/mail.conf"

enum mfa_mail_tls {
	MFA_MAIL_TLS_REQUIRED = 1,   /* no mail without */
	MFA_MAIL_TLS_IF_OFFERED = 2, /* STARTTLS where the server has it */
	MFA_MAIL_TLS_NO = 3
};

struct mfa_mail_config {
	char server[280];	/* URL: smtp or smtps, host, port if given */
	bool loopback;		/* the host is localhost, 127.0.0.1 or ::1 */
	enum mfa_mail_tls tls;
	char ca_file[256];	/* empty: what the system trusts */
	char user[129];		/* empty: no authentication */
	char password[257];	/* secret */
	char from[MFA_MAIL_ADDRESS];
	char domain[MFA_MAIL_DOMAIN]; /* of a name alone; empty: none */
	uint32_t timeout;	/* seconds for all of it */
};

/*
 * Reads the configuration, with defaults for what is not said.
 *
 * path:   MFA_MAIL_CONFIG
 * owner:  uid that must own the file: 0
 * config: untouched on failure; holds a password
 *
 * Returns: MFA_OK; MFA_ERR_CONFIG for everything that is wrong in or with the
 * file; MFA_ERR_MEMORY.  The problem is filled in on failure.
 */
enum mfa_err mfa_mail_config_load(const char *path, uid_t owner,
    struct mfa_mail_config *config,
    struct mfa_program_problem *problem) MFA_MUST_USE;

/*
 * The same from the text of a file.
 *
 * path: for the problem
 */
enum mfa_err mfa_mail_config_parse(const char *path, const char *text,
    size_t len, struct mfa_mail_config *config,
    struct mfa_program_problem *problem) MFA_MUST_USE;

/* Clears all of it. */
void mfa_mail_config_wipe(struct mfa_mail_config *config);

#endif
