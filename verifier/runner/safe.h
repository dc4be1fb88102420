/* SPDX-License-Identifier: MIT */
/*
 * Which program may be run at all (R23).
 *
 * MUST (checked against safe.c):
 *  - every folder on the way is root's, not writable by group or others, and
 *    no symbolic link;
 *  - the program is a regular file of root's with one link, not writable by
 *    group or others, executable;
 *  - a folder of programs is looked at like every other folder on a way.
 * Whoever may change a name on such a way is root, so what was checked is what
 * is executed by the same path afterwards.
 */
#ifndef MFA_RUNNER_SAFE_H
#define MFA_RUNNER_SAFE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

#define MFA_SAFE_PATH  512 /* bytes of a program's path */
#define MFA_SAFE_NAME  128 /* bytes of a name in a folder */
#define MFA_SAFE_COUNT 16  /* programs of a folder that are run */

/*
 * path: absolute, at most MFA_SAFE_PATH - 1 bytes
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_UNSAFE; MFA_ERR_INVALID for a
 * path that is not absolute and plain; MFA_ERR_IO, also where this account may
 * not read.
 */
enum mfa_err mfa_safe_program(const char *path) MFA_MUST_USE;

/* The programs of a folder, by name in the order of bytes. */
struct mfa_safe_list {
	char name[MFA_SAFE_COUNT][MFA_SAFE_NAME];
	uint32_t count;
	bool more; /* than are listed */
};

/*
 * Regular, executable files whose names are [A-Za-z0-9._-]+ without a leading
 * dot and without ".dpkg-"; everything else in the folder is left alone.
 *
 * Returns: as above, for the folder; the files are yet to be checked.
 */
enum mfa_err mfa_safe_folder(const char *path,
    struct mfa_safe_list *list) MFA_MUST_USE;

/*
 * Each entry of a folder, in no order, also those that are passed over.
 *
 * take: why is what keeps the entry from being one of the folder's programs, a
 * few words, or NULL if nothing does
 *
 * Returns: as above, for the folder; after MFA_ERR_IO some were taken.
 */
enum mfa_err mfa_safe_each(const char *path,
    void (*take)(void *ctx, const char *name, const char *why),
    void *ctx) MFA_MUST_USE;

/* The path of one of them; folder has at most 255 bytes. */
void mfa_safe_join(const char *folder, const char *name,
    char out[MFA_SAFE_PATH]);

#endif
