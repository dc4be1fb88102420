/* SPDX-License-Identifier: MIT */
/*
 * otpauth://totp/ISSUER:ACCOUNT?secret=KEY&algorithm=SHA1&digits=6&period=30
 * (Key URI Format of Google Authenticator).
 */
#include <string.h>
#include <strings.h>

#include "lib/base/num.h"
#include "lib/base/secret.h"
#include "utils/import/found.h"
#include "utils/out.h"

#define VALUE 512 /* bytes of the longest part that is taken, with its NUL */

struct url {
	struct mfa_import_found *found;
	unsigned int seen; /* of the parameters */
	bool counted;
};

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes %XX; false for what does not fit, or decodes to a control byte. */
static bool
decode(const char *text, size_t len, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)text[i];

		if (c == '%') {
			int high = i + 2 < len ? digit_of(text[i + 1]) : -1;
			int low = i + 2 < len ? digit_of(text[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = high * 16 + low;
			i += 2;
		}
		if (c < ' ' || c == 0x7f || used + 1 >= size)
			return false;
		out[used++] = (char)c;
	}
	out[used] = '\0';
	return true;
}

/* ---- parameters ---- */

static bool
take_secret(struct url *url, const char *value)
{
	mfa_import_key_base32(url->found, value, strlen(value));
	return true;
}

static bool
take_algorithm(struct url *url, const char *value)
{
	static const char *const names[] = { "SHA1", "SHA256", "SHA512" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(names[i], value) == 0) {
			url->found->algorithm = names[i];
			return true;
		}
	}
	mfa_import_refuse(url->found, "its algorithm is none of SHA1, SHA256, "
	    "SHA512");
	return true;
}

static bool
take_digits(struct url *url, const char *value)
{
	uint64_t number = 0;

	if (mfa_num_parse(value, 0, 100, &number) != MFA_OK)
		return false;
	url->found->digits = (uint32_t)number;
	if (number < 6 || number > 8)
		mfa_import_refuse(url->found, "its codes have %u digit%s, 6 to "
		    "8 are possible", (unsigned int)number,
		    mfa_out_s((size_t)number));
	return true;
}

static bool
take_period(struct url *url, const char *value)
{
	uint64_t number = 0;

	if (mfa_num_parse(value, 0, UINT32_MAX, &number) != MFA_OK)
		return false;
	url->found->period = (uint32_t)number;
	if (number < 15 || number > 120)
		mfa_import_refuse(url->found, "its codes live %u second%s, 15 "
		    "to 120 are possible", (unsigned int)number,
		    mfa_out_s((size_t)number));
	return true;
}

static bool
take_counter(struct url *url, const char *value)
{
	url->counted = true;
	return mfa_num_parse(value, 0, MFA_IMPORT_COUNTER,
		   &url->found->counter) == MFA_OK;
}

/* Steam's, and what else makes other codes of a key. */
static bool
take_encoder(struct url *url, const char *value)
{
	(void)value;
	mfa_import_refuse(url->found, "its codes are not made as RFC 4226 says");
	return true;
}

/* Why the program that made the URL takes the key for none of ours. */
static bool
take_refused(struct url *url, const char *value)
{
	mfa_import_refuse(url->found, "%s", value);
	/* Without a reason it would pass for a key, and there is none. */
	return value[0] != '\0';
}

static const struct {
	const char *name;
	bool (*take)(struct url *url, const char *value);
} parameters[] = {
	{ "secret", take_secret },
	{ "algorithm", take_algorithm },
	{ "digits", take_digits },
	{ "period", take_period },
	{ "counter", take_counter },
	{ "encoder", take_encoder },
	{ "refused", take_refused },
};

/* One "name=value".  Others (issuer, image) change no code. */
static bool
take_parameter(struct url *url, const char *text, size_t len)
{
	const char *sign = memchr(text, '=', len);
	size_t name = sign != NULL ? (size_t)(sign - text) : len;
	char value[VALUE];
	bool good = true;

	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]);
	     i++) {
		if (strlen(parameters[i].name) != name ||
		    strncmp(parameters[i].name, text, name) != 0)
			continue;
		/* Which of two is meant? */
		good = (url->seen & 1U << i) == 0 && sign != NULL &&
		    decode(sign + 1, len - name - 1, value, sizeof(value)) &&
		    parameters[i].take(url, value);
		url->seen |= 1U << i;
		mfa_secret_wipe(value, sizeof(value));
	}
	return good;
}

