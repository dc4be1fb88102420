/* SPDX-License-Identifier: MIT */
/*
 * Runs a real login with all its processes under ptrace, and strikes one of
 * them at one of its system calls: kills it before the call, or makes the call
 * fail, or cut short.
 */
#ifndef MFA_PROOF_STRIKE_H
#define MFA_PROOF_STRIKE_H

#include <stdbool.h>
#include <stdint.h>

/* Who a process is; what a program of the runner's does is not counted. */
enum strike_role {
	STRIKE_NOBODY = 0,
	STRIKE_CLIENT,	 /* the host, or the command */
	STRIKE_LAUNCH,	 /* copies of it on their way to the verifier */
	STRIKE_VERIFIER, /* spawned, or the child of a listener */
	STRIKE_LISTENER, /* its parent */
	STRIKE_RUNNER,
	STRIKE_PROGRAM,
	STRIKE_ROLES
};

#define STRIKE_CALLS 4096 /* of one role that are remembered */

/* What is done at the call; an errno is positive. */
#define STRIKE_NOTHING 0
#define STRIKE_KILL    (-1)
#define STRIKE_SHORT   (-2) /* half of the bytes */

struct strike_plan {
	enum strike_role role;
	unsigned int at; /* from 1 */
	int deed;
	/* looked at when it is struck; NULL: not */
	const volatile uint32_t *begun, *ended, *phase;
	uint32_t of; /* so many begin when nothing is struck */
	bool listening; /* with a listener, that is a role, too */
	const char *const *argv;
	const char *input; /* of the client */
};

struct strike_result {
	char output[4096]; /* of the client, standard output */
	int status;	   /* its wait status */
	bool struck;
	char path[64];	   /* the struck call's second operand, as text */
	bool early;	   /* struck before the one that was to begin had */
	uint32_t phase;	   /* *phase when it was struck */
	int nr;		   /* of the struck call */
	bool hung; /* was ended after STRIKE_SECONDS */
	unsigned int syncs; /* fdatasync of verifiers that ended well */
	unsigned int count[STRIKE_ROLES];
	int16_t calls[STRIKE_ROLES][STRIKE_CALLS];
};

#define STRIKE_SECONDS 60

/* False if this machine does not let us; errno says why. */
bool strike_run(const struct strike_plan *plan, struct strike_result *result);

/*
 * What a system call plausibly fails with: errnos, and STRIKE_SHORT; ends with
 * 0.
 */
const int *strike_errnos(int nr);

/* False if it fails as all calls do of which nothing is known. */
bool strike_is_listed(int nr);

const char *strike_role_name(enum strike_role role);

#endif
