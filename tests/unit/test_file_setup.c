/* SPDX-License-Identifier: MIT */
/* R18, R19: preparing a store: complete, safe to repeat, nothing repaired. */
#include "tests/unit/place.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>

#include "tests/unit/world.h"
#include "verifier/store/store_file.h"

#define OWNER 4700
#define GROUP 4701

static const uint8_t id[16] = "an id at random";

static const struct {
	const char *name;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	off_t size;
} made[] = {
	{ "", S_IFDIR | 0755, 0, 0, -1 },
	{ "store-id", S_IFREG | 0644, 0, 0, 33 },
	{ "records", S_IFDIR | 0700, OWNER, GROUP, -1 },
	{ "decoy", S_IFREG | 0600, OWNER, GROUP, 64 * MFA_STORE_SLOT },
	{ "decoy-rate", S_IFREG | 0600, OWNER, GROUP, 8 },
	{ "log-limits", S_IFREG | 0600, OWNER, GROUP, 512 },
};
#define ENTRIES (sizeof(made) / sizeof(made[0]))

static const char *
path_of(void *const *state, const char *name, char out[256])
{
	(void)snprintf(out, 256, "%s/store/%s", (const char *)*state, name);
	return out;
}

static enum mfa_err
init(void *const *state, const uint8_t *with)
{
	char dir[256];
	int before = place_descriptors();
	enum mfa_err r = mfa_store_file_init(place_path(state, "store", dir),
	    OWNER, GROUP, with);

	if (r == MFA_OK)
		r = mfa_store_file_limits(dir, OWNER, GROUP, with);
	assert_int_equal(place_descriptors(), before);
	return r;
}

static void
check_all(void *const *state)
{
	char path[256];
	struct stat st;

	for (size_t i = 0; i < ENTRIES; i++) {
		assert_int_equal(lstat(path_of(state, made[i].name, path),
		    &st), 0);
		assert_int_equal(st.st_mode, made[i].mode);
		assert_int_equal(st.st_uid, made[i].uid);
		assert_int_equal(st.st_gid, made[i].gid);
		if (made[i].size >= 0)
			assert_int_equal(st.st_size, made[i].size);
	}
}

static unsigned int
entries(void *const *state)
{
	char path[256];
	unsigned int n = 0;
	DIR *dir = opendir(path_of(state, "", path));

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n - 2;
}

static void
test_all_is_made_with_the_right_owners(void **state)
{
	struct mfa_store *store;
	char dir[256], path[256], table[MFA_STORE_LIMITS_SIZE];
	struct stat st;
	FILE *f;

	(void)umask(0);
	assert_int_equal(init(state, id), MFA_OK);
	(void)umask(022);
	check_all(state);
	assert_int_equal(entries(state), ENTRIES - 1);
	assert_int_equal(mfa_store_file_open(place_path(state, "store", dir),
	    OWNER, &store), MFA_OK);
	assert_memory_equal(store->id, id, sizeof(id));
	store->ops->free(store);
	f = fopen(path_of(state, "log-limits", path), "re");
	assert_non_null(f);
	assert_int_equal(fread(table, 1, sizeof(table), f), sizeof(table));
	(void)fclose(f);
	assert_memory_equal(table, id, 8); /* the salt */
	assert_true(unit_all(table + 8, sizeof(table) - 8, 0));
	/* Really written: a decoy must not allocate. */
	assert_int_equal(stat(path_of(state, "decoy", path), &st), 0);
	assert_true(st.st_blocks * 512 >= st.st_size);
}

static void
test_a_tight_umask_does_not_matter(void **state)
{
	(void)umask(0777);
	assert_int_equal(init(state, id), MFA_OK);
	(void)umask(022);
	check_all(state);
}

