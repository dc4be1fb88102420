/* SPDX-License-Identifier: MIT */
/* R12, R14: what a delivery program reads. */
#include "tests/unit/unit.h"

#include "verifier/letter.h"

static uint8_t letter[2049];

static const struct mfa_message usual = {
	.realm = "unix",
	.subject = "alice",
	.service = "sshd",
	.rhost = "203.0.113.7",
	.factor = "mail",
	.address = "alice+mfa=x@example.org",
	.issuer = "Example & Sons",
	.code = "12345678",
	.wall = 1795331723,
	.ttl = 600,
};

static const char *
compose(const struct mfa_message *message)
{
	size_t len = 0;

	memset(letter, 0, sizeof(letter));
	assert_int_equal(mfa_letter_compose(message, "host.example", letter,
	    sizeof(letter) - 1, &len), MFA_OK);
	assert_int_equal(strlen((char *)letter), len);
	return (char *)letter;
}

static void
test_R12_headers_and_message(void **state)
{
	(void)state;
	assert_string_equal(compose(&usual),
	    "to: alice+mfa=x@example.org\n"
	    "realm: unix\n"
	    "user: alice\n"
	    "host: host.example\n"
	    "service: sshd\n"
	    "remote: 203.0.113.7\n"
	    "issuer: Example & Sons\n"
	    "time: 2026-11-22T07:15:23Z\n"
	    "valid: 600\n"
	    "code: 12345678\n"
	    "\n"
	    "Your verification code is\n"
	    "\n"
	    "12345678\n"
	    "\n"
	    "It is good once, for 600 seconds.\n"
	    "\n"
	    "Host:    host.example\n"
	    "Service: sshd\n"
	    "Remote:  203.0.113.7\n"
	    "Time:    2026-11-22T07:15:23Z\n"
	    "\n"
	    "Nobody from Example & Sons will ask you for it.\n"
	    "If you did not ask for it, somebody may know your password:\n"
	    "tell your administrator.\n");
}

static void
test_R12_no_remote_host_no_line(void **state)
{
	struct mfa_message message = usual;

	(void)state;
	message.rhost = "";
	(void)compose(&message);
	assert_null(strstr((char *)letter, "remote"));
	assert_null(strstr((char *)letter, "Remote"));
	/* What is always there says that it is empty. */
	message.service = "";
	(void)compose(&message);
	assert_non_null(strstr((char *)letter, "\nservice: -\n"));
}

/* Lines of the message, from the empty one on. */
static void
is_clean(void)
{
	const char *p = strstr((char *)letter, "\n\n");

	assert_non_null(p);
	for (const char *c = (char *)letter; *c != '\0'; c++)
		assert_true(*c == '\n' || (*c >= 0x20 && *c < 0x7f));
	assert_null(strchr(p, '/'));
	for (p += 2; *p != '\0'; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= 76);
}

static const char first[] =
    "This code confirms that codes reach you here.\n"
    "If you did not ask for it, tell your administrator.\n";
static const char warning[] = "somebody may know your password";

/* The first code of a factor was asked for without a password. */
static void
test_R12_a_first_code_says_what_it_is(void **state)
{
	struct mfa_message message = usual;

	(void)state;
	message.service = "medusa-mfa";
	assert_non_null(strstr(compose(&message), first));
	assert_null(strstr((char *)letter, warning));
	message.realm = "shop";
	message.claimed = true;
	assert_non_null(strstr(compose(&message), first));
	message.service = "medusa-mfa2";
	assert_null(strstr(compose(&message), first));
	assert_non_null(strstr((char *)letter, warning));
}

/* Who is not root cannot take the warning away by a name. */
static void
test_R14_a_claim_is_marked_and_believed_nothing(void **state)
{
	static char longest[65], remote[256];
	struct mfa_message message = usual;

	(void)state;
	message.claimed = true;
	message.service = "medusa-mfa";
	(void)compose(&message);
	assert_null(strstr((char *)letter, first));
	assert_non_null(strstr((char *)letter, warning));
	assert_non_null(strstr((char *)letter,
	    "\nclaimed_service: medusa-mfa\nclaimed_remote: 203.0.113.7\n"));
	assert_null(strstr((char *)letter, "\nservice:"));
	assert_null(strstr((char *)letter, "\nremote:"));
	assert_non_null(strstr((char *)letter,
	    "\nService: medusa-mfa (not verified)\n"
	    "Remote:  203.0.113.7 (not verified)\n"));
	memset(longest, 'x', sizeof(longest) - 1);
	memset(remote, 'x', sizeof(remote) - 1);
	message.service = longest;
	message.rhost = remote;
	(void)compose(&message);
	is_clean();
	assert_non_null(strstr((char *)letter, "xxx (not verified)\nRemote:"));
	assert_non_null(strstr((char *)letter, "xxx (not verified)\nTime:"));
}

