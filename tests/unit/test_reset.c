/* SPDX-License-Identifier: MIT */
/* R22, R29, R30: reset and remove: what is given up, and what is not. */
#include "tests/unit/login_states.h"

#include "verifier/engine/throttle.h"
#include "verifier/vault/keyring.h"

static enum mfa_err
reset(struct world *w)
{
	return mfa_admin_reset(&w->engine, &w->caller, &w->subject);
}

static enum mfa_err
remove_record(struct world *w)
{
	return mfa_admin_remove(&w->engine, &w->caller, &w->subject);
}

static bool
has_file(const struct world *w)
{
	char path[400];

	state_path(w, path);
	return access(path, F_OK) == 0;
}

/* Empty, the user's, and ready for a new life. */
static void
starts_anew(struct world *w)
{
	static mfa_record_Record r;
	struct mfa_confirmed confirmed;

	world_record(w, &r);
	assert_false(r.enrolled);
	assert_int_equal(r.factors_count, 0);
	assert_int_equal(r.recovery.codes_count, 0);
	assert_int_equal(r.uid, w->subject.uid);
	assert_string_equal(r.name, w->subject.name);
	world_pass(w, 3600);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(confirmed.codes.count, 10);
}

static void
test_R30_reset_empties_and_keeps_budgets(void **state)
{
	static mfa_record_Record before, after;
	struct world *w = *state;
	char bad[9], code[9];

	state_enrolled(w);
	world_wrong(w, bad);
	for (int i = 0; i < 7; i++)
		(void)world_try(w, bad);
	world_record(w, &before);
	assert_int_equal(reset(w), MFA_OK);
	world_record(w, &after);
	assert_int_equal(after.generation, before.generation + 1);
	assert_int_equal(mfa_throttle_day(&after, after.stamp.lapse), 5);
	assert_int_equal(after.stamp.lapse, before.stamp.lapse);
	assert_int_equal(w->events[MFA_EVENT_RESET], 1);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_NOT_ENROLLED);
	starts_anew(w);
	/* Twice does no harm. */
	assert_int_equal(reset(w), MFA_OK);
	assert_int_equal(reset(w), MFA_OK);
}

static void
test_R22_reset_takes_over_for_another_uid(void **state)
{
	struct world *w = *state;
	char code[9];

	state_foreign(w);
	world_user(w, PERSON);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_UNKNOWN_USER);
	assert_int_equal(reset(w), MFA_OK);
	starts_anew(w);
}

static void
test_reset_needs_a_record(void **state)
{
	struct world *w = *state;

	state_none(w);
	assert_int_equal(reset(w), MFA_ERR_NOT_FOUND);
	assert_false(has_file(w));
	assert_int_equal(w->events[MFA_EVENT_RESET], 0);
}

static void
test_R30_reset_replaces_what_nobody_can_read(void **state)
{
	static void (*const states[])(struct world *) = { state_damaged,
		state_empty, state_half };
	void *world;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct world *w;

		assert_int_equal(world_new(&world), 0);
		w = world;
		states[i](w);
		assert_int_equal(reset(w), MFA_OK);
		assert_int_equal(w->events[MFA_EVENT_RESET], 1);
		starts_anew(w);
		assert_int_equal(world_free(&world), 0);
	}
}

/* The key is gone for good, and there is a new one. */
static void
test_R30_reset_replaces_a_record_whose_key_is_gone(void **state)
{
	struct world *w = *state;
	uint8_t id[MFA_KEY_ID];

	state_no_key(w);
	assert_int_equal(mfa_keyring_new(w->keys, &w->env, 0, id), MFA_OK);
	assert_int_equal(reset(w), MFA_OK);
	starts_anew(w);
}

/* What may come back must not be thrown away. */
static void
test_R29_reset_leaves_alone_what_is_not_broken(void **state)
{
	static const struct {
		void (*make)(struct world *w);
		enum mfa_err err;
	} states[] = {
		{ state_newer, MFA_ERR_FORMAT },
		{ state_link, MFA_ERR_UNSAFE },
		/* no key at all: the ring is not mounted, perhaps */
		{ state_no_key, MFA_ERR_NO_KEY },
	};
	void *world;

	(void)state;
	for (int i = 0; i < 3; i++) {
		uint8_t before[MFA_STORE_SLOTS * MFA_STORE_SLOT];
		uint8_t after[sizeof(before)];
		struct world *w;

		assert_int_equal(world_new(&world), 0);
		w = world;
		states[i].make(w);
		world_read(w, before);
		assert_int_equal(reset(w), states[i].err);
		assert_true(has_file(w));
		world_read(w, after);
		assert_memory_equal(before, after, sizeof(before));
		assert_int_equal(w->events[MFA_EVENT_RESET], 0);
		assert_int_equal(world_free(&world), 0);
	}
}

