/* SPDX-License-Identifier: MIT */
/* MUST list: runner.h. */
#include "verifier/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "verifier/letter.h"

#define RUNNER_FD 3
#define GRACE 1000 /* milliseconds beyond the program's own time */
#define HOST 65

/* Head of a result: what comes after it goes where the caller wants it. */
struct head {
	uint32_t err;
	uint32_t len;
};
_Static_assert(offsetof(struct mfa_job_result, err) == 0 &&
	offsetof(struct mfa_job_result, len) == sizeof(uint32_t) &&
	offsetof(struct mfa_job_result, output) == sizeof(struct head),
    "a result is its head and its output");

/* ---- starting it ---- */

/* It closes the rest itself; this socket it shall not even see for a moment. */
_Noreturn static void
become_runner(const char *path, int sock)
{
	char name[MFA_CONFIG_PATH];
	char *const argv[] = { name, NULL };
	char *const empty[] = { NULL };
	int aside = fcntl(sock, F_DUPFD, RUNNER_FD + 1);

	if (aside >= 0 && dup2(aside, RUNNER_FD) == RUNNER_FD &&
	    close_range(RUNNER_FD + 1, ~0U, 0) == 0 &&
	    mfa_text_copy(name, sizeof(name), path))
		(void)execve(name, argv, empty);
	_exit(127);
}

static bool
send_table(int fd, const struct mfa_programs *programs)
{
	return send(fd, programs, sizeof(*programs),
		   MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof(*programs);
}

enum mfa_err
mfa_runner_start(const char *path, const struct mfa_programs *programs,
    struct mfa_runner_link *link)
{
	int ends[2];
	pid_t pid;

	link->fd = -1;
	/* Without this, one that is not installed would be noticed late. */
	if (access(path, X_OK) != 0)
		return MFA_ERR_IO;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return MFA_ERR_LIMIT;
	/* It is there before the runner looks. */
	pid = send_table(ends[0], programs) ? fork() : -1;
	if (pid == 0)
		become_runner(path, ends[1]);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return MFA_ERR_LIMIT;
	}
	link->fd = ends[0];
	link->programs = *programs;
	return MFA_OK;
}

void
mfa_runner_stop(struct mfa_runner_link *link)
{
	if (link->fd >= 0)
		(void)close(link->fd);
	link->fd = -1;
}

/* ---- giving a job ---- */

static void
complain(struct mfa_runner_desk *desk, enum mfa_err err, const char *detail)
{
	const struct mfa_event event = {
		.type = MFA_EVENT_ERROR,
		.detail = detail,
		.err = err,
	};

	desk->next->emit(desk->next, &event);
}

/* Said once: it will not be better with the next job. */
static void
give_up(struct mfa_runner_desk *desk)
{
	desk->open = false;
	complain(desk, MFA_ERR_UNAVAILABLE,
	    "runner is gone or takes no job: restart medusa-mfad");
}

/* One byte, which is the kind of job, and a descriptor. */
static bool
pass(int to, uint32_t kind, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	uint8_t byte = (uint8_t)kind;
	struct iovec iov = { &byte, sizeof(byte) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head;

	memset(&control, 0, sizeof(control));
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    (ssize_t)sizeof(byte);
}

/*
 * The job is in its socket before that is passed: nobody waits for it.
 *
 * flags: MFA_JOB_OTHERS or 0
 */
static enum mfa_err
hand_over(struct mfa_runner_desk *desk, uint32_t flags, int *ours)
{
	int ends[2];
	bool passed, full;

	*ours = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return MFA_ERR_UNAVAILABLE;
	passed = send(ends[0], &desk->job, sizeof(desk->job),
		     MSG_NOSIGNAL | MSG_DONTWAIT) ==
		(ssize_t)sizeof(desk->job) &&
	    pass(desk->link->fd, desk->job.kind | flags, ends[1]);
	full = !passed && errno == EAGAIN;
	(void)close(ends[1]);
	if (passed) {
		*ours = ends[0];
		return MFA_OK;
	}
	(void)close(ends[0]);
	if (full)
		complain(desk, MFA_ERR_BUSY,
		    "runner is busy: a job was dropped");
	else
		give_up(desk);
	return MFA_ERR_UNAVAILABLE;
}

/*
 * The result's output, straight to where it belongs.
 *
 * Returns: as the runner says; MFA_ERR_TIMEOUT; MFA_ERR_CLOSED if the job was
 * refused or its worker died.
 */
static enum mfa_err
receive(int fd, int ms, uint8_t *out, size_t size, size_t *outlen)
{
	struct head head = { MFA_ERR_PROTOCOL, 0 };
	struct iovec iov[] = { { &head, sizeof(head) }, { out, size } };
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;
	int ready;

	/* No signal is handled here that would cut this short. */
	ready = poll(&p, 1, ms);
	if (ready <= 0)
		return MFA_ERR_TIMEOUT;
	n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);
	if (n <= 0)
		return MFA_ERR_CLOSED;
	if (n != (ssize_t)sizeof(struct mfa_job_result) ||
	    head.err >= MFA_ERR_END || head.len > size)
		return MFA_ERR_PROTOCOL;
	*outlen = head.len;
	return (enum mfa_err)head.err;
}

