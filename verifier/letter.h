/* SPDX-License-Identifier: MIT */
/*
 * What a delivery program reads: headers for the program, an empty line, and a
 * message for the person.  medusa-mfa-programs(7) is the contract.
 *
 * MUST (checked against letter.c):
 *  - a value is printable ASCII, so that none begins a line of its own;
 *  - the message holds no link: no value brings a slash into it;
 *  - the code goes through no format string.
 */
#ifndef MFA_VERIFIER_LETTER_H
#define MFA_VERIFIER_LETTER_H

#include <stddef.h>
#include <stdint.h>

#include "verifier/engine/engine.h"

/*
 * host: name of this one
 * out:  size bytes, secret; 2048 suffice; no NUL is added
 * len:  bytes of it
 *
 * Returns: MFA_OK; MFA_ERR_INVALID for an address or a code that does not go
 * whole into its line.  Other values are cut.
 */
enum mfa_err mfa_letter_compose(const struct mfa_message *message,
    const char *host, uint8_t *out, size_t size, size_t *len) MFA_MUST_USE;

#endif
