/* SPDX-License-Identifier: MIT */
/*
 * enroll, confirm and what they show, without a terminal; with one:
 * test_confirm_utils.c.
 */
#include "tests/unit/capture.h"

#include <fcntl.h>

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"
#include "utils/qr.h"
#include "utils/show.h"

#define SECRET "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#define URL    "otpauth://totp/h:alice?secret=" SECRET "&issuer=h"

static void
will_enroll(const char *warning)
{
	mfa_wire_Enrolled *e =
	    &fake_client_will_say(mfa_wire_Reply_enrolled_tag)->what.enrolled;

	(void)memcpy(e->id, "0123456789abcdef", 17);
	(void)memcpy(e->label, "phone", 6);
	(void)memcpy(e->secret, SECRET, sizeof(SECRET));
	(void)memcpy(e->otpauth_url, URL, sizeof(URL));
	(void)snprintf(e->warning, sizeof(e->warning), "%s", warning);
	e->expires_seconds = 600;
}

static void
will_confirm(pb_size_t codes)
{
	mfa_wire_Confirmed *c =
	    &fake_client_will_say(mfa_wire_Reply_confirmed_tag)->what.confirmed;

	(void)memcpy(c->id, "0123456789abcdef", 17);
	(void)memcpy(c->label, "phone", 6);
	c->code_count = codes;
	for (pb_size_t i = 0; i < codes; i++)
		(void)snprintf(c->code[i], sizeof(c->code[i]), "CODE-%u", i);
}

/* Runs a command on this input; what it printed is in out and err. */
static int
run(const char *name, const struct mfa_args *args, const char *input,
    struct capture *out, struct capture *err)
{
	int saved = capture_input(input, strlen(input));
	int code;

	capture_begin(out, STDOUT_FILENO);
	capture_begin(err, STDERR_FILENO);
	code = mfa_command_find(name)->run(args);
	(void)capture_end(err);
	(void)capture_end(out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	return code;
}

static void
test_enroll_json(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.label = "phone",
		.algorithm = "SHA256",
		.digits = 8,
		.period = 60,
		.json = true };
	const mfa_wire_Enroll *asked;
	struct capture out, err;

	(void)state;
	will_enroll("");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"id\":\"0123456789abcdef\",\"label\":\"phone\","
	    "\"provider\":\"totp\",\"secret\":\"" SECRET
	    "\",\"otpauth_url\":\"" URL
	    "\",\"expires_seconds\":600}\n");
	assert_string_equal(err.text, "");
	assert_int_equal(fake_client.asked, 1);
	assert_int_equal(
	    fake_client.requests[0].which_what, mfa_wire_Request_enroll_tag);
	asked = &fake_client.requests[0].what.enroll;
	assert_string_equal(asked->user, "alice");
	assert_string_equal(asked->label, "phone");
	assert_string_equal(asked->provider, "");
	assert_string_equal(asked->realm, "");
	assert_string_equal(asked->address, "");
	assert_string_equal(asked->algorithm, "SHA256");
	assert_int_equal(asked->digits, 8);
	assert_int_equal(asked->period, 60);
	assert_string_equal(asked->import_secret, "");
}

static void
test_R16_warning_is_shown(void **state)
{
	struct mfa_args args = { .user = "alice", .json = true };
	struct capture out, err;

	(void)state;
	will_enroll("Some apps show wrong codes.");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_non_null(
	    strstr(out.text, ",\"warning\":\"Some apps show wrong codes.\"}"));
	args.json = false;
	will_enroll("Some apps show wrong codes.");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_non_null(
	    strstr(out.text, "Note: Some apps show wrong codes.\n"));
}

static void
test_enroll_text_without_a_terminal(void **state)
{
	struct mfa_args args = { .user = "alice", .qr = MFA_QR_UTF8 };
	struct capture out, err;

	(void)state;
	will_enroll("");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_non_null(
	    strstr(out.text, "Key: JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP\n"));
	assert_non_null(strstr(out.text, "\xe2\x96\x88"));
	assert_non_null(strstr(out.text, "expires in 10 min"));
	assert_non_null(strstr(
	    out.text, "medusa-mfa confirm --user alice phone\n"));
	/* The URL holds the key: only on request. */
	assert_null(strstr(out.text, "otpauth://"));
	assert_int_equal(fake_client.asked, 1);
	args.qr = MFA_QR_NONE;
	args.show_url = true;
	will_enroll("");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_null(strstr(out.text, "\xe2\x96\x88"));
	assert_null(strstr(out.text, "QR"));
	assert_non_null(strstr(out.text, "Type this key"));
	assert_non_null(strstr(out.text, "URL: " URL "\n"));
}

