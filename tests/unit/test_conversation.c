/* SPDX-License-Identifier: MIT */
/* R21, R27, R28, R31: conversations over a real socket, from start to end. */
#include "tests/unit/office.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

/* Nothing but an Error, and the conversation is over. */
static void
only_error(const struct office *o, enum mfa_err err)
{
	assert_int_equal(o->count, 1);
	office_error(o, 0, err);
}

static const mfa_wire_Verdict *
verdict(const struct office *o, unsigned int i)
{
	return &office_reply(o, i, mfa_wire_Reply_verdict_tag)->what.verdict;
}

/* ---- greeting ---- */

static void
test_R31_nothing_before_hello(void **state)
{
	struct office *o = *state;

	for (pb_size_t tag = mfa_wire_Request_login_tag;
	    tag <= mfa_wire_Request_challenge_verify_tag; tag++) {
		mfa_wire_Request request = mfa_wire_Request_init_zero;

		request.which_what = tag;
		office_say(o, &request);
		office_hello(o);
		office_run(o, 0);
		only_error(o, MFA_ERR_PROTOCOL);
	}
	office_hello(o);
	office_hello(o);
	office_ask(o, mfa_wire_Request_keys_tag, NULL);
	office_run(o, 0);
	assert_int_equal(o->count, 2);
	(void)office_reply(o, 0, mfa_wire_Reply_welcome_tag);
	office_error(o, 1, MFA_ERR_PROTOCOL);
}

static void
test_R29_versions(void **state)
{
	static const struct {
		uint32_t lowest, highest, common;
	} hellos[] = { { 2, 2, 2 }, { 0, 2, 2 }, { 0, 9, 3 }, { 2, 3, 3 },
		{ 1, UINT32_MAX, 3 }, { 3, 3, 3 }, { 3, 4, 3 }, { 0, 0, 0 },
		{ 1, 1, 0 }, { 4, 5, 0 }, { UINT32_MAX, UINT32_MAX, 0 } };
	struct office *o = *state;
	mfa_wire_Request request = mfa_wire_Request_init_zero;

	request.which_what = mfa_wire_Request_hello_tag;
	for (size_t i = 0; i < sizeof(hellos) / sizeof(hellos[0]); i++) {
		request.what.hello.lowest = hellos[i].lowest;
		request.what.hello.highest = hellos[i].highest;
		office_say(o, &request);
		office_hello(o); /* no second chance */
		office_run(o, 4711);
		if (hellos[i].common == 0) {
			only_error(o, MFA_ERR_VERSION);
			continue;
		}
		assert_int_equal(office_reply(o, 0,
		    mfa_wire_Reply_welcome_tag)->what.welcome.version,
		    hellos[i].common);
		office_error(o, 1, MFA_ERR_PROTOCOL);
	}
}

static void
test_R21_overflow_and_service_are_not_even_greeted(void **state)
{
	static const uid_t uids[] = { OFFICE_SERVICE, OFFICE_NOBODY };
	static const char *const names[] = { "medusa-mfa", "nobody" };
	struct office *o = *state;

	for (int i = 0; i < 2; i++) {
		office_hello(o);
		office_login(o, names[i], 3);
		office_run(o, uids[i]);
		only_error(o, MFA_ERR_DENIED);
	}
}

/* Of which a user can have thousands. */
static void
test_R28_uids_without_an_account_are_refused(void **state)
{
	static const uid_t uids[] = { 6000, 100000, (uid_t)-1 };
	struct office *o = *state;

	for (int i = 0; i < 3; i++) {
		office_hello(o);
		office_login(o, "alice", 3);
		office_run(o, uids[i]);
		only_error(o, MFA_ERR_DENIED);
	}
}

/* ---- what ends it ---- */

static unsigned int
descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static void
test_R28_packets_that_are_no_message(void **state)
{
	static const uint8_t huge[4096];
	static const uint8_t garbage[] = { 0xff, 0xff, 0xff, 0xff, 0xff };
	/* hello with two bytes behind it; a union member that is unknown */
	static const uint8_t trailing[] = { 0x0a, 0x04, 0x08, 1, 0x10, 1, 0,
		0 };
	static const uint8_t unknown[] = { 0xfa, 0x01, 0x00 };
	static const struct {
		const void *bytes;
		size_t len;
	} packets[] = { { huge, sizeof(huge) }, { huge, 0 },
		{ garbage, sizeof(garbage) }, { trailing, sizeof(trailing) },
		{ unknown, sizeof(unknown) }, { huge, 1 } };
	struct office *o = *state;

	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		office_hello(o);
		office_send(o, packets[i].bytes, packets[i].len, -1);
		office_ask(o, mfa_wire_Request_keys_tag, NULL);
		office_run(o, 0);
		assert_int_equal(o->count, 1); /* the welcome */
	}
}

