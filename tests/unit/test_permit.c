/* SPDX-License-Identifier: MIT */
/*
 * R21: what an owner may change, and what it has to prove before; R6, R7, R9: a
 * proof is compared, charged and used up as a login's answer.
 */
#include "tests/unit/permit.h"

static void
test_R21_nothing_changes_without_a_proof(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_proof none = { .kind = MFA_PROOF_NONE }, proof;
	static mfa_record_Record before, after;
	struct mfa_caller caller = owner(NULL);

	world_enroll(w, "phone", SECRET_A, &confirmed);
	for (int i = 0; i < CHANGES; i++) {
		world_record(w, &before);
		assert_int_equal(change(w, i, &caller), MFA_ERR_PROOF);
		caller.proof = &none;
		assert_int_equal(change(w, i, &caller), MFA_ERR_PROOF);
		caller.right = MFA_RIGHT_NONE;
		assert_int_equal(change(w, i, &caller), MFA_ERR_DENIED);
		world_record(w, &after);
		assert_memory_equal(&before, &after, sizeof(before));
		/* And with one it does. */
		assert_int_equal(prove_now(w, &proof), MFA_OK);
		caller = owner(&proof);
		assert_int_equal(change(w, i, &caller), MFA_OK);
		caller = owner(NULL);
	}
}

static void
test_R21_a_proof_has_its_bounds(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_proof proof, other;
	struct mfa_caller caller;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(prove_now(w, &proof), MFA_OK);
	other = proof;
	caller = owner(&other);
	/* Another record, another life, a kind that is none. */
	other.id[0] ^= 1;
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
	other = proof;
	other.generation++;
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
	other = proof;
	other.kind = MFA_PROOF_INVITATION;
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
	other = proof;
	other.factor[0] ^= 1;
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
	/* Its last second, and the one after. */
	other = proof;
	world_pass(w, 300);
	assert_int_equal(enroll_as(w, &caller), MFA_OK);
	world_pass(w, 1);
	assert_int_equal(change(w, RENAME, &caller), MFA_ERR_PROOF);
	/* A wall clock that goes back does not renew it. */
	w->now.wall -= 3600;
	assert_int_equal(change(w, RENAME, &caller), MFA_ERR_PROOF);
}

static void
test_R21_a_proof_goes_with_what_proved_it(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed, again;
	struct mfa_recovery_text text;
	struct mfa_proof proof;
	struct mfa_caller caller = owner(&proof);
	bool last;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_enroll(w, "pad", SECRET_C, &again);
	assert_int_equal(prove(w, confirmed.codes.code[0], &proof), MFA_OK);
	assert_int_equal(proof.kind, MFA_PROOF_RECOVERY_CODE);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &caller, &w->subject,
	    &text), MFA_OK);
	/* The set that proved it is void. */
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
	assert_int_equal(prove(w, confirmed.codes.code[1], &proof),
	    MFA_ERR_WRONG);
	assert_int_equal(proof.kind, MFA_PROOF_NONE);
	/* An administrator takes a lost phone away from its thief. */
	assert_int_equal(prove_now(w, &proof), MFA_OK);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "phone", &last), MFA_OK);
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
}

static void
test_R21_nor_does_it_outlive_a_reset(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_proof proof;
	struct mfa_caller caller = owner(&proof);

	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(prove_now(w, &proof), MFA_OK);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_INVITATION);
	world_pass(w, 30);
	world_enroll(w, "phone", SECRET_C, &confirmed);
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
	/* Nor the record itself: the next one has another life. */
	assert_int_equal(prove(w, confirmed.codes.code[0], &proof), MFA_OK);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	assert_int_equal(mfa_admin_remove(&w->engine, &w->caller,
	    &w->subject), MFA_OK);
	world_pass(w, 30);
	world_enroll(w, "phone", SECRET_C, &confirmed);
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
}

/* R26: what was compared leaves a line, also if no verdict came of it. */
static void
test_R26_a_proof_that_fails_is_told(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_proof proof;
	char wrong[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_program(w, "keys");
	world_enroll_outside(w, "key", "keys", "ccccccbcgujh");
	world_pass(w, 30);
	world_wrong(w, wrong);
	w->runner.ask_err = MFA_ERR_PROGRAM;
	memset(w->events, 0, sizeof(w->events));
	assert_int_equal(prove(w, wrong, &proof), MFA_ERR_PROGRAM);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 1);
}

/*
 * A slip is told before a proof is asked for: what is wrong besides the proof
 * that is missing.
 */
static void
test_R21_a_slip_costs_no_proof(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	const struct mfa_caller caller = owner(NULL);
	struct mfa_enroll_ask ask = second;
	struct mfa_enrolled out;
	bool last;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	ask.label = "phone";
	assert_int_equal(mfa_enroll_begin(&w->engine, &caller, &w->subject,
	    &ask, &out), MFA_ERR_EXISTS);
	ask = second;
	ask.provider = "hotp";
	assert_int_equal(mfa_enroll_begin(&w->engine, &caller, &w->subject,
	    &ask, &out), MFA_ERR_CONFIG);
	ask = second;
	ask.import = "not base32!";
	assert_int_equal(mfa_enroll_begin(&w->engine, &caller, &w->subject,
	    &ask, &out), MFA_ERR_SYNTAX);
	assert_int_equal(mfa_enroll_rename(&w->engine, &caller, &w->subject,
	    "nosuch", "slate"), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_enroll_disable(&w->engine, &caller, &w->subject,
	    "nosuch", &last), MFA_ERR_NOT_FOUND);
	w->config.realm[0].require = MFA_REQUIRE_ALL;
	assert_int_equal(mfa_enroll_disable(&w->engine, &caller, &w->subject,
	    "phone", &last), MFA_ERR_LAST);
	/* All else is in order. */
	assert_int_equal(mfa_enroll_rename(&w->engine, &caller, &w->subject,
	    "phone", "slate"), MFA_ERR_PROOF);
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_PROOF);
}

