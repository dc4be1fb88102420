/* SPDX-License-Identifier: MIT */
/*
 * R6, R7: a store without a lock, that loses answers, fails, or lies.  A
 * change is a delta, applied to what is there then, and made once.
 */
#include "tests/unit/world.h"

struct change {
	uint32_t add; /* to recovery.compared */
	unsigned int calls;
	uint32_t saw;
};

static enum mfa_err
apply(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	struct change *c = ctx;

	(void)clock;
	c->calls++;
	c->saw = record->recovery.compared;
	record->recovery.compared += c->add;
	return MFA_OK;
}

static enum mfa_err
change_on(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct change *c)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	c->calls = 0;
	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK)
		r = mfa_repo_update(repo, (struct mfa_delta){ apply, c });
	mfa_repo_close(repo);
	return r;
}

static uint32_t
value(struct world *w)
{
	static mfa_record_Record record;

	world_record(w, &record);
	return record.recovery.compared;
}

static int
made(void **state)
{
	struct change c = { .add = 100 };
	struct world *w;

	if (world_new_memory(state) != 0)
		return -1;
	w = *state;
	return mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ apply, &c }) == MFA_OK ? 0 : -1;
}

static void
test_R7_seven_conflicts_are_borne_eight_not(void **state)
{
	struct world *w = *state;
	struct change c = { .add = 1 };

	for (unsigned int n = 0; n < MFA_REPO_ROUNDS; n++) {
		w->mishap.conflicts = n;
		w->writes = 0;
		assert_int_equal(change_on(&w->engine, &w->subject, &c),
		    MFA_OK);
		assert_int_equal(c.calls, n + 1);
		assert_int_equal(w->writes, 1);
		assert_int_equal(value(w), 100 + n + 1);
	}
	w->mishap.conflicts = MFA_REPO_ROUNDS;
	w->writes = 0;
	assert_int_equal(change_on(&w->engine, &w->subject, &c),
	    MFA_ERR_CONFLICT);
	assert_int_equal(c.calls, MFA_REPO_ROUNDS);
	assert_int_equal(w->writes, 0);
	assert_int_equal(value(w), 100 + MFA_REPO_ROUNDS);
}

/* Somebody else's change stands, and ours comes on top. */
struct rival {
	struct world *w;
	struct mfa_engine engine;
	struct change change;
	unsigned int again;
};

static void
rival_writes(void *ctx)
{
	struct rival *rival = ctx;
	struct mishap ours = rival->w->mishap;

	memset(&rival->w->mishap, 0, sizeof(rival->w->mishap));
	assert_int_equal(change_on(&rival->engine, &rival->w->subject,
	    &rival->change), MFA_OK);
	rival->w->mishap = ours;
}

static void
test_R6_a_delta_sees_what_the_other_wrote(void **state)
{
	struct world *w = *state;
	struct rival rival = { .w = w, .change = { .add = 1000 } };
	struct change c = { .add = 1 };

	world_twin(w, &rival.engine);
	w->mishap.conflicts = 3;
	w->mishap.meanwhile = rival_writes;
	w->mishap.ctx = &rival;
	assert_int_equal(change_on(&w->engine, &w->subject, &c), MFA_OK);
	assert_int_equal(c.calls, 4);
	assert_int_equal(c.saw, 3100);
	assert_int_equal(value(w), 3101);
	world_twin_free(&rival.engine);
}

static void
test_R7_an_unknown_outcome_is_looked_up(void **state)
{
	struct world *w = *state;
	struct change c = { .add = 1 };

	/* It was written: once, not again. */
	w->mishap.unknown_done = 1;
	assert_int_equal(change_on(&w->engine, &w->subject, &c), MFA_OK);
	assert_int_equal(c.calls, 1);
	assert_int_equal(w->writes, 1);
	assert_int_equal(value(w), 101);
	/* It was not: made again. */
	w->mishap.unknown_lost = 2;
	assert_int_equal(change_on(&w->engine, &w->subject, &c), MFA_OK);
	assert_int_equal(c.calls, 3);
	assert_int_equal(value(w), 102);
	/* Never known: no. */
	w->mishap.unknown_lost = 100;
	assert_int_equal(change_on(&w->engine, &w->subject, &c),
	    MFA_ERR_OUTCOME_UNKNOWN);
	assert_int_equal(c.calls, MFA_REPO_ROUNDS);
	w->mishap.unknown_lost = 0;
	assert_int_equal(value(w), 102);
}

