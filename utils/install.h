/* SPDX-License-Identifier: MIT */
/*
 * Folders and files of the configuration, made by root.
 *
 * MUST (R18; checked against install.c):
 *  - every folder is opened by mfa_path_open_dir: root's, not writable by
 *    others, no symbolic link on the way;
 *  - a file appears whole or not at all: written beside, synced, renamed, the
 *    folder synced;
 *  - what is there with a wrong owner or mode is refused, never repaired.
 */
#ifndef MFA_UTILS_INSTALL_H
#define MFA_UTILS_INSTALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define MFA_INSTALL_MAX 65536 /* bytes of a configuration file */

/*
 * Makes a folder, root's, 0755, where there is none; its parent must exist.
 *
 * path: absolute
 * made: whether it was made now
 *
 * Returns: MFA_OK; MFA_ERR_UNSAFE; MFA_ERR_NOT_FOUND for a missing parent;
 * MFA_ERR_READ_ONLY; MFA_ERR_NO_SPACE; MFA_ERR_IO.
 */
enum mfa_err mfa_install_dir(const char *path, bool *made) MFA_MUST_USE;

/*
 * Writes a file, root's, 0644; one of that name is replaced.
 *
 * dirfd: folder from mfa_path_open_dir
 * name:  one component of at most 200 bytes
 * bytes: len of them
 *
 * Returns: MFA_OK; MFA_ERR_INVALID; MFA_ERR_READ_ONLY; MFA_ERR_NO_SPACE;
 * MFA_ERR_IO.  On failure the old file stands.
 */
enum mfa_err mfa_install_file(int dirfd, const char *name, const uint8_t *bytes,
    size_t len) MFA_MUST_USE;

#endif
