/* SPDX-License-Identifier: MIT */
/* MUST list: worker.h. */
#include "verifier/runner/worker.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "verifier/guard.h"
#include "verifier/runner/json.h"
#include "verifier/runner/run.h"
#include "verifier/runner/safe.h"

#define RECEIVE_MS 2000 /* the job is there before its socket */
#define HOST	   65	/* bytes of our name */
#define DETAIL	   512

/* All that may be secret, in memory that is not swapped. */
struct work {
	const struct mfa_programs *programs;
	struct mfa_sink log;
	struct mfa_job job;
	struct mfa_job_event event;
	struct mfa_job_result result;
	struct mfa_run run;
	char json[MFA_JSON_SIZE];
};

/* ---- the job ---- */

static bool
receive(int fd, struct mfa_job *job)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, RECEIVE_MS) == 1 &&
	    recv(fd, job, sizeof(*job), MSG_DONTWAIT | MSG_TRUNC) ==
	    (ssize_t)sizeof(*job);
}

/* Each kind has its programs. */
static bool
fits(const struct mfa_job *job)
{
	switch (job->kind) {
	case MFA_JOB_DELIVER:
		return job->program == MFA_PROGRAM_DELIVER;
	case MFA_JOB_EVENT:
		return job->program == MFA_PROGRAM_EVENTS &&
		    job->len == sizeof(struct mfa_job_event);
	case MFA_JOB_CHECK:
		return job->program >= MFA_PROGRAM_OUTSIDE;
	default:
		return false;
	}
}

/* Who sent it is only the verifier, but not all of it is trusted with this. */
static bool
is_sound(const struct mfa_programs *programs, uint8_t kind,
    struct mfa_job *job)
{
	job->realm[sizeof(job->realm) - 1] = '\0';
	job->subject[sizeof(job->subject) - 1] = '\0';
	job->service[sizeof(job->service) - 1] = '\0';
	job->factor[sizeof(job->factor) - 1] = '\0';
	return job->kind == kind && job->program < MFA_PROGRAM_END &&
	    job->len <= MFA_JOB_INPUT && fits(job) &&
	    programs->path[job->program][0] != '\0';
}

/* ---- failures ---- */

static enum mfa_err
error_of(const struct mfa_job *job)
{
	return job->kind == MFA_JOB_DELIVER ? MFA_ERR_UNDELIVERED :
					      MFA_ERR_PROGRAM;
}

static void
report(struct work *w, const char *detail)
{
	const bool sends = w->job.kind == MFA_JOB_DELIVER;
	struct mfa_event event = {
		.type = sends ? MFA_EVENT_OTP_UNDELIVERED :
				MFA_EVENT_PROGRAM_FAILED,
		.realm = w->job.realm,
		.subject = w->job.subject,
		.service = w->job.service,
		.method = sends ? "otp" : NULL,
		.factor = w->job.factor,
		.detail = detail,
		.err = error_of(&w->job),
	};

	if (w->job.kind == MFA_JOB_EVENT) {
		/* Which event it was that a program did not take. */
		event.reason = mfa_event_name(
		    (enum mfa_event_type)w->event.type);
		event.unprivileged = w->event.unprivileged != 0;
		event.caller = w->event.caller;
	}
	w->log.emit(&w->log, &event);
}

static void
report_run(struct work *w)
{
	char detail[DETAIL];

	mfa_run_describe(&w->run, detail, sizeof(detail));
	report(w, detail);
}

static void
report_folder(struct work *w, const char *path, const char *what)
{
	char detail[DETAIL];

	(void)snprintf(detail, sizeof(detail), "%s: %s", path, what);
	report(w, detail);
}

/* ---- one program, and its answer ---- */

static enum mfa_err
run_one(struct work *w, const char *kind, unsigned int seconds)
{
	w->run.path = w->programs->path[w->job.program];
	w->run.kind = kind;
	w->run.in = w->job.input;
	w->run.len = w->job.len;
	w->run.seconds = seconds;
	w->run.out = w->result.output;
	return mfa_run_program(&w->run);
}

