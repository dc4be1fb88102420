/* SPDX-License-Identifier: MIT */
/* The command sync: two codes in a row. */
#include "tests/unit/capture.h"

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

static struct capture out, err;

static int
run(const char *name, const struct mfa_args *args, const char *input)
{
	int saved = capture_input(input, strlen(input));
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find(name)->run(args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	return code;
}

/* The last request that was sent. */
static const mfa_wire_Request *
asked(unsigned int tag)
{
	assert_true(fake_client.asked > 0);
	assert_int_equal(
	    fake_client.requests[fake_client.asked - 1].which_what, tag);
	return &fake_client.requests[fake_client.asked - 1];
}

static char phone[] = "phone";

/* What a list says of one factor. */
static void
will_look(const char *label, const char *provider, const char *status)
{
	mfa_wire_FactorInfo *f =
	    &fake_client_will_say(mfa_wire_Reply_factor_tag)->what.factor;

	(void)snprintf(f->label, sizeof(f->label), "%s", label);
	(void)snprintf(f->provider, sizeof(f->provider), "%s", provider);
	(void)snprintf(f->status, sizeof(f->status), "%s", status);
	fake_client_will_say(mfa_wire_Reply_done_tag);
}

static void
test_sync_sends_two_codes(void **state)
{
	char *one[] = { phone, NULL };
	const struct mfa_args args = {
		.user = "alice", .realm = "shop", .count = 1, .operand = one
	};
	const mfa_wire_Sync *sync;

	(void)state;
	will_look("phone", "totp", "enabled");
	(void)memcpy(fake_client_will_say(mfa_wire_Reply_done_tag)
			 ->what.done.text, "ahead", 6);
	assert_int_equal(run("sync", &args, "111111\n222222\n"), MFA_EXIT_DONE);
	assert_string_equal(out.text, "ahead\n");
	assert_string_equal(fake_client.requests[0].what.list.realm, "shop");
	sync = &asked(mfa_wire_Request_sync_tag)->what.sync;
	assert_string_equal(sync->factor, "phone");
	assert_string_equal(sync->realm, "shop");
	assert_int_equal(sync->first.size, 6);
	assert_memory_equal(sync->first.bytes, "111111", 6);
	assert_int_equal(sync->second.size, 6);
	assert_memory_equal(sync->second.bytes, "222222", 6);
	will_look("phone", "totp", "blocked");
	assert_int_equal(run("sync", &args, "111111\n"), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 3);
	will_look("phone", "hotp", "enabled");
	fake_client_will_refuse(MFA_ERR_WRONG, "not in a row");
	assert_int_equal(
	    run("sync", &args, "111111\n222222\n"), MFA_EXIT_WRONG);
	assert_string_equal(out.text, "");
}

/* A counter is not ahead or behind: it is where the token says. */
static void
test_sync_of_a_token_takes_its_counter(void **state)
{
	char *one[] = { phone, NULL };
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = one
	};

	(void)state;
	will_look("phone", "hotp", "enabled");
	(void)memcpy(fake_client_will_say(mfa_wire_Reply_done_tag)
			 ->what.done.text, "ahead", 6);
	assert_int_equal(run("sync", &args, "111111\n222222\n"), MFA_EXIT_DONE);
	(void)asked(mfa_wire_Request_sync_tag);
	assert_string_equal(out.text,
	    "The counter of the token is taken over.\n");
}

/* Before anybody types codes for nothing. */
static void
test_sync_of_what_has_no_clock_is_refused(void **state)
{
	static const struct {
		const char *label, *provider, *status, *said;
	} cases[] = {
		{ "phone", "otp", "enabled", "sync is for totp and hotp" },
		{ "phone", "yubico", "enabled", "factor of yubico" },
		{ "phone", "totp", "pending", "not enabled" },
		{ "phone", "totp", "disabled", "not enabled" },
		{ "other", "totp", "enabled", "alice has no factor phone (see" },
	};
	char *one[] = { phone, NULL };
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = one
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		will_look(cases[i].label, cases[i].provider, cases[i].status);
		assert_int_equal(
		    run("sync", &args, "111111\n222222\n"), MFA_EXIT_FAILED);
		if (strstr(err.text, cases[i].said) == NULL)
			fail_msg("%s: %s", cases[i].said, err.text);
		(void)asked(mfa_wire_Request_list_tag);
	}
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_sync_sends_two_codes),
		FRESH(test_sync_of_a_token_takes_its_counter),
		FRESH(test_sync_of_what_has_no_clock_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
