/* SPDX-License-Identifier: MIT */
/*
 * R5: whoever is not compared costs a write all the same, of something that
 * nobody reads; whoever is compared costs none besides the real ones.
 */
#include "tests/unit/world.h"

static unsigned int decoys, reads;

static void
counted_decoy(struct mfa_store *store, const uint8_t *bytes, uint8_t *room)
{
	(void)store;
	decoys += bytes != NULL;
	reads += room != NULL;
}

static int
counting(void **state)
{
	static struct mfa_store_ops ops;
	struct world *w;

	assert_int_equal(world_new_memory(state), 0);
	w = *state;
	ops = *w->engine.store->ops;
	ops.decoy = counted_decoy;
	w->engine.store->ops = &ops;
	return 0;
}

/* One attempt: its reason, how many decoys it costs, and how many writes. */
static void
costs(struct world *w, const char *typed, enum mfa_reason reason,
    unsigned int wanted, unsigned int writes)
{
	decoys = 0;
	w->writes = 0;
	assert_int_equal(world_try(w, typed), reason);
	assert_int_equal(decoys, wanted);
	assert_int_equal(w->writes, writes);
}

static void
enroll(struct world *w)
{
	struct mfa_confirmed confirmed;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
}

/* What is not there is read besides; what was read is not read again. */
static void
test_R5_reading_is_done_once(void **state)
{
	struct world *w = *state;
	char bad[9];

	reads = 0;
	costs(w, "123456", MFA_REASON_NOT_ENROLLED, 1, 0);
	assert_int_equal(reads, 1);
	enroll(w);
	world_wrong(w, bad);
	for (int i = 0; i < 5; i++)
		costs(w, bad, MFA_REASON_WRONG, 0, 1);
	costs(w, bad, MFA_REASON_LOCKED, 1, 0);
	assert_int_equal(reads, 1);
}

static void
test_R5_who_has_no_record_costs_a_decoy(void **state)
{
	struct world *w = *state;
	char id[17];

	costs(w, "123456", MFA_REASON_NOT_ENROLLED, 1, 0);
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	costs(w, "123456", MFA_REASON_NOT_ENROLLED, 1, 0);
}

static void
test_R5_so_does_who_has_another_s(void **state)
{
	struct world *w = *state;

	enroll(w);
	w->subject.uid++;
	costs(w, "123456", MFA_REASON_UNKNOWN_USER, 1, 0);
}

static void
test_R5_so_does_who_is_locked(void **state)
{
	struct world *w = *state;
	char bad[9];

	enroll(w);
	world_wrong(w, bad);
	for (int i = 0; i < 5; i++)
		costs(w, bad, MFA_REASON_WRONG, 0, 1);
	costs(w, bad, MFA_REASON_LOCKED, 1, 0);
}

struct rival {
	struct world *w;
	struct mfa_engine engine;
};

static void
rival_guesses(void *ctx)
{
	struct rival *rival = ctx;
	char bad[9];

	rival->w->mishap.meanwhile = NULL;
	world_wrong(rival->w, bad);
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_try_on(rival->w, &rival->engine,
		    MFA_PATH_ROOT, bad), MFA_REASON_WRONG);
}

static void
test_R5_so_does_who_is_locked_meanwhile(void **state)
{
	struct world *w = *state;
	struct rival rival = { .w = w };

	enroll(w);
	world_twin(w, &rival.engine);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_guesses;
	w->mishap.ctx = &rival;
	/* The five writes are the other's. */
	costs(w, "123456", MFA_REASON_LOCKED, 1, 5);
	world_twin_free(&rival.engine);
}

static void
test_R5_who_is_compared_costs_none(void **state)
{
	struct world *w = *state;
	char code[9];

	enroll(w);
	world_code(w, SECRET_A, 0, code);
	costs(w, code, MFA_REASON_OK, 0, 2);
	costs(w, code, MFA_REASON_REPLAYED, 0, 2);
	w->mishap.open_fails = 1;
	costs(w, code, MFA_REASON_ERROR, 0, 0);
}

/* Before a process serves, nothing is to be written. */
static void
test_R5_a_rehearsal_writes_nothing(void **state)
{
	struct world *w = *state;

	decoys = 0;
	mfa_attempt_decoy(&w->engine, MFA_DECOY_READ);
	assert_int_equal(decoys, 0);
	mfa_attempt_decoy(&w->engine, MFA_DECOY_READ | MFA_DECOY_WRITE);
	assert_int_equal(decoys, 1);
}

#define COUNTING(f) cmocka_unit_test_setup_teardown(f, counting, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		COUNTING(test_R5_reading_is_done_once),
		COUNTING(test_R5_who_has_no_record_costs_a_decoy),
		COUNTING(test_R5_so_does_who_has_another_s),
		COUNTING(test_R5_so_does_who_is_locked),
		COUNTING(test_R5_so_does_who_is_locked_meanwhile),
		COUNTING(test_R5_who_is_compared_costs_none),
		COUNTING(test_R5_a_rehearsal_writes_nothing),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