/* Words that are no code at all: nothing was tried, and nothing is told. */
static void
test_R8_what_is_no_code_is_no_attempt(void **state)
{
	static const char *const texts[] = { "send", "send mail", "",
		"\b\n\r\177INCORRECT" };
	struct world *w = *state;
	struct mfa_proof proof;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(prove(w, texts[i], &proof), MFA_ERR_SYNTAX);
	assert_true(unit_all(w->events, sizeof(w->events), 0));
}

/* R13: how many are left is told, and it is that proof and no other. */
static void
test_R13_a_recovery_code_proves_and_is_counted(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_proof proof;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(prove(w, confirmed.codes.code[i], &proof),
		    MFA_OK);
		assert_int_equal(proof.kind, MFA_PROOF_RECOVERY_CODE);
		assert_int_equal(proof.recovery_left,
		    w->config.recovery_code_count - 1 - i);
		assert_true(unit_all(proof.factor, sizeof(proof.factor), 0));
	}
}

/* Who manages is not asked for a proof: what the record says is no matter. */
static void
test_R21_who_manages_needs_no_look(void **state)
{
	struct world *w = *state;
	const struct mfa_caller caller = owner(NULL);
	struct mfa_confirmed confirmed;
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT] = { 0 };

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_write(w, bytes);
	assert_int_equal(mfa_permit_look(&w->engine, &caller, &w->subject,
	    MFA_CHANGE_ENROLL), MFA_ERR_DAMAGED);
	assert_int_equal(mfa_permit_look(&w->engine, &w->caller, &w->subject,
	    MFA_CHANGE_ENROLL), MFA_OK);
}

/* R9: guesses of a session are the session's own. */
static void
test_R9_wrong_proofs_are_charged(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_proof proof;
	char code[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	w->config.burst = 20;
	for (uint32_t i = 0; i < w->config.wrong_per_day_unprivileged; i++) {
		world_pass(w, 30);
		world_wrong(w, code);
		assert_int_equal(prove(w, code, &proof), MFA_ERR_WRONG);
	}
	world_wrong(w, code);
	assert_int_equal(prove(w, code, &proof), MFA_ERR_LOCKED);
	assert_int_equal(prove(w, confirmed.codes.code[0], &proof),
	    MFA_ERR_LOCKED);
	/* Root's road is open. */
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

/* A code that proved does not log in, and the reverse. */
static void
test_R6_a_proof_uses_its_code_up(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_proof proof;
	char code[9];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(prove(w, code, &proof), MFA_OK);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	assert_int_equal(prove(w, code, &proof), MFA_ERR_REPLAYED);
	assert_int_equal(proof.kind, MFA_PROOF_NONE);
}

/* ---- the last factor ---- */

static void
test_R21_the_last_factor_of_who_must_have_one(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_proof proof;
	struct mfa_caller caller = owner(&proof);
	static mfa_record_Record record;
	bool last = false;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	w->config.realm[0].require = MFA_REQUIRE_ALL;
	assert_int_equal(prove_now(w, &proof), MFA_OK);
	assert_int_equal(mfa_enroll_disable(&w->engine, &caller, &w->subject,
	    "phone", &last), MFA_ERR_LAST);
	world_record(w, &record);
	assert_true(record.enrolled);
	assert_int_equal(record.factors[0].status,
	    mfa_record_Status_STATUS_ENABLED);
	/* Where it is up to the owner, it may. */
	w->config.realm[0].require = MFA_REQUIRE_ENROLLED;
	assert_int_equal(mfa_enroll_disable(&w->engine, &caller, &w->subject,
	    "phone", &last), MFA_OK);
	assert_true(last);
	/* An administrator may anywhere: a lost phone must go. */
	w->config.realm[0].require = MFA_REQUIRE_ALL;
	world_pass(w, 30);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "phone", &last), MFA_OK);
	assert_true(last);
}

/* A realm's subjects are nobody's own. */
static void
test_R21_owners_are_users_of_this_host(void **state)
{
	struct world *w = *state;
	struct mfa_proof proof = { .kind = MFA_PROOF_FACTOR };
	struct mfa_caller caller = owner(&proof);

	(void)world_realm(w, "shop", 0);
	w->config.self_enroll = MFA_SELF_ENROLL_YES;
	w->subject = world_subject("shop", "alice");
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_DENIED);
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_R21_nothing_changes_without_a_proof),
		IN_WORLD(test_R21_a_proof_has_its_bounds),
		IN_WORLD(test_R21_a_proof_goes_with_what_proved_it),
		IN_WORLD(test_R21_nor_does_it_outlive_a_reset),
		IN_WORLD(test_R26_a_proof_that_fails_is_told),
		IN_WORLD(test_R21_a_slip_costs_no_proof),
		IN_WORLD(test_R8_what_is_no_code_is_no_attempt),
		IN_WORLD(test_R13_a_recovery_code_proves_and_is_counted),
		IN_WORLD(test_R21_who_manages_needs_no_look),
		IN_WORLD(test_R9_wrong_proofs_are_charged),
		IN_WORLD(test_R6_a_proof_uses_its_code_up),
		IN_WORLD(test_R21_the_last_factor_of_who_must_have_one),
		IN_WORLD(test_R21_owners_are_users_of_this_host),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
