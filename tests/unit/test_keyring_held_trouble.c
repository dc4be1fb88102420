/* SPDX-License-Identifier: MIT */
/*
 * R3: what the system refuses to who holds keys, and how many are held.  Links
 * with --wrap, see tests/unit.am.
 */
#include "tests/unit/held_ring.h"

#include <sys/resource.h>

#include "tests/unit/calls.h"

FAILING(int, fstat, FSTAT, -1, (int fd, struct stat *st), (fd, st))
FAILING(int, scandirat, SCANDIRAT, -1,
    (int dirfd, const char *dir, struct dirent ***list,
	int (*only)(const struct dirent *),
	int (*compare)(const struct dirent **, const struct dirent **)),
    (dirfd, dir, list, only, compare))

static unsigned int freed;

WRAP(void, free, (void *p))
{
	freed++;
	__real_free(p);
}

static void
test_R3_a_held_key_that_cannot_be_had_is_no_missing_key(void **state)
{
	struct ring *ring = *state;
	struct rlimit old, small;
	struct mfa_key key;
	enum mfa_err r;
	int next;

	freed = 0;
	hold(ring, 2);
	assert_int_equal(freed, 3); /* two names, and the list */
	fail_at(FSTAT, 1, EIO);
	assert_int_equal(mfa_keyring_load_from(ring->dir, &ring->held,
	    ring->id, &key), MFA_ERR_IO);
	/* No descriptor is left for a copy. */
	next = dup(0);
	(void)close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	small = old;
	small.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
	r = mfa_keyring_load_from(ring->dir, &ring->held, ring->id, &key);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(r, MFA_ERR_LIMIT);
	loads(ring, 1);
}

static void
path_fails(const char *dir, enum mfa_err err)
{
	struct mfa_keyring_held held;
	int before = place_descriptors();

	assert_int_equal(mfa_keyring_hold(dir, &held), err);
	assert_int_equal(held.count, 0);
	assert_string_equal(held.dir, "");
	assert_int_equal(place_descriptors(), before);
}

static void
test_R3_a_ring_that_cannot_be_held_is_said(void **state)
{
	struct ring *ring = *state;
	char dir[400], primary[256];

	fail_at(SCANDIRAT, 1, EMFILE);
	hold_fails(ring, MFA_ERR_LIMIT);
	/* Only to who may not enter is it as if it were not there. */
	memset(dir, 'a', sizeof(dir));
	memcpy(dir, FOLDER "/", sizeof(FOLDER));
	dir[sizeof(dir) - 1] = '\0';
	path_fails(dir, MFA_ERR_IO);
	/* No path that is too long to be kept. */
	memset(dir, '/', sizeof(dir) - 1);
	memcpy(dir, ring->dir, strlen(ring->dir));
	path_fails(dir, MFA_ERR_NO_KEY);
	dir[256] = '\0';
	path_fails(dir, MFA_ERR_NO_KEY);
	dir[255] = '\0';
	assert_int_equal(mfa_keyring_hold(dir, &ring->held), MFA_OK);
	assert_int_equal(ring->held.count, 2);
	while (ring->held.count > 0)
		(void)close(ring->held.file[--ring->held.count].fd);
	/* Empty: nothing can be written with it. */
	assert_int_equal(unlink(ring->file), 0);
	assert_int_equal(unlink(path_of(ring, "primary", primary)), 0);
	errno = EMFILE;
	hold_fails(ring, MFA_ERR_NO_KEY);
}

/* What is behind the last one that is held is nothing. */
static void
test_no_more_are_held_than_are_counted(void **state)
{
	struct ring *ring = *state;
	struct seen seen = { 0 };
	struct mfa_key key;

	make_key(ring);
	hold(ring, 3);
	ring->held.count = 1;
	assert_int_equal(mfa_keyring_each_from(ring->dir, &ring->held, note,
	    &seen), MFA_OK);
	assert_int_equal(seen.n, 1);
	ring->held.count = 2;
	assert_int_equal(mfa_keyring_primary_from(ring->dir, &ring->held,
	    &key), MFA_ERR_NO_KEY);
	ring->held.count = 3;
	loads(ring, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_RING(
		    test_R3_a_held_key_that_cannot_be_had_is_no_missing_key),
		IN_RING(test_R3_a_ring_that_cannot_be_held_is_said),
		IN_RING(test_no_more_are_held_than_are_counted),
	};

	world_need_root();
	if (mfa_crypt_init() != MFA_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
