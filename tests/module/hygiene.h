/* SPDX-License-Identifier: MIT */
/* R20: what a module may not change in its host's process. */
#ifndef MFA_TESTS_HYGIENE_H
#define MFA_TESTS_HYGIENE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>

#define HYGIENE_FDS 256

struct hygiene {
	bool open[HYGIENE_FDS];
	bool cloexec[HYGIENE_FDS];
	struct sigaction signals[_NSIG];
	sigset_t mask;
	mode_t umask;
	char cwd[256];
	unsigned long environment; /* a sum over it */
	unsigned int alarm;
	int threads;
};

/* Notes the state of this process. */
void hygiene_note(struct hygiene *now);

/*
 * Compares, also with no child left to wait for.  Prints what differs.
 *
 * Returns: true if nothing does.
 */
bool hygiene_same(const struct hygiene *before);

#endif
