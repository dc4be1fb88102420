/* SPDX-License-Identifier: MIT */
/*
 * What a transaction on a record works in: guarded memory, one of an engine,
 * wiped when the transaction ends.  Of repo.c and repo_decoy.c alone.
 */
#ifndef MFA_ENGINE_WORK_H
#define MFA_ENGINE_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "protocol/record.pb.h"
#include "verifier/engine/codec.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/lapse.h"
#include "verifier/engine/subject.h"
#include "verifier/store/store.h"
#include "verifier/vault/envelope.h"

struct mfa_repo {
	struct mfa_engine *engine;
	struct mfa_store_txn *txn;
	struct mfa_store_view view;
	char realm[MFA_SUBJECT_REALM + 1];
	char id[MFA_STORE_ID_MAX + 1];
	struct mfa_clock clock;
	unsigned int current; /* slot */
	bool torn;
	bool keeps_stamp;
	uint64_t sequence;
};

struct mfa_work {
	struct mfa_repo repo;
	bool busy;
	bool has_opener, has_primary;
	struct mfa_key opener;	/* of the slot opened last */
	struct mfa_key primary; /* what this transaction seals with */
	mfa_record_Record record;
	mfa_record_Record next;
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	uint8_t slot[MFA_SLOT];
	uint8_t text[MFA_SLOT_WORK];
	uint8_t scratch[MFA_CODEC_MAX];
};

/*
 * The key that a slot names, kept for the other slot; both mostly name one.
 *
 * Returns: MFA_OK; MFA_ERR_NO_KEY; as mfa_keyring_load.
 */
enum mfa_err mfa_work_opener(struct mfa_engine *engine,
    const uint8_t id[MFA_KEY_ID]) MFA_MUST_USE;
/* The key that is sealed with.  Returns: as mfa_work_opener. */
enum mfa_err mfa_work_primary(struct mfa_engine *engine) MFA_MUST_USE;

/* Says that the submessages stand: their absence is not a value. */
void mfa_work_complete(mfa_record_Record *record);

#endif
