/* SPDX-License-Identifier: MIT */
/* A mail's text. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "programs/mail_message.h"

static struct mfa_mail_message
sample(void)
{
	struct mfa_mail_message m = { .from = "mfa@h.example",
		.to = "alice@example.org", .subject = "Code for h.example",
		.body = "One.\n\n.\nTwo.\n", .time = 1795331723 };

	memset(m.id, 0xab, sizeof(m.id));
	return m;
}

static void
test_whole_text(void **state)
{
	const struct mfa_mail_message m = sample();
	static const char wanted[] =
	    "Date: Sun, 22 Nov 2026 07:15:23 +0000\r\n"
	    "From: mfa@h.example\r\n"
	    "To: alice@example.org\r\n"
	    "Subject: Code for h.example\r\n"
	    "Message-ID: <abababababababababababababababab@h.example>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n"
	    "One.\r\n\r\n.\r\nTwo.\r\n";
	char out[MFA_MAIL_BYTES];
	size_t len = 0;

	(void)state;
	assert_int_equal(mfa_mail_message_format(&m, out, &len), MFA_OK);
	assert_int_equal(len, sizeof(wanted) - 1);
	assert_memory_equal(out, wanted, len);
}

static void
refused(const struct mfa_mail_message *m)
{
	char *out = malloc(MFA_MAIL_BYTES);
	size_t len = 7;

	assert_non_null(out);
	if (mfa_mail_message_format(m, out, &len) != MFA_ERR_INVALID)
		fail_msg("accepted: %s, %s, %s", m->from, m->to, m->subject);
	assert_int_equal(len, 7);
	free(out);
}

static void
test_no_header_of_its_own(void **state)
{
	struct mfa_mail_message m = sample();

	(void)state;
	m.to = "a@b\r\nBcc: c@d";
	refused(&m);
	m = sample();
	m.to = "alice";
	refused(&m);
	m = sample();
	m.from = "a@b\nX: y";
	refused(&m);
	m = sample();
	m.subject = "x\r\nBcc: c@d";
	refused(&m);
	m.subject = "\xc3\xa4";
	refused(&m);
}

static void
test_plain_body_only(void **state)
{
	static const char *const bad[] = { "", "no newline", "a\rb\n", "\x7f\n",
		"\xc3\xa4\n", "a\tb\n", "\x1b[1m\n" };
	struct mfa_mail_message m = sample();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		m.body = bad[i];
		refused(&m);
	}
}

/* Nothing is cut: a line or a text too long makes no mail. */
static void
test_bounds(void **state)
{
	static char body[MFA_MAIL_BYTES + 2];
	struct mfa_mail_message m = sample();
	char out[MFA_MAIL_BYTES];
	size_t len;

	(void)state;
	memset(body, 'x', MFA_MAIL_LINE);
	memcpy(body + MFA_MAIL_LINE, "\n", 2);
	m.body = body;
	assert_int_equal(mfa_mail_message_format(&m, out, &len), MFA_OK);
	memcpy(body + MFA_MAIL_LINE, "x\n", 3);
	refused(&m);
	memset(body, '\n', sizeof(body) - 1);
	refused(&m);
	body[MFA_MAIL_BYTES / 2] = '\0';
	refused(&m);
	m = sample();
	memset(body, 'x', 401);
	body[401] = '\0';
	m.subject = body;
	refused(&m);
}

/* What was written of a secret body does not stay. */
static void
test_R14_wiped_on_failure(void **state)
{
	struct mfa_mail_message m = sample();
	char out[MFA_MAIL_BYTES];
	size_t len;

	(void)state;
	m.body = "12345678\n\x01";
	memset(out, 'x', sizeof(out));
	assert_int_equal(mfa_mail_message_format(&m, out, &len),
	    MFA_ERR_INVALID);
	assert_true(unit_all(out, sizeof(out), 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_text),
		cmocka_unit_test(test_no_header_of_its_own),
		cmocka_unit_test(test_plain_body_only),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_R14_wiped_on_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
