/* SPDX-License-Identifier: MIT */
/* R24: what makes a remembered place void, in the same write. */
#include "tests/unit/remember.h"

static void
add_factor(struct world *w)
{
	world_enroll(w, "second", SECRET_B, &confirmed);
}

static void
disable(struct world *w)
{
	bool last;

	world_enroll(w, "second", SECRET_B, &confirmed);
	log_in(w);
	assert_true(unasked(w));
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "second", &last), MFA_OK);
}

static void
new_codes(struct world *w)
{
	struct mfa_recovery_text codes;

	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &codes), MFA_OK);
}

static void
give_bypass(struct world *w)
{
	const struct mfa_grants_ask ask = { MFA_GRANT_BYPASS, 600, "test" };
	struct mfa_granted bypass;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &bypass), MFA_OK);
}

static void
lock(struct world *w)
{
	char bad[9];

	world_wrong(w, bad);
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	/* Not for the time of the lock alone. */
	assert_int_equal(mfa_admin_unlock(&w->engine, &w->caller, &w->subject,
	    false), MFA_OK);
}

/* Three wrong codes and a right one, again and again: no factor is locked. */
static void
lock_account(struct world *w)
{
	char code[9];

	for (uint32_t i = 1; i <= w->config.wrong_per_day; i++) {
		world_wrong(w, code);
		assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
		if (i % 3 != 0)
			continue;
		world_pass(w, 60);
		world_code(w, SECRET_A, 0, code);
		assert_int_equal(world_try(w, code), MFA_REASON_OK);
		assert_true(unasked(w));
	}
	assert_int_equal(mfa_admin_unlock(&w->engine, &w->caller, &w->subject,
	    false), MFA_OK);
}

static void
sync_clock(struct world *w)
{
	char first[9], second[9];
	int32_t drift;

	world_code(w, SECRET_A, 4, first);
	world_code(w, SECRET_A, 5, second);
	const struct mfa_typed a = world_typed(first), b = world_typed(second);
	const struct mfa_sync_ask ask = { "phone", &a, &b };

	assert_int_equal(mfa_enroll_sync(&w->engine, &w->caller, &w->subject,
	    &ask, &drift), MFA_OK);
}

static void
import(struct world *w)
{
	const struct mfa_enroll_ask ask = { .label = "token",
		.provider = "totp", .algorithm = "", .import = SECRET_B,
		.address = "", .enabled = true };
	struct mfa_enrolled enrolled;

	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &enrolled), MFA_OK);
}

static void
forget(struct world *w)
{
	uint32_t count;

	assert_int_equal(mfa_remember_forget(&w->engine, &w->caller,
	    &w->subject, &count), MFA_OK);
	assert_int_equal(count, 1);
}

static void
reset(struct world *w)
{
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	world_enroll(w, "phone", SECRET_A, &confirmed);
}

static void
test_R24_what_voids_it(void **state)
{
	static const struct {
		const char *name;
		void (*deed)(struct world *w);
	} deeds[] = {
		{ "a new factor", add_factor }, { "a factor gone", disable },
		{ "new recovery codes", new_codes },
		{ "a bypass", give_bypass }, { "a lock", lock },
		{ "a lock of the account", lock_account },
		{ "forget", forget }, { "a reset", reset },
		{ "a sync", sync_clock }, { "an import", import },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		void *w;

		assert_int_equal(at_terminal(&w), 0);
		log_in(w);
		assert_true(unasked(w));
		deeds[i].deed(w);
		if (unasked(w))
			fail_msg("remembered after %s", deeds[i].name);
		assert_int_equal(world_free(&w), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R24_what_voids_it),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
