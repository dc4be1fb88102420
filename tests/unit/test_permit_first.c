/* SPDX-License-Identifier: MIT */
/* R2, R6, R10, R21: a first factor by oneself; invitations. */
#include "tests/unit/permit.h"

static void
test_R21_the_first_factor_by_policy(void **state)
{
	struct world *w = *state;
	const uint64_t now = w->now.wall;
	const struct {
		enum mfa_self_enroll policy;
		uint64_t end;
		enum mfa_err wanted;
	} cases[] = {
		{ 0, 0, MFA_ERR_DENIED },
		{ MFA_SELF_ENROLL_NO, 0, MFA_ERR_DENIED },
		{ MFA_SELF_ENROLL_INVITE, 0, MFA_ERR_INVITATION },
		{ MFA_SELF_ENROLL_UNTIL, now, MFA_ERR_INVITATION },
		{ MFA_SELF_ENROLL_UNTIL, now - 1, MFA_ERR_INVITATION },
		{ MFA_SELF_ENROLL_UNTIL, now + 1, MFA_OK },
		{ MFA_SELF_ENROLL_YES, 0, MFA_OK },
	};
	struct mfa_caller caller = owner(NULL);
	struct mfa_account_info info;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w->config.self_enroll = cases[i].policy;
		w->config.self_enroll_end = cases[i].end;
		assert_int_equal(mfa_admin_status(&w->engine, &caller,
		    &w->subject, &info), MFA_OK);
		assert_int_equal(info.proof, cases[i].wanted);
		assert_int_equal(enroll_as(w, &caller), cases[i].wanted);
		/* A refusal makes no record. */
		assert_int_equal(info.exists, false);
		if (cases[i].wanted == MFA_OK) {
			assert_int_equal(mfa_admin_reset(&w->engine,
			    &w->caller, &w->subject), MFA_OK);
			assert_int_equal(mfa_admin_remove(&w->engine,
			    &w->caller, &w->subject), MFA_OK);
		}
	}
	/* R11: a clock that was never set opens no term. */
	w->config.self_enroll = MFA_SELF_ENROLL_UNTIL;
	w->config.self_enroll_end = now + 86400;
	w->now.wall = w->env.release - 1;
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_INVITATION);
	w->now.wall = w->env.release;
	assert_int_equal(enroll_as(w, &caller), MFA_OK);
}

/* Who adds it in a login: until there is one, whatever the policy says. */
static void
test_R21_a_first_factor_and_no_second(void **state)
{
	struct world *w = *state;
	const struct mfa_enroll_ask another = { .label = "another",
		.provider = "totp", .algorithm = "", .import = "",
		.address = "" };
	struct mfa_caller first = w->caller;
	struct mfa_enrolled out;

	first.right = MFA_RIGHT_FIRST;
	w->config.self_enroll = MFA_SELF_ENROLL_NO;
	assert_int_equal(enroll_as(w, &first), MFA_OK);
	assert_int_equal(change(w, CONFIRM, &first), MFA_OK);
	assert_int_equal(mfa_enroll_begin(&w->engine, &first, &w->subject,
	    &another, &out), MFA_ERR_PROOF);
	assert_int_equal(change(w, RENAME, &first), MFA_ERR_PROOF);
}

static void
test_R21_an_invitation_lets_enrol_once(void **state)
{
	struct world *w = *state;
	struct mfa_granted invited;
	struct mfa_proof proof, again;
	struct mfa_caller caller = owner(&proof);
	static mfa_record_Record record;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	assert_int_equal(invited.expires_at,
	    w->now.wall + w->config.invitation_ttl_seconds);
	/* R2: whoever is invited is not enrolled. */
	world_record(w, &record);
	assert_false(record.enrolled);
	assert_int_equal(prove(w, invited.code, &proof), MFA_OK);
	assert_int_equal(proof.kind, MFA_PROOF_INVITATION);
	/* R6: used once. */
	assert_int_equal(prove(w, invited.code, &again), MFA_ERR_EXPIRED);
	world_record(w, &record);
	assert_false(record.has_invitation);
	assert_int_equal(change(w, ENROLL, &caller), MFA_OK);
	/* The rest needs only the code of what was made with leave. */
	caller.proof = NULL;
	assert_int_equal(change(w, CONFIRM, &caller), MFA_OK);
	caller.proof = &proof;
	assert_int_equal(change(w, RENAME, &caller), MFA_ERR_PROOF);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_ERR_EXISTS);
}

