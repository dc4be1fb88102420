/* SPDX-License-Identifier: MIT */
/* MUST list: mail_message.h. */
#include "programs/mail_message.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "programs/mail_address.h"

#define SUBJECT_MAX 400

/* With the names of RFC 5322 section 3.3, which are those of the C locale. */
static bool
format_date(time_t when, char *out, size_t size)
{
	struct tm tm;

	return gmtime_r(&when, &tm) != NULL &&
	    strftime(out, size, "%a, %d %b %Y %H:%M:%S +0000", &tm) != 0;
}

/* Returns the bytes written, 0 if they do not fit. */
static size_t
put_headers(const struct mfa_mail_message *m, char *out, size_t size)
{
	const char *at = strchr(m->from, '@');
	char date[64], id[2 * sizeof(m->id) + 1];
	int n;

	if (!format_date(m->time, date, sizeof(date)))
		return 0;
	mfa_num_hex(m->id, sizeof(m->id), id);
	n = snprintf(out, size,
	    "Date: %s\r\n"
	    "From: %s\r\n"
	    "To: %s\r\n"
	    "Subject: %s\r\n"
	    "Message-ID: <%s%s>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n",
	    date, m->from, m->to, m->subject, id, at);
	return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}

/* Appends the body, '\n' as CR LF; false if it is not plain or too long. */
static bool
put_body(const char *body, char *out, size_t size, size_t *used)
{
	size_t line = 0;

	for (const char *p = body; *p != '\0'; p++) {
		if (*used + 2 > size)
			return false;
		if (*p == '\n') {
			out[(*used)++] = '\r';
			line = 0;
		} else if (*p < 0x20 || *p > 0x7e || ++line > MFA_MAIL_LINE) {
			return false;
		}
		out[(*used)++] = *p;
	}
	return body[0] != '\0' && out[*used - 1] == '\n';
}

enum mfa_err
mfa_mail_message_format(const struct mfa_mail_message *m, char *out,
    size_t *len)
{
	size_t used;

	if (!mfa_mail_is_address(m->from) || !mfa_mail_is_address(m->to) ||
	    !mfa_text_printable(m->subject) || strlen(m->subject) > SUBJECT_MAX)
		return MFA_ERR_INVALID;
	used = put_headers(m, out, MFA_MAIL_BYTES);
	if (used == 0 || !put_body(m->body, out, MFA_MAIL_BYTES, &used)) {
		mfa_secret_wipe(out, MFA_MAIL_BYTES);
		return MFA_ERR_INVALID;
	}
	*len = used;
	return MFA_OK;
}
