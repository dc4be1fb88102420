/* SPDX-License-Identifier: MIT */
/*
 * The sink that writes to syslog, and its limiter.
 *
 * The limiter's rows are words of 64 bits, {hash, minute}, each changed by one
 * compare-and-exchange, so that no process can leave a lock behind.  Within a
 * minute a row only goes from stale to fresh; two processes with the same line
 * therefore meet in one row, and one of them stays silent.
 */
#include "verifier/event/event.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define IDENT "medusa-mfad"
#define LINE  768 /* holds the longest one whole */

#define LOG_WAIT_MS 1000
#define ROWS (sizeof(((struct mfa_event_limit *)0)->row) / sizeof(uint64_t))

static int
priority(enum mfa_event_type type)
{
	switch (type) {
	case MFA_EVENT_CHALLENGE_FAILED:
	case MFA_EVENT_LOCKED:
		return LOG_WARNING;
	case MFA_EVENT_RECORD_UNUSABLE:
		return LOG_ALERT;
	case MFA_EVENT_ERROR:
	case MFA_EVENT_CLOCK_IMPLAUSIBLE:
	case MFA_EVENT_OTP_UNDELIVERED:
	case MFA_EVENT_PROGRAM_FAILED:
		return LOG_ERR;
	default:
		return LOG_INFO;
	}
}

static bool
is_limited(enum mfa_event_type type)
{
	switch (type) {
	case MFA_EVENT_ERROR:
	case MFA_EVENT_RECORD_UNUSABLE:
	case MFA_EVENT_CLOCK_IMPLAUSIBLE:
	case MFA_EVENT_OTP_UNDELIVERED:
	case MFA_EVENT_PROGRAM_FAILED:
		return true;
	default:
		return false;
	}
}

/*
 * FNV-1a (draft-eastlake-fnv).  It starts from a salt of this host, so that
 * nobody can prepare a line that silences another one.
 */
static uint32_t
hash_line(const char *line, uint64_t salt)
{
	uint32_t hash = 2166136261u ^ (uint32_t)(salt >> 32) ^ (uint32_t)salt;

	for (; *line != '\0'; line++)
		hash = (hash ^ (unsigned char)*line) * 16777619u;
	return hash;
}

/* Minutes since boot, from 1: no wall clock that could step back. */
static uint32_t
this_minute(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint32_t)(t.tv_sec / 60) + 1;
}

/*
 * True if this line was not yet written in this minute.  With more different
 * lines a minute than rows, all are written: none is lost.
 */
static bool
may_write(struct mfa_event_limit *shared, const char *line)
{
	const uint32_t minute = this_minute();
	const uint32_t hash = hash_line(line, shared->salt);
	const uint64_t mine = (uint64_t)hash << 32 | minute;

	for (;;) {
		uint64_t *target = NULL;
		uint64_t was = 0;

		for (size_t i = 0; i < ROWS; i++) {
			uint64_t *p = &shared->row[(hash + i) % ROWS];
			uint64_t word = __atomic_load_n(p, __ATOMIC_RELAXED);
			/* Later ones are of another boot. */
			bool fresh = (uint32_t)word == minute;

			if (word >> 32 == hash && fresh)
				return false;
			if (target == NULL && !fresh) {
				target = p;
				was = word;
			}
		}
		if (target == NULL)
			return true;
		if (__atomic_compare_exchange_n(target, &was, mine, false,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return true;
	}
}

/*
 * syslog(3) waits without end for a service that is stopped or flooded; this
 * waits a second.  No service at all is syslog's own affair.
 */
static bool
is_listening(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = _PATH_LOG };
	struct pollfd p = { .events = POLLOUT };
	bool takes = true;

	p.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p.fd < 0)
		return true;
	if (connect(p.fd, (const struct sockaddr *)&address,
		sizeof(address)) == 0)
		takes = poll(&p, 1, LOG_WAIT_MS) != 0;
	(void)close(p.fd);
	return takes;
}

static void
emit(struct mfa_sink *sink, const struct mfa_event *event)
{
	struct mfa_event_limit *shared = sink->ctx;
	char line[LINE];

	mfa_event_format(event, line, sizeof(line));
	if (shared != NULL && is_limited(event->type) &&
	    !may_write(shared, line))
		return;
	if (is_listening())
		syslog(LOG_AUTHPRIV | priority(event->type), "%s", line);
}

void
mfa_event_syslog(struct mfa_sink *sink, struct mfa_event_limit *shared)
{
	openlog(IDENT, LOG_PID, LOG_AUTHPRIV);
	sink->emit = emit;
	sink->ctx = shared;
}

void
mfa_event_syslog_warm(void)
{
	tzset();
	if (is_listening())
		openlog(IDENT, LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
}
