/* SPDX-License-Identifier: MIT */
/*
 * What programs say: an outside provider's reply, and standard error that
 * goes to the log.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/num.h"
#include "verifier/crypt/crypt.h"
#include "verifier/provider/outside.h"
#include "verifier/runner/run.h"

#define ACCEPT "verdict: accept\n"
#define REFUSE "verdict: refuse\n"
#define KEPT   "kept: "

static void
begin(void)
{
	FUZZ_WANT(mfa_crypt_init() == MFA_OK);
}

static bool
is(const uint8_t *data, size_t size, const char *text)
{
	return size == strlen(text) && memcmp(data, text, size) == 0;
}

/* The one way in which an acceptance with these bytes can be written. */
static bool
is_acceptance(const uint8_t *data, size_t size, const uint8_t *kept,
    size_t len)
{
	char text[sizeof(ACCEPT) + sizeof(KEPT) + 2 * MFA_PROVIDER_KEEP + 4];
	char hex[2 * MFA_PROVIDER_KEEP + 1];

	mfa_num_hex(kept, len, hex);
	(void)snprintf(text, sizeof(text), "%s%s%s\n", ACCEPT, KEPT, hex);
	return is(data, size, text);
}

static void
check(const uint8_t *data, size_t size)
{
	struct mfa_typed typed = { .form = MFA_TYPED_DIGITS, .len = 6,
		.text = "123456" };
	mfa_record_Factor factor = mfa_record_Factor_init_zero;
	struct mfa_effect effect;
	enum mfa_err r;

	factor.provider = mfa_record_Provider_PROVIDER_OUTSIDE;
	memcpy(factor.program, "yubico", 7);
	memcpy(factor.secret.bytes, "before", 6);
	factor.secret.size = 6;
	memset(&effect, 0xa5, sizeof(effect));
	r = mfa_outside_read_check(&factor, &typed, data, size, &effect);
	if (r != MFA_OK || effect.kind == MFA_EFFECT_NONE) {
		FUZZ_WANT(fuzz_all(&effect, sizeof(effect), 0));
		FUZZ_WANT((r == MFA_OK) == is(data, size, REFUSE));
		FUZZ_WANT(r == MFA_OK || r == MFA_ERR_PROGRAM);
		return;
	}
	FUZZ_WANT(effect.kind == MFA_EFFECT_USE);
	FUZZ_WANT(effect.keep.size >= 1 &&
	    effect.keep.size <= MFA_PROVIDER_KEEP);
	if (is(data, size, ACCEPT))
		FUZZ_WANT(effect.keep.size == 6 &&
		    memcmp(effect.keep.bytes, "before", 6) == 0);
	else
		FUZZ_WANT(is_acceptance(data, size, effect.keep.bytes,
		    effect.keep.size));
}

static void
enroll(const uint8_t *data, size_t size)
{
	mfa_record_Factor factor, before;
	enum mfa_err r;

	memset(&before, 0xa5, sizeof(before));
	factor = before;
	r = mfa_outside_read_enroll("yubico", data, size, &factor);
	if (r != MFA_OK) {
		FUZZ_WANT(memcmp(&factor, &before, sizeof(before)) == 0);
		FUZZ_WANT((r == MFA_ERR_INVALID) == is(data, size, REFUSE));
		return;
	}
	FUZZ_WANT(factor.provider == mfa_record_Provider_PROVIDER_OUTSIDE);
	FUZZ_WANT(is_acceptance(data, size, factor.secret.bytes,
	    factor.secret.size));
}

static void
run(const uint8_t *data, size_t size)
{
	check(data, size);
	enroll(data, size);
}

/* Six letters and digits in a row, one of them a digit, that both have. */
static bool
leaks(const char *text, const char *secret)
{
	for (size_t i = 0; i + 6 <= strlen(secret); i++) {
		char part[7];
		bool word = true, digit = false;

		memcpy(part, secret + i, 6);
		part[6] = '\0';
		for (size_t j = 0; j < 6; j++) {
			word = word && isalnum((unsigned char)part[j]);
			digit |= isdigit((unsigned char)part[j]) != 0;
		}
		if (word && digit && strstr(text, part) != NULL)
			return true;
	}
	return false;
}

/* First line: what a program was told; the rest: what it said. */
static void
run_errors(const uint8_t *data, size_t size)
{
	char told[128], said[512], line[201];
	struct fuzz_in in = { data, size };
	struct mfa_run ran = { .path = "/usr/bin/program" };
	size_t len;

	fuzz_line(&in, told, sizeof(told));
	ran.end = 1 + fuzz_byte(&in) % 7;
	ran.number = ran.end == MFA_RUN_REFUSED ? 1 + fuzz_byte(&in) % 42 :
						  fuzz_byte(&in);
	ran.seconds = fuzz_byte(&in);
	len = in.left < sizeof(said) ? in.left : sizeof(said) - 1;
	if (len != 0)
		memcpy(said, in.p, len);
	said[len] = '\0';
	len = strlen(said);
	mfa_run_mask(said, (const uint8_t *)told, strlen(told));
	FUZZ_WANT(strlen(said) == len);
	FUZZ_WANT(!leaks(said, told));
	memcpy(ran.errors, said, len < MFA_JOB_ERRORS ? len : MFA_JOB_ERRORS);
	mfa_run_describe(&ran, line, sizeof(line));
	FUZZ_WANT(fuzz_ends(line, sizeof(line)));
	FUZZ_WANT(strncmp(line, "/usr/bin/program: ", 18) == 0);
}

const struct fuzz_target fuzz_outside = { "outside",
	"R23 a program's reply is taken whole or not at all", begin, run,
	NULL, 0, 0 };
const struct fuzz_target fuzz_errors = { "errors",
	"R14 what a program says is logged without what it was told", NULL,
	run_errors, NULL, 0, 0 };
