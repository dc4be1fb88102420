/* SPDX-License-Identifier: MIT */
/* A new factor, shown to the person who is to confirm it. */
#ifndef MFA_UTILS_SHOW_H
#define MFA_UTILS_SHOW_H

#include "utils/ask.h"
#include "utils/options.h"

/*
 * Prints what a person needs of a factor that waits for its first code.
 *
 * A new key: in groups of four, the URL if asked for, the verifier's warning,
 * and last, if there is room and it is wanted, the QR code: so that the
 * question below it does not push it off a screen of 24 lines.  Codes that are
 * sent: where to.
 *
 * args: provider, address and what is to be shown
 */
void mfa_show_enrolled(const struct mfa_args *args,
    const mfa_wire_Enrolled *enrolled);

/*
 * Prints the same as one line of JSON.
 *
 * Returns: the exit code, after saying what is wrong.
 */
int mfa_show_enrolled_json(const struct mfa_args *args,
    const mfa_wire_Enrolled *enrolled);

/*
 * Writes a key in groups of four.
 *
 * out: size bytes, cut if too small; NUL-terminated
 */
void mfa_show_groups(const char *key, char *out, size_t size);

#endif
