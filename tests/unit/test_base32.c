/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "verifier/otp/base32.h"

#define UNTOUCHED 4711

/* A text that must not be read; nothing may change. */
static bool
refused(const char *text, size_t size, enum mfa_err expected)
{
	uint8_t out[128];
	size_t len = UNTOUCHED;

	memset(out, 0xaa, sizeof(out));
	return mfa_base32_parse(text, out, size, &len) == expected &&
	    len == UNTOUCHED && unit_all(out, sizeof(out), 0xaa);
}

static bool
parses_to(const char *text, const uint8_t *bytes, size_t len)
{
	uint8_t out[128];
	size_t got = UNTOUCHED;

	memset(out, 0xaa, sizeof(out));
	return mfa_base32_parse(text, out, len, &got) == MFA_OK && got == len &&
	    memcmp(out, bytes, len) == 0 &&
	    unit_all(out + len, sizeof(out) - len, 0xaa);
}

static bool
formats_to(const uint8_t *bytes, size_t len, const char *text)
{
	char out[256];
	size_t need = strlen(text) + 1;

	memset(out, 'Z', sizeof(out));
	if (mfa_base32_format(bytes, len, out, need - 1) != MFA_ERR_INVALID ||
	    !unit_all(out, sizeof(out), 'Z'))
		return false;
	return mfa_base32_format(bytes, len, out, need) == MFA_OK &&
	    strcmp(out, text) == 0 &&
	    unit_all(out + need, sizeof(out) - need, 'Z');
}

static bool
base32_holds(char *const *f)
{
	uint8_t bytes[128];
	size_t len = unit_unhex(f[1], bytes, sizeof(bytes));

	if (strcmp(f[0], "bad") == 0)
		return refused(f[2], 128, MFA_ERR_SYNTAX);
	if (!parses_to(f[2], bytes, len))
		return false;
	if (len != 0 && !refused(f[2], len - 1, MFA_ERR_INVALID))
		return false;
	if (strcmp(f[0], "parse") == 0)
		return true;
	f[2][strcspn(f[2], "=")] = '\0';
	return parses_to(f[2], bytes, len) && formats_to(bytes, len, f[2]);
}

static void
test_vectors_of_rfc_4648(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("base32.txt", 4, base32_holds), 84);
}

/* Every byte alone in the place of a symbol: 58 mean something. */
static void
test_every_byte_as_a_symbol(void **state)
{
	unsigned int taken = 0;

	(void)state;
	for (int c = 1; c < 256; c++) {
		char text[9] = "AAAAAAAA";
		uint8_t out[5];
		size_t len = 0;
		bool symbol = (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');

		text[3] = (char)c;
		if (symbol)
			taken++;
		/* A blank or a hyphen leaves seven symbols: 4 bytes. */
		if (symbol || c == ' ' || c == '-')
			assert_int_equal(mfa_base32_parse(text, out, 5, &len),
			    MFA_OK);
		else
			assert_true(refused(text, 5, MFA_ERR_SYNTAX));
		assert_int_equal(len, symbol ? 5 :
		    c == ' ' || c == '-' ? 4 : 0);
	}
	assert_int_equal(taken, 58);
}

/* Every two-symbol text: one byte each, or refused for its spare bits. */
static void
test_one_byte_has_one_spelling(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned int seen[256] = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 1024; i++) {
		char text[3] = { alphabet[i / 32], alphabet[i % 32], '\0' };
		uint8_t out = 0;
		size_t len = 0;
		enum mfa_err r = mfa_base32_parse(text, &out, 1, &len);

		assert_int_equal(r, i % 4 == 0 ? MFA_OK : MFA_ERR_SYNTAX);
		if (r != MFA_OK)
			continue;
		assert_int_equal(out, i / 4);
		assert_int_equal(len, 1);
		seen[out]++;
	}
	for (unsigned int i = 0; i < 256; i++)
		assert_int_equal(seen[i], 1);
}

static void
test_all_lengths_go_there_and_back(void **state)
{
	uint8_t bytes[65];
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167 + 13);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		assert_int_equal(mfa_base32_format(bytes, len, text,
		    sizeof(text)), MFA_OK);
		assert_int_equal(strlen(text), (len * 8 + 4) / 5);
		assert_true(parses_to(text, bytes, len));
	}
}

static void
test_impossible_sizes_are_refused(void **state)
{
	char out[8] = "ZZZZZZZ";
	uint8_t byte = 0;

	(void)state;
	assert_int_equal(mfa_base32_format(&byte, SIZE_MAX, out, SIZE_MAX),
	    MFA_ERR_INVALID);
	assert_int_equal(mfa_base32_format(&byte, SIZE_MAX / 8 + 1, out, 8),
	    MFA_ERR_INVALID);
	assert_int_equal(mfa_base32_format(&byte, 0, out, 0), MFA_ERR_INVALID);
	assert_string_equal(out, "ZZZZZZZ");
	assert_true(refused("AA", 0, MFA_ERR_INVALID));
}

static void
test_text_outside_ascii_is_refused(void **state)
{
	static const char *const bad[] = { "MZXW\t6YTB", "MZXW6YTB\n",
		"MZXW6YTB\r", "\x1bMZXW6YTB", "MZXW6YT\xc4", "MZXW6YT\xc3\x84",
		"\xef\xbb\xbfMZXW6YTB", "MZXW6YT\xe1", "MZXW6YT\x7f",
		"\xe2\x80\x8bMZXW6YTB", "MZXW6YTB\xc2\xa0" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(refused(bad[i], 128, MFA_ERR_SYNTAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_of_rfc_4648),
		cmocka_unit_test(test_every_byte_as_a_symbol),
		cmocka_unit_test(test_one_byte_has_one_spelling),
		cmocka_unit_test(test_all_lengths_go_there_and_back),
		cmocka_unit_test(test_impossible_sizes_are_refused),
		cmocka_unit_test(test_text_outside_ascii_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
