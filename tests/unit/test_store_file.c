/* SPDX-License-Identifier: MIT */
/* R7, R19, R30: locks, limits, and what a write leaves alone. */
#include "tests/unit/store_place.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* How often the store synced, and how often it is told that it failed. */
static unsigned int syncs, failing;

static int
sync_or_fail(long number, int fd)
{
	if (failing > 0) {
		failing--;
		errno = EIO;
		return -1;
	}
	syncs++;
	return (int)syscall(number, fd);
}

/* Instead of libc's. */
int
fsync(int fd)
{
	return sync_or_fail(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return sync_or_fail(SYS_fdatasync, fd);
}

static enum mfa_err
write_slot(struct store_place *s, unsigned int slot, uint8_t value)
{
	uint8_t bytes[MFA_STORE_SLOT];

	memset(bytes, value, sizeof(bytes));
	return s->store->ops->write(s->txn, slot, bytes, &s->view.revision);
}

static void
open_for_writing(struct store_place *s)
{
	assert_int_equal(store_place_open(s, MFA_STORE_WRITE), MFA_OK);
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- what an update leaves alone ---- */

static void
test_R19_an_update_changes_the_bytes_of_one_slot_only(void **state)
{
	struct store_place *s = *state;
	struct stat before, after, dir_before, dir_after;
	uint8_t raw[RECORD_SIZE];

	assert_int_equal(stat(s->file, &before), 0);
	assert_int_equal(stat(s->records, &dir_before), 0);
	open_for_writing(s);
	syncs = 0;
	assert_int_equal(write_slot(s, 1, 0xee), MFA_OK);
	assert_int_equal(syncs, 1);
	store_place_raw(s, raw);
	assert_memory_equal(raw, s->made, MFA_STORE_SLOT);
	assert_true(unit_all(raw + MFA_STORE_SLOT, MFA_STORE_SLOT, 0xee));
	assert_int_equal(write_slot(s, 0, 0xdd), MFA_OK);
	assert_int_equal(syncs, 2);
	store_place_raw(s, raw);
	assert_true(unit_all(raw, MFA_STORE_SLOT, 0xdd));
	assert_true(unit_all(raw + MFA_STORE_SLOT, MFA_STORE_SLOT, 0xee));
	assert_int_equal(stat(s->file, &after), 0);
	assert_int_equal(stat(s->records, &dir_after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(after.st_blocks, before.st_blocks);
	assert_int_equal(after.st_mode, before.st_mode);
	assert_int_equal(after.st_uid, before.st_uid);
	assert_int_equal(after.st_nlink, 1);
	/* Nothing was created, renamed or removed beside it. */
	assert_memory_equal(&dir_after.st_mtim, &dir_before.st_mtim,
	    sizeof(dir_after.st_mtim));
}

static void
test_R19_a_record_is_whole_before_it_has_a_name(void **state)
{
	struct store_place *s = *state;
	struct stat st;
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/u-bob", s->records);
	failing = 1;
	assert_int_equal(s->store->ops->create(s->store, "u-bob", s->made),
	    MFA_ERR_IO);
	assert_int_equal(failing, 0);
	assert_int_equal(access(path, F_OK), -1);
	syncs = 0;
	assert_int_equal(s->store->ops->create(s->store, "u-bob", s->made),
	    MFA_OK);
	assert_int_equal(syncs, 2); /* the file, then the folder */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, RECORD_SIZE);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	/* Really written: no hole is filled at a login. */
	assert_true(st.st_blocks * 512 >= RECORD_SIZE);
}

/* ---- trouble ---- */

static void
test_R7_after_a_failed_sync_nothing_more_is_written(void **state)
{
	struct store_place *s = *state;
	uint8_t raw[RECORD_SIZE];
	uint64_t revision;

	open_for_writing(s);
	revision = s->view.revision;
	failing = 1;
	assert_int_equal(write_slot(s, 0, 0xee), MFA_ERR_IO);
	assert_true(s->view.revision == revision);
	syncs = 0;
	assert_int_equal(write_slot(s, 1, 0xdd), MFA_ERR_INVALID);
	assert_int_equal(syncs, 0);
	store_place_raw(s, raw);
	assert_memory_equal(raw + MFA_STORE_SLOT, s->made + MFA_STORE_SLOT,
	    MFA_STORE_SLOT);
	/* Another transaction may. */
	store_place_shut(s);
	open_for_writing(s);
	assert_int_equal(write_slot(s, 1, 0xdd), MFA_OK);
}

static void
limit_size(rlim_t size, struct rlimit *old)
{
	struct rlimit small;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, old), 0);
	small = *old;
	small.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
}

/* The guard ignores SIGXFSZ, so that a limit is an error to answer. */
static void
test_R7_a_limit_of_the_caller_is_refused_before_reading(void **state)
{
	static const rlim_t limits[] = { 0, 1, 8191, 8192, 16383 };
	struct store_place *s = *state;
	uint8_t raw[RECORD_SIZE];
	struct rlimit old;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		enum mfa_err read, both, made;

		limit_size(limits[i], &old);
		read = store_place_open(s, MFA_STORE_READ);
		both = store_place_open(s, MFA_STORE_WRITE);
		made = s->store->ops->create(s->store, "u-bob", s->made);
		s->store->ops->decoy(s->store, s->made, NULL);
		(void)setrlimit(RLIMIT_FSIZE, &old);
		assert_int_equal(read, MFA_ERR_LIMIT);
		assert_int_equal(both, MFA_ERR_LIMIT);
		assert_int_equal(made, MFA_ERR_LIMIT);
		store_place_raw(s, raw);
		assert_memory_equal(raw, s->made, RECORD_SIZE);
	}
	limit_size(RECORD_SIZE, &old);
	assert_int_equal(store_place_open(s, MFA_STORE_WRITE), MFA_OK);
	assert_int_equal(write_slot(s, 1, 0xee), MFA_OK);
	(void)setrlimit(RLIMIT_FSIZE, &old);
}

