/* SPDX-License-Identifier: MIT */
/*
 * R3, R18: several administrators make keys at once.  Each is told the truth,
 * no key is lost, and whoever reads meanwhile always finds a whole primary.
 */
#include "tests/unit/place.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/unit/world.h"
#include "verifier/vault/keyring.h"

#define MAKERS 4
#define KEYS   10 /* of each */

static const struct mfa_env env = { .random = mfa_crypt_random };

/* Exit status of one who makes keys: 0 if each was made. */
static int
make_keys(const char *dir)
{
	uint8_t id[MFA_KEY_ID];
	enum mfa_err r;

	for (int i = 0; i < KEYS; i++) {
		/* On a slow disk the others may take long. */
		while ((r = mfa_keyring_new(dir, &env, 0, id)) == MFA_ERR_BUSY)
			continue;
		if (r != MFA_OK)
			return (int)r;
	}
	return 0;
}

/* Of one who reads until it is killed: the first error. */
static int
read_primary(const char *dir)
{
	struct mfa_key key;
	enum mfa_err r;

	while ((r = mfa_keyring_primary(dir, &key)) == MFA_OK)
		mfa_key_wipe(&key);
	return (int)r;
}

static pid_t
start(int (*deed)(const char *), const char *dir)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(deed(dir));
	return pid;
}

static enum mfa_err
count(void *ctx, const uint8_t id[MFA_KEY_ID], bool primary,
    enum mfa_err problem)
{
	unsigned int *n = ctx;

	(void)id;
	(void)primary;
	n[0] += problem == MFA_OK;
	n[1] += primary;
	return MFA_OK;
}

static void
test_R18_keys_made_at_once_are_all_there(void **state)
{
	const char *dir = *state;
	pid_t maker[MAKERS], reader;
	uint8_t id[MFA_KEY_ID];
	unsigned int n[2] = { 0, 0 };
	char path[256];
	int status;

	assert_int_equal(mfa_keyring_new(dir, &env, 0, id), MFA_OK);
	reader = start(read_primary, dir);
	for (int i = 0; i < MAKERS; i++)
		maker[i] = start(make_keys, dir);
	for (int i = 0; i < MAKERS; i++) {
		assert_int_equal(waitpid(maker[i], &status, 0), maker[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(kill(reader, SIGKILL), 0);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	/* It had nothing to complain of until then. */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(mfa_keyring_each(dir, count, n), MFA_OK);
	assert_int_equal(n[0], MAKERS * KEYS + 1);
	assert_int_equal(n[1], 1);
	assert_int_equal(access(place_path(state, "primary.new", path), F_OK),
	    -1);
}

/* One that is stopped with its hand on the ring holds nobody up for long. */
static void
test_R28_who_holds_the_ring_is_waited_for_and_no_longer(void **state)
{
	const char *dir = *state;
	struct timespec before, after;
	uint8_t id[MFA_KEY_ID];
	unsigned int n[2] = { 0, 0 };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	memset(id, 0xa5, sizeof(id));
	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(mfa_keyring_new(dir, &env, 0, id), MFA_ERR_BUSY);
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range(after.tv_sec - before.tv_sec, 1, 4);
	assert_true(unit_all(id, sizeof(id), 0xa5));
	assert_int_equal(mfa_keyring_each(dir, count, n), MFA_OK);
	assert_int_equal(n[0], 0);
	(void)close(fd);
	assert_int_equal(mfa_keyring_new(dir, &env, 0, id), MFA_OK);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_R18_keys_made_at_once_are_all_there),
		IN_PLACE(test_R28_who_holds_the_ring_is_waited_for_and_no_longer),
	};

	world_need_root();
	if (mfa_crypt_init() != MFA_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
