/* SPDX-License-Identifier: MIT */
/*
 * One job, in a process of its own.
 *
 * MUST (checked against worker.c):
 *  - a job names a program by its index in the table; whatever else it says is
 *    text for the program or for the log;
 *  - a failure is one log line, whether somebody waits or not;
 *  - what came and what goes back is wiped.
 */
#ifndef MFA_RUNNER_WORKER_H
#define MFA_RUNNER_WORKER_H

#include <stdint.h>

#include "verifier/event/event.h"
#include "verifier/runner/job.h"

/*
 * Seconds after which a worker is killed, whatever it hangs at: a job with one
 * program, and one with a folder of them.
 */
#define MFA_WORKER_SECONDS	  (MFA_JOB_SECONDS + 10)
#define MFA_WORKER_SECONDS_FOLDER (16 * (MFA_JOB_SECONDS + 3) + 10)

/*
 * Takes a job from its socket and does it.  To be called in a process that has
 * no children and ends afterwards.
 *
 * limit: of all workers, so that equal failures do not flood the log
 * kind:  announced with the socket; a job of another kind is not done
 * fd:    closed
 */
void mfa_worker_serve(const struct mfa_programs *programs,
    struct mfa_event_limit *limit, uint8_t kind, int fd);

#endif
