/* SPDX-License-Identifier: MIT */
/* Events as mails. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "lib/base/text.h"
#include "programs/notice.h"

static void
understood(const char *json, struct mfa_notice *notice)
{
	memset(notice, 0xa5, sizeof(*notice));
	if (mfa_notice_read(json, strlen(json), notice) != MFA_OK)
		fail_msg("refused: %s", json);
}

static void
has(const struct mfa_notice *notice, const char *text)
{
	if (strstr(notice->body, text) == NULL)
		fail_msg("no '%s' in: %s", text, notice->body);
}

static void
test_all_fields(void **state)
{
	struct mfa_notice n;

	(void)state;
	understood("{\"event\":\"factor.enabled\","
		   "\"time\":\"2026-11-22T07:15:23Z\",\"host\":\"h.example\","
		   "\"realm\":\"unix\",\"user\":\"alice\","
		   "\"service\":\"medusa-mfa\",\"rhost\":\"192.0.2.7\","
		   "\"tty\":\"pts/3\",\"method\":\"totp\","
		   "\"factor\":\"phone\",\"uid\":0,"
		   "\"address\":\"alice@example.org\"}\n", &n);
	assert_true(n.wanted);
	assert_string_equal(n.user, "alice");
	assert_string_equal(n.address, "alice@example.org");
	assert_string_equal(n.subject, "Second factor added on h.example");
	has(&n, "A second factor was added to the\n"
		"account alice on h.example.\n");
	has(&n, "  When:     2026-11-22T07:15:23Z\n");
	has(&n, "  Factor:   phone\n");
	has(&n, "  Kind:     authenticator app\n");
	has(&n, "  Program:  medusa-mfa\n");
	has(&n, "  From:     192.0.2.7\n");
	has(&n, "  Terminal: pts/3\n");
	has(&n, "\nIf this was you, there is nothing to do.\n");
	assert_null(strstr(n.body, "not verified"));
	assert_int_equal(n.body[strlen(n.body) - 1], '\n');
}

static void
test_which_events(void **state)
{
	static const char *const wanted[] = { "factor.enabled",
		"factor.disabled", "factor.renamed", "recovery_codes.generated",
		"recovery_code.used", "record.reset", "locked" };
	static const char *const others[] = { "challenge.verified",
		"challenge.failed", "factor.pending", "otp.generated",
		"unlocked", "key.rotated", "program.failed",
		"otp.undelivered", "error", "a.later.one", "lock", "lockedx" };
	struct mfa_notice n;
	char json[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		(void)snprintf(json, sizeof(json), "{\"event\":\"%s\","
		    "\"user\":\"u\",\"host\":\"h\"}", wanted[i]);
		understood(json, &n);
		assert_true(n.wanted);
		assert_non_null(strstr(n.subject, " on h"));
		has(&n, "account u on h.\n");
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)snprintf(json, sizeof(json), "{\"event\":\"%s\"}",
		    others[i]);
		understood(json, &n);
		assert_false(n.wanted);
	}
}

static void
test_kinds_have_names(void **state)
{
	static const char *const rows[][2] = { { "totp", "authenticator app" },
		{ "hotp", "token" }, { "otp", "codes that are sent" },
		{ "recovery_code", "recovery code" }, { "yubico", "yubico" } };
	struct mfa_notice n;
	char json[256], line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(json, sizeof(json), "{\"event\":\"locked\","
		    "\"user\":\"u\",\"host\":\"h\",\"method\":\"%s\"}",
		    rows[i][0]);
		understood(json, &n);
		(void)snprintf(line, sizeof(line), "\n  Kind:     %s\n",
		    rows[i][1]);
		has(&n, line);
	}
	understood("{\"event\":\"locked\",\"user\":\"u\",\"host\":\"h\"}",
	    &n);
	assert_null(strstr(n.body, "Kind:"));
}

/* What the event does not tell, the mail does not either. */
static void
test_says_no_more_than_it_knows(void **state)
{
	struct mfa_notice n;

	(void)state;
	understood("{\"event\":\"recovery_codes.generated\",\"user\":\"u\","
		   "\"host\":\"h\",\"left\":10}", &n);
	has(&n, "Recovery codes were made, and any earlier ones are void, for "
		"the\naccount u on h.\n");
	assert_null(strstr(n.body, "the old ones"));
	understood("{\"event\":\"factor.disabled\",\"user\":\"u\","
		   "\"host\":\"h\",\"factor\":\"phone\"}", &n);
	has(&n, "A second factor, in use or never confirmed, was removed from "
		"the\naccount u on h.\n");
}

