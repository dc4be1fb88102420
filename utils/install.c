/* SPDX-License-Identifier: MIT */
/* MUST list: install.h. */
#include "utils/install.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/text.h"

/* Splits an absolute path at its last slash. */
static enum mfa_err
split(const char *path, char *parent, size_t size, const char **name)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash[1] == '\0' ||
	    !mfa_text_copy(parent, size, path))
		return MFA_ERR_INVALID;
	parent[slash == path ? 1 : slash - path] = '\0';
	*name = slash + 1;
	return MFA_OK;
}

/* The umask may have taken bits away: set them on the descriptor. */
static enum mfa_err
finish_dir(int parent, const char *path)
{
	enum mfa_err r = MFA_OK;
	int fd = -1;

	if ((r = mfa_path_open_dir(path, &mfa_path_root_owned, &fd)) != MFA_OK)
		return r;
	if (fchmod(fd, 0755) != 0 || fsync(fd) != 0 || fsync(parent) != 0)
		r = mfa_path_err(errno);
	(void)close(fd);
	return r;
}

enum mfa_err
mfa_install_dir(const char *path, bool *made)
{
	char parent[PATH_MAX];
	const char *name = NULL;
	int fd = -1, dirfd = -1;
	enum mfa_err r;
	bool fresh = false;

	if ((r = split(path, parent, sizeof(parent), &name)) != MFA_OK)
		goto out;
	r = mfa_path_open_dir(parent, &mfa_path_root_owned, &dirfd);
	if (r != MFA_OK)
		goto out;
	fresh = mkdirat(dirfd, name, 0755) == 0;
	if (!fresh && errno != EEXIST)
		r = mfa_path_err(errno);
	else if (fresh)
		r = finish_dir(dirfd, path);
	else
		r = mfa_path_open_dir(path, &mfa_path_root_owned, &fd);
out:
	if (fd >= 0)
		(void)close(fd);
	if (dirfd >= 0)
		(void)close(dirfd);
	if (r == MFA_OK)
		*made = fresh;
	return r;
}

static enum mfa_err
write_synced(int fd, const uint8_t *bytes, size_t len)
{
	enum mfa_err r = mfa_path_write(fd, bytes, len);

	if (r == MFA_OK && (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
		r = mfa_path_err(errno);
	return r;
}

enum mfa_err
mfa_install_file(int dirfd, const char *name, const uint8_t *bytes, size_t len)
{
	char beside[NAME_MAX + 1];
	enum mfa_err r;
	int fd;

	if (strlen(name) > 200)
		return MFA_ERR_INVALID;
	(void)snprintf(beside, sizeof(beside), ".%s.%ld.new", name,
	    (long)getpid());
	fd = openat(dirfd, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0)
		return mfa_path_err(errno);
	r = write_synced(fd, bytes, len);
	(void)close(fd);
	if (r == MFA_OK && renameat(dirfd, beside, dirfd, name) != 0)
		r = mfa_path_err(errno);
	if (r != MFA_OK)
		(void)unlinkat(dirfd, beside, 0);
	else if (fsync(dirfd) != 0)
		r = mfa_path_err(errno);
	return r;
}
