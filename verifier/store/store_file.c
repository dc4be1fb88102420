/* SPDX-License-Identifier: MIT */
/*
 * Records as files: two slots, written in place, one flock a record.
 *
 * MUST (R18, R19, R30):
 *  - a record is opened below a checked folder, without following links;
 *    owner, mode, type, size and link count are judged on the descriptor;
 *  - only ENOENT in that folder, while it still has its name, means "no such
 *    record";
 *  - after the lock is had, the name must still lead to the locked file;
 *  - a write goes to one slot, in full, and returns only after fdatasync;
 *    after an error nothing more is written through this transaction;
 *  - an update creates, renames and resizes nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/base/turn.h"
#include "verifier/store/decoy.h"
#include "verifier/store/store_file.h"

#define RECORD_SIZE	(MFA_STORE_SLOTS * MFA_STORE_SLOT)
#define LOCK_MS		2000

struct file_store {
	struct mfa_store base;
	struct mfa_path_rule rule;
	char *dir;
	int records;
	struct mfa_decoy decoy;
};

struct mfa_store_txn {
	uint64_t revision;
	int fd;
	bool writable; /* locked and no write failed */
};

bool
mfa_store_id_ok(const char *id)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789%_-";
	size_t len = strlen(id);

	return len >= 1 && len <= MFA_STORE_ID_MAX && id[0] >= 'a' &&
	    id[0] <= 'z' && strspn(id, alphabet) == len;
}

/* A limit below a record's size would tear every write. */
static enum mfa_err
check_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
		return MFA_ERR_IO;
	return limit.rlim_cur < RECORD_SIZE ? MFA_ERR_LIMIT : MFA_OK;
}

/*
 * True if the folder we hold is the one of that name.  In one that was removed
 * or moved away meanwhile, as by a restore, "no such record" means nothing.
 */
static bool
still_there(const struct file_store *store)
{
	struct stat held, named;
	bool same = false;
	int dirfd;

	if (mfa_path_open_dir(store->dir, &mfa_path_root_owned, &dirfd) !=
	    MFA_OK)
		return false;
	if (fstat(store->records, &held) == 0 &&
	    fstatat(dirfd, MFA_STORE_FILE_RECORDS, &named,
		AT_SYMLINK_NOFOLLOW) == 0)
		same = held.st_dev == named.st_dev &&
		    held.st_ino == named.st_ino && held.st_nlink != 0;
	(void)close(dirfd);
	return same;
}

static enum mfa_err
open_record(struct file_store *store, const char *id, int *fd)
{
	struct stat st;
	enum mfa_err r;

	r = mfa_path_open_file(store->records, id, O_RDWR, &store->rule, fd);
	if (r == MFA_ERR_NOT_FOUND && !still_there(store))
		return MFA_ERR_IO;
	if (r != MFA_OK)
		return r;
	if (fstat(*fd, &st) != 0)
		r = MFA_ERR_IO;
	else if (st.st_size != RECORD_SIZE)
		r = MFA_ERR_DAMAGED;
	if (r != MFA_OK) {
		(void)close(*fd);
		*fd = -1;
	}
	return r;
}

