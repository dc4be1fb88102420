/* SPDX-License-Identifier: MIT */
/*
 * libmedusa_mfa: who is accepted (R1), and what a refusal says.
 */
#include "tests/unit/sdk_peer.h"

#include "lib/base/err.h"
#include "lib/base/verdict.h"

static struct mfa_outcome outcome;
static struct mfa_problem problem;

/* What the call makes of this verdict. */
static enum mfa_error
judged(const struct mfa *mfa, uint32_t code, uint32_t reason, uint32_t error)
{
	mfa_wire_Verdict *say;

	peer_reset();
	say = &peer_will_say(mfa_wire_Reply_verdict_tag)->what.verdict;
	say->code = (mfa_wire_VerdictCode)code;
	say->reason = (mfa_wire_Reason)reason;
	say->error = error;
	say->attempts_left = 2;
	say->recovery_left = 9;
	(void)snprintf(say->method, sizeof(say->method), "totp");
	(void)snprintf(say->text, sizeof(say->text), "Said so.");
	memset(&outcome, 0xa5, sizeof(outcome));
	return mfa_challenge_verify(mfa, "id", "totp", "492039", &outcome,
	    &problem);
}

#define ACCEPT ((uint32_t)MFA_VERDICT_ACCEPT)
#define DENY   ((uint32_t)MFA_VERDICT_DENY)
#define OK     mfa_wire_Reason_REASON_OK

static void
test_accepted(void **state)
{
	const mfa_wire_ChallengeVerify *ask =
	    &peer.request.what.challenge_verify;

	assert_int_equal(judged(*state, ACCEPT, OK, 0), MFA_ERROR_NONE);
	assert_int_equal(peer.asked, 1);
	assert_int_equal(peer.request.which_what,
	    mfa_wire_Request_challenge_verify_tag);
	assert_string_equal(ask->id, "id");
	assert_string_equal(ask->method, "totp");
	assert_int_equal(ask->code.size, 6);
	assert_memory_equal(ask->code.bytes, "492039", 6);
	assert_string_equal(outcome.method, "totp");
	assert_int_equal(outcome.recovery_left, 9);
	assert_int_equal(outcome.attempts_left, 0);
	assert_false(outcome.blocked);
	assert_int_equal(problem.error, MFA_ERROR_NONE);
	assert_string_equal(problem.text, "");
	/* To callers that are not told why. */
	assert_int_equal(judged(*state, ACCEPT, 0, 0), MFA_ERROR_NONE);
	(void)peer_will_say(mfa_wire_Reply_verdict_tag);
	peer_reset();
	peer_will_say(mfa_wire_Reply_verdict_tag)->what.verdict.code =
	    mfa_wire_VerdictCode_VERDICT_ACCEPT;
	assert_int_equal(mfa_challenge_verify(*state, "id", NULL, "", NULL,
	    NULL), MFA_ERROR_NONE);
	assert_string_equal(ask->method, "");
	assert_int_equal(ask->code.size, 0);
}

/* Not accepted, and nothing that looks like it. */
static void
not_accepted(const struct mfa *mfa, uint32_t code, uint32_t reason,
    uint32_t error)
{
	enum mfa_error r = judged(mfa, code, reason, error);

	if (r == MFA_ERROR_NONE)
		fail_msg("accepted: code %#x reason %u error %u", code, reason,
		    error);
	assert_int_equal(problem.error, r);
	assert_string_equal(outcome.method, "");
	assert_int_equal(outcome.recovery_left, 0);
}

static void
test_R1_flipped_bits_do_not_accept(void **state)
{
	static const uint32_t numbers[] = { MFA_VERDICT_ACCEPT,
		MFA_VERDICT_DENY, MFA_VERDICT_PASS, MFA_VERDICT_UNAVAILABLE,
		MFA_VERDICT_MISCONFIGURED };
	static const uint32_t others[] = { 0, 1, UINT32_MAX };

	for (size_t i = 0; i < 5; i++) {
		for (unsigned int bit = 0; bit < 32; bit++)
			not_accepted(*state, numbers[i] ^ (1U << bit), OK, 0);
		peer_reset();
		if (i > 0)
			not_accepted(*state, numbers[i], OK, 0);
	}
	for (size_t i = 0; i < 3; i++)
		not_accepted(*state, others[i], OK, 0);
}

/* An acceptance that gives a reason against itself is none. */
static void
test_R1_contradictions_do_not_accept(void **state)
{
	for (uint32_t reason = 2; reason < 40; reason++)
		not_accepted(*state, ACCEPT, reason, 0);
	for (uint32_t error = 1; error < MFA_ERR_END + 2; error++)
		not_accepted(*state, ACCEPT, OK, error);
	not_accepted(*state, ACCEPT, OK, UINT32_MAX);
	not_accepted(*state, ACCEPT, OK, 0x80000000);
	assert_int_equal(judged(*state, DENY, OK, 0), MFA_ERROR_PROTOCOL);
	assert_int_equal(outcome.attempts_left, 0);
}

