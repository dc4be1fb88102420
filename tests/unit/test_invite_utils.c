/* SPDX-License-Identifier: MIT */
/* The commands invite and bypass, and what is shown of their codes. */
#include "tests/unit/capture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

static char bob[] = "bob", empty[] = "";
static char *one[] = { bob, NULL };

/* The last one but the hints' question. */
static const mfa_wire_Request *
asked_before(unsigned int tag)
{
	(void)asked(mfa_wire_Request_status_tag);
	fake_client.asked--;
	return asked(tag);
}

static void
will_grant(void)
{
	mfa_wire_Granted *i =
	    &fake_client_will_say(mfa_wire_Reply_granted_tag)
		 ->what.granted;

	(void)memcpy(i->code, "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF", 30);
	i->expires_at = UINT64_C(1763786160);
	i->expires_seconds = 259200;
}

static void
test_R21_invite(void **state)
{
	char *none[] = { empty, NULL };
	struct mfa_args args = { .count = 1, .operand = one };

	(void)state;
	will_grant();
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(
	    asked_before(mfa_wire_Request_invite_tag)->what.invite.user, "bob");
	assert_non_null(
	    strstr(out.text, "\n    AAAA-BBBB-CCCC-DDDD-EEEE-FFFF\n"));
	assert_non_null(strstr(out.text, " (3 d)"));
	assert_non_null(strstr(out.text, "medusa-mfa enroll\n"));
	assert_non_null(strstr(out.text, "not at a login.\n"));
	args.json = true;
	will_grant();
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"user\":\"bob\",\"code\":\"AAAA-BBBB-CCCC-DDDD-EEEE-FFFF\","
	    "\"expires_at\":\"2025-11-22T04:36:00Z\","
	    "\"expires_seconds\":259200}\n");
	fake_client_will_refuse(MFA_ERR_EXISTS, "bob is enrolled");
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: bob is enrolled\n");
	assert_string_equal(out.text, "");
	args.operand = none;
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_USAGE);
	assert_int_equal(fake_client.asked, 3);
}

/* Whoever was about to confirm one would wonder. */
static void
test_invite_tells_what_it_took_away(void **state)
{
	static const char lost[] =
	    "Pending factors of an earlier try are gone: 2";
	struct mfa_args args = { .count = 1, .operand = one };

	(void)state;
	for (int json = 0; json < 2; json++) {
		args.json = json == 1;
		will_grant();
		fake_client.replies[fake_client.count - 1].what.granted
		    .dropped = 2;
		assert_int_equal(run("invite", &args, ""), MFA_EXIT_DONE);
		assert_int_equal(strstr(out.text, lost) != NULL, !args.json);
		assert_int_equal(strstr(err.text, lost) != NULL, args.json);
		fake_client.at = fake_client.count;
		will_grant();
		assert_int_equal(run("invite", &args, ""), MFA_EXIT_DONE);
		assert_null(strstr(out.text, "gone"));
		assert_null(strstr(err.text, "gone"));
	}
}

