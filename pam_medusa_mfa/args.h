/* SPDX-License-Identifier: MIT */
/* The arguments of the module's line in pam.d. */
#ifndef MFA_PAM_ARGS_H
#define MFA_PAM_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

#define MFA_ARGS_PROMPT_MAX 100 /* bytes of prompt=TEXT */

struct mfa_args {
	bool nullok;	    /* root's wish: subjects without a factor pass */
	bool debug;	    /* one more log line */
	bool echo;	    /* show what is typed */
	uint32_t retry;	    /* 1 to 10, default 3: asked at most */
	const char *socket; /* absolute path, part of argv; NULL: built in */
	char prompt[MFA_ARGS_PROMPT_MAX + 2]; /* ends in a blank; "": none */
};

/*
 * Parses nullok, debug, echo, retry=1..10, prompt=TEXT, socket=PATH.  What is
 * unknown, repeated or malformed is refused, never a default (R3).
 *
 * argc, argv: as the entry point got them
 * args:       result; untouched on failure
 * bad:        index of the argument that is refused; untouched on success
 *
 * Returns: MFA_OK or MFA_ERR_INVALID.
 */
enum mfa_err mfa_args_parse(int argc, const char *const *argv,
    struct mfa_args *args, int *bad) MFA_MUST_USE;

#endif