static void
test_R28_a_passed_descriptor_is_dropped(void **state)
{
	static const uint8_t hello[] = { 0x0a, 0x04, 0x08, 2, 0x10, 2 };
	struct office *o = *state;
	unsigned int before;
	int fd;

	/* These bytes are a hello without one. */
	office_send(o, hello, sizeof(hello), -1);
	office_run(o, 0);
	(void)office_reply(o, 0, mfa_wire_Reply_welcome_tag);
	before = descriptors();
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	office_send(o, hello, sizeof(hello), fd);
	(void)close(fd);
	office_run(o, 0);
	assert_int_equal(o->count, 0);
	assert_int_equal(descriptors(), before);
}

static void
test_R26_who_leaves_at_the_prompt_is_noted(void **state)
{
	struct office *o = *state;

	office_enroll(o, "alice");
	office_hello(o);
	office_login(o, "alice", 3);
	office_run(o, 0);
	(void)office_reply(o, 1, mfa_wire_Reply_prompt_tag);
	assert_int_equal(o->events[MFA_EVENT_CHALLENGE_FAILED], 1);
	assert_string_equal(o->last_reason, "no-answer");
	/* So is who says something else. */
	office_hello(o);
	office_login(o, "alice", 3);
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, 0);
	assert_int_equal(o->count, 4);
	office_error(o, 2, MFA_ERR_PROTOCOL);
	/* For a host that may still look. */
	assert_int_equal(verdict(o, 3)->code, MFA_VERDICT_DENY);
	assert_int_equal(o->events[MFA_EVENT_CHALLENGE_FAILED], 2);
}

/* Nor is there a way out of a prompt that leaves no line. */
static void
test_R26_a_reason_out_of_order_is_noted(void **state)
{
	mfa_wire_Request request = mfa_wire_Request_init_zero;
	struct office *o = *state;

	office_enroll(o, "alice");
	office_hello(o);
	office_login(o, "alice", 3);
	request.which_what = mfa_wire_Request_abandon_tag;
	request.what.abandon.reason = mfa_wire_Reason_REASON_OK;
	office_say(o, &request);
	office_run(o, 0);
	office_error(o, 2, MFA_ERR_PROTOCOL);
	assert_int_equal(o->events[MFA_EVENT_CHALLENGE_FAILED], 1);
}

/* ---- logins ---- */

static void
test_R1_enroll_then_login(void **state)
{
	struct office *o = *state;
	char code[9];

	office_enroll(o, "alice");
	office_hello(o);
	office_login(o, "alice", 3);
	office_answer(o, "000000");
	office_code(o, 0, code);
	office_answer(o, code);
	office_login(o, "alice", 1);
	office_answer(o, code);
	office_run(o, 0);
	assert_int_equal(o->count, 6);
	assert_string_equal(office_reply(o, 1,
	    mfa_wire_Reply_prompt_tag)->what.prompt.note, "");
	assert_string_equal(office_reply(o, 2,
	    mfa_wire_Reply_prompt_tag)->what.prompt.note, "Wrong code.");
	assert_int_equal(verdict(o, 3)->code, MFA_VERDICT_ACCEPT);
	/* A second login in the conversation is a login of its own. */
	assert_int_equal(verdict(o, 5)->code, MFA_VERDICT_DENY);
	assert_int_equal(verdict(o, 5)->reason, MFA_REASON_REPLAYED);
	assert_string_equal(o->claimed, "u-alice");
}

/* Why is for root: it tells locked from wrong (R5). */
static void
test_R5_no_reason_for_others(void **state)
{
	static const uid_t uids[] = { 0, OFFICE_ALICE };
	struct office *o = *state;

	office_enroll(o, "alice");
	for (int i = 0; i < 2; i++) {
		office_hello(o);
		office_login(o, "alice", 1);
		office_answer(o, "000000");
		office_run(o, uids[i]);
		assert_int_equal(verdict(o, 2)->code, MFA_VERDICT_DENY);
		assert_int_equal(verdict(o, 2)->reason,
		    i == 0 ? MFA_REASON_WRONG : MFA_REASON_NONE);
	}
	assert_int_equal(unlink(o->config), 0);
	for (int i = 0; i < 2; i++) {
		office_hello(o);
		office_login(o, "alice", 1);
		office_run(o, uids[i]);
		assert_int_equal(verdict(o, 1)->code,
		    MFA_VERDICT_MISCONFIGURED);
		assert_int_equal(verdict(o, 1)->error,
		    i == 0 ? MFA_ERR_CONFIG : MFA_OK);
	}
}

