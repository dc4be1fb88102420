/* SPDX-License-Identifier: MIT */
/* R3, R14, R16: what other programs keep, as it is read. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "utils/import/found.h"

typedef enum mfa_err (*reader)(const char *text, size_t len,
    struct mfa_import_found *found);

/* "\n" in a vector is a newline. */
static size_t
unescape(const char *text, char *out)
{
	size_t len = 0;

	for (; *text != '\0'; text++) {
		out[len++] = text[0] == '\\' && text[1] == 'n' ? '\n' : *text;
		text += out[len - 1] == '\n';
	}
	return len;
}

/* As the vectors say it; user: whether it begins with one. */
static void
describe(enum mfa_err r, const struct mfa_import_found *found, bool user,
    char *out, size_t size)
{
	if (r != MFA_OK)
		(void)snprintf(out, size, "%s",
		    r == MFA_ERR_SYNTAX ? "syntax" : "none");
	else if (found->refused[0] != '\0')
		(void)snprintf(out, size, "refused:%s", found->refused);
	else
		(void)snprintf(out, size, "%s%s%s:%s:%u:%u:%llu:%s:%s",
		    user ? found->user : "", user ? ":" : "",
		    found->hotp ? "hotp" : "totp", found->algorithm,
		    found->digits, found->period,
		    (unsigned long long)found->counter, found->key,
		    found->note);
}

/* A copy of its exact size: a read beyond it is seen by ASan. */
static enum mfa_err
read_exactly(reader read, const char *text, size_t len,
    struct mfa_import_found *found)
{
	char *copy = malloc(len + (len == 0));
	enum mfa_err r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	memset(found, 0xa5, sizeof(*found));
	r = read(copy, len, found);
	free(copy);
	return r;
}

static bool
is_zero(const void *p, size_t len)
{
	const unsigned char *bytes = p;

	while (len > 0 && bytes[len - 1] == 0)
		len--;
	return len == 0;
}

static bool
holds(reader read, char *const *field, bool user)
{
	struct mfa_import_found found;
	char text[UNIT_LINE], got[UNIT_LINE];
	size_t len = unescape(field[0], text);
	enum mfa_err r = read_exactly(read, text, len, &found);

	describe(r, &found, user, got, sizeof(got));
	/* Of a refused key nothing is left, and no sentence has it (R14). */
	if (r == MFA_OK && strncmp(got, "refused", 7) == 0 &&
	    strstr(got, "GEZDG") != NULL)
		return false;
	if (strncmp(field[1], "refused:", 8) == 0)
		return strncmp(got, field[1], strlen(field[1])) == 0;
	if (strcmp(got, field[1]) != 0)
		print_error("got %s\n", got);
	return strcmp(got, field[1]) == 0;
}

static bool
google_holds(char *const *field)
{
	return holds(mfa_import_google, field, false);
}

static bool
oath_holds(char *const *field)
{
	return holds(mfa_import_oath, field, true);
}

static bool
otpauth_holds(char *const *field)
{
	return holds(mfa_import_otpauth, field, true);
}

static void
test_R3_google_authenticator(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("import/google.txt", 2, google_holds),
	    26);
}

static void
test_R3_users_oath(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("import/oath.txt", 2, oath_holds), 25);
}

static void
test_R3_otpauth(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("import/otpauth.txt", 2, otpauth_holds),
	    36);
}

/* ---- what nobody wrote ---- */

static const struct {
	reader read;
	const char *text;
} samples[] = {
	{ mfa_import_google, "GEZDGNBVGY3TQOJQGEZDGNBVGY\n\" RATE_LIMIT 3 30\n"
	    "\" WINDOW_SIZE 17\n\" STEP_SIZE 30\n\" TIME_SKEW -2\n"
	    "\" TOTP_AUTH\n19324876\n" },
	{ mfa_import_oath, "HOTP/T60/8 silver + "
	    "3132333435363738393031323334353637383930 4 338314 2009-12" },
	{ mfa_import_otpauth, "otpauth://totp/A%20B:c%40d?secret=GEZDGNBVGY3T"
	    "QOJQGEZDGNBVGY3TQOJQ&issuer=A&algorithm=SHA1&digits=6&period=30" },
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* What is read of anything is within its bounds, or nothing. */
static void
assert_sound(enum mfa_err r, const struct mfa_import_found *found)
{
	size_t len;

	assert_true(r == MFA_OK || r == MFA_ERR_SYNTAX ||
	    r == MFA_ERR_NOT_FOUND);
	if (r == MFA_ERR_SYNTAX)
		assert_true(is_zero(found, sizeof(*found)));
	if (r != MFA_OK)
		return;
	if (found->refused[0] != '\0') {
		assert_true(is_zero(found->key, sizeof(found->key)));
		return;
	}
	len = strlen(found->key);
	assert_in_range(len, 26, 103);
	assert_int_equal(strspn(found->key,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), len);
	assert_in_range(found->digits, 6, 8);
	assert_true(found->hotp || (found->period >= 15 &&
	    found->period <= 120));
	assert_true(found->counter <= MFA_IMPORT_COUNTER);
}

static void
test_R16_cut_off_anywhere(void **state)
{
	struct mfa_import_found found;

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		for (size_t len = 0; len <= strlen(samples[i].text); len++)
			assert_sound(read_exactly(samples[i].read,
			    samples[i].text, len, &found), &found);
	}
}

static void
test_R16_any_byte_in_any_place(void **state)
{
	struct mfa_import_found found;
	char text[400];

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		size_t len = strlen(samples[i].text);

		for (size_t at = 0; at < len * 256; at++) {
			memcpy(text, samples[i].text, len);
			text[at / 256] = (char)(at % 256);
			assert_sound(read_exactly(samples[i].read, text, len,
			    &found), &found);
		}
	}
}

/* More than there is room for, in every place that takes a word. */
static void
test_R3_too_long(void **state)
{
	static const char *const forms[] = { "%s\n\" TOTP_AUTH\n",
		"GEZDGNBVGY3TQOJQGEZDGNBVGY\n\" %s\n\" TOTP_AUTH\n",
		"%s a - 31323334353637383930313233343536",
		"HOTP %s - 31323334353637383930313233343536",
		"HOTP a %s 31323334353637383930313233343536", "HOTP a - %s",
		"HOTP a - 31323334353637383930313233343536 %s",
		"otpauth://totp/%s?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY",
		"otpauth://totp/a?secret=%s", "otpauth://totp/a?%s=1" };
	static const size_t lengths[] = { 104, 161, 162, 257, 320, 513, 2000 };
	char word[2001], text[2200];
	struct mfa_import_found found;

	(void)state;
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]);
		     i++) {
			const char *at = strstr(forms[f], "%s");

			memset(word, 'A', lengths[i]);
			word[lengths[i]] = '\0';
			(void)snprintf(text, sizeof(text), "%.*s%s%s",
			    (int)(at - forms[f]), forms[f], word, at + 2);
			for (size_t s = 0; s < SAMPLES; s++)
				assert_sound(read_exactly(samples[s].read,
				    text, strlen(text), &found), &found);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R3_google_authenticator),
		cmocka_unit_test(test_R3_users_oath),
		cmocka_unit_test(test_R3_otpauth),
		cmocka_unit_test(test_R16_cut_off_anywhere),
		cmocka_unit_test(test_R16_any_byte_in_any_place),
		cmocka_unit_test(test_R3_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
