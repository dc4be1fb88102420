/* SPDX-License-Identifier: MIT */
/*
 * What is done as root, for root, with words on standard output: preparing
 * the machine, making keys, checking.  Key files are written and moved here
 * only; no key leaves this process, but for the one way that root asks for it
 * (--export-keys).
 */
#ifndef MFA_VERIFIER_MAINTAIN_H
#define MFA_VERIFIER_MAINTAIN_H

#include <stdbool.h>

#include "verifier/config/config.h"
#include "verifier/event/event.h"
#include "verifier/guard.h"

/* Each returns an exit status: 0 or 1. */

/* Folders, store and, where neither key nor record exists, the first key. */
int mfa_maintain_init(void);
/* A new primary key. */
int mfa_maintain_new_key(void);
/* The same, only where there is a primary key that can be used. */
int mfa_maintain_rotate_key(void);
/*
 * Takes a key out of use that no record needs (maintain_keys.c): looks at every
 * record as the account, then moves the file as root.
 *
 * text: the key's id, 16 hexadecimal digits
 */
int mfa_maintain_remove_key(const char *text);
/* All keys, for a safe, on standard output, which must be no terminal; words
 * go to standard error. */
int mfa_maintain_export_keys(void);
/*
 * Configuration, programs, account, key ring, store: all that a login needs,
 * looked at with the rights that a login, or a program, has (check.c,
 * check_programs.c).
 */
int mfa_maintain_check(void);
/* The configuration as it would be with file in place of the main one; file
 * must lie in the folder of the configuration. */
int mfa_maintain_check_config(const char *file);

/* ---- what maintain.c, maintain_keys.c and check.c share ---- */

/* To the log, and to event programs, which nobody waits for. */
void mfa_maintain_tell(const struct mfa_config *config,
    const struct mfa_event *event);

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
