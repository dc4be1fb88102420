/* SPDX-License-Identifier: MIT */
/*
 * Preparing a file store, as root.  Folders that the account may write to are
 * opened, never path-walked: each entry is made below a checked descriptor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "verifier/store/store_file.h"

/* One entry of the store's folder. */
struct entry {
	const char *name;
	size_t size; /* really written: of what is given, or zeros */
	uid_t owner;
	gid_t group;
	mode_t mode;
};

static enum mfa_err
fill(int fd, size_t size)
{
	static const uint8_t zeros[4096];
	enum mfa_err r = MFA_OK;

	while (r == MFA_OK && size != 0) {
		size_t n = size < sizeof(zeros) ? size : sizeof(zeros);

		r = mfa_path_write(fd, zeros, n);
		size -= n;
	}
	return r;
}

static enum mfa_err
finish(int fd, const struct entry *what)
{
	/* Owner last: until then the account cannot touch it. */
	if (fchmod(fd, what->mode) != 0 || fsync(fd) != 0 ||
	    fchown(fd, what->owner, what->group) != 0)
		return MFA_ERR_IO;
	return MFA_OK;
}

/* Makes a file under another name first, so that a crash leaves no half. */
static enum mfa_err
make_file(int dirfd, const struct entry *what, const void *bytes)
{
	static const char temporary[] = "new.tmp";
	struct stat st;
	enum mfa_err r;
	int fd;

	if (fstatat(dirfd, what->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return S_ISREG(st.st_mode) && st.st_uid == what->owner &&
			(st.st_mode & 07777) == what->mode ?
		    MFA_OK :
		    MFA_ERR_UNSAFE;
	if (errno != ENOENT)
		return MFA_ERR_IO;
	(void)unlinkat(dirfd, temporary, 0);
	fd = openat(dirfd, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return mfa_path_err(errno);
	r = bytes != NULL ? mfa_path_write(fd, bytes, what->size) :
			    fill(fd, what->size);
	if (r == MFA_OK)
		r = finish(fd, what);
	(void)close(fd);
	if (r == MFA_OK && renameat(dirfd, temporary, dirfd, what->name) != 0)
		r = MFA_ERR_IO;
	return r;
}

static enum mfa_err
make_folder(int dirfd, const struct entry *what)
{
	struct stat st;
	enum mfa_err r;
	int fd;

	if (mkdirat(dirfd, what->name, 0700) == 0) {
		fd = openat(dirfd, what->name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return MFA_ERR_IO;
		r = finish(fd, what);
		(void)close(fd);
		return r;
	}
	if (errno != EEXIST)
		return mfa_path_err(errno);
	if (fstatat(dirfd, what->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return MFA_ERR_IO;
	return S_ISDIR(st.st_mode) && st.st_uid == what->owner &&
		(st.st_mode & 0077) == 0 ?
	    MFA_OK :
	    MFA_ERR_UNSAFE;
}

/* Below a folder that was found to be root's alone, a plain path is safe. */
static enum mfa_err
ensure_folder(const char *path)
{
	enum mfa_err r;
	int fd;

	r = mfa_path_open_dir(path, &mfa_path_root_owned, &fd);
	if (r == MFA_OK)
		(void)close(fd);
	if (r != MFA_ERR_NOT_FOUND)
		return r;
	if (mkdir(path, 0755) != 0)
		return mfa_path_err(errno);
	return chmod(path, 0755) == 0 ? MFA_OK : MFA_ERR_IO;
}

/*
 * The store's own folder: root's, open to look into.  With another prefix the
 * folders above may not be there yet, either.
 */
static enum mfa_err
open_base(const char *dir, int *fd)
{
	char path[PATH_MAX];
	enum mfa_err r = MFA_OK;

	*fd = -1;
	if (dir[0] != '/' || !mfa_text_copy(path, sizeof(path), dir))
		return MFA_ERR_INVALID;
	for (char *p = path + 1; r == MFA_OK && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		r = ensure_folder(path);
		*p = '/';
	}
	if (r == MFA_OK)
		r = ensure_folder(dir);
	return r == MFA_OK ? mfa_path_open_dir(dir, &mfa_path_root_owned, fd) :
			     r;
}

/*
 * Half a store is a lost one, not a new one: records without the store-id they
 * are bound to could never be read again, and with a new, empty folder beside
 * an old store-id nobody would be asked for a code.
 */
static enum mfa_err
check_orphans(int dirfd)
{
	struct dirent *entry;
	struct stat st;
	bool any = false;
	DIR *dir;
	int fd;

	if (fstatat(dirfd, MFA_STORE_FILE_ID, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return fstatat(dirfd, MFA_STORE_FILE_RECORDS, &st,
			   AT_SYMLINK_NOFOLLOW) == 0 ?
		    MFA_OK :
		    MFA_ERR_DAMAGED;
	fd = openat(dirfd, MFA_STORE_FILE_RECORDS,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? MFA_OK : MFA_ERR_UNSAFE;
	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return MFA_ERR_MEMORY;
	}
	while (!any && (entry = readdir(dir)) != NULL)
		any = mfa_store_id_ok(entry->d_name);
	(void)closedir(dir);
	return any ? MFA_ERR_DAMAGED : MFA_OK;
}

enum mfa_err
mfa_store_file_limits(const char *dir, unsigned int owner, unsigned int group,
    const uint8_t salt[8])
{
	const struct entry limits = { MFA_STORE_FILE_LIMITS,
		MFA_STORE_LIMITS_SIZE, owner, group, 0600 };
	uint8_t bytes[MFA_STORE_LIMITS_SIZE] = { 0 };
	enum mfa_err r;
	int fd;

	if ((r = open_base(dir, &fd)) != MFA_OK)
		return r;
	memcpy(bytes, salt, 8);
	r = make_file(fd, &limits, bytes);
	(void)close(fd);
	return r;
}

enum mfa_err
mfa_store_file_init(const char *dir, unsigned int owner, unsigned int group,
    const uint8_t id[16])
{
	const struct entry records = { MFA_STORE_FILE_RECORDS, 0, owner, group,
		0700 };
	const struct entry store_id = { MFA_STORE_FILE_ID, 33, 0, 0, 0644 };
	const struct entry files[] = {
		{ MFA_STORE_FILE_DECOY, MFA_STORE_DECOYS * MFA_STORE_SLOT,
		    owner, group, 0600 },
		{ MFA_STORE_FILE_RATE, MFA_STORE_RATE_SIZE, owner, group,
		    0600 },
	};
	char text[34];
	enum mfa_err r;
	int fd;

	if ((r = open_base(dir, &fd)) != MFA_OK)
		return r;
	mfa_num_hex(id, 16, text);
	memcpy(text + 32, "\n", 2);
	/* The store-id last: where it is, all of a store has been. */
	r = check_orphans(fd);
	for (size_t i = 0; r == MFA_OK && i < 2; i++)
		r = make_file(fd, &files[i], NULL);
	if (r == MFA_OK)
		r = make_folder(fd, &records);
	if (r == MFA_OK)
		r = make_file(fd, &store_id, text);
	if (r == MFA_OK && fsync(fd) != 0)
		r = MFA_ERR_IO;
	(void)close(fd);
	return r;
}