static void
test_codes_left(void **state)
{
	struct mfa_notice n;

	(void)state;
	understood("{\"event\":\"recovery_code.used\",\"user\":\"u\","
		   "\"host\":\"h\",\"left\":2}", &n);
	has(&n, "\nRecovery codes left: 2.\n");
	understood("{\"event\":\"recovery_code.used\",\"user\":\"u\","
		   "\"host\":\"h\",\"left\":\"2\"}", &n);
	assert_null(strstr(n.body, "left: 2"));
}

/* What a program says that does not run as root is marked. */
static void
test_claims(void **state)
{
	struct mfa_notice n;

	(void)state;
	understood("{\"event\":\"locked\",\"user\":\"u\",\"host\":\"h\","
		   "\"claimed_service\":\"s\",\"claimed_rhost\":\"r\","
		   "\"claimed_tty\":\"t\"}", &n);
	has(&n, "  Program:  s (not verified)\n");
	has(&n, "  From:     r (not verified)\n");
	has(&n, "  Terminal: t (not verified)\n");
}

/* No field makes a line of its own, or anything but printable ASCII. */
static void
test_R26_plain_text(void **state)
{
	struct mfa_notice n;

	(void)state;
	understood("{\"event\":\"locked\",\"user\":\"u\","
		   "\"host\":\"h\\r\\nBcc: x\",\"rhost\":\"a\\nb\\u001b[1m\","
		   "\"service\":\"\\u00e4\"}", &n);
	assert_string_equal(n.subject, "Too many wrong codes on h??Bcc: x");
	assert_true(mfa_text_printable(n.subject));
	has(&n, "From:     a?b?[1m\n");
	for (const char *p = n.body; *p != '\0'; p++)
		assert_true(*p == '\n' || (*p >= 0x20 && *p <= 0x7e));
}

/* The longest that a runner can send, and longer. */
static void
test_long_fields(void **state)
{
	static char json[MFA_NOTICE_BYTES], x[601];
	struct mfa_notice n;

	(void)state;
	memset(x, 'x', sizeof(x) - 1);
	(void)snprintf(json, sizeof(json), "{\"event\":\"locked\","
	    "\"user\":\"%s\",\"host\":\"%s\",\"time\":\"%s\","
	    "\"factor\":\"%s\",\"method\":\"%s\",\"service\":\"%s\","
	    "\"rhost\":\"%s\",\"tty\":\"%s\",\"claimed_service\":\"%s\","
	    "\"claimed_rhost\":\"%s\",\"claimed_tty\":\"%s\"}", x, x, x, x, x,
	    x, x, x, x, x, x);
	understood(json, &n);
	has(&n, "The lock ends by itself");
	assert_int_equal(strlen(n.user), 256);
}

/* A name of another realm is nobody's mailbox. */
static void
test_other_realm(void **state)
{
	struct mfa_notice n;

	(void)state;
	understood("{\"event\":\"locked\",\"user\":\"root\",\"host\":\"h\","
		   "\"realm\":\"shop\"}", &n);
	assert_true(n.wanted);
	assert_string_equal(n.user, "");
	assert_string_equal(n.address, "");
	assert_string_equal(n.subject, "Too many wrong codes at shop");
	has(&n, "account root of shop.\n");
	assert_null(strstr(n.body, " on h"));
	understood("{\"event\":\"locked\",\"user\":\"root\",\"host\":\"h\"}",
	    &n);
	assert_string_equal(n.user, "root");
	has(&n, "account root on h.\n");
}

static void
test_malformed(void **state)
{
	static const char *const bad[] = { "", "x", "[]", "1", "\"event\"",
		"{}", "{\"event\":1}", "{\"event\":\"\"}",
		"{\"event\":\"locked\"", "{\"event\":\"locked\"} x",
		"{\"event\":\"locked\"}{}",
		"{\"event\":\"locked\",\"event\":\"locked\"}",
		"{\"event\":\"locked\",\"user\":\"u\"}",
		"{\"event\":\"locked\",\"host\":\"h\"}",
		"{\"event\":\"locked\",\"user\":\"\",\"host\":\"h\"}",
		"{\"event\":\"locked\",\"user\":1,\"host\":\"h\"}",
		"{\"event\":\"lo\\u0000cked\",\"user\":\"u\",\"host\":\"h\"}",
		"{\"event\":\"\xff\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mfa_notice n = { .wanted = true, .user = "before" };

		if (mfa_notice_read(bad[i], strlen(bad[i]), &n) !=
		    MFA_ERR_SYNTAX)
			fail_msg("taken: %s", bad[i]);
		assert_string_equal(n.user, "before");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_fields),
		cmocka_unit_test(test_which_events),
		cmocka_unit_test(test_kinds_have_names),
		cmocka_unit_test(test_says_no_more_than_it_knows),
		cmocka_unit_test(test_codes_left),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_R26_plain_text),
		cmocka_unit_test(test_long_fields),
		cmocka_unit_test(test_other_realm),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
