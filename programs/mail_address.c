/* SPDX-License-Identifier: MIT */
/* MUST list: mail_address.h. */
#include "programs/mail_address.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"

#define LETTERS_DIGITS "abcdefghijklmnopqrstuvwxyz" \
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define ATOM	       LETTERS_DIGITS "!#$%&'*+-/=?^_`{|}~"
#define LOCAL_MAX      64 /* RFC 5321 section 4.5.3.1.1 */

/* Atoms of these characters with single dots between. */
static bool
is_dotted(const char *text, size_t len, const char *characters)
{
	size_t at = 0;

	for (;;) {
		size_t atom = strspn(text + at, characters);

		if (atom == 0 || at + atom > len)
			return false;
		at += atom;
		if (at == len)
			return true;
		if (text[at] != '.')
			return false;
		at++;
	}
}

static bool
is_local(const char *text, size_t len)
{
	return len <= LOCAL_MAX && text[0] != '-' && is_dotted(text, len, ATOM);
}

bool
mfa_mail_is_domain(const char *text)
{
	const size_t len = strlen(text);

	if (len >= MFA_MAIL_DOMAIN || !is_dotted(text, len, LETTERS_DIGITS "-"))
		return false;
	return text[0] != '-' && text[len - 1] != '-' &&
	    strstr(text, ".-") == NULL && strstr(text, "-.") == NULL;
}

bool
mfa_mail_is_address(const char *text)
{
	const char *at = strchr(text, '@');

	return at != NULL && is_local(text, (size_t)(at - text)) &&
	    mfa_mail_is_domain(at + 1);
}

bool
mfa_mail_recipient(const char *text, const char *domain, char *out)
{
	if (strchr(text, '@') != NULL)
		return mfa_mail_is_address(text) &&
		    mfa_text_copy(out, MFA_MAIL_ADDRESS, text);
	if (domain[0] == '\0' || !is_local(text, strlen(text)))
		return false;
	(void)snprintf(out, MFA_MAIL_ADDRESS, "%s@%s", text, domain);
	return true;
}
