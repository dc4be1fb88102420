/* SPDX-License-Identifier: MIT */
/* Base32: text to bytes and bytes to text. */
#include "tests/proof/fuzz/fuzz.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/otp/base32.h"

#define ROOM 96

/* The letters alone, in upper case; the padding is passed over. */
static size_t
letters(const char *text, char *out)
{
	size_t used = 0;

	for (; *text != '\0'; text++) {
		if (*text != ' ' && *text != '-' && *text != '=')
			out[used++] = (char)toupper((unsigned char)*text);
	}
	out[used] = '\0';
	return used;
}

static void
read_text(const uint8_t *data, size_t size)
{
	uint8_t out[ROOM];
	char *text = calloc(1, size + 1), *plain = calloc(1, size + 1);
	char again[ROOM * 8 / 5 + 8];
	size_t len = 999;

	FUZZ_WANT(text != NULL && plain != NULL);
	if (size != 0)
		memcpy(text, data, size);
	memset(out, 0xa5, sizeof(out));
	if (mfa_base32_parse(text, out, sizeof(out), &len) != MFA_OK) {
		FUZZ_WANT(len == 999);
		/* Nothing is left, but for wiped scratch. */
		for (size_t i = 0; i < sizeof(out); i++)
			FUZZ_WANT(out[i] == 0xa5 || out[i] == 0);
	} else {
		FUZZ_WANT(len <= sizeof(out));
		FUZZ_WANT(fuzz_all(out + len, sizeof(out) - len, 0xa5));
		FUZZ_WANT(mfa_base32_format(out, len, again, sizeof(again)) ==
		    MFA_OK);
		/* R16: one text means one key. */
		(void)letters(text, plain);
		FUZZ_WANT(strcmp(plain, again) == 0);
	}
	free(text);
	free(plain);
}

static void
write_bytes(const uint8_t *data, size_t size)
{
	char text[ROOM * 8 / 5 + 8];
	uint8_t out[ROOM];
	size_t len = 0, needed = (size * 8 + 4) / 5 + 1;

	if (size > sizeof(out))
		return;
	FUZZ_WANT(mfa_base32_format(data, size, text, needed - 1) != MFA_OK);
	FUZZ_WANT(mfa_base32_format(data, size, text, needed) == MFA_OK);
	FUZZ_WANT(strlen(text) == needed - 1);
	FUZZ_WANT(mfa_base32_parse(text, out, sizeof(out), &len) == MFA_OK);
	FUZZ_WANT(len == size && (len == 0 || memcmp(out, data, len) == 0));
	if (size != 0)
		FUZZ_WANT(mfa_base32_parse(text, out, size - 1, &len) ==
		    MFA_ERR_INVALID);
}

static void
run(const uint8_t *data, size_t size)
{
	read_text(data, size);
	write_bytes(data, size);
}

const struct fuzz_target fuzz_base32 = { "base32",
	"R16 base32 is read strictly and written back the same", NULL, run,
	NULL, 0, 0 };
