/* SPDX-License-Identifier: MIT */
/*
 * Events that the owner of an account should hear of, as text for a mail.
 * What an event program is told is in medusa-mfa-programs(7).
 */
#ifndef MFA_PROGRAMS_NOTICE_H
#define MFA_PROGRAMS_NOTICE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

#define MFA_NOTICE_BYTES 16384 /* of the event, with its NUL */

struct mfa_notice {
	bool wanted;	   /* false: an event that nobody is told of */
	char address[257]; /* where to; empty: the user of that name */
	char user[257];	   /* name that the host knows; empty: of a realm that
			      has no accounts, only address can be used */
	char subject[320];
	char body[4096]; /* printable ASCII, lines that end in '\n' */
};

/*
 * Reads one event.
 *
 * json:   len bytes: an object and nothing else
 * notice: untouched on failure
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX for what is no such object, or has no event;
 * MFA_ERR_MEMORY.
 */
enum mfa_err mfa_notice_read(const char *json, size_t len,
    struct mfa_notice *notice) MFA_MUST_USE;

#endif
