/* SPDX-License-Identifier: MIT */
/*
 * Standard output whose writer never waits for its reader: a verifier gives up
 * a client that stops reading, and a pager is read slowly.  What the reader
 * does not take yet is kept in memory.
 */
#ifndef MFA_UTILS_ELASTIC_H
#define MFA_UTILS_ELASTIC_H

#include <stdbool.h>

/* From here on, until mfa_elastic_end; without memory all stays as it is. */
void mfa_elastic_begin(void);

/*
 * Writes what is left, however long that takes; stdout is as before.
 *
 * Returns: false if something could not be written.
 */
bool mfa_elastic_end(void);

#endif
