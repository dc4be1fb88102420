/* SPDX-License-Identifier: MIT */
/*
 * R2, R3, R7, R17, R19: what stands in the two slots, when they are looked at
 * again, and which keys that takes.
 */
#include "tests/unit/world.h"

#include "verifier/crypt/crypt.h"
#include "verifier/vault/envelope.h"

#define AT_FORMAT   8
#define AT_STORE_ID 20

/* Every slot that is sealed asks for random bytes, once. */
static unsigned int sealed;

static void
counted_random(const struct mfa_env *env, void *out, size_t len)
{
	sealed += len == 32;
	mfa_crypt_random(env, out, len);
}

static enum mfa_err
mark(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	const uint32_t *value = ctx;

	(void)clock;
	record->recovery.compared = *value;
	return MFA_OK;
}

static void
update(struct mfa_repo *repo, uint32_t value)
{
	assert_int_equal(mfa_repo_update(repo,
	    (struct mfa_delta){ mark, &value }), MFA_OK);
}

static struct mfa_repo *
opened(struct world *w, enum mfa_store_mode mode)
{
	struct mfa_repo *repo;

	assert_int_equal(mfa_repo_open(&w->engine, &w->subject, mode, &repo),
	    MFA_OK);
	return repo;
}

static void
create(struct world *w)
{
	uint32_t value = 1;

	assert_int_equal(mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ mark, &value }), MFA_OK);
}

/* A record written so often; its mark is the number of the last write. */
static void
written(struct world *w, uint32_t times)
{
	struct mfa_repo *repo;

	create(w);
	repo = opened(w, MFA_STORE_WRITE);
	for (uint32_t i = 1; i <= times; i++)
		update(repo, i);
	mfa_repo_close(repo);
}

static uint64_t
sequence(struct world *w, unsigned int index)
{
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	struct mfa_slot_header header;

	world_read(w, bytes);
	assert_int_equal(mfa_envelope_header(bytes + index * MFA_STORE_SLOT,
	    &header), MFA_OK);
	assert_int_equal(header.slot, index);
	return header.sequence;
}

static void
spoil(struct world *w, size_t at)
{
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];

	world_read(w, bytes);
	bytes[at] ^= 1;
	world_write(w, bytes);
}

/* ---- written ---- */

static void
test_R19_a_new_record_has_both_slots(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;

	w->env.random = counted_random;
	create(w);
	assert_int_equal(sealed, MFA_STORE_SLOTS);
	assert_true(sequence(w, 0) == 1);
	assert_true(sequence(w, 1) == 2);
	repo = opened(w, MFA_STORE_READ);
	assert_false(mfa_repo_torn(repo));
	mfa_repo_close(repo);
}

static void
test_R7_each_write_is_the_next_in_the_other_slot(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;

	create(w);
	repo = opened(w, MFA_STORE_WRITE);
	for (uint32_t i = 0; i < 6; i++) {
		update(repo, i);
		assert_true(sequence(w, i % 2) == 3 + i);
		assert_true(sequence(w, 1 - i % 2) == 2 + i);
		assert_false(mfa_repo_torn(repo));
	}
	mfa_repo_close(repo);
}

static void
test_R7_a_torn_slot_is_told_until_it_is_written_over(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;

	written(w, 1);
	for (uint32_t i = 0; i < 4; i++) {
		spoil(w, i % 2 * MFA_STORE_SLOT + 5000);
		repo = opened(w, MFA_STORE_WRITE);
		assert_true(mfa_repo_torn(repo));
		update(repo, 10 + i);
		assert_false(mfa_repo_torn(repo));
		mfa_repo_close(repo);
		repo = opened(w, MFA_STORE_READ);
		assert_false(mfa_repo_torn(repo));
		assert_int_equal(mfa_repo_record(repo)->recovery.compared,
		    10 + i);
		mfa_repo_close(repo);
	}
}

/* Damage like any other: not a state of ours, and told. */
static void
test_R17_a_slot_of_another_store_is_a_torn_one(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;

	written(w, 2);
	for (int i = 0; i < 2; i++) {
		const size_t at = (size_t)i * MFA_STORE_SLOT + AT_STORE_ID;

		spoil(w, at);
		repo = opened(w, MFA_STORE_READ);
		assert_true(mfa_repo_torn(repo));
		assert_int_equal(mfa_repo_record(repo)->recovery.compared,
		    2 - i);
		mfa_repo_close(repo);
		spoil(w, at);
	}
}

/* ---- a store in between ---- */

static struct {
	const struct mfa_store_ops *honest;
	size_t spoils[MFA_STORE_SLOTS]; /* a byte of the view; 0: none */
	unsigned int slots;		/* that it tells of */
	bool no_txn;			/* "damaged", and nothing to close */
	unsigned int reloads;
} fake;

static enum mfa_err
fake_open(struct mfa_store *store, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **txn)
{
	enum mfa_err r = fake.honest->open(store, id, mode, view, txn);

	for (int i = 0; i < MFA_STORE_SLOTS; i++) {
		if (fake.spoils[i] != 0)
			view->bytes[fake.spoils[i]] ^= 0x40;
	}
	view->slots = fake.slots;
	if (r != MFA_OK || !fake.no_txn)
		return r;
	fake.honest->close(*txn);
	*txn = NULL;
	return MFA_ERR_DAMAGED;
}

static enum mfa_err
fake_reload(struct mfa_store_txn *txn, struct mfa_store_view *view)
{
	fake.reloads++;
	return fake.honest->reload(txn, view);
}

