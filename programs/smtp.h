/* SPDX-License-Identifier: MIT */
/*
 * Handing a mail to a server: SMTP by libcurl.
 *
 * MUST (checked against smtp.c):
 *  - nothing but smtp and smtps is spoken, to the configured server alone: no
 *    redirect, proxy, .netrc or environment;
 *  - where TLS is used, certificate and name are verified; where it is
 *    required, nothing is sent without;
 *  - where there is a password, TLS is required, whatever config->tls says;
 *  - all of it ends within config->timeout and a second;
 *  - neither message nor password reaches a trace or an error text.
 */
#ifndef MFA_PROGRAMS_SMTP_H
#define MFA_PROGRAMS_SMTP_H

#include <stddef.h>

#include "lib/base/err.h"
#include "programs/mail_config.h"

/*
 * Sends one mail to one recipient.
 *
 * to:   address
 * text: len bytes with CR LF, as mfa_mail_message_format makes them
 *
 * Returns: MFA_OK once the server took responsibility for it;
 * MFA_ERR_UNDELIVERED; MFA_ERR_MEMORY.  The problem is filled in on failure.
 */
enum mfa_err mfa_smtp_send(const struct mfa_mail_config *config,
    const char *to, const char *text, size_t len,
    struct mfa_program_problem *problem) MFA_MUST_USE;

/*
 * A whole mail, from me: formats it with this host's clock and sends it.
 *
 * to: as enrolled; config's domain is added to a name
 *
 * Returns: as mfa_smtp_send; MFA_ERR_INVALID for an address or text that no
 * mail can have; MFA_ERR_IO.
 */
enum mfa_err mfa_smtp_mail(const struct mfa_mail_config *config,
    const char *to, const char *subject, const char *body,
    struct mfa_program_problem *problem) MFA_MUST_USE;

#endif
