/* SPDX-License-Identifier: MIT */
/*
 * The reader of PSKC files, as it is but for its main; what it prints is
 * judged as medusa-mfa import does.
 */
#define main fuzz_pskc_main
int fuzz_pskc_main(void);
#include "programs/import_pskc.c"
#undef main

#include "tests/proof/fuzz/fuzz.h"
#include "utils/import/found.h"

/* A URL that is read, perhaps as a refusal. */
static void
look_at_line(const char *line, size_t len)
{
	struct mfa_import_found found;
	enum mfa_err r = mfa_import_otpauth(line, len, &found);

	for (size_t i = 0; i < len; i++)
		FUZZ_WANT(line[i] > 0x20 && line[i] < 0x7f);
	FUZZ_WANT(r == MFA_OK || r == MFA_ERR_SYNTAX);
	FUZZ_WANT(strncmp(line, "otpauth://", 10) == 0);
	mfa_import_wipe(&found);
}

static void
look_at(const char *out, size_t size, bool any)
{
	size_t lines = 0;

	while (size != 0) {
		const char *end = memchr(out, '\n', size);

		FUZZ_WANT(end != NULL);
		look_at_line(out, (size_t)(end - out));
		size -= (size_t)(end - out) + 1;
		out = end + 1;
		lines++;
	}
	FUZZ_WANT((lines != 0) == any);
}

static void
run(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1), *out = NULL;
	FILE *before = stdout, *page;
	size_t len = 0;
	bool any;

	if (size != 0)
		memcpy(text, data, size);
	page = open_memstream(&out, &len);
	FUZZ_WANT(page != NULL);
	stdout = page;
	any = print_all(text, strlen(text)) == MFA_OK;
	stdout = before;
	(void)fclose(page);
	look_at(out, len, any);
	free(out);
	free(text);
}

const struct fuzz_target fuzz_pskc = { "pskc",
	"R16 keys of a PSKC file are lines that are judged", NULL, run, NULL,
	0, 0 };
