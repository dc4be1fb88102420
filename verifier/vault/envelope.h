/* SPDX-License-Identifier: MIT */
/*
 * The sealed envelope around one slot of a record.
 *
 *   offset  size
 *        0     8  magic "MFARECRD"
 *        8     4  format, big-endian, 3; 1 and 2 are opened, too
 *       12     8  key id
 *       20    16  store id
 *       36     1  slot
 *       37     3  zero
 *       40     8  sequence, big-endian, from 1
 *       48    24  nonce
 *       72    32  commitment
 *      104  8072  XChaCha20-Poly1305 of: length (4), message, zeros
 *     8176    16  tag
 *
 * record key  = BLAKE2b-256(key, "medusa-mfa/record/v1", store id, realm, id)
 * commitment  = BLAKE2b-256(record key, "commit", nonce): XChaCha20-Poly1305
 *               does not commit to its key
 * nonce       = BLAKE2b-192(record key, "nonce", 32 random bytes, sequence,
 *               plaintext): safe with a bad generator or a resumed snapshot
 * associated  = bytes 0 to 47, realm, id
 *
 * MUST (checked against envelope.c):
 *  - magic and format are judged before a key is looked up, the commitment
 *    before the ciphertext, the length inside after the tag;
 *  - a key is found by the id in the header, never by trial;
 *  - nothing of the plaintext leaves on failure;
 *  - sequence wrap-around is refused.
 */
#ifndef MFA_VAULT_ENVELOPE_H
#define MFA_VAULT_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/env.h"
#include "lib/base/err.h"
#include "verifier/vault/keyring.h"

#define MFA_SLOT	8192
#define MFA_SLOT_HEADER 104
#define MFA_SLOT_TEXT	(MFA_SLOT - MFA_SLOT_HEADER - MFA_CRYPT_TAG)
#define MFA_SLOT_PLAIN	(MFA_SLOT_TEXT - 4) /* longest message */
#define MFA_SLOT_WORK	(MFA_SLOT_TEXT + MFA_CRYPT_TAG) /* to open one */
#define MFA_FORMAT	3 /* written; older ones are opened (R29) */
#define MFA_STORE_ID	16

/* What a record is bound to besides its bytes. */
struct mfa_binding {
	const uint8_t *store_id; /* MFA_STORE_ID bytes */
	const char *realm;
	const char *id; /* the store's name of the record */
};

struct mfa_slot_header {
	uint32_t format;
	uint8_t key_id[MFA_KEY_ID];
	uint8_t store_id[MFA_STORE_ID];
	uint8_t slot;
	uint64_t sequence;
};

/*
 * Reads a slot's header; nothing in it is authenticated yet.
 *
 * slot: MFA_SLOT bytes
 *
 * Returns: MFA_OK; MFA_ERR_DAMAGED if it is none; MFA_ERR_FORMAT if it is
 * newer than this program.
 */
enum mfa_err mfa_envelope_header(const uint8_t *slot,
    struct mfa_slot_header *out) MFA_MUST_USE;

/*
 * Seals a message.
 *
 * key:      primary key of the ring
 * index:    which slot this will be
 * sequence: of this write
 * text:     len bytes, at most MFA_SLOT_PLAIN
 * slot:     MFA_SLOT bytes; untouched or wiped on failure
 *
 * Returns: MFA_OK; MFA_ERR_INVALID for sequence 0 or UINT64_MAX, or too long
 * a text; MFA_ERR_CRYPTO.
 */
struct mfa_seal {
	const struct mfa_key *key;
	struct mfa_binding binding;
	uint8_t index;
	uint64_t sequence;
};
enum mfa_err mfa_envelope_seal(const struct mfa_env *env,
    const struct mfa_seal *how, const uint8_t *text, size_t len,
    uint8_t *slot) MFA_MUST_USE;

/*
 * Opens a slot with the key its header names.
 *
 * key:     must have the header's key id
 * index:   the slot it was read from
 * text:    MFA_SLOT_WORK bytes of scratch; the message is at its beginning;
 *          wiped on failure
 * len:     bytes of the message
 *
 * Returns: MFA_OK; MFA_ERR_DAMAGED; MFA_ERR_FORMAT; MFA_ERR_NO_KEY if key is
 * another one; MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_envelope_open(const struct mfa_key *key,
    struct mfa_binding binding, uint8_t index, const uint8_t *slot,
    uint8_t *text, size_t *len) MFA_MUST_USE;

#endif
