/* SPDX-License-Identifier: MIT */
/* MUST list: listener.h. */
#include "verifier/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verifier/guard.h"

#define DROPPED_MAX 8 /* messages of one peer */
#define PARKED_MAX  32
#define PARKED_MS   100

struct listener {
	const struct mfa_office *office;
	struct mfa_engine *engine;
	struct mfa_handover state; /* what outlives an execve */
	struct mfa_note *notes;	   /* shared with the children */
	int signals;
	int parked[PARKED_MAX]; /* connections whose close may block */
	unsigned int parked_count;
	bool over;
	bool crashed; /* a child did */
};

/* ---- one connection ---- */

static uint64_t
now_ms(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What a child knows of its place. */
struct seat {
	struct mfa_note *notes;
	size_t place;
	uid_t uid;
};

static void
note_greeting(void *ctx)
{
	const struct seat *seat = ctx;

	__atomic_store_n(&seat->notes[seat->place].greeted, 1,
	    __ATOMIC_SEQ_CST);
}

/* May there be one more about this record? */
static bool
claim_subject(void *ctx, const char *record_id)
{
	const struct seat *seat = ctx;

	/* The cap of any other uid is smaller. */
	return seat->uid != 0 ||
	    mfa_places_claim(seat->notes, seat->place, record_id);
}

_Noreturn static void
be_child(struct listener *l, int fd, uid_t uid, size_t place)
{
	struct seat seat = { l->notes, place, uid };
	const struct mfa_peer_info peer = {
		.uid = uid,
		.claim = claim_subject,
		.greeted = note_greeting,
		.ctx = &seat,
	};
	sigset_t none;

	(void)close(l->state.listener);
	(void)close(l->state.notes);
	(void)close(l->signals);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* What comes before the conversation looks at its own time. */
	mfa_guard_watchdog(MFA_WAIT_HELLO + MFA_WORK_MAX);
	mfa_engine_lock(l->engine);
	mfa_serve_conversation(l->office, l->engine, fd, &peer);
	_exit(0);
}

/*
 * A child that does nothing before the parent has closed what both hold, and
 * then the gate.  Passed descriptors that nobody took end with the last copy of
 * their connection, and that may block: a child's end is bounded, and its own
 * affair.
 *
 * Returns: as fork; gate is -1 if there is none.
 */
static pid_t
fork_behind(int *gate)
{
	int ends[2];
	pid_t pid;
	char none;

	*gate = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid != 0) {
		(void)close(ends[0]);
		*gate = ends[1];
		return pid;
	}
	(void)close(ends[1]);
	if (read(ends[0], &none, 1) != 0)
		_exit(0);
	(void)close(ends[0]);
	return 0;
}

/* ---- connections that are not served ---- */

/* A child takes them along into its end; none is lost if there can be none. */
static void
drop_parked(struct listener *l)
{
	struct mfa_place child = { .uid = (uid_t)-1, .since = now_ms(),
		.stay = MFA_STAY_DROPPED };
	size_t place = mfa_places_free(&l->state.places);
	int gate;

	if (l->parked_count == 0 || place == MFA_PLACES)
		return;
	child.pid = fork_behind(&gate);
	if (child.pid == 0)
		_exit(0);
	while (child.pid > 0 && l->parked_count > 0)
		(void)close(l->parked[--l->parked_count]);
	if (gate >= 0)
		(void)close(gate);
	if (child.pid > 0)
		mfa_places_enter(&l->state.places, place, &child);
}

/*
 * With SO_PASSCRED every message has something that we leave no room for, also
 * an empty one, which else looks like the end of all.
 */
static bool
is_end(int fd)
{
	struct msghdr message = { 0 };
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0 &&
	    recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT) == 0 &&
	    (message.msg_flags & MSG_CTRUNC) == 0;
}

/*
 * Drops what the peer has said, without a byte of it; no more can come.  What
 * is left unread at close would take the reply with it.
 *
 * Returns: false if there are descriptors, empty messages, or many.
 */
