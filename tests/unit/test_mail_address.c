/* SPDX-License-Identifier: MIT */
/* What may stand in a mail's envelope and header. */
#include "tests/unit/unit.h"

#include "programs/mail_address.h"

static const char long_local[] =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static void
test_addresses(void **state)
{
	static const char *const good[] = { "a@b", "alice@example.org",
		"a.b+c@x-y.example", "o'brien@example.org", "1@2",
		"a!#$%&*/=?^_`{|}~b@x.y", "_root@host" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!mfa_mail_is_address(good[i]))
			fail_msg("refused: %s", good[i]);
	}
}

/* Nothing that could end a command, a header or a pair of brackets. */
static void
test_no_addresses(void **state)
{
	static const char *const bad[] = { "", "a", "@", "a@", "@b", "a@b@c",
		"a b@c", "a@b c", "a@b>", "<a@b>", "a,b@c", "a@b,c@d",
		"a@b\r\nRCPT TO:<c@d>", "a@b\n", "a\r@b", "a@b\t", "a;b@c",
		"\"a\"@b", "a\\@b", "a@[127.0.0.1]", "a(x)@b", "a:b@c",
		".a@b", "a.@b", "a..b@c", "a@.b", "a@b.", "a@b..c", "a@-b",
		"a@b-", "a@b-.c", "a@b.-c", "-a@b", "a@b_c", "a\x7f@b",
		"\xc3\xa4@b", "a@\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (mfa_mail_is_address(bad[i]))
			fail_msg("taken: %s", bad[i]);
	}
}

static void
test_lengths(void **state)
{
	char text[400], domain[MFA_MAIL_DOMAIN + 1];

	(void)state;
	memset(domain, 'd', sizeof(domain));
	domain[MFA_MAIL_DOMAIN - 1] = '\0';
	(void)snprintf(text, sizeof(text), "%s@%s", long_local, domain);
	assert_true(mfa_mail_is_address(text));
	assert_true(strlen(text) < MFA_MAIL_ADDRESS);
	(void)snprintf(text, sizeof(text), "x%s@%s", long_local, domain);
	assert_false(mfa_mail_is_address(text));
	domain[MFA_MAIL_DOMAIN - 1] = 'd';
	domain[MFA_MAIL_DOMAIN] = '\0';
	assert_false(mfa_mail_is_domain(domain));
	(void)snprintf(text, sizeof(text), "a@%s", domain);
	assert_false(mfa_mail_is_address(text));
}

static void
test_recipients(void **state)
{
	char out[MFA_MAIL_ADDRESS] = "before";

	(void)state;
	assert_true(mfa_mail_recipient("a@b.c", "d.e", out));
	assert_string_equal(out, "a@b.c");
	assert_true(mfa_mail_recipient("alice", "d.e", out));
	assert_string_equal(out, "alice@d.e");
}

static void
test_no_recipients(void **state)
{
	char out[MFA_MAIL_ADDRESS] = "before";

	(void)state;
	assert_false(mfa_mail_recipient("alice", "", out));
	assert_false(mfa_mail_recipient("DOM\\alice", "d.e", out));
	assert_false(mfa_mail_recipient("", "d.e", out));
	assert_false(mfa_mail_recipient("a@b@c", "d.e", out));
	assert_false(mfa_mail_recipient("-a", "d.e", out));
	assert_string_equal(out, "before");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_no_addresses),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_no_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
