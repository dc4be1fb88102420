/* SPDX-License-Identifier: MIT */
/*
 * The verifier's end of the runner (R23): starting it while still root, and
 * giving it jobs from any conversation afterwards.
 *
 * MUST (checked against runner.c):
 *  - started only if the configuration names a program, and before the drop;
 *  - what it is told is an index into the table it was started with; a
 *    conversation whose configuration names other programs gives it nothing;
 *  - no job is given while a record is locked, none is waited for without a
 *    deadline;
 *  - events are handed over after the reply is sent.
 */
#ifndef MFA_VERIFIER_RUNNER_H
#define MFA_VERIFIER_RUNNER_H

#include "verifier/engine/engine.h"
#include "verifier/runner/job.h"

/* The running one; of an office, shared by its conversations. */
struct mfa_runner_link {
	int fd; /* -1: none */
	struct mfa_programs programs; /* it was started with */
};

/*
 * Starts the runner.
 *
 * path: the program, MFA_LIBEXECDIR "/medusa-mfa-runner"
 * link: fd -1 on failure; close-on-exec
 *
 * Returns: MFA_OK; MFA_ERR_IO, MFA_ERR_LIMIT.
 */
enum mfa_err mfa_runner_start(const char *path,
    const struct mfa_programs *programs,
    struct mfa_runner_link *link) MFA_MUST_USE;

/* Ends it; takes one that never started. */
void mfa_runner_stop(struct mfa_runner_link *link);

#define MFA_RUNNER_EVENTS 8 /* that wait for a reply to go out */

/*
 * One conversation's way to it: a runner for its engine, and a sink that passes
 * every event on to another sink at once and to the event programs with the
 * next flush.
 */
struct mfa_runner_desk {
	struct mfa_runner runner;
	struct mfa_sink sink;
	const struct mfa_runner_link *link;
	bool wanted; /* the configuration names programs */
	bool open; /* they are those that the runner was started with */
	bool has_events; /* a folder of event programs is configured */
	struct mfa_sink *next;
	uint32_t count;
	struct mfa_job_event event[MFA_RUNNER_EVENTS];
	struct mfa_job job; /* may hold a code */
};

/*
 * desk:   guarded memory; its runner and sink point into it
 * link:   NULL: none
 * config: of this conversation
 * next:   gets every event
 */
void mfa_runner_open(struct mfa_runner_desk *desk,
    const struct mfa_runner_link *link, const struct mfa_config *config,
    struct mfa_sink *next);

/*
 * True if the configuration names programs that this conversation cannot have:
 * others than the runner knows, or there is no runner (any more).  The log says
 * so.
 */
bool mfa_runner_is_stale(struct mfa_runner_desk *desk);

/* Hands the waiting events over; never waits. */
void mfa_runner_flush(struct mfa_runner_desk *desk);

#endif
