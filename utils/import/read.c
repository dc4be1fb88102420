/* SPDX-License-Identifier: MIT */
/* MUST list: read.h. */
#include "utils/import/read.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/secret.h"
#include "utils/child.h"

#define PATIENCE 10 /* seconds for one user's file */

const struct mfa_path_rule mfa_import_private = { 0, 0077 };

/* ---- waiting ---- */

static enum mfa_err
wait_readable(int fd, int64_t until)
{
	struct pollfd what = { .fd = fd, .events = POLLIN };
	int left = -1, n;

	do {
		if (until >= 0 && (left = (int)(until - mfa_child_clock())) <= 0)
			return MFA_ERR_TIMEOUT;
		n = poll(&what, 1, left);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return MFA_ERR_IO;
	return n > 0 ? MFA_OK : MFA_ERR_TIMEOUT;
}

enum mfa_err
mfa_import_read_fd(int fd, unsigned int deadline, char *buf, size_t size,
    size_t *len)
{
	int64_t until = deadline != 0 ? mfa_child_clock() + deadline * 1000LL : -1;
	size_t used = 0;
	char beyond;

	for (;;) {
		enum mfa_err r = wait_readable(fd, until);
		ssize_t n;

		if (r != MFA_OK)
			return r;
		/* A full buffer is all only if nothing comes after it. */
		n = used < size ? read(fd, buf + used, size - used) :
				  read(fd, &beyond, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return MFA_ERR_IO;
		if (n == 0)
			break;
		if (used == size)
			return MFA_ERR_INVALID;
		used += (size_t)n;
	}
	*len = used;
	return MFA_OK;
}

/* ---- the child ---- */

enum mfa_err
mfa_import_become(const struct passwd *pw)
{
	uid_t real, effective, saved;

	if (geteuid() == 0 && (initgroups(pw->pw_name, pw->pw_gid) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0))
		return MFA_ERR_DENIED;
	if (getresuid(&real, &effective, &saved) != 0 ||
	    real != pw->pw_uid || effective != pw->pw_uid ||
	    saved != pw->pw_uid)
		return MFA_ERR_DENIED;
	if (pw->pw_uid != 0 && setuid(0) == 0)
		return MFA_ERR_DENIED;
	return MFA_OK;
}

static enum mfa_err
open_own(const struct passwd *pw, const char *path, int *out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
	    O_NOCTTY);

	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return MFA_ERR_DENIED;
	if (fd < 0)
		return errno == ENOTDIR ? MFA_ERR_NOT_FOUND :
					  mfa_path_err(errno);
	*out = fd;
	if (fstat(fd, &st) != 0)
		return MFA_ERR_IO;
	if (!S_ISREG(st.st_mode) || st.st_uid != pw->pw_uid ||
	    (st.st_mode & 0077) != 0)
		return MFA_ERR_UNSAFE;
	return MFA_OK;
}

/* A user's file, and where what it is goes to. */
struct errand {
	const struct passwd *pw;
	const char *path;
	bool home;
	int to;
};

/* One byte that says how it went, then the file. */
static void
read_in_child(const struct errand *errand, char *buf)
{
	const struct passwd *pw = errand->pw;
	unsigned char how;
	size_t len = 0;
	enum mfa_err r = MFA_ERR_DENIED;
	int fd = -1;

	if (!errand->home || pw->pw_uid == 0)
		r = mfa_path_slurp(errand->path, &mfa_import_private,
		    (uint8_t *)buf, MFA_IMPORT_FILE, &len);
	if (r != MFA_OK && pw->pw_uid != 0) {
		r = mfa_import_become(pw);
		if (r == MFA_OK)
			r = open_own(pw, errand->path, &fd);
		if (r == MFA_OK)
			r = mfa_import_read_fd(fd, PATIENCE, buf,
			    MFA_IMPORT_FILE, &len);
	}
	how = (unsigned char)r;
	if (mfa_path_write(errand->to, &how, 1) == MFA_OK && r == MFA_OK)
		r = mfa_path_write(errand->to, buf, len);
	mfa_secret_wipe(buf, MFA_IMPORT_FILE);
	_exit(r == MFA_OK ? 0 : 1);
}

static enum mfa_err
hear(int from, char *buf, size_t *len)
{
	char how = 0;
	size_t got = 0;
	enum mfa_err r = wait_readable(from, mfa_child_clock() + PATIENCE * 1000);
	ssize_t n;

	if (r != MFA_OK)
		return r;
	n = read(from, &how, 1);
	if (n != 1 || how < 0 || how >= MFA_ERR_END)
		return MFA_ERR_IO;
	if (how != MFA_OK)
		return (enum mfa_err)how;
	r = mfa_import_read_fd(from, PATIENCE, buf, MFA_IMPORT_FILE, &got);
	if (r == MFA_OK)
		*len = got;
	return r;
}

enum mfa_err
mfa_import_read_user(const struct passwd *pw, const char *path, bool home,
    char *buf, size_t *len)
{
	struct errand errand = { pw, path, home, -1 };
	enum mfa_err r;
	int ends[2];
	pid_t child;

	if (path[0] != '/')
		return MFA_ERR_INVALID;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return mfa_path_err(errno);
	/* What stands there already is not for this user's process. */
	mfa_secret_wipe(buf, MFA_IMPORT_FILE);
	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		errand.to = ends[1];
		read_in_child(&errand, buf);
	}
	(void)close(ends[1]);
	r = child < 0 ? MFA_ERR_LIMIT : hear(ends[0], buf, len);
	(void)close(ends[0]);
	if (child > 0)
		mfa_child_end(child);
	return r;
}

/* ---- root's ---- */

/* Folder and name of a path, which may begin here. */
static enum mfa_err
part(const char *path, char folder[PATH_MAX], const char **name)
{
	const char *slash = strrchr(path, '/');
	char here[PATH_MAX] = "";
	int before = slash != NULL ? (int)(slash - path) : 0, n;

	if (path[0] != '/' && getcwd(here, sizeof(here)) == NULL)
		return mfa_path_err(errno);
	n = snprintf(folder, PATH_MAX, "%s/%.*s", here, before, path);
	if (n < 0 || n >= PATH_MAX)
		return MFA_ERR_INVALID;
	*name = slash != NULL ? slash + 1 : path;
	return MFA_OK;
}

enum mfa_err
mfa_import_open_root(const char *path, const struct mfa_path_rule *rule,
    int *fd)
{
	char folder[PATH_MAX];
	const char *name = NULL;
	enum mfa_err r;
	int dirfd = -1;

	*fd = -1;
	if ((r = part(path, folder, &name)) != MFA_OK)
		return r;
	r = mfa_path_open_dir(folder, &mfa_path_root_owned, &dirfd);
	if (r != MFA_OK)
		return r;
	r = mfa_path_open_file(dirfd, name, O_RDONLY, rule, fd);
	(void)close(dirfd);
	return r;
}

enum mfa_err
mfa_import_read_root(const char *path, char *buf, size_t size, size_t *len)
{
	enum mfa_err r;
	int fd = -1;

	if (strcmp(path, "-") == 0)
		return mfa_import_read_fd(STDIN_FILENO, 0, buf, size, len);
	r = mfa_import_open_root(path, &mfa_import_private, &fd);
	if (r != MFA_OK)
		return r;
	r = mfa_import_read_fd(fd, 0, buf, size, len);
	(void)close(fd);
	return r;
}
