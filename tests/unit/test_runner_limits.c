/* SPDX-License-Identifier: MIT */
/* R26, R23: the table that the runners share, and what is made of a bad one. */
#include "tests/unit/place.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "verifier/runner/limits.h"

#define BYTES sizeof(struct mfa_event_limit)

/* The path of the folder, or of the table in it. */
static const char *
at(void **state, const char *name, char *path)
{
	return place_path(state, name, path);
}

static struct mfa_event_limit *
map(void **state)
{
	char path[256];
	struct mfa_event_limit *limit = mfa_limits_map(at(state, "run", path));

	assert_non_null(limit);
	assert_int_not_equal(limit->salt, 0);
	return limit;
}

/* True if what is written through one is seen through the other. */
static bool
is_shared(struct mfa_event_limit *a, const struct mfa_event_limit *b)
{
	a->row[7]++;
	return __atomic_load_n(&b->row[7], __ATOMIC_SEQ_CST) == a->row[7];
}

static void
test_R26_it_is_made_once_and_shared(void **state)
{
	const int before = (place_need(state), place_descriptors());
	struct mfa_event_limit *a = map(state), *b = map(state);
	char path[256];
	struct stat st;

	assert_true(is_shared(a, b));
	assert_true(a->salt == b->salt);
	assert_int_equal(stat(at(state, "run", path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(at(state, "run/" MFA_LIMITS_FILE, path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_size, BYTES);
	assert_int_equal(place_descriptors(), before);
	(void)munmap(a, BYTES);
	(void)munmap(b, BYTES);
}

/* A child's writes are ours: workers are children. */
static void
test_R26_without_a_file_children_share_one(void **state)
{
	struct mfa_event_limit *a = mfa_limits_map("/none/of/these"), *b;
	pid_t pid;

	(void)state;
	b = mfa_limits_map("/none/of/these");
	assert_non_null(a);
	assert_non_null(b);
	assert_int_not_equal(a->salt, 0);
	assert_true(a->salt != b->salt);
	assert_false(is_shared(a, b));
	if ((pid = fork()) == 0) {
		a->row[3] = 77;
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(__atomic_load_n(&a->row[3], __ATOMIC_SEQ_CST), 77);
	(void)munmap(a, BYTES);
	(void)munmap(b, BYTES);
}

/* Whatever lies there is neither taken nor changed, and no runner fails. */
static void
not_taken(void **state)
{
	const char *file = "run/" MFA_LIMITS_FILE;
	struct mfa_event_limit *a, *b;
	struct stat was, is;
	char path[256];

	assert_int_equal(lstat(at(state, file, path), &was), 0);
	a = map(state);
	b = map(state);
	assert_false(is_shared(a, b));
	assert_int_equal(lstat(path, &is), 0);
	assert_int_equal(is.st_mode, was.st_mode);
	assert_int_equal(is.st_uid, was.st_uid);
	assert_int_equal(is.st_size, was.st_size);
	assert_int_equal(remove(path), 0);
	(void)munmap(a, BYTES);
	(void)munmap(b, BYTES);
}

static void
test_R23_a_file_that_is_not_root_s_alone_is_not_taken(void **state)
{
	const char *file = "run/" MFA_LIMITS_FILE;
	char path[256], other[256];

	place_need(state);
	place_dir(at(state, "run", path), 0, 0755);
	place_file(at(state, file, path), "x", 4702, 0600);
	not_taken(state);
	place_file(at(state, file, path), "x", 0, 0620);
	not_taken(state);
	place_file(at(state, file, path), "x", 0, 0644);
	not_taken(state);
	place_dir(at(state, file, path), 0, 0700);
	not_taken(state);
	assert_int_equal(mkfifo(at(state, file, path), 0600), 0);
	not_taken(state);
	place_file(at(state, "other", other), "x", 0, 0600);
	assert_int_equal(symlink(other, at(state, file, path)), 0);
	not_taken(state);
	assert_int_equal(symlink("nowhere", at(state, file, path)), 0);
	not_taken(state);
	assert_int_equal(link(other, at(state, file, path)), 0);
	not_taken(state);
}

static void
test_R23_nor_is_a_folder_that_is_not(void **state)
{
	struct mfa_event_limit *limit;
	char path[256], file[256];

	place_need(state);
	place_dir(at(state, "run", path), 0, 0777);
	limit = map(state);
	assert_int_not_equal(access(at(state, "run/" MFA_LIMITS_FILE, file),
	    F_OK), 0);
	(void)munmap(limit, BYTES);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(chown(path, 4702, 0), 0);
	limit = map(state);
	assert_int_not_equal(access(file, F_OK), 0);
	(void)munmap(limit, BYTES);
}

/* A file that is too short would kill who looks behind its end. */
static void
test_R28_a_short_file_is_made_whole_or_not_taken(void **state)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct mfa_event_limit *a, *b;
	struct rlimit was;
	char path[256];

	place_need(state);
	place_dir(at(state, "run", path), 0, 0755);
	place_file(at(state, "run/" MFA_LIMITS_FILE, path), "", 0, 0600);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	a = map(state);
	b = map(state);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_false(is_shared(a, b));
	(void)munmap(a, BYTES);
	(void)munmap(b, BYTES);
	a = map(state);
	b = map(state);
	assert_true(is_shared(a, b));
	(void)munmap(a, BYTES);
	(void)munmap(b, BYTES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_R26_it_is_made_once_and_shared),
		TEST(test_R26_without_a_file_children_share_one),
		TEST(test_R23_a_file_that_is_not_root_s_alone_is_not_taken),
		TEST(test_R23_nor_is_a_folder_that_is_not),
		TEST(test_R28_a_short_file_is_made_whole_or_not_taken),
	};

	(void)umask(022);
	(void)signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
