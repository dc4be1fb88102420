/* SPDX-License-Identifier: MIT */
/*
 * medusa-mfa-import-pskc: the keys of a PSKC file (RFC 6030) as otpauth URLs,
 * one a line.  The file comes on standard input, not encrypted.  A key that is
 * none of ours says why in a parameter "refused".  Run by medusa-mfa import,
 * which judges the lines.
 */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <pskc/pskc.h>

#include "lib/base/secret.h"
#include "programs/program.h"

#define NAME	  "medusa-mfa-import-pskc"
#define FILE_SIZE (16U * 1024 * 1024)

/* The end of the URN of an algorithm: behind the last : or #. */
static const char *
tail(const char *urn)
{
	const char *colon = strrchr(urn, ':');
	const char *hash = strrchr(urn, '#');

	if (hash != NULL && (colon == NULL || hash > colon))
		return hash + 1;
	return colon != NULL ? colon + 1 : urn;
}

/* A name for the file's user: of "UID=alice,DC=example" or "CN=..." alice. */
static const char *
user_of(pskc_key_t *key, size_t *len)
{
	const char *user = pskc_get_key_userid(key);

	if (user == NULL)
		user = pskc_get_device_userid(key);
	if (user == NULL)
		user = "";
	*len = strlen(user);
	if (strncasecmp(user, "UID=", 4) == 0 ||
	    strncasecmp(user, "CN=", 3) == 0) {
		user = strchr(user, '=') + 1;
		*len = strcspn(user, ",+");
	}
	return user;
}

static void
print_encoded(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x80 && (isalnum(c) || c == '-' || c == '_' ||
		    c == '.'))
			(void)putchar(c);
		else
			(void)printf("%%%02X", c);
	}
}

static void
print_base32(const uint8_t *bytes, size_t len)
{
	static const char symbols[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned int held = 0, bits = 0;

	for (size_t i = 0; i < len; i++) {
		held = (held & 31U) << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			(void)putchar(symbols[held >> (bits - 5) & 31U]);
	}
	if (bits != 0)
		(void)putchar(symbols[held << (5 - bits) & 31U]);
}

/* ---- what makes codes ---- */

/* SHA1 where nothing is said (RFC 4226); NULL for what is none of ours. */
static const char *
algorithm_of(pskc_key_t *key)
{
	static const char *const names[] = { "SHA1", "SHA256", "SHA512" };
	const char *suite = pskc_get_key_algparm_suite(key);

	if (suite == NULL || suite[0] == '\0')
		return names[0];
	suite = tail(suite);
	if (strncasecmp(suite, "HMAC-", 5) == 0)
		suite += 5;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		/* SHA256, SHA-256 */
		if (strcasecmp(suite, names[i]) == 0 ||
		    (strncasecmp(suite, "SHA-", 4) == 0 &&
			strcasecmp(suite + 4, names[i] + 3) == 0))
			return names[i];
	}
	return NULL;
}

static const char *
why_not(pskc_key_t *key, const char *kind)
{
	const char *urn = pskc_get_key_algorithm(key);
	pskc_pinusagemode pin;
	pskc_valueformat format;
	int present = 0;
	size_t len = 0;

	if (urn == NULL || kind == NULL)
		return "its algorithm is neither HOTP nor TOTP";
	if (algorithm_of(key) == NULL)
		return "its suite is none of SHA1, SHA256, SHA512";
	format = pskc_get_key_algparm_resp_encoding(key, &present);
	if (present && format != PSKC_VALUEFORMAT_DECIMAL)
		return "its codes are no digits";
	(void)pskc_get_key_algparm_resp_checkdigits(key, &present);
	if (present && pskc_get_key_algparm_resp_checkdigits(key, NULL) != 0)
		return "its codes have a check digit";
	pin = pskc_get_key_policy_pinusagemode(key, &present);
	if (present && pin != PSKC_PINUSAGEMODE_LOCAL)
		return "it has a PIN that is part of the code";
	if (pskc_get_key_data_secret(key, &len) == NULL || len == 0)
		return "its key is not there in plain text: decrypt the file "
		       "first";
	return NULL;
}

