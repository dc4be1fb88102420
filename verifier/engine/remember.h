/* SPDX-License-Identifier: MIT */
/*
 * Places where a code was given a while ago, so that it is not asked for
 * again: `remember` of a rule.
 *
 * A place is the service, the methods that count there and, for a login from
 * another host, its numeric address, if a public key was used as well; else the
 * terminal, its session's leader, the audit session and whose process asks.
 * Both of this boot.
 *
 * MUST (checked against remember.c and whoever calls mfa_remember_void):
 *  - only a factor's code given through a host of root's makes one, and only
 *    such a host finds it;
 *  - a change of factors or recovery codes, a lock, a bypass, a reset voids
 *    all of them, in the same write;
 *  - it lets in only after a commit of its own that is durable (R1);
 *  - the rule of now says how long it counts.
 */
#ifndef MFA_ENGINE_REMEMBER_H
#define MFA_ENGINE_REMEMBER_H

#include "verifier/engine/engine.h"
#include "verifier/engine/lapse.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/subject.h"

/* Where a login takes place; all zero: nowhere that could be remembered. */
struct mfa_remember {
	bool known;
	uint64_t binding;
	uint32_t seconds; /* that it counts */
	const char *why;  /* it is not known: one sentence, for explain; NULL:
			     the rule does not remember */
};

/* policy: with which the login was let in or is to be */
void mfa_remember_place(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_policy *policy,
    struct mfa_remember *out);

/* True if the record has it, and it counts. */
bool mfa_remember_has(const mfa_record_Record *record,
    const struct mfa_clock *clock, const struct mfa_remember *place);

/* Adds a place to a record that is about to be written; the oldest goes. */
void mfa_remember_add(mfa_record_Record *record, const struct mfa_clock *clock,
    const struct mfa_remember *place);

void mfa_remember_void(mfa_record_Record *record);

/*
 * Looks once more, under the lock, and writes.
 *
 * Returns: MFA_OK if it may let in; MFA_ERR_NOT_FOUND if it does not count any
 * more; as mfa_repo_open, then as mfa_repo_update.
 */
enum mfa_err mfa_remember_use(struct mfa_engine *engine,
    const struct mfa_subject *subject,
    const struct mfa_remember *place) MFA_MUST_USE;

/*
 * Voids all of a subject's.
 *
 * count: how many there were, be they good still or not
 *
 * Returns: MFA_OK, also without a record or a place; MFA_ERR_NO_USER for who
 * is unknown and has no record; MFA_ERR_DENIED for a caller that neither
 * manages nor owns it; as mfa_repo_open, then as mfa_repo_update.
 */
enum mfa_err mfa_remember_forget(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    uint32_t *count) MFA_MUST_USE;

/* How many of a record's may count still, by the most patient rule. */
uint32_t mfa_remember_count(const struct mfa_config *config,
    const mfa_record_Record *record, const struct mfa_clock *clock);

#endif