static void
test_twice_is_once(void **state)
{
	static const uint8_t other[16] = "another id here";
	struct mfa_store *store;
	char dir[256], path[256];
	struct stat before, after;

	assert_int_equal(init(state, id), MFA_OK);
	place_file(path_of(state, "records/u-alice", path), "x", OWNER, 0600);
	assert_int_equal(stat(path_of(state, "decoy", path), &before), 0);
	assert_int_equal(init(state, other), MFA_OK);
	check_all(state);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(access(path_of(state, "records/u-alice", path),
	    F_OK), 0);
	/* The first id stays: records are bound to it (R17). */
	assert_int_equal(mfa_store_file_open(place_path(state, "store", dir),
	    OWNER, &store), MFA_OK);
	assert_memory_equal(store->id, id, sizeof(id));
	store->ops->free(store);
}

static void
test_what_is_missing_is_made_again(void **state)
{
	char path[256];

	assert_int_equal(init(state, id), MFA_OK);
	assert_int_equal(unlink(path_of(state, "decoy-rate", path)), 0);
	assert_int_equal(unlink(path_of(state, "log-limits", path)), 0);
	/* Left by a crash. */
	place_file(path_of(state, "new.tmp", path), "half", 0, 0600);
	assert_int_equal(init(state, id), MFA_OK);
	check_all(state);
	assert_int_equal(access(path, F_OK), -1);
}

/* A new id would make the records unreadable for ever (R17). */
static void
test_R17_no_new_id_where_records_are(void **state)
{
	static const uint8_t other[16] = "another id here";
	char path[256], id_path[256];

	assert_int_equal(init(state, id), MFA_OK);
	place_file(path_of(state, "records/u-alice", path), "x", OWNER, 0600);
	assert_int_equal(unlink(path_of(state, "store-id", id_path)), 0);
	assert_int_equal(init(state, other), MFA_ERR_DAMAGED);
	assert_int_equal(access(id_path, F_OK), -1);
	/* What is no record does not count. */
	assert_int_equal(unlink(path), 0);
	place_file(path_of(state, "records/Core", path), "x", OWNER, 0600);
	assert_int_equal(init(state, other), MFA_OK);
	check_all(state);
}

static void
refused(void *const *state)
{
	assert_int_equal(init(state, id), MFA_ERR_UNSAFE);
}

static void
test_R18_a_wrong_owner_or_mode_is_not_repaired(void **state)
{
	char path[256];
	struct stat st;

	assert_int_equal(init(state, id), MFA_OK);
	for (size_t i = 0; i < ENTRIES; i++) {
		(void)path_of(state, made[i].name, path);
		assert_int_equal(chown(path, 4711, made[i].gid), 0);
		refused(state);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_uid, 4711);
		assert_int_equal(chown(path, made[i].uid, made[i].gid), 0);
		assert_int_equal(chmod(path, (made[i].mode & 07777) | 0022),
		    0);
		refused(state);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode, made[i].mode | 0022);
		assert_int_equal(chmod(path, made[i].mode & 07777), 0);
	}
	assert_int_equal(init(state, id), MFA_OK);
}

static void
test_R18_a_wrong_type_is_not_repaired(void **state)
{
	char path[256], moved[256];

	assert_int_equal(init(state, id), MFA_OK);
	for (size_t i = 1; i < ENTRIES; i++) {
		(void)path_of(state, made[i].name, path);
		assert_int_equal(rename(path, place_path(state, "moved",
		    moved)), 0);
		assert_int_equal(symlink(moved, path), 0);
		assert_int_equal(lchown(path, made[i].uid, made[i].gid), 0);
		refused(state);
		assert_int_equal(unlink(path), 0);
		if (S_ISDIR(made[i].mode))
			place_file(path, "", made[i].uid, 0600);
		else
			place_dir(path, made[i].uid, 0700);
		refused(state);
		assert_int_equal(remove(path), 0);
		assert_int_equal(rename(moved, path), 0);
	}
	assert_int_equal(init(state, id), MFA_OK);
}

