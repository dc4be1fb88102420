/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "verifier/otp/typed.h"

#define CODE "0123456789ABCDEFGHJKMNPQ"

/* An answer, its length (some hold NUL), and what it becomes. */
struct sample {
	const char *answer;
	size_t len;
	const char *text;
};
#define S(answer, text) { answer, sizeof(answer) - 1, text }

static void
assert_form(const struct sample *s, enum mfa_typed_form form)
{
	struct mfa_typed typed;

	memset(&typed, 0xaa, sizeof(typed));
	mfa_typed_parse((const uint8_t *)s->answer, s->len, &typed);
	assert_int_equal(typed.form, form);
	assert_int_equal(typed.len, strlen(s->text));
	assert_string_equal(typed.text, s->text);
	/* Nothing of the answer stays behind the text. */
	assert_true(unit_all(typed.text + typed.len,
	    sizeof(typed.text) - typed.len, 0));
}

static void
assert_forms(const struct sample *s, size_t n, enum mfa_typed_form form)
{
	for (size_t i = 0; i < n; i++)
		assert_form(&s[i], form);
}
#define ASSERT_FORMS(samples, form) \
	assert_forms(samples, sizeof(samples) / sizeof(samples[0]), form)

static void
test_R8_digits_are_digits(void **state)
{
	static const struct sample good[] = {
		S("492039", "492039"), S("000000", "000000"),
		S("1234567", "1234567"), S("12345678", "12345678"),
		S("492 039", "492039"), S("492-039", "492039"),
		S("\t492039 ", "492039"), S("  4 9-2\t0 3 9 --", "492039"),
		S("492039\n", "492039"), S("492039\r\n", "492039"),
		S("492039\r", "492039"), S("492039 \r\n", "492039"),
		S("492039\n\n", "492039"), S("-492039", "492039"),
	};

	(void)state;
	ASSERT_FORMS(good, MFA_TYPED_DIGITS);
}

static void
test_R13_recovery_codes_are_folded(void **state)
{
	static const struct sample good[] = {
		S("0123-4567-89AB-CDEF-GHJK-MNPQ", CODE),
		S("0123456789ABCDEFGHJKMNPQ", CODE),
		S("0123456789abcdefghjkmnpq", CODE),
		S("0123 4567 89ab cdef ghjk mnpq", CODE),
		S(" 0123-4567-89ab\tCDEF--GHJK MNPQ\r\n", CODE),
		S("OI23456789ABCDEFGHJKMNPQ", CODE),
		S("oL23456789ABCDEFGHJKMNPQ", CODE),
		S("oi23456789ABCDEFGHJKMNPQ", CODE),
		S("ol23456789ABCDEFGHJKMNPQ", CODE),
		S("RSTV-WXYZ-rstv-wxyz-0000-1111", "RSTVWXYZRSTVWXYZ00001111"),
		S("OOOO-oooo-IIII-iiii-LLLL-llll", "000000001111111111111111"),
		/* Digits alone: 24 of them are no TOTP code. */
		S("123456781234567812345678", "123456781234567812345678"),
	};

	(void)state;
	ASSERT_FORMS(good, MFA_TYPED_RECOVERY_CODE);
}

/* No slip for a provider that is a program: kept as it was typed. */
static void
test_R8_other_text_is_kept(void **state)
{
#define M(answer) S(answer, answer)
	static const struct sample slips[] = {
		M("1"), M("12345"), M("123456789"), M("12345a"), M("49203O"),
		M("492.039"), M("492_039"), M("+492039"), M("-"), M("--- -"),
		M("password"), M("hunter2 & co"), M("0123456789ABCDEFGHJKMNP"),
		M("0123456789ABCDEFGHJKMNPQR"), M("U123456789ABCDEFGHJKMNPQ"),
		M("0123456789ABCDEFGHJKMNPu"), M("0123456789ABCDEFGHJKMNP!"),
		M("0123456789ABCDEFGHJKMNP@"), M("0123456789ABCDEFGHJKMNP["),
		M("0123456789ABCDEFGHJKMNP`"), M("0123456789ABCDEFGHJKMNP{"),
		M("0123456789ABCDEFGHJKMNP/"), M("0123456789ABCDEFGHJKMNP:"),
		M("1234567812345678123456789"), M("~"), M("12345678 12345678"),
		M("\"; drop"),
		M("dteffujehknhfjbrjnlnldnhcujvddbikngjrtgh"),
		/* Case, and what is between, are a program's business. */
		S("  Correct Horse\tbattery-staple \t\r\n",
		    "Correct Horse\tbattery-staple"),
		S("\t-x- ", "-x-"), S("12345\n", "12345"),
	};
#undef M

	(void)state;
	ASSERT_FORMS(slips, MFA_TYPED_MALFORMED);
}

