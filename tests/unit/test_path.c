/* SPDX-License-Identifier: MIT */
/* R18: the MUST list of lib/base/path.h, each with what it must refuse. */
#include "tests/unit/place.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/base/path.h"

#define STRANGER 12345

/* A descriptor that no failure may leave in place. */
#define ANY_FD 99

static enum mfa_err
open_dir(const char *path, const struct mfa_path_rule *rule)
{
	int fd = ANY_FD;
	enum mfa_err r = mfa_path_open_dir(path, rule, &fd);

	if (r != MFA_OK) {
		assert_int_equal(fd, -1);
		return r;
	}
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	(void)close(fd);
	return r;
}

static enum mfa_err
open_file(void *const *state, const char *name, int flags,
    const struct mfa_path_rule *rule)
{
	int dirfd, fd = ANY_FD;
	enum mfa_err r;

	assert_int_equal(mfa_path_open_dir(*state, &mfa_path_root_owned,
	    &dirfd), MFA_OK);
	r = mfa_path_open_file(dirfd, name, flags, rule, &fd);
	(void)close(dirfd);
	if (r != MFA_OK) {
		assert_int_equal(fd, -1);
		return r;
	}
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	(void)close(fd);
	return r;
}

static enum mfa_err
open_plain(void *const *state, const char *name)
{
	return open_file(state, name, O_RDONLY, &mfa_path_root_owned);
}

static void
test_R18_paths_that_are_not_plain(void **state)
{
	static const char *const bad[] = { "", "run", "./run", "../run",
		"/run/.", "/run/..", "/./run", "/run/../run", "/.." };
	char longest[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(open_dir(bad[i], &mfa_path_root_owned),
		    MFA_ERR_INVALID);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(open_dir(longest, &mfa_path_root_owned),
	    MFA_ERR_INVALID);
}

static void
test_R18_good_directories(void **state)
{
	char path[256];

	place_need(state);
	assert_int_equal(open_dir("/", &mfa_path_root_owned), MFA_OK);
	assert_int_equal(open_dir(*state, &mfa_path_root_owned), MFA_OK);
	place_dir(place_path(state, "d", path), 0, 0755);
	assert_int_equal(open_dir(path, &mfa_path_root_owned), MFA_OK);
	assert_int_equal(open_dir(place_path(state, "/d///", path),
	    &mfa_path_root_owned), MFA_OK);
	assert_int_equal(open_dir(place_path(state, "none", path),
	    &mfa_path_root_owned), MFA_ERR_NOT_FOUND);
}

static void
test_R18_symbolic_links_in_any_component(void **state)
{
	char real[256], link[256], below[256];

	place_need(state);
	place_dir(place_path(state, "real", real), 0, 0755);
	place_dir(place_path(state, "real/sub", below), 0, 0755);
	assert_int_equal(symlink("real", place_path(state, "link", link)), 0);
	assert_int_equal(open_dir(link, &mfa_path_root_owned), MFA_ERR_UNSAFE);
	assert_int_equal(open_dir(place_path(state, "link/", link),
	    &mfa_path_root_owned), MFA_ERR_UNSAFE);
	assert_int_equal(open_dir(place_path(state, "link/sub", link),
	    &mfa_path_root_owned), MFA_ERR_UNSAFE);
	assert_int_equal(open_dir(below, &mfa_path_root_owned), MFA_OK);
	place_file(place_path(state, "file", real), "x", 0, 0644);
	assert_int_equal(symlink("file", place_path(state, "alias", link)), 0);
	assert_int_equal(open_plain(state, "alias"), MFA_ERR_UNSAFE);
	assert_int_equal(open_dir(place_path(state, "file/x", real),
	    &mfa_path_root_owned), MFA_ERR_UNSAFE);
}

/* PATH_MAX counts the NUL. */
static void
test_R18_longest_directory(void **state)
{
	char path[PATH_MAX + 1];

	(void)state;
	memset(path, '/', sizeof(path));
	memcpy(path, "/run", 4);
	path[PATH_MAX] = '\0';
	assert_int_equal(open_dir(path, &mfa_path_root_owned),
	    MFA_ERR_INVALID);
	path[PATH_MAX - 1] = '\0';
	assert_int_equal(open_dir(path, &mfa_path_root_owned), MFA_OK);
}

static void
test_R18_names_that_begin_with_dots(void **state)
{
	static const char *const names[] = { ".a", "..a", "...", ".a." };
	char path[256];

	place_need(state);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		place_dir(place_path(state, names[i], path), 0, 0755);
		assert_int_equal(open_dir(path, &mfa_path_root_owned), MFA_OK);
	}
}

