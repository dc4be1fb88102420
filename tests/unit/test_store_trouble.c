/* SPDX-License-Identifier: MIT */
/*
 * R3, R18, R19, R30: what the system refuses the file store, and what changes
 * between two looks.
 */
#include "tests/unit/store_place.h"

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/statfs.h>

#include "tests/unit/calls.h"

FAILING(int, fstat, FSTAT, -1, (int fd, struct stat *st), (fd, st))
FAILING(int, fstatfs, FSTATFS, -1, (int fd, struct statfs *fs), (fd, fs))
FAILING(int, getrlimit, GETRLIMIT, -1, (int which, struct rlimit *limit),
    (which, limit))
FAILING(int, openat, OPENAT, -1,
    (int dirfd, const char *name, int flags, mode_t mode),
    (dirfd, name, flags, mode))
FAILING(DIR *, fdopendir, FDOPENDIR, NULL, (int fd), (fd))
FAILING(struct dirent *, readdir, READDIR, NULL, (DIR *dir), (dir))
FAILING(int, fsync, FSYNC, -1, (int fd), (fd))
FAILING(ssize_t, pwrite, PWRITE, -1,
    (int fd, const void *buf, size_t size, off_t at), (fd, buf, size, at))

/* What else the next calls do. */
static struct {
	unsigned int locks;	  /* calls of flock */
	bool locked;		  /* by somebody else, always */
	off_t size;		  /* of the file, at the next read; 0: as is */
	unsigned int device, inode; /* so often fstatat says another one */
	long blocks;		  /* live pieces of memory */
} sys;

WRAP(void *, calloc, (size_t n, size_t size))
{
	if (fails(CALLOC))
		return NULL;
	sys.blocks++;
	return __real_calloc(n, size);
}

WRAP(char *, strdup, (const char *text))
{
	if (fails(STRDUP))
		return NULL;
	sys.blocks++;
	return __real_strdup(text);
}

WRAP(void, free, (void *p))
{
	sys.blocks -= p != NULL;
	__real_free(p);
}

WRAP(int, fstatat, (int dirfd, const char *name, struct stat *st, int flags))
{
	int r;

	if (fails(FSTATAT))
		return -1;
	r = __real_fstatat(dirfd, name, st, flags);
	if (sys.device != 0) {
		sys.device--;
		st->st_dev++;
	}
	if (sys.inode != 0) {
		sys.inode--;
		st->st_ino++;
	}
	return r;
}

WRAP(ssize_t, pread, (int fd, void *buf, size_t size, off_t at))
{
	if (fails(PREAD))
		return -1;
	if (sys.size != 0) {
		assert_int_equal(ftruncate(fd, sys.size), 0);
		sys.size = 0;
	}
	return __real_pread(fd, buf, size, at);
}

WRAP(int, flock, (int fd, int how))
{
	sys.locks++;
	if (sys.locked) {
		errno = EWOULDBLOCK;
		return -1;
	}
	return fails(FLOCK) ? -1 : __real_flock(fd, how);
}

static int
trouble_new(void **state)
{
	memset(&sys, 0, sizeof(sys));
	return store_place_new(state);
}

static int
trouble_free(void **state)
{
	fail_at(FSTAT, 0, 0);
	memset(&sys, 0, sizeof(sys));
	return store_place_free(state);
}

/* Opens, closes, and looks at what is left over. */
static enum mfa_err
open_and_shut(struct store_place *s, enum mfa_store_mode mode)
{
	int before = place_descriptors();
	long blocks = sys.blocks;
	enum mfa_err r = store_place_open(s, mode);

	store_place_shut(s);
	assert_int_equal(sys.blocks, blocks);
	assert_int_equal(place_descriptors(), before);
	return r;
}