static void
answer(struct work *w, int fd, enum mfa_err r)
{
	struct mfa_job_result *result = &w->result;

	if (w->job.wait == 0)
		return;
	result->err = r == MFA_OK ? MFA_OK : error_of(&w->job);
	result->len = r == MFA_OK ? (uint32_t)w->run.outlen : 0;
	if (result->len < sizeof(result->output))
		mfa_secret_wipe(result->output + result->len,
		    sizeof(result->output) - result->len);
	/* Who waits no longer is told nothing. */
	(void)send(fd, result, sizeof(*result), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The log comes after the answer: it may take a second. */
static void
serve_one(struct work *w, int fd)
{
	enum mfa_err r;

	if (w->job.kind == MFA_JOB_CHECK)
		r = run_one(w, "check", MFA_JOB_SECONDS_CHECK);
	else
		r = run_one(w, "deliver", MFA_JOB_SECONDS);
	answer(w, fd, r);
	if (r != MFA_OK)
		report_run(w);
}

/* ---- an event, and all of its programs ---- */

static void
take_event(struct work *w)
{
	struct mfa_job_event *e = &w->event;

	memcpy(e, w->job.input, sizeof(*e));
	e->realm[sizeof(e->realm) - 1] = '\0';
	e->subject[sizeof(e->subject) - 1] = '\0';
	e->service[sizeof(e->service) - 1] = '\0';
	e->rhost[sizeof(e->rhost) - 1] = '\0';
	e->tty[sizeof(e->tty) - 1] = '\0';
	e->method[sizeof(e->method) - 1] = '\0';
	e->factor[sizeof(e->factor) - 1] = '\0';
	e->reason[sizeof(e->reason) - 1] = '\0';
	e->detail[sizeof(e->detail) - 1] = '\0';
	e->address[sizeof(e->address) - 1] = '\0';
}

static enum mfa_err
run_each(struct work *w, const char *folder, const struct mfa_safe_list *list)
{
	char path[MFA_SAFE_PATH];
	enum mfa_err r = MFA_OK;

	w->run.path = path;
	w->run.kind = "event";
	w->run.seconds = MFA_JOB_SECONDS;
	w->run.out = w->result.output;
	for (uint32_t i = 0; i < list->count; i++) {
		mfa_safe_join(folder, list->name[i], path);
		if (mfa_run_program(&w->run) == MFA_OK)
			continue;
		r = MFA_ERR_PROGRAM;
		report_run(w);
	}
	w->run.outlen = 0; /* what they say is nobody's affair */
	return r;
}

static void
serve_event(struct work *w, int fd)
{
	const char *folder = w->programs->path[MFA_PROGRAM_EVENTS];
	struct mfa_safe_list list;
	char host[HOST] = "";
	enum mfa_err r;

	take_event(w);
	(void)gethostname(host, sizeof(host) - 1);
	w->run.in = (const uint8_t *)w->json;
	if ((r = mfa_json_event(&w->event, host, w->json, &w->run.len)) ==
	    MFA_OK)
		r = mfa_safe_folder(folder, &list);
	if (r != MFA_OK) {
		report_folder(w, folder, mfa_strerror(r));
	} else {
		if (list.more)
			report_folder(w, folder,
			    "more programs than 16: the last are not run");
		r = run_each(w, folder, &list);
	}
	answer(w, fd, r);
}

void
mfa_worker_serve(const struct mfa_programs *programs,
    struct mfa_event_limit *limit, uint8_t kind, int fd)
{
	struct work *w = mmap(NULL, sizeof(*w), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (w == MAP_FAILED) {
		(void)close(fd);
		return;
	}
	(void)mlock(w, sizeof(*w));
	mfa_guard_watchdog(kind == MFA_JOB_EVENT ? MFA_WORKER_SECONDS_FOLDER :
						   MFA_WORKER_SECONDS);
	w->programs = programs;
	mfa_event_syslog(&w->log, limit);
	if (receive(fd, &w->job) && is_sound(programs, kind, &w->job)) {
		if (kind == MFA_JOB_EVENT)
			serve_event(w, fd);
		else
			serve_one(w, fd);
	}
	(void)close(fd);
	mfa_guard_watchdog(0);
	mfa_secret_wipe(w, sizeof(*w));
	(void)munmap(w, sizeof(*w));
}
