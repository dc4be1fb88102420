/* SPDX-License-Identifier: MIT */
/*
 * What is done as root, for root, with words on standard output: preparing
 * the machine, making keys, checking.  Key files are written here only; no key
 * ever leaves this process.
 */
#ifndef MFA_VERIFIER_MAINTAIN_H
#define MFA_VERIFIER_MAINTAIN_H

#include "verifier/guard.h"

/* Each returns an exit status: 0 or 1. */

/* Folders, store and, where neither key nor record exists, the first key. */
int mfa_maintain_init(void);
/* A new primary key. */
int mfa_maintain_new_key(void);
/*
 * Configuration, account, key ring, store: all that a login needs, looked at
 * with the rights that a login has.
 */
int mfa_maintain_check(void);
/* The configuration as it would be with file in place of the main one; file
 * must lie in the folder of the configuration. */
int mfa_maintain_check_config(const char *file);

#endif
