/* SPDX-License-Identifier: MIT */
/* Recovery codes (R13): making a set, counting what is left. */
#ifndef MFA_PROVIDER_RECOVERY_H
#define MFA_PROVIDER_RECOVERY_H

#include "verifier/provider/provider.h"

struct mfa_recovery_text {
	char code[16][MFA_TYPED_RECOVERY_TEXT]; /* secret */
	uint32_t count;
};

/*
 * Replaces the recovery set by count new codes.
 *
 * count: 1 to 16
 * text:  the codes for the person; caller wipes
 */
enum mfa_err mfa_provider_recovery_new(const struct mfa_env *env,
    uint32_t count, uint64_t wall, mfa_record_RecoverySet *set,
    struct mfa_recovery_text *text) MFA_MUST_USE;

/*
 * One code of this form: its text for the person, its hash for the record.
 *
 * use:  what it is for; part of the hash
 * salt: 32 bytes
 * text: caller wipes
 * hash: MFA_CRYPT_HASH bytes
 *
 * Returns: MFA_OK; MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_provider_recovery_make(const struct mfa_env *env,
    const char *use, const uint8_t *salt, char text[MFA_TYPED_RECOVERY_TEXT],
    uint8_t *hash) MFA_MUST_USE;

/*
 * The hash of one that was typed: BLAKE2b-256, keyed with the salt.
 *
 * Returns: MFA_OK; MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_provider_recovery_hash(const char *use, const uint8_t *salt,
    const struct mfa_typed *typed, uint8_t *hash) MFA_MUST_USE;

/* Codes not used yet. */
uint32_t mfa_provider_recovery_left(const mfa_record_RecoverySet *set);

#endif
