/* SPDX-License-Identifier: MIT */
/*
 * What is done as root, for root, with words on standard output: preparing
 * the machine, making keys, checking.  Key files are written here only; no key
 * ever leaves this process.
 */
#ifndef MFA_VERIFIER_MAINTAIN_H
#define MFA_VERIFIER_MAINTAIN_H

#include <stdbool.h>

#include "verifier/config/config.h"
#include "verifier/guard.h"

/* Each returns an exit status: 0 or 1. */

/* Folders, store and, where neither key nor record exists, the first key. */
int mfa_maintain_init(void);
/* A new primary key. */
int mfa_maintain_new_key(void);
/*
 * Configuration, programs, account, key ring, store: all that a login needs,
 * looked at with the rights that a login, or a program, has (check.c,
 * check_programs.c).
 */
int mfa_maintain_check(void);
/* The configuration as it would be with file in place of the main one; file
 * must lie in the folder of the configuration. */
int mfa_maintain_check_config(const char *file);

/* ---- what maintain.c and check.c share ---- */

/* Says what is wrong with what.  Returns: 1, the exit status. */
int mfa_maintain_problem(const char *what, enum mfa_err err);
/* Says that it is well with MFA_OK, else as above.  Returns: likewise. */
int mfa_maintain_say(const char *what, enum mfa_err r);

/* Loads the system's configuration, or says why not and returns false. */
bool mfa_maintain_load(struct mfa_config *config);

/* The store's folder. */
const char *mfa_maintain_store(const struct mfa_config *config);

/*
 * Opens the store and counts its records.
 *
 * n: added to
 *
 * Returns: as mfa_store_file_open and each of store.h.
 */
enum mfa_err mfa_maintain_count(const struct mfa_config *config,
    const struct mfa_account *account, unsigned int *n) MFA_MUST_USE;

#endif
