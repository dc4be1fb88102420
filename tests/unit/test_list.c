/* SPDX-License-Identifier: MIT */
/* The list of factors: a table of 80 columns, all details, JSON. */
#include "tests/unit/capture.h"

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

static struct capture out, err;

static int
run(const struct mfa_args *args)
{
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find("list")->run(args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	assert_int_equal(fake_client.open, 0);
	return code;
}

/* The last request that was sent. */
static const mfa_wire_List *
asked(void)
{
	assert_true(fake_client.asked > 0);
	assert_int_equal(
	    fake_client.requests[fake_client.asked - 1].which_what,
	    mfa_wire_Request_list_tag);
	return &fake_client.requests[fake_client.asked - 1].what.list;
}

static void
test_list(void **state)
{
	struct mfa_args args = { .user = "alice" };
	mfa_wire_FactorInfo *f;

	(void)state;
	for (int i = 0; i < 2; i++) {
		f = &fake_client_will_say(mfa_wire_Reply_factor_tag)
			 ->what.factor;
		(void)memcpy(f->id, "0123456789abcdef", 17);
		(void)memcpy(f->label, "phone", 6);
		(void)memcpy(f->provider, "totp", 5);
		(void)memcpy(f->status, "pending", 8);
		(void)memcpy(f->algorithm, "SHA1", 5);
		f->created = 1763786160;
		f->digits = 6;
		f->period = 30;
		f->expires_seconds = 600;
		f->drift = -1;
		fake_client_will_say(mfa_wire_Reply_done_tag);
	}
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "phone"));
	assert_non_null(strstr(out.text, "10 min left"));
	assert_string_equal(
	    asked()->user, "alice");
	assert_string_equal(
	    asked()->realm, "");
	args.json = true;
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"factors\":[{\"id\":\"0123456789abcdef\",\"label\":\"phone\","
	    "\"provider\":\"totp\",\"status\":\"pending\","
	    "\"created\":\"2025-11-22T04:36:00Z\",\"confirmed\":null,"
	    "\"last_used\":null,\"algorithm\":\"SHA1\",\"digits\":6,"
	    "\"period\":30,\"locked_seconds\":0,\"expires_seconds\":600,"
	    "\"drift\":-1,\"address\":\"\","
	    "\"provider_on\":true}]}\n");
}

static mfa_wire_FactorInfo *
will_list(const char *label, const char *provider, const char *status)
{
	mfa_wire_FactorInfo *f =
	    &fake_client_will_say(mfa_wire_Reply_factor_tag)->what.factor;

	(void)memcpy(f->id, "0123456789abcdef", 17);
	(void)snprintf(f->label, sizeof(f->label), "%s", label);
	(void)snprintf(f->provider, sizeof(f->provider), "%s", provider);
	(void)snprintf(f->status, sizeof(f->status), "%s", status);
	f->created = f->confirmed = f->last_used = 1763786160;
	return f;
}

#define LONG_ADDRESS                                                 \
	"a.person.with.a.very.long.name.indeed+medusa@mail.example." \
	"organisation.example.org"

/* No line is wider than a terminal. */
static void
test_list_fits_in_80_columns(void **state)
{
	const struct mfa_args args = { .user = "alice", .realm = "shop" };
	mfa_wire_FactorInfo *f;
	char *rest, *line;

	(void)state;
	f = will_list("mail", "otp", "pending");
	(void)memcpy(f->address, LONG_ADDRESS, sizeof(LONG_ADDRESS));
	f->expires_seconds = 100 * 60;
	f = will_list("mail-of-alice", "otp", "enabled");
	(void)memcpy(f->address, LONG_ADDRESS, sizeof(LONG_ADDRESS));
	f = will_list("short", "otp", "enabled");
	(void)memcpy(f->address, "al@example.org", 15);
	f = will_list("token", "hotp", "blocked");
	f->locked_seconds = UINT64_MAX;
	(void)memcpy(f->address, LONG_ADDRESS, sizeof(LONG_ADDRESS));
	(void)will_list("totp", "totp", "disabled");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_string_equal(
	    asked()->realm, "shop");
	assert_non_null(strstr(out.text, "100 min left, a.pers..."));
	assert_non_null(strstr(out.text, "mple.org\n"));
	assert_non_null(strstr(out.text, " al@example.org\n"));
	assert_non_null(strstr(out.text, " locked "));
	assert_null(strstr(out.text, LONG_ADDRESS));
	rest = out.text;
	for (int i = 0; i < 6; i++) {
		line = strsep(&rest, "\n");
		assert_non_null(rest);
		assert_in_range(strlen(line), 20, 80);
	}
	assert_string_equal(rest, "");
}

