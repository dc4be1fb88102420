/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture.h"

#include <time.h>

#include "utils/command.h"
#include "utils/out.h"

/* Names come from others: nothing of them may steer root's terminal. */
static void
test_clean_leaves_printable_ascii_only(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "alice", "alice" },
		{ "two words", "two words" },
		{ "\033[31m", "\\x1b[31m" },
		{ "a\nb\r", "a\\x0ab\\x0d" },
		{ "\x7f\x80\xff", "\\x7f\\x80\\xff" },
		{ "\xc2\x9b"
		  "31m",
		    "\\xc2\\x9b31m" },
		{ "%s%n", "%s%n" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mfa_out_clean(cases[i].text, out, sizeof(out));
		assert_string_equal(out, cases[i].expected);
	}
}

static void
test_clean_is_cut_between_escapes(void **state)
{
	char out[16];

	(void)state;
	for (size_t size = 1; size <= 13; size++) {
		memset(out, 'Z', sizeof(out));
		mfa_out_clean("\n\n\n\n", out, size);
		assert_int_equal(strlen(out), (size - 1) / 4 * 4);
		assert_true(unit_all(out + size, sizeof(out) - size, 'Z'));
	}
	mfa_out_clean("1234567890", out, 8);
	assert_string_equal(out, "1234567");
}

/* A person's disk is not the record store. */
static void
test_file_errors_do_not_speak_of_records(void **state)
{
	(void)state;
	for (int e = 0; e < MFA_ERR_END; e++) {
		const char *text = mfa_out_file_error((enum mfa_err)e);

		if (e == MFA_ERR_NO_SPACE || e == MFA_ERR_READ_ONLY)
			assert_null(strstr(text, "store"));
		else
			assert_string_equal(text,
			    mfa_strerror((enum mfa_err)e));
	}
	assert_string_equal(mfa_out_file_error(MFA_ERR_NO_SPACE),
	    "no space left there");
}

static void
test_error_is_one_line_on_standard_error(void **state)
{
	struct capture c;

	(void)state;
	capture_begin(&c, STDERR_FILENO);
	mfa_out_error("%s: %d", "user", 7);
	assert_string_equal(capture_end(&c), "medusa-mfa: user: 7\n");
}

static void
test_dates_are_iso_8601(void **state)
{
	char out[MFA_OUT_DATE];

	(void)state;
	mfa_out_date(1763786160, true, out);
	assert_string_equal(out, "2025-11-22T04:36:00Z");
	mfa_out_date(0, true, out);
	assert_string_equal(out, "-");
	mfa_out_date(0, false, out);
	assert_string_equal(out, "-");
	assert_int_equal(setenv("TZ", "XYZ-01:30", 1), 0);
	tzset();
	mfa_out_date(1763786160, false, out);
	assert_string_equal(out, "2025-11-22 06:06");
	/* A year that no calendar has room for. */
	mfa_out_date(UINT64_MAX / 2, true, out);
	assert_string_equal(out, "?");
}

static void
test_spans_are_rounded_up(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *expected;
	} cases[] = {
		{ 0, "0 s" },
		{ 1, "1 s" },
		{ 119, "119 s" },
		{ 120, "2 min" },
		{ 121, "3 min" },
		{ 900, "15 min" },
		{ 7200, "2 h" },
		{ 7201, "3 h" },
		{ 86400, "24 h" },
		{ 172800, "2 d" },
		{ 172801, "3 d" },
		{ UINT64_MAX, "213503982334602 d" },
	};
	char out[MFA_OUT_DATE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mfa_out_span(cases[i].seconds, out);
		assert_string_equal(out, cases[i].expected);
	}
}

static void
test_table_aligns_and_cleans(void **state)
{
	static const struct mfa_out_column columns[] = {
		{ "A", 4 },
		{ "B", 3 },
		{ "C", 0 },
	};
	static const char *const one[] = { "1", "22", "last" };
	static const char *const two[] = { "longer", "\n", "x\033" };
	struct capture c;

	(void)state;
	capture_begin(&c, STDOUT_FILENO);
	mfa_out_head(columns, 3);
	mfa_out_row(columns, 3, one);
	mfa_out_row(columns, 3, two);
	assert_string_equal(capture_end(&c),
	    "A    B   C\n"
	    "1    22  last\n"
	    "longer \\x0a x\\x1b\n");
}

static void
test_line_is_aligned_and_clean(void **state)
{
	struct capture c;

	(void)state;
	capture_begin(&c, STDOUT_FILENO);
	mfa_out_line("Title:", "a\033b");
	assert_string_equal(capture_end(&c), "Title:           a\\x1bb\n");
}

