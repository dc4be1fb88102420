/* SPDX-License-Identifier: MIT */
/*
 * The runner's loop: takes jobs, forks a worker for each (job.h).
 *
 * MUST (checked against pool.c):
 *  - the table of programs is taken once, first of all, from root;
 *  - no byte of a job is read here;
 *  - workers are capped, and events never take all of the places: a code can be
 *    sent while event programs hang; nor do events that callers other than root
 *    cause take all places of events: nobody can hide what happens to another;
 *  - a worker that does not end in its time is killed: a program may have
 *    stopped it;
 *  - what a worker that died left running is killed.
 */
#ifndef MFA_RUNNER_POOL_H
#define MFA_RUNNER_POOL_H

#include "lib/base/err.h"
#include "verifier/event/event.h"
#include "verifier/runner/job.h"

#define MFA_POOL_EVENTS 24 /* of MFA_JOB_AT_ONCE */
#define MFA_POOL_OTHERS 8  /* of these */

/* Seconds that a worker may take: its programs' and its own. */
#define MFA_POOL_SECONDS	(MFA_JOB_SECONDS + 5)
#define MFA_POOL_SECONDS_EVENT	(16 * MFA_JOB_SECONDS + 5)

/*
 * Takes the table, the first packet.
 *
 * fd: a socketpair's end, whose maker must be root
 *
 * Returns: MFA_OK; MFA_ERR_DENIED; MFA_ERR_PROTOCOL; MFA_ERR_TIMEOUT.
 */
enum mfa_err mfa_pool_table(int fd, struct mfa_programs *programs) MFA_MUST_USE;

/*
 * Serves until the other ends of fd are closed and the last worker is done.
 * In a process that has no other children.
 *
 * limit: for the log lines of the loop and of its workers; NULL: none
 *
 * Returns: MFA_OK; MFA_ERR_IO.
 */
enum mfa_err mfa_pool_run(int fd, const struct mfa_programs *programs,
    struct mfa_event_limit *limit) MFA_MUST_USE;

#endif
