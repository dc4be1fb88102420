/* SPDX-License-Identifier: MIT */
/*
 * libmedusa_mfa when things go wrong: each call against each kind of trouble.
 * Results are untouched then, pointers NULL, a challenge required.
 */
#include "tests/unit/sdk_peer.h"

#include <unistd.h>

#include "lib/base/err.h"
#include "protocol/wire_io.h"

#define PATTERN 0xa5

/* What a call may fill in; filled with the pattern before. */
static union {
	struct mfa_pending pending;
	struct mfa_codes codes;
	struct mfa_account account;
	struct mfa_factors factors;
	struct mfa_challenge challenge;
	struct mfa_outcome outcome;
} result;

static bool
untouched(void)
{
	return unit_all(&result, sizeof(result), PATTERN);
}

static bool
empty_list(void)
{
	return result.factors.factor == NULL && result.factors.count == 0;
}

static bool
still_required(void)
{
	struct mfa_challenge want;

	memset(&want, 0, sizeof(want));
	want.required = true;
	return memcmp(&want, &result.challenge, sizeof(want)) == 0;
}

static bool
no_outcome(void)
{
	return unit_all(&result.outcome, sizeof(result.outcome), 0);
}

#define CALL(name, ...)                                                  \
	static enum mfa_error name(const struct mfa *mfa, const char *s, \
	    struct mfa_problem *problem)                                 \
	{                                                                \
		return __VA_ARGS__;                                      \
	}
CALL(enroll, mfa_factor_enroll(mfa, &(struct mfa_enroll){ .user = s },
    &result.pending, problem))
CALL(confirm, mfa_factor_confirm(mfa, s, "phone", "123456", &result.codes,
    problem))
CALL(list, mfa_factor_list(mfa, s, &result.factors, problem))
CALL(rename_factor, mfa_factor_rename(mfa, s, "phone", "tablet", problem))
CALL(disable, mfa_factor_disable(mfa, s, "phone", problem))
CALL(send_factor, mfa_factor_send(mfa, s, "phone", problem))
CALL(recovery, mfa_recovery_codes(mfa, s, &result.codes, problem))
CALL(status, mfa_status(mfa, s, &result.account, problem))
CALL(start, mfa_challenge_start(mfa, s, "ledger", NULL, &result.challenge,
    problem))
CALL(send_code, mfa_challenge_send(mfa, s, NULL, problem))
CALL(verify, mfa_challenge_verify(mfa, s, NULL, "123456", &result.outcome,
    problem))