/* What root copies from a hint must be one word again. */
static void
test_word_is_quoted_where_it_must_be(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "alice", "alice" },
		{ "a.b_c-1@example.org", "a.b_c-1@example.org" },
		{ "two words", "'two words'" },
		{ "x;reboot", "'x;reboot'" },
		{ "$(id)", "'$(id)'" },
		{ "DOM\\user", "'DOM\\user'" },
		{ "o'hara", "'o'\\''hara'" },
		{ "", "''" },
		{ "a\nb", "$'a\\012b'" },
		{ "j\xc3\xbcrg'\\", "$'j\\303\\274rg\\'\\\\'" },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mfa_out_word(cases[i].text, out, sizeof(out));
		assert_string_equal(out, cases[i].expected);
	}
	/* Cut, it still ends its quote and its size. */
	for (size_t size = 4; size <= 32; size++) {
		const char *const long_ones[] = { "'o'o'o'o'o'o",
			"\xc3\xbc\xc3\xbc\xc3\xbc" };

		memset(out, 'Z', sizeof(out));
		mfa_out_word(long_ones[size % 2], out, size / 2 + 2);
		assert_in_range(strlen(out), 2, size / 2 + 1);
		assert_int_equal(out[strlen(out) - 1], '\'');
		assert_true(unit_all(out + size / 2 + 2,
		    sizeof(out) - size / 2 - 2, 'Z'));
	}
}

static void
test_json_values(void **state)
{
	const char codes[2][9] = { "AAAA", "BBBB" };
	struct capture c;
	int code;

	(void)state;
	capture_begin(&c, STDOUT_FILENO);
	code = mfa_out_json_line(json_pack("{s:o,s:o,s:o,s:o,s:o}", "t",
	    mfa_out_json_text("a\"b\\c"), "bad", mfa_out_json_text("a\xff"),
	    "never", mfa_out_json_date(0), "when",
	    mfa_out_json_date(1763786160), "list",
	    mfa_out_json_list(codes[0], sizeof(codes[0]), 2)));
	(void)capture_end(&c);
	assert_int_equal(code, MFA_EXIT_DONE);
	assert_string_equal(c.text,
	    "{\"t\":\"a\\\"b\\\\c\",\"bad\":\"a\\\\xff\",\"never\":null,"
	    "\"when\":\"2025-11-22T04:36:00Z\",\"list\":[\"AAAA\",\"BBBB\"]}"
	    "\n");
}

static void
test_empty_json_list(void **state)
{
	struct capture c;
	int code;

	(void)state;
	capture_begin(&c, STDOUT_FILENO);
	code = mfa_out_json_line(mfa_out_json_list("", 1, 0));
	(void)capture_end(&c);
	assert_int_equal(code, MFA_EXIT_DONE);
	assert_string_equal(c.text, "[]\n");
}

static void
test_json_without_memory_is_an_error(void **state)
{
	struct capture c;
	int code;

	(void)state;
	assert_int_equal(mfa_out_json(NULL), MFA_ERR_MEMORY);
	capture_begin(&c, STDERR_FILENO);
	code = mfa_out_json_line(NULL);
	(void)capture_end(&c);
	assert_int_equal(code, MFA_EXIT_FAILED);
	assert_string_equal(
	    c.text, "medusa-mfa: cannot print: out of memory\n");
}

/* R14: jansson's copies of secrets are gone when it frees them. */
static void
test_R14_json_still_works_with_wiping_free(void **state)
{
	json_t *value;

	(void)state;
	mfa_out_json_init();
	value = json_pack("{s:s,s:[i,i]}", "secret", "JBSWY3DP", "n", 1, 2);
	assert_non_null(value);
	json_decref(value);
	value = json_string("again");
	assert_string_equal(json_string_value(value), "again");
	json_decref(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_leaves_printable_ascii_only),
		cmocka_unit_test(test_clean_is_cut_between_escapes),
		cmocka_unit_test(test_file_errors_do_not_speak_of_records),
		cmocka_unit_test(test_error_is_one_line_on_standard_error),
		cmocka_unit_test(test_dates_are_iso_8601),
		cmocka_unit_test(test_spans_are_rounded_up),
		cmocka_unit_test(test_table_aligns_and_cleans),
		cmocka_unit_test(test_line_is_aligned_and_clean),
		cmocka_unit_test(test_word_is_quoted_where_it_must_be),
		cmocka_unit_test(test_json_values),
		cmocka_unit_test(test_empty_json_list),
		cmocka_unit_test(test_json_without_memory_is_an_error),
		cmocka_unit_test(test_R14_json_still_works_with_wiping_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