/* A good record, but nothing to seal with: it stays as it is. */
static void
test_R30_reset_without_a_primary_key_changes_nothing(void **state)
{
	struct world *w = *state;
	char path[128], code[9];

	state_enrolled(w);
	(void)snprintf(path, sizeof(path), "%s/primary", w->keys);
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			assert_int_equal(truncate(path, 3), 0);
		else
			assert_int_equal(unlink(path), 0);
		assert_int_equal(reset(w), MFA_ERR_NO_KEY);
		assert_true(has_file(w));
	}
	uint8_t id[MFA_KEY_ID];

	assert_int_equal(mfa_keyring_new(w->keys, &w->env, 0, id), MFA_OK);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

/* Of an account that is gone. */
static void
test_R22_reset_for_a_user_that_is_gone(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	uint8_t garbage[MFA_STORE_SLOTS * MFA_STORE_SLOT] = { 1 };

	state_enrolled(w);
	w->subject.known = false;
	w->subject.uid = 0;
	assert_int_equal(reset(w), MFA_OK);
	world_record(w, &r);
	assert_false(r.enrolled);
	assert_int_not_equal(r.uid, 0);
	assert_int_equal(remove_record(w), MFA_OK);
	assert_false(has_file(w));
	/* What cannot be read and belongs to nobody goes. */
	assert_int_equal(w->engine.store->ops->create(w->engine.store,
	    w->subject.id, garbage), MFA_OK);
	assert_int_equal(reset(w), MFA_OK);
	assert_false(has_file(w));
}

static void
test_R3_reset_that_cannot_write(void **state)
{
	struct world *w = *state;
	mfa_record_Record r;

	state_enrolled(w);
	w->mishap.write_fails = 1;
	assert_int_equal(reset(w), MFA_ERR_IO);
	world_record(w, &r);
	assert_true(r.enrolled);
	w->mishap.open_fails = 1;
	assert_int_equal(reset(w), MFA_ERR_IO);
	assert_int_equal(w->events[MFA_EVENT_RESET], 0);
}

static void
test_R30_remove_after_reset_only(void **state)
{
	struct world *w = *state;
	char id[17];
	bool last;

	state_none(w);
	assert_int_equal(remove_record(w), MFA_ERR_NOT_FOUND);
	state_enrolled(w);
	assert_int_equal(remove_record(w), MFA_ERR_DENIED);
	assert_true(has_file(w));
	assert_int_equal(reset(w), MFA_OK);
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_int_equal(remove_record(w), MFA_ERR_DENIED);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, id, &last), MFA_OK);
	assert_int_equal(w->events[MFA_EVENT_REMOVED], 0);
	assert_int_equal(remove_record(w), MFA_OK);
	assert_false(has_file(w));
	assert_int_equal(w->events[MFA_EVENT_REMOVED], 1);
}

static void
test_R30_what_cannot_be_read_is_not_removed(void **state)
{
	static const struct {
		void (*make)(struct world *w);
		enum mfa_err err;
	} states[] = { { state_damaged, MFA_ERR_DAMAGED },
		{ state_newer, MFA_ERR_FORMAT },
		{ state_no_key, MFA_ERR_NO_KEY },
		{ state_foreign, MFA_ERR_DENIED } };
	void *world;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct world *w;

		assert_int_equal(world_new(&world), 0);
		w = world;
		states[i].make(w);
		world_user(w, PERSON);
		assert_int_equal(remove_record(w), states[i].err);
		assert_true(has_file(w));
		assert_int_equal(world_free(&world), 0);
	}
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)
#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R30_reset_empties_and_keeps_budgets),
		IN_FILES(test_R22_reset_takes_over_for_another_uid),
		IN_FILES(test_reset_needs_a_record),
		cmocka_unit_test(test_R30_reset_replaces_what_nobody_can_read),
		IN_FILES(test_R30_reset_replaces_a_record_whose_key_is_gone),
		cmocka_unit_test(
		    test_R29_reset_leaves_alone_what_is_not_broken),
		IN_FILES(test_R30_reset_without_a_primary_key_changes_nothing),
		IN_FILES(test_R22_reset_for_a_user_that_is_gone),
		IN_MEMORY(test_R3_reset_that_cannot_write),
		IN_FILES(test_R30_remove_after_reset_only),
		cmocka_unit_test(test_R30_what_cannot_be_read_is_not_removed),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
