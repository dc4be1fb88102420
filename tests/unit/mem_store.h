/* SPDX-License-Identifier: MIT */
/*
 * A store in memory, one slot a record, no lock, as a database behaves: the
 * revision is the only protection.  It misbehaves as a struct mishap says.
 */
#ifndef MFA_TESTS_MEM_STORE_H
#define MFA_TESTS_MEM_STORE_H

#include "verifier/store/store.h"

struct mishap;

/* writes counts the writes that took place. */
struct mfa_store *mem_store_new(struct mishap *mishap, unsigned int *writes);

#endif