static void
test_R7_a_limit_in_the_middle_leaves_the_other_slot(void **state)
{
	struct store_place *s = *state;
	uint8_t raw[RECORD_SIZE];
	struct rlimit old;
	enum mfa_err first, second;

	open_for_writing(s);
	limit_size(MFA_STORE_SLOT + 1000, &old);
	first = write_slot(s, 1, 0xee);
	second = write_slot(s, 0, 0xdd);
	(void)setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(first, MFA_ERR_LIMIT);
	assert_int_equal(second, MFA_ERR_INVALID);
	store_place_raw(s, raw);
	assert_memory_equal(raw, s->made, MFA_STORE_SLOT);
}

/* ---- the lock ---- */

enum deed { HOLD, REMOVE, REPLACE, LINK };

struct holder {
	pid_t pid;
	int said[2]; /* it has the lock */
};

static void __attribute__((noreturn))
hold(const struct store_place *s, enum deed deed, unsigned int ms, int said)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
	char other[200];
	int fd = open(s->file, O_RDWR | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) != 0 || write(said, "", 1) != 1)
		_exit(1);
	(void)nanosleep(&t, NULL);
	(void)snprintf(other, sizeof(other), "%s/u-other", s->records);
	if ((deed == REMOVE && unlink(s->file) != 0) ||
	    (deed == REPLACE && rename(other, s->file) != 0) ||
	    (deed == LINK && link(s->file, other) != 0))
		_exit(1);
	_exit(0);
}

/* Another process that has the lock, and does something before it ends. */
static void
begin_holding(const struct store_place *s, struct holder *h, enum deed deed,
    unsigned int ms)
{
	char byte;

	assert_int_equal(pipe(h->said), 0);
	if ((h->pid = fork()) == 0)
		hold(s, deed, ms, h->said[1]);
	assert_int_equal(read(h->said[0], &byte, 1), 1);
}

static void
end_holding(struct holder *h)
{
	int status;

	assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
	assert_int_equal(status, 0);
	(void)close(h->said[0]);
	(void)close(h->said[1]);
}

