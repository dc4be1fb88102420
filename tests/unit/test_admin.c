/* SPDX-License-Identifier: MIT */
/* R10, R11, R21, R22, R30: what an administrator sees and does. */
#include "tests/unit/login_states.h"

#include "verifier/engine/prove.h"
#include "verifier/engine/throttle.h"

struct seen {
	unsigned int factors, accounts;
	struct mfa_factor_info factor[8];
	struct mfa_account_info account[8];
	enum mfa_err answer;
};

static enum mfa_err
note_factor(void *ctx, const struct mfa_factor_info *info)
{
	struct seen *seen = ctx;

	assert_true(seen->factors < 8);
	seen->factor[seen->factors++] = *info;
	return seen->answer;
}

static enum mfa_err
note_account(void *ctx, const struct mfa_account_info *info)
{
	struct seen *seen = ctx;

	assert_true(seen->accounts < 8);
	seen->account[seen->accounts++] = *info;
	return seen->answer;
}

static struct mfa_account_info
status(struct world *w)
{
	struct mfa_account_info info;

	memset(&info, 0xa5, sizeof(info));
	assert_int_equal(mfa_admin_status(&w->engine, &w->caller,
		&w->subject, &info), MFA_OK);
	return info;
}

/* ---- looking ---- */

static void
test_list_shows_each_factor(void **state)
{
	static struct seen seen;
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char id[17];
	bool last;

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(mfa_admin_list(&w->engine, &w->subject, note_factor,
	    &seen), MFA_OK);
	assert_int_equal(seen.factors, 0);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_enroll(w, "tablet", SECRET_B, &confirmed);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "tablet", &last), MFA_OK);
	assert_int_equal(world_pending(w, "new", SECRET_C, id), MFA_OK);
	world_pass(w, 100);
	assert_int_equal(mfa_admin_list(&w->engine, &w->subject, note_factor,
	    &seen), MFA_OK);
	assert_int_equal(seen.factors, 3);
	assert_string_equal(seen.factor[0].label, "phone");
	assert_string_equal(seen.factor[0].status, "enabled");
	assert_string_equal(seen.factor[0].provider, "totp");
	assert_string_equal(seen.factor[0].algorithm, "SHA1");
	assert_int_equal(seen.factor[0].digits, 6);
	assert_int_equal(seen.factor[0].period, 30);
	assert_int_equal(seen.factor[0].created, WORLD_START);
	assert_int_equal(seen.factor[0].confirmed, WORLD_START);
	assert_int_equal(seen.factor[0].expires_seconds, 0);
	assert_string_equal(seen.factor[1].status, "disabled");
	assert_string_equal(seen.factor[2].status, "pending");
	assert_string_equal(seen.factor[2].id, id);
	assert_int_equal(seen.factor[2].expires_seconds, 800);
	/* Expired is gone. */
	world_pass(w, 800);
	seen.factors = 0;
	assert_int_equal(mfa_admin_list(&w->engine, &w->subject, note_factor,
	    &seen), MFA_OK);
	assert_int_equal(seen.factors, 2);
	seen.answer = MFA_ERR_CLOSED;
	assert_int_equal(mfa_admin_list(&w->engine, &w->subject, note_factor,
	    &seen), MFA_ERR_CLOSED);
	assert_int_equal(seen.factors, 3);
}

/* Turned off in the configuration, a factor lets in nobody. */
static void
test_factors_of_a_provider_that_is_off_are_shown(void **state)
{
	static struct seen seen;
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char id[17];

	memset(&seen, 0, sizeof(seen));
	w->config.realm[0].provides |= MFA_PROVIDES_HOTP;
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_enroll_hotp(w, "token", SECRET_B);
	assert_int_equal(world_pending(w, "new", SECRET_C, id), MFA_OK);
	assert_int_equal(status(w).usable_factors, 2);
	w->config.realm[0].provides &= ~(uint32_t)MFA_PROVIDES_TOTP;
	assert_int_equal(mfa_admin_list(&w->engine, &w->subject, note_factor,
	    &seen), MFA_OK);
	assert_int_equal(seen.factors, 3);
	assert_true(seen.factor[0].provider_off);
	assert_string_equal(seen.factor[0].status, "enabled");
	assert_false(seen.factor[1].provider_off);
	assert_true(seen.factor[2].provider_off);
	assert_int_equal(status(w).enabled_factors, 2);
	assert_int_equal(status(w).usable_factors, 1);
	w->config.realm[0].provides = 0;
	assert_int_equal(status(w).enabled_factors, 2);
	assert_int_equal(status(w).usable_factors, 0);
}

