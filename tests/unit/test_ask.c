/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio_ext.h>

#include "tests/unit/fake_client.h"
#include "utils/ask.h"
#include "utils/command.h"

static const mfa_wire_Request list_request = {
	.which_what = mfa_wire_Request_list_tag,
	.what.list.user = "alice",
};

static void
test_one_reply(void **state)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;

	(void)state;
	fake_client_will_say(mfa_wire_Reply_account_tag)->what.account.uid = 7;
	assert_int_equal(mfa_ask_one(&list_request, mfa_wire_Reply_account_tag,
			     &reply, &problem),
	    MFA_OK);
	assert_int_equal(reply.what.account.uid, 7);
	assert_int_equal(fake_client.asked, 1);
	assert_memory_equal(
	    &fake_client.requests[0], &list_request, sizeof(list_request));
	assert_int_equal(fake_client.open, 0);
}

static void
test_another_reply_than_expected_is_no_answer(void **state)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;

	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_ask_one(&list_request, mfa_wire_Reply_account_tag,
			     &reply, &problem),
	    MFA_ERR_PROTOCOL);
	assert_true(unit_all(&reply, sizeof(reply), 0));
	assert_int_equal(problem.err, MFA_ERR_PROTOCOL);
	assert_string_equal(problem.text, mfa_strerror(MFA_ERR_PROTOCOL));
	assert_int_equal(fake_client.open, 0);
}

static void
test_sentence_of_the_verifier_is_kept(void **state)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;

	(void)state;
	fake_client_will_refuse(MFA_ERR_FULL, "4 factors: disable one \033[1m");
	assert_int_equal(mfa_ask_one(&list_request, mfa_wire_Reply_account_tag,
			     &reply, &problem),
	    MFA_ERR_FULL);
	assert_int_equal(problem.err, MFA_ERR_FULL);
	assert_string_equal(problem.text, "4 factors: disable one \\x1b[1m");
	assert_true(unit_all(&reply, sizeof(reply), 0));
}

/* An Error without a number, or with one from the future, is still one. */
static void
test_error_of_unknown_number_is_an_error(void **state)
{
	static const uint32_t codes[] = { 0, MFA_ERR_END, 4000000000U };
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		fake_client_will_refuse(MFA_OK, "");
		fake_client.replies[i].what.error.code = codes[i];
		assert_int_equal(
		    mfa_ask_one(&list_request, mfa_wire_Reply_error_tag, &reply,
			&problem),
		    MFA_ERR_PROTOCOL);
		assert_string_equal(
		    problem.text, mfa_strerror(MFA_ERR_PROTOCOL));
	}
}

struct seen {
	int count;
	enum mfa_err result;
};

static enum mfa_err
see(void *ctx, const mfa_wire_Reply *reply)
{
	struct seen *seen = ctx;

	assert_int_equal(reply->which_what, mfa_wire_Reply_factor_tag);
	seen->count++;
	return seen->result;
}

static void
test_list_ends_with_done(void **state)
{
	struct seen seen = { 0, MFA_OK };
	struct mfa_ask_problem problem;

	(void)state;
	fake_client_will_say(mfa_wire_Reply_factor_tag);
	fake_client_will_say(mfa_wire_Reply_factor_tag);
	fake_client_will_say(mfa_wire_Reply_done_tag);
	fake_client_will_say(mfa_wire_Reply_factor_tag);
	assert_int_equal(mfa_ask_each(&list_request, mfa_wire_Reply_factor_tag,
			     see, &seen, &problem),
	    MFA_OK);
	assert_int_equal(seen.count, 2);
	assert_int_equal(fake_client.at, 3);
	assert_int_equal(fake_client.open, 0);
}

/* A list that breaks off is not a shorter list. */
static void
test_list_without_its_end_is_an_error(void **state)
{
	struct seen seen = { 0, MFA_OK };
	struct mfa_ask_problem problem;

	(void)state;
	fake_client_will_say(mfa_wire_Reply_factor_tag);
	assert_int_equal(mfa_ask_each(&list_request, mfa_wire_Reply_factor_tag,
			     see, &seen, &problem),
	    MFA_ERR_CLOSED);
	assert_int_equal(seen.count, 1);
	fake_client_will_refuse(MFA_ERR_IO, "disk");
	assert_int_equal(mfa_ask_each(&list_request, mfa_wire_Reply_factor_tag,
			     see, &seen, &problem),
	    MFA_ERR_IO);
	assert_string_equal(problem.text, "disk");
	fake_client_will_say(mfa_wire_Reply_account_tag);
	assert_int_equal(mfa_ask_each(&list_request, mfa_wire_Reply_factor_tag,
			     see, &seen, &problem),
	    MFA_ERR_PROTOCOL);
	assert_int_equal(fake_client.open, 0);
}

