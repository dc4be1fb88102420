/* SPDX-License-Identifier: MIT */
/*
 * For tests of the file store: one in a private folder, with one record
 * u-alice whose bytes are known.  To be included first.
 */
#ifndef MFA_TESTS_STORE_PLACE_H
#define MFA_TESTS_STORE_PLACE_H

#include "tests/unit/place.h"

#include "tests/unit/world.h"
#include "verifier/store/store_file.h"

#define RECORD_SIZE (MFA_STORE_SLOTS * MFA_STORE_SLOT)

struct store_place {
	void *place;
	char dir[128];	   /* the store's folder */
	char records[140];
	char file[160];	   /* of u-alice */
	struct mfa_store *store;
	struct mfa_store_txn *txn;
	struct mfa_store_view view;
	uint8_t bytes[RECORD_SIZE]; /* as read */
	uint8_t made[RECORD_SIZE];  /* as created */
};

static inline int
store_place_new(void **state)
{
	static const uint8_t id[16] = "0123456789abcde";
	struct store_place *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(place_new(&s->place), 0);
	(void)snprintf(s->dir, sizeof(s->dir), "%s/store",
	    (const char *)s->place);
	(void)snprintf(s->records, sizeof(s->records), "%s/records", s->dir);
	(void)snprintf(s->file, sizeof(s->file), "%s/u-alice", s->records);
	s->view.bytes = s->bytes;
	for (size_t i = 0; i < sizeof(s->made); i++)
		s->made[i] = (uint8_t)(i % 251);
	assert_int_equal(mfa_store_file_init(s->dir, 0, 0, id), MFA_OK);
	assert_int_equal(mfa_store_file_open(s->dir, 0, &s->store), MFA_OK);
	assert_int_equal(s->store->ops->create(s->store, "u-alice", s->made),
	    MFA_OK);
	*state = s;
	return 0;
}

static inline void
store_place_shut(struct store_place *s)
{
	s->store->ops->close(s->txn);
	s->txn = NULL;
}

static inline int
store_place_free(void **state)
{
	struct store_place *s = *state;

	store_place_shut(s);
	s->store->ops->free(s->store);
	(void)place_free(&s->place);
	free(s);
	return 0;
}

static inline enum mfa_err
store_place_open(struct store_place *s, enum mfa_store_mode mode)
{
	enum mfa_err r;

	s->txn = (struct mfa_store_txn *)0x1;
	r = s->store->ops->open(s->store, "u-alice", mode, &s->view, &s->txn);
	assert_int_equal(r == MFA_OK, s->txn != NULL);
	return r;
}

/* What the file holds, read past the store. */
static inline void
store_place_raw(const struct store_place *s, uint8_t *bytes)
{
	int fd = open(s->file, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, bytes, RECORD_SIZE), RECORD_SIZE);
	(void)close(fd);
}

#define IN_STORE(f) \
	cmocka_unit_test_setup_teardown(f, store_place_new, store_place_free)

#endif
