/* SPDX-License-Identifier: MIT */
/*
 * enroll and confirm as a person at a terminal sees them; the other end of a
 * pseudoterminal is the person.
 */
#include "tests/unit/person.h"

#include "utils/qr.h"

static void
will_enroll(const char *label, const char *secret)
{
	mfa_wire_Enrolled *e =
	    &fake_client_will_say(mfa_wire_Reply_enrolled_tag)->what.enrolled;

	(void)memcpy(e->id, "0123456789abcdef", 17);
	(void)snprintf(e->label, sizeof(e->label), "%s", label);
	(void)snprintf(e->secret, sizeof(e->secret), "%s", secret);
	e->expires_seconds = 600;
}

static void
will_confirm(void)
{
	mfa_wire_Confirmed *c =
	    &fake_client_will_say(mfa_wire_Reply_confirmed_tag)->what.confirmed;

	(void)memcpy(c->label, "mail", 5);
	c->code_count = 1;
	(void)memcpy(c->code[0], "CODE-0", 7);
}

static void
test_totp_wrong_then_right(void **state)
{
	const struct mfa_args args = { .user = "alice", .qr = MFA_QR_NONE };

	(void)state;
	will_enroll("totp", "JBSWY3DP");
	fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
	will_confirm();
	start("enroll", &args);
	answer("Code from your app: ", "000000\n");
	answer("Code from your app: ", "492039\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	shown("Key: JBSW Y3DP");
	shown("wrong code");
	shown("CODE-0");
	shown("medusa-mfa verify --user alice");
	asked_code(1, "000000");
	asked_code(2, "492039");
}

static void
test_five_wrong_codes_are_enough(void **state)
{
	const struct mfa_args args = { .user = "alice", .qr = MFA_QR_NONE };

	(void)state;
	will_enroll("totp", "JBSWY3DP");
	for (int i = 0; i < 6; i++)
		fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
	start("enroll", &args);
	for (int i = 0; i < 5; i++)
		answer("Code from your app: ", "000000\n");
	assert_int_equal(finish(), MFA_EXIT_WRONG);
	assert_int_equal(person.outcome->client.asked, 6);
	shown("pending and expires in 10 min");
}

static void
test_hotp_asks_for_a_code_of_the_token(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.provider = "hotp",
		.import_secret = true };

	(void)state;
	will_enroll("hotp", "JBSWY3DP");
	will_confirm();
	start("enroll", &args);
	answer("Key to import: ", "JBSW Y3DP\n");
	answer("Code from your token or app: ", "send\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	assert_string_equal(asked(0, mfa_wire_Request_enroll_tag)
				->what.enroll.import_secret,
	    "JBSW Y3DP");
	/* The key is not echoed; no code of a token is sent. */
	assert_null(strstr(person.seen, "JBSW"));
	asked_code(1, "send");
}

static void
test_R12_otp_asks_for_address_and_sends_again(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.realm = "shop",
		.provider = "otp" };
	const mfa_wire_Send *sent;

	(void)state;
	will_enroll("otp", "");
	fake_client_will_refuse(MFA_ERR_TOO_SOON, "a moment ago");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	fake_client_will_refuse(MFA_ERR_UNDELIVERED, "no mail server");
	will_confirm();
	start("enroll", &args);
	answer("Address for codes: ", "alice@example.org\n");
	answer("Code that was sent: ", "send\n");
	answer("Code that was sent: ", " SEND \n");
	answer("Code that was sent: ", "send\n");
	answer("Code that was sent: ", "492039\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	shown("A code is on its way to alice@example.org.");
	shown("Another code is on its way.");
	shown("a moment ago");
	shown("no mail server");
	/* Nobody of a realm logs in here. */
	assert_null(strstr(person.seen, "medusa-mfa verify"));
	assert_string_equal(
	    asked(0, mfa_wire_Request_enroll_tag)->what.enroll.address,
	    "alice@example.org");
	sent = &asked(2, mfa_wire_Request_send_tag)->what.send;
	assert_string_equal(sent->user, "alice");
	assert_string_equal(sent->realm, "shop");
	assert_string_equal(sent->factor, "0123456789abcdef");
	asked_code(4, "492039");
}

/* Five codes are five codes, however often one was sent. */
static void
test_sending_costs_no_try_and_a_lock_ends_it(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.provider = "otp",
		.address = "alice@example.org" };

	(void)state;
	will_enroll("otp", "");
	for (int i = 0; i < 4; i++)
		fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	fake_client_will_refuse(MFA_ERR_LOCKED, "no more today");
	start("enroll", &args);
	for (int i = 0; i < 4; i++)
		answer("Code that was sent: ", "000000\n");
	answer("Code that was sent: ", "send\n");
	answer("Code that was sent: ", "send\n");
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	assert_int_equal(person.outcome->client.asked, 7);
	shown("no more today");
	shown("medusa-mfa confirm --user alice otp\r\n");
}

