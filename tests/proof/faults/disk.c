/* SPDX-License-Identifier: MIT */
#include "tests/proof/faults/disk.h"

#include <stdlib.h>
#include <string.h>

struct mfa_store_txn {
	struct disk *disk;
	bool writable;
};

static enum mfa_err
disk_reload(struct mfa_store_txn *txn, struct mfa_store_view *view)
{
	memcpy(view->bytes, txn->disk->image, DISK_RECORD);
	view->slots = MFA_STORE_SLOTS;
	view->revision = 1;
	return MFA_OK;
}

static enum mfa_err
disk_open(struct mfa_store *base, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **out)
{
	struct disk *disk = (struct disk *)base;

	(void)id;
	*out = NULL;
	if (!disk->there)
		return MFA_ERR_NOT_FOUND;
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return MFA_ERR_MEMORY;
	(*out)->disk = disk;
	(*out)->writable = mode == MFA_STORE_WRITE;
	return disk_reload(*out, view);
}

static enum mfa_err
disk_write(struct mfa_store_txn *txn, unsigned int slot, const uint8_t *bytes,
    uint64_t *revision)
{
	struct disk *disk = txn->disk;
	struct disk_write *entry = &disk->log[disk->writes];

	(void)revision;
	if (!txn->writable || slot >= MFA_STORE_SLOTS ||
	    disk->writes == DISK_WRITES)
		return MFA_ERR_INVALID;
	entry->slot = slot;
	memcpy(entry->bytes, bytes, MFA_STORE_SLOT);
	disk->writes++;
	memcpy(disk->image + (size_t)slot * MFA_STORE_SLOT, bytes,
	    MFA_STORE_SLOT);
	return MFA_OK;
}

static void
disk_close(struct mfa_store_txn *txn)
{
	free(txn);
}

static enum mfa_err
disk_create(struct mfa_store *base, const char *id, const uint8_t *bytes)
{
	struct disk *disk = (struct disk *)base;

	(void)id;
	if (disk->there)
		return MFA_ERR_EXISTS;
	memcpy(disk->image, bytes, DISK_RECORD);
	disk->there = true;
	return MFA_OK;
}

static enum mfa_err
disk_remove(struct mfa_store *base, const char *id)
{
	(void)id;
	((struct disk *)base)->there = false;
	return MFA_OK;
}

static enum mfa_err
disk_each(struct mfa_store *base,
    enum mfa_err (*visit)(void *ctx, const char *id), void *ctx)
{
	(void)base;
	(void)visit;
	(void)ctx;
	return MFA_OK;
}

static void
disk_decoy(struct mfa_store *base, const uint8_t *bytes, uint8_t *room)
{
	(void)room;
	(void)base;
	(void)bytes;
}

static void
disk_free(struct mfa_store *base)
{
	free(base);
}

static const struct mfa_store_ops ops = {
	.open = disk_open,
	.reload = disk_reload,
	.write = disk_write,
	.close = disk_close,
	.create = disk_create,
	.remove = disk_remove,
	.each = disk_each,
	.decoy = disk_decoy,
	.free = disk_free,
};

struct disk *
disk_new(void)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (disk == NULL)
		return NULL;
	disk->base.ops = &ops;
	memset(disk->base.id, 9, sizeof(disk->base.id));
	return disk;
}

void
disk_mark(struct disk *disk)
{
	memcpy(disk->before, disk->image, DISK_RECORD);
	disk->writes = 0;
}

void
disk_rewind(struct disk *disk, unsigned int writes)
{
	memcpy(disk->image, disk->before, DISK_RECORD);
	for (unsigned int i = 0; i < writes; i++)
		memcpy(disk->image +
		    (size_t)disk->log[i].slot * MFA_STORE_SLOT,
		    disk->log[i].bytes, MFA_STORE_SLOT);
}
