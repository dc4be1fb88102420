/* SPDX-License-Identifier: MIT */
/*
 * The files of a host, or of a mounted tree of one.
 *
 * MUST (checked against tree.c):
 *  - with a root of its own, no link and no ".." leads out of that tree;
 *  - only regular files are opened, and opening one never waits;
 *  - nothing is written.
 */
#ifndef MFA_DOCTOR_TREE_H
#define MFA_DOCTOR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "lib/base/err.h"

#define MFA_TREE_FILE 1048576 /* bytes of a file that is read */

struct mfa_tree {
	int fd;
	bool live;	  /* this host, as it runs */
	const char *pamd; /* NULL, or the only folder of services */
};

/*
 * root: a folder; NULL: this host
 *
 * Returns: MFA_OK, and mfa_tree_close has to follow; MFA_ERR_NOT_FOUND; an
 * error of mfa_path_err.
 */
enum mfa_err mfa_tree_open(const char *root,
    struct mfa_tree *tree) MFA_MUST_USE;
void mfa_tree_close(struct mfa_tree *tree);

/*
 * Reads a file.
 *
 * path: absolute, inside the tree
 * text: to be freed, NUL-terminated; NULL on failure
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_UNSAFE for what is not a regular
 * file; MFA_ERR_INVALID for one that is too large or has a NUL; MFA_ERR_MEMORY;
 * an error of mfa_path_err.
 */
enum mfa_err mfa_tree_read(const struct mfa_tree *tree, const char *path,
    char **text) MFA_MUST_USE;

/*
 * follow: what a last symbolic link leads to, else the link itself
 *
 * Returns: false if it is not there or cannot be looked at.
 */
bool mfa_tree_stat(const struct mfa_tree *tree, const char *path, bool follow,
    struct stat *st);

/* True if it is not there; false also where that cannot be found out. */
bool mfa_tree_lacks(const struct mfa_tree *tree, const char *path);

/* The names in a folder, sorted. */
struct mfa_names {
	char **name;
	size_t count;
};

/* Returns: false if there is no such folder; names is then empty. */
bool mfa_tree_list(const struct mfa_tree *tree, const char *path,
    struct mfa_names *names);
void mfa_names_free(struct mfa_names *names);

#endif
