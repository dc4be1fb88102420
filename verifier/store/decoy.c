/* SPDX-License-Identifier: MIT */
#include "verifier/store/decoy.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "verifier/store/store_file.h"

#define A_SECOND 20

struct mfa_decoy_rate {
	uint32_t second;
	uint32_t count;
};
_Static_assert(sizeof(struct mfa_decoy_rate) == MFA_STORE_RATE_SIZE,
    "file_setup.c makes the file");

void
mfa_decoy_init(struct mfa_decoy *decoy)
{
	decoy->fd = -1;
	decoy->rate = NULL;
}

void
mfa_decoy_open(struct mfa_decoy *decoy, int dirfd,
    const struct mfa_path_rule *rule)
{
	struct stat st;
	void *map;
	int fd;

	if (mfa_path_open_file(dirfd, MFA_STORE_FILE_DECOY, O_RDWR, rule,
		&decoy->fd) != MFA_OK ||
	    mfa_path_open_file(dirfd, MFA_STORE_FILE_RATE, O_RDWR, rule,
		&fd) != MFA_OK)
		return;
	if (fstat(fd, &st) == 0 && st.st_size == MFA_STORE_RATE_SIZE) {
		map = mmap(NULL, MFA_STORE_RATE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
		decoy->rate = map == MAP_FAILED ? NULL : map;
	}
	(void)close(fd);
}

/* Takes one of this second's places; lock-free. */
static bool
take_place(struct mfa_decoy_rate *rate, uint32_t *slot)
{
	struct timespec t = { 0, 0 };
	uint32_t second, seen, place;

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	second = (uint32_t)t.tv_sec;
	seen = __atomic_load_n(&rate->second, __ATOMIC_RELAXED);
	if (seen != second &&
	    __atomic_compare_exchange_n(&rate->second, &seen, second, false,
		__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		__atomic_store_n(&rate->count, 0, __ATOMIC_RELAXED);
	place = __atomic_fetch_add(&rate->count, 1, __ATOMIC_RELAXED);
	*slot = (second * A_SECOND + place) % MFA_STORE_DECOYS;
	return place < A_SECOND;
}

void
mfa_decoy_write(struct mfa_decoy *decoy, const uint8_t *bytes)
{
	uint32_t slot;

	if (decoy->fd < 0 || decoy->rate == NULL ||
	    !take_place(decoy->rate, &slot))
		return;
	if (mfa_path_write_at(decoy->fd, bytes, MFA_STORE_SLOT,
		(off_t)slot * MFA_STORE_SLOT) == MFA_OK)
		(void)fdatasync(decoy->fd);
}

/* What store_file.c does to open and read a record. */
void
mfa_decoy_read(int records, uint8_t *room)
{
	static const char name[] = "../" MFA_STORE_FILE_DECOY;
	struct stat held, named;
	int fd = openat(records, name,
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)flock(fd, LOCK_SH | LOCK_NB);
	if (fstat(fd, &held) == 0 &&
	    fstatat(records, name, &named, AT_SYMLINK_NOFOLLOW) == 0)
		(void)!pread(fd, room, MFA_STORE_SLOTS * MFA_STORE_SLOT, 0);
	(void)close(fd);
}

void
mfa_decoy_close(struct mfa_decoy *decoy)
{
	if (decoy->rate != NULL)
		(void)munmap(decoy->rate, MFA_STORE_RATE_SIZE);
	if (decoy->fd >= 0)
		(void)close(decoy->fd);
	mfa_decoy_init(decoy);
}
