/* SPDX-License-Identifier: MIT */
/* R17, R19: store after-restore, as it asks and tells. */
#include "tests/unit/capture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio_ext.h>

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

static struct capture out, err;

static int
run(const char *word, bool yes, bool json)
{
	char copy[16];
	char *words[] = { copy, NULL };
	const struct mfa_args args = { .json = json, .yes = yes, .count = 1,
		.operand = words };
	int saved = capture_input("", 0);
	int code;

	(void)snprintf(copy, sizeof(copy), "%s", word);
	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find("store")->run(&args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	return code;
}

static void
will_tell(const char *realm, const char *user)
{
	mfa_wire_RecordInfo *r = &fake_client_will_say(
	    mfa_wire_Reply_record_tag)->what.record;

	fake_client.version = 3;
	(void)snprintf(r->id, sizeof(r->id), "u-%s", user);
	(void)snprintf(r->realm, sizeof(r->realm), "%s", realm);
	(void)snprintf(r->user, sizeof(r->user), "%s", user);
}

static void
no_more(void)
{
	fake_client.version = 3;
	fake_client_will_say(mfa_wire_Reply_done_tag);
}

static void
will_do(mfa_wire_Restored what)
{
	fake_client_will_say(mfa_wire_Reply_restored_tag)->what.restored =
	    what;
}

static const char *
voided(size_t i)
{
	assert_true(i < fake_client.asked);
	assert_int_equal(fake_client.requests[i].which_what,
	    mfa_wire_Request_after_restore_tag);
	return fake_client.requests[i].what.after_restore.id;
}

static void
test_R17_each_record_is_asked_about(void **state)
{
	(void)state;
	will_tell("unix", "alice");
	will_tell("shop", "c 17");
	will_tell("unix", "carl");
	no_more();
	will_do((mfa_wire_Restored){ true, 8, 0, 0, false, 1 });
	will_do((mfa_wire_Restored){ true, 0, 1, 2, true, 1 });
	will_do((mfa_wire_Restored){ 0 });
	assert_int_equal(run("after-restore", true, false), MFA_EXIT_DONE);
	assert_string_equal(voided(1), "u-alice");
	assert_string_equal(voided(2), "u-c 17");
	assert_string_equal(voided(3), "u-carl");
	assert_int_equal(fake_client.opened, 1);
	assert_string_equal(err.text, "");
	assert_non_null(strstr(out.text, "token to sync: medusa-mfa sync "
	    "--user 'c 17' --realm shop FACTOR\n3 records: 2 changed, "
	    "1 had nothing to void, 0 failed\n"));
	assert_non_null(strstr(out.text, "Recovery codes of 1 user are"));
	assert_non_null(strstr(out.text, "Tokens of 1 user are blocked"));
	assert_non_null(strstr(out.text, "bypasses of 1 user are void"));
	assert_non_null(strstr(out.text, "2 factors that were not confirmed"));
	assert_non_null(strstr(out.text, "disabled are enabled again"));
	assert_non_null(strstr(out.text, "who was reset"));
}

static void
test_what_nobody_had_is_not_told(void **state)
{
	(void)state;
	will_tell("unix", "alice");
	no_more();
	will_do((mfa_wire_Restored){ true, 0, 0, 0, false, 1 });
	assert_int_equal(run("after-restore", true, false), MFA_EXIT_DONE);
	assert_null(strstr(out.text, "Recovery codes"));
	assert_null(strstr(out.text, "oken"));
	assert_null(strstr(out.text, "nvitation"));
	assert_non_null(strstr(out.text, "disabled are enabled again"));
}

static void
test_json(void **state)
{
	(void)state;
	will_tell("unix", "alice");
	will_tell("unix", "bob");
	no_more();
	will_do((mfa_wire_Restored){ true, 8, 1, 2, true, 3 });
	will_do((mfa_wire_Restored){ 0 });
	assert_int_equal(run("after-restore", true, true), MFA_EXIT_DONE);
	assert_string_equal(out.text, "{\"restored\":[\n{\"record\":\"u-alice\","
	    "\"realm\":\"unix\",\"user\":\"alice\",\"recovery_codes\":8,"
	    "\"tokens\":1,\"pending\":2,\"granted\":true,\"enabled\":3}],"
	    "\"records\":2,\"changed\":1,\"failed\":0}\n");
	no_more();
	assert_int_equal(run("after-restore", true, true), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"restored\":[],\"records\":0,\"changed\":0,\"failed\":0}\n");
}

static void
test_R19_a_failure_is_named_and_the_rest_goes_on(void **state)
{
	(void)state;
	will_tell("unix", "bad");
	will_tell("unix", "good");
	no_more();
	fake_client_will_refuse(MFA_ERR_DAMAGED, "it is damaged");
	will_do((mfa_wire_Restored){ .changed = true });
	assert_int_equal(run("after-restore", true, false), MFA_EXIT_FAILED);
	assert_string_equal(err.text,
	    "medusa-mfa: record u-bad: it is damaged\n"
	    "medusa-mfa: 1 record is as the backup has it: mend or reset it "
	    "before anybody logs in\n");
	assert_string_equal(voided(2), "u-good");
	assert_int_equal(fake_client.opened, 2);
	assert_non_null(strstr(out.text, "2 records: 1 changed, 0 had "));
	assert_non_null(strstr(out.text, "are used up"));
}

/* Of what was not done, nothing is said. */
static void
test_R19_when_all_fail_no_code_is_called_used_up(void **state)
{
	(void)state;
	will_tell("unix", "bad");
	no_more();
	fake_client_will_refuse(MFA_ERR_DAMAGED, "it is damaged");
	assert_int_equal(run("after-restore", true, false), MFA_EXIT_FAILED);
	assert_non_null(strstr(out.text, "1 record: 0 changed, 0 had "));
	assert_null(strstr(out.text, "used up"));
}

/* Ten, of which the list is longer than the buffer of the output. */
static void
will_tell_long(void)
{
	char name[240];

	for (int i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "%0*d", 230, i);
		will_tell("unix", name);
	}
	no_more();
	for (int i = 0; i < 10; i++)
		will_do((mfa_wire_Restored){ true, 8, 1, 2, true, 3 });
}

