/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/num.h"

#define UNTOUCHED 0x5a5a5a5a5a5a5a5aULL

static void
test_parse_reads_decimal_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "0", 0 }, { "7", 7 }, { "10", 10 },
		{ "4294967296", 1ULL << 32 },
		{ "18446744073709551615", UINT64_MAX },
		{ "18446744073709551610", UINT64_MAX - 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t out = UNTOUCHED;

		assert_int_equal(mfa_num_parse(good[i].text, 0, UINT64_MAX,
		    &out), MFA_OK);
		assert_true(out == good[i].value);
	}
}

static void
test_R27_parse_refuses_what_is_no_number(void **state)
{
	static const char *const bad[] = { "", " ", "+1", "-1", "-0", " 1",
		"1 ", "1\n", "01", "00", "0x10", "1e3", "1.0", "1,0", "12junk",
		"junk12", "/", ":", "\xb2", "1\t", "0 " };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t out = UNTOUCHED;

		assert_int_equal(mfa_num_parse(bad[i], 0, UINT64_MAX, &out),
		    MFA_ERR_SYNTAX);
		assert_true(out == UNTOUCHED);
	}
}

static void
test_R27_parse_keeps_bounds(void **state)
{
	static const struct {
		const char *text;
		uint64_t min, max;
		enum mfa_err expected;
	} cases[] = {
		{ "5", 6, 8, MFA_ERR_INVALID }, { "6", 6, 8, MFA_OK },
		{ "8", 6, 8, MFA_OK }, { "9", 6, 8, MFA_ERR_INVALID },
		{ "0", 1, 8, MFA_ERR_INVALID },
		{ "18446744073709551615", 0, UINT64_MAX - 1, MFA_ERR_INVALID },
		{ "18446744073709551616", 0, UINT64_MAX, MFA_ERR_INVALID },
		{ "18446744073709551620", 0, UINT64_MAX, MFA_ERR_INVALID },
		{ "99999999999999999999", 0, UINT64_MAX, MFA_ERR_INVALID },
		{ "184467440737095516150", 0, UINT64_MAX, MFA_ERR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t out = UNTOUCHED;

		assert_int_equal(mfa_num_parse(cases[i].text, cases[i].min,
		    cases[i].max, &out), cases[i].expected);
		assert_int_equal(out == UNTOUCHED,
		    cases[i].expected != MFA_OK);
	}
}

static void
test_bytes_are_big_endian(void **state)
{
	static const uint8_t bytes[] = { 0x81, 0x02, 0x03, 0x04, 0x05, 0x06,
		0x07, 0xf8 };
	uint8_t out[10];

	(void)state;
	memset(out, 0xaa, sizeof(out));
	mfa_num_put64(out + 1, 0x81020304050607f8ULL);
	assert_memory_equal(out + 1, bytes, 8);
	assert_int_equal(out[0], 0xaa);
	assert_int_equal(out[9], 0xaa);
	assert_true(mfa_num_get64(bytes) == 0x81020304050607f8ULL);

	memset(out, 0xaa, sizeof(out));
	mfa_num_put32(out + 1, 0x81020304U);
	assert_memory_equal(out + 1, bytes, 4);
	assert_int_equal(out[0], 0xaa);
	assert_int_equal(out[5], 0xaa);
	assert_true(mfa_num_get32(bytes) == 0x81020304U);
	assert_true(mfa_num_get32(bytes + 4) == 0x050607f8U);
}

static void
test_hex_goes_there_and_back(void **state)
{
	uint8_t all[256], back[256];
	char text[513];

	(void)state;
	for (unsigned int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	mfa_num_hex(all, sizeof(all), text);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text + 0x5e * 2, "5e5f60", 6);
	assert_memory_equal(text + 0xfd * 2, "fdfeff", 7);
	assert_int_equal(mfa_num_unhex(text, back, sizeof(back)), MFA_OK);
	assert_memory_equal(back, all, sizeof(all));
	mfa_num_hex(all, 0, text);
	assert_string_equal(text, "");
	assert_int_equal(mfa_num_unhex("", back, 0), MFA_OK);
}

static void
test_unhex_refuses_anything_else(void **state)
{
	static const char *const bad[] = { "", "0", "01", "012", "01234",
		"012345", "0123 ", "012g", "01AF", "012F", "0x12", " 123",
		"01:3", "01/3", "01`3", "012\xe9" };
	uint8_t out[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(out, 0xaa, sizeof(out));
		assert_int_equal(mfa_num_unhex(bad[i], out, 2),
		    MFA_ERR_SYNTAX);
		assert_true(unit_all(out, sizeof(out), 0xaa));
	}
	assert_int_equal(mfa_num_unhex("01af", out, 2), MFA_OK);
	assert_int_equal(mfa_num_unhex("00", out, 0), MFA_ERR_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_reads_decimal_numbers),
		cmocka_unit_test(test_R27_parse_refuses_what_is_no_number),
		cmocka_unit_test(test_R27_parse_keeps_bounds),
		cmocka_unit_test(test_bytes_are_big_endian),
		cmocka_unit_test(test_hex_goes_there_and_back),
		cmocka_unit_test(test_unhex_refuses_anything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
