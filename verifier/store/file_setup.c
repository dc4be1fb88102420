/* SPDX-License-Identifier: MIT */
/*
 * Preparing a file store, as root.  Folders that the account may write to are
 * opened, never path-walked: each entry is made below a checked descriptor.
 */
#define _GNU_SOURCE 1 /* renameat2 */
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

/*
 * A name for what is being made: of this process alone, for another one may
 * make the same at the same time.
 */
struct making {
	char name[32];
};

static struct making
begin(int dirfd)
{
	struct making made;

	(void)snprintf(made.name, sizeof(made.name), "new.%ld.tmp",
	    (long)getpid());
	/* Left by a crash, of today's kind or of a release before. */
	(void)unlinkat(dirfd, made.name, 0);
	(void)unlinkat(dirfd, made.name, AT_REMOVEDIR);
	(void)unlinkat(dirfd, "new.tmp", 0);
	return made;
}

/* Not every file system can leave alone what is there. */
static int
rename_new(int dirfd, const char *from, const char *to)
{
	int r = renameat2(dirfd, from, dirfd, to, RENAME_NOREPLACE);

	return r != 0 && errno == EINVAL ?
	    renameat(dirfd, from, dirfd, to) :
	    r;
}

/*
 * Gives it its name, or takes it away.
 *
 * Returns: r, if that is an error; MFA_ERR_EXISTS if somebody was faster.
 */
static enum mfa_err
finish_making(int dirfd, const struct making *made, const struct entry *what,
    enum mfa_err r)
{
	if (r == MFA_OK && rename_new(dirfd, made->name, what->name) != 0)
		r = mfa_path_err(errno);
	if (r != MFA_OK && unlinkat(dirfd, made->name, 0) != 0)
		(void)unlinkat(dirfd, made->name, AT_REMOVEDIR);
	return r;
}

/* Judges what is there; nothing is repaired.  MFA_ERR_NOT_FOUND: nothing is. */
static enum mfa_err
check_entry(int dirfd, const struct entry *what, mode_t type, mode_t bits,
    mode_t wanted)
{
	struct stat st;

	if (fstatat(dirfd, what->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? MFA_ERR_NOT_FOUND : MFA_ERR_IO;
	return (st.st_mode & S_IFMT) == type && st.st_uid == what->owner &&
		(st.st_mode & bits) == wanted ?
	    MFA_OK :
	    MFA_ERR_UNSAFE;
}

static enum mfa_err
check_file(int dirfd, const struct entry *what)
{
	return check_entry(dirfd, what, S_IFREG, 07777, what->mode);
}

static enum mfa_err
check_folder(int dirfd, const struct entry *what)
{
	return check_entry(dirfd, what, S_IFDIR, 0077, 0);
}

/* Makes a file under another name first, so that a crash leaves no half. */
static enum mfa_err
make_file(int dirfd, const struct entry *what, const void *bytes)
{
	struct making made;
	enum mfa_err r;
	int fd;

	if ((r = check_file(dirfd, what)) != MFA_ERR_NOT_FOUND)
		return r;
	made = begin(dirfd);
	fd = openat(dirfd, made.name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return mfa_path_err(errno);
	r = bytes != NULL ? mfa_path_write(fd, bytes, what->size) :
			    fill(fd, what->size);
	if (r == MFA_OK)
		r = finish(fd, what);
	(void)close(fd);
	r = finish_making(dirfd, &made, what, r);
	return r == MFA_ERR_EXISTS ? check_file(dirfd, what) : r;
}

/* The same of a folder. */
static enum mfa_err
make_folder(int dirfd, const struct entry *what)
{
	struct making made;
	enum mfa_err r;
	int fd;

	if ((r = check_folder(dirfd, what)) != MFA_ERR_NOT_FOUND)
		return r;
	made = begin(dirfd);
	if (mkdirat(dirfd, made.name, 0700) != 0)
		return mfa_path_err(errno);
	fd = openat(dirfd, made.name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = fd >= 0 ? finish(fd, what) : MFA_ERR_IO;
	if (fd >= 0)
		(void)close(fd);
	r = finish_making(dirfd, &made, what, r);
	return r == MFA_ERR_EXISTS ? check_folder(dirfd, what) : r;
}

static enum mfa_err
look_at(const char *path)
{
	enum mfa_err r;
	int fd;

	r = mfa_path_open_dir(path, &mfa_path_root_owned, &fd);
	if (r == MFA_OK)
		(void)close(fd);
	return r;
}

/* Below a folder that was found to be root's alone, a plain path is safe. */
static enum mfa_err
ensure_folder(const char *path)
{
	enum mfa_err r = look_at(path);

	if (r != MFA_ERR_NOT_FOUND)
		return r;
	/* Or somebody else just has. */
	if (mkdir(path, 0755) != 0)
		return errno == EEXIST ? look_at(path) : mfa_path_err(errno);
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
