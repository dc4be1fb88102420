/* SPDX-License-Identifier: MIT */
/*
 * What a delivery program is told, as medusa-mfa-programs(7) has it: lines
 * "name: value", an empty line, the message.
 */
#ifndef MFA_PROGRAMS_DELIVERY_H
#define MFA_PROGRAMS_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

#define MFA_DELIVERY_BYTES 4096 /* of the text, with its NUL */

struct mfa_delivery {
	const char *to;
	const char *realm;   /* empty: not said */
	const char *host;
	const char *issuer;  /* empty: not said */
	const char *code;    /* secret */
	const char *message; /* secret */
};

/*
 * Takes it apart in place.
 *
 * text:     NUL-terminated; changed; delivery points into it
 * delivery: untouched on failure
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX if a byte is neither printable ASCII nor a
 * newline, a line is malformed, a known name stands twice, to, host or code is
 * missing or empty, or there is no message.  Unknown names are passed over.
 */
enum mfa_err mfa_delivery_parse(char *text,
    struct mfa_delivery *delivery) MFA_MUST_USE;

/*
 * What a mail with it is about, without the code: the host or, to people of
 * another realm than unix, who are none of the host's, the issuer.
 *
 * out: size bytes; untouched on failure
 *
 * Returns: false if it does not fit.
 */
bool mfa_delivery_subject(const struct mfa_delivery *delivery, char *out,
    size_t size);

#endif