static bool
drop_unread(int fd)
{
	(void)shutdown(fd, SHUT_RD);
	for (int i = 0; i < DROPPED_MAX; i++) {
		struct msghdr message = { 0 };
		ssize_t n = recvmsg(fd, &message,
		    MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC);

		if ((message.msg_flags & MSG_CTRUNC) != 0 || n < 0)
			return false;
		if (n == 0)
			return is_end(fd);
		(void)recv(fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC);
	}
	return false;
}

static void
say_busy(int fd)
{
	mfa_wire_Reply reply = mfa_wire_Reply_init_zero;

	reply.which_what = mfa_wire_Reply_error_tag;
	reply.what.error.code = MFA_ERR_BUSY;
	/* The buffer of a new socket is empty: this cannot wait. */
	if (mfa_wire_send_reply(fd, &reply, mfa_wire_clock() + 10) != MFA_OK)
		return;
}

/* Ends it; who makes that dangerous is told nothing. */
static void
turn_away(struct listener *l, int fd, bool busy)
{
	if (!drop_unread(fd)) {
		l->parked[l->parked_count++] = fd;
		return;
	}
	if (busy)
		say_busy(fd);
	(void)close(fd);
}

/*
 * Gone already, or has begun with what ends every conversation: not worth a
 * process.  Looks at no byte.
 */
static bool
is_hopeless(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct msghdr message = { 0 };

	if (poll(&p, 1, 0) <= 0)
		return false;
	return (p.revents & POLLHUP) != 0 ||
	    recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC) <= 0 ||
	    (message.msg_flags & MSG_CTRUNC) != 0;
}

/* ---- connections that are ---- */

static void
start_child(struct listener *l, int fd, uid_t uid, uint64_t now)
{
	struct mfa_place child = { .uid = uid, .since = now };
	size_t place;
	int gate;

	/* So that no conversation holds them. */
	drop_parked(l);
	place = mfa_places_free(&l->state.places);
	if (place == MFA_PLACES) {
		turn_away(l, fd, true);
		return;
	}
	child.pid = fork_behind(&gate);
	if (child.pid == 0)
		be_child(l, fd, uid, place);
	if (child.pid < 0) {
		turn_away(l, fd, true);
	} else {
		(void)close(fd);
		mfa_places_enter(&l->state.places, place, &child);
	}
	if (gate >= 0)
		(void)close(gate);
}

static void
take(struct listener *l, int fd, uid_t uid)
{
	uint64_t now = now_ms();
	pid_t evict;

	if (is_hopeless(fd)) {
		turn_away(l, fd, false);
	} else if (!mfa_places_admit(&l->state.places, l->notes, uid, now,
		       &evict)) {
		turn_away(l, fd, true);
	} else {
		/* It has said nothing: nothing of it must be finished. */
		if (evict > 0)
			(void)kill(evict, SIGKILL);
		start_child(l, fd, uid, now);
	}
}

static void
accept_one(struct listener *l)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(cred);
	int fd = accept4(l->state.listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == 0)
		take(l, fd, cred.uid);
	else
		turn_away(l, fd, false);
}

/* ---- the end of a child ---- */

static void
report(const struct listener *l, const struct mfa_departure *gone)
{
	struct mfa_sink sink = l->office->sink;
	char detail[32];
	const struct mfa_event event = {
		.type = MFA_EVENT_ERROR,
		.reason = gone->death == MFA_DEATH_HANG ? "hang" : "crash",
		.detail = detail,
		.caller = gone->uid,
	};

	(void)snprintf(detail, sizeof(detail), "signal %d", gone->signal);
	sink.emit(&sink, &event);
}

