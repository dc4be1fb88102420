/* SPDX-License-Identifier: MIT */
/* self_enroll = invite | no | yes | until YYYY-MM-DD */
#include <string.h>
#include <time.h>

#include "lib/base/num.h"
#include "verifier/config/value.h"

#define DAY 86400

static enum mfa_err
parse_part(const char *text, size_t at, size_t len, uint64_t least,
    uint64_t most, int *out)
{
	char part[5];
	uint64_t n;
	enum mfa_err r;

	memcpy(part, text + at, len);
	part[len] = '\0';
	if (strspn(part, "0123456789") != len)
		return MFA_ERR_SYNTAX;
	/* mfa_num_parse knows no leading zeros. */
	r = mfa_num_parse(part + (part[0] == '0' && len == 2), least, most, &n);
	if (r == MFA_OK)
		*out = (int)n;
	return r;
}

enum mfa_err
mfa_config_value_day(const char *text, uint64_t *end)
{
	struct tm tm, again;
	time_t t;

	memset(&tm, 0, sizeof(tm));
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
	    parse_part(text, 0, 4, 2020, 9999, &tm.tm_year) != MFA_OK ||
	    parse_part(text, 5, 2, 1, 12, &tm.tm_mon) != MFA_OK ||
	    parse_part(text, 8, 2, 1, 31, &tm.tm_mday) != MFA_OK)
		return MFA_ERR_SYNTAX;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	again = tm;
	t = timegm(&again);
	if (t < 0 || again.tm_mday != tm.tm_mday)
		return MFA_ERR_SYNTAX;
	*end = (uint64_t)t + DAY;
	return MFA_OK;
}

enum mfa_err
mfa_config_value_self_enroll(const struct mfa_config_option *option,
    const char *value, void *base)
{
	static const char until[] = "until ";
	struct mfa_config *config = base;
	enum mfa_self_enroll kind;
	uint64_t end = 0;

	(void)option;
	if (strcmp(value, "invite") == 0)
		kind = MFA_SELF_ENROLL_INVITE;
	else if (strcmp(value, "no") == 0)
		kind = MFA_SELF_ENROLL_NO;
	else if (strcmp(value, "yes") == 0)
		kind = MFA_SELF_ENROLL_YES;
	else if (strncmp(value, until, strlen(until)) == 0 &&
	    mfa_config_value_day(value + strlen(until), &end) == MFA_OK)
		kind = MFA_SELF_ENROLL_UNTIL;
	else
		return MFA_ERR_SYNTAX;
	config->self_enroll = kind;
	config->self_enroll_end = end;
	return MFA_OK;
}