static void
test_R3_what_fails_at_a_record_is_said(void **state)
{
	static const struct {
		enum call call;
		unsigned int n;
		int error;
		enum mfa_err read, write;
	} rows[] = {
		{ GETRLIMIT, 1, EPERM, MFA_ERR_IO, MFA_ERR_IO },
		{ CALLOC, 1, ENOMEM, MFA_ERR_MEMORY, MFA_ERR_MEMORY },
		{ FSTAT, 1, EIO, MFA_ERR_UNSAFE, MFA_ERR_UNSAFE },
		{ FSTAT, 2, EIO, MFA_ERR_IO, MFA_ERR_IO },
		{ PREAD, 1, EIO, MFA_ERR_IO, MFA_ERR_IO },
		{ FLOCK, 1, ENOLCK, MFA_OK, MFA_ERR_IO },
		{ FLOCK, 1, EINTR, MFA_OK, MFA_OK },
		{ FLOCK, 1, EWOULDBLOCK, MFA_OK, MFA_OK },
		/* Once more from the beginning. */
		{ FSTAT, 3, EIO, MFA_OK, MFA_OK },
		{ FSTATAT, 1, EIO, MFA_OK, MFA_OK },
	};
	struct store_place *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int write = 0; write < 2; write++) {
			enum mfa_err r;

			fail_at(rows[i].call, rows[i].n, rows[i].error);
			sys.locks = 0;
			r = open_and_shut(s,
			    write ? MFA_STORE_WRITE : MFA_STORE_READ);
			assert_int_equal(r,
			    write ? rows[i].write : rows[i].read);
			assert_in_range(sys.locks, 0, write ? 2 : 0);
			if (write && r == MFA_OK)
				assert_int_equal(sys.locks, 2);
		}
	}
}

static void
test_R2_a_size_that_changes_meanwhile_is_damage(void **state)
{
	static const off_t sizes[] = { 1, 8192, 16383, 16385, 24576 };
	struct store_place *s = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(truncate(s->file, RECORD_SIZE), 0);
		s->made[0] = 0xa5; /* behind the room for what is read */
		sys.size = sizes[i];
		assert_int_equal(open_and_shut(s, MFA_STORE_READ),
		    MFA_ERR_DAMAGED);
		assert_int_equal(s->made[0], 0xa5);
	}
	/* And one that is wrong is not waited for. */
	sys.locked = true;
	sys.locks = 0;
	assert_int_equal(open_and_shut(s, MFA_STORE_WRITE), MFA_ERR_DAMAGED);
	assert_int_equal(sys.locks, 0);
}

/* ---- whether the name leads to what is locked ---- */

static void
test_R30_inode_and_device_must_both_be_the_same(void **state)
{
	struct store_place *s = *state;

	sys.device = 1;
	assert_int_equal(open_and_shut(s, MFA_STORE_WRITE), MFA_OK);
	assert_int_equal(sys.locks, 2);
	sys.inode = 1;
	assert_int_equal(open_and_shut(s, MFA_STORE_WRITE), MFA_OK);
	assert_int_equal(sys.locks, 4);
	/* Likewise the folder: "no such record" is believed of none else. */
	assert_int_equal(s->store->ops->remove(s->store, "u-alice"), MFA_OK);
	assert_int_equal(open_and_shut(s, MFA_STORE_READ), MFA_ERR_NOT_FOUND);
	sys.device = 1;
	assert_int_equal(open_and_shut(s, MFA_STORE_READ), MFA_ERR_IO);
	sys.inode = 1;
	assert_int_equal(open_and_shut(s, MFA_STORE_READ), MFA_ERR_IO);
	fail_at(FSTATAT, 1, EIO);
	assert_int_equal(open_and_shut(s, MFA_STORE_READ), MFA_ERR_IO);
	assert_int_equal(chmod(s->dir, 0775), 0);
	assert_int_equal(open_and_shut(s, MFA_STORE_READ), MFA_ERR_IO);
}

/* ---- making, removing, listing ---- */