/* What follows cannot be read: a byte of it would end the test. */
static void
test_R18_nothing_behind_a_path_is_read(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *path = pages + page - sizeof("/run");

	(void)state;
	assert_true(pages != MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	memcpy(path, "/run", sizeof("/run"));
	assert_int_equal(open_dir(path, &mfa_path_root_owned), MFA_OK);
	assert_int_equal(munmap(pages, 2 * page), 0);
}

/* Above the last component nothing but root's will do, whatever the rule. */
static void
test_R18_owner_and_mode_of_directories(void **state)
{
	static const mode_t modes[] = { 0775, 0757, 0777, 01777, 02775 };
	const struct mfa_path_rule theirs = { STRANGER, 0077 };
	char path[256], sub[256];

	place_need(state);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		place_dir(place_path(state, "w", path), 0, modes[i]);
		place_dir(place_path(state, "w/sub", sub), 0, 0755);
		assert_int_equal(open_dir(path, &mfa_path_root_owned),
		    MFA_ERR_UNSAFE);
		assert_int_equal(open_dir(sub, &mfa_path_root_owned),
		    MFA_ERR_UNSAFE);
		assert_int_equal(rmdir(sub), 0);
		assert_int_equal(rmdir(path), 0);
	}
	place_dir(place_path(state, "s", path), STRANGER, 0700);
	place_dir(place_path(state, "s/sub", sub), 0, 0755);
	assert_int_equal(open_dir(path, &mfa_path_root_owned), MFA_ERR_UNSAFE);
	assert_int_equal(open_dir(path, &theirs), MFA_OK);
	assert_int_equal(open_dir(sub, &theirs), MFA_ERR_UNSAFE);
	assert_int_equal(open_dir(sub, &mfa_path_root_owned), MFA_ERR_UNSAFE);
}

static void
test_R18_owner_and_mode_of_files(void **state)
{
	char path[256];

	place_need(state);
	place_file(place_path(state, "good", path), "x", 0, 0644);
	assert_int_equal(open_plain(state, "good"), MFA_OK);
	assert_int_equal(open_file(state, "good", O_RDONLY,
	    &mfa_path_root_secret), MFA_ERR_UNSAFE);
	place_file(place_path(state, "key", path), "x", 0, 0640);
	assert_int_equal(open_file(state, "key", O_RDWR,
	    &mfa_path_root_secret), MFA_OK);
	place_file(place_path(state, "group", path), "x", 0, 0660);
	assert_int_equal(open_plain(state, "group"), MFA_ERR_UNSAFE);
	assert_int_equal(open_file(state, "group", O_RDONLY,
	    &mfa_path_root_secret), MFA_ERR_UNSAFE);
	place_file(place_path(state, "others", path), "x", 0, 0646);
	assert_int_equal(open_plain(state, "others"), MFA_ERR_UNSAFE);
	place_file(place_path(state, "strange", path), "x", STRANGER, 0600);
	assert_int_equal(open_plain(state, "strange"), MFA_ERR_UNSAFE);
	assert_int_equal(open_plain(state, "none"), MFA_ERR_NOT_FOUND);
}

/* The alarm ends a test that hangs on the FIFO. */
static void
test_R18_type_and_link_count_of_files(void **state)
{
	char path[256], second[256];

	place_need(state);
	assert_int_equal(mkfifo(place_path(state, "fifo", path), 0600), 0);
	(void)alarm(5);
	assert_int_equal(open_plain(state, "fifo"), MFA_ERR_UNSAFE);
	(void)alarm(0);
	place_dir(place_path(state, "dir", path), 0, 0700);
	assert_int_equal(open_plain(state, "dir"), MFA_ERR_UNSAFE);
	assert_int_equal(open_file(state, "dir", O_RDWR, &mfa_path_root_owned),
	    MFA_ERR_UNSAFE);
	place_file(place_path(state, "one", path), "x", 0, 0600);
	assert_int_equal(link(path, place_path(state, "two", second)), 0);
	assert_int_equal(open_plain(state, "one"), MFA_ERR_UNSAFE);
	assert_int_equal(open_plain(state, "two"), MFA_ERR_UNSAFE);
	assert_int_equal(unlink(second), 0);
	assert_int_equal(open_plain(state, "one"), MFA_OK);
	assert_int_equal(open_plain(state, ""), MFA_ERR_INVALID);
	assert_int_equal(open_plain(state, "dir/one"), MFA_ERR_INVALID);
}

