/* SPDX-License-Identifier: MIT */
/* R3, R18, R19: what the file store refuses to work with. */
#include "tests/unit/store_place.h"

#include <linux/magic.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#define STRANGER 4711

/* The file system that the store is told of; 0: the real one. */
static uint32_t magic;

/* Instead of libc's. */
int
fstatfs(int fd, struct statfs *buf)
{
	int r = (int)syscall(SYS_fstatfs, fd, buf);

	if (r == 0 && magic != 0)
		buf->f_type = (__typeof__(buf->f_type))magic;
	return r;
}

/* The record is refused for both, and no descriptor stays open. */
static void
refused(struct store_place *s, enum mfa_err err)
{
	int before = place_descriptors();

	assert_int_equal(store_place_open(s, MFA_STORE_READ), err);
	assert_int_equal(store_place_open(s, MFA_STORE_WRITE), err);
	assert_int_equal(place_descriptors(), before);
}

static void
accepted(struct store_place *s)
{
	assert_int_equal(store_place_open(s, MFA_STORE_WRITE), MFA_OK);
	store_place_shut(s);
}

static void
test_R18_symbolic_and_hard_links(void **state)
{
	struct store_place *s = *state;
	char moved[256];

	place_path(&s->place, "moved", moved);
	assert_int_equal(link(s->file, moved), 0);
	refused(s, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(s->file), 0);
	assert_int_equal(symlink(moved, s->file), 0);
	refused(s, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(s->file), 0);
	/* Dangling: never "no such record". */
	assert_int_equal(symlink("nowhere", s->file), 0);
	refused(s, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(s->file), 0);
	refused(s, MFA_ERR_NOT_FOUND);
	assert_int_equal(rename(moved, s->file), 0);
	accepted(s);
}

static void
test_R18_owner_and_mode(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0620, 0602, 0666, 0700,
		0601, 0610 };
	struct store_place *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(chmod(s->file, bad[i]), 0);
		refused(s, MFA_ERR_UNSAFE);
	}
	assert_int_equal(chmod(s->file, 0600), 0);
	assert_int_equal(chown(s->file, STRANGER, 0), 0);
	refused(s, MFA_ERR_UNSAFE);
	assert_int_equal(chown(s->file, 0, 0), 0);
	accepted(s);
}

static void
test_R18_other_types(void **state)
{
	struct store_place *s = *state;

	assert_int_equal(unlink(s->file), 0);
	/* Must not hang. */
	assert_int_equal(mkfifo(s->file, 0600), 0);
	refused(s, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(s->file), 0);
	assert_int_equal(mkdir(s->file, 0700), 0);
	refused(s, MFA_ERR_UNSAFE);
	assert_int_equal(rmdir(s->file), 0);
	assert_int_equal(mknod(s->file, S_IFSOCK | 0600, 0), 0);
	refused(s, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(s->file), 0);
	assert_int_equal(mknod(s->file, S_IFCHR | 0600, makedev(1, 3)), 0);
	refused(s, MFA_ERR_UNSAFE);
}

static void
test_R2_a_wrong_size_is_damage_not_absence(void **state)
{
	static const off_t sizes[] = { 0, 1, 8191, 8192, 16383, 16385, 24576 };
	struct store_place *s = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(truncate(s->file, sizes[i]), 0);
		refused(s, MFA_ERR_DAMAGED);
	}
	assert_int_equal(truncate(s->file, RECORD_SIZE), 0);
	accepted(s);
}

static enum mfa_err
open_store(const char *dir, unsigned int owner)
{
	struct mfa_store *store = (struct mfa_store *)0x1;
	int before = place_descriptors();
	enum mfa_err r = mfa_store_file_open(dir, owner, &store);

	if (r == MFA_OK)
		store->ops->free(store);
	else
		assert_null(store);
	assert_int_equal(place_descriptors(), before);
	return r;
}

