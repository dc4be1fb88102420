/* SPDX-License-Identifier: MIT */
/* The groups of a user, as the user database has them (getgrouplist(3)). */
#ifndef MFA_ENGINE_GROUPS_H
#define MFA_ENGINE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "verifier/engine/subject.h"

/* All zero at first; looked up once, when the first rule asks. */
struct mfa_groups {
	gid_t *list;
	int count;
	bool partial; /* a source of them did not answer */
};

/*
 * Is the user in a group?
 *
 * groups: of this user; mfa_groups_free
 * name:   len bytes: a group's name, or its gid in digits
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND if there is no such group: it may be one
 * of a directory that does not answer; MFA_ERR_NSS; MFA_ERR_MEMORY.
 */
enum mfa_err mfa_groups_has(struct mfa_groups *groups,
    const struct mfa_subject *subject, const char *name, size_t len,
    bool *has) MFA_MUST_USE;

void mfa_groups_free(struct mfa_groups *groups);

#endif
