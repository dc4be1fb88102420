/* SPDX-License-Identifier: MIT */
#include "utils/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define PAUSE 5 /* milliseconds */

int64_t
mfa_child_clock(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

enum mfa_err
mfa_child_await(pid_t child, unsigned int deadline, int *status)
{
	const int64_t until = mfa_child_clock() + deadline * INT64_C(1000);
	pid_t got;

	while ((got = waitpid(child, status, WNOHANG)) != child) {
		if (got < 0 && errno != EINTR)
			return MFA_ERR_IO;
		if (mfa_child_clock() >= until)
			return MFA_ERR_TIMEOUT;
		(void)poll(NULL, 0, PAUSE);
	}
	return MFA_OK;
}

void
mfa_child_end(pid_t child)
{
	int ignored;

	(void)kill(child, SIGKILL);
	if (mfa_child_await(child, 1, &ignored) != MFA_OK)
		return; /* it hangs in the kernel */
}
