/* SPDX-License-Identifier: MIT */
/* Where new recovery codes go: the screen, JSON, or a file (R14). */
#ifndef MFA_UTILS_CODES_H
#define MFA_UTILS_CODES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "utils/options.h"

#define MFA_CODES_WIDTH 33 /* bytes of one code with its NUL */

struct mfa_codes {
	const char *path; /* NULL: standard output */
	const char *name; /* its last component, below dirfd */
	int dirfd;
	int fd;
};

/*
 * Prepares, before the codes exist, so that a file that cannot be made stops
 * the command in time: 0600, new, no symbolic link, as the caller.
 *
 * path: NULL for standard output
 *
 * Returns: true; false after saying in one line why not.
 */
bool mfa_codes_open(struct mfa_codes *codes, const char *path);

/*
 * Gives out the codes.  If the file cannot be written they are shown instead,
 * since nobody can show them again; but not where standard output is no
 * terminal, as they were not to be seen there: then they are lost, which is
 * said.
 *
 * args: whose they are
 * code: count rows
 *
 * Returns: MFA_EXIT_DONE, or MFA_EXIT_FAILED if they are not where they belong.
 */
int mfa_codes_give(const struct mfa_args *args, struct mfa_codes *codes,
    const char (*code)[MFA_CODES_WIDTH], size_t count);

/*
 * Writes them into the file, one a line, and keeps it.
 *
 * codes: opened with a path
 * code:  count rows
 *
 * Returns: MFA_OK; an error of lib/base/path.h, and the file goes with
 * mfa_codes_close.
 */
enum mfa_err mfa_codes_save(struct mfa_codes *codes,
    const char (*code)[MFA_CODES_WIDTH], size_t count) MFA_MUST_USE;

/*
 * Makes sure that codes which were printed have left; says how to get others
 * if they have not.
 *
 * args: whose they are
 * code: what printing them ended with
 *
 * Returns: MFA_EXIT_DONE or MFA_EXIT_FAILED.
 */
int mfa_codes_printed(const struct mfa_args *args, int code);

/* True where codes that are not in their file may be shown: at a terminal. */
bool mfa_codes_may_show(void);

/* Closes; a file that got no codes is removed. */
void mfa_codes_close(struct mfa_codes *codes);

#endif