static void
test_R21_only_a_live_invitation_counts(void **state)
{
	struct world *w = *state;
	struct mfa_granted first, next;
	struct mfa_proof proof;
	struct mfa_caller other = owner(NULL);

	assert_int_equal(mfa_grants_give(&w->engine, &other, &w->subject,
	    WORLD_INVITE, &first),
	    MFA_ERR_DENIED);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &first), MFA_OK);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &next), MFA_OK);
	assert_int_equal(prove(w, first.code, &proof), MFA_ERR_WRONG);
	world_pass(w, w->config.invitation_ttl_seconds);
	assert_int_equal(prove(w, next.code, &proof), MFA_ERR_EXPIRED);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &next), MFA_OK);
	/* R11: a clock that is set back does not prolong it. */
	world_pass(w, w->config.invitation_ttl_seconds - 1);
	w->now.wall -= 86400;
	assert_int_equal(prove(w, first.code, &proof), MFA_ERR_WRONG);
	world_pass(w, 1);
	assert_int_equal(prove(w, next.code, &proof), MFA_ERR_EXPIRED);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	assert_int_equal(prove(w, next.code, &proof), MFA_ERR_EXPIRED);
}

/* What an invitation proves has the same bounds, and it goes with its use. */
static void
test_R21_an_invitation_has_its_bounds(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_granted invited;
	struct mfa_proof proof, other;
	struct mfa_caller caller = owner(&other);
	static mfa_record_Record record;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	assert_int_equal(prove(w, invited.code, &proof), MFA_ERR_EXPIRED);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	assert_int_equal(prove(w, invited.code, &proof), MFA_OK);
	other = proof;
	other.id[0] ^= 1;
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_INVITATION);
	other = proof;
	other.generation++;
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_INVITATION);
	other = proof;
	world_pass(w, 301);
	assert_int_equal(enroll_as(w, &caller), MFA_ERR_INVITATION);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_record(w, &record);
	assert_false(record.has_invitation);
}

/* Whoever is invited begins anew: an earlier try is not in the way. */
static void
test_R21_an_invitation_clears_an_earlier_try(void **state)
{
	struct world *w = *state;
	struct mfa_granted invited;
	struct mfa_proof proof, old;
	struct mfa_caller caller = owner(&old);
	static mfa_record_Record record;
	char id[17];

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
	assert_int_equal(prove(w, invited.code, &old), MFA_OK);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	assert_int_equal(invited.dropped, 1);
	world_record(w, &record);
	assert_int_equal(record.factors_count, 0);
	/* What the last one proved is void. */
	assert_int_equal(change(w, ENROLL, &caller), MFA_ERR_INVITATION);
	assert_int_equal(prove(w, invited.code, &proof), MFA_OK);
	caller.proof = &proof;
	assert_int_equal(change(w, ENROLL, &caller), MFA_OK);
	/* What expired is missed by nobody. */
	world_pass(w, w->config.pending_ttl_seconds);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	assert_int_equal(invited.dropped, 0);
	/* Where none is taken, none is given out. */
	w->config.self_enroll = MFA_SELF_ENROLL_NO;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_ERR_CONFIG);
}