/* True if the name still leads to the file we hold. */
static bool
same_file(const struct file_store *store, const char *id, int fd)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && held.st_nlink == 1 &&
	    fstatat(store->records, id, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static enum mfa_err
open_locked(struct file_store *store, const char *id, int *fd)
{
	const uint64_t deadline = mfa_turn_until(LOCK_MS);
	enum mfa_err r;

	for (;;) {
		if ((r = open_record(store, id, fd)) != MFA_OK)
			return r;
		r = mfa_turn_take(*fd, deadline);
		if (r == MFA_OK && same_file(store, id, *fd))
			return MFA_OK;
		(void)close(*fd);
		*fd = -1;
		if (r != MFA_OK)
			return r;
		if (mfa_turn_is_over(deadline))
			return MFA_ERR_BUSY;
	}
}

static enum mfa_err
read_slots(int fd, uint8_t *bytes)
{
	size_t len = 0;
	enum mfa_err r = mfa_path_read(fd, bytes, RECORD_SIZE, &len);

	if (r == MFA_ERR_INVALID || (r == MFA_OK && len != RECORD_SIZE))
		return MFA_ERR_DAMAGED;
	return r;
}

static enum mfa_err
file_reload(struct mfa_store_txn *txn, struct mfa_store_view *view)
{
	enum mfa_err r = read_slots(txn->fd, view->bytes);

	if (r == MFA_OK) {
		view->slots = MFA_STORE_SLOTS;
		view->revision = txn->revision;
	}
	return r;
}

static void
file_close(struct mfa_store_txn *txn)
{
	if (txn == NULL)
		return;
	(void)close(txn->fd); /* the lock goes with it */
	free(txn);
}

static enum mfa_err
file_open(struct mfa_store *base, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **out)
{
	struct file_store *store = (struct file_store *)base;
	struct mfa_store_txn *txn;
	enum mfa_err r;

	*out = NULL;
	if (!mfa_store_id_ok(id))
		return MFA_ERR_INVALID;
	if ((r = check_limit()) != MFA_OK)
		return r;
	if ((txn = calloc(1, sizeof(*txn))) == NULL)
		return MFA_ERR_MEMORY;
	txn->writable = mode == MFA_STORE_WRITE;
	r = mode == MFA_STORE_WRITE ? open_locked(store, id, &txn->fd) :
				      open_record(store, id, &txn->fd);
	if (r != MFA_OK) {
		free(txn);
		return r;
	}
	if ((r = file_reload(txn, view)) != MFA_OK) {
		file_close(txn);
		return r;
	}
	*out = txn;
	return MFA_OK;
}

static enum mfa_err
file_write(struct mfa_store_txn *txn, unsigned int slot, const uint8_t *bytes,
    uint64_t *revision)
{
	enum mfa_err r;

	if (!txn->writable || slot >= MFA_STORE_SLOTS)
		return MFA_ERR_INVALID;
	/* The lock makes the condition trivial, but it is the contract. */
	if (*revision != txn->revision)
		return MFA_ERR_CONFLICT;
	r = mfa_path_write_at(txn->fd, bytes, MFA_STORE_SLOT,
	    (off_t)slot * MFA_STORE_SLOT);
	if (r == MFA_OK && fdatasync(txn->fd) != 0)
		r = MFA_ERR_IO; /* never tried again: the page may be lost */
	if (r != MFA_OK) {
		txn->writable = false;
		return r;
	}
	*revision = ++txn->revision;
	return MFA_OK;
}

/* Gives an unnamed, finished file its name. */
static enum mfa_err
link_record(const struct file_store *store, const char *id, int fd)
{
	char self[32] = "/proc/self/fd/";
	size_t at = strlen(self);
	char digits[12];
	size_t n = 0;

	for (int v = fd; n == 0 || v != 0; v /= 10)
		digits[n++] = (char)('0' + v % 10);
	while (n != 0)
		self[at++] = digits[--n];
	if (linkat(AT_FDCWD, self, store->records, id, AT_SYMLINK_FOLLOW) != 0)
		return mfa_path_err(errno);
	return fsync(store->records) == 0 ? MFA_OK : MFA_ERR_IO;
}

static enum mfa_err
file_create(struct mfa_store *base, const char *id, const uint8_t *bytes)
{
	struct file_store *store = (struct file_store *)base;
	enum mfa_err r;
	int fd;

	if (!mfa_store_id_ok(id))
		return MFA_ERR_INVALID;
	if ((r = check_limit()) != MFA_OK)
		return r;
	fd = openat(store->records, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return mfa_path_err(errno);
	r = mfa_path_write_at(fd, bytes, RECORD_SIZE, 0);
	if (r == MFA_OK && fsync(fd) != 0)
		r = MFA_ERR_IO;
	if (r == MFA_OK)
		r = link_record(store, id, fd);
	(void)close(fd);
	return r;
}

static enum mfa_err
file_remove(struct mfa_store *base, const char *id)
{
	struct file_store *store = (struct file_store *)base;

	if (!mfa_store_id_ok(id))
		return MFA_ERR_INVALID;
	if (unlinkat(store->records, id, 0) != 0)
		return mfa_path_err(errno);
	return fsync(store->records) == 0 ? MFA_OK : MFA_ERR_IO;
}

static enum mfa_err
file_each(struct mfa_store *base,
    enum mfa_err (*visit)(void *ctx, const char *id), void *ctx)
{
	struct file_store *store = (struct file_store *)base;
	struct dirent *entry;
	enum mfa_err r = MFA_OK;
	DIR *dir;
	int fd;

	fd = openat(store->records, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return MFA_ERR_IO;
	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return MFA_ERR_MEMORY;
	}
	errno = 0;
	while (r == MFA_OK && (entry = readdir(dir)) != NULL) {
		if (mfa_store_id_ok(entry->d_name))
			r = visit(ctx, entry->d_name);
		errno = 0;
	}
	if (r == MFA_OK && errno != 0)
		r = MFA_ERR_IO;
	(void)closedir(dir);
	return r;
}

static void
file_decoy(struct mfa_store *base, const uint8_t *bytes, uint8_t *room)
{
	struct file_store *store = (struct file_store *)base;

	if (check_limit() != MFA_OK)
		return;
	if (room != NULL)
		mfa_decoy_read(store->records, room);
	if (bytes != NULL)
		mfa_decoy_write(&store->decoy, bytes);
}

static void
file_free(struct mfa_store *base)
{
	struct file_store *store = (struct file_store *)base;

	if (store == NULL)
		return;
	mfa_decoy_close(&store->decoy);
	if (store->records >= 0)
		(void)close(store->records);
	free(store->dir);
	free(store);
}

static const struct mfa_store_ops file_ops = {
	.open = file_open,
	.reload = file_reload,
	.write = file_write,
	.close = file_close,
	.create = file_create,
	.remove = file_remove,
	.each = file_each,
	.decoy = file_decoy,
	.free = file_free,
};

/* flock and fdatasync mean less there than we promise. */
static bool
is_network(const struct statfs *fs)
{
	static const uint32_t magics[] = {
		NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, 0xff534d42 /* cifs */,
		0xfe534d42 /* smb2 */, 0x00c36400 /* ceph */,
		AFS_SUPER_MAGIC, AFS_FS_MAGIC, CODA_SUPER_MAGIC,
		V9FS_MAGIC, 0x65735546 /* fuse */, 0x0bd00bd0 /* lustre */,
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if ((uint32_t)fs->f_type == magics[i])
			return true;
	}
	return false;
}

static enum mfa_err
read_store_id(int dirfd, uint8_t *id)
{
	char text[34];
	size_t len = 0;
	enum mfa_err r;
	int fd;

	r = mfa_path_open_file(dirfd, MFA_STORE_FILE_ID, O_RDONLY,
	    &mfa_path_root_owned, &fd);
	if (r != MFA_OK)
		return r;
	r = mfa_path_read(fd, (uint8_t *)text, 33, &len);
	(void)close(fd);
	if (r == MFA_ERR_INVALID || (r == MFA_OK && (len != 33 ||
	    text[32] != '\n')))
		return MFA_ERR_DAMAGED;
	text[32] = '\0';
	if (r == MFA_OK && mfa_num_unhex(text, id, 16) != MFA_OK)
		r = MFA_ERR_DAMAGED;
	return r;
}

static enum mfa_err
open_records(struct file_store *store, int dirfd)
{
	struct statfs fs;
	struct stat st;

	store->records = openat(dirfd, MFA_STORE_FILE_RECORDS,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (store->records < 0)
		return mfa_path_err(errno);
	if (fstat(store->records, &st) != 0 ||
	    fstatfs(store->records, &fs) != 0)
		return MFA_ERR_IO;
	if (st.st_uid != store->rule.owner || (st.st_mode & 0077) != 0)
		return MFA_ERR_UNSAFE;
	return is_network(&fs) ? MFA_ERR_NETWORK_FS : MFA_OK;
}

enum mfa_err
mfa_store_file_open(const char *dir, unsigned int owner,
    struct mfa_store **out)
{
	struct file_store *store;
	enum mfa_err r;
	int dirfd = -1;

	*out = NULL;
	if ((store = calloc(1, sizeof(*store))) == NULL)
		return MFA_ERR_MEMORY;
	store->base.ops = &file_ops;
	store->rule.owner = owner;
	store->rule.forbidden = 0177;
	store->records = -1;
	mfa_decoy_init(&store->decoy);
	if ((store->dir = strdup(dir)) == NULL) {
		r = MFA_ERR_MEMORY;
		goto out;
	}
	if ((r = mfa_path_open_dir(dir, &mfa_path_root_owned, &dirfd)) != MFA_OK)
		goto out;
	if ((r = read_store_id(dirfd, store->base.id)) != MFA_OK)
		goto out;
	if ((r = open_records(store, dirfd)) != MFA_OK)
		goto out;
	mfa_decoy_open(&store->decoy, dirfd, &store->rule);
	*out = &store->base;
	store = NULL;
out:
	if (dirfd >= 0)
		(void)close(dirfd);
	if (store != NULL)
		file_free(&store->base);
	return r;
}
