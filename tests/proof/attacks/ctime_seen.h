/* SPDX-License-Identifier: MIT */
/*
 * How ctime.c looks: every comparison with a secret (R15), under valgrind, with
 * the secret marked as undefined.  memcheck then complains of every branch and
 * every address that depends on it.  Only what a comparison says is marked as
 * known again, since its verdict is told: by the wraps of mfa_totp_search,
 * mfa_totp_pair, mfa_crypt_equal and mfa_crypt_open.  How often they are called
 * is counted, so that no case can leave early and no candidate go uncompared.
 *
 * Without valgrind nothing is undefined and nothing can be found: "control"
 * fails then.
 */
#ifndef MFA_TESTS_CTIME_SEEN_H
#define MFA_TESTS_CTIME_SEEN_H

#include "tests/unit/unit.h"

#include <valgrind/memcheck.h>

/* Memory that nothing may depend on, and that is known again. */
void ctime_hide(const void *p, size_t len);
void ctime_tell(const void *p, size_t len);

/*
 * What runs from start on is looked at.  finish fails the test if valgrind has
 * complained, or if it was not compared so many times.
 *
 * Returns: valgrind's complaints so far, for finish.
 */
unsigned int ctime_start(void);
void ctime_finish(unsigned int before, unsigned int compared);

/* After start: what a single comparison says is not told either. */
void ctime_tell_nothing(void);

/* How many comparisons there were since start. */
unsigned int ctime_compared(void);

#endif