static void
name_job(struct mfa_job *job, uint32_t kind, uint32_t program, bool wait)
{
	memset(job, 0, sizeof(*job));
	job->kind = kind;
	job->program = program;
	job->wait = wait;
}

/* Cut where it is too long. */
static void
copy(char *dst, size_t size, const char *src)
{
	size_t len = src == NULL ? 0 : strnlen(src, size - 1);

	if (len != 0)
		memcpy(dst, src, len);
	dst[len] = '\0';
}
#define COPY(field, text) copy(field, sizeof(field), text)

static bool
has_program(const struct mfa_runner_desk *desk, uint32_t program)
{
	return desk->open && desk->link->programs.path[program][0] != '\0';
}

/* ---- a code on its way ---- */

static enum mfa_err
fill_letter(struct mfa_job *job, const struct mfa_message *message)
{
	char host[HOST] = "";
	size_t len = 0;
	enum mfa_err r;

	(void)gethostname(host, sizeof(host) - 1);
	r = mfa_letter_compose(message, host, job->input, sizeof(job->input),
	    &len);
	job->len = (uint32_t)len;
	COPY(job->realm, message->realm);
	COPY(job->subject, message->subject);
	COPY(job->service, message->service);
	COPY(job->factor, message->factor);
	return r;
}

static enum mfa_err
deliver(struct mfa_runner *runner, const struct mfa_message *message, bool wait)
{
	struct mfa_runner_desk *desk = runner->ctx;
	enum mfa_err r;
	size_t none = 0;
	int fd = -1;

	if (!has_program(desk, MFA_PROGRAM_DELIVER))
		return MFA_ERR_UNAVAILABLE;
	name_job(&desk->job, MFA_JOB_DELIVER, MFA_PROGRAM_DELIVER, wait);
	if (fill_letter(&desk->job, message) == MFA_OK)
		r = hand_over(desk, 0, &fd);
	else
		r = MFA_ERR_UNDELIVERED;
	mfa_secret_wipe(&desk->job, sizeof(desk->job));
	if (r == MFA_OK && wait) {
		r = receive(fd, MFA_JOB_SECONDS * 1000 + GRACE, NULL, 0,
		    &none);
		if (r == MFA_ERR_CLOSED)
			r = MFA_ERR_UNAVAILABLE;
		else if (r != MFA_OK)
			r = MFA_ERR_UNDELIVERED;
	}
	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* ---- a question to a provider from outside ---- */

static enum mfa_err
ask(struct mfa_runner *runner, const struct mfa_question *question,
    uint8_t *out, size_t size, size_t *outlen)
{
	struct mfa_runner_desk *desk = runner->ctx;
	uint32_t program = MFA_PROGRAM_OUTSIDE + question->index;
	enum mfa_err r;
	int fd = -1;

	if (question->index >= MFA_CONFIG_OUTSIDE ||
	    question->len > MFA_JOB_INPUT)
		return MFA_ERR_PROGRAM;
	if (!has_program(desk, program))
		return MFA_ERR_UNAVAILABLE;
	name_job(&desk->job, MFA_JOB_CHECK, program, true);
	COPY(desk->job.realm, question->realm);
	COPY(desk->job.subject, question->subject);
	COPY(desk->job.factor, question->factor);
	memcpy(desk->job.input, question->in, question->len);
	desk->job.len = (uint32_t)question->len;
	r = hand_over(desk, 0, &fd);
	mfa_secret_wipe(&desk->job, sizeof(desk->job));
	if (r != MFA_OK)
		return r;
	r = receive(fd, MFA_JOB_SECONDS_CHECK * 1000 + GRACE, out, size,
	    outlen);
	(void)close(fd);
	if (r == MFA_OK)
		return MFA_OK;
	mfa_secret_wipe(out, size);
	return r == MFA_ERR_CLOSED ? MFA_ERR_UNAVAILABLE : MFA_ERR_PROGRAM;
}

/* ---- events ---- */

static void
fill_event(struct mfa_job_event *e, const struct mfa_event *event)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	memset(e, 0, sizeof(*e));
	e->type = (uint32_t)event->type;
	e->err = (uint32_t)event->err;
	e->wall = (uint64_t)now.tv_sec;
	e->caller = event->caller;
	e->left = event->left;
	e->attempts = event->attempts;
	e->has_left = event->has_left;
	e->has_attempts = event->has_attempts;
	e->unprivileged = event->unprivileged;
	COPY(e->realm, event->realm);
	COPY(e->subject, event->subject);
	COPY(e->service, event->service);
	COPY(e->rhost, event->rhost);
	COPY(e->tty, event->tty);
	COPY(e->method, event->method);
	COPY(e->factor, event->factor);
	COPY(e->reason, event->reason);
	COPY(e->detail, event->detail);
	COPY(e->address, event->address);
}