static void
test_visitor_can_end_a_list(void **state)
{
	struct seen seen = { 0, MFA_ERR_MEMORY };
	struct mfa_ask_problem problem;

	(void)state;
	fake_client_will_say(mfa_wire_Reply_factor_tag);
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_ask_each(&list_request, mfa_wire_Reply_factor_tag,
			     see, &seen, &problem),
	    MFA_ERR_MEMORY);
	assert_int_equal(problem.err, MFA_ERR_MEMORY);
	assert_int_equal(seen.count, 1);
	assert_int_equal(fake_client.open, 0);
}

static void
test_unreachable_verifier(void **state)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;

	(void)state;
	fake_client.open_result = MFA_ERR_UNAVAILABLE;
	assert_int_equal(mfa_ask_one(&list_request, mfa_wire_Reply_account_tag,
			     &reply, &problem),
	    MFA_ERR_UNAVAILABLE);
	/* Where nobody ran setup, that comes first. */
	if (geteuid() == 0 && getpwnam("medusa-mfa") == NULL)
		assert_string_equal(problem.text,
		    "this host is not set up yet: run medusa-mfa setup");
	else if (geteuid() == 0)
		assert_non_null(strstr(problem.text, "medusa-mfa "));
	else
		assert_string_equal(problem.text,
		    "the verifier service is not running: ask your "
		    "administrator to start it "
		    "(systemctl enable --now medusa-mfad.socket)");
	fake_client.open_result = MFA_OK;
	fake_client.send_result = MFA_ERR_CLOSED;
	assert_int_equal(mfa_ask_one(&list_request, mfa_wire_Reply_account_tag,
			     &reply, &problem),
	    MFA_ERR_CLOSED);
	assert_int_equal(fake_client.open, 0);
}

static void
test_exit_codes(void **state)
{
	static const struct {
		enum mfa_err err;
		int code;
	} cases[] = {
		{ MFA_ERR_WRONG, MFA_EXIT_WRONG },
		{ MFA_ERR_REPLAYED, MFA_EXIT_WRONG },
		{ MFA_ERR_UNAVAILABLE, MFA_EXIT_UNAVAILABLE },
		{ MFA_ERR_BUSY, MFA_EXIT_UNAVAILABLE },
		{ MFA_ERR_TIMEOUT, MFA_EXIT_UNAVAILABLE },
		{ MFA_ERR_CLOSED, MFA_EXIT_UNAVAILABLE },
		{ MFA_ERR_DENIED, MFA_EXIT_FAILED },
		{ MFA_ERR_LOCKED, MFA_EXIT_FAILED },
		{ MFA_ERR_NOT_FOUND, MFA_EXIT_FAILED },
		{ MFA_ERR_PROTOCOL, MFA_EXIT_FAILED },
	};
	struct mfa_ask_problem problem;
	struct capture said;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int code;

		mfa_ask_explain(cases[i].err, &problem);
		capture_begin(&said, STDERR_FILENO);
		code = mfa_ask_failed(&problem);
		(void)capture_end(&said);
		assert_int_equal(code, cases[i].code);
		assert_memory_equal(said.text, "medusa-mfa: ", 12);
		assert_memory_equal(
		    said.text + 12, problem.text, strlen(problem.text));
	}
}

static void
test_names_fit_or_are_refused(void **state)
{
	struct capture said;
	char field[9] = "";
	int code[3];

	(void)state;
	capture_begin(&said, STDERR_FILENO);
	code[0] = mfa_ask_name(field, sizeof(field), "");
	code[1] = mfa_ask_name(field, sizeof(field), "123456789");
	(void)capture_end(&said);
	code[2] = mfa_ask_name(field, sizeof(field), "12345678");
	assert_int_equal(code[0], MFA_EXIT_USAGE);
	assert_int_equal(code[1], MFA_EXIT_USAGE);
	assert_int_equal(code[2], MFA_EXIT_DONE);
	assert_string_equal(field, "12345678");
}

