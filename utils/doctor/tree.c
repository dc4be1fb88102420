/* SPDX-License-Identifier: MIT */
#include "utils/doctor/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/path.h"

enum mfa_err
mfa_tree_open(const char *root, struct mfa_tree *tree)
{
	tree->live = root == NULL;
	tree->pamd = NULL;
	tree->fd = open(root == NULL ? "/" : root,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return tree->fd < 0 ? mfa_path_err(errno) : MFA_OK;
}

void
mfa_tree_close(struct mfa_tree *tree)
{
	if (tree->fd >= 0)
		(void)close(tree->fd);
	tree->fd = -1;
}

/* Every link of the tree is one inside the tree. */
static int
open_inside(const struct mfa_tree *tree, const char *path, int flags)
{
	struct open_how how;

	memset(&how, 0, sizeof(how));
	how.flags = (unsigned int)(flags | O_CLOEXEC);
	how.resolve = RESOLVE_IN_ROOT;
	return (int)syscall(SYS_openat2, tree->fd, path, &how, sizeof(how));
}

/*
 * Opening a device is an act of its own: a tape rewinds, a watchdog starts.  So
 * it is looked at first, and what was looked at is opened.
 */
static enum mfa_err
open_regular(const struct mfa_tree *tree, const char *path, struct stat *st,
    int *out)
{
	int fd = open_inside(tree, path, O_PATH);
	char again[64];
	enum mfa_err r;

	if (fd < 0)
		return mfa_path_err(errno);
	r = fstat(fd, st) != 0 ? mfa_path_err(errno) : MFA_OK;
	if (r == MFA_OK && !S_ISREG(st->st_mode))
		r = MFA_ERR_UNSAFE;
	if (r == MFA_OK) {
		(void)snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
		*out = open(again, O_RDONLY | O_NONBLOCK | O_NOCTTY |
		    O_CLOEXEC);
		/* Never "not there": somebody would believe it. */
		if (*out < 0)
			r = MFA_ERR_IO;
	}
	(void)close(fd);
	return r;
}

static enum mfa_err
read_all(int fd, size_t size, char **text)
{
	char *got;
	size_t len = 0;
	enum mfa_err r;

	if (size > MFA_TREE_FILE)
		return MFA_ERR_INVALID;
	if ((got = malloc(size + 1)) == NULL)
		return MFA_ERR_MEMORY;
	r = mfa_path_read(fd, (uint8_t *)got, size, &len);
	got[r == MFA_OK ? len : 0] = '\0';
	if (r == MFA_OK && strlen(got) != len)
		r = MFA_ERR_INVALID;
	if (r == MFA_OK)
		*text = got;
	else
		free(got);
	return r;
}

enum mfa_err
mfa_tree_read(const struct mfa_tree *tree, const char *path, char **text)
{
	struct stat st;
	enum mfa_err r;
	int fd = -1;

	*text = NULL;
	if ((r = open_regular(tree, path, &st, &fd)) != MFA_OK)
		return r;
	r = read_all(fd, (size_t)st.st_size, text);
	(void)close(fd);
	return r;
}

bool
mfa_tree_stat(const struct mfa_tree *tree, const char *path, bool follow,
    struct stat *st)
{
	int fd = open_inside(tree, path, O_PATH | (follow ? 0 : O_NOFOLLOW));
	bool there = fd >= 0 && fstat(fd, st) == 0;

	if (fd >= 0)
		(void)close(fd);
	return there;
}

bool
mfa_tree_lacks(const struct mfa_tree *tree, const char *path)
{
	int fd = open_inside(tree, path, O_PATH | O_NOFOLLOW);
	bool lacks = fd < 0 && (errno == ENOENT || errno == ENOTDIR);

	if (fd >= 0)
		(void)close(fd);
	return lacks;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
add_name(struct mfa_names *names, const char *name)
{
	char **more;

	more = reallocarray(names->name, names->count + 1, sizeof(*more));
	if (more == NULL)
		return false;
	names->name = more;
	more[names->count] = strdup(name);
	if (more[names->count] == NULL)
		return false;
	names->count++;
	return true;
}

bool
mfa_tree_list(const struct mfa_tree *tree, const char *path,
    struct mfa_names *names)
{
	const struct dirent *entry;
	DIR *dir;
	int fd;

	names->name = NULL;
	names->count = 0;
	fd = open_inside(tree, path, O_RDONLY | O_DIRECTORY);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' && !add_name(names, entry->d_name))
			break;
	}
	(void)closedir(dir);
	if (names->count > 1)
		qsort(names->name, names->count, sizeof(*names->name), by_name);
	return true;
}

void
mfa_names_free(struct mfa_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	names->name = NULL;
	names->count = 0;
}