static void
test_R19_busy_after_two_seconds(void **state)
{
	struct store_place *s = *state;
	struct holder h;
	double begin;

	begin_holding(s, &h, HOLD, 60000);
	begin = seconds();
	/* Looking takes no lock. */
	assert_int_equal(store_place_open(s, MFA_STORE_READ), MFA_OK);
	store_place_shut(s);
	assert_true(seconds() - begin < 0.5);
	begin = seconds();
	assert_int_equal(store_place_open(s, MFA_STORE_WRITE), MFA_ERR_BUSY);
	assert_true(seconds() - begin >= 1.9);
	assert_true(seconds() - begin < 3.0);
	/* The lock dies with its holder, however it ends. */
	assert_int_equal(kill(h.pid, SIGKILL), 0);
	assert_int_equal(waitpid(h.pid, NULL, 0), h.pid);
	open_for_writing(s);
	(void)close(h.said[0]);
	(void)close(h.said[1]);
}

static void
test_R19_one_at_a_time_for_one_record_only(void **state)
{
	struct store_place *s = *state;
	struct mfa_store_view view = { .bytes = s->made };
	struct mfa_store_txn *bob = NULL;
	struct holder h;
	double begin;

	assert_int_equal(s->store->ops->create(s->store, "u-bob", s->made),
	    MFA_OK);
	begin_holding(s, &h, HOLD, 100);
	begin = seconds();
	assert_int_equal(s->store->ops->open(s->store, "u-bob",
	    MFA_STORE_WRITE, &view, &bob), MFA_OK);
	assert_true(seconds() - begin < 0.09);
	s->store->ops->close(bob);
	open_for_writing(s);
	assert_true(seconds() - begin >= 0.09);
	end_holding(&h);
}

static void
test_R30_removed_while_we_waited(void **state)
{
	struct store_place *s = *state;
	struct holder h;
	int before = place_descriptors();

	begin_holding(s, &h, REMOVE, 50);
	assert_int_equal(store_place_open(s, MFA_STORE_WRITE),
	    MFA_ERR_NOT_FOUND);
	end_holding(&h);
	assert_int_equal(place_descriptors(), before);
}

static void
test_R30_replaced_while_we_waited(void **state)
{
	struct store_place *s = *state;
	uint8_t other[RECORD_SIZE], raw[RECORD_SIZE];
	struct holder h;

	memset(other, 0xcc, sizeof(other));
	assert_int_equal(s->store->ops->create(s->store, "u-other", other),
	    MFA_OK);
	begin_holding(s, &h, REPLACE, 50);
	open_for_writing(s);
	end_holding(&h);
	assert_memory_equal(s->bytes, other, RECORD_SIZE);
	/* And what is written goes to the file that has the name. */
	assert_int_equal(write_slot(s, 0, 0xee), MFA_OK);
	store_place_raw(s, raw);
	assert_int_equal(raw[0], 0xee);
	/* Its lock is held, too. */
	int fd = open(s->file, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	(void)close(fd);
}

static void
test_R18_linked_while_we_waited(void **state)
{
	struct store_place *s = *state;
	struct holder h;

	begin_holding(s, &h, LINK, 50);
	assert_int_equal(store_place_open(s, MFA_STORE_WRITE),
	    MFA_ERR_UNSAFE);
	end_holding(&h);
}

static void
test_each_leaves_out_what_is_no_record(void **state)
{
	struct store_place *s = *state;
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/Core.1", s->records);
	place_file(path, "", 0, 0600);
	(void)snprintf(path, sizeof(path), "%s/.hidden", s->records);
	place_file(path, "", 0, 0600);
	assert_int_equal(s->store->ops->remove(s->store, "u-alice"), MFA_OK);
	assert_int_equal(s->store->ops->each(s->store, NULL, NULL), MFA_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STORE(test_R19_an_update_changes_the_bytes_of_one_slot_only),
		IN_STORE(test_R19_a_record_is_whole_before_it_has_a_name),
		IN_STORE(test_R7_after_a_failed_sync_nothing_more_is_written),
		IN_STORE(
		    test_R7_a_limit_of_the_caller_is_refused_before_reading),
		IN_STORE(test_R7_a_limit_in_the_middle_leaves_the_other_slot),
		IN_STORE(test_R19_busy_after_two_seconds),
		IN_STORE(test_R19_one_at_a_time_for_one_record_only),
		IN_STORE(test_R30_removed_while_we_waited),
		IN_STORE(test_R30_replaced_while_we_waited),
		IN_STORE(test_R18_linked_while_we_waited),
		IN_STORE(test_each_leaves_out_what_is_no_record),
	};

	world_need_root();
	(void)signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
