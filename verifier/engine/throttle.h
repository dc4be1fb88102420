/* SPDX-License-Identifier: MIT */
/*
 * How many wrong codes a record bears (R9, R10).  Pure: works on a record in
 * memory and the record's own time.
 *
 * MUST (checked against throttle.c):
 *  - a debit is made before the comparison, as if the code were wrong: it
 *    starts the lock that the wrong code would start;
 *  - a refund takes back one debit and nothing of anybody else's;
 *  - a success clears the factor that matched, and no other; on the root path
 *    it reopens the other path too;
 *  - nothing here shortens a lock but a refund, a success or a person;
 *  - counters stick at their maximum.
 */
#ifndef MFA_ENGINE_THROTTLE_H
#define MFA_ENGINE_THROTTLE_H

#include "protocol/record.pb.h"
#include "verifier/engine/engine.h"

enum mfa_throttle {
	MFA_THROTTLE_OPEN = 1,
	MFA_THROTTLE_LOCKED = 2, /* by time */
	MFA_THROTTLE_BLOCKED = 3 /* until a person acts */
};

/*
 * May this factor be compared on this path?
 *
 * seconds: until the lock ends; 0 unless LOCKED; may be NULL
 */
enum mfa_throttle mfa_throttle_factor_check(const struct mfa_config *config,
    const mfa_record_Factor *factor, enum mfa_path path, uint64_t lapse,
    uint64_t *seconds);

/* The same for the account's budgets; never BLOCKED. */
enum mfa_throttle mfa_throttle_account_check(const struct mfa_config *config,
    const mfa_record_Record *record, enum mfa_path path, uint64_t lapse,
    uint64_t *seconds);

/*
 * Seconds until all locks by time have ended, of the account and of its enabled
 * factors: an administrator wants to know when all is open.
 */
uint64_t mfa_throttle_longest(const struct mfa_config *config,
    const mfa_record_Record *record, enum mfa_path path, uint64_t lapse);

/*
 * Debits one factor.
 *
 * Returns: the locked_until of the lock that this debit started, or 0.
 */
uint64_t mfa_throttle_factor_debit(const struct mfa_config *config,
    mfa_record_Factor *factor, enum mfa_path path, uint64_t lapse);

/* Takes one debit back.  started: what the debit returned. */
void mfa_throttle_factor_refund(const struct mfa_config *config,
    mfa_record_Factor *factor, enum mfa_path path, uint64_t started);

/* After a success with this factor. */
void mfa_throttle_factor_reset(mfa_record_Factor *factor, enum mfa_path path);

/*
 * Debits the account; the refund takes that one back, from the bucket of the
 * lapse it was debited at.
 */
void mfa_throttle_account_debit(mfa_record_Record *record, enum mfa_path path,
    uint64_t lapse);
void mfa_throttle_account_refund(mfa_record_Record *record, enum mfa_path path,
    uint64_t lapse);

/*
 * Codes sent in the last 24 hours (R12): debited when one is made, given back
 * by nothing but time and a person.
 *
 * limit: of the realm
 */
enum mfa_throttle mfa_throttle_sends_check(const mfa_record_Record *record,
    uint32_t limit, uint64_t lapse);
void mfa_throttle_sends_debit(mfa_record_Record *record, uint64_t lapse);

/* True if the factor was locked on this path since its last success. */
bool mfa_throttle_was_locked(const mfa_record_Factor *factor,
    enum mfa_path path, uint64_t started);

/* A person acts: all locks and budgets of the record are cleared. */
void mfa_throttle_clear(mfa_record_Record *record);

/* Wrong codes on the root path in the last 24 hours and 30 days. */
uint32_t mfa_throttle_day(const mfa_record_Record *record, uint64_t lapse);
uint32_t mfa_throttle_month(const mfa_record_Record *record, uint64_t lapse);
/* Those on the other path, in 24 hours. */
uint32_t mfa_throttle_day_other(const mfa_record_Record *record,
    uint64_t lapse);

#endif