/* People of another realm have nothing to do with the host. */
static void
test_R12_another_realm_reads_of_no_host(void **state)
{
	struct mfa_message message = usual;

	(void)state;
	message.realm = "shop";
	message.claimed = true;
	(void)compose(&message);
	assert_non_null(strstr((char *)letter, "\nhost: host.example\n"));
	assert_null(strstr((char *)letter, "\nHost:"));
	assert_non_null(strstr((char *)letter, "\nService: sshd\n"));
	assert_non_null(strstr((char *)letter,
	    "\nNobody from Example & Sons will ask you for it.\n"));
}

static void
test_R12_no_value_brings_a_line_or_a_link(void **state)
{
	struct mfa_message message = usual;

	(void)state;
	message.subject = "eve\nto: mallory@example.org\n\nhello";
	message.rhost = "https://evil.example/\r\nBcc: x";
	message.service = "a\nb\\\xff";
	message.issuer = "http://evil.example/\n";
	(void)compose(&message);
	assert_non_null(strstr((char *)letter,
	    "\nuser: eve\\x0ato: mallory@example.org\\x0a\\x0ahello\n"));
	assert_non_null(strstr((char *)letter,
	    "\nservice: a\\x0ab\\x5c\\xff\n"));
	assert_null(strstr((char *)letter, "\nto: mallory"));
	assert_null(strstr((char *)letter, "\nBcc"));
	is_clean();
}

static void
test_R12_the_longest_values_fit(void **state)
{
	static char realm[33], subject[257], service[65], rhost[256],
	    issuer[65], address[129];
	struct mfa_message message = usual;

	(void)state;
	memset(realm, 1, sizeof(realm) - 1);
	memset(subject, 1, sizeof(subject) - 1);
	memset(service, 1, sizeof(service) - 1);
	memset(rhost, 1, sizeof(rhost) - 1);
	memset(issuer, 1, sizeof(issuer) - 1);
	memset(address, 'a', sizeof(address) - 1);
	message.realm = realm;
	message.subject = subject;
	message.service = service;
	message.rhost = rhost;
	message.issuer = issuer;
	message.address = address;
	(void)compose(&message);
	assert_non_null(strstr((char *)letter, address));
	assert_non_null(strstr((char *)letter, "\n12345678\n"));
	is_clean();
}

static void
refused(const struct mfa_message *message, size_t size)
{
	size_t len = 77;

	assert_int_equal(mfa_letter_compose(message, "h", letter, size, &len),
	    MFA_ERR_INVALID);
	assert_int_equal(len, 77);
}

static void
test_R12_address_and_code_are_whole_or_it_is_refused(void **state)
{
	struct mfa_message message = usual;
	char address[130];

	(void)state;
	memset(address, 'a', sizeof(address) - 1);
	address[sizeof(address) - 1] = '\0';
	message.address = address;
	refused(&message, 2048);
	message.address = "";
	refused(&message, 2048);
	message = usual;
	message.code = "";
	refused(&message, 2048);
	message.code = "123\n456";
	refused(&message, 2048);
	/* No part of it stays where there is no room for all. */
	memset(letter, 'x', sizeof(letter));
	refused(&usual, 300);
	assert_true(unit_all(letter, 300, 0));
	assert_int_equal(letter[300], 'x');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R12_headers_and_message),
		cmocka_unit_test(test_R12_no_remote_host_no_line),
		cmocka_unit_test(test_R12_a_first_code_says_what_it_is),
		cmocka_unit_test(
		    test_R14_a_claim_is_marked_and_believed_nothing),
		cmocka_unit_test(test_R12_another_realm_reads_of_no_host),
		cmocka_unit_test(test_R12_no_value_brings_a_line_or_a_link),
		cmocka_unit_test(test_R12_the_longest_values_fit),
		cmocka_unit_test(
		    test_R12_address_and_code_are_whole_or_it_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
