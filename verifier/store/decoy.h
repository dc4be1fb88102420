/* SPDX-License-Identifier: MIT */
/*
 * Decoy writes: as long as a real one, into preallocated slots that nobody
 * reads, so that a subject without a record takes as long as one with (R5).
 * They serve parity, not safety: where they cannot be made, nothing fails.
 */
#ifndef MFA_STORE_DECOY_H
#define MFA_STORE_DECOY_H

#include <stdint.h>

#include "lib/base/path.h"

struct mfa_decoy {
	int fd;		    /* -1: none */
	struct mfa_decoy_rate *rate; /* mapped, shared by all verifiers */
};

void mfa_decoy_init(struct mfa_decoy *decoy);

/*
 * Opens decoy and decoy-rate below dirfd; on any trouble there are no decoys.
 */
void mfa_decoy_open(struct mfa_decoy *decoy, int dirfd,
    const struct mfa_path_rule *rule);

/*
 * Opens, locks and reads what is there, as a record is.
 *
 * records: folder of the records
 * room:    MFA_STORE_SLOTS * MFA_STORE_SLOT bytes
 */
void mfa_decoy_read(int records, uint8_t *room);

/* Writes and syncs MFA_STORE_SLOT bytes, at most 20 times a second. */
void mfa_decoy_write(struct mfa_decoy *decoy, const uint8_t *bytes);

void mfa_decoy_close(struct mfa_decoy *decoy);

#endif