static void
test_R21_owners_log_in_for_themselves_only(void **state)
{
	static const char *const others[] = { "bob", "no-such-user", "" };
	struct office *o = *state;
	char code[9], said[401];

	office_enroll(o, "alice");
	for (int i = 0; i < 3; i++) {
		office_hello(o);
		office_login(o, others[i], 3);
		office_login(o, "alice", 3);
		office_run(o, OFFICE_ALICE);
		/* R28: a refusal is the end. */
		assert_int_equal(o->count, 2);
		office_error(o, 1, MFA_ERR_DENIED);
		/* Nor does it say whether there is such a user. */
		if (i == 0)
			memcpy(said, o->replies[1].what.error.text,
			    sizeof(said));
		assert_string_equal(o->replies[1].what.error.text, said);
	}
	office_hello(o);
	office_login(o, "alice", 3);
	office_code(o, 0, code);
	office_answer(o, code);
	office_run(o, OFFICE_ALICE);
	assert_int_equal(o->count, 3);
	assert_int_equal(verdict(o, 2)->code, MFA_VERDICT_ACCEPT);
}

static void
test_R21_nullok_is_not_an_owner_s_to_say(void **state)
{
	struct office *o = *state;
	mfa_wire_Request request = mfa_wire_Request_init_zero;

	request.which_what = mfa_wire_Request_login_tag;
	memcpy(request.what.login.user, "alice", 6);
	request.what.login.retry = 1;
	request.what.login.nullok = true;
	office_hello(o);
	office_say(o, &request);
	office_run(o, 0);
	assert_int_equal(verdict(o, 1)->code, MFA_VERDICT_PASS);
	office_hello(o);
	office_say(o, &request);
	office_answer(o, "123456");
	office_run(o, OFFICE_ALICE);
	assert_int_equal(verdict(o, 2)->code, MFA_VERDICT_DENY);
	/* A pass has nothing to hide. */
	office_configure(o, "require = enrolled\n");
	office_hello(o);
	office_say(o, &request);
	office_run(o, OFFICE_ALICE);
	assert_int_equal(verdict(o, 1)->code, MFA_VERDICT_PASS);
	assert_int_equal(verdict(o, 1)->reason, MFA_REASON_NOT_ENROLLED);
}

static void
test_R3_logins_that_make_no_sense(void **state)
{
	static const uint32_t retry[] = { 0, 11, UINT32_MAX };
	struct office *o = *state;
	mfa_wire_Request request = mfa_wire_Request_init_zero;

	for (int i = 0; i < 3; i++) {
		office_hello(o);
		office_login(o, "alice", retry[i]);
		office_run(o, 0);
		assert_int_equal(o->count, 2);
		office_error(o, 1, MFA_ERR_PROTOCOL);
	}
	office_hello(o);
	office_login(o, "alice", 3);
	request.which_what = mfa_wire_Request_abandon_tag;
	request.what.abandon.reason = mfa_wire_Reason_REASON_JUNK;
	office_say(o, &request);
	office_run(o, 0);
	assert_int_equal(verdict(o, 2)->code, MFA_VERDICT_DENY);
	assert_int_equal(verdict(o, 2)->reason, MFA_REASON_JUNK);
	/* Reasons that are not for a client to give. */
	for (int reason = 0; reason <= 19; reason++) {
		if (reason >= MFA_REASON_PASSWORD_REPEATED &&
		    reason <= MFA_REASON_JUNK)
			continue;
		request.what.abandon.reason = (mfa_wire_Reason)reason;
		office_hello(o);
		office_login(o, "alice", 3);
		office_say(o, &request);
		office_run(o, 0);
		office_error(o, 2, MFA_ERR_PROTOCOL);
		/* It is over. */
		for (unsigned int i = 3; i < o->count; i++)
			assert_int_equal(verdict(o, i)->code,
			    MFA_VERDICT_DENY);
	}
}

/* ---- configuration, caps ---- */

static void
test_R27_a_bad_configuration_refuses_and_says_so_to_root(void **state)
{
	static const uid_t uids[] = { 0, OFFICE_ALICE };
	struct office *o = *state;

	office_configure(o, "requires = all\n");
	for (int i = 0; i < 2; i++) {
		const char *text;

		office_hello(o);
		office_login(o, "alice", 3);
		office_ask(o, mfa_wire_Request_status_tag, "alice");
		office_run(o, uids[i]);
		assert_int_equal(o->count, 3);
		assert_int_equal(verdict(o, 1)->code,
		    MFA_VERDICT_MISCONFIGURED);
		office_error(o, 2, MFA_ERR_CONFIG);
		text = o->replies[2].what.error.text;
		assert_int_equal(strstr(text, "medusa-mfa.conf:4") != NULL,
		    i == 0);
		assert_int_equal(o->events[MFA_EVENT_ERROR], i + 1);
	}
	/* Each conversation reads it itself. */
	office_configure(o, "require = all\n");
	office_hello(o);
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, 0);
	(void)office_reply(o, 1, mfa_wire_Reply_account_tag);
}

