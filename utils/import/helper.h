/* SPDX-License-Identifier: MIT */
/*
 * Programs that read formats of others, apart from the command.
 *
 * MUST (checked against helper.c and programs/import_*.c):
 *  - the libraries that parse what strangers wrote run in a process of their
 *    own, as an account without rights where the caller is root, with an empty
 *    environment, limits, and no descriptor but its input, its output and standard
 *    error;
 *  - it says lines, and they are judged as lines of a stranger.
 */
#ifndef MFA_IMPORT_HELPER_H
#define MFA_IMPORT_HELPER_H

#include <stddef.h>

#include "lib/base/err.h"

struct mfa_import_helper {
	const char *name; /* of the program */
	int in;		  /* what it reads from standard input */
};

/*
 * Runs a program below MFA_LIBEXECDIR and reads what it prints.
 *
 * out: size bytes; secret, the caller wipes
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND if it is not installed; MFA_ERR_PROGRAM if
 * it failed, and said why on standard error; MFA_ERR_TIMEOUT; MFA_ERR_INVALID
 * if it says too much; MFA_ERR_LIMIT.
 */
enum mfa_err mfa_import_helper(const struct mfa_import_helper *helper,
    char *out, size_t size, size_t *len) MFA_MUST_USE;

#endif