static void
test_R19_what_fails_while_one_is_made_is_said(void **state)
{
	static const struct {
		enum call call;
		unsigned int n;
		int error;
		enum mfa_err r;
		bool named;
	} rows[] = {
		{ GETRLIMIT, 1, EPERM, MFA_ERR_IO, false },
		{ OPENAT, 1, EMFILE, MFA_ERR_LIMIT, false },
		{ OPENAT, 1, EROFS, MFA_ERR_READ_ONLY, false },
		{ PWRITE, 1, ENOSPC, MFA_ERR_NO_SPACE, false },
		{ FSYNC, 1, EIO, MFA_ERR_IO, false },
		{ FSYNC, 2, EIO, MFA_ERR_IO, true },
	};
	struct store_place *s = *state;
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/u-bob", s->records);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int before = place_descriptors();

		fail_at(rows[i].call, rows[i].n, rows[i].error);
		assert_int_equal(s->store->ops->create(s->store, "u-bob",
		    s->made), rows[i].r);
		assert_int_equal(place_descriptors(), before);
		assert_int_equal(access(path, F_OK), rows[i].named ? 0 : -1);
	}
	fail_at(FSYNC, 1, EIO);
	assert_int_equal(s->store->ops->remove(s->store, "u-bob"), MFA_ERR_IO);
	assert_int_equal(s->store->ops->remove(s->store, "u-bob"),
	    MFA_ERR_NOT_FOUND);
}

/* Its number is part of the name by which the file is had. */
static void
test_a_record_is_made_through_any_descriptor(void **state)
{
	struct store_place *s = *state;
	int input = dup(0), fd[130], n = 0;

	assert_int_equal(close(0), 0);
	do {
		int before = place_descriptors();

		assert_int_equal(s->store->ops->create(s->store, "u-bob",
		    s->made), MFA_OK);
		assert_int_equal(place_descriptors(), before);
		assert_int_equal(s->store->ops->remove(s->store, "u-bob"),
		    MFA_OK);
		fd[n] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_true(fd[n] >= 0);
	} while (fd[n++] < 120);
	while (n > 0)
		(void)close(fd[--n]);
	assert_int_equal(dup2(input, 0), 0);
	(void)close(input);
}

static enum mfa_err
with_errno(void *ctx, const char *id)
{
	unsigned int *n = ctx;

	assert_string_equal(id, "u-alice");
	++*n;
	errno = EBADF;
	return MFA_OK;
}

/* Every descriptor that is had is given back, even the first. */
static void
test_R18_a_store_leaves_no_descriptor(void **state)
{
	struct store_place *s = *state;
	static const uint8_t id[16] = "another";
	struct mfa_store *store;
	char deeper[256];
	int input = dup(0);

	(void)snprintf(deeper, sizeof(deeper), "%s/deeper",
	    (const char *)s->place);
	place_dir(deeper, 0, 0755);
	(void)strcat(deeper, "/store");
	assert_int_equal(mfa_store_file_init(deeper, 0, 0, id), MFA_OK);
	assert_int_equal(close(0), 0);
	for (int i = 0; i < 2; i++) {
		int before = place_descriptors();
		unsigned int seen = 0;

		assert_int_equal(s->store->ops->each(s->store, with_errno,
		    &seen), MFA_OK);
		assert_int_equal(seen, 1);
		assert_int_equal(mfa_store_file_open(i == 0 ? s->dir : deeper,
		    0, &store), MFA_OK);
		store->ops->free(store);
		assert_int_equal(place_descriptors(), before);
	}
	assert_int_equal(dup2(input, 0), 0);
	(void)close(input);
}

static void
test_R3_what_fails_at_the_store_is_said(void **state)
{
	static const struct {
		enum call call;
		unsigned int n;
		int error;
		enum mfa_err r;
	} rows[] = {
		{ CALLOC, 1, ENOMEM, MFA_ERR_MEMORY },
		{ STRDUP, 1, ENOMEM, MFA_ERR_MEMORY },
		{ PREAD, 1, EIO, MFA_ERR_IO },
		{ FSTATFS, 1, EIO, MFA_ERR_IO },
		/* Of /, run, the place, the store, its id; then records. */
		{ FSTAT, 6, EIO, MFA_ERR_IO },
		/* None: what is left over is nothing, here as well. */
		{ CALLOC, 0, 0, MFA_OK },
	};
	struct store_place *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mfa_store *store;
		int before = place_descriptors();
		long blocks = sys.blocks;

		fail_at(rows[i].call, rows[i].n, rows[i].error);
		assert_int_equal(mfa_store_file_open(s->dir, 0, &store),
		    rows[i].r);
		assert_int_equal(calls_left[rows[i].call], 0);
		if (rows[i].r == MFA_OK)
			store->ops->free(store);
		assert_int_equal(sys.blocks, blocks);
		assert_int_equal(place_descriptors(), before);
	}
	s->store->ops->free(NULL);
}

