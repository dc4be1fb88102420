/* SPDX-License-Identifier: MIT */
/*
 * Providers from outside: programs that say whether an answer is right.  What
 * is said to one and what it may say, as text; medusa-mfa-programs(7) is the
 * contract.  Nothing here runs anything.
 *
 * MUST (checked against outside.c):
 *  - a program is told the factor's own bytes, the answer and the time, and
 *    nothing else of the record;
 *  - its words are taken whole or not at all: an unknown, repeated or
 *    malformed line, a missing verdict or bytes after the last line are no
 *    verdict;
 *  - an answer that a program's factor was accepted by is not accepted again for
 *    any of that program's, as long as the record remembers it, whatever the
 *    program says.
 */
#ifndef MFA_PROVIDER_OUTSIDE_H
#define MFA_PROVIDER_OUTSIDE_H

#include "verifier/provider/provider.h"

#define MFA_OUTSIDE_INPUT  1024 /* bytes of the longest question */
#define MFA_OUTSIDE_OUTPUT 1024 /* bytes of the longest reply */

/*
 * The question "is this the answer?", for standard input.
 *
 * out: MFA_OUTSIDE_INPUT bytes, secret
 * len: bytes of it
 */
void mfa_outside_ask_check(const mfa_record_Factor *factor,
    const struct mfa_check *what, char *out, size_t *len);

/*
 * The question "begin a factor", with what the person who enrols says of it.
 *
 * setup: at most 160 bytes, printable ASCII
 *
 * Returns: MFA_OK; MFA_ERR_INVALID.
 */
enum mfa_err mfa_outside_ask_enroll(const char *setup, uint64_t wall,
    char *out, size_t *len) MFA_MUST_USE;

/*
 * Reads the reply to a check.
 *
 * effect: USE with what to keep, or NONE
 *
 * factor: as it was when the program was asked
 *
 * Returns: MFA_OK; MFA_ERR_PROGRAM for anything that is no reply;
 * MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_outside_read_check(const mfa_record_Factor *factor,
    const struct mfa_typed *typed, const uint8_t *reply, size_t len,
    struct mfa_effect *effect) MFA_MUST_USE;

/*
 * Reads the reply to enroll into a new factor: provider, program's name, what
 * to keep.
 *
 * name: of the provider
 *
 * Returns: MFA_OK; MFA_ERR_INVALID if the program refused the setup;
 * MFA_ERR_PROGRAM.
 */
enum mfa_err mfa_outside_read_enroll(const char *name, const uint8_t *reply,
    size_t len, mfa_record_Factor *factor) MFA_MUST_USE;

/* True if the record remembers this answer as accepted for the factor. */
bool mfa_outside_was_accepted(const mfa_record_Record *record,
    const mfa_record_Factor *factor, const struct mfa_typed *typed);

#endif
