/* SPDX-License-Identifier: MIT */
/* What a delivery program is told. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "programs/delivery.h"

static const char whole[] = "to: alice@example.org\nrealm: unix\n"
			    "user: alice\nhost: h.example\nservice: sshd\n"
			    "remote: 192.0.2.7\nissuer: Example Ltd\n"
			    "time: 2026-11-22T07:15:23Z\nvalid: 300\n"
			    "code: 12345678\n\nYour code: 12345678\n\nBye.\n";

static void
test_whole_text(void **state)
{
	struct mfa_delivery d = { .to = NULL };
	char text[sizeof(whole)];

	(void)state;
	memcpy(text, whole, sizeof(whole));
	assert_int_equal(mfa_delivery_parse(text, &d), MFA_OK);
	assert_string_equal(d.to, "alice@example.org");
	assert_string_equal(d.host, "h.example");
	assert_string_equal(d.realm, "unix");
	assert_string_equal(d.issuer, "Example Ltd");
	assert_string_equal(d.code, "12345678");
	assert_string_equal(d.message, "Your code: 12345678\n\nBye.\n");
}

/* A name of a later version is passed over. */
static void
test_shortest_text(void **state)
{
	char text[] = "later: x\ncode: 1\nhost: h\nto: a\n\nm\n";
	struct mfa_delivery d = { .to = NULL };

	(void)state;
	assert_int_equal(mfa_delivery_parse(text, &d), MFA_OK);
	assert_string_equal(d.to, "a");
	assert_string_equal(d.message, "m\n");
	assert_string_equal(d.realm, "");
	assert_string_equal(d.issuer, "");
}

/* Whom the host is nothing to reads who sends it. */
static void
test_subject(void **state)
{
	static const struct {
		const char *realm;
		const char *issuer;
		const char *subject;
	} rows[] = {
		{ "unix", "Example", "Verification code for h.example" },
		{ "", "Example", "Verification code for h.example" },
		{ "shop", "The Shop", "Verification code for The Shop" },
		{ "unixes", "The Shop", "Verification code for The Shop" },
		{ "shop", "", "Verification code for h.example" },
	};
	struct mfa_delivery d = { .host = "h.example", .code = "12345678" };
	char out[320];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		d.realm = rows[i].realm;
		d.issuer = rows[i].issuer;
		assert_true(mfa_delivery_subject(&d, out, sizeof(out)));
		assert_string_equal(out, rows[i].subject);
	}
}

static void
test_subject_that_does_not_fit(void **state)
{
	struct mfa_delivery d = { .realm = "shop", .host = "h" };
	char out[320] = "before", issuer[320];

	(void)state;
	memset(issuer, 'x', sizeof(issuer) - 1);
	issuer[sizeof(issuer) - 1] = '\0';
	d.issuer = issuer;
	assert_false(mfa_delivery_subject(&d, out, sizeof(out)));
	issuer[10] = '\0';
	assert_false(mfa_delivery_subject(&d, out, 32));
	assert_string_equal(out, "before");
	assert_true(mfa_delivery_subject(&d, out, 33));
}

static void
test_malformed(void **state)
{
	static const char *const bad[] = { "", "\n", "\n\n", "to: a\n",
		"to: a\nhost: h\ncode: 1\n", "to: a\nhost: h\ncode: 1\n\n",
		"to: a\nhost: h\ncode: 1\n\n\n", "to: a\nhost: h\n\nm\n",
		"to: a\nhost: h\ncode: 1\n\n  \n",
		"to: a\ncode: 1\n\nm\n", "host: h\ncode: 1\n\nm\n",
		"to: \nhost: h\ncode: 1\n\nm\n", "to: a\nhost: h\ncode: \n\nm\n",
		"to: a\nto: b\nhost: h\ncode: 1\n\nm\n",
		"to: a\nhost: h\ncode: 1\nrealm: x\nrealm: x\n\nm\n",
		"to: a\nhost: h\ncode: 1\nissuer: x\nissuer: y\n\nm\n",
		("to: a\nhost: h\ncode: 1\nclaimed_service: x\n"
		    "claimed_service: y\n\nm\n"),
		"to:a\nhost: h\ncode: 1\n\nm\n", "to\nhost: h\ncode: 1\n\nm\n",
		": x\nto: a\nhost: h\ncode: 1\n\nm\n",
		"to: a\r\nhost: h\ncode: 1\n\nm\n",
		"to: a\nhost: h\ncode: 1\n\nm\x01\n",
		"to: a\nhost: \xc3\xa4\ncode: 1\n\nm\n",
		"to: a\nhost: h\ncode: 1\n\nno newline",
		"to: a\thost: h\ncode: 1\n\nm\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mfa_delivery d = { .to = "x" };
		char *text = strdup(bad[i]);

		assert_non_null(text);
		if (mfa_delivery_parse(text, &d) != MFA_ERR_SYNTAX)
			fail_msg("taken: %s", bad[i]);
		assert_string_equal(d.to, "x");
		free(text);
	}
}

/* Cut anywhere, it is not taken for a whole one before the message. */
static void
test_cut_anywhere(void **state)
{
	const size_t head = (size_t)(strstr(whole, "\n\n") - whole) + 2;

	(void)state;
	for (size_t len = 0; len <= head; len++) {
		struct mfa_delivery d;
		char *text = strndup(whole, len);

		assert_non_null(text);
		assert_int_equal(mfa_delivery_parse(text, &d), MFA_ERR_SYNTAX);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_text),
		cmocka_unit_test(test_shortest_text),
		cmocka_unit_test(test_subject),
		cmocka_unit_test(test_subject_that_does_not_fit),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