static void
test_R12_send_and_a_label(void **state)
{
	static const struct sample sends[] = {
		S("send", ""), S("SEND", ""), S("Send", ""), S("sEnD\r\n", ""),
		S("  send\t", ""), S("send phone", "phone"),
		S("Send Phone", "phone"), S(" send \t work-mail ", "work-mail"),
		S("send a", "a"), S("send x1", "x1"), S("send send", "send"),
		S("send abcdefghijklmnopqrstuvwxyz012345",
		    "abcdefghijklmnopqrstuvwxyz012345"),
		/* A label, though it could be the rest of a recovery code. */
		S("send abcdefghjkmnpqrstvwx", "abcdefghjkmnpqrstvwx"),
	};
	static const struct sample others[] = {
		S("sen", "sen"), S("sends", "sends"), S("resend", "resend"),
		S("send-phone", "send-phone"), S("sendphone", "sendphone"),
		S("send my phone", "send my phone"), S("send 1", "send 1"),
		S("send -x", "send -x"), S("send x_y", "send x_y"),
		S("send 492039", "send 492039"), S("send \"x\"", "send \"x\""),
		S("s end", "s end"), S("send.", "send."), S("\"send\"",
		    "\"send\""),
		S("send abcdefghijklmnopqrstuvwxyz0123456",
		    "send abcdefghijklmnopqrstuvwxyz0123456"),
	};
	static const struct sample codes[] = {
		S("SEND-0123-4567-89AB-CDEF-GHJK", "SEND0123456789ABCDEFGHJK"),
		S("SEND0123456789ABCDEFGHJK", "SEND0123456789ABCDEFGHJK"),
		S("send abcd efgh jkmn pqrs tvwx", "SENDABCDEFGHJKMNPQRSTVWX"),
		S("send 0123-4567-89AB-CDEF-GHJK", "SEND0123456789ABCDEFGHJK"),
	};

	(void)state;
	ASSERT_FORMS(sends, MFA_TYPED_SEND);
	ASSERT_FORMS(others, MFA_TYPED_MALFORMED);
	ASSERT_FORMS(codes, MFA_TYPED_RECOVERY_CODE);
}

static void
test_R8_junk_is_junk(void **state)
{
	static const struct sample junk[] = {
		S("", ""), S(" ", ""), S("\t \t", ""), S("\n", ""),
		S("\r\n", ""), S(" \r\n", ""), S("\n\n\r\r", ""),
		S("\b\n\r\177INCORRECT", ""), S("492039\0", ""),
		S("\0", ""), S("\000492039", ""), S("492\000039", ""),
		S("492039\177", ""), S("\033[A492039", ""),
		S("492\n039", ""), S("\n492039", ""), S("492039\n ", ""),
		S("492039\n\t", ""), S("492039\v", ""), S("492039\f", ""),
		S("\001", ""), S("\x80", ""), S("\xff", ""),
		S("492039\xc2\xa0", ""), S("\xef\xbb\xbf" "492039", ""),
		/* Digits of another script. */
		S("\xd9\xa4\xd9\xa9\xd9\xa2\xd9\xa0\xd9\xa3\xd9\xa9", ""),
		S("pa\xc3\x9fword", ""),
	};

	(void)state;
	ASSERT_FORMS(junk, MFA_TYPED_JUNK);
	assert_form(&(struct sample){ NULL, 0, "" }, MFA_TYPED_JUNK);
}

/* Each byte value in the midst of a code. */
static void
test_R8_every_byte_has_its_form(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		uint8_t answer[7] = { '4', '9', '2', (uint8_t)c, '0', '3',
			'9' };
		struct mfa_typed typed;
		enum mfa_typed_form expected = MFA_TYPED_MALFORMED;

		if ((c >= '0' && c <= '9') || c == ' ' || c == '\t' || c == '-')
			expected = MFA_TYPED_DIGITS;
		else if (c < 0x20 || c > 0x7e)
			expected = MFA_TYPED_JUNK;
		mfa_typed_parse(answer, sizeof(answer), &typed);
		assert_int_equal(typed.form, expected);
	}
}

static void
test_R8_every_length_has_its_form(void **state)
{
	char digits[MFA_TYPED_MAX + 40];

	(void)state;
	memset(digits, '7', sizeof(digits));
	for (size_t len = 0; len <= sizeof(digits); len++) {
		struct mfa_typed typed;
		enum mfa_typed_form expected = MFA_TYPED_MALFORMED;

		if (len == 0 || len > MFA_TYPED_MAX)
			expected = MFA_TYPED_JUNK;
		else if (len >= 6 && len <= 8)
			expected = MFA_TYPED_DIGITS;
		else if (len == MFA_TYPED_RECOVERY)
			expected = MFA_TYPED_RECOVERY_CODE;
		mfa_typed_parse((const uint8_t *)digits, len, &typed);
		assert_int_equal(typed.form, expected);
	}
}

