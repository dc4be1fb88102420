/* SPDX-License-Identifier: MIT */
/* enroll --provider: hotp, otp, outside; without a terminal. */
#include "tests/unit/capture.h"

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"
#include "utils/qr.h"

static struct capture out, err;

static void
will_enroll(void)
{
	mfa_wire_Enrolled *e =
	    &fake_client_will_say(mfa_wire_Reply_enrolled_tag)->what.enrolled;

	(void)memcpy(e->id, "0123456789abcdef", 17);
	(void)memcpy(e->label, "token", 6);
	(void)memcpy(e->secret, "JBSWY3DPEHPK3PXP", 17);
	(void)memcpy(e->otpauth_url, "otpauth://hotp/h:alice?counter=0", 33);
	e->expires_seconds = 600;
}

/* Runs enroll on this input; what it printed is in out and err. */
static int
run(const struct mfa_args *args, const char *input)
{
	int saved = capture_input(input, strlen(input));
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find("enroll")->run(args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	return code;
}

static void
test_hotp_of_a_new_key(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.realm = "shop",
		.provider = "hotp",
		.counter = UINT64_C(9007199254740992),
		.qr = MFA_QR_UTF8 };
	const mfa_wire_Enroll *asked = &fake_client.requests[0].what.enroll;

	(void)state;
	will_enroll();
	assert_int_equal(run(&args, ""), MFA_EXIT_DONE);
	assert_string_equal(asked->provider, "hotp");
	assert_string_equal(asked->realm, "shop");
	assert_true(asked->counter == UINT64_C(9007199254740992));
	assert_non_null(strstr(out.text, "Key: JBSW "));
	assert_non_null(strstr(out.text, "\xe2\x96\x88"));
	assert_non_null(strstr(out.text,
	    "medusa-mfa confirm --realm shop --user alice token\n"));
}

/* It cannot scan anything: neither key nor QR code are shown. */
static void
test_hotp_of_a_hardware_token(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.provider = "hotp",
		.import_secret = true,
		.qr = MFA_QR_UTF8 };

	(void)state;
	will_enroll();
	assert_int_equal(run(&args, "jbsw y3dp\n"), MFA_EXIT_DONE);
	assert_string_equal(
	    fake_client.requests[0].what.enroll.import_secret, "jbsw y3dp");
	assert_null(strstr(out.text, "JBSW"));
	assert_null(strstr(out.text, "\xe2\x96\x88"));
	assert_non_null(strstr(out.text, "taken over"));
}

static void
will_deliver(void)
{
	mfa_wire_Enrolled *e =
	    &fake_client_will_say(mfa_wire_Reply_enrolled_tag)->what.enrolled;

	(void)memcpy(e->id, "0123456789abcdef", 17);
	(void)memcpy(e->label, "otp", 4);
	e->expires_seconds = 600;
}

static void
test_R12_otp_says_where_the_code_went(void **state)
{
	struct mfa_args args = { .user = "alice",
		.provider = "otp",
		.address = "alice@example.org" };
	const mfa_wire_Enroll *asked = &fake_client.requests[0].what.enroll;

	(void)state;
	will_deliver();
	assert_int_equal(run(&args, ""), MFA_EXIT_DONE);
	assert_string_equal(asked->provider, "otp");
	assert_string_equal(asked->address, "alice@example.org");
	assert_non_null(strstr(
	    out.text, "A code is on its way to alice@example.org.\n"));
	assert_null(strstr(out.text, "Key:"));
	assert_null(strstr(out.text, "QR"));
	assert_non_null(strstr(out.text, "medusa-mfa confirm --user alice"));
	args.json = true;
	will_deliver();
	assert_int_equal(run(&args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"id\":\"0123456789abcdef\",\"label\":\"otp\","
	    "\"provider\":\"otp\",\"secret\":null,\"otpauth_url\":null,"
	    "\"expires_seconds\":600}\n");
}

/* Nobody is there to be asked for it. */
static void
test_otp_without_an_address_is_refused(void **state)
{
	const struct mfa_args args = { .user = "alice", .provider = "otp" };

	(void)state;
	assert_int_equal(run(&args, "alice@example.org\n"), MFA_EXIT_USAGE);
	assert_non_null(strstr(err.text, "needs --address"));
	assert_int_equal(fake_client.asked, 0);
}

/* What a list says after a failed delivery. */
static void
will_list_pending(void)
{
	static const struct {
		const char *id, *status, *address;
		uint64_t created;
	} listed[] = {
		{ "aaaaaaaaaaaaaaaa", "pending", "alice@example.org", 5 },
		{ "bbbbbbbbbbbbbbbb", "pending", "alice@example.org", 9 },
		{ "cccccccccccccccc", "enabled", "alice@example.org", 11 },
		{ "dddddddddddddddd", "pending", "eve@example.org", 12 },
	};

	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
		mfa_wire_FactorInfo *f =
		    &fake_client_will_say(mfa_wire_Reply_factor_tag)
			 ->what.factor;

		(void)memcpy(f->id, listed[i].id, sizeof(f->id));
		(void)snprintf(f->label, sizeof(f->label), "otp-%c",
		    listed[i].id[0]);
		(void)snprintf(f->status, sizeof(f->status), "%s",
		    listed[i].status);
		(void)snprintf(f->address, sizeof(f->address), "%s",
		    listed[i].address);
		f->created = listed[i].created;
	}
	fake_client_will_say(mfa_wire_Reply_done_tag);
}

