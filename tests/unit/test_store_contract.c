/* SPDX-License-Identifier: MIT */
/*
 * R3, R6, R19, R22: the store contract (verifier/store/store.h).  One list of
 * tests, run on every backend: a new backend is a row in main.
 */
#include "tests/unit/place.h"

#include "tests/unit/mem_store.h"
#include "tests/unit/world.h"
#include "verifier/store/store_file.h"

struct backend {
	struct mfa_store *store;
	void *place;
	struct mishap mishap;
	unsigned int writes;
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT]; /* as read */
	uint8_t made[MFA_STORE_SLOTS * MFA_STORE_SLOT];	 /* as created */
	struct mfa_store_view view;
	struct mfa_store_txn *txn;
};

static struct backend *
backend_new(void)
{
	struct backend *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->view.bytes = b->bytes;
	for (size_t i = 0; i < sizeof(b->made); i++)
		b->made[i] = (uint8_t)(i % 251);
	return b;
}

static int
file_new(void **state)
{
	static const uint8_t id[16] = "a contract";
	struct backend *b = backend_new();
	char dir[256];

	assert_int_equal(place_new(&b->place), 0);
	place_path(&b->place, "store", dir);
	assert_int_equal(mfa_store_file_init(dir, 0, 0, id), MFA_OK);
	assert_int_equal(mfa_store_file_open(dir, 0, &b->store), MFA_OK);
	assert_memory_equal(b->store->id, id, sizeof(id));
	*state = b;
	return 0;
}

static int
memory_new(void **state)
{
	struct backend *b = backend_new();

	b->store = mem_store_new(&b->mishap, &b->writes);
	*state = b;
	return 0;
}

static int
backend_free(void **state)
{
	struct backend *b = *state;

	b->store->ops->close(b->txn);
	b->store->ops->free(b->store);
	(void)place_free(&b->place);
	free(b);
	return 0;
}

static void
create(struct backend *b, const char *id)
{
	assert_int_equal(b->store->ops->create(b->store, id, b->made), MFA_OK);
}

static enum mfa_err
try_open(struct backend *b, const char *id, enum mfa_store_mode mode)
{
	enum mfa_err r;

	b->txn = (struct mfa_store_txn *)0x1;
	r = b->store->ops->open(b->store, id, mode, &b->view, &b->txn);
	assert_int_equal(r == MFA_OK, b->txn != NULL);
	return r;
}

static void
open_record(struct backend *b, const char *id, enum mfa_store_mode mode)
{
	assert_int_equal(try_open(b, id, mode), MFA_OK);
	assert_in_range(b->view.slots, 1, MFA_STORE_SLOTS);
}

static void
shut(struct backend *b)
{
	b->store->ops->close(b->txn);
	b->txn = NULL;
}

/* All slots of the backend are as they were created, but one, if any. */
static void
reads_as_made(struct backend *b, unsigned int but)
{
	for (unsigned int i = 0; i < b->view.slots; i++) {
		if (i != but)
			assert_memory_equal(b->bytes + i * MFA_STORE_SLOT,
			    b->made + i * MFA_STORE_SLOT, MFA_STORE_SLOT);
	}
}

