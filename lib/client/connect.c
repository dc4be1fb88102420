/* SPDX-License-Identifier: MIT */
/* MUST list: client.h. */
#define _GNU_SOURCE 1 /* struct ucred */
#include "lib/client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/text.h"

/* The folder of an absolute path; its last component is left out. */
static enum mfa_err
open_folder(const struct sockaddr_un *address, const char *slash, int *dirfd)
{
	char folder[sizeof(address->sun_path)];
	size_t len = (size_t)(slash - address->sun_path);

	if (len == 0)
		len = 1;
	memcpy(folder, address->sun_path, len);
	folder[len] = '\0';
	return mfa_path_open_dir(folder, &mfa_path_root_owned, dirfd);
}

/*
 * connect() has no form that starts from a directory descriptor, and /proc is
 * not there in every chroot.  So the path is checked and then used: its folder
 * and all above were found to be root's, without symbolic links and writable
 * by nobody else, so only root could change what it names in between.
 */
static enum mfa_err
check_place(const struct sockaddr_un *address)
{
	const char *slash = strrchr(address->sun_path, '/');
	struct stat st;
	enum mfa_err r;
	int dirfd;

	if (slash == NULL)
		return MFA_ERR_UNSAFE;
	r = open_folder(address, slash, &dirfd);
	if (r == MFA_ERR_INVALID)
		return MFA_ERR_UNSAFE;
	if (r != MFA_OK)
		return r == MFA_ERR_UNSAFE ? r : MFA_ERR_UNAVAILABLE;
	if (fstatat(dirfd, slash + 1, &st, AT_SYMLINK_NOFOLLOW) != 0)
		r = MFA_ERR_UNAVAILABLE;
	else if (!S_ISSOCK(st.st_mode))
		r = MFA_ERR_UNSAFE;
	(void)close(dirfd);
	return r;
}

/* The kernel names whoever called listen(). */
static bool
listener_is_root(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    len == sizeof(peer) && peer.uid == 0;
}

enum mfa_err
mfa_client_connect(const char *socket_path, int *fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	enum mfa_err r;
	int s;

	*fd = -1;
	if (socket_path == NULL)
		socket_path = MFA_RUNDIR "/socket";
	if (!mfa_text_copy(address.sun_path, sizeof(address.sun_path),
	    socket_path))
		return MFA_ERR_UNAVAILABLE;
	if ((r = check_place(&address)) != MFA_OK)
		return r;
	s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return MFA_ERR_UNAVAILABLE;
	/* Not blocking: a full backlog is EAGAIN, not a wait. */
	if (connect(s, (const struct sockaddr *)&address, sizeof(address)) != 0)
		r = errno == EAGAIN ? MFA_ERR_BUSY : MFA_ERR_UNAVAILABLE;
	else if (!listener_is_root(s))
		r = MFA_ERR_UNSAFE;
	if (r != MFA_OK) {
		(void)close(s);
		return r;
	}
	*fd = s;
	return MFA_OK;
}