static enum mfa_err
look(struct world *w, enum mfa_store_mode mode, uint32_t *value)
{
	struct mfa_store_ops ops = *w->engine.store->ops;
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	fake.honest = w->engine.store->ops;
	fake.reloads = 0;
	ops.open = fake_open;
	ops.reload = fake_reload;
	w->engine.store->ops = &ops;
	r = mfa_repo_open(&w->engine, &w->subject, mode, &repo);
	if (r == MFA_OK)
		*value = mfa_repo_record(repo)->recovery.compared;
	mfa_repo_close(repo);
	w->engine.store->ops = fake.honest;
	return r;
}

#define FIRST  5000
#define SECOND (MFA_STORE_SLOT + 5000)

static const struct {
	const char *what;
	enum mfa_store_mode mode;
	size_t spoils[MFA_STORE_SLOTS];
	unsigned int slots;
	bool no_txn;
	enum mfa_err wanted;
	unsigned int reloads;
} looks[] = {
	{ "good", MFA_STORE_READ, { 0 }, 2, false, MFA_OK, 0 },
	{ "good, locked", MFA_STORE_WRITE, { 0 }, 2, false, MFA_OK, 0 },
	{ "one torn", MFA_STORE_READ, { FIRST }, 2, false, MFA_OK, 0 },
	{ "both under way", MFA_STORE_READ, { FIRST, SECOND }, 2, false,
	    MFA_OK, 1 },
	{ "both torn, locked", MFA_STORE_WRITE, { FIRST, SECOND }, 2, false,
	    MFA_ERR_DAMAGED, 0 },
	{ "a newer format", MFA_STORE_READ, { AT_FORMAT, SECOND }, 2, false,
	    MFA_ERR_FORMAT, 0 },
	{ "one slot, torn", MFA_STORE_READ, { FIRST }, 1, false,
	    MFA_ERR_DAMAGED, 0 },
	{ "nothing was opened", MFA_STORE_READ, { 0 }, 2, true,
	    MFA_ERR_DAMAGED, 0 },
};

/* Who looks without the lock may see two writes under way; once. */
static void
test_R3_what_is_read_again(void **state)
{
	struct world *w = *state;

	written(w, 2);
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		uint32_t value = 0;
		enum mfa_err r;

		memcpy(fake.spoils, looks[i].spoils, sizeof(fake.spoils));
		fake.slots = looks[i].slots;
		fake.no_txn = looks[i].no_txn;
		r = look(w, looks[i].mode, &value);
		if (r != looks[i].wanted || fake.reloads != looks[i].reloads)
			fail_msg("%s: %s, %u times", looks[i].what,
			    mfa_strerror(r), fake.reloads);
	}
}

/* What stands in memory behind the slots of the store is none of them. */
static void
test_R2_one_slot_is_one_slot(void **state)
{
	struct world *w = *state;
	uint32_t value = 0;

	written(w, 2); /* the second slot is the newer one */
	memset(&fake, 0, sizeof(fake));
	fake.slots = 1;
	assert_int_equal(look(w, MFA_STORE_READ, &value), MFA_OK);
	assert_int_equal(value, 1);
	fake.slots = 2;
	assert_int_equal(look(w, MFA_STORE_READ, &value), MFA_OK);
	assert_int_equal(value, 2);
}

/* ---- keys ---- */

/* A transaction that has its keys does not stand or fall with the files. */
static void
test_R7_keys_are_read_once_in_a_transaction(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;
	char away[100];

	create(w);
	(void)snprintf(away, sizeof(away), "%s-away", w->keys);
	repo = opened(w, MFA_STORE_WRITE);
	update(repo, 2);
	assert_int_equal(rename(w->keys, away), 0);
	w->mishap.conflicts = 2;
	update(repo, 3);
	assert_int_equal(mfa_repo_record(repo)->recovery.compared, 3);
	mfa_repo_close(repo);
	/* They are forgotten with it. */
	assert_int_not_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_WRITE, &repo), MFA_OK);
	assert_int_equal(rename(away, w->keys), 0);
	mfa_repo_close(opened(w, MFA_STORE_WRITE));
}

/* ---- the stamp ---- */

static const mfa_record_Stamp *
stamp(struct world *w)
{
	static mfa_record_Record record;

	world_record(w, &record);
	return &record.stamp;
}

static void
test_R11_a_write_is_stamped_unless_it_only_seals(void **state)
{
	struct world *w = *state;
	const uint64_t wall = w->now.wall, boot = w->now.boot;
	struct mfa_repo *repo;

	create(w);
	for (int keeps = 0; keeps < 2; keeps++) {
		world_pass(w, 100);
		memset(w->now.boot_id, 8, sizeof(w->now.boot_id));
		repo = opened(w, MFA_STORE_WRITE);
		if (keeps != 0)
			mfa_repo_keep_stamp(repo);
		update(repo, 2);
		update(repo, 3);
		mfa_repo_close(repo);
		/* The second time it is still that of the first. */
		assert_true(stamp(w)->wall == wall + 100);
		assert_true(stamp(w)->boot == boot + 100);
		assert_true(stamp(w)->lapse == 100);
		assert_true(unit_all(stamp(w)->boot_id, 16, 8));
	}
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)
#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R19_a_new_record_has_both_slots),
		IN_FILES(test_R7_each_write_is_the_next_in_the_other_slot),
		IN_FILES(test_R7_a_torn_slot_is_told_until_it_is_written_over),
		IN_FILES(test_R17_a_slot_of_another_store_is_a_torn_one),
		IN_FILES(test_R3_what_is_read_again),
		IN_FILES(test_R2_one_slot_is_one_slot),
		IN_MEMORY(test_R7_keys_are_read_once_in_a_transaction),
		IN_FILES(test_R11_a_write_is_stamped_unless_it_only_seals),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
