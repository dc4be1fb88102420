/* SPDX-License-Identifier: MIT */
/*
 * An empty file tree of a test's own, in which root owns every folder down
 * from "/": a mount namespace, for an ordinary user together with a user
 * namespace.  To be included first.
 */
#ifndef MFA_TESTS_TREE_H
#define MFA_TESTS_TREE_H

#define _GNU_SOURCE 1 /* unshare */

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* The tree that was left. */
struct tree {
	int root, cwd;
};

/* Writes a whole file, mode 0644 less the umask. */
static inline bool
tree_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t n;

	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	return close(fd) == 0 && n == (ssize_t)strlen(text);
}

/* Namespaces in which this process is root and may mount. */
static inline bool
tree_namespaces(void)
{
	char uids[32], gids[32];

	(void)snprintf(uids, sizeof(uids), "0 %u 1", (unsigned)geteuid());
	(void)snprintf(gids, sizeof(gids), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWNS) == 0)
		return true;
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	    tree_write("/proc/self/setgroups", "deny") &&
	    tree_write("/proc/self/uid_map", uids) &&
	    tree_write("/proc/self/gid_map", gids);
}

/*
 * Enters the tree; "/" is then an empty tmpfs.
 *
 * Returns: false where the system allows no namespaces.  The test then prints
 * a plan "1..0 # SKIP" and ends: cmocka's skip() would count as a failure.
 */
static inline bool
tree_enter(struct tree *tree)
{
	tree->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	tree->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return tree_namespaces() &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", "/tmp", "tmpfs", 0, "mode=0755") == 0 &&
	    chroot("/tmp") == 0 && chdir("/") == 0;
}

/*
 * Goes back to the tree as it was seen before tree_enter, so that a coverage
 * build can write its figures.
 */
static inline bool
tree_leave(const struct tree *tree)
{
	return fchdir(tree->root) == 0 && chroot(".") == 0 &&
	    fchdir(tree->cwd) == 0;
}

#endif
