/* SPDX-License-Identifier: MIT */
/*
 * R18, DESIGN 4: the keys that a service manager hands over are opened while
 * root, kept open, and looked at anew each time; of other rings nothing is.
 */
#include "tests/unit/held_ring.h"

#include <errno.h>

#include "tests/unit/child.h"

#define STRANGER 4711

static void
load_fails(struct ring *ring, enum mfa_err err)
{
	struct mfa_key key;
	int before = place_descriptors();

	memset(&key, 0xa5, sizeof(key));
	assert_int_equal(mfa_keyring_load_from(ring->dir, &ring->held,
	    ring->id, &key), err);
	assert_int_equal(mfa_keyring_primary_from(ring->dir, &ring->held,
	    &key), err);
	assert_true(unit_all(&key, sizeof(key), 0xa5));
	assert_int_equal(place_descriptors(), before);
}

static void
test_of_a_ring_of_files_nothing_is_held(void **state)
{
	struct mfa_keyring_held held;
	int before = place_descriptors();

	memset(&held, 0xa5, sizeof(held));
	assert_int_equal(mfa_keyring_hold(*state, &held), MFA_OK);
	assert_int_equal(held.count, 0);
	assert_string_equal(held.dir, "");
	/* Not even whether it is there. */
	assert_int_equal(mfa_keyring_hold("/run/credentialsx/a", &held),
	    MFA_OK);
	assert_int_equal(place_descriptors(), before);
	assert_false(mfa_keyring_is_credentials("/etc/medusa-mfa/keys"));
	assert_false(mfa_keyring_is_credentials(FOLDER));
	assert_null(mfa_keyring_advice("/etc/medusa-mfa/keys", &held));
}

static void
after_the_drop(void)
{
	struct mfa_key key;
	int before;

	CHECK(setresgid(STRANGER, STRANGER, STRANGER) == 0);
	CHECK(setresuid(STRANGER, STRANGER, STRANGER) == 0);
	CHECK(mfa_keyring_load(now->dir, now->id, &key) == MFA_ERR_NO_KEY);
	CHECK(mfa_keyring_primary(now->dir, &key) == MFA_ERR_NO_KEY);
	before = place_descriptors();
	for (int i = 0; i < 3; i++) {
		CHECK(mfa_keyring_primary_from(now->dir, &now->held, &key) ==
		    MFA_OK);
		CHECK(memcmp(key.id, now->id, sizeof(key.id)) == 0);
		CHECK(unit_all(key.bytes, sizeof(key.bytes), 1));
		mfa_key_wipe(&key);
		CHECK(mfa_keyring_load_from(now->dir, &now->held, now->id,
		    &key) == MFA_OK);
		CHECK(unit_all(key.bytes, sizeof(key.bytes), 1));
	}
	CHECK(place_descriptors() == before);
}

static void
test_held_keys_outlive_the_drop(void **state)
{
	struct ring *ring = *state;

	hold(ring, 2);
	loads(ring, 1);
	in_child(after_the_drop);
}

static void
test_no_program_inherits_them(void **state)
{
	struct ring *ring = *state;

	hold(ring, 2);
	for (uint32_t i = 0; i < ring->held.count; i++)
		assert_true(fcntl(ring->held.file[i].fd, F_GETFD) &
		    FD_CLOEXEC);
}

static void
test_another_folder_is_read_as_ever(void **state)
{
	struct ring *ring = *state;
	char dir[256] = "/run/mfa-unit-XXXXXX";
	struct mfa_key key;
	uint8_t id[MFA_KEY_ID];

	hold(ring, 2);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mfa_keyring_new(dir, &ring->env, 0, id), MFA_OK);
	assert_int_equal(mfa_keyring_primary_from(dir, &ring->held, &key),
	    MFA_OK);
	assert_true(unit_all(key.bytes, sizeof(key.bytes), 2));
	assert_int_equal(mfa_keyring_load_from(dir, &ring->held, ring->id,
	    &key), MFA_ERR_NO_KEY);
	/* Nor is anything of nothing. */
	memset(&ring->held.dir, 0, sizeof(ring->held.dir));
	assert_int_equal(mfa_keyring_primary_from("", &ring->held, &key),
	    MFA_ERR_INVALID);
	(void)nftw(dir, place_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

/* A restart makes new files: what is held are the old ones. */
static void
test_a_new_key_comes_in_with_a_restart(void **state)
{
	struct ring *ring = *state;
	struct mfa_keyring_held before;
	struct mfa_key key;

	hold(ring, 2);
	before = ring->held;
	make_key(ring); /* primary is another file then */
	assert_int_equal(mfa_keyring_load_from(ring->dir, &before, ring->id,
	    &key), MFA_ERR_NO_KEY);
	assert_int_equal(mfa_keyring_primary_from(ring->dir, &before, &key),
	    MFA_ERR_UNSAFE);
	hold(ring, 3);
	loads(ring, 2);
	for (uint32_t i = 0; i < before.count; i++)
		(void)close(before.file[i].fd);
}

static void
test_R18_each_use_looks_again(void **state)
{
	struct ring *ring = *state;
	char other[256];

	hold(ring, 2);
	loads(ring, 1);
	assert_int_equal(chmod(ring->file, 0404), 0);
	load_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(chmod(ring->file, 0420), 0);
	load_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(chmod(ring->file, 0440), 0);
	loads(ring, 1);
	assert_int_equal(chown(ring->file, STRANGER, 0), 0);
	load_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(chown(ring->file, 0, 0), 0);
	loads(ring, 1);
	path_of(ring, "other", other);
	assert_int_equal(link(ring->file, other), 0);
	load_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(other), 0);
	loads(ring, 1);
	assert_int_equal(truncate(ring->file, 64), 0);
	load_fails(ring, MFA_ERR_DAMAGED);
	assert_int_equal(truncate(ring->file, 66), 0);
	load_fails(ring, MFA_ERR_DAMAGED);
	assert_int_equal(unlink(ring->file), 0);
	load_fails(ring, MFA_ERR_UNSAFE);
}