static void
test_R3_without_a_store_nobody_passes(void **state)
{
	struct office *o = *state;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/store-id", o->dir);
	assert_int_equal(unlink(path), 0);
	office_configure(o, "require = enrolled\n");
	office_hello(o);
	office_login(o, "alice", 3);
	office_ask(o, mfa_wire_Request_users_tag, NULL);
	office_run(o, 0);
	assert_int_equal(verdict(o, 1)->code, MFA_VERDICT_UNAVAILABLE);
	assert_int_equal(verdict(o, 1)->error, MFA_ERR_NOT_FOUND);
	office_error(o, 2, MFA_ERR_NOT_FOUND);
}

static void
test_R28_busy_where_the_cap_is_reached(void **state)
{
	struct office *o = *state;

	o->full = true;
	office_hello(o);
	office_login(o, "alice", 3);
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_ask(o, mfa_wire_Request_users_tag, NULL);
	office_run(o, 0);
	assert_int_equal(o->count, 4);
	office_error(o, 1, MFA_ERR_BUSY);
	office_error(o, 2, MFA_ERR_BUSY);
	/* About nobody in particular. */
	(void)office_reply(o, 3, mfa_wire_Reply_done_tag);
	/* R23: where its programs are not to be had, root is told at once. */
	office_configure(o, "require = all\n[otp]\nprogram = /bin/true\n");
	office_hello(o);
	office_run(o, 0);
	only_error(o, MFA_ERR_BUSY);
}

static void
test_R28_others_have_so_many_requests(void **state)
{
	static const uid_t uids[] = { 0, OFFICE_ALICE, OFFICE_SHOP };
	struct office *o = *state;
	char code[9];

	office_enroll(o, "alice");
	office_code(o, 0, code);
	/* The last time a right code is one too many; its prompt is noted. */
	for (unsigned int i = 0; i < 4; i++) {
		office_hello(o);
		for (int n = 2; n < MFA_REQUESTS_OTHERS + (i < 3 ? 5 : 0); n++)
			office_ask(o, mfa_wire_Request_challenge_verify_tag,
			    NULL); /* refused, but no end */
		office_login(o, "alice", 3);
		office_answer(o, code);
		office_run(o, uids[i % 3 + i / 3]);
		assert_int_equal(o->count, MFA_REQUESTS_OTHERS +
		    (i == 0 ? 6 : i < 3 ? 1 : 2));
		office_error(o, MFA_REQUESTS_OTHERS - 2, MFA_ERR_EXPIRED);
		office_error(o, MFA_REQUESTS_OTHERS, i == 0 ? MFA_ERR_EXPIRED :
							      MFA_ERR_BUSY);
	}
	assert_int_equal(o->events[MFA_EVENT_CHALLENGE_VERIFIED], 1);
	assert_int_equal(o->events[MFA_EVENT_CHALLENGE_FAILED], 1);
}

#define IN_OFFICE(f) \
	cmocka_unit_test_setup_teardown(f, office_new, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_R31_nothing_before_hello),
		IN_OFFICE(test_R29_versions),
		IN_OFFICE(test_R21_overflow_and_service_are_not_even_greeted),
		IN_OFFICE(test_R28_uids_without_an_account_are_refused),
		IN_OFFICE(test_R28_packets_that_are_no_message),
		IN_OFFICE(test_R28_a_passed_descriptor_is_dropped),
		IN_OFFICE(test_R26_who_leaves_at_the_prompt_is_noted),
		IN_OFFICE(test_R26_a_reason_out_of_order_is_noted),
		IN_OFFICE(test_R1_enroll_then_login),
		IN_OFFICE(test_R5_no_reason_for_others),
		IN_OFFICE(test_R21_owners_log_in_for_themselves_only),
		IN_OFFICE(test_R21_nullok_is_not_an_owner_s_to_say),
		IN_OFFICE(test_R3_logins_that_make_no_sense),
		IN_OFFICE(
		    test_R27_a_bad_configuration_refuses_and_says_so_to_root),
		IN_OFFICE(test_R3_without_a_store_nobody_passes),
		IN_OFFICE(test_R28_busy_where_the_cap_is_reached),
		IN_OFFICE(test_R28_others_have_so_many_requests),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
