/* SPDX-License-Identifier: MIT */
/* MUST list: limits.h. */
#include "verifier/runner/limits.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"

#define BYTES sizeof(struct mfa_event_limit)

/* The folder of the socket, which a listener would make just so. */
static enum mfa_err
open_folder(const char *dir, int *fd)
{
	enum mfa_err r = mfa_path_open_dir(dir, &mfa_path_root_owned, fd);
	mode_t mask;

	if (r != MFA_ERR_NOT_FOUND)
		return r;
	mask = umask(022);
	(void)mkdir(dir, 0755); /* or another one just did */
	(void)umask(mask);
	return mfa_path_open_dir(dir, &mfa_path_root_owned, fd);
}

static enum mfa_err
open_file(int dirfd, int *fd)
{
	const struct mfa_path_rule rule = { 0, 0177 };
	enum mfa_err r;
	int made;

	r = mfa_path_open_file(dirfd, MFA_LIMITS_FILE, O_RDWR, &rule, fd);
	if (r != MFA_ERR_NOT_FOUND)
		return r;
	made = openat(dirfd, MFA_LIMITS_FILE,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made >= 0)
		(void)close(made);
	return mfa_path_open_file(dirfd, MFA_LIMITS_FILE, O_RDWR, &rule, fd);
}

static void *
map_file(const char *dir)
{
	void *map = MAP_FAILED;
	int dirfd, fd;

	if (open_folder(dir, &dirfd) != MFA_OK)
		return map;
	if (open_file(dirfd, &fd) == MFA_OK) {
		/* A page that a full disk does not give would kill us later. */
		if (posix_fallocate(fd, 0, (off_t)BYTES) == 0)
			map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED, fd, 0);
		(void)close(fd);
	}
	(void)close(dirfd);
	return map;
}

/* Of those who come at the same time one gives it. */
static void
give_salt(struct mfa_event_limit *limit)
{
	uint64_t none = 0, salt = 0;

	if (__atomic_load_n(&limit->salt, __ATOMIC_RELAXED) != 0)
		return;
	if (getrandom(&salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		salt = (uint64_t)getpid();
	(void)__atomic_compare_exchange_n(&limit->salt, &none, salt, false,
	    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

struct mfa_event_limit *
mfa_limits_map(const char *dir)
{
	void *map = map_file(dir);

	if (map == MAP_FAILED)
		map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	give_salt(map);
	return map;
}