/* With standard output at fd, which takes nothing. */
static int
run_unheard(int fd, bool json)
{
	char word[] = "after-restore";
	char *words[] = { word, NULL };
	const struct mfa_args args = { .json = json, .yes = true, .count = 1,
		.operand = words };
	int before = dup(STDOUT_FILENO), code;

	assert_true(before >= 0 && fd >= 0);
	(void)fflush(stdout);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(fd);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find("store")->run(&args);
	(void)capture_end(&err);
	__fpurge(stdout);
	clearerr(stdout);
	assert_int_equal(dup2(before, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(before);
	return code;
}

/* What is not voided lets in: that nobody hears of it is no reason to stop. */
static void
test_R17_lost_output_keeps_no_record_back(void **state)
{
	int ends[2];

	for (int way = 0; way < 4; way++) {
		assert_int_equal(fake_client_reset(state), 0);
		assert_int_equal(pipe(ends), 0);
		(void)close(ends[0]);
		(void)signal(SIGPIPE, SIG_DFL);
		if (way >= 2) {
			(void)close(ends[1]);
			ends[1] = open("/dev/full", O_WRONLY | O_CLOEXEC);
		}
		will_tell_long();
		assert_int_equal(run_unheard(ends[1], way % 2 == 1),
		    MFA_EXIT_FAILED);
		assert_int_equal(fake_client.asked, 11);
		assert_string_equal(err.text, "medusa-mfa: cannot write the "
		    "output; all records were gone through all the same\n");
	}
}

/* A listener that was restarted: once more, in another conversation. */
static void
test_R28_a_busy_verifier_is_asked_again(void **state)
{
	(void)state;
	will_tell("unix", "late");
	no_more();
	fake_client_will_refuse(MFA_ERR_BUSY, "busy");
	will_do((mfa_wire_Restored){ .changed = true });
	assert_int_equal(run("after-restore", true, false), MFA_EXIT_DONE);
	assert_string_equal(voided(1), "u-late");
	assert_string_equal(voided(2), "u-late");
	assert_int_equal(fake_client.opened, 2);
}

/* Nothing is taken away before somebody agreed. */
static void
test_nothing_without_leave(void **state)
{
	(void)state;
	will_tell("unix", "alice");
	no_more();
	assert_int_equal(run("after-restore", false, false), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 1);
	assert_non_null(strstr(err.text, "say --yes"));
}

static void
test_a_list_that_ends_early_changes_nothing(void **state)
{
	(void)state;
	will_tell("unix", "alice");
	fake_client_will_refuse(MFA_ERR_IO, "the disk");
	assert_int_equal(run("after-restore", true, false), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 1);
	assert_string_equal(out.text, "");
}

static void
test_R29_an_older_verifier_is_not_asked(void **state)
{
	(void)state;
	fake_client.version = 2;
	assert_int_equal(run("after-restore", true, false), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 0);
	assert_non_null(strstr(err.text, "of another release"));
}

/* R3: --yes says nothing to a check. */
static void
test_words_that_are_none(void **state)
{
	(void)state;
	assert_int_equal(run("check", true, false), MFA_EXIT_USAGE);
	assert_int_equal(run("restore", true, false), MFA_EXIT_USAGE);
	assert_int_equal(fake_client.opened, 0);
}

#define WITH_CLIENT(f) cmocka_unit_test_setup(f, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIENT(test_R17_each_record_is_asked_about),
		WITH_CLIENT(test_what_nobody_had_is_not_told),
		WITH_CLIENT(test_json),
		WITH_CLIENT(test_R19_a_failure_is_named_and_the_rest_goes_on),
		WITH_CLIENT(test_R19_when_all_fail_no_code_is_called_used_up),
		WITH_CLIENT(test_R17_lost_output_keeps_no_record_back),
		WITH_CLIENT(test_R28_a_busy_verifier_is_asked_again),
		WITH_CLIENT(test_nothing_without_leave),
		WITH_CLIENT(test_a_list_that_ends_early_changes_nothing),
		WITH_CLIENT(test_R29_an_older_verifier_is_not_asked),
		WITH_CLIENT(test_words_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