static bool
take_parameters(struct url *url, const char *text, size_t len)
{
	while (len > 0) {
		const char *sign = memchr(text, '&', len);
		size_t one = sign != NULL ? (size_t)(sign - text) : len;

		if (!take_parameter(url, text, one))
			return false;
		text += one + (sign != NULL);
		len -= one + (sign != NULL);
	}
	if (url->found->refused[0] != '\0')
		return true;
	/* The first parameter is the key: nothing goes without. */
	return (url->seen & 1U) != 0 && url->found->hotp == url->counted;
}

/* ---- the rest ---- */

/* ACCOUNT of "ISSUER:ACCOUNT"; the colon may be encoded. */
static bool
take_account(struct mfa_import_found *found, const char *text, size_t len)
{
	char label[VALUE];
	const char *account;

	if (!decode(text, len, label, sizeof(label)))
		return false;
	account = strrchr(label, ':');
	account = account != NULL ? account + 1 : label;
	account += strspn(account, " ");
	if (strlen(account) >= sizeof(found->user))
		return false;
	memcpy(found->user, account, strlen(account) + 1);
	return true;
}

static bool
take_url(struct url *url, const char *text, size_t len)
{
	static const char *const starts[] = { "otpauth://totp/",
		"otpauth://hotp/" };
	const char *query = memchr(text, '?', len);
	const size_t start = 15; /* length of each */
	size_t before = query != NULL ? (size_t)(query - text) : 0;

	if (before < start)
		return false;
	url->found->hotp = strncasecmp(text, starts[1], start) == 0;
	if (!url->found->hotp && strncasecmp(text, starts[0], start) != 0)
		return false;
	return take_account(url->found, text + start, before - start) &&
	    take_parameters(url, query + 1, len - before - 1);
}

enum mfa_err
mfa_import_otpauth(const char *text, size_t len,
    struct mfa_import_found *found)
{
	static const char phone[] = "otpauth-migration:";
	struct url url = { .found = found };

	mfa_import_init(found);
	while (len > 0 && (text[len - 1] == '\r' || text[len - 1] == ' '))
		len--;
	if (len == 0 || text[0] == '#')
		return MFA_ERR_NOT_FOUND;
	if (len > sizeof(phone) - 1 &&
	    memcmp(text, phone, sizeof(phone) - 1) == 0) {
		mfa_import_refuse(found, "it is an export of a whole phone, "
		    "with keys of other places: enrol anew");
		return MFA_OK;
	}
	if (memchr(text, '\0', len) == NULL && take_url(&url, text, len))
		return MFA_OK;
	mfa_import_wipe(found);
	return MFA_ERR_SYNTAX;
}

/* Whoever wrote it before the URL knows better than the URL's account. */
static bool
take_user(struct mfa_import_found *found, const char *text, size_t len)
{
	if (len >= sizeof(found->user))
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	}
	memcpy(found->user, text, len);
	found->user[len] = '\0';
	found->chosen = true;
	return true;
}

static size_t
blanks(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && (text[n] == ' ' || text[n] == '\t'))
		n++;
	return n;
}

enum mfa_err
mfa_import_otpauth_line(const char *line, size_t len,
    struct mfa_import_found *found)
{
	size_t skip = blanks(line, len), word = 0, gap;
	enum mfa_err r;

	line += skip;
	len -= skip;
	while (word < len && line[word] != ' ' && line[word] != '\t')
		word++;
	gap = blanks(line + word, len - word);
	/* No user's name has a colon. */
	if (word == 0 || line[0] == '#' || word + gap == len ||
	    memchr(line, ':', word) != NULL)
		return mfa_import_otpauth(line, len, found);
	r = mfa_import_otpauth(line + word + gap, len - word - gap, found);
	if (r == MFA_ERR_NOT_FOUND)
		r = MFA_ERR_SYNTAX;
	if (r == MFA_OK && !take_user(found, line, word)) {
		mfa_import_wipe(found);
		r = MFA_ERR_SYNTAX;
	}
	return r;
}