/* The limit is on what came, not on what is left of it. */
static void
test_R8_limit_counts_separators(void **state)
{
	char answer[MFA_TYPED_MAX + 1];

	(void)state;
	memset(answer, ' ', sizeof(answer));
	memcpy(answer, "492039", 6);
	assert_form(&(struct sample){ answer, MFA_TYPED_MAX, "492039" },
	    MFA_TYPED_DIGITS);
	assert_form(&(struct sample){ answer, MFA_TYPED_MAX + 1, "" },
	    MFA_TYPED_JUNK);
	answer[MFA_TYPED_MAX] = '\n';
	assert_form(&(struct sample){ answer, MFA_TYPED_MAX + 1, "" },
	    MFA_TYPED_JUNK);
}

/* The longest answer is kept whole. */
static void
test_R8_other_text_of_128_bytes(void **state)
{
	char answer[MFA_TYPED_MAX + 1] = "";
	struct sample s = { answer, MFA_TYPED_MAX, answer };

	(void)state;
	memset(answer, 'x', MFA_TYPED_MAX);
	assert_form(&s, MFA_TYPED_MALFORMED);
}

static void
test_R14_wipe_clears_everything(void **state)
{
	struct mfa_typed typed;

	(void)state;
	mfa_typed_parse((const uint8_t *)CODE, strlen(CODE), &typed);
	assert_int_equal(typed.form, MFA_TYPED_RECOVERY_CODE);
	mfa_typed_wipe(&typed);
	assert_true(unit_all(&typed, sizeof(typed), 0));
}

static void
test_R13_recovery_format_is_six_groups(void **state)
{
	static const struct {
		uint8_t bytes[15];
		const char *text;
	} cases[] = {
		{ { 0 }, "0000-0000-0000-0000-0000-0000" },
		{ { 0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf,
		    0x84, 0x65, 0x3a, 0x56, 0xd7 },
		    "0123-4567-89AB-CDEF-GHJK-MNPQ" },
		{ { 0xc6, 0x75, 0xbe, 0x77, 0xdf, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff },
		    "RSTV-WXYZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ" },
		{ { 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
		    "G000-0000-0000-0000-0000-0001" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[MFA_TYPED_RECOVERY_TEXT + 1];

		memset(out, 'z', sizeof(out));
		mfa_typed_recovery_format(cases[i].bytes, out);
		assert_string_equal(out, cases[i].text);
		assert_int_equal(out[MFA_TYPED_RECOVERY_TEXT], 'z');
	}
}

/* What is written reads back as itself, and each bit matters. */
static void
test_R13_recovery_codes_go_there_and_back(void **state)
{
	uint8_t bytes[15] = { 0x5a, 0x13 };
	char zero[MFA_TYPED_RECOVERY_TEXT], text[MFA_TYPED_RECOVERY_TEXT];

	(void)state;
	mfa_typed_recovery_format(bytes, zero);
	for (size_t bit = 0; bit < 120; bit++) {
		struct mfa_typed typed;
		char grouped[MFA_TYPED_RECOVERY_TEXT] = "";

		bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1U << bit % 8);
		mfa_typed_recovery_format(bytes, text);
		bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1U << bit % 8);
		assert_string_not_equal(text, zero);
		mfa_typed_parse((const uint8_t *)text, strlen(text), &typed);
		assert_int_equal(typed.form, MFA_TYPED_RECOVERY_CODE);
		for (size_t i = 0, j = 0; i < MFA_TYPED_RECOVERY; i++) {
			if (i != 0 && i % 4 == 0)
				grouped[j++] = '-';
			grouped[j++] = typed.text[i];
		}
		assert_string_equal(grouped, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R8_digits_are_digits),
		cmocka_unit_test(test_R13_recovery_codes_are_folded),
		cmocka_unit_test(test_R8_other_text_is_kept),
		cmocka_unit_test(test_R12_send_and_a_label),
		cmocka_unit_test(test_R8_junk_is_junk),
		cmocka_unit_test(test_R8_every_byte_has_its_form),
		cmocka_unit_test(test_R8_every_length_has_its_form),
		cmocka_unit_test(test_R8_limit_counts_separators),
		cmocka_unit_test(test_R8_other_text_of_128_bytes),
		cmocka_unit_test(test_R14_wipe_clears_everything),
		cmocka_unit_test(test_R13_recovery_format_is_six_groups),
		cmocka_unit_test(test_R13_recovery_codes_go_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