static void
test_slurp_reads_whole_files_only(void **state)
{
	uint8_t buf[8];
	size_t len = 77;
	char path[256];

	place_need(state);
	place_file(place_path(state, "f", path), "12345678", 0, 0600);
	assert_int_equal(mfa_path_slurp(path, &mfa_path_root_secret, buf, 7,
	    &len), MFA_ERR_INVALID);
	assert_int_equal(len, 77);
	assert_int_equal(mfa_path_slurp(path, &mfa_path_root_secret, buf, 8,
	    &len), MFA_OK);
	assert_int_equal(len, 8);
	assert_memory_equal(buf, "12345678", 8);
	place_file(place_path(state, "empty", path), "", 0, 0600);
	assert_int_equal(mfa_path_slurp(path, &mfa_path_root_secret, buf, 8,
	    &len), MFA_OK);
	assert_int_equal(len, 0);
	assert_int_equal(mfa_path_slurp("relative", &mfa_path_root_secret, buf,
	    8, &len), MFA_ERR_INVALID);
	assert_int_equal(mfa_path_slurp("a/b", &mfa_path_root_secret, buf, 8,
	    &len), MFA_ERR_INVALID);
	assert_int_equal(chmod(*state, 0775), 0);
	assert_int_equal(mfa_path_slurp(path, &mfa_path_root_secret, buf, 8,
	    &len), MFA_ERR_UNSAFE);
}

/* A file in the place, with so many bytes before its last slash. */
static enum mfa_err
slurp_at(void *const *state, size_t slash)
{
	static char path[1 << 20];
	uint8_t buf[8];
	size_t len;

	memset(path, '/', sizeof(path));
	memcpy(path, *state, strlen(*state));
	memcpy(path + slash + 1, "f", 2);
	return mfa_path_slurp(path, &mfa_path_root_secret, buf, 8, &len);
}

static void
test_R18_slurp_by_the_longest_path(void **state)
{
	char path[256];
	uint8_t buf[8];
	size_t len;

	place_need(state);
	place_file(place_path(state, "f", path), "1", 0, 0600);
	assert_int_equal(slurp_at(state, 100), MFA_OK);
	assert_int_equal(slurp_at(state, PATH_MAX - 2), MFA_OK);
	assert_int_equal(slurp_at(state, PATH_MAX - 1), MFA_ERR_INVALID);
	assert_int_equal(slurp_at(state, PATH_MAX), MFA_ERR_INVALID);
	/* Copied, it would run over the end of the stack. */
	assert_int_equal(slurp_at(state, (1 << 20) - 3), MFA_ERR_INVALID);
	/* The shortest: its folder is the root. */
	assert_int_equal(mfa_path_slurp("/run", &mfa_path_root_owned, buf, 8,
	    &len), MFA_ERR_UNSAFE);
}

/* A host without a standard input has 0 for the next one. */
static void
test_R18_descriptor_0_is_as_good_as_any(void **state)
{
	enum mfa_err r[3];
	char path[2][256];
	uint8_t buf[8];
	int dirfd, fd, taken[2], kept;
	size_t len;

	place_need(state);
	place_dir(place_path(state, "d", path[1]), 0, 0755);
	place_file(place_path(state, "f", path[0]), "1", 0, 0600);
	place_file(place_path(state, "d/f", path[1]), "2", 0, 0600);
	assert_int_equal(mfa_path_open_dir(*state, &mfa_path_root_owned,
	    &dirfd), MFA_OK);
	assert_true((kept = fcntl(0, F_DUPFD_CLOEXEC, 3)) > 0);
	(void)close(0);
	r[2] = mfa_path_open_file(dirfd, "f", O_RDONLY, &mfa_path_root_secret,
	    &fd);
	(void)close(0);
	/* One of the two has it for its folder, the other for its file. */
	for (int i = 0; i < 2; i++) {
		r[i] = mfa_path_slurp(path[i], &mfa_path_root_secret, buf, 8,
		    &len);
		taken[i] = close(0);
	}
	(void)dup2(kept, 0);
	(void)close(kept);
	(void)close(dirfd);
	assert_int_equal(r[2], MFA_OK);
	assert_int_equal(fd, 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(r[i], MFA_OK);
		assert_int_equal(taken[i], -1);
	}
}

