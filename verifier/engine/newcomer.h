/* SPDX-License-Identifier: MIT */
/*
 * A first factor, added in the login that needs it: `unenrolled = enroll` of a
 * rule.  The key is shown in a prompt, its first code confirms it and lets in,
 * and the recovery codes are shown in prompts that want no answer.
 *
 * Whoever passed the first factor first adds it: the rule says that this is
 * meant (R21).
 */
#ifndef MFA_ENGINE_NEWCOMER_H
#define MFA_ENGINE_NEWCOMER_H

#include "verifier/engine/engine.h"
#include "verifier/engine/enroll.h"
#include "verifier/engine/subject.h"

#define MFA_NEWCOMER_NOTE 241 /* bytes, with NUL: wire.options */
#define MFA_NEWCOMER_PROMPT "Code from the app: "

/* Secret. */
struct mfa_newcomer {
	char id[17]; /* of the pending factor */
	char label[33];
	char key[80]; /* base32 in groups of four */
	struct mfa_recovery_text codes;
	uint32_t shown; /* of these */
};

/*
 * Adds the pending factor; what an earlier try of this kind has left goes, and
 * nobody else's: whoever has the password could end any enrolment.
 *
 * caller: that manages
 *
 * Returns: MFA_OK; MFA_ERR_LOCKED while wrong codes of before shut the account;
 * MFA_ERR_CONFLICT if the subject is enrolled by now; as mfa_enroll_begin.
 */
enum mfa_err mfa_newcomer_begin(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    struct mfa_newcomer *out) MFA_MUST_USE;

/*
 * The first code; newcomer: as mfa_newcomer_begin left it.
 *
 * Returns: MFA_OK: enrolled, durably, and codes are there; MFA_ERR_PROOF if
 * the subject was enrolled meanwhile; as mfa_enroll_confirm.
 */
enum mfa_err mfa_newcomer_answer(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_typed *typed, struct mfa_newcomer *newcomer) MFA_MUST_USE;

/* The note of its prompt: note has MFA_NEWCOMER_NOTE bytes. */
void mfa_newcomer_ask(const struct mfa_newcomer *newcomer, const char *before,
    char *note);

/*
 * The next recovery codes.
 *
 * Returns: false if all were shown.
 */
bool mfa_newcomer_show(struct mfa_newcomer *newcomer, char *note);

#endif
