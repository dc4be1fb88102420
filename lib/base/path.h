/* SPDX-License-Identifier: MIT */
/*
 * Opening paths as root without being led astray (R18).
 *
 * MUST (checked against path.c):
 *  - every component is opened from its parent's descriptor with O_NOFOLLOW;
 *    no symbolic link is followed anywhere;
 *  - every directory on the way is owned by root and not writable by group or
 *    others (the last one may be owned as its rule says);
 *  - type, owner, mode, size and link count are checked on the descriptor,
 *    after the open, never by name;
 *  - every descriptor has O_CLOEXEC, every file is opened with O_NONBLOCK, so
 *    that a FIFO cannot hang us;
 *  - nothing is repaired: wrong means MFA_ERR_UNSAFE.
 */
#ifndef MFA_BASE_PATH_H
#define MFA_BASE_PATH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"

/* Who may own a file, and which mode bits it must not have. */
struct mfa_path_rule {
	uid_t owner;	  /* exact owner */
	mode_t forbidden; /* permission bits that must be clear, as 0027 */
};

/* Root's, not writable by group or others: configuration, directories. */
extern const struct mfa_path_rule mfa_path_root_owned;
/* Root's, readable by its group at most: keys. */
extern const struct mfa_path_rule mfa_path_root_secret;

/*
 * Opens a directory by absolute path, checking each component.  All but the
 * last must be as mfa_path_root_owned says, the last as rule says.
 *
 * path: absolute, without "." or ".." components
 * rule: for the last component
 * fd:   the descriptor (O_PATH is not used: it can be read); caller closes
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_UNSAFE; MFA_ERR_INVALID for a
 * path that is not absolute and plain; MFA_ERR_IO.  fd is -1 on failure.
 */
enum mfa_err mfa_path_open_dir(const char *path,
    const struct mfa_path_rule *rule, int *fd) MFA_MUST_USE;

/*
 * Opens a regular file below a checked directory.  Files are replaced by rename
 * while others open them: one that had lost its name by the time it was looked
 * at is none, and the name is opened again.
 *
 * dirfd: directory from mfa_path_open_dir
 * name:  one component, without '/'
 * flags: O_RDONLY or O_RDWR
 * rule:  owner and forbidden bits; the link count must be 1
 * fd:    the descriptor; caller closes
 *
 * Returns: as mfa_path_open_dir; MFA_ERR_READ_ONLY when O_RDWR meets a
 * read-only file system; MFA_ERR_UNSAFE if it is replaced without end.  fd is
 * -1 on failure.
 */
enum mfa_err mfa_path_open_file(int dirfd, const char *name, int flags,
    const struct mfa_path_rule *rule, int *fd) MFA_MUST_USE;

/*
 * Reads a whole file of at most size bytes, from its beginning.
 *
 * fd:   from mfa_path_open_file
 * buf:  size bytes
 * len:  bytes read
 *
 * Returns: MFA_OK; MFA_ERR_INVALID if the file is larger than size;
 * MFA_ERR_IO.
 */
enum mfa_err mfa_path_read(int fd, uint8_t *buf, size_t size,
    size_t *len) MFA_MUST_USE;

/*
 * The same in one step for an absolute file path: directory, file, contents.
 * The directory must be root's.
 *
 * Returns: as the three above.
 */
enum mfa_err mfa_path_slurp(const char *path, const struct mfa_path_rule *rule,
    uint8_t *buf, size_t size, size_t *len) MFA_MUST_USE;

/*
 * Writes len bytes in full, however many calls that takes.
 *
 * Returns: MFA_OK; MFA_ERR_NO_SPACE; MFA_ERR_LIMIT (RLIMIT_FSIZE);
 * MFA_ERR_IO.
 */
enum mfa_err mfa_path_write(int fd, const void *buf, size_t len) MFA_MUST_USE;
/* The same at an offset, leaving the file's position alone. */
enum mfa_err mfa_path_write_at(int fd, const void *buf, size_t len,
    off_t at) MFA_MUST_USE;

/* The mfa_err that says best what errno value e says. */
enum mfa_err mfa_path_err(int e);

#endif
