/* SPDX-License-Identifier: MIT */
/*
 * A mail as it goes over the wire: RFC 5322, plain US-ASCII text.
 *
 * MUST (checked against mail_message.c):
 *  - no field makes a header line of its own: addresses are addresses, the
 *    subject is printable ASCII, the body begins after the empty line;
 *  - what does not fit or is not plain is refused, never cut or mended.
 */
#ifndef MFA_PROGRAMS_MAIL_MESSAGE_H
#define MFA_PROGRAMS_MAIL_MESSAGE_H

#include <stddef.h>
#include <time.h>

#include "lib/base/err.h"

#define MFA_MAIL_BYTES 16384 /* of the longest mail */
#define MFA_MAIL_LINE  998   /* bytes of a line, RFC 5322 section 2.1.1 */

struct mfa_mail_message {
	const char *from;
	const char *to;
	const char *subject;
	const char *body; /* lines that end in '\n'; may be secret */
	time_t time;
	unsigned char id[16]; /* random */
};

/*
 * Writes headers and body, lines ended by CR LF.
 *
 * out: MFA_MAIL_BYTES bytes, as secret as the body; wiped on failure
 * len: bytes of it
 *
 * Returns: MFA_OK; MFA_ERR_INVALID for a field that is not as above.
 */
enum mfa_err mfa_mail_message_format(const struct mfa_mail_message *message,
    char *out, size_t *len) MFA_MUST_USE;

#endif
