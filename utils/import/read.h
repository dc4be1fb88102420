/* SPDX-License-Identifier: MIT */
/*
 * Reading what is imported.
 *
 * MUST (R18; checked against read.c):
 *  - as root only what lib/base/path.h opens is read: no folder on the way
 *    that anybody else can change; and never what lies in a home, for several
 *    users may have one, as root's is that of others on some systems;
 *  - any other file of a user's is read by a child that has become that user,
 *    for good: what the user puts in its place can show nothing that the user
 *    could not read;
 *  - that is the user's own regular file, no symbolic link, and readable by
 *    nobody else: whoever can read a key can log in;
 *  - every wait has a deadline: a home may lie on a server that is gone.
 */
#ifndef MFA_IMPORT_READ_H
#define MFA_IMPORT_READ_H

#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/base/path.h"

#define MFA_IMPORT_FILE 65536		 /* bytes of one user's file, at most */
#define MFA_IMPORT_ALL	(16U * 1024 * 1024) /* bytes of a file of all users */

/*
 * Reads a user's file: as root where the whole path is root's alone, as where
 * all files lie in one folder; else as that user.
 *
 * pw:   the user
 * path: absolute
 * home: it lies in the user's home: as root only if that user is root
 * buf:  MFA_IMPORT_FILE bytes; secret, the caller wipes
 * len:  bytes read
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_UNSAFE (owner, mode, type);
 * MFA_ERR_INVALID if it is larger; MFA_ERR_TIMEOUT; MFA_ERR_DENIED;
 * MFA_ERR_IO.
 */
enum mfa_err mfa_import_read_user(const struct passwd *pw, const char *path,
    bool home, char *buf, size_t *len) MFA_MUST_USE;

/*
 * Reads a file of root's, or standard input for "-".
 *
 * path: absolute or not
 * buf:  size bytes; secret, the caller wipes
 *
 * Returns: as mfa_path_slurp.
 */
enum mfa_err mfa_import_read_root(const char *path, char *buf, size_t size,
    size_t *len) MFA_MUST_USE;

/*
 * Opens a file of root's, for reading.
 *
 * path: absolute or not
 * rule: for the file; the folders are root's alone
 * fd:   caller closes; -1 on failure
 *
 * Returns: as mfa_path_open_file.
 */
enum mfa_err mfa_import_open_root(const char *path,
    const struct mfa_path_rule *rule, int *fd) MFA_MUST_USE;
/* Root's, and readable by nobody else. */
extern const struct mfa_path_rule mfa_import_private;

/*
 * Reads a descriptor to its end.
 *
 * deadline: seconds from now that this may take; 0: any
 *
 * Returns: MFA_OK; MFA_ERR_INVALID if there is more; MFA_ERR_TIMEOUT;
 * MFA_ERR_IO.
 */
enum mfa_err mfa_import_read_fd(int fd, unsigned int deadline, char *buf,
    size_t size, size_t *len) MFA_MUST_USE;

/*
 * Becomes a user for good, in a child: groups, gid, uid, read back.
 *
 * Returns: MFA_OK; MFA_ERR_DENIED.
 */
enum mfa_err mfa_import_become(const struct passwd *pw) MFA_MUST_USE;

#endif
