# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
#
# A verifier with a clock of its own.  Sourced after logins.sh.

# For who is started with it: the wall clock, so many seconds later.
build_clock() {
	cc -shared -fPIC -o /usr/local/lib/clock.so -x c - <<-'CODE' && return
	#define _GNU_SOURCE
	#include <stdlib.h>
	#include <sys/syscall.h>
	#include <time.h>
	#include <unistd.h>
	static long later;
	/* Before the program clears its environment. */
	__attribute__((constructor)) static void
	begin(void)
	{
		const char *text = getenv("MFA_LATER");

		later = text == NULL ? 0 : atol(text);
	}
	int
	clock_gettime(clockid_t id, struct timespec *t)
	{
		int r = (int)syscall(SYS_clock_gettime, id, t);

		if (r == 0 && id == CLOCK_REALTIME)
			t->tv_sec += later;
		return r;
	}
	CODE
	not_ok "a clock of its own"
	done_testing
}

# listen_later SECONDS: the listener, anew, with its clock so far ahead.
listen_later() {
	way_stop
	listen env LD_PRELOAD=/usr/local/lib/clock.so MFA_LATER="$1" \
	    "$MFA_SBIN/medusa-mfad" --listen
}
