/* SPDX-License-Identifier: MIT */
/*
 * Wiping and comparing secrets without a crypto library: for the PAM module
 * and the command, which link none.
 */
#ifndef MFA_BASE_SECRET_H
#define MFA_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Overwrites len bytes with zero; the compiler may not drop it.
 * p may be NULL when len is 0.
 */
void mfa_secret_wipe(void *p, size_t len);

/*
 * Compares two byte strings in a time that depends on their lengths alone.
 *
 * Returns: true if both have the same length and the same bytes.
 */
bool mfa_secret_equal(const void *a, size_t alen, const void *b, size_t blen);

#endif