static void
reap(struct listener *l)
{
	struct mfa_departure gone;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		gone = mfa_places_leave(&l->state.places, pid, status,
		    now_ms());
		if (gone.place < MFA_PLACES)
			memset(&l->notes[gone.place], 0, sizeof(*l->notes));
		if (gone.death != MFA_DEATH_PLAIN)
			report(l, &gone);
		l->crashed |= gone.death == MFA_DEATH_CRASH;
	}
}

static void
take_signal(struct listener *l)
{
	struct signalfd_siginfo info;

	if (read(l->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap(l);
	else
		l->over = true;
}

/* ---- the loop ---- */

static enum mfa_err
map_notes(struct listener *l)
{
	const size_t size = MFA_PLACES * sizeof(*l->notes);
	struct stat st;

	if (fstat(l->state.notes, &st) != 0 || st.st_size != (off_t)size)
		return MFA_ERR_DENIED;
	l->notes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
	    l->state.notes, 0);
	return l->notes == MAP_FAILED ? MFA_ERR_MEMORY : MFA_OK;
}

static enum mfa_err
prepare(struct listener *l)
{
	sigset_t watched;
	enum mfa_err r;

	if ((r = map_notes(l)) != MFA_OK)
		return r;
	(void)sigemptyset(&watched);
	(void)sigaddset(&watched, SIGCHLD);
	(void)sigaddset(&watched, SIGTERM);
	(void)sigaddset(&watched, SIGINT);
	if (sigprocmask(SIG_SETMASK, &watched, NULL) != 0)
		return MFA_ERR_IO;
	/* A peer that goes away between poll and accept must not hold us. */
	if (fcntl(l->state.listener, F_SETFL, O_NONBLOCK) != 0)
		return MFA_ERR_IO;
	l->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->signals < 0 ? MFA_ERR_IO : MFA_OK;
}

/* Without a place connections wait in the backlog, for a moment. */
static int
wait_for(const struct listener *l, struct pollfd p[2])
{
	bool room = mfa_places_free(&l->state.places) < MFA_PLACES &&
	    l->parked_count < PARKED_MAX;

	p[0] = (struct pollfd){ .fd = l->signals, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = room ? l->state.listener : -1,
		.events = POLLIN };
	return poll(p, 2, l->parked_count > 0 ? PARKED_MS : -1);
}

static enum mfa_err
serve(struct listener *l)
{
	struct pollfd p[2];
	enum mfa_err r;
	int n;

	if ((r = prepare(l)) != MFA_OK)
		return r;
	/* Whoever ended while nobody looked. */
	reap(l);
	while (!l->over && !l->crashed) {
		if (l->parked_count == PARKED_MAX)
			drop_parked(l);
		if ((n = wait_for(l, p)) < 0 && errno != EINTR)
			return MFA_ERR_IO;
		if (n == 0)
			drop_parked(l);
		if (p[0].revents != 0)
			take_signal(l);
		else if (p[1].revents != 0)
			accept_one(l);
	}
	if (l->over)
		return MFA_OK;
	drop_parked(l);
	l->state.runner = l->office->runner;
	l->state.held = l->office->held;
	return mfa_resume_exec(&l->state);
}

enum mfa_err
mfa_listener_run(const struct mfa_office *office, struct mfa_engine *engine,
    int fd)
{
	struct listener l;

	memset(&l, 0, sizeof(l));
	l.office = office;
	l.engine = engine;
	l.state.listener = fd;
	l.state.notes = mfa_resume_memory("medusa-mfad notes",
	    MFA_PLACES * sizeof(*l.notes));
	return l.state.notes < 0 ? MFA_ERR_IO : serve(&l);
}

enum mfa_err
mfa_listener_resume(const struct mfa_office *office,
    struct mfa_engine *engine, const struct mfa_handover *state)
{
	struct listener l;

	if (!mfa_listener_is_one(state->listener))
		return MFA_ERR_DENIED;
	memset(&l, 0, sizeof(l));
	l.office = office;
	l.engine = engine;
	l.state = *state;
	return serve(&l);
}
