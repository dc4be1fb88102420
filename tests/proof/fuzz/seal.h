/* SPDX-License-Identifier: MIT */
/* A key and a store of tests, for targets that seal slots. */
#ifndef MFA_TESTS_FUZZ_SEAL_H
#define MFA_TESTS_FUZZ_SEAL_H

#include "tests/proof/fuzz/fuzz.h"
#include "verifier/vault/envelope.h"

const struct mfa_key *fuzz_seal_key(void);
const uint8_t *fuzz_seal_store(void); /* its id */
const struct mfa_env *fuzz_seal_env(void); /* its random bytes are not */

/*
 * Changes bits of a slot, up to seven bytes, as the input says.
 *
 * Returns: not 0 if it is another slot now.
 */
size_t fuzz_seal_change(struct fuzz_in *in, uint8_t *slot);

#endif
