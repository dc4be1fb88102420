/* SPDX-License-Identifier: MIT */
/*
 * All records of all realms: which keys they need, whether they can be used,
 * and moving them to the primary key (R17, R19, R29).
 *
 * MUST (checked against records.c):
 *  - a record is moved under its lock, and every slot of it: until the last
 *    one is sealed with the primary key, the older key is needed;
 *  - moving changes nothing in a record but what every write does, and adds
 *    no chance to guess;
 *  - a slot that names a key needs it, whether it opens or not;
 *  - who is asked whether a key is needed says no only of a record whose lock
 *    was had: a write that began with an older primary is over then;
 *  - a record that cannot be judged needs every key.
 */
#ifndef MFA_ENGINE_RECORDS_H
#define MFA_ENGINE_RECORDS_H

#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"
#include "verifier/vault/envelope.h"

/* What the headers of a record say; nothing of it is authenticated. */
struct mfa_records_slots {
	unsigned int count; /* slots with a header: 1 or 2 */
	struct mfa_slot_header slot[MFA_STORE_SLOTS]; /* the newer one first */
	bool whole; /* no slot is without a header */
};

/*
 * Reads the headers of a record.
 *
 * mode: MFA_STORE_WRITE waits for whoever writes it; nothing is written
 *
 * Returns: MFA_OK; MFA_ERR_DAMAGED if no slot has a header; MFA_ERR_FORMAT if
 * one is newer than this program; as the store's open.
 */
enum mfa_err mfa_records_slots(struct mfa_store *store, const char *id,
    enum mfa_store_mode mode, struct mfa_records_slots *out) MFA_MUST_USE;

struct mfa_record_info {
	char id[MFA_STORE_ID_MAX + 1];
	char realm[MFA_SUBJECT_REALM + 1];
	char user[MFA_SUBJECT_NAME + 1]; /* what the record says; of one that
					    cannot be read what its id says */
	uint32_t uid;
	struct mfa_records_slots slots; /* count 0: not even headers */
	bool torn;	      /* one slot does not open */
	bool no_realm;	      /* the configuration does not name its realm */
	enum mfa_err problem; /* why it cannot be used, or MFA_OK */
};

/*
 * Calls visit for every record.  What looks torn or damaged is looked at once
 * more with its lock, so that a write under way is no false alarm.
 *
 * Returns: MFA_OK; what the store's each or visit returned.
 */
enum mfa_err mfa_records_each(struct mfa_engine *engine,
    enum mfa_err (*visit)(void *ctx, const struct mfa_record_info *info),
    void *ctx) MFA_MUST_USE;

/*
 * Seals all slots of a record with the primary key; nothing if they are.
 *
 * id: the store's
 *
 * Returns: MFA_OK, also if the record is gone; MFA_ERR_DENIED for a caller
 * that may not manage; MFA_ERR_INVALID for an id that is none; as
 * mfa_repo_open, then as mfa_repo_update.
 */
enum mfa_err mfa_records_rekey(struct mfa_engine *engine,
    const struct mfa_caller *caller, const char *id) MFA_MUST_USE;

/*
 * Calls visit for every record that needs a key, with MFA_OK, or that cannot
 * be judged, with the reason.
 *
 * Returns: MFA_OK; what the store's each or visit returned.
 */
typedef enum mfa_err mfa_records_visit(void *ctx, const char *id,
    enum mfa_err why);
enum mfa_err mfa_records_need(struct mfa_store *store,
    const uint8_t key[MFA_KEY_ID], mfa_records_visit *visit,
    void *ctx) MFA_MUST_USE;

#endif
