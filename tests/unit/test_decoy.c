/* SPDX-License-Identifier: MIT */
/* R5: decoy writes cost what real ones cost, are bounded, and harm nothing. */
#include "tests/unit/store_place.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "verifier/store/decoy.h"

#define A_SECOND 20
#define SIZE	 (MFA_STORE_DECOYS * MFA_STORE_SLOT)

static unsigned int syncs;
static time_t second; /* 0: the real clock */

/* Instead of libc's. */
int
fdatasync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fdatasync, fd);
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && id == CLOCK_BOOTTIME && second != 0)
		t->tv_sec = second;
	return r;
}

static void
decoy_path(const struct store_place *s, const char *name, char out[256])
{
	(void)snprintf(out, 256, "%s/%s", s->dir, name);
}

/* How many slots of the decoy file hold nothing but this byte. */
static unsigned int
slots_of(const struct store_place *s, uint8_t value)
{
	uint8_t slot[MFA_STORE_SLOT];
	unsigned int n = 0;
	struct stat st;
	char path[256];
	int fd;

	decoy_path(s, "decoy", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	for (int i = 0; i < MFA_STORE_DECOYS; i++) {
		assert_int_equal(read(fd, slot, sizeof(slot)), sizeof(slot));
		n += unit_all(slot, sizeof(slot), value);
	}
	(void)close(fd);
	return n;
}

static void
write_decoys(struct mfa_store *store, uint8_t value, unsigned int n)
{
	uint8_t slot[MFA_STORE_SLOT];

	memset(slot, value, sizeof(slot));
	while (n-- > 0)
		store->ops->decoy(store, slot, NULL);
}

static void
test_R5_a_decoy_is_written_and_synced(void **state)
{
	struct store_place *s = *state;
	uint8_t raw[RECORD_SIZE];

	second = 1000;
	syncs = 0;
	write_decoys(s->store, 0xee, 1);
	assert_int_equal(syncs, 1);
	assert_int_equal(slots_of(s, 0xee), 1);
	assert_int_equal(slots_of(s, 0), MFA_STORE_DECOYS - 1);
	store_place_raw(s, raw);
	assert_memory_equal(raw, s->made, RECORD_SIZE);
}

static void
test_R5_at_most_20_a_second(void **state)
{
	struct store_place *s = *state;

	second = 2000;
	syncs = 0;
	write_decoys(s->store, 0xe1, 100);
	assert_int_equal(slots_of(s, 0xe1), A_SECOND);
	assert_int_equal(syncs, A_SECOND);
	/* Each went to a slot of its own, and so do the next second's. */
	second++;
	write_decoys(s->store, 0xe2, 19);
	assert_int_equal(slots_of(s, 0xe2), 19);
	assert_int_equal(slots_of(s, 0xe1), A_SECOND);
	write_decoys(s->store, 0xe3, 2);
	assert_int_equal(slots_of(s, 0xe3), 1);
}

static void
test_R5_all_slots_are_used_in_turn(void **state)
{
	struct store_place *s = *state;

	for (second = 3000; second < 3004; second++)
		write_decoys(s->store, 0xe1, A_SECOND);
	assert_int_equal(slots_of(s, 0xe1), MFA_STORE_DECOYS);
}

/* The count is one for all processes. */
static void
test_R5_at_most_20_a_second_for_all_verifiers(void **state)
{
	struct store_place *s = *state;
	pid_t pids[4];
	int status;

	second = 4000;
	for (int i = 0; i < 4; i++) {
		if ((pids[i] = fork()) == 0) {
			struct mfa_store *store;

			if (mfa_store_file_open(s->dir, 0, &store) != MFA_OK)
				_exit(1);
			write_decoys(store, 0xe1, 50);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_in_range(slots_of(s, 0xe1), 1, A_SECOND);
}

static void
test_R5_the_real_clock_does_it_too(void **state)
{
	struct store_place *s = *state;
	struct timespec before, after;

	second = 0;
	(void)clock_gettime(CLOCK_BOOTTIME, &before);
	write_decoys(s->store, 0xe1, 30);
	(void)clock_gettime(CLOCK_BOOTTIME, &after);
	if (after.tv_sec == before.tv_sec)
		assert_int_equal(slots_of(s, 0xe1), A_SECOND);
	else
		assert_in_range(slots_of(s, 0xe1), A_SECOND, 30);
}

/* The account that owns them can do no more harm with them than this. */
static void
test_R18_what_is_unsafe_is_not_written_to(void **state)
{
	struct store_place *s = *state;
	struct mfa_store *store;
	char decoy[256], rate[256], victim[256];
	struct stat st;

	second = 5000;
	decoy_path(s, "decoy", decoy);
	decoy_path(s, "decoy-rate", rate);
	place_path(&s->place, "victim", victim);
	place_file(victim, "precious", 0, 0600);
	for (int i = 0; i < 5; i++) {
		int before = place_descriptors();

		(void)unlink(i < 3 ? decoy : rate);
		if (i == 0)
			assert_int_equal(symlink(victim, decoy), 0);
		if (i == 1)
			assert_int_equal(link(victim, decoy), 0);
		if (i == 2)
			assert_int_equal(mkfifo(decoy, 0600), 0);
		if (i == 3)
			assert_int_equal(symlink(victim, rate), 0);
		if (i == 4)
			place_file(rate, "123456789", 0, 0600);
		assert_int_equal(mfa_store_file_open(s->dir, 0, &store),
		    MFA_OK);
		syncs = 0;
		write_decoys(store, 0xee, 3);
		assert_int_equal(syncs, 0);
		store->ops->free(store);
		assert_int_equal(place_descriptors(), before);
		if (i == 1)
			assert_int_equal(unlink(decoy), 0);
	}
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_size, 8);
}

static void
test_nothing_open_nothing_written(void **state)
{
	struct mfa_decoy decoy;
	uint8_t slot[MFA_STORE_SLOT] = { 0 };

	(void)state;
	mfa_decoy_init(&decoy);
	syncs = 0;
	mfa_decoy_write(&decoy, slot);
	assert_int_equal(syncs, 0);
	mfa_decoy_close(&decoy);
	mfa_decoy_close(&decoy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STORE(test_R5_a_decoy_is_written_and_synced),
		IN_STORE(test_R5_at_most_20_a_second),
		IN_STORE(test_R5_all_slots_are_used_in_turn),
		IN_STORE(test_R5_at_most_20_a_second_for_all_verifiers),
		IN_STORE(test_R5_the_real_clock_does_it_too),
		IN_STORE(test_R18_what_is_unsafe_is_not_written_to),
		cmocka_unit_test(test_nothing_open_nothing_written),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