static const struct {
	enum mfa_error (*call)(const struct mfa *mfa, const char *subject,
	    struct mfa_problem *problem);
	unsigned int reply; /* that it waits for, first of all */
	bool (*failed_well)(void);
} calls[] = {
	{ enroll, mfa_wire_Reply_enrolled_tag, untouched },
	{ confirm, mfa_wire_Reply_confirmed_tag, untouched },
	{ list, mfa_wire_Reply_done_tag, empty_list },
	{ rename_factor, mfa_wire_Reply_done_tag, untouched },
	{ disable, mfa_wire_Reply_done_tag, untouched },
	{ send_factor, mfa_wire_Reply_done_tag, untouched },
	{ recovery, mfa_wire_Reply_codes_tag, untouched },
	{ status, mfa_wire_Reply_account_tag, untouched },
	{ start, mfa_wire_Reply_challenge_tag, still_required },
	{ send_code, mfa_wire_Reply_done_tag, untouched },
	{ verify, mfa_wire_Reply_verdict_tag, no_outcome },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* The call fails so, says so, and leaves its results as it must. */
static struct mfa_problem
fails(size_t i, const struct mfa *mfa, const char *subject,
    enum mfa_error want)
{
	struct mfa_problem problem;

	memset(&result, PATTERN, sizeof(result));
	memset(&problem, PATTERN, sizeof(problem));
	if (calls[i].call(mfa, subject, &problem) != want)
		fail_msg("call %zu: %d, not %d: %s", i, (int)problem.error,
		    (int)want, problem.text);
	assert_int_equal(problem.error, want);
	assert_int_not_equal(problem.text[0], '\0');
	if (!calls[i].failed_well())
		fail_msg("call %zu: results after %d", i, (int)want);
	return problem;
}

/* All of them, with a peer that does the same each time. */
static void
all_fail(const struct mfa *mfa, enum mfa_error want)
{
	struct mfa_problem problem;

	for (size_t i = 0; i < CALLS; i++) {
		problem = fails(i, mfa, "anna", want);
		assert_string_equal(problem.text, mfa_error_text(want));
	}
}

static void
test_error_reply(void **state)
{
	struct mfa_problem problem;

	for (uint32_t code = 1; code < MFA_ERR_END; code++) {
		size_t i = code % CALLS;

		peer_reset();
		peer_will_refuse(code, "do \"this\"\n\x1b[1m\xc3\xa4");
		problem = fails(i, *state, "anna", (enum mfa_error)code);
		assert_string_equal(problem.text, "do \"this\"??[1m??");
	}
	for (size_t i = 0; i < CALLS; i++) {
		peer_reset();
		peer_will_refuse(MFA_ERR_DENIED, "");
		problem = fails(i, *state, "anna", MFA_ERROR_DENIED);
		assert_string_equal(problem.text, "not allowed");
	}
}

static void
test_error_reply_with_a_number_that_is_none(void **state)
{
	static const uint32_t codes[] = { 0, MFA_ERR_END, 0x80000001,
		UINT32_MAX };

	for (size_t i = 0; i < 4 * CALLS; i++) {
		peer_reset();
		peer_will_refuse(codes[i % 4], "");
		(void)fails(i / 4, *state, "anna", MFA_ERROR_PROTOCOL);
	}
}

static void
test_peer_that_leaves(void **state)
{
	peer.manner = PEER_HANGS_UP;
	all_fail(*state, MFA_ERROR_CLOSED);
	peer_reset();
	peer.gone = true;
	all_fail(*state, MFA_ERROR_CLOSED);
}

static void
test_garbage(void **state)
{
	peer.manner = PEER_GARBLES;
	all_fail(*state, MFA_ERROR_PROTOCOL);
}

static void
test_wrong_kind_of_reply(void **state)
{
	for (size_t i = 0; i < CALLS; i++) {
		for (unsigned int tag = mfa_wire_Reply_welcome_tag;
		    tag <= mfa_wire_Reply_challenge_tag; tag++) {
			if (tag == calls[i].reply ||
			    tag == mfa_wire_Reply_error_tag ||
			    (calls[i].call == list &&
				tag == mfa_wire_Reply_factor_tag))
				continue;
			peer_reset();
			(void)peer_will_say(tag);
			(void)fails(i, *state, "anna", MFA_ERROR_PROTOCOL);
		}
	}
}

static void
test_R28_silence_ends(void **state)
{
	uint64_t start;

	assert_int_equal(mfa_set_timeout(*state, 100), MFA_ERROR_NONE);
	for (size_t i = 0; i < CALLS; i++) {
		peer_reset();
		peer.manner = PEER_IS_SILENT;
		start = mfa_wire_clock();
		(void)fails(i, *state, "anna", MFA_ERROR_TIMEOUT);
		assert_in_range(mfa_wire_clock() - start, 90, 1000);
	}
}

/* The time is for the whole call, not for each reply. */
static void
test_list_that_does_not_end(void **state)
{
	assert_int_equal(mfa_set_timeout(*state, 100), MFA_ERROR_NONE);
	peer.manner = PEER_IS_SILENT;
	(void)peer_will_say(mfa_wire_Reply_factor_tag);
	(void)fails(2, *state, "anna", MFA_ERROR_TIMEOUT);
	peer_reset();
	for (int i = 0; i < 65; i++)
		(void)peer_will_say(mfa_wire_Reply_factor_tag);
	(void)peer_will_say(mfa_wire_Reply_done_tag);
	(void)fails(2, *state, "anna", MFA_ERROR_PROTOCOL);
	peer_reset();
	(void)peer_will_say(mfa_wire_Reply_factor_tag);
	peer_will_refuse(MFA_ERR_DAMAGED, "");
	(void)fails(2, *state, "anna", MFA_ERROR_DAMAGED);
}

/*
 * R29: version 1 has no realms, so it would take anna of the shop for a user of
 * this host.
 */
static void
test_R29_version_without_realms_is_not_asked(void **state)
{
	static const uint32_t versions[] = { 0, 1, MFA_WIRE_LOWEST - 1,
		MFA_WIRE_VERSION + 1 };

	for (size_t i = 0; i < 4; i++) {
		peer_reset();
		peer.version = versions[i];
		all_fail(*state, MFA_ERROR_VERSION);
		assert_int_equal(peer.asked, 0);
	}
}

static void
test_nobody_there(void **state)
{
	peer.manner = PEER_ABSENT;
	all_fail(*state, MFA_ERROR_UNAVAILABLE);
	assert_int_equal(peer.spawned, geteuid() == 0 ? (int)CALLS : 0);
}

static void
test_refused_instead_of_greeted(void **state)
{
	peer.refuses = MFA_ERR_DENIED;
	all_fail(*state, MFA_ERROR_DENIED);
	assert_int_equal(peer.asked, 0);
	assert_int_equal(peer.spawned, 0);
}

static void
test_no_subject(void **state)
{
	char name[258], id[842];

	memset(name, 'x', sizeof(name));
	name[257] = '\0';
	memset(id, 'x', sizeof(id));
	id[841] = '\0';
	for (size_t i = 0; i < CALLS; i++) {
		bool by_id = calls[i].call == send_code ||
		    calls[i].call == verify;

		(void)fails(i, *state, NULL, MFA_ERROR_INVALID);
		(void)fails(i, *state, "",
		    by_id ? MFA_ERROR_EXPIRED : MFA_ERROR_INVALID);
		(void)fails(i, *state, by_id ? id : name,
		    by_id ? MFA_ERROR_EXPIRED : MFA_ERROR_INVALID);
		(void)fails(i, NULL, "anna", MFA_ERROR_INVALID);
	}
	assert_int_equal(peer.threads, 0);
}

/* The longest that fits passes, a byte more is not even sent. */
static void
test_long_texts(void **state)
{
	char text[1300];
	const struct mfa_enroll long_ones[] = {
		{ .user = "anna", .label = text + 1300 - 34 },
		{ .user = "anna", .provider = text + 1300 - 34 },
		{ .user = "anna", .algorithm = text + 1300 - 10 },
		{ .user = "anna", .secret = text + 1300 - 162 },
		{ .user = "anna", .address = text + 1300 - 130 },
		{ .user = "anna", .reserved = { 0, 0, 0, 0, 0, 0, 0, 1 } },
	};

	memset(text, 'x', sizeof(text));
	text[1299] = '\0';
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(mfa_factor_enroll(*state, &long_ones[i],
		    &result.pending, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_rename(*state, "anna", text + 1300 - 34,
	    "tablet", NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_rename(*state, "anna", "phone",
	    text + 1300 - 34, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_challenge_start(*state, "anna",
	    text + 1300 - 66, NULL, &result.challenge, NULL),
	    MFA_ERROR_INVALID);
	assert_int_equal(mfa_challenge_start(*state, "anna", "ledger",
	    text + 1300 - 257, &result.challenge, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_challenge_verify(*state, "id",
	    text + 1300 - 34, "123456", NULL, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_challenge_verify(*state, "id", NULL,
	    text + 1300 - 130, NULL, NULL), MFA_ERROR_SYNTAX);
	assert_int_equal(mfa_factor_confirm(*state, "anna", "phone",
	    text + 1300 - 130, &result.codes, NULL), MFA_ERROR_SYNTAX);
	assert_int_equal(peer.threads, 0);
	(void)peer_will_say(mfa_wire_Reply_verdict_tag);
	assert_int_equal(mfa_challenge_verify(*state, "id",
	    text + 1300 - 33, text + 1300 - 129, NULL, NULL),
	    MFA_ERROR_PROTOCOL);
	assert_int_equal(peer.request.what.challenge_verify.code.size, 128);
	assert_int_equal(strlen(peer.request.what.challenge_verify.method),
	    32);
}

static void
test_missing_arguments(void **state)
{
	const struct mfa_enroll what = { .user = "anna" };

	assert_int_equal(mfa_factor_enroll(*state, NULL, &result.pending,
	    NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_enroll(*state, &what, NULL, NULL),
	    MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_confirm(*state, "anna", "phone", "1", NULL,
	    NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_confirm(*state, "anna", "phone", NULL,
	    &result.codes, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_confirm(*state, "anna", "", "1",
	    &result.codes, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_list(*state, "anna", NULL, NULL),
	    MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_rename(*state, "anna", "phone", NULL,
	    NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_disable(*state, "anna", NULL, NULL),
	    MFA_ERROR_INVALID);
	assert_int_equal(mfa_factor_send(*state, "anna", NULL, NULL),
	    MFA_ERROR_INVALID);
	assert_int_equal(mfa_recovery_codes(*state, "anna", NULL, NULL),
	    MFA_ERROR_INVALID);
	assert_int_equal(mfa_status(*state, "anna", NULL, NULL),
	    MFA_ERROR_INVALID);
	assert_int_equal(mfa_challenge_start(*state, "anna", NULL, NULL,
	    &result.challenge, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_challenge_start(*state, "anna", "ledger", NULL,
	    NULL, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_challenge_verify(*state, "id", NULL, NULL, NULL,
	    NULL), MFA_ERROR_INVALID);
	assert_int_equal(peer.threads, 0);
	mfa_wipe(NULL, 0);
}

static void
test_handles_that_cannot_be(void **state)
{
	static const char *const realms[] = { "Shop", "../shop", "a b", "-a",
		"abcdefghijklmnopqrstuvwxyz0123456" };
	struct mfa *mfa = *state;
	char path[110];

	for (size_t i = 0; i < 5; i++) {
		mfa = *state;
		assert_int_equal(mfa_open(realms[i], &mfa),
		    MFA_ERROR_INVALID);
		assert_null(mfa);
	}
	assert_int_equal(mfa_open("shop", NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_set_timeout(NULL, 1000), MFA_ERROR_INVALID);
	assert_int_equal(mfa_set_timeout(*state, 99), MFA_ERROR_INVALID);
	assert_int_equal(mfa_set_timeout(*state, 600001), MFA_ERROR_INVALID);
	assert_int_equal(mfa_set_timeout(*state, 600000), MFA_ERROR_NONE);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[108] = '\0';
	assert_int_equal(mfa_set_socket(*state, path), MFA_ERROR_INVALID);
	path[107] = '\0';
	assert_int_equal(mfa_set_socket(*state, path), MFA_ERROR_NONE);
	assert_int_equal(mfa_set_socket(*state, "run/s"), MFA_ERROR_INVALID);
	assert_int_equal(mfa_set_socket(*state, ""), MFA_ERROR_INVALID);
	assert_int_equal(mfa_set_socket(*state, NULL), MFA_ERROR_INVALID);
	assert_int_equal(mfa_set_socket(NULL, "/run/s"), MFA_ERROR_INVALID);
}

#define WITH_PEER(test) \
	cmocka_unit_test_setup_teardown(test, peer_new, peer_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEER(test_error_reply),
		WITH_PEER(test_error_reply_with_a_number_that_is_none),
		WITH_PEER(test_peer_that_leaves),
		WITH_PEER(test_garbage),
		WITH_PEER(test_wrong_kind_of_reply),
		WITH_PEER(test_R28_silence_ends),
		WITH_PEER(test_list_that_does_not_end),
		WITH_PEER(test_R29_version_without_realms_is_not_asked),
		WITH_PEER(test_nobody_there),
		WITH_PEER(test_refused_instead_of_greeted),
		WITH_PEER(test_no_subject),
		WITH_PEER(test_long_texts),
		WITH_PEER(test_missing_arguments),
		WITH_PEER(test_handles_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
