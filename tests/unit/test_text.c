/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/text.h"

static void
test_R26_escape_leaves_one_plain_field(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "alice", "alice" }, { "", "-" }, { "-", "-" },
		{ "a b", "a\\x20b" }, { "a=b", "a\\x3db" },
		{ "\"", "\\x22" }, { "\\", "\\x5c" },
		{ "x\nuser=root", "x\\x0auser\\x3droot" },
		{ "\r\t\b\x7f\x1b", "\\x0d\\x09\\x08\\x7f\\x1b" },
		{ "\xc3\xa9", "\\xc3\\xa9" }, { "\x80\xff", "\\x80\\xff" },
		{ "%s%n!~", "%s%n!~" }, { "a'b;$(c)", "a'b;$(c)" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mfa_text_escape(cases[i].text, out, sizeof(out));
		assert_string_equal(out, cases[i].expected);
	}
}

/* Every byte either stays and is plain, or becomes four plain ones. */
static void
test_R26_escape_of_every_byte(void **state)
{
	char out[16];

	(void)state;
	for (int c = 1; c < 256; c++) {
		char text[2] = { (char)c, '\0' };
		bool stays = c > 0x20 && c < 0x7f && c != '"' && c != '=' &&
		    c != '\\';

		mfa_text_escape(text, out, sizeof(out));
		assert_int_equal(strlen(out), stays ? 1 : 4);
		assert_true(mfa_text_printable(out));
		assert_null(strpbrk(out, " \"="));
	}
}

static void
test_escape_is_cut_between_escapes(void **state)
{
	char out[16];

	(void)state;
	for (size_t size = 8; size <= 14; size++) {
		memset(out, 'Z', sizeof(out));
		mfa_text_escape("\n\n\n\n", out, size);
		assert_int_equal(strlen(out), (size - 1) / 4 * 4);
		assert_true(unit_all(out + size, sizeof(out) - size, 'Z'));
	}
	mfa_text_escape("1234567", out, 8);
	assert_string_equal(out, "1234567");
	mfa_text_escape("12345678", out, 8);
	assert_string_equal(out, "1234567");
	mfa_text_escape("1234\n5", out, 8);
	assert_string_equal(out, "1234");
}

static void
test_printable_is_ascii_from_space_to_tilde(void **state)
{
	(void)state;
	assert_true(mfa_text_printable(""));
	for (int c = 1; c < 256; c++) {
		char text[4] = { 'a', (char)c, 'b', '\0' };

		assert_int_equal(mfa_text_printable(text),
		    c >= 0x20 && c <= 0x7e);
	}
}

static void
test_label_takes_labels(void **state)
{
	static const char *const good[] = { "a", "z", "phone", "a-", "a--b",
		"phone-2", "a0123456789", "abcdefghijklmnopqrstuvwxyz012345" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(mfa_text_is_label(good[i]));
}

static void
test_label_refuses_the_rest(void **state)
{
	static const char *const bad[] = { "", "A", "-a", "0a", "aB", "a_b",
		"a b", " a", "a ", "a.", "a/b", "../a", "a\n", "a\xc3\xa9",
		"`a", "{a", "a{", "a`", "a:", "%s",
		"abcdefghijklmnopqrstuvwxyz0123456" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(mfa_text_is_label(bad[i]));
}

static void
test_copy_is_all_or_nothing(void **state)
{
	char dst[8];

	(void)state;
	memset(dst, 'Z', sizeof(dst));
	assert_true(mfa_text_copy(dst, 4, "abc"));
	assert_string_equal(dst, "abc");
	assert_true(unit_all(dst + 4, 4, 'Z'));
	assert_false(mfa_text_copy(dst, 4, "abcd"));
	assert_string_equal(dst, "");
	assert_true(unit_all(dst + 4, 4, 'Z'));
	assert_true(mfa_text_copy(dst, 1, ""));
	assert_false(mfa_text_copy(dst, 1, "a"));
	assert_string_equal(dst, "");
}

static void
test_R26_times(void **state)
{
	static const struct {
		uint64_t wall;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1, "1970-01-01T00:00:01Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 951868799, "2000-02-29T23:59:59Z" },
		{ 951868800, "2000-03-01T00:00:00Z" },
		{ 1709164800, "2024-02-29T00:00:00Z" },
		{ 1764000000, "2025-11-24T16:00:00Z" },
		{ INT32_MAX, "2038-01-19T03:14:07Z" },
		{ 2147483648, "2038-01-19T03:14:08Z" },
		{ UINT32_MAX, "2106-02-07T06:28:15Z" },
		{ 4107542400, "2100-03-01T00:00:00Z" }, /* no leap year */
		{ 253402300799, "9999-12-31T23:59:59Z" },
	};
	char out[MFA_TEXT_TIME];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(out, 'Z', sizeof(out));
		assert_true(mfa_text_time(cases[i].wall, out));
		assert_string_equal(out, cases[i].text);
	}
}

/* Of five digits RFC 3339 knows no year; and the largest are no -1. */
static void
test_R26_times_that_no_calendar_has(void **state)
{
	static const uint64_t walls[] = { 253402300800, UINT64_C(1) << 40,
		67768036191676799, 67768036191676800, INT64_MAX,
		UINT64_C(1) << 63, UINT64_MAX - 1, UINT64_MAX };
	char out[MFA_TEXT_TIME];

	(void)state;
	for (size_t i = 0; i < sizeof(walls) / sizeof(walls[0]); i++) {
		memset(out, 'Z', sizeof(out));
		assert_false(mfa_text_time(walls[i], out));
		assert_string_equal(out, "");
	}
}

static void
test_what_looks_like_a_comment(void **state)
{
	(void)state;
	assert_true(mfa_text_looks_commented("/a # b"));
	assert_true(mfa_text_looks_commented("/a#b\t#"));
	assert_true(mfa_text_looks_commented("# a"));
	assert_false(mfa_text_looks_commented(""));
	assert_false(mfa_text_looks_commented("/a#b"));
	assert_false(mfa_text_looks_commented("/a b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R26_escape_leaves_one_plain_field),
		cmocka_unit_test(test_R26_escape_of_every_byte),
		cmocka_unit_test(test_escape_is_cut_between_escapes),
		cmocka_unit_test(test_printable_is_ascii_from_space_to_tilde),
		cmocka_unit_test(test_label_takes_labels),
		cmocka_unit_test(test_label_refuses_the_rest),
		cmocka_unit_test(test_copy_is_all_or_nothing),
		cmocka_unit_test(test_what_looks_like_a_comment),
		cmocka_unit_test(test_R26_times),
		cmocka_unit_test(test_R26_times_that_no_calendar_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
