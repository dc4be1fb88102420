/* SPDX-License-Identifier: MIT */
/* Running another program and waiting for it. */
#ifndef MFA_UTILS_RUN_H
#define MFA_UTILS_RUN_H

#include <stdbool.h>

#include "lib/base/err.h"

/*
 * Runs a program on our standard input, output and error.  Ctrl-C at the
 * terminal is its affair while it runs.  SIGHUP and SIGTERM are passed on to
 * it, and count for us when it has ended: a caller that has something to clear
 * away holds them.
 *
 * path:    absolute; or a plain name, which is looked for in PATH
 * argv:    NULL-terminated, at most 15 words
 * inherit: true: our environment; false: PATH alone, the system's folders
 * status:  its exit code, or 128 plus the signal that ended it
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_INVALID for too many words;
 * another error if it could not be started.
 */
enum mfa_err mfa_run(const char *path, const char *const *argv, bool inherit,
    int *status) MFA_MUST_USE;

/*
 * Runs medusa-mfad with one or two arguments (second NULL: one), PATH alone in
 * its environment.  What keeps it from running is said in one line.
 *
 * Returns: its exit code; MFA_EXIT_FAILED if it did not run or died.
 */
int mfa_run_verifier(const char *first, const char *second);

#endif
