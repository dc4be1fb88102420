/* SPDX-License-Identifier: MIT */
/*
 * What the shipped programs share that the runner starts: standard input in,
 * one line of standard error out if something is wrong.
 */
#ifndef MFA_PROGRAMS_PROGRAM_H
#define MFA_PROGRAMS_PROGRAM_H

#include <stddef.h>

#include "lib/base/err.h"

/* Why something failed, for a person: one line of printable ASCII. */
struct mfa_program_problem {
	char text[256];
};

/*
 * First of all: no core, no tracing by others, no death by SIGPIPE.
 *
 * Returns: MFA_OK; MFA_ERR_IO.
 */
enum mfa_err mfa_program_begin(void) MFA_MUST_USE;

/*
 * Reads a descriptor to its end.
 *
 * buf: size bytes, NUL-terminated when MFA_OK; may then hold a secret
 * len: bytes read, without the NUL
 *
 * Returns: MFA_OK; MFA_ERR_INVALID if there are more than size - 1 bytes, or a
 * NUL among them; MFA_ERR_IO.
 */
enum mfa_err mfa_program_read(int fd, char *buf, size_t size,
    size_t *len) MFA_MUST_USE;

/* Fills in the problem; what is not printable ASCII becomes '?'. */
void mfa_program_explain(struct mfa_program_problem *problem,
    const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Says "NAME: PROBLEM" on standard error.
 *
 * Returns: the exit status.
 */
int mfa_program_fail(const char *name,
    const struct mfa_program_problem *problem);

/* Replaces every byte of text that is not printable ASCII by '?'. */
void mfa_program_plain(char *text);

#endif
