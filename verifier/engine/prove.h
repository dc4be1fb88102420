/* SPDX-License-Identifier: MIT */
/* What an owner proves before it changes its record (permit.h). */
#ifndef MFA_ENGINE_PROVE_H
#define MFA_ENGINE_PROVE_H

#include "verifier/engine/engine.h"
#include "verifier/engine/permit.h"
#include "verifier/engine/subject.h"
#include "verifier/otp/typed.h"

/*
 * Compares what an owner gives as proof: a code of an enabled factor, a
 * recovery code, or, while it is not enrolled, its invitation.  Charged and
 * told as a login's answer.
 *
 * seconds: that the proof is good for
 * proof:   MFA_PROOF_NONE on failure
 *
 * Returns: MFA_OK; MFA_ERR_WRONG, MFA_ERR_REPLAYED, MFA_ERR_LOCKED,
 * MFA_ERR_CLOCK, MFA_ERR_EXPIRED (no such code is live); MFA_ERR_SYNTAX;
 * MFA_ERR_NOT_ENROLLED if there is nothing to compare with; as
 * mfa_attempt_make.
 */
enum mfa_err mfa_prove_code(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_typed *typed, uint32_t seconds,
    struct mfa_proof *proof) MFA_MUST_USE;

#endif