static void
test_R18_the_folder_of_records(void **state)
{
	static const mode_t bad[] = { 0750, 0705, 0770, 0777, 0710, 0701 };
	struct store_place *s = *state;
	char moved[256];

	assert_int_equal(open_store(s->dir, 0), MFA_OK);
	assert_int_equal(open_store(s->dir, STRANGER), MFA_ERR_UNSAFE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(chmod(s->records, bad[i]), 0);
		assert_int_equal(open_store(s->dir, 0), MFA_ERR_UNSAFE);
	}
	assert_int_equal(chmod(s->records, 0700), 0);
	assert_int_equal(chown(s->records, STRANGER, 0), 0);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_UNSAFE);
	assert_int_equal(open_store(s->dir, STRANGER), MFA_OK);
	assert_int_equal(chown(s->records, 0, 0), 0);
	place_path(&s->place, "moved", moved);
	assert_int_equal(rename(s->records, moved), 0);
	assert_int_equal(symlink(moved, s->records), 0);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_UNSAFE);
	assert_int_equal(unlink(s->records), 0);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_NOT_FOUND);
	place_file(s->records, "", 0, 0600);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_UNSAFE);
}

/* Moved away or replaced while we look, as by a restore. */
static void
test_R2_absence_counts_in_the_folder_of_that_name_only(void **state)
{
	struct store_place *s = *state;
	char moved[256];

	assert_int_equal(s->store->ops->remove(s->store, "u-alice"), MFA_OK);
	refused(s, MFA_ERR_NOT_FOUND);
	place_path(&s->place, "moved", moved);
	assert_int_equal(rename(s->records, moved), 0);
	refused(s, MFA_ERR_IO);
	place_dir(s->records, 0, 0700);
	refused(s, MFA_ERR_IO);
	assert_int_equal(rmdir(s->records), 0);
	assert_int_equal(symlink(moved, s->records), 0);
	refused(s, MFA_ERR_IO);
	assert_int_equal(unlink(s->records), 0);
	assert_int_equal(rename(moved, s->records), 0);
	refused(s, MFA_ERR_NOT_FOUND);
	assert_int_equal(rmdir(s->records), 0);
	refused(s, MFA_ERR_IO);
}

static void
test_R18_the_folder_of_the_store(void **state)
{
	struct store_place *s = *state;
	char link[256];

	assert_int_equal(chmod(s->dir, 0775), 0);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_UNSAFE);
	assert_int_equal(chmod(s->dir, 0757), 0);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_UNSAFE);
	assert_int_equal(chmod(s->dir, 0755), 0);
	/* Not even the account that the records belong to may own it. */
	assert_int_equal(chown(s->dir, STRANGER, 0), 0);
	assert_int_equal(chown(s->records, STRANGER, 0), 0);
	assert_int_equal(open_store(s->dir, STRANGER), MFA_ERR_UNSAFE);
	assert_int_equal(chown(s->dir, 0, 0), 0);
	assert_int_equal(open_store(s->dir, STRANGER), MFA_OK);
	place_path(&s->place, "link", link);
	assert_int_equal(symlink(s->dir, link), 0);
	assert_int_equal(open_store(link, STRANGER), MFA_ERR_UNSAFE);
	assert_int_equal(open_store("relative", 0), MFA_ERR_INVALID);
	assert_int_equal(open_store("/run/mfa-unit-not-there", 0),
	    MFA_ERR_NOT_FOUND);
}

#define HEX "30313233343536373839616263646500"

static void
test_R17_the_id_of_the_store(void **state)
{
	static const char *const bad[] = { "", "\n", HEX, HEX "\n\n",
		HEX "0", HEX "0\n", "0x313233343536373839616263646500\n",
		"3031323334353637383961626364650\n",
		"3031323334353637383961626364650G\n",
		"3031323334353637383961626364650A\n", HEX "\r\n" };
	struct store_place *s = *state;
	struct mfa_store *store;
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/store-id", s->dir);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(unlink(path), 0);
		place_file(path, bad[i], 0, 0644);
		assert_int_equal(open_store(s->dir, 0), MFA_ERR_DAMAGED);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_NOT_FOUND);
	place_file(path, HEX "\n", STRANGER, 0644);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_UNSAFE);
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(open_store(s->dir, 0), MFA_ERR_UNSAFE);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(mfa_store_file_open(s->dir, 0, &store), MFA_OK);
	assert_memory_equal(store->id, "0123456789abcde", 16);
	store->ops->free(store);
}