static void
test_R18_what_is_wrong_from_the_start(void **state)
{
	struct ring *ring = *state;
	char kept[256];

	assert_int_equal(chmod(ring->file, 0404), 0);
	hold_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(chmod(ring->file, 0400), 0);
	assert_int_equal(chown(ring->file, STRANGER, 0), 0);
	hold_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(chown(ring->file, 0, 0), 0);
	path_of(ring, "kept", kept);
	assert_int_equal(rename(ring->file, kept), 0);
	assert_int_equal(symlink("kept", ring->file), 0);
	hold_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(ring->file), 0);
	assert_int_equal(mkfifo(ring->file, 0400), 0);
	hold_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(unlink(ring->file), 0);
	assert_int_equal(rename(kept, ring->file), 0);
	assert_int_equal(chmod(ring->dir, 0520), 0);
	hold_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(chmod(ring->dir, 0500), 0);
	assert_int_equal(chown(ring->dir, STRANGER, 0), 0);
	hold_fails(ring, MFA_ERR_UNSAFE);
	assert_int_equal(chown(ring->dir, 0, 0), 0);
	hold(ring, 2);
}

static void
test_missing(void **state)
{
	struct ring *ring = *state;
	struct ring nowhere = { .dir = FOLDER "/mfa-unit-not-there" };
	const char *advice;
	char primary[256];

	hold_fails(&nowhere, MFA_ERR_NO_KEY);
	advice = mfa_keyring_advice(nowhere.dir, &nowhere.held);
	assert_non_null(strstr(advice, "credentials of the service: start it"));
	assert_ptr_equal(mfa_keyring_advice(nowhere.dir, NULL), advice);
	assert_int_equal(unlink(path_of(ring, "primary", primary)), 0);
	hold_fails(ring, MFA_ERR_NO_KEY);
	place_file(primary, "0123456789abcdef\n", 0, 0400);
	hold(ring, 2);
	advice = mfa_keyring_advice(ring->dir, &ring->held);
	assert_non_null(strstr(advice, "not among the credentials"));
}

static void
test_too_many(void **state)
{
	struct ring *ring = *state;
	char name[32], path[256];

	for (unsigned int i = 0; i < MFA_KEYRING_HELD - 2; i++) {
		(void)snprintf(name, sizeof(name), "%016x.key", i);
		place_file(path_of(ring, name, path), "x", 0, 0400);
	}
	hold(ring, MFA_KEYRING_HELD);
	loads(ring, 1);
	for (uint32_t i = 0; i < ring->held.count; i++)
		(void)close(ring->held.file[i].fd);
	place_file(path_of(ring, "ffffffffffffffff.key", path), "x", 0, 0400);
	hold_fails(ring, MFA_ERR_FULL);
}

static void
test_each_lists_what_is_held(void **state)
{
	struct ring *ring = *state;
	struct seen seen = { 0 };
	char path[256];

	/* Credentials of other uses are none of ours. */
	place_file(path_of(ring, "mail.password", path), "x", 0, 0444);
	place_file(path_of(ring, "0123456789abcdeg.key", path), "x", 0, 0444);
	make_key(ring);
	hold(ring, 3);
	place_file(path_of(ring, "0000000000000000.key", path), "x", 0, 0400);
	assert_int_equal(mfa_keyring_each_from(ring->dir, &ring->held, note,
	    &seen), MFA_OK);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.primaries, 1);
	assert_int_equal(seen.problems, 0);
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(mfa_keyring_each_from(ring->dir, NULL, note, &seen),
	    MFA_OK);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.problems, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_of_a_ring_of_files_nothing_is_held, place_new,
		    place_free),
		IN_RING(test_held_keys_outlive_the_drop),
		IN_RING(test_no_program_inherits_them),
		IN_RING(test_another_folder_is_read_as_ever),
		IN_RING(test_a_new_key_comes_in_with_a_restart),
		IN_RING(test_R18_each_use_looks_again),
		IN_RING(test_R18_what_is_wrong_from_the_start),
		IN_RING(test_missing),
		IN_RING(test_too_many),
		IN_RING(test_each_lists_what_is_held),
	};

	world_need_root();
	(void)child_memory();
	if (mfa_crypt_init() != MFA_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
