/* SPDX-License-Identifier: MIT */
/*
 * The key ring: <dir>/<id>.key, each one line of 64 hexadecimal digits,
 * 0640 root:medusa-mfa; <dir>/primary, one line, names the primary.
 */
#ifndef MFA_VAULT_KEYRING_H
#define MFA_VAULT_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/env.h"
#include "lib/base/err.h"
#include "verifier/crypt/crypt.h"

#define MFA_KEY_ID 8 /* bytes; 16 hexadecimal digits in names */

struct mfa_key {
	uint8_t id[MFA_KEY_ID];
	uint8_t bytes[MFA_CRYPT_KEY]; /* secret: mfa_key_wipe */
};

/*
 * Reads one key by id, and checks that the id is the key's: the first 8 bytes
 * of BLAKE2b-256 of it under a fixed label.
 *
 * dir: absolute path of the ring
 * out: caller wipes; untouched on failure
 *
 * Returns: MFA_OK; MFA_ERR_NO_KEY if there is no such file; MFA_ERR_UNSAFE;
 * MFA_ERR_DAMAGED if the contents or the id do not fit; MFA_ERR_IO.
 */
enum mfa_err mfa_keyring_load(const char *dir, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out) MFA_MUST_USE;

/*
 * Reads the primary key.  Returns: as mfa_keyring_load; MFA_ERR_NO_KEY too
 * when no primary is named.
 */
enum mfa_err mfa_keyring_primary(const char *dir,
    struct mfa_key *out) MFA_MUST_USE;

/*
 * Makes a new key from randomness, writes and syncs <id>.key, then switches
 * primary to it by rename.  For the maintenance mode of medusa-mfad, as root.
 *
 * group: gid that may read the key
 * id:    the new key's id
 *
 * Returns: MFA_OK; MFA_ERR_UNSAFE; MFA_ERR_IO; MFA_ERR_NO_SPACE.  On failure
 * the old primary stands.
 */
enum mfa_err mfa_keyring_new(const char *dir, const struct mfa_env *env,
    unsigned int group, uint8_t id[MFA_KEY_ID]) MFA_MUST_USE;

/*
 * Calls visit for every *.key file in the ring, in the order of their ids.
 *
 * problem: MFA_OK or what is wrong with that key
 *
 * Returns: MFA_OK; MFA_ERR_UNSAFE; MFA_ERR_NOT_FOUND; MFA_ERR_IO; or the
 * first error that visit returned.
 */
typedef enum mfa_err mfa_keyring_visit(void *ctx,
    const uint8_t id[MFA_KEY_ID], bool primary, enum mfa_err problem);
enum mfa_err mfa_keyring_each(const char *dir, mfa_keyring_visit *visit,
    void *ctx) MFA_MUST_USE;

void mfa_key_wipe(struct mfa_key *key);

#endif
