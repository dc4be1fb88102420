/* SPDX-License-Identifier: MIT */
/*
 * What the verifier says to the runner.  Both ends are of one package and start
 * together, so these are C structs, one packet each.
 *
 * The runner is a process and a program of its own, medusa-mfa-runner: started
 * by the verifier as root, before either gives root up, on a SOCK_SEQPACKET
 * socketpair as descriptor 3.  The first packet is the table of programs.
 * After it each packet is one byte (the kind) and one passed descriptor: the runner's end
 * of a socketpair, on which one struct mfa_job comes and, if it says so, one
 * struct mfa_job_result goes back.  The end of descriptor 3 is the end of the
 * runner, after the jobs that are under way.
 */
#ifndef MFA_RUNNER_JOB_H
#define MFA_RUNNER_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "verifier/config/programs.h"

#define MFA_JOB_INPUT  2048
#define MFA_JOB_OUTPUT 4096 /* a program that says more has failed */
#define MFA_JOB_ERRORS 160  /* bytes of standard error for the log line */
#define MFA_JOB_AT_ONCE 32  /* jobs; what comes beyond is refused */

/* Seconds that a program may take, then its processes are killed. */
#define MFA_JOB_SECONDS	      10
#define MFA_JOB_SECONDS_CHECK 5

enum mfa_job_kind {
	MFA_JOB_DELIVER = 1, /* input: text for the program */
	MFA_JOB_EVENT = 2,   /* input: struct mfa_job_event; the runner makes
				JSON of it, for each program of the folder */
	MFA_JOB_CHECK = 3    /* input: text; its output goes back */
};

/* In the byte that announces a job: it comes from a caller that is not root. */
#define MFA_JOB_OTHERS 0x80

struct mfa_job {
	uint32_t kind;
	uint32_t program; /* enum mfa_program: an index, never a path */
	uint32_t wait;	  /* not 0: a result is sent back */
	/* for the log line of a failure */
	char realm[33];
	char subject[257];
	char service[65];
	char factor[33];
	uint32_t len;
	uint8_t input[MFA_JOB_INPUT]; /* may be secret */
};

struct mfa_job_result {
	uint32_t err; /* enum mfa_err: OK, PROGRAM, UNDELIVERED */
	uint32_t len;
	uint8_t output[MFA_JOB_OUTPUT]; /* may be secret */
};

/* An event as it travels; empty strings are absent. */
struct mfa_job_event {
	uint32_t type; /* enum mfa_event_type */
	uint32_t err;
	uint64_t wall;
	uint32_t caller;
	uint32_t left, attempts;
	uint8_t has_left, has_attempts, unprivileged;
	char realm[33];
	char subject[257];
	char service[65];
	char rhost[256];
	char tty[65];
	char method[33];
	char factor[33];
	char reason[33];
	char detail[201];
	char address[129];
};
_Static_assert(sizeof(struct mfa_job_event) <= MFA_JOB_INPUT, "it fits");

#endif
