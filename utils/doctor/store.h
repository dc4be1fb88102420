/* SPDX-License-Identifier: MIT */
/*
 * Findings about the store as a whole: told once, with the users that it was
 * met with, and never with the advice to reset them.
 */
#ifndef MFA_DOCTOR_STORE_H
#define MFA_DOCTOR_STORE_H

#include <stdint.h>
#include <sys/statvfs.h>

#include "utils/doctor/found.h"
#include "utils/doctor/settings.h"

#define MFA_STORE_RECORD 16384 /* bytes of a record: medusa-mfad(8), FILES */
#define MFA_STORE_FEW	 1000  /* records; room for fewer is told */

/* The error that the verifier's sentence stands for; MFA_OK for none. */
enum mfa_err mfa_store_err(const char *sentence);

/*
 * Tells trouble of the store or of its keys.  What was told before gets the
 * user added.
 *
 * err:   as the verifier has it
 * where: the store or the ring of keys; NULL: whichever err is about
 * user:  whose record it was met with, or NULL
 *
 * Returns: false if it is none of that; then nothing was told.
 */
bool mfa_store_tell(struct mfa_found *found,
    const struct mfa_settings *settings, enum mfa_err err, const char *where,
    const char *user);

/* It was told, of the store or of the ring, and as a danger. */
bool mfa_store_is_told(struct mfa_found *found,
    const struct mfa_settings *settings, enum mfa_err err);

/*
 * How many more records there is room for, for who is not root: the blocks that
 * are kept for root do not count.
 *
 * Returns: UINT64_MAX if the file system does not say.
 */
uint64_t mfa_store_room(const struct statvfs *fs);

/* The free space of this host's store.  Quotas are not looked at. */
void mfa_store_judge_room(const struct mfa_settings *settings,
    struct mfa_found *found);

#endif
