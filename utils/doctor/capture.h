/* SPDX-License-Identifier: MIT */
/* Running a program and reading what it says. */
#ifndef MFA_DOCTOR_CAPTURE_H
#define MFA_DOCTOR_CAPTURE_H

/*
 * Runs a program with PATH alone in its environment, nothing to read, its
 * errors dropped.  It has 15 seconds to write, and as many to end after that.
 *
 * path: absolute
 * argv: NULL-terminated, at most 7 words
 * text: what it wrote, at most 256 KiB, NUL-terminated, to be freed; NULL
 *       without memory
 *
 * Returns: its exit code; -1 if it could not be run or ended otherwise.
 */
int mfa_capture(const char *path, const char *const *argv, char **text);

#endif
