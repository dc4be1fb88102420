/* SPDX-License-Identifier: MIT */
#include "tests/unit/mem_store.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/world.h"

#define RECORDS 64

struct row {
	char id[MFA_STORE_ID_MAX + 1]; /* "" is free */
	uint8_t bytes[MFA_STORE_SLOT];
	uint64_t revision;
};

struct mem_store {
	struct mfa_store base;
	struct mishap *mishap;
	unsigned int *writes;
	struct row rows[RECORDS];
};

struct mfa_store_txn {
	struct mem_store *store;
	struct row *row;
	bool writable;
};

static struct row *
find(struct mem_store *store, const char *id)
{
	for (int i = 0; i < RECORDS; i++) {
		if (strcmp(store->rows[i].id, id) == 0)
			return &store->rows[i];
	}
	return NULL;
}

static enum mfa_err
mem_reload(struct mfa_store_txn *txn, struct mfa_store_view *view)
{
	if (txn->row->id[0] == '\0')
		return MFA_ERR_NOT_FOUND;
	memcpy(view->bytes, txn->row->bytes, MFA_STORE_SLOT);
	view->slots = 1;
	view->revision = txn->row->revision;
	return MFA_OK;
}

static enum mfa_err
mem_open(struct mfa_store *base, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **out)
{
	struct mem_store *store = (struct mem_store *)base;
	struct row *row;

	*out = NULL;
	if (!mfa_store_id_ok(id))
		return MFA_ERR_INVALID;
	if (store->mishap->open_fails > 0) {
		store->mishap->open_fails--;
		return MFA_ERR_IO;
	}
	if ((row = find(store, id)) == NULL)
		return MFA_ERR_NOT_FOUND;
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return MFA_ERR_MEMORY;
	(*out)->store = store;
	(*out)->row = row;
	(*out)->writable = mode == MFA_STORE_WRITE;
	return mem_reload(*out, view);
}

static bool
happens(unsigned int *count)
{
	if (*count == 0)
		return false;
	(*count)--;
	return true;
}

static void
put(struct mfa_store_txn *txn, const uint8_t *bytes)
{
	memcpy(txn->row->bytes, bytes, MFA_STORE_SLOT);
	txn->row->revision++;
	(*txn->store->writes)++;
}

static enum mfa_err
mem_write(struct mfa_store_txn *txn, unsigned int slot, const uint8_t *bytes,
    uint64_t *revision)
{
	struct mishap *m = txn->store->mishap;

	if (!txn->writable || slot != 0)
		return MFA_ERR_INVALID;
	if (happens(&m->writes_before)) {
		if (*revision != txn->row->revision)
			return MFA_ERR_CONFLICT;
		put(txn, bytes);
		*revision = txn->row->revision;
		return MFA_OK;
	}
	if (happens(&m->write_fails))
		return MFA_ERR_IO;
	if (happens(&m->conflicts)) {
		if (m->meanwhile != NULL)
			m->meanwhile(m->ctx);
		else
			txn->row->revision++;
	}
	if (*revision != txn->row->revision)
		return MFA_ERR_CONFLICT;
	if (happens(&m->unknown_lost))
		return MFA_ERR_OUTCOME_UNKNOWN;
	put(txn, bytes);
	if (happens(&m->unknown_done))
		return MFA_ERR_OUTCOME_UNKNOWN;
	*revision = txn->row->revision;
	return MFA_OK;
}

static void
mem_close(struct mfa_store_txn *txn)
{
	free(txn);
}

static enum mfa_err
mem_create(struct mfa_store *base, const char *id, const uint8_t *bytes)
{
	struct mem_store *store = (struct mem_store *)base;
	struct row *row;

	if (!mfa_store_id_ok(id))
		return MFA_ERR_INVALID;
	if (find(store, id) != NULL)
		return MFA_ERR_EXISTS;
	if ((row = find(store, "")) == NULL)
		return MFA_ERR_NO_SPACE;
	memcpy(row->id, id, strlen(id) + 1);
	memcpy(row->bytes, bytes, MFA_STORE_SLOT);
	row->revision = 1;
	return MFA_OK;
}

static enum mfa_err
mem_remove(struct mfa_store *base, const char *id)
{
	struct row *row;

	if (!mfa_store_id_ok(id))
		return MFA_ERR_INVALID;
	if ((row = find((struct mem_store *)base, id)) == NULL)
		return MFA_ERR_NOT_FOUND;
	row->id[0] = '\0';
	return MFA_OK;
}

static enum mfa_err
mem_each(struct mfa_store *base,
    enum mfa_err (*visit)(void *ctx, const char *id), void *ctx)
{
	struct mem_store *store = (struct mem_store *)base;
	enum mfa_err r = MFA_OK;

	for (int i = 0; r == MFA_OK && i < RECORDS; i++) {
		if (store->rows[i].id[0] != '\0')
			r = visit(ctx, store->rows[i].id);
	}
	return r;
}

static void
mem_decoy(struct mfa_store *base, const uint8_t *bytes, uint8_t *room)
{
	(void)base;
	(void)bytes;
	(void)room;
}

static void
mem_free(struct mfa_store *base)
{
	free(base);
}

static const struct mfa_store_ops mem_ops = {
	.open = mem_open,
	.reload = mem_reload,
	.write = mem_write,
	.close = mem_close,
	.create = mem_create,
	.remove = mem_remove,
	.each = mem_each,
	.decoy = mem_decoy,
	.free = mem_free,
};

struct mfa_store *
mem_store_new(struct mishap *mishap, unsigned int *writes)
{
	struct mem_store *store = calloc(1, sizeof(*store));

	assert_non_null(store);
	store->base.ops = &mem_ops;
	memset(store->base.id, 9, sizeof(store->base.id));
	store->mishap = mishap;
	store->writes = writes;
	return &store->base;
}
