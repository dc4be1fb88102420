/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "verifier/otp/otpauth.h"

#define SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

static const struct mfa_otpauth plain = {
	.issuer = "Example",
	.account = "alice@host",
	.secret = SECRET,
	.algorithm = "SHA1",
	.digits = 6,
	.period = 30,
};

/* Formats into exactly the room it needs; one byte less must be refused. */
static void
assert_url(const struct mfa_otpauth *what, const char *expected)
{
	char out[1024];
	size_t need = strlen(expected) + 1;

	memset(out, 'Z', sizeof(out));
	for (size_t size = 0; size < need; size++) {
		assert_int_equal(mfa_otpauth_format(what, out, size),
		    MFA_ERR_INVALID);
		assert_true(unit_all(out, sizeof(out), 'Z'));
	}
	assert_int_equal(mfa_otpauth_format(what, out, need), MFA_OK);
	assert_string_equal(out, expected);
	assert_true(unit_all(out + need, sizeof(out) - need, 'Z'));
}

static void
test_R16_defaults_are_left_out(void **state)
{
	(void)state;
	assert_url(&plain, "otpauth://totp/Example:alice%40host?secret=" SECRET
	    "&issuer=Example");
}

/* An app cannot guess a counter; a period says nothing about it. */
static void
test_hotp_has_its_counter(void **state)
{
	struct mfa_otpauth what = plain;

	(void)state;
	what.hotp = true;
	assert_url(&what, "otpauth://hotp/Example:alice%40host?secret=" SECRET
	    "&issuer=Example&counter=0");
	what.counter = 9007199254740992;
	what.period = 60;
	assert_url(&what, "otpauth://hotp/Example:alice%40host?secret=" SECRET
	    "&issuer=Example&counter=9007199254740992");
}

static void
test_R16_other_parameters_are_written(void **state)
{
	struct mfa_otpauth what = plain;

	(void)state;
	what.algorithm = "SHA256";
	assert_url(&what, "otpauth://totp/Example:alice%40host?secret=" SECRET
	    "&issuer=Example&algorithm=SHA256");
	what.algorithm = "SHA512";
	what.digits = 8;
	what.period = 60;
	assert_url(&what, "otpauth://totp/Example:alice%40host?secret=" SECRET
	    "&issuer=Example&algorithm=SHA512&digits=8&period=60");
	what.algorithm = "SHA1";
	assert_url(&what, "otpauth://totp/Example:alice%40host?secret=" SECRET
	    "&issuer=Example&digits=8&period=60");
	what.digits = 6;
	what.period = UINT32_MAX;
	assert_url(&what, "otpauth://totp/Example:alice%40host?secret=" SECRET
	    "&issuer=Example&period=4294967295");
}

/* No value can end its field, add a parameter or break the line. */
static void
test_values_cannot_leave_their_place(void **state)
{
	struct mfa_otpauth what = plain;

	(void)state;
	what.issuer = "A & B: x/y?z#1%";
	what.account = "DOM\\al ice&secret=AAAA\n\"'+";
	assert_url(&what, "otpauth://totp/A%20%26%20B%3A%20x%2Fy%3Fz%231%25:"
	    "DOM%5Cal%20ice%26secret%3DAAAA%0A%22%27%2B?secret=" SECRET
	    "&issuer=A%20%26%20B%3A%20x%2Fy%3Fz%231%25");
	what.issuer = "\xc3\x9c" "ber";
	what.account = "\x7f\x80\xff";
	what.secret = "A&B=";
	what.algorithm = "S=1";
	assert_url(&what, "otpauth://totp/%C3%9Cber:%7F%80%FF?secret=A%26B%3D"
	    "&issuer=%C3%9Cber&algorithm=S%3D1");
}

/* RFC 3986 section 2.3: 66 bytes stand for themselves. */
static void
test_only_unreserved_bytes_are_plain(void **state)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	unsigned int count = 0;

	(void)state;
	for (int c = 1; c < 256; c++) {
		char account[2] = { (char)c, '\0' };
		char coded[4], expected[128];
		struct mfa_otpauth what = plain;

		if (strchr(unreserved, c) != NULL) {
			(void)snprintf(coded, sizeof(coded), "%c", c);
			count++;
		} else {
			(void)snprintf(coded, sizeof(coded), "%%%02X", c);
		}
		what.account = account;
		(void)snprintf(expected, sizeof(expected),
		    "otpauth://totp/Example:%s?secret=%s&issuer=Example",
		    coded, SECRET);
		assert_url(&what, expected);
	}
	assert_int_equal(count, 66);
}

static void
test_empty_values(void **state)
{
	struct mfa_otpauth what = plain;

	(void)state;
	what.issuer = "";
	what.account = "";
	assert_url(&what, "otpauth://totp/:?secret=" SECRET "&issuer=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R16_defaults_are_left_out),
		cmocka_unit_test(test_hotp_has_its_counter),
		cmocka_unit_test(test_R16_other_parameters_are_written),
		cmocka_unit_test(test_values_cannot_leave_their_place),
		cmocka_unit_test(test_only_unreserved_bytes_are_plain),
		cmocka_unit_test(test_empty_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