static void
test_subject_is_a_user_of_a_realm(void **state)
{
	char user[MFA_ASK_USER] = "", realm[MFA_ASK_REALM] = "";
	char name[300], of[40];
	struct capture said;
	int code[4];

	(void)state;
	memset(name, 'u', sizeof(name));
	name[257] = '\0';
	memset(of, 'r', sizeof(of));
	of[33] = '\0';
	capture_begin(&said, STDERR_FILENO);
	code[0] = mfa_ask_subject(user, realm, name, NULL);
	code[1] = mfa_ask_subject(user, realm, "", "shop");
	code[2] = mfa_ask_subject(user, realm, "alice", of);
	code[3] = mfa_ask_subject(user, realm, "alice", "");
	(void)capture_end(&said);
	for (int i = 0; i < 4; i++)
		assert_int_equal(code[i], MFA_EXIT_USAGE);
	name[256] = of[32] = '\0';
	assert_int_equal(
	    mfa_ask_subject(user, realm, "alice", NULL), MFA_EXIT_DONE);
	assert_string_equal(user, "alice");
	assert_string_equal(realm, "");
	assert_int_equal(
	    mfa_ask_subject(user, realm, name, of), MFA_EXIT_DONE);
	assert_string_equal(user, name);
	assert_string_equal(realm, of);
}

/* It would end the conversation, or do something else. */
static void
test_R29_an_older_verifier_is_asked_for_nothing_new(void **state)
{
	static const pb_size_t fresh[] = { mfa_wire_Request_prove_tag,
		mfa_wire_Request_invite_tag, mfa_wire_Request_bypass_tag };
	struct mfa_ask_problem problem;
	struct mfa_client *client;
	mfa_wire_Request request;
	mfa_wire_Reply reply;

	(void)state;
	fake_client.version = 2;
	for (size_t i = 0; i < sizeof(fresh) / sizeof(fresh[0]); i++) {
		memset(&request, 0, sizeof(request));
		request.which_what = fresh[i];
		assert_int_equal(mfa_ask_one(&request, mfa_wire_Reply_done_tag,
				     &reply, &problem),
		    MFA_ERR_VERSION);
		assert_non_null(strstr(problem.text, "another release"));
		assert_int_equal(fake_client.open, 0);
	}
	assert_int_equal(mfa_ask_open(3, &client, &problem), MFA_ERR_VERSION);
	assert_null(client);
	assert_int_equal(fake_client.open, 0);
	assert_int_equal(fake_client.asked, 0);
	/* What version 2 knows, it may be asked. */
	request.which_what = mfa_wire_Request_rename_tag;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(
	    mfa_ask_one(&request, mfa_wire_Reply_done_tag, &reply, &problem),
	    MFA_OK);
}

static void
test_done_prints_its_sentence(void **state)
{
	struct capture said;
	int code;

	(void)state;
	(void)memcpy(
	    fake_client_will_say(mfa_wire_Reply_done_tag)->what.done.text,
	    "That was the last.", 19);
	fake_client_will_say(mfa_wire_Reply_done_tag);
	capture_begin(&said, STDOUT_FILENO);
	code = mfa_ask_done(&list_request);
	code += mfa_ask_done(&list_request);
	(void)capture_end(&said);
	assert_int_equal(code, MFA_EXIT_DONE);
	assert_string_equal(said.text, "That was the last.\nDone.\n");
}

/* Nobody may think that a change was not made. */
static void
test_done_that_cannot_be_told(void **state)
{
	struct capture said;
	int code, full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int before = dup(STDOUT_FILENO);

	(void)state;
	assert_true(full >= 0 && before >= 0);
	fake_client_will_say(mfa_wire_Reply_done_tag);
	(void)fflush(stdout);
	assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
	capture_begin(&said, STDERR_FILENO);
	code = mfa_ask_done(&list_request);
	(void)capture_end(&said);
	__fpurge(stdout);
	clearerr(stdout);
	assert_int_equal(dup2(before, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(before);
	(void)close(full);
	assert_int_equal(code, MFA_EXIT_FAILED);
	assert_string_equal(said.text,
	    "medusa-mfa: cannot write the output; it was done all the same\n");
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_one_reply),
		FRESH(test_another_reply_than_expected_is_no_answer),
		FRESH(test_sentence_of_the_verifier_is_kept),
		FRESH(test_error_of_unknown_number_is_an_error),
		FRESH(test_list_ends_with_done),
		FRESH(test_list_without_its_end_is_an_error),
		FRESH(test_visitor_can_end_a_list),
		FRESH(test_unreachable_verifier),
		FRESH(test_exit_codes),
		FRESH(test_names_fit_or_are_refused),
		FRESH(test_subject_is_a_user_of_a_realm),
		FRESH(test_R29_an_older_verifier_is_asked_for_nothing_new),
		FRESH(test_done_prints_its_sentence),
		FRESH(test_done_that_cannot_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