static void
test_import_reads_one_line(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .json = true, .import_secret = true
	};
	struct capture out, err;

	(void)state;
	will_enroll("");
	assert_int_equal(run("enroll", &args, "jbsw y3dp\nmore\n", &out, &err),
	    MFA_EXIT_DONE);
	assert_string_equal(
	    fake_client.requests[0].what.enroll.import_secret, "jbsw y3dp");
}

/* Not a new key instead of the one that was to be imported. */
static void
test_import_of_nothing_is_refused(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .json = true, .import_secret = true
	};
	struct capture out, err;
	char line[200];

	(void)state;
	memset(line, 'A', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(
	    run("enroll", &args, "\n", &out, &err), MFA_EXIT_FAILED);
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_FAILED);
	assert_int_equal(
	    run("enroll", &args, line, &out, &err), MFA_EXIT_FAILED);
	assert_null(strstr(err.text, "AAAA"));
	assert_int_equal(fake_client.asked, 0);
}

static void
test_output_of_enroll_needs_a_terminal(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.output = "/nonexistent/x" };
	struct capture out, err;

	(void)state;
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_USAGE);
	assert_non_null(strstr(err.text, "medusa-mfa confirm"));
	assert_int_equal(fake_client.asked, 0);
}

/* A pending factor whose key nobody saw: what can be done about it. */
static void
test_key_that_nobody_saw_is_told_to_be_lost(void **state)
{
	struct mfa_args args = { .user = "alice", .qr = MFA_QR_NONE };
	struct capture err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
		int saved, input = capture_input("", 0), code;

		assert_true(full >= 0);
		args.json = i == 1;
		will_enroll("");
		(void)fflush(stdout);
		saved = dup(STDOUT_FILENO);
		assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
		(void)close(full);
		capture_begin(&err, STDERR_FILENO);
		code = mfa_command_find("enroll")->run(&args);
		(void)capture_end(&err);
		assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
		(void)close(saved);
		clearerr(stdout);
		capture_input_end(input);
		assert_int_equal(code, MFA_EXIT_FAILED);
		assert_string_equal(err.text, "medusa-mfa: cannot write the "
		    "output; the key is lost: medusa-mfa disable --yes "
		    "--user alice phone, then enroll again\n");
	}
}

/* Root, who forgot --user. */
static void
test_enroll_says_for_whom_if_nobody_did(void **state)
{
	static const char sudo[] = "New factor for root (for anna\\x1b: "
	    "--user $'anna\\033')\n";
	struct mfa_args args = { .user = "root", .assumed = true,
		.qr = MFA_QR_NONE };
	struct capture out, err;

	(void)state;
	assert_int_equal(setenv("SUDO_USER", "anna\033", 1), 0);
	will_enroll("");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_memory_equal(out.text, sudo, sizeof(sudo) - 1);
	assert_int_equal(unsetenv("SUDO_USER"), 0);
	will_enroll("");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_memory_equal(out.text, "New factor for root\n", 20);
	args.json = true;
	will_enroll("");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_null(strstr(out.text, "New factor"));
	args = (struct mfa_args){ .user = "root", .qr = MFA_QR_NONE };
	will_enroll("");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_DONE);
	assert_null(strstr(out.text, "New factor"));
}

static void
test_enroll_refused(void **state)
{
	const struct mfa_args args = { .user = "alice" };
	struct capture out, err;

	(void)state;
	fake_client_will_refuse(MFA_ERR_FULL, "4 factors are there already");
	assert_int_equal(run("enroll", &args, "", &out, &err), MFA_EXIT_FAILED);
	assert_string_equal(out.text, "");
	assert_string_equal(
	    err.text, "medusa-mfa: 4 factors are there already\n");
	fake_client.open_result = MFA_ERR_UNAVAILABLE;
	assert_int_equal(
	    run("enroll", &args, "", &out, &err), MFA_EXIT_UNAVAILABLE);
}

static char factor[] = "phone";
static char *operands[] = { factor, NULL };

