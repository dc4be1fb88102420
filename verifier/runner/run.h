/* SPDX-License-Identifier: MIT */
/*
 * One program from its check to the end of the last process it left (R23).
 *
 * MUST (checked against run.c):
 *  - the path is checked each time before it is executed;
 *  - a program that does not read, does not end, says too much or starts
 *    others costs its time at most; then all of its processes are killed, those
 *    that left its session too, and after a good end as well;
 *  - what it says on standard error reaches a log only without what it was
 *    told: neither codes nor keys.
 */
#ifndef MFA_RUNNER_RUN_H
#define MFA_RUNNER_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "verifier/runner/job.h"

enum mfa_run_end {
	MFA_RUN_DONE = 1,     /* exit status 0 */
	MFA_RUN_EXIT = 2,     /* another one: number */
	MFA_RUN_SIGNAL = 3,   /* it died of signal number */
	MFA_RUN_DEADLINE = 4, /* killed after its seconds */
	MFA_RUN_FLOOD = 5,    /* killed for too much output */
	MFA_RUN_REFUSED = 6,  /* not started, for enum mfa_err number */
	MFA_RUN_STUCK = 7     /* some of its processes cannot be killed */
};

struct mfa_run {
	/* what to run */
	const char *path;
	const char *kind;  /* value of MEDUSA_MFA */
	const uint8_t *in; /* len bytes for standard input, may be secret */
	size_t len;
	unsigned int seconds;
	/* how it went */
	enum mfa_run_end end;
	int number;
	size_t outlen;
	uint8_t *out; /* MFA_JOB_OUTPUT bytes of the caller's */
	char errors[MFA_JOB_ERRORS + 1]; /* first line, secrets masked */
};

/*
 * Runs it in a process that has no other children: these would be killed.
 * SIGPIPE must be ignored.
 *
 * Returns: MFA_OK for exit status 0; else MFA_ERR_PROGRAM.
 */
enum mfa_err mfa_run_program(struct mfa_run *run) MFA_MUST_USE;

/*
 * What went wrong, for a log line: "PATH: exit 1: first line it said".
 *
 * out: size bytes; 201 suffice for what the log takes
 */
void mfa_run_describe(const struct mfa_run *run, char *out, size_t size);

/*
 * Masks in text what it shares with what a program was told: from six letters
 * and digits on with a digit among them, from 16 on without.
 *
 * text: NUL-terminated, changed in place
 * in:   len bytes
 */
void mfa_run_mask(char *text, const uint8_t *in, size_t len);

#endif