static void
test_R9_locks_and_blocks_are_shown(void **state)
{
	static struct seen seen;
	struct world *w = *state;
	char bad[9];

	memset(&seen, 0, sizeof(seen));
	state_enrolled(w);
	world_wrong(w, bad);
	for (int i = 0; i < 5; i++)
		(void)world_try(w, bad);
	for (int i = 0; i < 5; i++)
		(void)world_try_on(w, &w->engine, MFA_PATH_OTHER, bad);
	world_pass(w, 100);
	/* The other path's lock is as long, and was begun no later. */
	assert_int_equal(mfa_admin_list(&w->engine, &w->subject, note_factor,
	    &seen), MFA_OK);
	assert_int_equal(seen.factor[0].locked_seconds, 800);
	assert_int_equal(status(w).wrong_today, 5);
	assert_int_equal(status(w).wrong_month, 5);
	assert_int_equal(status(w).locked_seconds, 800);
	assert_int_equal(status(w).wrong_today_other, 5);
	assert_int_equal(status(w).locked_seconds_other, 800);
	assert_false(status(w).blocked);
	w->config.hard_stop = 5;
	assert_int_equal(mfa_admin_list(&w->engine, &w->subject, note_factor,
	    &seen), MFA_OK);
	assert_string_equal(seen.factor[1].status, "blocked");
	assert_true(status(w).blocked);
	w->config.hard_stop = 70;
	w->config.hard_stop_unprivileged = 5;
	assert_true(status(w).blocked);
	w->config.wrong_per_day = 5;
	assert_in_range(status(w).locked_seconds, 80000, 90000);
}

static void
test_R10_status_counts(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char id[17];

	world_user(w, PERSON);
	assert_false(status(w).exists);
	assert_false(status(w).required);
	assert_int_equal(status(w).problem, MFA_OK);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(world_pending(w, "new", SECRET_B, id), MFA_OK);
	assert_int_equal(world_try(w, confirmed.codes.code[0]),
	    MFA_REASON_OK);
	assert_int_equal(world_try(w, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
	    MFA_REASON_WRONG);
	assert_string_equal(status(w).user, PERSON);
	assert_int_equal(status(w).uid, w->subject.uid);
	assert_true(status(w).exists);
	assert_true(status(w).enrolled);
	assert_true(status(w).required);
	assert_int_equal(status(w).enabled_factors, 1);
	assert_int_equal(status(w).pending_factors, 1);
	assert_int_equal(status(w).recovery_left, 9);
	assert_int_equal(status(w).recovery_total, 10);
	assert_int_equal(status(w).recovery_compared, 2);
	world_pass(w, 900);
	assert_int_equal(status(w).pending_factors, 0);
}

static enum mfa_err
prove_wrongly(struct world *w, const char *text)
{
	const struct mfa_caller owner = { .path = MFA_PATH_OTHER,
		.right = MFA_RIGHT_OWNER, .uid = w->subject.uid,
		.service = "medusa-mfa", .rhost = "", .tty = "" };
	const struct mfa_typed typed = world_typed(text);
	struct mfa_proof proof;

	return mfa_prove_code(&w->engine, &owner, &w->subject, &typed, 300,
	    &proof);
}

/* Of the codes that an administrator gives, too. */
static void
test_R10_status_counts_what_was_given(void **state)
{
	const struct mfa_grants_ask bypass = { .kind = MFA_GRANT_BYPASS,
		.seconds = 3600, .reason = "phone lost" };
	static const char wrong[] = "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA";
	struct world *w = *state;
	struct mfa_granted given;

	world_user(w, PERSON);
	w->config.invitation_ttl_seconds = 600;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &given), MFA_OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(prove_wrongly(w, wrong), MFA_ERR_WRONG);
	world_pass(w, 100);
	assert_int_equal(status(w).invited_seconds, 500);
	assert_int_equal(status(w).invitation_compared, 2);
	assert_int_equal(status(w).bypass_seconds, 0);
	/* Over, it is not told of. */
	world_pass(w, 500);
	assert_int_equal(status(w).invited_seconds, 0);
	assert_int_equal(status(w).invitation_compared, 0);
	state_enrolled(w);
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &bypass, &given), MFA_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_try(w, wrong), MFA_REASON_WRONG);
	world_pass(w, 100);
	assert_int_equal(status(w).bypass_seconds, 3500);
	assert_int_equal(status(w).bypass_compared, 3);
	assert_string_equal(status(w).bypass_reason, "phone lost");
	world_pass(w, 3500);
	assert_int_equal(status(w).bypass_seconds, 0);
	assert_int_equal(status(w).bypass_compared, 0);
	assert_string_equal(status(w).bypass_reason, "");
}

