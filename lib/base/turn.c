/* SPDX-License-Identifier: MIT */
#include "lib/base/turn.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

#define FIRST_PAUSE 200000L  /* ns */
#define LONG_PAUSE  5000000L /* no longer ones from here on */

static uint64_t
now_ms(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t
mfa_turn_until(unsigned int ms)
{
	return now_ms() + ms;
}

bool
mfa_turn_is_over(uint64_t deadline)
{
	return now_ms() >= deadline;
}

enum mfa_err
mfa_turn_take(int fd, uint64_t deadline)
{
	struct timespec pause = { 0, FIRST_PAUSE };

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return MFA_ERR_IO;
		if (mfa_turn_is_over(deadline))
			return MFA_ERR_BUSY;
		(void)nanosleep(&pause, NULL);
		if (pause.tv_nsec < LONG_PAUSE)
			pause.tv_nsec += pause.tv_nsec / 2;
	}
	return MFA_OK;
}
