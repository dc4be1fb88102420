/* SPDX-License-Identifier: MIT */
/*
 * One attempt under way, between attempt.c (the transaction) and entrants.c
 * (who takes part in it, and what that costs); nobody else includes it.
 */
#ifndef MFA_ENGINE_RUNNING_H
#define MFA_ENGINE_RUNNING_H

#include "verifier/engine/attempt.h"
#include "verifier/engine/repo.h"
#include "verifier/provider/otp.h"
#include "verifier/provider/provider.h"

#define MFA_ENTRANTS 8
#define MFA_LONE     2

/* One factor that takes part. */
struct mfa_entrant {
	const struct mfa_provider *provider;
	uint8_t id[8];
	char method[33];  /* its provider's name */
	char label[33];
	uint64_t started; /* lock begun by our debit, 0 if none */
	enum mfa_reason closed; /* by our debit: LOCKED, BLOCKED, or NONE */
	struct mfa_effect effect;
};

/* Secret: holds what factors of programs keep. */
struct mfa_running {
	struct mfa_engine *engine;
	const struct mfa_subject *subject;
	const struct mfa_attempt *attempt;
	struct mfa_attempt_result *result;
	struct mfa_otp_use use;
	struct mfa_entrant entrants[MFA_ENTRANTS];
	unsigned int n;
	/* Recovery codes and what administrators gave out; where one of these
	   takes part, no factor does. */
	struct mfa_lone {
		const struct mfa_provider *provider;
		struct mfa_effect effect;
	} lone[MFA_LONE];
	unsigned int lone_n;
	struct mfa_lone *hit; /* of lone: the one that matched */
	uint64_t debited_at;	   /* lapse */
	bool account_closed;	   /* by our debit */
	struct mfa_entrant *match; /* of entrants; NULL without one */
	/* Copies of the factors that programs compare. */
	mfa_record_Factor outside[MFA_ENTRANTS];
	struct mfa_entrant *outside_entrant[MFA_ENTRANTS];
	unsigned int outside_n;
};

/* What providers may know. */
struct mfa_check mfa_running_check(const struct mfa_running *run,
    const struct mfa_clock *clock);

/* The factor of that id, or NULL. */
mfa_record_Factor *mfa_running_find(mfa_record_Record *record,
    const uint8_t id[8]);

/* True if an attempt of this kind compares that factor. */
bool mfa_running_takes_part(const struct mfa_running *run,
    const mfa_record_Factor *factor, const struct mfa_clock *clock);

/*
 * May we compare?  Chooses the entrants.
 *
 * Returns: OK with at least one; else why not.
 */
enum mfa_reason mfa_running_choose(struct mfa_running *run,
    const mfa_record_Record *record, const struct mfa_clock *clock);

/*
 * What comparing them needs is had before it is charged (R7): a library that
 * does not load would lock everybody out for the time after it does.
 *
 * Returns: MFA_OK; MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_running_prepare(const struct mfa_running *run) MFA_MUST_USE;

/*
 * A delta: charges every entrant, the account once, and the challenge.
 *
 * Returns: MFA_OK; MFA_ERR_LOCKED if somebody was faster.
 */
enum mfa_err mfa_running_debit(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock);

/* Takes the charges of a match or replay back, but from the entrant itself. */
void mfa_running_refund(struct mfa_running *run, mfa_record_Record *record,
    const struct mfa_entrant *except);

#endif
