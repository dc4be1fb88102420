/* SPDX-License-Identifier: MIT */
/*
 * R6, R17: each thing alone that a put-back record re-opens is voided, is told
 * of, and is nothing any more the second time.
 */
#include "tests/unit/challenge.h"
#include "tests/unit/restore.h"

static enum mfa_err
remember(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	record->remembered_count = 1;
	record->remembered[0].binding = 4711;
	record->remembered[0].since = (uint32_t)clock->lapse;
	return MFA_OK;
}

static enum mfa_err
put_step_back(
    void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)clock;
	record->factors[0].last_step -= 10;
	return MFA_OK;
}

/* One path of a token opened; ctx: which. */
static enum mfa_err
open_path(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	const enum mfa_path *path = ctx;
	mfa_record_Factor *token = &record->factors[1];

	(void)clock;
	(*path == MFA_PATH_ROOT ? &token->root : &token->other)->consecutive =
	    0;
	return MFA_OK;
}

static void
change(struct world *w,
    enum mfa_err (*apply)(
	void *, mfa_record_Record *, const struct mfa_clock *),
    void *ctx)
{
	assert_int_equal(mfa_repo_change(&w->engine, &w->subject,
			     (struct mfa_delta){ apply, ctx }),
	    MFA_OK);
}

/* ---- one deed each; the record was restored just before ---- */

static void
deed_pending(struct world *w)
{
	char id[17];

	assert_int_equal(world_pending(w, "new", SECRET_C, id), MFA_OK);
}

static void
deed_step(struct world *w)
{
	change(w, put_step_back, NULL);
}

static void
deed_token(struct world *w)
{
	enum mfa_path path = MFA_PATH_ROOT;

	change(w, open_path, &path);
}

static void
deed_token_other(struct world *w)
{
	enum mfa_path path = MFA_PATH_OTHER;

	change(w, open_path, &path);
}

static void
deed_remembered(struct world *w)
{
	change(w, remember, NULL);
}

static void
deed_challenge(struct world *w)
{
	static struct app app;

	app_start(w, &app);
}

static void
deed_delivered(struct world *w)
{
	assert_int_equal(world_send(w, "mail"), MFA_OK);
}

static void
deed_bypass(struct world *w)
{
	const struct mfa_grants_ask hour = { .kind = MFA_GRANT_BYPASS,
		.seconds = 3600,
		.reason = "broken phone" };
	struct mfa_granted given;

	assert_int_equal(
	    mfa_grants_give(&w->engine, &w->caller, &w->subject, &hour, &given),
	    MFA_OK);
}

static const struct {
	const char *name;
	void (*deed)(struct world *w);
} deeds[] = {
	{ "pending", deed_pending },
	{ "step", deed_step },
	{ "token", deed_token },
	{ "token, other path", deed_token_other },
	{ "remembered", deed_remembered },
	{ "challenge", deed_challenge },
	{ "delivered", deed_delivered },
	{ "bypass", deed_bypass },
};

/* A phone, a token and an address; nothing that a restore has left to do. */
static void
make(struct world *w)
{
	struct mfa_confirmed confirmed;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_enroll_hotp(w, "token", SECRET_B);
	world_enroll_otp(w, "mail", "alice@example.org");
	world_pass(w, 90);
	(void)restored(w);
}

static void
check_gone(struct world *w)
{
	static const mfa_record_Remembered no_place;
	static const mfa_record_Challenge no_challenge;
	static mfa_record_Record r;

	world_record(w, &r);
	assert_int_equal(r.factors_count, 3);
	assert_int_equal(r.remembered_count, 0);
	assert_memory_equal(&r.remembered[0], &no_place, sizeof(no_place));
	assert_int_equal(r.challenges_count, 0);
	assert_memory_equal(
	    &r.challenges[0], &no_challenge, sizeof(no_challenge));
	assert_true(r.delivered.until == 0);
	assert_false(r.has_bypass);
	assert_int_equal(r.recovery.codes_count, 0);
}

static void
test_R6_each_alone_is_voided_and_told(void **state)
{
	struct mfa_restored out;
	void *world;

	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		struct world *w;

		assert_int_equal(world_new(&world), 0);
		w = world;
		make(w);
		deeds[i].deed(w);
		memset(w->events, 0, sizeof(w->events));
		assert_int_equal(restore_it(w, &out), MFA_OK);
		if (!out.changed)
			fail_msg("%s: nothing changed", deeds[i].name);
		assert_int_equal(w->events[MFA_EVENT_RESTORED], 1);
		check_gone(w);
		assert_int_equal(restore_it(w, &out), MFA_OK);
		if (out.changed)
			fail_msg("%s: changed twice", deeds[i].name);
		assert_int_equal(w->events[MFA_EVENT_RESTORED], 1);
		assert_int_equal(world_free(&world), 0);
	}
}

static const mfa_record_Record *
stored(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return &r;
}

/* The first and only factor, too. */
static void
test_R17_a_pending_factor_alone_goes(void **state)
{
	struct world *w = *state;
	char id[17];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_int_equal(restored(w).pending, 1);
	assert_int_equal(stored(w)->factors_count, 0);
}

/* Without a code a set has no time, and no key that could be tried. */
static void
test_R13_nothing_is_left_of_a_set_of_codes(void **state)
{
	struct world *w = *state;
	const mfa_record_RecoverySet *set;
	struct mfa_confirmed confirmed;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	set = &stored(w)->recovery;
	assert_true(set->created == WORLD_START);
	assert_false(unit_all(set->salt, sizeof(set->salt), 0));
	assert_int_equal(restored(w).recovery_codes, confirmed.codes.count);
	set = &stored(w)->recovery;
	assert_int_equal(set->codes_count, 0);
	assert_true(set->created == 0);
	assert_true(unit_all(set->salt, sizeof(set->salt), 0));
}

/* What is over by itself is nothing that a restore has changed. */
static void
test_R12_a_code_that_was_sent_is_told_of_while_it_is_good(void **state)
{
	struct world *w = *state;
	struct mfa_restored out;
	uint64_t ttl;

	world_enroll_otp(w, "mail", "alice@example.org");
	world_pass(w, 3600);
	(void)restored(w);
	for (uint64_t left = 0; left < 2; left++) {
		assert_int_equal(world_send(w, "mail"), MFA_OK);
		ttl = stored(w)->delivered.until - stored(w)->delivered.sent;
		assert_true(ttl > 1);
		world_pass(w, ttl - left);
		assert_int_equal(restore_it(w, &out), MFA_OK);
		assert_int_equal(out.changed, left != 0);
		assert_true(stored(w)->delivered.until == 0);
		world_pass(w, 3600);
	}
}

static void
test_R22_an_id_that_is_none(void **state)
{
	static const char *const bad[] = { "", "../u-root", "u root", "U-ROOT",
		"1-root" };
	static char endless[1 << 20];
	struct world *w = *state;
	struct mfa_restored out;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    mfa_restore_record(&w->engine, &w->caller, bad[i], &out),
		    MFA_ERR_INVALID);
	memset(endless, 'a', sizeof(endless) - 1);
	endless[0] = 'u';
	endless[1] = '-';
	assert_int_equal(
	    mfa_restore_record(&w->engine, &w->caller, endless, &out),
	    MFA_ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R6_each_alone_is_voided_and_told),
		FILES(test_R17_a_pending_factor_alone_goes),
		FILES(test_R13_nothing_is_left_of_a_set_of_codes),
		FILES(test_R12_a_code_that_was_sent_is_told_of_while_it_is_good),
		FILES(test_R22_an_id_that_is_none),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