static void
test_confirm_sends_the_code_of_standard_input(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .json = true, .count = 1, .operand = operands
	};
	const mfa_wire_Confirm *asked;
	struct capture out, err;

	(void)state;
	will_confirm(2);
	assert_int_equal(
	    run("confirm", &args, "492039\n", &out, &err), MFA_EXIT_DONE);
	asked = &fake_client.requests[0].what.confirm;
	assert_string_equal(asked->user, "alice");
	assert_string_equal(asked->factor, "phone");
	assert_string_equal(asked->realm, "");
	assert_int_equal(asked->code.size, 6);
	assert_memory_equal(asked->code.bytes, "492039", 6);
	assert_string_equal(out.text,
	    "{\"id\":\"0123456789abcdef\",\"label\":\"phone\","
	    "\"recovery_codes\":[\"CODE-0\",\"CODE-1\"]}\n");
	assert_string_equal(err.text, "");
}

static void
test_confirm_tells_codes_once(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = operands
	};
	struct capture out, err;

	(void)state;
	will_confirm(1);
	assert_int_equal(
	    run("confirm", &args, "492039\n", &out, &err), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "enabled"));
	assert_ptr_equal(
	    strstr(strstr(out.text, "CODE-0") + 1, "CODE-0"), NULL);
	/* A second factor brings no codes; a file made for them goes. */
	will_confirm(0);
	assert_int_equal(
	    run("confirm", &args, "492039\n", &out, &err), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "stay good"));
}

/* A script gets one try: it cannot read the sentence. */
static void
test_confirm_wrong_code(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = operands
	};
	struct capture out, err;

	(void)state;
	fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
	assert_int_equal(run("confirm", &args, "000000\n492039\n", &out, &err),
	    MFA_EXIT_WRONG);
	assert_int_equal(fake_client.asked, 1);
	assert_string_equal(err.text, "medusa-mfa: wrong code\n");
	fake_client_will_refuse(MFA_ERR_LOCKED, "locked");
	assert_int_equal(
	    run("confirm", &args, "000000\n", &out, &err), MFA_EXIT_FAILED);
	assert_int_equal(
	    run("confirm", &args, "", &out, &err), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 2);
}

/* A script that says "send" gets no mail by it: there is medusa-mfa send. */
static void
test_confirm_knows_no_words_without_a_terminal(void **state)
{
	const struct mfa_args args = { .user = "alice",
		.realm = "shop",
		.count = 1,
		.operand = operands };
	const mfa_wire_Confirm *asked = &fake_client.requests[0].what.confirm;
	struct capture out, err;

	(void)state;
	fake_client_will_refuse(MFA_ERR_SYNTAX, "no code");
	assert_int_equal(
	    run("confirm", &args, "send\n", &out, &err), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 1);
	assert_int_equal(
	    fake_client.requests[0].which_what, mfa_wire_Request_confirm_tag);
	assert_string_equal(asked->realm, "shop");
}

static void
test_groups_of_four(void **state)
{
	char out[16];

	(void)state;
	mfa_show_groups("", out, sizeof(out));
	assert_string_equal(out, "");
	mfa_show_groups("ABCD", out, sizeof(out));
	assert_string_equal(out, "ABCD");
	mfa_show_groups("ABCDEFGHI", out, sizeof(out));
	assert_string_equal(out, "ABCD EFGH I");
	memset(out, 'Z', sizeof(out));
	mfa_show_groups("ABCDEFGHIJ", out, 8);
	assert_string_equal(out, "ABCD E");
	assert_int_equal(out[8], 'Z');
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_enroll_json),
		FRESH(test_R16_warning_is_shown),
		FRESH(test_enroll_text_without_a_terminal),
		FRESH(test_import_reads_one_line),
		FRESH(test_import_of_nothing_is_refused),
		FRESH(test_output_of_enroll_needs_a_terminal),
		FRESH(test_key_that_nobody_saw_is_told_to_be_lost),
		FRESH(test_enroll_says_for_whom_if_nobody_did),
		FRESH(test_enroll_refused),
		FRESH(test_confirm_sends_the_code_of_standard_input),
		FRESH(test_confirm_tells_codes_once),
		FRESH(test_confirm_wrong_code),
		FRESH(test_confirm_knows_no_words_without_a_terminal),
		FRESH(test_groups_of_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