static void
test_R2_a_missing_record_is_cleanly_not_found(void **state)
{
	struct backend *b = *state;

	assert_int_equal(try_open(b, "u-alice", MFA_STORE_READ),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(try_open(b, "u-alice", MFA_STORE_WRITE),
	    MFA_ERR_NOT_FOUND);
	create(b, "u-alice");
	/* Nor is another name found by it. */
	assert_int_equal(try_open(b, "u-alic", MFA_STORE_READ),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(try_open(b, "u-alice2", MFA_STORE_READ),
	    MFA_ERR_NOT_FOUND);
}

static void
test_what_was_created_is_read(void **state)
{
	struct backend *b = *state;

	create(b, "u-alice");
	open_record(b, "u-alice", MFA_STORE_READ);
	reads_as_made(b, UINT32_MAX);
	shut(b);
	memset(b->bytes, 0, sizeof(b->bytes));
	open_record(b, "u-alice", MFA_STORE_WRITE);
	reads_as_made(b, UINT32_MAX);
}

static void
test_created_once(void **state)
{
	struct backend *b = *state;
	uint8_t other[MFA_STORE_SLOTS * MFA_STORE_SLOT];

	create(b, "u-alice");
	memset(other, 0xee, sizeof(other));
	assert_int_equal(b->store->ops->create(b->store, "u-alice", other),
	    MFA_ERR_EXISTS);
	open_record(b, "u-alice", MFA_STORE_READ);
	reads_as_made(b, UINT32_MAX);
}

static void
test_a_write_is_read_again(void **state)
{
	struct backend *b = *state;
	uint8_t slot[MFA_STORE_SLOT];
	uint64_t revision, before;
	unsigned int last;

	create(b, "u-alice");
	open_record(b, "u-alice", MFA_STORE_WRITE);
	last = b->view.slots - 1;
	memset(slot, 0xee, sizeof(slot));
	before = revision = b->view.revision;
	assert_int_equal(b->store->ops->write(b->txn, last, slot, &revision),
	    MFA_OK);
	assert_true(revision != before);
	/* The new revision is good for the next write at once. */
	slot[0] = 0xef;
	assert_int_equal(b->store->ops->write(b->txn, last, slot, &revision),
	    MFA_OK);
	shut(b);
	open_record(b, "u-alice", MFA_STORE_READ);
	assert_memory_equal(b->bytes + last * MFA_STORE_SLOT, slot,
	    MFA_STORE_SLOT);
	reads_as_made(b, last);
}

static void
test_R6_a_stale_revision_is_a_conflict(void **state)
{
	struct backend *b = *state;
	uint8_t slot[MFA_STORE_SLOT];
	uint64_t revision, stale;

	create(b, "u-alice");
	open_record(b, "u-alice", MFA_STORE_WRITE);
	memset(slot, 0xee, sizeof(slot));
	stale = revision = b->view.revision;
	assert_int_equal(b->store->ops->write(b->txn, 0, slot, &revision),
	    MFA_OK);
	memset(slot, 0xdd, sizeof(slot));
	for (int i = 0; i < 3; i++) {
		uint64_t wrong = i == 0 ? stale : revision + (uint64_t)i;

		assert_int_equal(b->store->ops->write(b->txn, 0, slot, &wrong),
		    MFA_ERR_CONFLICT);
	}
	/* Nothing was written, and the transaction goes on. */
	assert_int_equal(b->store->ops->reload(b->txn, &b->view), MFA_OK);
	assert_int_equal(b->bytes[0], 0xee);
	assert_true(b->view.revision == revision);
	assert_int_equal(b->store->ops->write(b->txn, 0, slot,
	    &b->view.revision), MFA_OK);
}

static void
test_no_write_where_only_looking(void **state)
{
	struct backend *b = *state;
	uint8_t slot[MFA_STORE_SLOT];
	uint64_t revision;

	create(b, "u-alice");
	open_record(b, "u-alice", MFA_STORE_READ);
	memset(slot, 0xee, sizeof(slot));
	revision = b->view.revision;
	assert_int_equal(b->store->ops->write(b->txn, 0, slot, &revision),
	    MFA_ERR_INVALID);
	assert_true(revision == b->view.revision);
	shut(b);
	open_record(b, "u-alice", MFA_STORE_READ);
	reads_as_made(b, UINT32_MAX);
}

static void
test_no_slot_beyond_the_last(void **state)
{
	struct backend *b = *state;
	uint8_t slot[MFA_STORE_SLOT];

	create(b, "u-alice");
	open_record(b, "u-alice", MFA_STORE_WRITE);
	memset(slot, 0xee, sizeof(slot));
	assert_int_equal(b->store->ops->write(b->txn, b->view.slots, slot,
	    &b->view.revision), MFA_ERR_INVALID);
	assert_int_equal(b->store->ops->write(b->txn, UINT32_MAX, slot,
	    &b->view.revision), MFA_ERR_INVALID);
	shut(b);
	open_record(b, "u-alice", MFA_STORE_READ);
	reads_as_made(b, UINT32_MAX);
}

static void
test_reload_reads_the_truth(void **state)
{
	struct backend *b = *state;
	uint64_t revision;

	create(b, "u-alice");
	open_record(b, "u-alice", MFA_STORE_WRITE);
	revision = b->view.revision;
	memset(b->bytes, 0, sizeof(b->bytes));
	b->view.revision = b->view.slots = 0;
	assert_int_equal(b->store->ops->reload(b->txn, &b->view), MFA_OK);
	assert_in_range(b->view.slots, 1, MFA_STORE_SLOTS);
	assert_true(b->view.revision == revision);
	reads_as_made(b, UINT32_MAX);
}

static void
test_removed_is_not_found(void **state)
{
	struct backend *b = *state;

	assert_int_equal(b->store->ops->remove(b->store, "u-alice"),
	    MFA_ERR_NOT_FOUND);
	create(b, "u-alice");
	create(b, "u-bob");
	assert_int_equal(b->store->ops->remove(b->store, "u-alice"), MFA_OK);
	assert_int_equal(try_open(b, "u-alice", MFA_STORE_READ),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(b->store->ops->remove(b->store, "u-alice"),
	    MFA_ERR_NOT_FOUND);
	open_record(b, "u-bob", MFA_STORE_READ);
	shut(b);
	create(b, "u-alice");
}

/* Whoever decides by the contents holds it open meanwhile. */
static void
test_removed_while_open(void **state)
{
	struct backend *b = *state;

	create(b, "u-alice");
	open_record(b, "u-alice", MFA_STORE_WRITE);
	assert_int_equal(b->store->ops->remove(b->store, "u-alice"), MFA_OK);
	shut(b);
	assert_int_equal(try_open(b, "u-alice", MFA_STORE_WRITE),
	    MFA_ERR_NOT_FOUND);
}

struct census {
	unsigned int alice, bob, carol, others;
	enum mfa_err answer;
};

static enum mfa_err
count(void *ctx, const char *id)
{
	struct census *c = ctx;

	if (strcmp(id, "u-alice") == 0)
		c->alice++;
	else if (strcmp(id, "u-bob") == 0)
		c->bob++;
	else if (strcmp(id, "u-carol%2ed") == 0)
		c->carol++;
	else
		c->others++;
	return c->answer;
}

static void
test_each_lists_all_once(void **state)
{
	struct backend *b = *state;
	struct census c = { .answer = MFA_OK };

	assert_int_equal(b->store->ops->each(b->store, count, &c), MFA_OK);
	assert_int_equal(c.alice + c.bob + c.carol + c.others, 0);
	create(b, "u-alice");
	create(b, "u-bob");
	create(b, "u-carol%2ed");
	assert_int_equal(b->store->ops->remove(b->store, "u-bob"), MFA_OK);
	for (unsigned int i = 1; i <= 2; i++) {
		assert_int_equal(b->store->ops->each(b->store, count, &c),
		    MFA_OK);
		assert_int_equal(c.alice, i);
		assert_int_equal(c.carol, i);
		assert_int_equal(c.bob + c.others, 0);
	}
	c.answer = MFA_ERR_CLOSED;
	assert_int_equal(b->store->ops->each(b->store, count, &c),
	    MFA_ERR_CLOSED);
	assert_int_equal(c.alice + c.carol, 5);
}

static void
test_R22_names_that_are_no_ids(void **state)
{
	static const char *const bad[] = { "", ".", "..", "../u-x", "u/x", "/",
		"U-alice", "u-Alice", "u-alice ", "u-a.b", "1u", "%41", "-u",
		"_u", "u-\xc3\xb6", "u-\n", "u-a\\b", "u-a:b" };
	struct backend *b = *state;
	char longest[MFA_STORE_ID_MAX + 2];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(mfa_store_id_ok(bad[i]));
		assert_int_equal(b->store->ops->create(b->store, bad[i],
		    b->made), MFA_ERR_INVALID);
		assert_int_equal(try_open(b, bad[i], MFA_STORE_READ),
		    MFA_ERR_INVALID);
		assert_int_equal(b->store->ops->remove(b->store, bad[i]),
		    MFA_ERR_INVALID);
	}
	memset(longest, 'u', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(b->store->ops->create(b->store, longest, b->made),
	    MFA_ERR_INVALID);
	assert_int_equal(try_open(b, longest, MFA_STORE_WRITE),
	    MFA_ERR_INVALID);
	create(b, longest + 1);
	open_record(b, longest + 1, MFA_STORE_WRITE);
}

static void
test_close_takes_nothing(void **state)
{
	struct backend *b = *state;

	b->store->ops->close(NULL);
	create(b, "u-alice");
	open_record(b, "u-alice", MFA_STORE_WRITE);
}

static void
test_decoys_touch_no_record(void **state)
{
	struct backend *b = *state;
	uint8_t slot[MFA_STORE_SLOT];
	static uint8_t room[MFA_STORE_SLOTS * MFA_STORE_SLOT];

	create(b, "u-alice");
	memset(slot, 0xee, sizeof(slot));
	for (int i = 0; i < 5; i++)
		b->store->ops->decoy(b->store, slot, i < 3 ? room : NULL);
	b->store->ops->decoy(b->store, NULL, room);
	open_record(b, "u-alice", MFA_STORE_READ);
	reads_as_made(b, UINT32_MAX);
}

#define ON_BOTH(f) \
	{ #f ": file", f, file_new, backend_free, NULL }, \
	{ #f ": memory", f, memory_new, backend_free, NULL }

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_R2_a_missing_record_is_cleanly_not_found),
		ON_BOTH(test_what_was_created_is_read),
		ON_BOTH(test_created_once),
		ON_BOTH(test_a_write_is_read_again),
		ON_BOTH(test_R6_a_stale_revision_is_a_conflict),
		ON_BOTH(test_no_write_where_only_looking),
		ON_BOTH(test_no_slot_beyond_the_last),
		ON_BOTH(test_reload_reads_the_truth),
		ON_BOTH(test_removed_is_not_found),
		ON_BOTH(test_removed_while_open),
		ON_BOTH(test_each_lists_all_once),
		ON_BOTH(test_R22_names_that_are_no_ids),
		ON_BOTH(test_close_takes_nothing),
		ON_BOTH(test_decoys_touch_no_record),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