/* R7: every byte count is looked at; a limit of the caller is an error. */
static void
test_R7_writes_are_whole_or_an_error(void **state)
{
	struct rlimit before, small;
	enum mfa_err limited, full;
	char path[256];
	int fd, dev;

	place_need(state);
	place_file(place_path(state, "f", path), "", 0, 0600);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(mfa_path_write(fd, "abcdef", 6), MFA_OK);
	assert_int_equal(mfa_path_write_at(fd, "XY", 2, 1), MFA_OK);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 6);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 10;
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &small);
	limited = mfa_path_write(fd, "0123456789", 10);
	(void)setrlimit(RLIMIT_FSIZE, &before);
	(void)signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(limited, MFA_ERR_LIMIT);
	(void)close(fd);
	dev = open("/dev/full", O_WRONLY | O_CLOEXEC);
	full = mfa_path_write(dev, "x", 1);
	(void)close(dev);
	assert_int_equal(full, MFA_ERR_NO_SPACE);
	assert_int_equal(mfa_path_write(-1, "x", 1), MFA_ERR_IO);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, path, 10), 10);
	(void)close(fd);
	assert_memory_equal(path, "aXYdef0123", 10);
}

/* In a mount namespace of its own; 77 where that is not allowed. */
static int
try_read_only(void *const *state)
{
	int dirfd, fd = -1;
	char path[256];
	enum mfa_err r;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", *state, "tmpfs", 0, "mode=0755") != 0)
		return 77;
	fd = open(place_path(state, "f", path), O_CREAT | O_WRONLY, 0600);
	(void)close(fd);
	if (mount(NULL, *state, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0)
		return 77;
	if (mfa_path_open_dir(*state, &mfa_path_root_owned, &dirfd) != MFA_OK)
		return 1;
	r = mfa_path_open_file(dirfd, "f", O_RDWR, &mfa_path_root_owned, &fd);
	return r == MFA_ERR_READ_ONLY && fd == -1 ? 0 : 1;
}

static void
test_read_only_file_system_has_its_own_error(void **state)
{
	int status;
	pid_t pid;

	place_need(state);
	if ((pid = fork()) == 0)
		_exit(try_read_only(state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# mount namespaces are not allowed here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void
test_errno_values_have_their_error(void **state)
{
	static const struct {
		int e;
		enum mfa_err err;
	} rows[] = { { ENOENT, MFA_ERR_NOT_FOUND }, { EEXIST, MFA_ERR_EXISTS },
		{ ELOOP, MFA_ERR_UNSAFE }, { ENOTDIR, MFA_ERR_UNSAFE },
		{ EROFS, MFA_ERR_READ_ONLY }, { ENOSPC, MFA_ERR_NO_SPACE },
		{ EDQUOT, MFA_ERR_NO_SPACE }, { EFBIG, MFA_ERR_LIMIT },
		{ EMFILE, MFA_ERR_LIMIT }, { ENFILE, MFA_ERR_LIMIT },
		{ ENOMEM, MFA_ERR_MEMORY }, { EIO, MFA_ERR_IO },
		{ EACCES, MFA_ERR_IO }, { 0, MFA_ERR_IO } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(mfa_path_err(rows[i].e), rows[i].err);
}

#define WITH_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R18_paths_that_are_not_plain),
		WITH_PLACE(test_R18_good_directories),
		WITH_PLACE(test_R18_symbolic_links_in_any_component),
		cmocka_unit_test(test_R18_longest_directory),
		WITH_PLACE(test_R18_names_that_begin_with_dots),
		cmocka_unit_test(test_R18_nothing_behind_a_path_is_read),
		WITH_PLACE(test_R18_owner_and_mode_of_directories),
		WITH_PLACE(test_R18_owner_and_mode_of_files),
		WITH_PLACE(test_R18_type_and_link_count_of_files),
		WITH_PLACE(test_slurp_reads_whole_files_only),
		WITH_PLACE(test_R18_slurp_by_the_longest_path),
		WITH_PLACE(test_R18_descriptor_0_is_as_good_as_any),
		WITH_PLACE(test_R7_writes_are_whole_or_an_error),
		WITH_PLACE(test_read_only_file_system_has_its_own_error),
		cmocka_unit_test(test_errno_values_have_their_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
