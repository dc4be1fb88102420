/* SPDX-License-Identifier: MIT */
/*
 * Who a record belongs to (R22): in realm unix the name as the user database
 * returns it and its uid; in another realm any name its account gives, of uid
 * 0; and the store's name for the record.
 */
#ifndef MFA_ENGINE_SUBJECT_H
#define MFA_ENGINE_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "verifier/store/store.h"

#define MFA_SUBJECT_NAME 256 /* bytes */
#define MFA_SUBJECT_REALM 32 /* bytes */
#define MFA_REALM_UNIX	 "unix"

struct mfa_subject {
	char realm[MFA_SUBJECT_REALM + 1];
	char name[MFA_SUBJECT_NAME + 1];
	uint32_t uid;
	uint32_t gid; /* primary group, likewise */
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
 * A subject of any realm; empty or "unix": as above.  A subject of another
 * realm is always known; its name is 1 to 256 bytes without control
 * characters.
 *
 * Returns: as above; MFA_ERR_INVALID for a realm that is no label.
 */
enum mfa_err mfa_subject_in_realm(const char *realm, const char *user,
    struct mfa_subject *out) MFA_MUST_USE;

/*
 * The store's name for a subject: "u-" and the name with all but [a-z0-9_-]
 * as %xx, or, where that is longer than 200, "h-" and a hash.  In another realm
 * "r-REALM%-" and the name so, or "s-REALM%-" and a hash: an escape is never
 * followed by a hyphen.  No two subjects share one.
 *
 * out: MFA_STORE_ID_MAX + 1 bytes
 */
enum mfa_err mfa_subject_id(const char *realm, const char *name,
    char *out) MFA_MUST_USE;

/*
 * Realm and name of a record's id, for a record that cannot be read; of a
 * hashed one, or one that is not ours, the id itself as name.
 *
 * realm: MFA_SUBJECT_REALM + 1 bytes
 * name:  MFA_SUBJECT_NAME + 1 bytes
 */
void mfa_subject_name(const char *id, char *realm, char *name);

/*
 * A subject as text that names it again, "REALM.NAME" with the name's bytes
 * outside [a-z0-9_-] as %xx, for a challenge's id.
 *
 * out: MFA_SUBJECT_TEXT bytes
 *
 * parse: resolves it again; returns as mfa_subject_in_realm, MFA_ERR_SYNTAX.
 */
#define MFA_SUBJECT_TEXT (MFA_SUBJECT_REALM + 1 + 3 * MFA_SUBJECT_NAME + 1)
void mfa_subject_format(const struct mfa_subject *subject, char *out);
enum mfa_err mfa_subject_parse(const char *text,
    struct mfa_subject *out) MFA_MUST_USE;

#endif
