/* SPDX-License-Identifier: MIT */
/*
 * R2, R5, R24, R26: how a login begins for who is denied, unknown or not
 * enrolled, and what the same question is told without a prompt.
 */
#include "tests/unit/login_session.h"

#include "verifier/crypt/crypt.h"
#include "verifier/engine/words.h"

static const char *const names[] = { PERSON, NOBODY, "" };

/* ---- a rule that denies all ---- */

static void
is_refused(struct session *s, unsigned int told)
{
	session_ends(s, MFA_VERDICT_DENY, MFA_REASON_REFUSED);
	assert_string_equal(s->step.message, MFA_WORDS_REFUSED);
	assert_int_equal(s->w->events[MFA_EVENT_CHALLENGE_FAILED], told);
	assert_int_equal(s->w->reasons[MFA_REASON_REFUSED], told);
	assert_int_equal(s->w->events[MFA_EVENT_ERROR], 0);
}

/* Whoever it is, known or not: refused at once, and one line of it. */
static void
test_R5_who_is_denied_with_all_is_not_told_apart(void **state)
{
	struct session s = { .w = *state };
	struct mfa_login_ask ask = { .retry = 1 };
	unsigned int told = 0;

	world_user(s.w, PERSON);
	session_rule(s.w, MFA_DECISION_DENY);
	ask.caller = s.w->caller;
	for (int i = 0; i < 3; i++) {
		session_begin(&s, names[i], true, 3);
		is_refused(&s, ++told);
		ask.user = names[i];
		memset(&s.step, 0xa5, sizeof(s.step));
		mfa_login_policy(&s.w->engine, &ask, true, &s.step);
		is_refused(&s, ++told);
		/* What only asks is not logged. */
		memset(&s.step, 0xa5, sizeof(s.step));
		mfa_login_policy(&s.w->engine, &ask, false, &s.step);
		is_refused(&s, told);
	}
}

/* ---- the work of a record that is not there ---- */

static unsigned int draws, decoys;

static void
counted_random(const struct mfa_env *env, void *out, size_t len)
{
	draws++;
	mfa_crypt_random(env, out, len);
}

static void
counted_decoy(struct mfa_store *store, const uint8_t *slot, uint8_t *room)
{
	(void)store;
	(void)room;
	decoys += slot != NULL;
}

/* A slot that is sealed takes a nonce: so many were, before any answer. */
static unsigned int
sealed_for(struct session *s, const char *user, bool asks)
{
	const struct mfa_login_ask ask = { .caller = s->w->caller,
		.user = user, .retry = 3 };

	draws = 0;
	if (asks) {
		session_begin(s, user, false, 3);
		assert_true(session_asks(s));
	} else {
		mfa_login_policy(&s->w->engine, &ask, true, &s->step);
		session_ends(s, MFA_VERDICT_DENY, MFA_REASON_UNVERIFIED);
	}
	/* A write is due with an answer, and no sooner. */
	assert_int_equal(decoys, 0);
	return draws;
}

static void
test_R5_no_record_costs_the_same_whoever_it_is(void **state)
{
	struct session s = { .w = *state };
	const struct mfa_store_ops *honest = s.w->engine.store->ops;
	struct mfa_store_ops ops = *honest;

	world_user(s.w, PERSON);
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	s.w->env.random = counted_random;
	ops.decoy = counted_decoy;
	s.w->engine.store->ops = &ops;
	decoys = 0;
	for (int i = 0; i < 6; i++)
		assert_int_equal(sealed_for(&s, names[i % 3], i < 3), 1);
	s.w->engine.store->ops = honest;
}

static enum mfa_err ailment;

static enum mfa_err
ailing_open(struct mfa_store *store, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **txn)
{
	(void)store;
	(void)id;
	(void)mode;
	(void)view;
	*txn = NULL;
	return ailment;
}

static void
test_R5_trouble_of_the_store_is_told_to_all(void **state)
{
	static const enum mfa_err troubles[] = { MFA_ERR_LIMIT, MFA_ERR_IO,
		MFA_ERR_MEMORY };
	struct session s = { .w = *state };
	struct mfa_login_ask ask = { .caller = s.w->caller, .retry = 3 };
	const struct mfa_store_ops *honest = s.w->engine.store->ops;
	struct mfa_store_ops ops = *honest;

	world_user(s.w, PERSON);
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	ops.open = ailing_open;
	s.w->engine.store->ops = &ops;
	for (int i = 0; i < 6; i++) {
		ailment = troubles[i / 2];
		ask.user = names[i % 2];
		session_begin(&s, ask.user, false, 3);
		session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
		assert_int_equal(s.step.err, ailment);
		mfa_login_policy(&s.w->engine, &ask, true, &s.step);
		session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
		assert_int_equal(s.step.err, ailment);
	}
	/* What ails one record is that one's: it would show that it is there. */
	ailment = MFA_ERR_DAMAGED;
	session_begin(&s, NOBODY, false, 3);
	assert_true(session_asks(&s));
	s.w->engine.store->ops = honest;
}

/* ---- what a question is told ---- */

static void
test_R24_a_question_is_told_how_long_it_goes_on(void **state)
{
	struct session s = { .w = *state };
	const struct mfa_login_ask ask = { .caller = s.w->caller,
		.user = PERSON, .retry = 1 };
	struct mfa_config_rule *rule;

	world_user(s.w, PERSON);
	rule = session_rule(s.w, MFA_DECISION_REQUIRE);
	rule->enroll_logins = 3;
	mfa_login_policy(&s.w->engine, &ask, false, &s.step);
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	assert_string_equal(s.step.message,
	    "Set up a second factor soon, 3 logins left: medusa-mfa enroll.");
	mfa_login_policy(&s.w->engine, &ask, true, &s.step);
	assert_string_equal(s.step.message,
	    "Set up a second factor soon, 2 logins left: medusa-mfa enroll.");
	/* Where it goes on for ever there is nothing to tell. */
	rule->decision = MFA_DECISION_OPTIONAL;
	mfa_login_policy(&s.w->engine, &ask, true, &s.step);
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	assert_string_equal(s.step.message, "");
	rule->decision = MFA_DECISION_EXEMPT;
	mfa_login_policy(&s.w->engine, &ask, true, &s.step);
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_EXEMPT);
	assert_string_equal(s.step.message, "");
}

#define OF(f) cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_R5_who_is_denied_with_all_is_not_told_apart),
		OF(test_R5_no_record_costs_the_same_whoever_it_is),
		OF(test_R5_trouble_of_the_store_is_told_to_all),
		OF(test_R24_a_question_is_told_how_long_it_goes_on),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