/* Written, then the rival wrote, too: our id is still among the last four. */
static void
test_R7_an_unknown_outcome_under_a_rivals_write(void **state)
{
	struct world *w = *state;
	struct rival rival = { .w = w, .change = { .add = 1000 } };
	struct change c = { .add = 1 };

	world_twin(w, &rival.engine);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = rival_writes;
	w->mishap.ctx = &rival;
	w->mishap.unknown_done = 1;
	assert_int_equal(change_on(&w->engine, &w->subject, &c), MFA_OK);
	assert_int_equal(value(w), 1101);
	assert_int_equal(c.calls, 2);
	world_twin_free(&rival.engine);
}

static void
test_R3_a_failed_write_is_an_error_and_not_repeated(void **state)
{
	struct world *w = *state;
	struct change c = { .add = 1 };

	w->mishap.write_fails = 1;
	assert_int_equal(change_on(&w->engine, &w->subject, &c), MFA_ERR_IO);
	assert_int_equal(c.calls, 1);
	assert_int_equal(value(w), 100);
	w->mishap.open_fails = 1;
	assert_int_equal(change_on(&w->engine, &w->subject, &c), MFA_ERR_IO);
	assert_int_equal(c.calls, 0);
	assert_int_equal(value(w), 100);
}

/* ---- a store that lies ---- */

static const struct mfa_store_ops *honest;
static unsigned int told_slots;
static enum mfa_err told_reload;

static enum mfa_err
lying_open(struct mfa_store *store, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **txn)
{
	enum mfa_err r = honest->open(store, id, mode, view, txn);

	view->slots = told_slots;
	return r;
}

static enum mfa_err
failing_reload(struct mfa_store_txn *txn, struct mfa_store_view *view)
{
	(void)txn;
	(void)view;
	return told_reload;
}

static void
test_R3_a_number_of_slots_that_cannot_be(void **state)
{
	static const unsigned int bad[] = { 0, 3, UINT32_MAX };
	struct world *w = *state;
	struct mfa_store_ops ops = *w->engine.store->ops;
	struct mfa_repo *repo;

	honest = w->engine.store->ops;
	ops.open = lying_open;
	w->engine.store->ops = &ops;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		told_slots = bad[i];
		assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
		    MFA_STORE_READ, &repo), MFA_ERR_DAMAGED);
		assert_null(repo);
	}
	/* A second slot that is empty is a damaged one. */
	told_slots = 2;
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_OK);
	mfa_repo_close(repo);
	w->engine.store->ops = honest;
}

static void
test_R3_a_conflict_that_cannot_be_read_again(void **state)
{
	static const enum mfa_err errs[] = { MFA_ERR_IO, MFA_ERR_NOT_FOUND };
	struct world *w = *state;
	struct mfa_store_ops ops = *w->engine.store->ops;
	struct change c = { .add = 1 };

	honest = w->engine.store->ops;
	ops.reload = failing_reload;
	w->engine.store->ops = &ops;
	for (int i = 0; i < 4; i++) {
		told_reload = errs[i / 2];
		w->mishap.conflicts = i % 2 == 0;
		w->mishap.unknown_lost = i % 2 == 1;
		assert_int_equal(change_on(&w->engine, &w->subject, &c),
		    told_reload);
		assert_int_equal(c.calls, 1);
	}
	w->engine.store->ops = honest;
	assert_int_equal(value(w), 100);
}

#define MADE(f) cmocka_unit_test_setup_teardown(f, made, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MADE(test_R7_seven_conflicts_are_borne_eight_not),
		MADE(test_R6_a_delta_sees_what_the_other_wrote),
		MADE(test_R7_an_unknown_outcome_is_looked_up),
		MADE(test_R7_an_unknown_outcome_under_a_rivals_write),
		MADE(test_R3_a_failed_write_is_an_error_and_not_repeated),
		MADE(test_R3_a_number_of_slots_that_cannot_be),
		MADE(test_R3_a_conflict_that_cannot_be_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
