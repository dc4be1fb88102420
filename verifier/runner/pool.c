/* SPDX-License-Identifier: MIT */
/* MUST list: pool.h. */
#include "verifier/runner/pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verifier/event/event.h"
#include "verifier/runner/reap.h"
#include "verifier/runner/worker.h"

#define TABLE_MS 5000
#define PASSED	 2 /* descriptors that fit where one fits, by alignment */

struct pool {
	int fd; /* -1 after its end */
	int signals;
	const struct mfa_programs *programs;
	pid_t pid[MFA_JOB_AT_ONCE]; /* 0: free */
	uint8_t kind[MFA_JOB_AT_ONCE]; /* as announced */
	time_t until[MFA_JOB_AT_ONCE];
	struct mfa_sink log;
	struct mfa_event_limit *limit; /* NULL: none */
};

enum mfa_err
mfa_pool_table(int fd, struct mfa_programs *programs)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(cred);
	struct mfa_programs table;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) != 0 ||
	    cred.uid != 0)
		return MFA_ERR_DENIED;
	if (poll(&p, 1, TABLE_MS) != 1)
		return MFA_ERR_TIMEOUT;
	if (recv(fd, &table, sizeof(table), MSG_DONTWAIT | MSG_TRUNC) !=
	    (ssize_t)sizeof(table))
		return MFA_ERR_PROTOCOL;
	for (size_t i = 0; i < MFA_PROGRAM_END; i++) {
		if (memchr(table.path[i], '\0', MFA_CONFIG_PATH) == NULL)
			return MFA_ERR_PROTOCOL;
	}
	*programs = table;
	return MFA_OK;
}

/* ---- packets ---- */

/* The one descriptor that came along; of others none stays open. */
static int
passed_descriptor(struct msghdr *message)
{
	int fds[PASSED];
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	size_t n;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return -1;
	n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (n > PASSED)
		n = PASSED;
	memcpy(fds, CMSG_DATA(c), n * sizeof(int));
	if (n == 1)
		return fds[0];
	while (n > 0)
		(void)close(fds[--n]);
	return -1;
}

/*
 * fd: -1 for a packet that is no job
 *
 * Returns: the bytes of the packet; 0 at the end, too; -1 if there is none.
 */
static ssize_t
take_packet(int from, uint8_t *kind, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { kind, sizeof(*kind) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	*fd = -1;
	n = recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC |
	    MSG_TRUNC);
	if (n >= 0)
		*fd = passed_descriptor(&message);
	if (*fd >= 0 && (n != 1 || (message.msg_flags & MSG_CTRUNC) != 0)) {
		(void)close(*fd);
		*fd = -1;
	}
	return n;
}

/* ---- workers ---- */

static bool
is_event(uint8_t kind)
{
	return (kind & ~MFA_JOB_OTHERS) == MFA_JOB_EVENT;
}

