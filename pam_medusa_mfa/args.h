/* SPDX-License-Identifier: MIT */
/* The arguments of the module's line in pam.d. */
#ifndef MFA_PAM_ARGS_H
#define MFA_PAM_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

#define MFA_ARGS_PROMPT_MAX 100 /* bytes of prompt=TEXT */

/* Which line it is; bits, for the table. */
enum mfa_args_line {
	MFA_ARGS_AUTH = 1,
	MFA_ARGS_ACCOUNT = 2
};

struct mfa_args {
	bool nullok;	    /* root's wish: subjects without a factor pass */
	bool debug;	    /* one more log line */
	bool echo;	    /* show what is typed */
	bool enforce;	    /* account: refuse who came in without a factor */
	bool use_split;	    /* the code is what an earlier split took off */
	uint32_t split;	    /* 6 to 8 digits to take off; 0: no such line */
	uint32_t retry;	    /* 1 to 10, default 3: asked at most; 1 with
			       use_split */
	const char *socket; /* absolute path, part of argv; NULL: built in */
	char prompt[MFA_ARGS_PROMPT_MAX + 2]; /* ends in a blank; "": none */
};

/*
 * Parses, in an auth line: nullok, debug, echo, retry=1..10, prompt=TEXT,
 * socket=PATH, split=6..8, use_split; in an account line: nullok, debug,
 * socket=PATH, enforce.  What is unknown there, repeated, malformed or
 * contradicts an earlier one is refused, never a default (R3): split and
 * use_split exclude each other, echo and prompt.
 *
 * argc, argv: as the entry point got them
 * args:       result; untouched on failure
 * bad:        index of the argument that is refused; untouched on success
 *
 * Returns: MFA_OK or MFA_ERR_INVALID.
 */
enum mfa_err mfa_args_parse(enum mfa_args_line line, int argc,
    const char *const *argv, struct mfa_args *args, int *bad) MFA_MUST_USE;

#endif