static void
test_R14_invitation_in_a_file(void **state)
{
	char folder[] = "/tmp/mfa-unit-XXXXXX", path[64];
	struct mfa_args args = { .count = 1, .operand = one, .output = path };
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/invitation", folder);
	fake_client_will_refuse(MFA_ERR_NO_USER, "no such user");
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_FAILED);
	assert_int_equal(access(path, F_OK), -1);
	will_grant();
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_DONE);
	assert_null(strstr(out.text, "AAAA"));
	(void)asked_before(mfa_wire_Request_invite_tag);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 30);
	/* Never over one that is there: nothing is asked. */
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 2);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* Standard output is no terminal: what was to go into a file is not there. */
static void
test_R14_code_that_is_not_in_its_file_is_lost(void **state)
{
	const char *const commands[] = { "invite", "bypass" };
	struct mfa_args args = { .count = 1, .operand = one, .span = 60,
		.reason = "phone lost", .output = "/dev/full" };
	char folder[] = "/tmp/mfa-unit-XXXXXX", path[64];
	struct rlimit before, none = { 0, 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/code", folder);
	args.output = path;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none.rlim_max = before.rlim_max;
	for (size_t i = 0; i < 2; i++) {
		int ends[2], saved = dup(STDOUT_FILENO);

		will_grant();
		capture_begin(&err, STDERR_FILENO);
		/* Pipes have no size: what is said gets through. */
		assert_int_equal(pipe(ends), 0);
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)dup2(ends[1], STDERR_FILENO);
		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &none);
		assert_int_equal(mfa_command_find(commands[i])->run(&args),
		    MFA_EXIT_FAILED);
		(void)setrlimit(RLIMIT_FSIZE, &before);
		(void)fflush(NULL);
		memset(out.text, 0, sizeof(out.text));
		assert_true(read(ends[0], out.text, sizeof(out.text) - 1) > 0);
		(void)dup2(saved, STDOUT_FILENO);
		(void)capture_end(&err);
		(void)close(saved);
		(void)close(ends[0]);
		(void)close(ends[1]);
		assert_null(strstr(out.text, "AAAA"));
		assert_non_null(strstr(out.text, "is not in the file: "));
		/* As it is to be typed. */
		assert_non_null(strstr(out.text, i == 0 ?
			"was made and is lost: medusa-mfa invite bob makes" :
			"was made and is lost: medusa-mfa bypass --for 60s "
			"--reason 'phone lost' bob makes"));
		assert_int_equal(access(path, F_OK), -1);
	}
	assert_int_equal(rmdir(folder), 0);
}

/* Whoever hands it over should know why it may be of no use. */
static void
test_R21_what_hinders_an_invitation_is_told(void **state)
{
	static const struct {
		mfa_wire_Account account;
		const char *hint;
	} cases[] = {
		{ { .required = true }, "Users who have no factor are refused "
		  "at logins here (require = all): bob\nhas to be let in to "
		  "type it, or enrol bob yourself.\n" },
		{ { .exempt = true }, "note: bob is exempt and is not asked "
		  "for a code\n" },
		{ { .locked_seconds_unprivileged = 900 }, "note: wrong codes "
		  "lock the own commands of bob for 15 min: medusa-mfa unlock "
		  "bob\n" },
		{ { .required = true, .enrolled = true }, NULL },
		{ { .locked_seconds = 900 }, NULL },
	};
	struct mfa_args args = { .count = 1, .operand = one };
	static char usual[CAPTURE_SIZE];

	(void)state;
	for (size_t i = sizeof(cases) / sizeof(cases[0]); i-- > 0;) {
		will_grant();
		fake_client_will_say(mfa_wire_Reply_account_tag)
		    ->what.account = cases[i].account;
		assert_int_equal(run("invite", &args, ""), MFA_EXIT_DONE);
		if (cases[i].hint == NULL)
			(void)snprintf(usual, sizeof(usual), "%s", out.text);
		else
			assert_string_equal(out.text + strlen(usual),
			    cases[i].hint);
	}
	assert_null(strstr(usual, "listens"));
	/* Nobody is there to type it to. */
	fake_client.connect_result = MFA_ERR_UNAVAILABLE;
	will_grant();
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text + strlen(usual), "Nobody listens yet, "
	    "which bob needs: systemctl enable --now medusa-mfad.socket\n");
	args.json = true;
	will_grant();
	(void)memset(&fake_client.connected, 0, sizeof(int));
	assert_int_equal(run("invite", &args, ""), MFA_EXIT_DONE);
	assert_int_equal(strcspn(out.text, "\n"), strlen(out.text) - 1);
	assert_string_equal(err.text, "");
	assert_int_equal(fake_client.connected, 0);
}

