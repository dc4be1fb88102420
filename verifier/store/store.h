/* SPDX-License-Identifier: MIT */
/*
 * The store contract: opaque sealed bytes and a revision.  A store never sees
 * a secret.  tests/unit/test_store_contract.c runs on every backend.
 *
 * A record is one or two slots of MFA_STORE_SLOT bytes.  A backend with two
 * slots (file) survives a torn write by itself; one that writes atomically
 * (a database) shows one.
 */
#ifndef MFA_STORE_STORE_H
#define MFA_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

#define MFA_STORE_SLOT	8192
#define MFA_STORE_SLOTS 2
#define MFA_STORE_ID_MAX 200 /* characters of a record id */

/* A record as read. */
struct mfa_store_view {
	unsigned int slots;  /* 1 or 2 */
	uint8_t *bytes;	     /* slots * MFA_STORE_SLOT, caller's memory */
	uint64_t revision;   /* of what was read */
};

struct mfa_store;
struct mfa_store_txn; /* one opened record */

enum mfa_store_mode {
	MFA_STORE_READ = 1, /* look only: no lock, write refused; fails with
			       READ_ONLY where a write could not succeed */
	MFA_STORE_WRITE = 2 /* lock, at most 2 s */
};

struct mfa_store_ops {
	/*
	 * Opens a record and reads it into view->bytes (room for
	 * MFA_STORE_SLOTS slots).
	 *
	 * Returns: MFA_OK; MFA_ERR_NOT_FOUND only on a clean "there is none";
	 * MFA_ERR_BUSY (lock not had); MFA_ERR_READ_ONLY; MFA_ERR_UNSAFE;
	 * MFA_ERR_DAMAGED (wrong size); MFA_ERR_NETWORK_FS; MFA_ERR_LIMIT;
	 * MFA_ERR_IO.  txn is NULL on failure, else freed by close.
	 */
	enum mfa_err (*open)(struct mfa_store *store, const char *id,
	    enum mfa_store_mode mode, struct mfa_store_view *view,
	    struct mfa_store_txn **txn);
	/* Reads again, after a conflict.  Returns: as open. */
	enum mfa_err (*reload)(struct mfa_store_txn *txn,
	    struct mfa_store_view *view);
	/*
	 * Writes one slot, durably, if the revision is still *revision, which
	 * becomes the new one.
	 *
	 * Returns: MFA_OK; MFA_ERR_CONFLICT, nothing written;
	 * MFA_ERR_OUTCOME_UNKNOWN, reload and look; MFA_ERR_NO_SPACE,
	 * MFA_ERR_LIMIT, MFA_ERR_IO: not durable, the transaction is over.
	 */
	enum mfa_err (*write)(struct mfa_store_txn *txn, unsigned int slot,
	    const uint8_t *bytes, uint64_t *revision);
	/* Unlocks.  Takes NULL. */
	void (*close)(struct mfa_store_txn *txn);
	/*
	 * Creates a record with all its slots written and durable.
	 *
	 * bytes: MFA_STORE_SLOTS slots; a one-slot backend takes the first
	 *
	 * Returns: MFA_OK; MFA_ERR_EXISTS; as write.
	 */
	enum mfa_err (*create)(struct mfa_store *store, const char *id,
	    const uint8_t *bytes);
	/*
	 * Removes a record for good, whatever state it is in.  Whoever decides
	 * by its contents holds it open for writing meanwhile.
	 *
	 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_IO.
	 */
	enum mfa_err (*remove)(struct mfa_store *store, const char *id);
	/*
	 * Calls visit with the id of every record, in no order.
	 *
	 * Returns: MFA_OK; MFA_ERR_IO; or what visit returned.
	 */
	enum mfa_err (*each)(struct mfa_store *store,
	    enum mfa_err (*visit)(void *ctx, const char *id), void *ctx);
	/*
	 * For subjects that have no record (R5): opening and reading one, and
	 * a write that changes nothing, as long as real ones take.  Lock-free;
	 * at most 20 writes a second.
	 *
	 * bytes: a slot to write; NULL: none
	 * room:  both slots, for what is read; NULL: nothing is
	 */
	void (*decoy)(struct mfa_store *store, const uint8_t *bytes,
	    uint8_t *room);
	void (*free)(struct mfa_store *store);
};

struct mfa_store {
	const struct mfa_store_ops *ops;
	uint8_t id[16]; /* random, bound into every record */
};

/*
 * True if id is 1 to MFA_STORE_ID_MAX characters of [a-z0-9%_-], beginning
 * with a letter.
 */
bool mfa_store_id_ok(const char *id);

#endif
