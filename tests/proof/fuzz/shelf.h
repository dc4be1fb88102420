/* SPDX-License-Identifier: MIT */
/* A store of few records in memory, in the place of mfa_store_file_open. */
#ifndef MFA_TESTS_FUZZ_SHELF_H
#define MFA_TESTS_FUZZ_SHELF_H

#include "verifier/store/store_file.h"

/* Empties it but for one record of two slots. */
void fuzz_shelf_reset(const char *id, const uint8_t *bytes);
/* The slots of a record; NULL: there is none. */
const uint8_t *fuzz_shelf_find(const char *id);

#endif
