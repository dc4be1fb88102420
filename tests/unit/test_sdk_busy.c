/* SPDX-License-Identifier: MIT */
/*
 * R28: a listener has room for a few conversations of one uid, and each is
 * short: libmedusa_mfa waits for its turn, as long as its time-out is.
 */
#include "tests/unit/sdk_peer.h"

#include <unistd.h>

#include "lib/base/err.h"
#include "protocol/wire_io.h"

/* Not root, which would start a verifier of its own instead. */
static int
peer_new_for_others(void **state)
{
	if (peer_new(state) != 0)
		return -1;
	return geteuid() == 0 ? seteuid(65534) : 0;
}

static int
peer_free_for_others(void **state)
{
	if (getuid() == 0 && seteuid(0) != 0)
		return -1;
	return peer_free(state);
}

static enum mfa_error
disable(const struct mfa *mfa, struct mfa_problem *problem)
{
	memset(problem, 0xa5, sizeof(*problem));
	return mfa_factor_disable(mfa, "anna", "phone", problem);
}

/* It has room soon: asked again and served, and nobody notices. */
static void
test_R28_busy_for_a_moment(void **state)
{
	struct mfa_problem problem;
	uint64_t start;

	for (int times = 1; times <= 2; times++) {
		peer_reset();
		peer.refuses = MFA_ERR_BUSY;
		peer.refusals = times;
		(void)peer_will_say(mfa_wire_Reply_done_tag);
		start = mfa_wire_clock();
		assert_int_equal(disable(*state, &problem), MFA_ERROR_NONE);
		assert_in_range(mfa_wire_clock() - start, 10, 1000);
		assert_int_equal(problem.error, MFA_ERROR_NONE);
		assert_string_equal(problem.text, "");
		assert_int_equal(peer.refused, times);
		assert_int_equal(peer.threads, times + 1);
		/* Nothing was asked twice. */
		assert_int_equal(peer.asked, 1);
	}
}

static void
test_R28_busy_for_ever(void **state)
{
	static const uint32_t times[] = { 100, 250 };
	struct mfa_challenge challenge;
	struct mfa_problem problem;
	uint64_t start;

	for (int i = 0; i < 4; i++) {
		const uint32_t ms = times[i % 2];

		assert_int_equal(mfa_set_timeout(*state, ms), MFA_ERROR_NONE);
		peer_reset();
		peer.refuses = MFA_ERR_BUSY;
		start = mfa_wire_clock();
		assert_int_equal(i < 2 ? disable(*state, &problem) :
			mfa_challenge_start(*state, "anna", "ledger", NULL,
			    &challenge, &problem), MFA_ERROR_BUSY);
		assert_in_range(mfa_wire_clock() - start, ms - 50, ms + 900);
		assert_int_equal(problem.error, MFA_ERROR_BUSY);
		assert_string_equal(problem.text,
		    mfa_error_text(MFA_ERROR_BUSY));
		assert_in_range(peer.refused, 2, 13);
		assert_int_equal(peer.asked, 0);
	}
	/* Trouble never means that there is nothing to prove. */
	assert_true(challenge.required);
	assert_string_equal(challenge.id, "");
}

/* What else a listener says is its last word. */
static void
test_only_busy_is_asked_again(void **state)
{
	struct mfa_problem problem;

	for (uint32_t code = 1; code < MFA_ERR_END; code++) {
		if (code == MFA_ERR_BUSY)
			continue;
		peer_reset();
		peer.refuses = code;
		peer.refusals = 1;
		(void)peer_will_say(mfa_wire_Reply_done_tag);
		assert_int_equal(disable(*state, &problem), code);
		assert_int_equal(problem.error, code);
		assert_int_equal(peer.refused, 1);
		assert_int_equal(peer.threads, 1);
		assert_int_equal(peer.asked, 0);
	}
}

/* A request that was refused so, as a challenge where root holds all places. */
static void
test_a_request_is_not_repeated(void **state)
{
	struct mfa_challenge challenge;

	peer_will_refuse(MFA_ERR_BUSY, "");
	assert_int_equal(mfa_challenge_start(*state, "anna", "ledger", NULL,
	    &challenge, NULL), MFA_ERROR_BUSY);
	assert_true(challenge.required);
	assert_int_equal(peer.asked, 1);
	assert_int_equal(peer.threads, 1);
}

static void
test_nobody_there_is_not_waited_for(void **state)
{
	struct mfa_problem problem;
	const uint64_t start = mfa_wire_clock();

	peer.manner = PEER_ABSENT;
	assert_int_equal(disable(*state, &problem), MFA_ERROR_UNAVAILABLE);
	assert_in_range(mfa_wire_clock() - start, 0, 1000);
	assert_int_equal(peer.threads, 0);
}

#define FOR_OTHERS(test)                                          \
	cmocka_unit_test_setup_teardown(test, peer_new_for_others, \
	    peer_free_for_others)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FOR_OTHERS(test_R28_busy_for_a_moment),
		FOR_OTHERS(test_R28_busy_for_ever),
		FOR_OTHERS(test_only_busy_is_asked_again),
		FOR_OTHERS(test_a_request_is_not_repeated),
		FOR_OTHERS(test_nobody_there_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