static void
test_R2_status_tells_policy(void **state)
{
	struct world *w = *state;

	state_none(w);
	w->config.realm[0].require = MFA_REQUIRE_ALL;
	assert_true(status(w).required);
	memcpy(w->config.exempt_users[0], PERSON, sizeof(PERSON));
	w->config.exempt_count = 1;
	assert_false(status(w).required);
	assert_true(status(w).exempt);
}

static void
test_R2_a_record_that_cannot_be_used_is_a_problem(void **state)
{
	static const struct {
		void (*make)(struct world *w);
		enum mfa_err problem;
	} states[] = {
		{ state_damaged, MFA_ERR_DAMAGED },
		{ state_newer, MFA_ERR_FORMAT },
		{ state_no_key, MFA_ERR_NO_KEY },
		{ state_empty, MFA_ERR_DAMAGED },
		{ state_link, MFA_ERR_UNSAFE },
		{ state_foreign, MFA_ERR_FOREIGN },
	};
	static struct seen seen;
	void *world;

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct world *w;

		assert_int_equal(world_new(&world), 0);
		w = world;
		states[i].make(w);
		world_user(w, PERSON);
		assert_int_equal(status(w).problem, states[i].problem);
		assert_true(status(w).exists);
		/* Whoever has one is asked, whatever is wrong with it. */
		assert_true(status(w).required);
		assert_false(status(w).enrolled);
		assert_int_equal(mfa_admin_list(&w->engine, &w->subject,
		    note_factor, &seen), states[i].problem);
		assert_int_equal(seen.factors, 0);
		assert_int_equal(world_free(&world), 0);
	}
}

static void
test_users_lists_all_and_what_is_wrong(void **state)
{
	static struct seen seen;
	struct world *w = *state;
	uint8_t garbage[MFA_STORE_SLOTS * MFA_STORE_SLOT] = { 1 };
	struct mfa_store *store = w->engine.store;

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(mfa_admin_users(&w->engine, "unix", note_account,
	    &seen), MFA_OK);
	assert_int_equal(seen.accounts, 0);
	state_enrolled(w);
	assert_int_equal(store->ops->create(store, "u-%41dam", garbage),
	    MFA_OK);
	assert_int_equal(mfa_admin_users(&w->engine, "unix", note_account,
	    &seen), MFA_OK);
	assert_int_equal(seen.accounts, 2);
	for (unsigned int i = 0; i < 2; i++) {
		const struct mfa_account_info *a = &seen.account[i];

		assert_true(a->exists);
		assert_true(a->required);
		if (strcmp(a->user, PERSON) == 0) {
			assert_int_equal(a->problem, MFA_OK);
			assert_int_equal(a->uid, w->subject.uid);
			assert_true(a->enrolled);
		} else {
			/* The name in it cannot be read: the file's. */
			assert_string_equal(a->user, "Adam");
			assert_int_equal(a->problem, MFA_ERR_DAMAGED);
		}
	}
	seen.answer = MFA_ERR_CLOSED;
	assert_int_equal(mfa_admin_users(&w->engine, "unix", note_account,
	    &seen), MFA_ERR_CLOSED);
	assert_int_equal(seen.accounts, 3);
}

/* ---- unlock ---- */

static enum mfa_err
unlock(struct world *w, bool clock)
{
	return mfa_admin_unlock(&w->engine, &w->caller, &w->subject, clock);
}

static void
test_R9_unlock_opens_every_lock_and_block(void **state)
{
	static void (*const states[])(struct world *) = { state_locked,
		state_blocked, state_spent };
	char code[9];
	void *world;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct world *w;

		assert_int_equal(world_new(&world), 0);
		w = world;
		states[i](w);
		assert_int_equal(unlock(w, false), MFA_OK);
		assert_int_equal(w->events[MFA_EVENT_UNLOCKED], 1);
		world_code(w, SECRET_A, 0, code);
		assert_int_equal(world_try(w, code), MFA_REASON_OK);
		/* What was used stays used (R6). */
		assert_int_equal(unlock(w, true), MFA_OK);
		assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
		assert_int_equal(world_free(&world), 0);
	}
}

