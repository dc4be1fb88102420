/* SPDX-License-Identifier: MIT */
/*
 * Factors of other programs: a file of google-authenticator, a line of
 * users.oath, lines with otpauth URLs (which the readers of PSKC and of QR
 * codes print as well), and our own URL read back.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "utils/import/choose.h"
#include "utils/import/found.h"
#include "verifier/otp/base32.h"
#include "verifier/otp/otpauth.h"

static bool
is_algorithm(const char *name)
{
	return name != NULL && (strcmp(name, "SHA1") == 0 ||
	    strcmp(name, "SHA256") == 0 || strcmp(name, "SHA512") == 0);
}

static void
look_at_key(const struct mfa_import_found *found)
{
	uint8_t bytes[128];
	size_t len = 0;

	FUZZ_WANT(strspn(found->key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") ==
	    strlen(found->key));
	/* R16; the verifier takes it as it stands. */
	FUZZ_WANT(mfa_base32_parse(found->key, bytes, sizeof(bytes), &len) ==
	    MFA_OK);
	FUZZ_WANT(len * 8 >= MFA_IMPORT_BITS && len <= 64);
	FUZZ_WANT(is_algorithm(found->algorithm));
	FUZZ_WANT(found->digits >= 6 && found->digits <= 8);
	if (!found->hotp)
		FUZZ_WANT(found->period >= 15 && found->period <= 120);
	FUZZ_WANT(found->counter <= MFA_IMPORT_COUNTER);
	/* R14 */
	FUZZ_WANT(strstr(found->note, found->key) == NULL);
}

/* Whatever was read: whole, or refused without its key, or nothing at all. */
static void
look_at(enum mfa_err r, const struct mfa_import_found *found)
{
	FUZZ_WANT(fuzz_ends(found->user, sizeof(found->user)));
	FUZZ_WANT(fuzz_ends(found->key, sizeof(found->key)));
	FUZZ_WANT(fuzz_ends(found->note, sizeof(found->note)));
	FUZZ_WANT(fuzz_ends(found->refused, sizeof(found->refused)));
	FUZZ_WANT(r == MFA_OK || r == MFA_ERR_SYNTAX ||
	    r == MFA_ERR_NOT_FOUND);
	if (r != MFA_OK)
		FUZZ_WANT(fuzz_all(found->key, sizeof(found->key), 0));
	else if (found->refused[0] != '\0')
		FUZZ_WANT(fuzz_all(found->key, sizeof(found->key), 0));
	else
		look_at_key(found);
	if (r != MFA_OK)
		FUZZ_WANT(found->user[0] == '\0' && found->note[0] == '\0' &&
		    found->refused[0] == '\0');
}

static void
run_google(const uint8_t *data, size_t size)
{
	const char *text = size != 0 ? (const char *)data : "";
	struct mfa_import_found found;

	memset(&found, 0xa5, sizeof(found));
	look_at(mfa_import_google(text, size, &found), &found);
}

static void
run_oath(const uint8_t *data, size_t size)
{
	const char *text = size != 0 ? (const char *)data : "";
	struct mfa_import_found found;

	memset(&found, 0xa5, sizeof(found));
	look_at(mfa_import_oath(text, size, &found), &found);
}

/* The first line is --user of a choice. */
static void
run_lines(const uint8_t *data, size_t size)
{
	struct fuzz_in in = { data, size };
	struct mfa_import_found found, line;
	enum mfa_import_choice choice;
	char user[257];
	size_t len;

	fuzz_line(&in, user, sizeof(user));
	choice = mfa_import_choose(user, (const char *)in.p, in.left);
	FUZZ_WANT(choice >= MFA_CHOICE_ALL && choice <= MFA_CHOICE_NONE);
	while (in.left != 0) {
		const uint8_t *end = memchr(in.p, '\n', in.left);
		const char *text = (const char *)in.p;

		len = end != NULL ? (size_t)(end - in.p) : in.left;
		memset(&found, 0xa5, sizeof(found));
		look_at(mfa_import_otpauth(text, len, &found), &found);
		memset(&line, 0xa5, sizeof(line));
		look_at(mfa_import_otpauth_line(text, len, &line), &line);
		/* A line that is a URL alone is the same URL. */
		if (found.key[0] != '\0')
			FUZZ_WANT(strcmp(found.key, line.key) == 0 &&
			    strcmp(found.user, line.user) == 0);
		in.p += len + (end != NULL);
		in.left -= len + (end != NULL);
	}
}

/*
 * Ours: lines with issuer, account and key bytes as text, then numbers.  A
 * URL that fits is read back as what it was made of.
 */
static void
run_otpauth(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "SHA1", "SHA256", "SHA512" };
	char issuer[80], account[400], secret[128], url[1024];
	struct fuzz_in in = { data, size };
	struct mfa_otpauth what = { .issuer = issuer, .account = account,
		.secret = secret };
	struct mfa_import_found found;
	uint8_t key[64];
	size_t len;
	bool plain;

	fuzz_line(&in, issuer, sizeof(issuer));
	fuzz_line(&in, account, sizeof(account));
	what.algorithm = names[fuzz_byte(&in) % 3];
	what.digits = 6 + fuzz_byte(&in) % 3U;
	what.period = 15 + fuzz_byte(&in) % 106U;
	what.hotp = (fuzz_byte(&in) & 1) != 0;
	what.counter = fuzz_number(&in, 4);
	len = 16 + fuzz_byte(&in) % 49U;
	for (size_t i = 0; i < len; i++)
		key[i] = fuzz_byte(&in);
	FUZZ_WANT(mfa_base32_format(key, len, secret, sizeof(secret)) ==
	    MFA_OK);
	memset(url, 0x5a, sizeof(url));
	if (mfa_otpauth_format(&what, url, sizeof(url)) != MFA_OK) {
		FUZZ_WANT(fuzz_all(url, sizeof(url), 0x5a));
		return;
	}
	FUZZ_WANT(fuzz_sentence(url) && strchr(url, ' ') == NULL);
	plain = strchr(account, ':') == NULL && account[0] != ' ' &&
	    strlen(account) < sizeof(found.user) && strlen(issuer) +
	    strlen(account) < 500;
	for (const char *p = issuer; *p != '\0'; p++)
		plain = plain && !iscntrl((unsigned char)*p);
	for (const char *p = account; *p != '\0'; p++)
		plain = plain && !iscntrl((unsigned char)*p);
	if (!plain)
		return;
	FUZZ_WANT(mfa_import_otpauth(url, strlen(url), &found) == MFA_OK);
	look_at(MFA_OK, &found);
	FUZZ_WANT(strcmp(found.user, account) == 0 &&
	    strcmp(found.key, secret) == 0 &&
	    strcmp(found.algorithm, what.algorithm) == 0 &&
	    found.digits == what.digits && found.hotp == what.hotp);
	FUZZ_WANT(what.hotp ? found.counter == what.counter :
	    found.period == what.period);
}

const struct fuzz_target fuzz_google = { "google",
	"R3 R16 a file of google-authenticator is read whole or refused", NULL,
	run_google, NULL, 0, 0 };
const struct fuzz_target fuzz_oath = { "oath",
	"R3 R16 a line of users.oath is read whole or refused", NULL,
	run_oath, NULL, 0, 0 };
const struct fuzz_target fuzz_lines = { "lines",
	"R3 R16 lines of readers are read whole or refused", NULL, run_lines,
	NULL, 0, 0 };
const struct fuzz_target fuzz_otpauth = { "otpauth",
	"R16 our own otpauth URL is read back as what it was made of", NULL,
	run_otpauth, NULL, 0, 0 };