/* A code that ended is no reason to begin anew. */
static void
test_R12_where_no_code_waits_one_may_be_sent(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.count = 1,
		.operand = operands };

	(void)state;
	will_list("mail", "otp", "pending");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	fake_client_will_refuse(MFA_ERR_EXPIRED, "no code is waiting");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	will_confirm();
	start("confirm", &args);
	answer("Code that was sent: ", "000000\n");
	answer("Code that was sent: ", "send\n");
	answer("Code that was sent: ", "492039\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	shown("no code is waiting");
	(void)asked(2, mfa_wire_Request_send_tag);
	asked_code(3, "492039");
}

static void
test_empty_address_is_none(void **state)
{
	const struct mfa_args args = { .user = "alice", .provider = "otp" };

	(void)state;
	start("enroll", &args);
	answer("Address for codes: ", "\n");
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	shown("the address is empty");
	assert_int_equal(person.outcome->client.asked, 0);
}

static void
test_outside_asks_what_its_program_wants(void **state)
{
	const struct mfa_args args = { .user = "alice", .provider = "yubico" };

	(void)state;
	will_enroll("yubico", "");
	will_confirm();
	start("enroll", &args);
	answer("What yubico wants to know (not shown; empty: nothing): ",
	    "vvccbb 00aa\n");
	answer("Answer of your yubico: ", "vvccbbcccc\n");
	assert_int_equal(finish(), MFA_EXIT_DONE);
	assert_null(strstr(person.seen, "00aa"));
	assert_string_equal(asked(0, mfa_wire_Request_enroll_tag)
				->what.enroll.import_secret,
	    "vvccbb 00aa");
	asked_code(1, "vvccbbcccc");
}

/* Which words are right is in the user's list. */
static void
test_confirm_asks_in_the_words_of_the_factor(void **state)
{
	static const struct {
		const char *provider, *prompt;
	} cases[] = {
		{ "totp", "Code from your app: " },
		{ "hotp", "Code from your token or app: " },
		{ "otp", "Code that was sent: " },
		{ "x\033[2J", "Answer of your x\\x1b[2J: " },
	};
	const struct mfa_args args = { .user = "alice",
		.realm = "shop",
		.count = 1,
		.operand = operands };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(i == 0 ? 0 : fresh(state), 0);
		will_list("mail", "old", "disabled");
		will_list("other", "old", "pending");
		will_list("mail", cases[i].provider, "pending");
		fake_client_will_say(mfa_wire_Reply_done_tag);
		will_confirm();
		start("confirm", &args);
		answer(cases[i].prompt, "492039\n");
		assert_int_equal(finish(), MFA_EXIT_DONE);
		assert_string_equal(
		    asked(0, mfa_wire_Request_list_tag)->what.list.realm,
		    "shop");
		asked_code(1, "492039");
		assert_string_equal(person.outcome->client.requests[1]
					.what.confirm.realm,
		    "shop");
		if (i + 1 < sizeof(cases) / sizeof(cases[0]))
			assert_int_equal(leave(state), 0);
	}
}

static void
test_confirm_of_what_is_not_pending_asks_for_nothing(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = operands
	};

	(void)state;
	will_list("mail", "otp", "enabled");
	will_list("other", "otp", "pending");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	start("confirm", &args);
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	shown("alice has no pending factor mail, or it");
	assert_int_equal(person.outcome->client.asked, 1);
}

static void
test_confirm_without_a_list_is_an_error(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = operands
	};

	(void)state;
	fake_client_will_refuse(MFA_ERR_DENIED, "not yours");
	start("confirm", &args);
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	shown("not yours");
	assert_int_equal(person.outcome->client.asked, 1);
}

static void
test_interrupted_it_stays_pending(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.provider = "otp",
		.address = "alice@example.org" };

	(void)state;
	will_enroll("otp", "");
	start("enroll", &args);
	answer("Code that was sent: ", "\003");
	assert_int_equal(finish(), MFA_EXIT_SIGNAL + SIGINT);
	assert_int_equal(person.outcome->client.asked, 1);
	shown("is pending");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_totp_wrong_then_right),
		FRESH(test_five_wrong_codes_are_enough),
		FRESH(test_hotp_asks_for_a_code_of_the_token),
		FRESH(test_R12_otp_asks_for_address_and_sends_again),
		FRESH(test_sending_costs_no_try_and_a_lock_ends_it),
		FRESH(test_R12_where_no_code_waits_one_may_be_sent),
		FRESH(test_empty_address_is_none),
		FRESH(test_outside_asks_what_its_program_wants),
		FRESH(test_confirm_asks_in_the_words_of_the_factor),
		FRESH(test_confirm_of_what_is_not_pending_asks_for_nothing),
		FRESH(test_confirm_without_a_list_is_an_error),
		FRESH(test_interrupted_it_stays_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
