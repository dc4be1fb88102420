/* SPDX-License-Identifier: MIT */
#include "verifier/otp/otpauth.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Counts what would be written; writes while out is there. */
struct sink {
	char *out;
	size_t used;
};

static void
put(struct sink *sink, const char *text)
{
	size_t len = strlen(text);

	if (sink->out != NULL)
		memcpy(sink->out + sink->used, text, len);
	sink->used += len;
}

/* RFC 3986 section 2.3. */
static bool
unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

/* By hand: one of the values is a secret, and no secret meets a format. */
static void
put_encoded(struct sink *sink, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";
	char piece[4];

	for (const char *p = value; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (unreserved(*p)) {
			piece[0] = *p;
			piece[1] = '\0';
		} else {
			piece[0] = '%';
			piece[1] = digits[c >> 4];
			piece[2] = digits[c & 15];
			piece[3] = '\0';
		}
		put(sink, piece);
	}
}

static void
put_parameter(struct sink *sink, const char *name, const char *value)
{
	put(sink, name);
	put_encoded(sink, value);
}

static void
put_number(struct sink *sink, const char *name, uint64_t number)
{
	char digits[21];

	(void)snprintf(digits, sizeof(digits), "%" PRIu64, number);
	put_parameter(sink, name, digits);
}

static void
put_url(struct sink *sink, const struct mfa_otpauth *what)
{
	put_parameter(sink, what->hotp ? "otpauth://hotp/" : "otpauth://totp/",
	    what->issuer);
	put_parameter(sink, ":", what->account);
	put_parameter(sink, "?secret=", what->secret);
	put_parameter(sink, "&issuer=", what->issuer);
	if (strcmp(what->algorithm, "SHA1") != 0)
		put_parameter(sink, "&algorithm=", what->algorithm);
	if (what->digits != 6)
		put_number(sink, "&digits=", what->digits);
	if (what->hotp)
		put_number(sink, "&counter=", what->counter);
	else if (what->period != 30)
		put_number(sink, "&period=", what->period);
}

enum mfa_err
mfa_otpauth_format(const struct mfa_otpauth *what, char *out, size_t size)
{
	struct sink sink = { NULL, 0 };

	put_url(&sink, what);
	if (sink.used >= size)
		return MFA_ERR_INVALID;
	sink = (struct sink){ out, 0 };
	put_url(&sink, what);
	out[sink.used] = '\0';
	return MFA_OK;
}