/* Seconds of a clock that nobody sets. */
static time_t
seconds(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* A free place, or MFA_JOB_AT_ONCE. */
static size_t
find_place(const struct pool *pool, uint8_t kind)
{
	size_t place = MFA_JOB_AT_ONCE, events = 0, others = 0;

	for (size_t i = 0; i < MFA_JOB_AT_ONCE; i++) {
		if (pool->pid[i] == 0)
			place = i;
		else if (is_event(pool->kind[i]))
			events++;
		others += pool->pid[i] != 0 &&
		    pool->kind[i] == (MFA_JOB_EVENT | MFA_JOB_OTHERS);
	}
	if (is_event(kind) && events >= MFA_POOL_EVENTS)
		return MFA_JOB_AT_ONCE;
	if (kind == (MFA_JOB_EVENT | MFA_JOB_OTHERS) &&
	    others >= MFA_POOL_OTHERS)
		return MFA_JOB_AT_ONCE;
	return place;
}

static void
complain(struct pool *pool, enum mfa_err err, const char *detail)
{
	const struct mfa_event event = {
		.type = MFA_EVENT_ERROR,
		.detail = detail,
		.err = err,
	};

	pool->log.emit(&pool->log, &event);
}

_Noreturn static void
be_worker(struct pool *pool, uint8_t kind, int fd)
{
	sigset_t none;

	(void)close(pool->fd);
	(void)close(pool->signals);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	mfa_worker_serve(pool->programs, pool->limit,
	    (uint8_t)(kind & ~MFA_JOB_OTHERS), fd);
	_exit(0);
}

static void
start_worker(struct pool *pool, uint8_t kind, int fd)
{
	size_t place = find_place(pool, kind);
	pid_t pid = -1;

	if (place < MFA_JOB_AT_ONCE)
		pid = fork();
	if (pid == 0)
		be_worker(pool, kind, fd);
	if (pid > 0) {
		pool->pid[place] = pid;
		pool->kind[place] = kind;
		pool->until[place] = seconds() + (is_event(kind) ?
			MFA_POOL_SECONDS_EVENT :
			MFA_POOL_SECONDS);
	} else {
		complain(pool, MFA_ERR_BUSY,
		    "too many programs at once: a job was refused");
	}
}

static void
reap(struct pool *pool)
{
	struct signalfd_siginfo info;
	int status = 0;
	pid_t pid;

	/*
	 * One signal may stand for several children.  Each turn looks for
	 * itself, so that none is waited for in vain after a failure here.
	 */
	while (read(pool->signals, &info, sizeof(info)) > 0)
		continue;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < MFA_JOB_AT_ONCE; i++) {
			if (pool->pid[i] != pid)
				continue;
			pool->pid[i] = 0;
			/* It cannot say itself what it did not do. */
			if (WIFSIGNALED(status))
				complain(pool, MFA_ERR_PROGRAM,
				    "a job was lost: its process was killed");
		}
	}
	/* There is none, whoever put it away; its number is another's now. */
	if (pid < 0 && errno == ECHILD)
		memset(pool->pid, 0, sizeof(pool->pid));
	mfa_reap_strangers(pool->pid, MFA_JOB_AT_ONCE);
}

static void
end_overdue(struct pool *pool)
{
	time_t now = seconds();

	for (size_t i = 0; i < MFA_JOB_AT_ONCE; i++) {
		if (pool->pid[i] != 0 && now > pool->until[i])
			(void)kill(pool->pid[i], SIGKILL);
	}
}

static bool
has_workers(const struct pool *pool)
{
	for (size_t i = 0; i < MFA_JOB_AT_ONCE; i++) {
		if (pool->pid[i] != 0)
			return true;
	}
	return false;
}

/* An empty packet is the end only if the other side is gone as well. */
static bool
is_over(ssize_t n, short revents)
{
	return n < 0 ? errno != EAGAIN && errno != EINTR :
		       n == 0 && (revents & POLLHUP) != 0;
}

static void
take(struct pool *pool, short revents)
{
	uint8_t kind = 0;
	int fd = -1;
	ssize_t n = take_packet(pool->fd, &kind, &fd);

	if (fd >= 0) {
		start_worker(pool, kind, fd);
		(void)close(fd);
	} else if (is_over(n, revents)) {
		(void)close(pool->fd);
		pool->fd = -1;
	}
}

static enum mfa_err
prepare(struct pool *pool)
{
	sigset_t watched;

	mfa_event_syslog(&pool->log, pool->limit);
	(void)sigemptyset(&watched);
	(void)sigaddset(&watched, SIGCHLD);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ||
	    sigprocmask(SIG_BLOCK, &watched, NULL) != 0)
		return MFA_ERR_IO;
	pool->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	return pool->signals < 0 ? MFA_ERR_IO : MFA_OK;
}

enum mfa_err
mfa_pool_run(int fd, const struct mfa_programs *programs,
    struct mfa_event_limit *limit)
{
	struct pool pool = { .fd = fd, .programs = programs, .limit = limit };
	struct pollfd p[2];
	enum mfa_err r;

	if ((r = prepare(&pool)) != MFA_OK)
		return r;
	p[0] = (struct pollfd){ .fd = pool.signals, .events = POLLIN };
	while (pool.fd >= 0 || has_workers(&pool)) {
		p[1] = (struct pollfd){ .fd = pool.fd, .events = POLLIN };
		if (poll(p, 2, has_workers(&pool) ? 1000 : -1) < 0 &&
		    errno != EINTR)
			return MFA_ERR_IO;
		end_overdue(&pool);
		reap(&pool);
		if (p[1].revents != 0)
			take(&pool, p[1].revents);
	}
	(void)close(pool.signals);
	return mfa_reap_all(1000) ? MFA_OK : MFA_ERR_IO;
}
