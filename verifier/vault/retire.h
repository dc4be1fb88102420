/* SPDX-License-Identifier: MIT */
/*
 * Taking a key out of use: ID.key moves to <ring>/retired, 0750, of the same
 * group.  Nothing is deleted; moved back, it is in use again.
 *
 * MUST (checked against retire.c):
 *  - the primary key never goes, and none goes while no primary can be read;
 *  - the file is a key of its name before it moves;
 *  - it is in one of both folders at every moment, and both are synced before
 *    anybody is told;
 *  - a folder of that name that is there already is root's and nobody else's to
 *    list or write, or nothing moves: it is not mended (R18).
 */
#ifndef MFA_VAULT_RETIRE_H
#define MFA_VAULT_RETIRE_H

#include "verifier/vault/keyring.h"

#define MFA_RETIRE_PATH 320 /* bytes of a ring's path and the folder's name */

/*
 * The folder of the keys that were taken out of use; it need not exist.
 *
 * dir: absolute path of the ring
 * out: MFA_RETIRE_PATH bytes
 *
 * Returns: MFA_OK; MFA_ERR_INVALID for too long a path.
 */
enum mfa_err mfa_retire_folder(const char *dir, char *out) MFA_MUST_USE;

/*
 * May this key go, as far as the ring knows?
 *
 * Returns: MFA_OK; MFA_ERR_DENIED for the primary; as mfa_keyring_load of
 * either: MFA_ERR_NO_KEY, MFA_ERR_DAMAGED, MFA_ERR_UNSAFE, MFA_ERR_IO.
 */
enum mfa_err mfa_retire_check(const char *dir,
    const uint8_t id[MFA_KEY_ID]) MFA_MUST_USE;

/*
 * Moves a key, as root.  Whoever calls it knows that no record needs it.
 *
 * group: gid that may read the folder
 *
 * Returns: MFA_OK; as mfa_retire_check; MFA_ERR_NO_SPACE; MFA_ERR_READ_ONLY.
 * With another error than MFA_ERR_IO the key is where it was.
 */
enum mfa_err mfa_retire_key(const char *dir, const uint8_t id[MFA_KEY_ID],
    unsigned int group) MFA_MUST_USE;

/*
 * Seconds since another key became primary, by the file's own time.
 *
 * wall: now; where that is before it, the answer is 0
 *
 * Returns: MFA_OK; as mfa_keyring_primary.
 */
enum mfa_err mfa_retire_age(const char *dir, uint64_t wall,
    uint64_t *seconds) MFA_MUST_USE;

#endif