static void
test_R3_a_list_that_breaks_off_is_said(void **state)
{
	static const struct {
		enum call call;
		int error;
		enum mfa_err r;
		unsigned int seen;
	} rows[] = {
		{ OPENAT, EMFILE, MFA_ERR_IO, 0 },
		{ FDOPENDIR, ENOMEM, MFA_ERR_MEMORY, 0 },
		{ READDIR, EIO, MFA_ERR_IO, 0 },
		/* At its end readdir says nothing. */
		{ READDIR, 0, MFA_OK, 0 },
		{ CALLS, 0, MFA_OK, 1 },
	};
	struct store_place *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int before = place_descriptors();
		unsigned int seen = 0;

		if (rows[i].call != CALLS)
			fail_at(rows[i].call, 1, rows[i].error);
		errno = EBADF; /* somebody else's */
		assert_int_equal(s->store->ops->each(s->store, with_errno,
		    &seen), rows[i].r);
		assert_int_equal(seen, rows[i].seen);
		assert_int_equal(place_descriptors(), before);
	}
}

/* What is read of a decoy is what is read of a record: R5. */
static void
test_R5_a_decoy_reads_where_there_is_room(void **state)
{
	static uint8_t room[RECORD_SIZE];
	struct store_place *s = *state;

	memset(room, 0xa5, sizeof(room));
	s->store->ops->decoy(s->store, NULL, room);
	assert_false(unit_all(room, sizeof(room), 0xa5));
	sys.locks = 0;
	s->store->ops->decoy(s->store, s->made, NULL);
	assert_int_equal(sys.locks, 0);
	/* Where a record could not be read none is either. */
	fail_at(GETRLIMIT, 1, EPERM);
	s->store->ops->decoy(s->store, NULL, room);
	assert_int_equal(sys.locks, 0);
}

static void
test_R22_the_first_letter_and_the_length(void **state)
{
	char id[MFA_STORE_ID_MAX + 2];

	(void)state;
	assert_true(mfa_store_id_ok("a"));
	assert_true(mfa_store_id_ok("z"));
	assert_false(mfa_store_id_ok("{"));
	memset(id, 'a', sizeof(id));
	id[MFA_STORE_ID_MAX] = '\0';
	assert_true(mfa_store_id_ok(id));
	id[MFA_STORE_ID_MAX] = 'a';
	id[MFA_STORE_ID_MAX + 1] = '\0';
	assert_false(mfa_store_id_ok(id));
}

#define IN_TROUBLE(f) \
	cmocka_unit_test_setup_teardown(f, trouble_new, trouble_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TROUBLE(test_R3_what_fails_at_a_record_is_said),
		IN_TROUBLE(test_R2_a_size_that_changes_meanwhile_is_damage),
		IN_TROUBLE(test_R30_inode_and_device_must_both_be_the_same),
		IN_TROUBLE(test_R19_what_fails_while_one_is_made_is_said),
		IN_TROUBLE(test_a_record_is_made_through_any_descriptor),
		IN_TROUBLE(test_R18_a_store_leaves_no_descriptor),
		IN_TROUBLE(test_R3_what_fails_at_the_store_is_said),
		IN_TROUBLE(test_R3_a_list_that_breaks_off_is_said),
		IN_TROUBLE(test_R5_a_decoy_reads_where_there_is_room),
		IN_TROUBLE(test_R22_the_first_letter_and_the_length),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
