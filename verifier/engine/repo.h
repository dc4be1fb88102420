/* SPDX-License-Identifier: MIT */
/*
 * Store bytes to record and back: lock, choose the slot, open, check whose it
 * is; change, seal, write, all durable before it returns.
 *
 * MUST (checked against repo.c):
 *  - one slot damaged is a crash survived; any other trouble of either slot
 *    (key missing, newer format) is an error: never fall back to an older
 *    state because the newer one is not understood;
 *  - a change is a delta, applied to the record as it is at that moment, again
 *    after each conflict, at most MFA_REPO_ROUNDS times;
 *  - a write of unknown outcome is resolved by looking for its id;
 *  - keys are read within the transaction and forgotten with it.
 */
#ifndef MFA_ENGINE_REPO_H
#define MFA_ENGINE_REPO_H

#include "protocol/record.pb.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/lapse.h"
#include "verifier/engine/subject.h"

#define MFA_REPO_ROUNDS 8

struct mfa_repo; /* one opened record */

/*
 * Opens the subject's record.  MFA_STORE_READ takes no lock and refuses
 * updates.  At most one is open in an engine.
 *
 * out: NULL on failure; mfa_repo_close
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND (a clean "none"); MFA_ERR_FOREIGN if it
 * belongs to another uid or name (out is set then, for administration);
 * MFA_ERR_DAMAGED, MFA_ERR_NO_KEY, MFA_ERR_FORMAT; MFA_ERR_BUSY;
 * and what the store returns.
 */
enum mfa_err mfa_repo_open(struct mfa_engine *engine,
    const struct mfa_subject *subject, enum mfa_store_mode mode,
    struct mfa_repo **out) MFA_MUST_USE;

/*
 * The same by the store's id, for whoever goes through all records: the
 * subject is what the record says.
 */
enum mfa_err mfa_repo_open_id(struct mfa_engine *engine, const char *id,
    enum mfa_store_mode mode, struct mfa_repo **out) MFA_MUST_USE;

/* The record as last read or written; valid until update or close. */
const mfa_record_Record *mfa_repo_record(const struct mfa_repo *repo);
/* The time of the last read. */
const struct mfa_clock *mfa_repo_clock(const struct mfa_repo *repo);
/* True if one slot did not open at the last read: a write was cut short. */
bool mfa_repo_torn(const struct mfa_repo *repo);

/*
 * A change.  apply gets a copy of the record as it is now; what it returns
 * other than MFA_OK ends the update without a write.  It may be called again
 * after a conflict, and must then do the same as the first time.
 */
struct mfa_delta {
	enum mfa_err (*apply)(void *ctx, mfa_record_Record *record,
	    const struct mfa_clock *clock);
	void *ctx;
};

/*
 * Returns: MFA_OK when the change is durable; what apply returned;
 * MFA_ERR_CONFLICT after too many rounds; what the store returns.
 */
enum mfa_err mfa_repo_update(struct mfa_repo *repo,
    struct mfa_delta delta) MFA_MUST_USE;

/*
 * From now on a write leaves the stamp as it is: for what changes nothing but
 * the seal.  A wrong clock must leave no trace in all records at once.
 */
void mfa_repo_keep_stamp(struct mfa_repo *repo);

/*
 * The three in one: opens to write, applies, closes.
 *
 * Returns: as mfa_repo_open, then as mfa_repo_update.
 */
enum mfa_err mfa_repo_change(struct mfa_engine *engine,
    const struct mfa_subject *subject, struct mfa_delta delta) MFA_MUST_USE;

/*
 * Creates the subject's record: empty but for what delta puts in.
 *
 * Returns: MFA_OK; MFA_ERR_EXISTS; as mfa_repo_update.
 */
enum mfa_err mfa_repo_create(struct mfa_engine *engine,
    const struct mfa_subject *subject, struct mfa_delta delta) MFA_MUST_USE;

/*
 * The same where there was none a moment ago: one that somebody has made since
 * is changed.
 *
 * Returns: as mfa_repo_create, then as mfa_repo_change.
 */
enum mfa_err mfa_repo_make(struct mfa_engine *engine,
    const struct mfa_subject *subject, struct mfa_delta delta) MFA_MUST_USE;

/* Removes the opened record's file. */
enum mfa_err mfa_repo_remove(struct mfa_repo *repo) MFA_MUST_USE;

/* Unlocks and wipes.  Takes NULL. */
void mfa_repo_close(struct mfa_repo *repo);

/*
 * The work of reading a record, of writing it once, or of both, with one that
 * nobody will read: for a subject that has none (R5).  Also warms a new
 * process.
 *
 * parts: bits, MFA_DECOY_*
 */
void mfa_repo_decoy(struct mfa_engine *engine, unsigned int parts);

#endif
