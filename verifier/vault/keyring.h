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
 * primary to it by rename.  For the maintenance mode of medusa-mfad, as root;
 * others that do the same are waited for.
 *
 * group: gid that may read the key
 * id:    the new key's id
 *
 * Returns: MFA_OK; MFA_ERR_UNSAFE; MFA_ERR_IO; MFA_ERR_NO_SPACE; as
 * mfa_turn_take.  On failure the old primary stands.
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

/*
 * Files of a ring that only root may open, kept open: a service manager's
 * credentials.  Plain data, so that a process that starts itself anew can hand
 * it on; the descriptors are close-on-exec.
 */
#define MFA_KEYRING_HELD 16 /* files at most */
struct mfa_keyring_held {
	char dir[256]; /* the ring's path; empty: nothing is held */
	uint32_t count;
	struct mfa_keyring_file {
		char name[24]; /* "primary", or ID.key */
		int fd;
	} file[MFA_KEYRING_HELD];
};

/*
 * Opens the files of a ring below MFA_KEYRING_CREDENTIALS, as root; of any
 * other ring it holds nothing, for that is read anew in each transaction.
 *
 * Returns: MFA_OK, also where nothing need be held; MFA_ERR_NO_KEY;
 * MFA_ERR_UNSAFE; MFA_ERR_FULL for too many files; MFA_ERR_IO.  Nothing is
 * held on failure.
 */
#define MFA_KEYRING_CREDENTIALS "/run/credentials/"
enum mfa_err mfa_keyring_hold(const char *dir,
    struct mfa_keyring_held *held) MFA_MUST_USE;

/*
 * As the three above, from what is held if that is of the ring dir, else from
 * the ring.  Owner, mode, type and size are checked again each time.
 *
 * held: NULL: nothing
 */
enum mfa_err mfa_keyring_load_from(const char *dir,
    const struct mfa_keyring_held *held, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out) MFA_MUST_USE;
enum mfa_err mfa_keyring_primary_from(const char *dir,
    const struct mfa_keyring_held *held, struct mfa_key *out) MFA_MUST_USE;
enum mfa_err mfa_keyring_each_from(const char *dir,
    const struct mfa_keyring_held *held, mfa_keyring_visit *visit,
    void *ctx) MFA_MUST_USE;

/* Is this a ring of credentials? */
bool mfa_keyring_is_credentials(const char *dir);
/*
 * What to tell people where a key of this ring was not found.
 *
 * Returns: a sentence; NULL if the error says it all, for a ring of files.
 */
const char *mfa_keyring_advice(const char *dir,
    const struct mfa_keyring_held *held);

void mfa_key_wipe(struct mfa_key *key);

#endif
