/* SPDX-License-Identifier: MIT */
/*
 * Mail addresses, as few forms of them as people have.
 *
 * MUST (checked against mail_address.c):
 *  - nothing but the dot-atoms of RFC 5321 section 4.1.2 is an address, so
 *    that none can end a command, a header line or a pair of brackets;
 *  - a local part does not begin with '-', where some programs see an option.
 */
#ifndef MFA_PROGRAMS_MAIL_ADDRESS_H
#define MFA_PROGRAMS_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes with the NUL; RFC 5321 section 4.5.3.1 has the first. */
#define MFA_MAIL_ADDRESS 255
#define MFA_MAIL_DOMAIN	 190

/*
 * True if text is a domain: labels of letters, digits and inner hyphens with
 * dots between, 1 to 189 bytes.
 */
bool mfa_mail_is_domain(const char *text);

/* True if text is LOCAL@DOMAIN. */
bool mfa_mail_is_address(const char *text);

/*
 * Makes a recipient of what was enrolled: an address stays as it is, a name
 * alone gets the domain.
 *
 * domain: empty: none is known, so a name alone is refused
 * out:    MFA_MAIL_ADDRESS bytes; untouched on failure
 *
 * Returns: false if it is no address.
 */
bool mfa_mail_recipient(const char *text, const char *domain, char *out);

#endif
