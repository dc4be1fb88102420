/* SPDX-License-Identifier: MIT */
/* Records as files of one folder: the embedded store. */
#ifndef MFA_STORE_STORE_FILE_H
#define MFA_STORE_STORE_FILE_H

#include <stdint.h>

#include "lib/base/err.h"
#include "verifier/store/store.h"

/*
 * Opens the file store below dir (store-id, records/, decoy), which must be
 * root's; records/ and decoy the account's.
 *
 * owner: uid that owns records/ and its files
 * out:   NULL on failure; freed by ops->free
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND if it was never set up; MFA_ERR_UNSAFE;
 * MFA_ERR_NETWORK_FS; MFA_ERR_IO; MFA_ERR_MEMORY.
 */
enum mfa_err mfa_store_file_open(const char *dir, unsigned int owner,
    struct mfa_store **out) MFA_MUST_USE;

/*
 * Prepares a file store below dir, as root: the folder, store-id, records/,
 * decoy and decoy-rate.  What exists is left alone.
 *
 * owner, group: the account's
 * id:           16 random bytes, used only if there is no store-id yet
 *
 * Returns: MFA_OK; MFA_ERR_DAMAGED if there are records without the
 * store-id they are bound to, or a store-id without records/; MFA_ERR_UNSAFE
 * if something there has a wrong owner, mode or type; MFA_ERR_IO;
 * MFA_ERR_NO_SPACE.
 */
enum mfa_err mfa_store_file_init(const char *dir, unsigned int owner,
    unsigned int group, const uint8_t id[16]) MFA_MUST_USE;

/* The table of log lines below dir, likewise; salt is random. */
enum mfa_err mfa_store_file_limits(const char *dir, unsigned int owner,
    unsigned int group, const uint8_t salt[8]) MFA_MUST_USE;

/* Names below dir. */
#define MFA_STORE_FILE_ID     "store-id"
#define MFA_STORE_FILE_RECORDS "records"
#define MFA_STORE_FILE_DECOY  "decoy"
#define MFA_STORE_FILE_RATE   "decoy-rate"
#define MFA_STORE_FILE_LIMITS "log-limits" /* struct mfa_event_limit */

#define MFA_STORE_DECOYS 64 /* slots in decoy */
#define MFA_STORE_RATE_SIZE   8
#define MFA_STORE_LIMITS_SIZE 512

#endif