static void
test_R21_bypass(void **state)
{
	struct mfa_args args = { .count = 1, .operand = one, .span = 3600,
		.reason = "phone lost" };
	const mfa_wire_Bypass *what = &fake_client.requests[0].what.bypass;

	(void)state;
	will_grant();
	assert_int_equal(run("bypass", &args, ""), MFA_EXIT_DONE);
	(void)asked(mfa_wire_Request_bypass_tag);
	assert_string_equal(what->user, "bob");
	assert_string_equal(what->reason, "phone lost");
	assert_int_equal(what->seconds, 3600);
	assert_non_null(
	    strstr(out.text, "\n    AAAA-BBBB-CCCC-DDDD-EEEE-FFFF\n"));
	assert_non_null(strstr(out.text, "Give it to bob, who types it in the "
	    "place of a verification code.\n"));
	assert_null(strstr(out.text, "enroll"));
	assert_int_equal(fake_client.connected, 0);
	args.json = true;
	will_grant();
	assert_int_equal(run("bypass", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "{\"user\":\"bob\",\"code\":\"AAAA-"));
	fake_client_will_refuse(MFA_ERR_NOT_ENROLLED, "run medusa-mfa invite");
	assert_int_equal(run("bypass", &args, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: run medusa-mfa invite\n");
}

static void
test_bypass_has_an_end_and_a_reason(void **state)
{
	const struct mfa_args cases[] = {
		{ .count = 1, .operand = one },
		{ .count = 1, .operand = one, .span = 3600 },
		{ .count = 1, .operand = one, .reason = "phone lost" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(run("bypass", &cases[i], ""), MFA_EXIT_USAGE);
		assert_non_null(strstr(err.text, "--for TIME and --reason"));
	}
	assert_int_equal(fake_client.asked, 0);
}

static void
test_bypass_is_shown_while_it_is_good(void **state)
{
	struct mfa_args args = { .user = "alice" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		mfa_wire_Account *a =
		    &fake_client_will_say(mfa_wire_Reply_account_tag)
			 ->what.account;

		a->bypass_seconds = 7200;
		a->bypass_compared = 1;
		(void)memcpy(a->bypass_reason, "lost", 5);
	}
	fake_client_will_say(mfa_wire_Reply_account_tag);
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "Bypass code:     for 2 h; somebody "
	    "typed one 1 time, right or wrong\n"
	    "                 lost\n"));
	args.json = true;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "\"bypass_seconds\":7200,"
	    "\"bypass_compared\":1,\"bypass_reason\":\"lost\","));
	args.json = false;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_null(strstr(out.text, "Bypass"));
}

static void
test_R21_invitation_is_shown_while_it_is_good(void **state)
{
	struct mfa_args args = { .user = "alice" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		mfa_wire_Account *a =
		    &fake_client_will_say(mfa_wire_Reply_account_tag)
			 ->what.account;

		(void)memcpy(a->user, "alice", 6);
		a->invited_seconds = 7200;
		a->invitation_compared = 2;
	}
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "Invited:         for 2 h; somebody "
	    "typed one 2 times, right or wrong\n"));
	args.json = true;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "\"invited_seconds\":7200,\"invitation_compared\":2,"));
	args.json = false;
	assert_int_equal(run("users", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, " invited "));
	fake_client_will_say(mfa_wire_Reply_account_tag);
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_null(strstr(out.text, "Invited"));
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R21_invite),
		FRESH(test_invite_tells_what_it_took_away),
		FRESH(test_R14_invitation_in_a_file),
		FRESH(test_R14_code_that_is_not_in_its_file_is_lost),
		FRESH(test_R21_what_hinders_an_invitation_is_told),
		FRESH(test_R21_bypass),
		FRESH(test_bypass_has_an_end_and_a_reason),
		FRESH(test_bypass_is_shown_while_it_is_good),
		FRESH(test_R21_invitation_is_shown_while_it_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
