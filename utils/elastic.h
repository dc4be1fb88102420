/* SPDX-License-Identifier: MIT */
/*
 * Standard output whose writer never waits for its reader: a verifier gives up
 * a client that stops reading, and a pager is read slowly.  What the reader
 * does not take yet is kept in memory.
 */
#ifndef MFA_UTILS_ELASTIC_H
#define MFA_UTILS_ELASTIC_H

#include <stdbool.h>

struct mfa_elastic;

/*
 * From here on, until mfa_elastic_end; not twice at the same time.
 *
 * Returns: to be ended; NULL without memory: all stays as it is.
 */
struct mfa_elastic *mfa_elastic_begin(void);

/*
 * Writes what is left, however long that takes, and frees; stdout is as before.
 *
 * elastic: NULL is allowed
 *
 * Returns: false if something could not be written.
 */
bool mfa_elastic_end(struct mfa_elastic *elastic);

#endif