/* Nor are its own wrong codes, which only who is not root can spend. */
static void
test_R9_an_invitation_clears_wrong_codes_of_others(void **state)
{
	struct world *w = *state;
	const struct mfa_caller caller = owner(NULL);
	struct mfa_granted invited;
	struct mfa_confirmed confirmed;
	static mfa_record_Record record;
	char id[17], bad[9];

	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
	for (int i = 0; i < 3; i++) {
		world_wrong(w, bad);
		const struct mfa_typed typed = world_typed(bad);

		assert_int_equal(mfa_enroll_confirm(&w->engine, &caller,
		    &w->subject, id, &typed, &confirmed), MFA_ERR_WRONG);
	}
	world_record(w, &record);
	assert_int_equal(mfa_throttle_day_other(&record, record.stamp.lapse),
	    3);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	world_record(w, &record);
	assert_int_equal(mfa_throttle_day_other(&record, record.stamp.lapse),
	    0);
}

/* R22: an account that is gone gets nothing more, record or not. */
static void
test_R22_nobody_is_invited(void **state)
{
	const struct mfa_grants_ask hour = { .kind = MFA_GRANT_BYPASS,
		.seconds = 3600, .reason = "phone lost" };
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_granted given;
	char id[17];

	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
	w->subject.known = false;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &given), MFA_ERR_NO_USER);
	w->subject.known = true;
	world_enroll(w, "phone", SECRET_A, &confirmed);
	w->subject.known = false;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &hour, &given), MFA_ERR_NO_USER);
}

/* An invitation is nothing that logs anybody in. */
static void
test_R2_an_invitation_is_no_code_of_a_login(void **state)
{
	struct world *w = *state;
	struct mfa_granted invited;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	assert_int_equal(world_try(w, invited.code),
	    MFA_REASON_NOT_ENROLLED);
}

/* R10: 120 bits are guarded by no budget, which would be a lever. */
static void
test_R10_wrong_invitations_shut_nobody_out(void **state)
{
	struct world *w = *state;
	struct mfa_granted invited;
	struct mfa_proof proof;
	static mfa_record_Record record;
	char wrong[MFA_TYPED_RECOVERY_TEXT];

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	memcpy(wrong, invited.code, sizeof(wrong));
	wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
	for (uint32_t i = 1; i < 40; i++) {
		assert_int_equal(prove(w, wrong, &proof), MFA_ERR_WRONG);
		world_record(w, &record);
		assert_int_equal(record.invitation.compared, i);
	}
	assert_int_equal(prove(w, invited.code, &proof), MFA_OK);
}

/* What somebody else has begun is not the owner's to undo without leave. */
static void
test_R21_pending_factors_of_others_stay(void **state)
{
	struct world *w = *state;
	const struct mfa_caller caller = owner(NULL);
	char id[17];
	bool last;

	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
	assert_int_equal(mfa_enroll_disable(&w->engine, &caller, &w->subject,
	    "tablet", &last), MFA_ERR_INVITATION);
	assert_int_equal(mfa_enroll_rename(&w->engine, &caller, &w->subject,
	    "tablet", "slate"), MFA_ERR_INVITATION);
	w->config.self_enroll = MFA_SELF_ENROLL_NO;
	assert_int_equal(mfa_enroll_disable(&w->engine, &caller, &w->subject,
	    "tablet", &last), MFA_ERR_DENIED);
	/* Its code is its owner's to give. */
	struct mfa_caller whose = caller;
	assert_int_equal(change(w, CONFIRM, &whose), MFA_OK);
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_R21_the_first_factor_by_policy),
		IN_WORLD(test_R21_a_first_factor_and_no_second),
		IN_WORLD(test_R21_an_invitation_lets_enrol_once),
		IN_WORLD(test_R21_only_a_live_invitation_counts),
		IN_WORLD(test_R21_an_invitation_has_its_bounds),
		IN_WORLD(test_R21_an_invitation_clears_an_earlier_try),
		IN_WORLD(test_R9_an_invitation_clears_wrong_codes_of_others),
		IN_WORLD(test_R22_nobody_is_invited),
		IN_WORLD(test_R10_wrong_invitations_shut_nobody_out),
		IN_WORLD(test_R21_pending_factors_of_others_stay),
		IN_WORLD(test_R2_an_invitation_is_no_code_of_a_login),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
