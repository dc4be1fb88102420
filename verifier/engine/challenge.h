/* SPDX-License-Identifier: MIT */
/*
 * Challenges as an interface for applications: begun, answered and perhaps sent
 * a code for in different processes, so they lie in the record.
 *
 * MUST (checked against challenge.c):
 *  - a challenge is known by 128 random bits, and found in no other subject's
 *    record;
 *  - it ends with a right answer, challenge_ttl_seconds after its start, with
 *    max_attempts wrong answers, or when it has to give way to newer ones; who
 *    is not root evicts none that root began;
 *  - all locks and budgets of a login hold for it.
 */
#ifndef MFA_ENGINE_CHALLENGE_H
#define MFA_ENGINE_CHALLENGE_H

#include "verifier/engine/attempt.h"
#include "verifier/engine/challenges.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"

/* As text: 32 hexadecimal digits, a dot, mfa_subject_format. */
#define MFA_CHALLENGE_TEXT (2 * MFA_CHALLENGE_ID + 1 + MFA_SUBJECT_TEXT)
#define MFA_CHALLENGE_METHODS 8

struct mfa_challenge {
	bool required; /* else nothing to prove: exempt, or not enrolled where
			  policy lets such subjects pass */
	char id[MFA_CHALLENGE_TEXT];
	char method[MFA_CHALLENGE_METHODS][33];
	uint32_t method_count;
	uint64_t expires_at; /* seconds since 1970 */
	uint64_t expires_seconds;
};

/*
 * Begins one for caller->service, caller->rhost.
 *
 * out: untouched on failure
 *
 * Returns: MFA_OK; MFA_ERR_NOT_ENROLLED (required, but there is nothing to
 * prove it with); MFA_ERR_BUSY (root has begun four); MFA_ERR_NO_REALM; as
 * mfa_repo_open.
 */
enum mfa_err mfa_challenge_start(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    struct mfa_challenge *out) MFA_MUST_USE;

/*
 * Takes an id apart: whose it is, and which.
 *
 * Returns: MFA_OK; MFA_ERR_EXPIRED for anything that is no id; as
 * mfa_subject_in_realm.
 */
enum mfa_err mfa_challenge_parse(const char *text,
    struct mfa_subject *subject, uint8_t id[MFA_CHALLENGE_ID]) MFA_MUST_USE;

/*
 * Sends a code that is good for this challenge alone, and waits for it.
 *
 * factor: id or label, empty: the first otp factor
 *
 * Returns: as mfa_deliver_code.
 */
enum mfa_err mfa_challenge_send(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const uint8_t id[MFA_CHALLENGE_ID], const char *factor) MFA_MUST_USE;

/*
 * Answers it.
 *
 * method: a provider's name; empty: by the answer's form
 * answer: len bytes as typed; caller wipes
 *
 * Returns: MFA_OK, whatever result->reason says; else no verdict can be had.
 */
struct mfa_challenge_answer {
	const uint8_t *id;
	const char *method;
	const uint8_t *answer;
	size_t len;
};
enum mfa_err mfa_challenge_verify(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_challenge_answer *answer,
    struct mfa_attempt_result *result) MFA_MUST_USE;

#endif
