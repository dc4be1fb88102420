/* SPDX-License-Identifier: MIT */
/* MUST list: path.h. */
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 16 /* to open what is replaced again and again */

const struct mfa_path_rule mfa_path_root_owned = { 0, 0022 };
const struct mfa_path_rule mfa_path_root_secret = { 0, 0027 };

enum mfa_err
mfa_path_err(int e)
{
	switch (e) {
	case ENOENT:
		return MFA_ERR_NOT_FOUND;
	case EEXIST:
		return MFA_ERR_EXISTS;
	case ELOOP:
	case ENOTDIR:
	case EISDIR:
	case ENXIO:
		return MFA_ERR_UNSAFE;
	case EROFS:
		return MFA_ERR_READ_ONLY;
	case ENOSPC:
	case EDQUOT:
		return MFA_ERR_NO_SPACE;
	case EFBIG:
	case EMFILE:
	case ENFILE:
		return MFA_ERR_LIMIT;
	case ENOMEM:
		return MFA_ERR_MEMORY;
	default:
		return MFA_ERR_IO;
	}
}

static bool
permitted(const struct stat *st, const struct mfa_path_rule *rule)
{
	return st->st_uid == rule->owner && (st->st_mode & rule->forbidden) == 0;
}

static enum mfa_err
step_into(int parent, const char *name, const struct mfa_path_rule *rule,
    int *fd)
{
	struct stat st;
	int child;

	child = openat(parent, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (child < 0)
		return mfa_path_err(errno);
	if (fstat(child, &st) != 0 || !permitted(&st, rule)) {
		(void)close(child);
		return MFA_ERR_UNSAFE;
	}
	*fd = child;
	return MFA_OK;
}

/* Cuts the next component off *rest; false when none is left. */
static bool
next_component(char **rest, const char **name)
{
	char *p = *rest;

	while (*p == '/')
		p++;
	if (*p == '\0')
		return false;
	*name = p;
	p += strcspn(p, "/");
	if (*p == '/')
		*p++ = '\0';
	*rest = p;
	return true;
}

/* True if nothing but slashes follows. */
static bool
is_last(const char *rest)
{
	return rest[strspn(rest, "/")] == '\0';
}

enum mfa_err
mfa_path_open_dir(const char *path, const struct mfa_path_rule *rule, int *fd)
{
	char copy[PATH_MAX];
	char *rest = copy;
	const char *name;
	enum mfa_err r;
	int dir, child;

	*fd = -1;
	if (path[0] != '/' || strlen(path) >= sizeof(copy))
		return MFA_ERR_INVALID;
	memcpy(copy, path, strlen(path) + 1);
	r = step_into(AT_FDCWD, "/",
	    is_last(copy) ? rule : &mfa_path_root_owned, &dir);
	while (r == MFA_OK && next_component(&rest, &name)) {
		if (name[0] == '.' && (name[1] == '\0' ||
		    (name[1] == '.' && name[2] == '\0')))
			r = MFA_ERR_INVALID;
		else
			r = step_into(dir, name,
			    is_last(rest) ? rule : &mfa_path_root_owned, &child);
		(void)close(dir);
		if (r == MFA_OK)
			dir = child;
	}
	if (r == MFA_OK)
		*fd = dir;
	return r;
}

/*
 * gone: it had a name when it was opened, and has none now
 */
static enum mfa_err
open_once(int dirfd, const char *name, int flags,
    const struct mfa_path_rule *rule, int *fd, bool *gone)
{
	struct stat st = { .st_nlink = 1 };
	int file;

	*gone = false;
	file = openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
	    O_NOCTTY);
	if (file < 0)
		return mfa_path_err(errno);
	if (fstat(file, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    !permitted(&st, rule)) {
		*gone = st.st_nlink == 0;
		(void)close(file);
		return MFA_ERR_UNSAFE;
	}
	*fd = file;
	return MFA_OK;
}

enum mfa_err
mfa_path_open_file(int dirfd, const char *name, int flags,
    const struct mfa_path_rule *rule, int *fd)
{
	enum mfa_err r = MFA_ERR_UNSAFE;
	bool gone = true;

	*fd = -1;
	if (name[0] == '\0' || strchr(name, '/') != NULL)
		return MFA_ERR_INVALID;
	/* Replaced by rename under our hands, as is written here, or removed. */
	for (int i = 0; gone && i < TRIES; i++)
		r = open_once(dirfd, name, flags, rule, fd, &gone);
	return r;
}

enum mfa_err
mfa_path_read(int fd, uint8_t *buf, size_t size, size_t *len)
{
	size_t used = 0;
	uint8_t extra;

	for (;;) {
		bool full = used == size;
		ssize_t n = pread(fd, full ? &extra : buf + used,
		    full ? 1 : size - used, (off_t)used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return MFA_ERR_IO;
		if (n == 0)
			break;
		if (full)
			return MFA_ERR_INVALID;
		used += (size_t)n;
	}
	*len = used;
	return MFA_OK;
}

enum mfa_err
mfa_path_slurp(const char *path, const struct mfa_path_rule *rule, uint8_t *buf,
    size_t size, size_t *len)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int dirfd = -1, fd = -1;
	enum mfa_err r;

	if (slash == NULL || (size_t)(slash - path) >= sizeof(dir) - 1)
		return MFA_ERR_INVALID;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	if (slash == path)
		memcpy(dir, "/", 2);
	if ((r = mfa_path_open_dir(dir, &mfa_path_root_owned, &dirfd)) != MFA_OK)
		goto out;
	if ((r = mfa_path_open_file(dirfd, slash + 1, O_RDONLY, rule, &fd)) !=
	    MFA_OK)
		goto out;
	r = mfa_path_read(fd, buf, size, len);
out:
	if (fd >= 0)
		(void)close(fd);
	if (dirfd >= 0)
		(void)close(dirfd);
	return r;
}

enum mfa_err
mfa_path_write(int fd, const void *buf, size_t len)
{
	const uint8_t *p = buf;

	while (len != 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? MFA_ERR_IO : mfa_path_err(errno);
		p += n;
		len -= (size_t)n;
	}
	return MFA_OK;
}

enum mfa_err
mfa_path_write_at(int fd, const void *buf, size_t len, off_t at)
{
	const uint8_t *p = buf;

	while (len != 0) {
		ssize_t n = pwrite(fd, p, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? MFA_ERR_IO : mfa_path_err(errno);
		p += n;
		at += n;
		len -= (size_t)n;
	}
	return MFA_OK;
}
