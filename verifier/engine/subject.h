/* SPDX-License-Identifier: MIT */
/*
 * Who a record belongs to (R22): the name as the user database returns it, its
 * uid, and the store's name for the record.
 */
#ifndef MFA_ENGINE_SUBJECT_H
#define MFA_ENGINE_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "verifier/store/store.h"

#define MFA_SUBJECT_NAME 256 /* bytes */
#define MFA_REALM_UNIX	 "unix"

struct mfa_subject {
	const char *realm;
	char name[MFA_SUBJECT_NAME + 1];
	uint32_t uid;
	bool known; /* the user database has it; else uid means nothing */
	char id[MFA_STORE_ID_MAX + 1];
};

/*
 * Looks a user up.  On MFA_ERR_NO_USER the subject is filled in too, with the
 * name as given and known false: administrators may still act on a record that
 * an account left behind.
 *
 * Returns: MFA_OK; MFA_ERR_NO_USER; MFA_ERR_NSS when the database failed;
 * MFA_ERR_INVALID for an empty or over-long name; MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_subject_resolve(const char *user,
    struct mfa_subject *out) MFA_MUST_USE;

/*
 * The store's name for a subject: "u-" and the name with all but [a-z0-9_-]
 * as %xx, or, where that is longer than 200, "h-" and a hash.  No two names
 * share one.
 *
 * out: MFA_STORE_ID_MAX + 1 bytes
 */
enum mfa_err mfa_subject_id(const char *name, char *out) MFA_MUST_USE;

/*
 * The name of a record's id, for a record that cannot be read; of a hashed one
 * or one that is not ours, the id itself.
 *
 * out: MFA_SUBJECT_NAME + 1 bytes
 */
void mfa_subject_name(const char *id, char *out);

#endif