static void
test_R18_folders_above(void **state)
{
	char dir[256], link[256];

	assert_int_equal(chmod(*state, 0777), 0);
	refused(state);
	assert_int_equal(chmod(*state, 0755), 0);
	assert_int_equal(init(state, id), MFA_OK);
	assert_int_equal(symlink(place_path(state, "store", dir),
	    place_path(state, "link", link)), 0);
	assert_int_equal(mfa_store_file_init(link, OWNER, GROUP, id),
	    MFA_ERR_UNSAFE);
	/* Nothing is made below what is not root's alone. */
	assert_int_equal(mfa_store_file_init(place_path(state, "link/b", dir),
	    OWNER, GROUP, id), MFA_ERR_UNSAFE);
	assert_int_equal(access(place_path(state, "store/b", dir), F_OK), -1);
	/* Another prefix has no folders yet. */
	assert_int_equal(mfa_store_file_init(place_path(state, "a/b", dir),
	    OWNER, GROUP, id), MFA_OK);
}

static void
test_R7_what_cannot_be_written_has_no_name(void **state)
{
	struct rlimit old, small;
	char path[256];
	enum mfa_err r;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 100000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = init(state, id);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(r, MFA_ERR_LIMIT);
	assert_int_equal(access(path_of(state, "decoy", path), F_OK), -1);
	assert_int_equal(init(state, id), MFA_OK);
	check_all(state);
	assert_int_equal(entries(state), ENTRIES - 1);
}

/* ---- two at once ---- */

#define MAKERS 4

/* What each says is ready, and whose id that store has. */
struct finding {
	enum mfa_err err;
	uint8_t id[16];
};

static void
make_one(void *const *state, uint8_t number, int out)
{
	const struct timespec moment = { 0, 20000000 };
	struct finding f = { .err = MFA_ERR_IO };
	struct mfa_store *store;
	uint8_t with[16];
	char dir[256];

	memset(with, number, sizeof(with));
	(void)place_path(state, "store", dir);
	f.err = mfa_store_file_init(dir, OWNER, GROUP, with);
	if (f.err == MFA_OK &&
	    (f.err = mfa_store_file_open(dir, OWNER, &store)) == MFA_OK) {
		memcpy(f.id, store->id, sizeof(f.id));
		store->ops->free(store);
		/* Whatever somebody else is about to do is done. */
		(void)nanosleep(&moment, NULL);
	}
	_exit(write(out, &f, sizeof(f)) == (ssize_t)sizeof(f) ? 0 : 1);
}

/* Records of the one would be bound to what the other replaces (R17). */
static void
test_R17_stores_made_at_once_are_one(void **state)
{
	struct finding first, f;
	struct mfa_store *store;
	char dir[256];
	int ends[2], status;

	for (int round = 0; round < 20; round++) {
		assert_int_equal(pipe(ends), 0);
		for (uint8_t i = 0; i < MAKERS; i++) {
			const pid_t pid = fork();

			assert_true(pid >= 0);
			if (pid == 0)
				make_one(state, (uint8_t)(i + 1), ends[1]);
		}
		for (int i = 0; i < MAKERS; i++) {
			assert_int_equal(read(ends[0], &f, sizeof(f)),
			    sizeof(f));
			assert_int_equal(f.err, MFA_OK);
			if (i == 0)
				first = f;
			assert_memory_equal(f.id, first.id, sizeof(f.id));
			assert_true(wait(&status) > 0);
		}
		(void)close(ends[0]);
		(void)close(ends[1]);
		assert_int_equal(mfa_store_file_open(place_path(state, "store",
		    dir), OWNER, &store), MFA_OK);
		assert_memory_equal(store->id, first.id, sizeof(first.id));
		store->ops->free(store);
		assert_int_equal(entries(state), 4);
		assert_int_equal(nftw(dir, place_unlink, 8,
		    FTW_DEPTH | FTW_PHYS), 0);
	}
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_all_is_made_with_the_right_owners),
		IN_PLACE(test_a_tight_umask_does_not_matter),
		IN_PLACE(test_twice_is_once),
		IN_PLACE(test_what_is_missing_is_made_again),
		IN_PLACE(test_R17_no_new_id_where_records_are),
		IN_PLACE(test_R18_a_wrong_owner_or_mode_is_not_repaired),
		IN_PLACE(test_R18_a_wrong_type_is_not_repaired),
		IN_PLACE(test_R18_folders_above),
		IN_PLACE(test_R7_what_cannot_be_written_has_no_name),
		IN_PLACE(test_R17_stores_made_at_once_are_one),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
