/* SPDX-License-Identifier: MIT */
#include "tests/proof/fuzz/shelf.h"

#include <string.h>

#include "tests/proof/fuzz/fuzz.h"
#include "tests/proof/fuzz/seal.h"

#define ROWS 4

struct mfa_store_txn {
	char id[MFA_STORE_ID_MAX + 1]; /* "" is free */
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	uint64_t revision;
	unsigned int open; /* times */
	bool writable;
};

static struct mfa_store_txn rows[ROWS];

enum mfa_err __wrap_mfa_store_file_open(const char *dir, unsigned int owner,
    struct mfa_store **out);

static struct mfa_store_txn *
find(const char *id)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].id, id) == 0)
			return &rows[i];
	}
	return NULL;
}

static enum mfa_err
shelf_reload(struct mfa_store_txn *txn, struct mfa_store_view *view)
{
	FUZZ_WANT(txn->open > 0);
	if (txn->id[0] == '\0')
		return MFA_ERR_NOT_FOUND;
	memcpy(view->bytes, txn->bytes, sizeof(txn->bytes));
	view->slots = MFA_STORE_SLOTS;
	view->revision = txn->revision;
	return MFA_OK;
}

static enum mfa_err
shelf_open(struct mfa_store *store, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **txn)
{
	struct mfa_store_txn *row = find(id);

	(void)store;
	*txn = NULL;
	FUZZ_WANT(mfa_store_id_ok(id));
	if (row == NULL)
		return MFA_ERR_NOT_FOUND;
	/* One writer; it may look at what is stored meanwhile. */
	FUZZ_WANT(row->open == 0 || mode == MFA_STORE_READ);
	if (row->open++ == 0)
		row->writable = mode == MFA_STORE_WRITE;
	*txn = row;
	return shelf_reload(row, view);
}

static enum mfa_err
shelf_write(struct mfa_store_txn *txn, unsigned int slot, const uint8_t *bytes,
    uint64_t *revision)
{
	FUZZ_WANT(txn->open > 0 && txn->writable && slot < MFA_STORE_SLOTS);
	FUZZ_WANT(*revision == txn->revision);
	memcpy(txn->bytes + slot * MFA_STORE_SLOT, bytes, MFA_STORE_SLOT);
	*revision = ++txn->revision;
	return MFA_OK;
}

static void
shelf_close(struct mfa_store_txn *txn)
{
	if (txn == NULL)
		return;
	FUZZ_WANT(txn->open > 0);
	txn->open--;
}

static enum mfa_err
shelf_create(struct mfa_store *store, const char *id, const uint8_t *bytes)
{
	struct mfa_store_txn *row = find("");

	(void)store;
	FUZZ_WANT(mfa_store_id_ok(id));
	if (find(id) != NULL)
		return MFA_ERR_EXISTS;
	if (row == NULL)
		return MFA_ERR_NO_SPACE;
	memcpy(row->id, id, strlen(id) + 1);
	memcpy(row->bytes, bytes, sizeof(row->bytes));
	row->revision = 1;
	return MFA_OK;
}

static enum mfa_err
shelf_remove(struct mfa_store *store, const char *id)
{
	struct mfa_store_txn *row = find(id);

	(void)store;
	if (row == NULL)
		return MFA_ERR_NOT_FOUND;
	row->id[0] = '\0';
	return MFA_OK;
}

static enum mfa_err
shelf_each(struct mfa_store *store, enum mfa_err (*visit)(void *ctx,
    const char *id), void *ctx)
{
	enum mfa_err r = MFA_OK;

	(void)store;
	for (size_t i = 0; i < ROWS && r == MFA_OK; i++) {
		if (rows[i].id[0] != '\0')
			r = visit(ctx, rows[i].id);
	}
	return r;
}

static void
shelf_decoy(struct mfa_store *store, const uint8_t *bytes, uint8_t *room)
{
	(void)room;
	(void)store;
	(void)bytes;
}

static void
shelf_free(struct mfa_store *store)
{
	(void)store;
	for (size_t i = 0; i < ROWS; i++)
		FUZZ_WANT(rows[i].open == 0);
}

enum mfa_err
__wrap_mfa_store_file_open(const char *dir, unsigned int owner,
    struct mfa_store **out)
{
	static const struct mfa_store_ops ops = { shelf_open, shelf_reload,
		shelf_write, shelf_close, shelf_create, shelf_remove,
		shelf_each, shelf_decoy, shelf_free };
	static struct mfa_store store = { .ops = &ops };

	(void)dir;
	(void)owner;
	memcpy(store.id, fuzz_seal_store(), sizeof(store.id));
	*out = &store;
	return MFA_OK;
}

void
fuzz_shelf_reset(const char *id, const uint8_t *bytes)
{
	for (size_t i = 0; i < ROWS; i++) {
		rows[i].id[0] = '\0';
		rows[i].open = 0;
	}
	FUZZ_WANT(shelf_create(NULL, id, bytes) == MFA_OK);
}

const uint8_t *
fuzz_shelf_find(const char *id)
{
	const struct mfa_store_txn *row = find(id);

	return row != NULL ? row->bytes : NULL;
}
