/* SPDX-License-Identifier: MIT */
/*
 * All keys of a ring as text, for a safe.
 *
 *   primary ID
 *   key ID HEX          for each key of the ring
 *   retired ID HEX      for each key that was taken out of use
 *   end N               how many keys stand above: without it something is
 *                       missing
 */
#ifndef MFA_VAULT_EXPORT_H
#define MFA_VAULT_EXPORT_H

#include "verifier/vault/keyring.h"

/*
 * Writes these lines, in the order of their ids; nothing unless every key can
 * be read and one of them is the primary.
 *
 * dir: absolute path of the ring
 * fd:  where to; caller syncs
 * bad: of the first key that cannot be read, 16 digits; else empty;
 *      2 * MFA_KEY_ID + 1 bytes
 * lost: true if it is fd that could not be written
 *
 * Returns: MFA_OK; MFA_ERR_NO_KEY without a primary; what is wrong with a key;
 * MFA_ERR_NOT_FOUND; MFA_ERR_UNSAFE; MFA_ERR_NO_SPACE; MFA_ERR_IO.
 */
enum mfa_err mfa_export_keys(const char *dir, int fd, char *bad,
    bool *lost) MFA_MUST_USE;

#endif