/* Decoys serve parity, not safety: R5 against R3. */
static void
test_R5_without_decoys_the_store_works(void **state)
{
	static uint8_t room[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	static const char *const names[] = { "decoy", "decoy-rate" };
	struct store_place *s = *state;
	struct mfa_store *store;
	char path[256];

	for (int i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", s->dir,
		    names[i % 2]);
		assert_int_equal(i < 2 ? truncate(path, 3) : unlink(path), 0);
		assert_int_equal(mfa_store_file_open(s->dir, 0, &store),
		    MFA_OK);
		store->ops->decoy(store, s->made, room);
		store->ops->free(store);
	}
	accepted(s);
}

static void
test_R19_network_file_systems_are_refused(void **state)
{
	static const uint32_t remote[] = { NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,
		0xff534d42, 0xfe534d42, 0x00c36400, 0x65735546, V9FS_MAGIC,
		AFS_SUPER_MAGIC, AFS_FS_MAGIC, CODA_SUPER_MAGIC, 0x0bd00bd0 };
	static const uint32_t local[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
		BTRFS_SUPER_MAGIC, TMPFS_MAGIC };
	struct store_place *s = *state;

	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++) {
		magic = remote[i];
		assert_int_equal(open_store(s->dir, 0), MFA_ERR_NETWORK_FS);
	}
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		magic = local[i];
		assert_int_equal(open_store(s->dir, 0), MFA_OK);
	}
	magic = 0;
}

/* In a child: the place mounted again, read-only.  Exits with what it got. */
static void __attribute__((noreturn))
look_at_read_only(const struct store_place *s, bool *mounted)
{
	struct mfa_store_view view = { .bytes = calloc(1, RECORD_SIZE) };
	struct mfa_store_txn *txn;
	struct mfa_store *store;
	enum mfa_err r;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount(s->dir, s->dir, NULL, MS_BIND, NULL) != 0 ||
	    mount(NULL, s->dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY,
		NULL) != 0)
		_exit(0);
	*mounted = true;
	if (mfa_store_file_open(s->dir, 0, &store) != MFA_OK)
		_exit(1);
	r = store->ops->open(store, "u-alice", MFA_STORE_READ, &view, &txn);
	if (r == MFA_ERR_READ_ONLY)
		r = store->ops->open(store, "u-alice", MFA_STORE_WRITE, &view,
		    &txn);
	if (r == MFA_ERR_READ_ONLY)
		r = store->ops->create(store, "u-bob", s->made);
	_exit(r == MFA_ERR_READ_ONLY ? 0 : 2);
}

static void
test_R19_a_read_only_store_is_refused_before_the_prompt(void **state)
{
	struct store_place *s = *state;
	bool *mounted = mmap(NULL, sizeof(*mounted), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	assert_true(mounted != MAP_FAILED);
	if ((pid = fork()) == 0)
		look_at_read_only(s, mounted);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	if (!*mounted)
		print_message("# no mounts here: not tried\n");
	(void)munmap(mounted, sizeof(*mounted));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STORE(test_R18_symbolic_and_hard_links),
		IN_STORE(test_R18_owner_and_mode),
		IN_STORE(test_R18_other_types),
		IN_STORE(test_R2_a_wrong_size_is_damage_not_absence),
		IN_STORE(test_R18_the_folder_of_records),
		IN_STORE(
		    test_R2_absence_counts_in_the_folder_of_that_name_only),
		IN_STORE(test_R18_the_folder_of_the_store),
		IN_STORE(test_R17_the_id_of_the_store),
		IN_STORE(test_R5_without_decoys_the_store_works),
		IN_STORE(test_R19_network_file_systems_are_refused),
		IN_STORE(
		    test_R19_a_read_only_store_is_refused_before_the_prompt),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
