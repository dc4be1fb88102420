/* SPDX-License-Identifier: MIT */
#include "verifier/vault/turn.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

#define PAUSE_MS 10
#define TURN_MS	 2000

/* Polled, so that who is stopped with the turn delays others and no more. */
enum mfa_err
mfa_turn_take(int fd)
{
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0;
	    waited += PAUSE_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return MFA_ERR_IO;
		if (waited >= TURN_MS)
			return MFA_ERR_BUSY;
		(void)nanosleep(&pause, NULL);
	}
	return MFA_OK;
}
