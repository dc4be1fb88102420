/* SPDX-License-Identifier: MIT */
/*
 * R21, R30: two administrators at once, about a user who has no record yet.
 * Both do what they were asked for; nobody is told that something is there
 * which is not.
 */
#include "tests/unit/world.h"

#include "verifier/crypt/crypt.h"
#include "verifier/engine/admin.h"

/* The other administrator. */
static struct {
	struct world *w;
	unsigned int numbers; /* drawn before it is faster */
	void (*deed)(struct world *w);
} rival;

static void
begin(struct world *w, unsigned int numbers, void (*deed)(struct world *))
{
	rival.w = w;
	rival.numbers = numbers;
	rival.deed = deed;
}

/* A record is made with a random number: another one is made just before. */
static void
random_with_a_rival(const struct mfa_env *env, void *bytes, size_t len)
{
	static struct world other;
	void (*deed)(struct world *) = rival.deed;

	if (deed != NULL && rival.numbers-- == 0) {
		rival.deed = NULL;
		other = *rival.w;
		world_twin(rival.w, &other.engine);
		deed(&other);
		world_twin_free(&other.engine);
	}
	mfa_crypt_random(env, bytes, len);
}

static int
setup(void **state)
{
	if (world_new(state) != 0)
		return -1;
	((struct world *)*state)->env.random = random_with_a_rival;
	return 0;
}

/* ---- invitations ---- */

static char theirs[MFA_TYPED_RECOVERY_TEXT];

static void
invite(struct world *w)
{
	struct mfa_granted got;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &got), MFA_OK);
	memcpy(theirs, got.code, sizeof(theirs));
}

static void
test_R21_of_two_invitations_at_once_the_last_is_good(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_granted got;

	begin(w, 0, invite);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &got), MFA_OK);
	assert_null(rival.deed);
	assert_true(got.replaced);
	assert_string_not_equal(got.code, theirs);
	world_record(w, &r);
	assert_true(r.has_invitation);
	assert_false(r.enrolled);
}

/* ---- factors ---- */

static void
enroll_tablet(struct world *w)
{
	char id[17];

	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
}

static void
test_R30_of_two_first_factors_at_once_none_is_lost(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	char id[17];

	begin(w, 1, enroll_tablet);
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_null(rival.deed);
	world_record(w, &r);
	assert_int_equal(r.factors_count, 2);
	assert_string_equal(r.factors[0].label, "tablet");
	assert_string_equal(r.factors[1].label, "phone");
}

/* Of what is really there it is said still. */
static void
test_R6_the_same_first_factor_twice_at_once_is_there_once(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	char id[17];

	begin(w, 1, enroll_tablet);
	assert_int_equal(world_pending(w, "phone", SECRET_B, id),
	    MFA_ERR_EXISTS);
	assert_null(rival.deed);
	world_record(w, &r);
	assert_int_equal(r.factors_count, 1);
}

/* ---- a record that nobody can read ---- */

static void
test_R30_a_reset_empties_what_was_made_meanwhile(void **state)
{
	static const uint8_t junk[MFA_STORE_SLOTS * MFA_STORE_SLOT] = { 1 };
	static mfa_record_Record r;
	struct world *w = *state;

	invite(w);
	world_write(w, junk);
	begin(w, 0, enroll_tablet);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	assert_null(rival.deed);
	world_record(w, &r);
	assert_int_equal(r.factors_count, 0);
	assert_false(r.enrolled);
}

#define OF(f) cmocka_unit_test_setup_teardown(f, setup, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_R21_of_two_invitations_at_once_the_last_is_good),
		OF(test_R30_of_two_first_factors_at_once_none_is_lost),
		OF(test_R6_the_same_first_factor_twice_at_once_is_there_once),
		OF(test_R30_a_reset_empties_what_was_made_meanwhile),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