static void
test_list_long_tells_all(void **state)
{
	const struct mfa_args args = { .user = "alice", .all_details = true };
	mfa_wire_FactorInfo *f;

	(void)state;
	f = will_list("mail", "otp", "enabled");
	(void)memcpy(f->address, LONG_ADDRESS, sizeof(LONG_ADDRESS));
	f->digits = 6;
	f->locked_seconds = 900;
	f = will_list("phone", "totp", "pending");
	(void)memcpy(f->algorithm, "SHA256", 7);
	f->digits = 8;
	f->period = 60;
	f->drift = -2;
	f->expires_seconds = 600;
	f->last_used = 0;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "Address:         " LONG_ADDRESS));
	assert_non_null(strstr(out.text, "Id:              0123456789abcdef"));
	assert_non_null(strstr(out.text, "Codes:           6 digits\n"));
	assert_non_null(strstr(out.text, "Locked for:      15 min\n\n"));
	assert_non_null(
	    strstr(out.text, "Codes:           SHA256, 8 digits, every 60 s"));
	assert_non_null(strstr(out.text, "Clock:           -2 periods\n"));
	assert_non_null(strstr(out.text, "Last used:       -\n"));
	assert_non_null(strstr(out.text, "Expires in:      10 min\n"));
}

/* What another set up is not printed as it is. */
static void
test_list_cleans_what_it_shows(void **state)
{
	struct mfa_args args = { .user = "alice" };
	mfa_wire_FactorInfo *f;

	(void)state;
	for (int i = 0; i < 2; i++) {
		f = will_list("x\033[2J", "\033]0;", "enabled");
		(void)memcpy(f->address, "\033[31m\n", 7);
		fake_client_will_say(mfa_wire_Reply_done_tag);
		args.all_details = i == 1;
		assert_int_equal(run(&args), MFA_EXIT_DONE);
		assert_null(strchr(out.text, '\033'));
		assert_non_null(strstr(out.text, "\\x1b[31m\\x0a"));
	}
}

/* What lets in nobody does not look like what does. */
static void
test_list_tells_that_a_provider_is_off(void **state)
{
	struct mfa_args args = { .user = "alice" };
	mfa_wire_FactorInfo *f;

	(void)state;
	for (int i = 0; i < 3; i++) {
		(void)will_list("phone", "totp", "enabled");
		f = will_list("mail", "otp", "enabled");
		f->provider_off = true;
		f->locked_seconds = 900;
		(void)memcpy(f->address, LONG_ADDRESS, sizeof(LONG_ADDRESS));
		f = will_list("token", "hotp", "enabled");
		f->provider_off = true;
		(void)memcpy(f->address, "al@example.org", 15);
		fake_client_will_say(mfa_wire_Reply_done_tag);
	}
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, " provider off, locked 15 min\n"));
	assert_non_null(strstr(out.text, " provider off, al@example.org\n"));
	assert_null(strstr(strstr(out.text, "token") + 1, "phone"));
	assert_int_equal(strcspn(strstr(out.text, "phone"), "\n"), 51);
	args.all_details = true;
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "Provider:        otp\n                 off in the configuration"));
	assert_null(strstr(out.text,
	    "Provider:        totp\n                 off"));
	args.all_details = false;
	args.json = true;
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "\"address\":\"\",\"provider_on\":true}"));
	assert_non_null(strstr(out.text,
	    "\"address\":\"al@example.org\",\"provider_on\":false}"));
}

static void
test_empty_list(void **state)
{
	struct mfa_args args = { .user = "alice" };

	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_string_equal(out.text, "alice has no factors.\n");
	args.json = true;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run(&args), MFA_EXIT_DONE);
	assert_string_equal(out.text, "{\"factors\":[]}\n");
}

/* Half a list is not shown as JSON. */
static void
test_broken_list(void **state)
{
	const struct mfa_args args = { .user = "alice", .json = true };

	(void)state;
	fake_client_will_say(mfa_wire_Reply_factor_tag);
	assert_int_equal(run(&args), MFA_EXIT_UNAVAILABLE);
	assert_string_equal(out.text, "");
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_list),
		FRESH(test_list_fits_in_80_columns),
		FRESH(test_list_long_tells_all),
		FRESH(test_list_cleans_what_it_shows),
		FRESH(test_list_tells_that_a_provider_is_off),
		FRESH(test_empty_list),
		FRESH(test_broken_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