static void
send_event(struct mfa_runner_desk *desk, const struct mfa_job_event *e)
{
	struct mfa_job *job = &desk->job;
	int fd;

	name_job(job, MFA_JOB_EVENT, MFA_PROGRAM_EVENTS, false);
	COPY(job->realm, e->realm);
	COPY(job->subject, e->subject);
	COPY(job->service, e->service);
	COPY(job->factor, e->factor);
	memcpy(job->input, e, sizeof(*e));
	job->len = sizeof(*e);
	if (hand_over(desk, e->caller != 0 ? MFA_JOB_OTHERS : 0, &fd) == MFA_OK)
		(void)close(fd);
}

void
mfa_runner_flush(struct mfa_runner_desk *desk)
{
	for (uint32_t i = 0; i < desk->count && desk->open; i++)
		send_event(desk, &desk->event[i]);
	desk->count = 0;
}

static void
emit(struct mfa_sink *sink, const struct mfa_event *event)
{
	struct mfa_runner_desk *desk = sink->ctx;

	desk->next->emit(desk->next, event);
	if (!desk->has_events)
		return;
	if (desk->count == MFA_RUNNER_EVENTS)
		mfa_runner_flush(desk);
	fill_event(&desk->event[desk->count++], event);
}

/* ---- one conversation ---- */

static bool
same_programs(const struct mfa_programs *a, const struct mfa_programs *b)
{
	for (size_t i = 0; i < MFA_PROGRAM_END; i++) {
		if (strcmp(a->path[i], b->path[i]) != 0)
			return false;
	}
	return true;
}

void
mfa_runner_open(struct mfa_runner_desk *desk,
    const struct mfa_runner_link *link, const struct mfa_config *config,
    struct mfa_sink *next)
{
	struct mfa_programs programs;
	bool any = mfa_config_programs(config, &programs);

	memset(desk, 0, sizeof(*desk));
	desk->runner.deliver = deliver;
	desk->runner.ask = ask;
	desk->runner.ctx = desk;
	desk->sink.emit = emit;
	desk->sink.ctx = desk;
	desk->next = next;
	desk->link = link;
	desk->wanted = any;
	if (!any)
		return;
	if (link == NULL || link->fd < 0) {
		complain(desk, MFA_ERR_UNAVAILABLE, "runner is not there");
	} else if (!same_programs(&programs, &link->programs)) {
		complain(desk, MFA_ERR_UNAVAILABLE,
		    "programs of the configuration changed since the start: "
		    "restart medusa-mfad");
	} else {
		desk->open = true;
		desk->has_events =
		    programs.path[MFA_PROGRAM_EVENTS][0] != '\0';
	}
}

bool
mfa_runner_is_stale(struct mfa_runner_desk *desk)
{
	struct pollfd p = { .fd = -1 };

	if (!desk->wanted || !desk->open)
		return desk->wanted;
	p.fd = desk->link->fd;
	/* Its end shows as a hang-up; nothing ever comes from it. */
	if (poll(&p, 1, 0) == 0)
		return false;
	give_up(desk);
	return true;
}
