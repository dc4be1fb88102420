/* SPDX-License-Identifier: MIT */
/*
 * R6, R10: the bypass, with which somebody who has no factor at hand comes in
 * once; and that its owner is told.
 */
#include "tests/unit/login_session.h"

#include "tests/unit/edge.h"
#include "verifier/engine/prove.h"

static const struct mfa_grants_ask hour = { .kind = MFA_GRANT_BYPASS,
	.seconds = 3600, .reason = "phone lost, ticket 4711" };

static enum mfa_err
give(struct world *w, struct mfa_granted *out)
{
	return mfa_grants_give(&w->engine, &w->caller, &w->subject, &hour,
	    out);
}

static void
login(struct session *s, const char *answer, enum mfa_verdict verdict,
    enum mfa_reason reason)
{
	session_begin(s, PERSON, false, 1);
	assert_true(session_asks(s));
	session_answer(s, answer);
	session_ends(s, verdict, reason);
}

static void
test_R10_a_bypass_lets_in_once(void **state)
{
	struct session s = { .w = *state };
	struct mfa_caller owner = s.w->caller;
	struct mfa_granted given;
	struct mfa_proof proof;
	static mfa_record_Record r;
	char code[9];

	state_enrolled(s.w);
	assert_int_equal(give(s.w, &given), MFA_OK);
	assert_int_equal(given.expires_seconds, 3600);
	assert_int_equal(given.dropped, 0);
	world_record(s.w, &r);
	assert_string_equal(r.bypass_reason, hour.reason);
	/* However locked the factors are. */
	world_wrong(s.w, code);
	for (int i = 0; i < 6; i++)
		(void)world_try(s.w, code);
	login(&s, code, MFA_VERDICT_DENY, MFA_REASON_LOCKED);
	login(&s, given.code, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	assert_string_equal(s.step.message, "Bypass code used.");
	assert_int_equal(s.w->events[MFA_EVENT_BYPASS_USED], 1);
	world_record(s.w, &r);
	assert_false(r.has_bypass);
	assert_string_equal(r.bypass_reason, "");
	login(&s, given.code, MFA_VERDICT_DENY, MFA_REASON_WRONG);
	/* Who comes in by an own factor is told, and only once: at a login
	   of root's hosts, and by nothing else. */
	world_pass(s.w, 86400);
	owner.right = MFA_RIGHT_OWNER;
	owner.path = MFA_PATH_OTHER;
	world_code(s.w, SECRET_A, 0, code);
	const struct mfa_typed typed = world_typed(code);
	assert_int_equal(mfa_prove_code(&s.w->engine, &owner, &s.w->subject,
	    &typed, 300, &proof), MFA_OK);
	for (int i = 0; i < 2; i++) {
		world_pass(s.w, 30);
		world_code(s.w, SECRET_A, 0, code);
		login(&s, code, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
		if (i == 0)
			assert_memory_equal(s.step.message,
			    "A bypass code of an administrator was used on 20",
			    48);
		else
			assert_string_equal(s.step.message, "");
	}
}

static void
test_R10_beside_recovery_codes(void **state)
{
	struct session s = { .w = *state };
	struct mfa_confirmed confirmed;
	struct mfa_granted given;
	static mfa_record_Record r;

	world_user(s.w, PERSON);
	world_enroll(s.w, "phone", SECRET_A, &confirmed);
	assert_int_equal(give(s.w, &given), MFA_OK);
	login(&s, confirmed.codes.code[0], MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	/* R7: both were compared, both are counted. */
	world_record(s.w, &r);
	assert_int_equal(r.recovery.compared, 1);
	assert_int_equal(r.bypass.compared, 1);
	assert_true(r.has_bypass);
	login(&s, confirmed.codes.code[0], MFA_VERDICT_DENY,
	    MFA_REASON_REPLAYED);
	login(&s, given.code, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	world_record(s.w, &r);
	assert_int_equal(r.recovery.compared, 3);
}

static void
test_R10_what_a_bypass_is_not(void **state)
{
	struct session s = { .w = *state };
	struct mfa_granted given, next;
	struct mfa_caller owner = s.w->caller;
	struct mfa_proof proof;

	/* Without a factor there is nothing to bypass. */
	state_none(s.w);
	assert_int_equal(give(s.w, &given), MFA_ERR_NOT_ENROLLED);
	state_enrolled(s.w);
	owner.right = MFA_RIGHT_OWNER;
	owner.path = MFA_PATH_OTHER;
	assert_int_equal(mfa_grants_give(&s.w->engine, &owner, &s.w->subject,
	    &hour, &given), MFA_ERR_DENIED);
	assert_int_equal(give(s.w, &given), MFA_OK);
	/* R21: it proves no factor of its owner's. */
	const struct mfa_typed typed = world_typed(given.code);
	assert_int_equal(mfa_prove_code(&s.w->engine, &owner, &s.w->subject,
	    &typed, 300, &proof), MFA_ERR_WRONG);
	/* An older one is void, and each has its time. */
	assert_false(given.replaced);
	assert_int_equal(give(s.w, &next), MFA_OK);
	assert_true(next.replaced);
	login(&s, given.code, MFA_VERDICT_DENY, MFA_REASON_WRONG);
	world_pass(s.w, 3600);
	login(&s, next.code, MFA_VERDICT_DENY, MFA_REASON_WRONG);
	/* R11: not longer for a clock that goes back. */
	assert_int_equal(give(s.w, &next), MFA_OK);
	assert_false(next.replaced);
	world_pass(s.w, 3599);
	s.w->now.wall -= 7200;
	login(&s, given.code, MFA_VERDICT_DENY, MFA_REASON_WRONG);
	world_pass(s.w, 1);
	login(&s, next.code, MFA_VERDICT_DENY, MFA_REASON_WRONG);
	/* A reset takes it along. */
	assert_int_equal(give(s.w, &next), MFA_OK);
	assert_int_equal(mfa_admin_reset(&s.w->engine, &s.w->caller,
	    &s.w->subject), MFA_OK);
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	login(&s, next.code, MFA_VERDICT_DENY, MFA_REASON_NOT_ENROLLED);
}

static void
test_R10_bounds(void **state)
{
	static const char *const bad[] = { "", "two\nlines", "caf\xc3\xa9",
		/* 65 bytes */
		("1234567890123456789012345678901234567890123456789012345678901"
		 "2345") };
	struct world *w = *state;
	struct mfa_grants_ask ask = hour;
	struct mfa_granted given;

	state_enrolled(w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ask.reason = bad[i];
		assert_int_equal(mfa_grants_give(&w->engine, &w->caller,
		    &w->subject, &ask, &given), MFA_ERR_INVALID);
	}
	ask = hour;
	ask.seconds = MFA_GRANTS_LEAST - 1;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &given), MFA_ERR_INVALID);
	ask.seconds = MFA_GRANTS_MOST + 1;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &given), MFA_ERR_INVALID);
	ask.seconds = MFA_GRANTS_MOST;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &given), MFA_OK);
	ask.seconds = MFA_GRANTS_LEAST;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &given), MFA_OK);
	assert_int_equal(given.expires_seconds, MFA_GRANTS_LEAST);
}

/* The longest reason, and no byte of what is behind it. */
static void
test_R10_the_whole_reason(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_grants_ask ask = hour;
	struct mfa_granted given;
	char longest[MFA_GRANTS_REASON + 2];

	memset(longest, 'r', sizeof(longest));
	longest[MFA_GRANTS_REASON + 1] = '\0';
	ask.reason = longest;
	/* Refused before anything is looked up. */
	state_none(w);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &given), MFA_ERR_INVALID);
	state_enrolled(w);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &given), MFA_ERR_INVALID);
	longest[MFA_GRANTS_REASON] = '\0';
	ask.reason = edge_of_memory(longest);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &given), MFA_OK);
	world_record(w, &r);
	assert_string_equal(r.bypass_reason, longest);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R10_a_bypass_lets_in_once),
		IN_FILES(test_R10_beside_recovery_codes),
		IN_FILES(test_R10_what_a_bypass_is_not),
		IN_FILES(test_R10_bounds),
		IN_FILES(test_R10_the_whole_reason),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