#define REASON(name) mfa_wire_Reason_REASON_##name

static void
test_refusals(void **state)
{
	static const struct {
		uint32_t reason;
		enum mfa_error error;
	} rows[] = {
		{ REASON(NONE), MFA_ERROR_WRONG },
		{ REASON(WRONG), MFA_ERROR_WRONG },
		{ REASON(REPLAYED), MFA_ERROR_REPLAYED },
		{ REASON(LOCKED), MFA_ERROR_LOCKED },
		{ REASON(BLOCKED), MFA_ERROR_LOCKED },
		{ REASON(MALFORMED), MFA_ERROR_SYNTAX },
		{ REASON(JUNK), MFA_ERROR_SYNTAX },
		{ REASON(UNKNOWN_USER), MFA_ERROR_NO_USER },
		{ REASON(NOT_ENROLLED), MFA_ERROR_NOT_ENROLLED },
		{ REASON(EXPIRED), MFA_ERROR_EXPIRED },
		{ REASON(CLOCK), MFA_ERROR_CLOCK },
		{ REASON(NO_CODE), MFA_ERROR_NOT_FOUND },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(judged(*state, DENY, rows[i].reason, 0),
		    rows[i].error);
		assert_int_equal(problem.error, rows[i].error);
		assert_string_equal(problem.text, "Said so.");
		assert_int_equal(outcome.attempts_left, 2);
		assert_string_equal(outcome.method, "");
		assert_int_equal(outcome.recovery_left, 0);
		assert_int_equal(outcome.blocked,
		    rows[i].reason == REASON(BLOCKED));
	}
}

static void
test_refusals_by_an_error(void **state)
{
	for (uint32_t error = 1; error < MFA_ERR_END; error++)
		assert_int_equal(judged(*state, DENY, REASON(ERROR), error),
		    error);
	assert_int_equal(judged(*state, DENY, REASON(ERROR), 0),
	    MFA_ERROR_PROTOCOL);
	assert_int_equal(judged(*state, DENY, REASON(ERROR), MFA_ERR_END),
	    MFA_ERROR_PROTOCOL);
	assert_int_equal(judged(*state, MFA_VERDICT_UNAVAILABLE,
	    REASON(ERROR), MFA_ERR_NO_KEY), MFA_ERROR_NO_KEY);
	assert_int_equal(judged(*state, MFA_VERDICT_UNAVAILABLE, 0, 0),
	    MFA_ERROR_UNAVAILABLE);
	assert_int_equal(outcome.attempts_left, 0);
	assert_int_equal(judged(*state, MFA_VERDICT_MISCONFIGURED, 0, 0),
	    MFA_ERROR_CONFIG);
	assert_int_equal(judged(*state, MFA_VERDICT_PASS, OK, 0),
	    MFA_ERROR_PROTOCOL);
	assert_int_equal(judged(*state, DENY, 99, 0), MFA_ERROR_PROTOCOL);
}

/* A challenge that is required and cannot be answered, or the reverse. */
static void
test_challenge_that_contradicts_itself(void **state)
{
	static const struct {
		bool not_required, id;
		pb_size_t methods;
	} rows[] = {
		{ false, false, 0 }, { false, true, 0 }, { false, false, 1 },
		{ true, true, 0 }, { true, false, 1 }, { true, true, 1 },
	};
	struct mfa_challenge got;
	mfa_wire_Challenge *say;

	for (size_t i = 0; i < 6; i++) {
		peer_reset();
		say = &peer_will_say(mfa_wire_Reply_challenge_tag)->what
		    .challenge;
		say->not_required = rows[i].not_required;
		say->id[0] = rows[i].id ? 'x' : '\0';
		say->method_count = rows[i].methods;
		memset(&got, 0, sizeof(got));
		assert_int_equal(mfa_challenge_start(*state, "anna", "ledger",
		    NULL, &got, NULL), MFA_ERROR_PROTOCOL);
		assert_true(got.required);
		assert_string_equal(got.id, "");
		assert_int_equal(got.method_count, 0);
	}
}

#define WITH_PEER(test) \
	cmocka_unit_test_setup_teardown(test, peer_new, peer_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEER(test_accepted),
		WITH_PEER(test_R1_flipped_bits_do_not_accept),
		WITH_PEER(test_R1_contradictions_do_not_accept),
		WITH_PEER(test_refusals),
		WITH_PEER(test_refusals_by_an_error),
		WITH_PEER(test_challenge_that_contradicts_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
