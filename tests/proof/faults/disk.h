/* SPDX-License-Identifier: MIT */
/*
 * A store of one record in memory that remembers every write made to it, so
 * that a test can put together whatever a crash would have left of them.
 */
#ifndef MFA_PROOF_DISK_H
#define MFA_PROOF_DISK_H

#include "verifier/store/store.h"

#define DISK_RECORD (MFA_STORE_SLOTS * MFA_STORE_SLOT)
#define DISK_WRITES 16

struct disk_write {
	unsigned int slot;
	uint8_t bytes[MFA_STORE_SLOT];
};

struct disk {
	struct mfa_store base;
	bool there;
	uint8_t image[DISK_RECORD];
	/* since disk_mark */
	uint8_t before[DISK_RECORD];
	struct disk_write log[DISK_WRITES];
	unsigned int writes;
};

/* Freed by its ops->free. */
struct disk *disk_new(void);

/* From here on writes are remembered. */
void disk_mark(struct disk *disk);

/* The image as it was after so many of them. */
void disk_rewind(struct disk *disk, unsigned int writes);

#endif
