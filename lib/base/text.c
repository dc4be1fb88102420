/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"

#include <string.h>
#include <time.h>

#include "lib/base/num.h"

#define YEAR_9999_END UINT64_C(253402300799) /* its last second */

static bool
plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '"' && c != '=' && c != '\\';
}

void
mfa_text_escape(const char *text, char *out, size_t size)
{
	size_t used = 0;

	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		size_t need = plain(c) ? 1 : 4;

		if (used + need + 1 > size)
			break;
		if (need == 1) {
			out[used] = (char)c;
		} else {
			out[used] = '\\';
			out[used + 1] = 'x';
			mfa_num_hex(&c, 1, out + used + 2);
		}
		used += need;
	}
	if (used == 0)
		out[used++] = '-';
	out[used] = '\0';
}

bool
mfa_text_printable(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e)
			return false;
	}
	return true;
}

bool
mfa_text_is_label(const char *text)
{
	size_t len = strlen(text);

	if (len < 1 || len > 32 || text[0] < 'a' || text[0] > 'z')
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool
mfa_text_looks_commented(const char *value)
{
	for (const char *p = strchr(value, '#'); p != NULL;
	    p = strchr(p + 1, '#')) {
		if (p == value || p[-1] == ' ' || p[-1] == '\t')
			return true;
	}
	return false;
}

bool
mfa_text_copy(char *dst, size_t size, const char *src)
{
	size_t len = strlen(src);

	if (len >= size) {
		dst[0] = '\0';
		return false;
	}
	memcpy(dst, src, len + 1);
	return true;
}

bool
mfa_text_time(uint64_t wall, char *out)
{
	time_t seconds = (time_t)wall;
	struct tm tm;

	out[0] = '\0';
	/* A year has four digits there. */
	return wall <= YEAR_9999_END && gmtime_r(&seconds, &tm) != NULL &&
	    strftime(out, MFA_TEXT_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm) != 0;
}
