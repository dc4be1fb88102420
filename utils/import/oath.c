/* SPDX-License-Identifier: MIT */
/*
 * A line of pam_oath's users.oath; words between blanks:
 *   HOTP/T30/6 alice - 31323334353637383930313233343536 [COUNTER [CODE [TIME]]]
 */
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/secret.h"
#include "utils/import/found.h"

#define WORD 320 /* bytes of the longest word that is taken, with its NUL */

/* Of the types, those that pam_oath knows. */
static const struct {
	const char *name;
	uint32_t digits;
	uint32_t period; /* 0: by counter */
} types[] = {
	{ "HOTP", 6, 0 },	   { "HOTP/E", 6, 0 },
	{ "HOTP/E/6", 6, 0 },	   { "HOTP/E/7", 7, 0 },
	{ "HOTP/E/8", 8, 0 },	   { "HOTP/T30", 6, 30 },
	{ "HOTP/T30/6", 6, 30 },   { "HOTP/T30/7", 7, 30 },
	{ "HOTP/T30/8", 8, 30 },   { "HOTP/T60", 6, 60 },
	{ "HOTP/T60/6", 6, 60 },   { "HOTP/T60/7", 7, 60 },
	{ "HOTP/T60/8", 8, 60 },
};

struct words {
	const char *at;
	size_t left;
};

/* The next word; false at the end of the line, or if it does not fit. */
static bool
next(struct words *words, char *out, size_t size)
{
	size_t len = 0;

	while (words->left > 0 && (*words->at == ' ' || *words->at == '\t' ||
	    *words->at == '\r')) {
		words->at++;
		words->left--;
	}
	while (len < words->left && words->at[len] != ' ' &&
	    words->at[len] != '\t' && words->at[len] != '\r')
		len++;
	if (len == 0 || len >= size)
		return false;
	memcpy(out, words->at, len);
	out[len] = '\0';
	words->at += len;
	words->left -= len;
	return true;
}

static void
take_type(struct mfa_import_found *found, const char *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, type) != 0)
			continue;
		found->digits = types[i].digits;
		found->hotp = types[i].period == 0;
		found->period = types[i].period;
		return;
	}
	mfa_import_refuse(found, "its type is none of pam_oath's: HOTP, "
	    "HOTP/E/6 to 8, HOTP/T30/6 to 8, HOTP/T60/6 to 8");
}

/*
 * A PIN belongs to what the user types: without it a code alone would let in,
 * which did not before.  "+" is a PIN that something else has checked.
 */
static void
take_pin(struct mfa_import_found *found, const char *pin)
{
	if (pin[0] == '+' && pin[1] == '\0')
		mfa_import_note(found, "its + (a password checked elsewhere) "
		    "is left to the stack");
	else if (pin[0] != '-' || pin[1] != '\0')
		mfa_import_refuse(found, "it has a PIN, which is not taken: "
		    "put - in its place if codes alone will do");
}

/* The counter is that of the last code where one is noted, else the next. */
static enum mfa_err
take_counter(struct mfa_import_found *found, struct words *words)
{
	char word[WORD];
	uint64_t counter = 0;

	if (!next(words, word, sizeof(word)))
		return words->left == 0 ? MFA_OK : MFA_ERR_SYNTAX;
	if (mfa_num_parse(word, 0, MFA_IMPORT_COUNTER - 1, &counter) != MFA_OK)
		return MFA_ERR_SYNTAX;
	if (found->hotp)
		found->counter = counter + next(words, word, sizeof(word));
	mfa_secret_wipe(word, sizeof(word));
	return MFA_OK;
}

enum mfa_err
mfa_import_oath(const char *line, size_t len, struct mfa_import_found *found)
{
	struct words words = { line, len };
	char type[WORD], pin[WORD], key[WORD];
	enum mfa_err r = MFA_ERR_SYNTAX;

	memset(found, 0, sizeof(*found));
	if (memchr(line, '\0', len) != NULL)
		return MFA_ERR_SYNTAX;
	if (!next(&words, type, sizeof(type)))
		return words.left == 0 ? MFA_ERR_NOT_FOUND : MFA_ERR_SYNTAX;
	if (type[0] == '#')
		return MFA_ERR_NOT_FOUND;
	mfa_import_init(found);
	if (next(&words, found->user, sizeof(found->user)) &&
	    next(&words, pin, sizeof(pin)) && next(&words, key, sizeof(key))) {
		take_type(found, type);
		take_pin(found, pin);
		mfa_import_key_hex(found, key, strlen(key));
		r = take_counter(found, &words);
	}
	mfa_secret_wipe(pin, sizeof(pin));
	mfa_secret_wipe(key, sizeof(key));
	if (r != MFA_OK)
		mfa_import_wipe(found);
	return r;
}
