/* SPDX-License-Identifier: MIT */
/* What a person typed, held against a second reading of R8 and R13. */
#include "tests/proof/fuzz/fuzz.h"

#include <ctype.h>
#include <string.h>

#include "verifier/otp/typed.h"

static void
begin(void)
{
	FUZZ_WANT(mfa_crypt_init() == MFA_OK);
}

/* What is neither blank nor hyphen, and whether all of it can be typed. */
static size_t
strip(const uint8_t *p, size_t len, char *out, bool *junk)
{
	size_t used = 0, seen = 0;

	while (len > 0 && (p[len - 1] == '\r' || p[len - 1] == '\n'))
		len--;
	*junk = false;
	for (size_t i = 0; i < len; i++) {
		*junk |= p[i] != '\t' && (p[i] < 0x20 || p[i] > 0x7e);
		seen += p[i] != '\t' && p[i] != ' ';
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '-')
			out[used++] = (char)p[i];
	}
	*junk |= seen == 0;
	out[used] = '\0';
	return used;
}

static void
fold(char *text)
{
	for (; *text != '\0'; text++) {
		*text = (char)toupper((unsigned char)*text);
		if (*text == 'O')
			*text = '0';
		if (*text == 'I' || *text == 'L')
			*text = '1';
	}
}

static void
look_at_code(const struct mfa_typed *t, char *plain, size_t len)
{
	if (t->form == MFA_TYPED_DIGITS) {
		FUZZ_WANT(len >= 6 && len <= 8 && t->len == len);
		FUZZ_WANT(strspn(t->text, "0123456789") == len);
		FUZZ_WANT(strcmp(t->text, plain) == 0);
	}
	if (t->form == MFA_TYPED_RECOVERY_CODE) {
		fold(plain);
		FUZZ_WANT(len == 24 && t->len == 24);
		FUZZ_WANT(strspn(t->text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") ==
		    24);
		FUZZ_WANT(strcmp(t->text, plain) == 0);
	}
	if (len >= 6 && len <= 8 && strspn(plain, "0123456789") == len)
		FUZZ_WANT(t->form == MFA_TYPED_DIGITS);
}

/* What a recovery code is written as is read as one, whatever its case. */
static void
round_trip(const uint8_t *data)
{
	char text[MFA_TYPED_RECOVERY_TEXT], plain[MFA_TYPED_RECOVERY_TEXT];
	struct mfa_typed typed;
	bool junk;

	mfa_typed_recovery_format(data, text);
	FUZZ_WANT(strlen(text) == 29);
	(void)strip((const uint8_t *)text, 29, plain, &junk);
	for (char *p = text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	mfa_typed_parse((const uint8_t *)text, 29, &typed);
	FUZZ_WANT(typed.form == MFA_TYPED_RECOVERY_CODE);
	FUZZ_WANT(strcmp(typed.text, plain) == 0);
}

static void
run(const uint8_t *data, size_t size)
{
	char plain[MFA_TYPED_MAX + 1];
	struct mfa_typed typed, again;
	bool junk;
	size_t len;

	memset(&typed, 0xa5, sizeof(typed));
	mfa_typed_parse(data, size, &typed);
	FUZZ_WANT(typed.form <= MFA_TYPED_SEND);
	FUZZ_WANT(typed.len <= MFA_TYPED_MAX &&
	    strlen(typed.text) == typed.len);
	if (size > MFA_TYPED_MAX) {
		FUZZ_WANT(typed.form == MFA_TYPED_JUNK && typed.len == 0);
		return;
	}
	len = strip(data, size, plain, &junk);
	FUZZ_WANT((typed.form == MFA_TYPED_JUNK) == junk);
	look_at_code(&typed, plain, junk ? 0 : len);
	/* What was understood is understood again. */
	if (typed.form != MFA_TYPED_JUNK && typed.form != MFA_TYPED_SEND) {
		mfa_typed_parse((const uint8_t *)typed.text, typed.len, &again);
		FUZZ_WANT(again.form == typed.form &&
		    strcmp(again.text, typed.text) == 0);
	}
	if (size >= 15)
		round_trip(data);
	mfa_typed_wipe(&typed);
	FUZZ_WANT(fuzz_all(&typed, sizeof(typed), 0));
}

const struct fuzz_target fuzz_typed = { "typed",
	"R8 R13 an answer has the form that a second reading says", begin,
	run, NULL, 0, 0 };