/* The factor is there: the newest pending one with this address. */
static void
test_delivery_fails_and_the_factor_stays(void **state)
{
	struct mfa_args args = { .user = "alice",
		.provider = "otp",
		.address = "alice@example.org" };

	(void)state;
	fake_client_will_refuse(MFA_ERR_UNDELIVERED, "no mail server");
	will_list_pending();
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: no mail server\n");
	assert_null(strstr(out.text, "on its way"));
	assert_non_null(strstr(
	    out.text, "medusa-mfa send --user alice otp-b\n"));
	assert_non_null(strstr(
	    out.text, "medusa-mfa confirm --user alice otp-b\n"));
	/* The other way out: the address was wrong. */
	assert_non_null(strstr(out.text,
	    "medusa-mfa disable --user alice otp-b\nthen enroll again.\n"));
	/* Whatever the list says, the error stands; JSON stays JSON. */
	fake_client_will_refuse(MFA_ERR_UNDELIVERED, "no mail server");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_string_equal(out.text, "");
	args.json = true;
	fake_client_will_refuse(MFA_ERR_UNDELIVERED, "no mail server");
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_string_equal(out.text, "");
}

/* R12: a second one too soon after another; the address may be right. */
static void
test_R12_too_soon_says_how_to_go_on(void **state)
{
	const struct mfa_args args = { .user = "customer 17",
		.realm = "shop",
		.provider = "otp",
		.address = "alice@example.org" };

	(void)state;
	fake_client_will_refuse(MFA_ERR_TOO_SOON, "otp-b is pending");
	will_list_pending();
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: otp-b is pending\n");
	assert_non_null(strstr(out.text,
	    "medusa-mfa send --realm shop --user 'customer 17' otp-b\n"));
	assert_null(strstr(out.text, "disable"));
	/* Another failure made no factor. */
	fake_client_will_refuse(MFA_ERR_FULL, "no room");
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_string_equal(out.text, "");
}

/* R14: what a program wants to know may be a key. */
static void
test_R14_outside_setup_is_a_line_of_input(void **state)
{
	struct mfa_args args = { .user = "alice",
		.provider = "yubico",
		.import_secret = true };
	const mfa_wire_Enroll *asked = &fake_client.requests[0].what.enroll;

	(void)state;
	will_deliver();
	assert_int_equal(run(&args, "vvccbb 00aa\n"), MFA_EXIT_DONE);
	assert_string_equal(asked->provider, "yubico");
	assert_string_equal(asked->import_secret, "vvccbb 00aa");
	assert_null(strstr(out.text, "00aa"));
	assert_non_null(strstr(out.text, "yubico waits for its first answer"));
	/* A program that wants to know nothing is told nothing. */
	args.import_secret = false;
	will_deliver();
	assert_int_equal(run(&args, "not read\n"), MFA_EXIT_DONE);
	assert_string_equal(
	    fake_client.requests[1].what.enroll.import_secret, "");
}

static void
test_options_of_another_provider_are_refused(void **state)
{
	static const struct mfa_args cases[] = {
		{ .address = "a@b", .import_secret = true },
		{ .provider = "otp", .address = "a@b", .import_secret = true },
		{ .provider = "otp", .import_secret = true },
		{ .address = "a@b" },
		{ .provider = "hotp", .address = "a@b" },
		{ .provider = "yubico", .address = "a@b" },
		{ .counter = 1 },
		{ .provider = "otp", .address = "a@b", .counter = 1 },
		{ .provider = "hotp", .period = 30 },
		{ .provider = "otp", .address = "a@b", .period = 30 },
		{ .provider = "otp", .address = "a@b", .qr = MFA_QR_NONE },
		{ .provider = "otp", .address = "a@b", .show_url = true },
		{ .provider = "otp", .address = "a@b", .algorithm = "SHA1" },
		{ .provider = "yubico", .digits = 6 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mfa_args args = cases[i];

		args.user = "alice";
		assert_int_equal(run(&args, "JBSWY3DP\n"), MFA_EXIT_USAGE);
		assert_memory_equal(err.text, "medusa-mfa: enroll: --", 22);
	}
	assert_int_equal(fake_client.opened, 0);
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_hotp_of_a_new_key),
		FRESH(test_hotp_of_a_hardware_token),
		FRESH(test_R12_otp_says_where_the_code_went),
		FRESH(test_otp_without_an_address_is_refused),
		FRESH(test_delivery_fails_and_the_factor_stays),
		FRESH(test_R12_too_soon_says_how_to_go_on),
		FRESH(test_R14_outside_setup_is_a_line_of_input),
		FRESH(test_options_of_another_provider_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
