/* SPDX-License-Identifier: MIT */
/*
 * May this caller change this record (R21)?
 *
 * MUST (checked against permit.c):
 *  - a caller whose right was not set may nothing;
 *  - an owner changes nothing of a record that is enrolled without a code of
 *    a factor, or a recovery code, proven in the same conversation;
 *  - an owner adds a first factor only as self_enroll allows it, and without
 *    the same leave neither removes nor renames a pending one: the record does
 *    not say who added it, and it may be an administrator's;
 *  - a proof is good for one record, in the life that it was made in, for a
 *    limited time, and no longer than what proved it: a factor that was
 *    disabled, or a set of recovery codes that was made anew, takes its proof
 *    along;
 *  - what is judged is the record as the change finds it, under its lock.
 */
#ifndef MFA_ENGINE_PERMIT_H
#define MFA_ENGINE_PERMIT_H

#include "protocol/record.pb.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/lapse.h"
#include "verifier/engine/subject.h"

enum mfa_proof_kind {
	MFA_PROOF_NONE = 0,
	MFA_PROOF_FACTOR = 1,
	MFA_PROOF_RECOVERY_CODE = 2,
	MFA_PROOF_INVITATION = 3
};

/* What an owner has proven; of one conversation. */
struct mfa_proof {
	enum mfa_proof_kind kind;
	char id[MFA_STORE_ID_MAX + 1]; /* of the record */
	uint64_t generation;	       /* of the record */
	uint64_t until;		       /* CLOCK_BOOTTIME, seconds */
	uint8_t factor[8];	       /* id of the one that matched */
	uint32_t recovery_generation;  /* of the set that matched */
	uint32_t recovery_left;	       /* of that set; to be told */
};

enum mfa_change {
	MFA_CHANGE_ENROLL = 1, /* another factor, pending */
	MFA_CHANGE_CONFIRM = 2, /* a code of a pending one: sent, or given */
	MFA_CHANGE_OTHER = 3	/* everything else */
};

/*
 * Judges a record as it is; to be called by every delta that an owner may ask
 * for.
 *
 * subject: whose record it is or will be
 * record:  all zero where there is none yet
 *
 * Returns: MFA_OK; MFA_ERR_PROOF; MFA_ERR_INVITATION; MFA_ERR_DENIED if only
 * an administrator may.
 */
enum mfa_err mfa_permit_check(const struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const mfa_record_Record *record, const struct mfa_clock *clock,
    enum mfa_change change) MFA_MUST_USE;

/*
 * The same before any work is done for the change; what it finds may be
 * another record's state than the change's.
 *
 * Returns: as mfa_permit_check; as mfa_repo_open, but not NOT_FOUND.
 */
enum mfa_err mfa_permit_look(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    enum mfa_change change) MFA_MUST_USE;

#endif
