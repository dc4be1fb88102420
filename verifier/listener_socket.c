/* SPDX-License-Identifier: MIT */
/* What clients connect to. */
#include "verifier/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/path.h"

#define BACKLOG 512 /* a flood waits in turn, within a client's second */

bool
mfa_listener_is_one(int fd)
{
	int accepts = 0, type = 0, domain = 0;
	socklen_t n = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &n) == 0 &&
	    accepts != 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	    type == SOCK_SEQPACKET &&
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
	    domain == AF_UNIX;
}

/* A socket that nobody listens on is left over from a crash. */
static enum mfa_err
clear_path(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, e;

	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT ? MFA_OK : MFA_ERR_IO;
	if (!S_ISSOCK(st.st_mode))
		return MFA_ERR_UNSAFE;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return MFA_ERR_IO;
	e = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	e = e == 0 ? 0 : errno;
	(void)close(fd);
	if (e != ECONNREFUSED)
		return MFA_ERR_EXISTS;
	return unlink(address->sun_path) == 0 ? MFA_OK : MFA_ERR_IO;
}

static enum mfa_err
check_folder(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *slash = strrchr(path, '/');
	enum mfa_err r;
	int fd;

	if (slash == NULL || slash == path ||
	    (size_t)(slash - path) >= sizeof(dir))
		return MFA_ERR_INVALID;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	if (mkdir(dir, 0755) == 0 && chmod(dir, 0755) != 0)
		return MFA_ERR_IO;
	if ((r = mfa_path_open_dir(dir, &mfa_path_root_owned, &fd)) == MFA_OK)
		(void)close(fd);
	return r;
}

static enum mfa_err
bind_at(const struct sockaddr_un *address, int *fd)
{
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (s < 0)
		return MFA_ERR_IO;
	/* The folder is root's: nobody can swap the path below us. */
	if (bind(s, (const struct sockaddr *)address, sizeof(*address)) != 0 ||
	    chmod(address->sun_path, 0666) != 0 || listen(s, BACKLOG) != 0) {
		(void)close(s);
		return MFA_ERR_IO;
	}
	*fd = s;
	return MFA_OK;
}

enum mfa_err
mfa_listener_open(const char *path, int *fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	enum mfa_err r;

	*fd = -1;
	if (mfa_listener_is_one(3)) {
		*fd = 3;
		return MFA_OK;
	}
	if (strlen(path) >= sizeof(address.sun_path))
		return MFA_ERR_INVALID;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if ((r = check_folder(path)) != MFA_OK)
		return r;
	if ((r = clear_path(&address)) != MFA_OK)
		return r;
	return bind_at(&address, fd);
}