static void
test_unlock_needs_a_record_that_is_the_user_s(void **state)
{
	struct world *w = *state;

	state_none(w);
	assert_int_equal(unlock(w, true), MFA_ERR_NOT_FOUND);
	state_foreign(w);
	world_user(w, PERSON);
	assert_int_equal(unlock(w, true), MFA_ERR_FOREIGN);
	assert_int_equal(w->events[MFA_EVENT_UNLOCKED], 0);
}

/* Codes were used while the clock was a year ahead; now it is right. */
static void
test_R11_unlock_clock_mends_the_record(void **state)
{
	struct world *w = *state;
	uint64_t right;
	char code[9];

	state_enrolled(w);
	right = w->now.wall;
	w->now.wall += 365ULL * 86400;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	w->now.wall = right + 3600;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_CLOCK);
	assert_int_equal(unlock(w, false), MFA_OK);
	assert_int_equal(world_try(w, code), MFA_REASON_CLOCK);
	assert_int_equal(unlock(w, true), MFA_OK);
	/* Codes of now may have been used: they stay so. */
	for (int step = -1; step <= 1; step++) {
		world_code(w, SECRET_A, step, code);
		assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	}
	world_pass(w, 60);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

/* A clock that was never set says nothing of which codes were used. */
static void
test_R6_unlock_clock_by_a_clock_of_1970_opens_no_step(void **state)
{
	static mfa_record_Record before, after;
	struct world *w = *state;
	uint64_t right;
	char code[9];

	state_enrolled(w);
	right = w->now.wall;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_record(w, &before);
	for (int i = 0; i < 2; i++) {
		w->now.wall = i == 0 ? 0 : w->env.release - 1;
		assert_int_equal(unlock(w, true), MFA_ERR_CLOCK);
		world_record(w, &after);
		assert_memory_equal(&after, &before, sizeof(after));
	}
	assert_int_equal(w->events[MFA_EVENT_UNLOCKED], 0);
	/* What has nothing to do with it goes on. */
	assert_int_equal(unlock(w, false), MFA_OK);
	w->now.wall = right;
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	/* The first day that can be right is an administrator's word. */
	w->now.wall = w->env.release;
	assert_int_equal(unlock(w, true), MFA_OK);
}

/* The table of requests (R31) says so first; this holds without it. */
static void
test_R21_only_who_manages_acts(void **state)
{
	static const enum mfa_right others[] = { MFA_RIGHT_NONE,
		MFA_RIGHT_OWNER, MFA_RIGHT_FIRST };
	static uint8_t before[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	static uint8_t after[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	struct world *w = *state;

	state_locked(w);
	world_read(w, before);
	for (int i = 0; i < 3; i++) {
		w->caller.right = others[i];
		assert_int_equal(unlock(w, i == 0), MFA_ERR_DENIED);
		assert_int_equal(mfa_admin_reset(&w->engine, &w->caller,
		    &w->subject), MFA_ERR_DENIED);
	}
	world_read(w, after);
	assert_memory_equal(before, after, sizeof(before));
	w->caller.right = MFA_RIGHT_MANAGE;
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	for (int i = 0; i < 3; i++) {
		w->caller.right = others[i];
		assert_int_equal(mfa_admin_remove(&w->engine, &w->caller,
		    &w->subject), MFA_ERR_DENIED);
	}
	world_read(w, after);
	assert_int_equal(w->events[MFA_EVENT_UNLOCKED], 0);
	assert_int_equal(w->events[MFA_EVENT_RESET], 1);
	assert_int_equal(w->events[MFA_EVENT_REMOVED], 0);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_list_shows_each_factor),
		IN_FILES(test_factors_of_a_provider_that_is_off_are_shown),
		IN_FILES(test_R9_locks_and_blocks_are_shown),
		IN_FILES(test_R10_status_counts),
		IN_FILES(test_R10_status_counts_what_was_given),
		IN_FILES(test_R2_status_tells_policy),
		cmocka_unit_test(
		    test_R2_a_record_that_cannot_be_used_is_a_problem),
		IN_FILES(test_users_lists_all_and_what_is_wrong),
		cmocka_unit_test(test_R9_unlock_opens_every_lock_and_block),
		IN_FILES(test_unlock_needs_a_record_that_is_the_user_s),
		IN_FILES(test_R11_unlock_clock_mends_the_record),
		IN_FILES(
		    test_R6_unlock_clock_by_a_clock_of_1970_opens_no_step),
		IN_FILES(test_R21_only_who_manages_acts),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