static void
print_key(pskc_key_t *key)
{
	const char *urn = pskc_get_key_algorithm(key), *why, *user, *secret;
	const char *kind = NULL;
	int present = 0;
	uint32_t number;
	size_t len;

	if (urn != NULL && strcasecmp(tail(urn), "hotp") == 0)
		kind = "hotp";
	if (urn != NULL && strcasecmp(tail(urn), "totp") == 0)
		kind = "totp";
	why = why_not(key, kind);
	user = user_of(key, &len);
	(void)printf("otpauth://%s/", kind != NULL ? kind : "totp");
	print_encoded(user, len);
	if (why != NULL) {
		(void)fputs("?refused=", stdout);
		print_encoded(why, strlen(why));
		(void)putchar('\n');
		return;
	}
	secret = pskc_get_key_data_secret(key, &len);
	(void)fputs("?secret=", stdout);
	print_base32((const uint8_t *)secret, len);
	(void)printf("&algorithm=%s", algorithm_of(key));
	number = pskc_get_key_algparm_resp_length(key, &present);
	(void)printf("&digits=%" PRIu32, present ? number : 6U);
	if (kind[0] == 'h') {
		(void)printf("&counter=%" PRIu64 "\n",
		    pskc_get_key_data_counter(key, &present));
		return;
	}
	number = pskc_get_key_data_timeinterval(key, &present);
	(void)printf("&period=%" PRIu32 "\n",
	    present && number != 0 ? number : 30U);
}

/*
 * The parser of XML shows a line that is wrong, and a key may stand in it: it
 * has no standard error.
 */
static int
parse_silently(pskc_t *container, const char *text, size_t len)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int r = PSKC_PARSE_ERROR;

	if (saved >= 0 && nowhere >= 0 &&
	    dup2(nowhere, STDERR_FILENO) == STDERR_FILENO) {
		r = pskc_parse_from_memory(container, len, text);
		(void)dup2(saved, STDERR_FILENO);
	}
	if (saved >= 0)
		(void)close(saved);
	if (nowhere >= 0)
		(void)close(nowhere);
	return r;
}

static enum mfa_err
print_all(const char *text, size_t len)
{
	pskc_t *container = NULL;
	enum mfa_err r = MFA_ERR_SYNTAX;
	pskc_key_t *key;

	if (pskc_global_init() != PSKC_OK || pskc_init(&container) != PSKC_OK)
		return MFA_ERR_MEMORY;
	if (parse_silently(container, text, len) == PSKC_OK) {
		for (size_t i = 0;
		     (key = pskc_get_keypackage(container, i)) != NULL; i++) {
			print_key(key);
			r = MFA_OK;
		}
	}
	pskc_done(container);
	pskc_global_done();
	return r;
}

int
main(void)
{
	struct mfa_program_problem problem;
	enum mfa_err r = mfa_program_begin();
	char *text = malloc(FILE_SIZE);
	size_t len = 0;

	if (text == NULL)
		r = MFA_ERR_MEMORY;
	if (r == MFA_OK)
		r = mfa_program_read(STDIN_FILENO, text, FILE_SIZE, &len);
	if (r == MFA_OK)
		r = print_all(text, len);
	if (text != NULL)
		mfa_secret_wipe(text, FILE_SIZE);
	free(text);
	if (fflush(stdout) != 0 && r == MFA_OK)
		r = MFA_ERR_IO;
	if (r == MFA_OK)
		return EXIT_SUCCESS;
	mfa_program_explain(&problem, "%s", r == MFA_ERR_SYNTAX ?
		"this is no PSKC file, or it is encrypted: decrypt it first" : mfa_strerror(r));
	return mfa_program_fail(NAME, &problem);
}
