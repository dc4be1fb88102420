/* SPDX-License-Identifier: MIT */
/*
 * Lifecycle events: typed, without secrets, one log line each (R26).
 */
#ifndef MFA_EVENT_EVENT_H
#define MFA_EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum mfa_event_type {
	MFA_EVENT_CHALLENGE_VERIFIED = 1, /* a login accepted */
	MFA_EVENT_CHALLENGE_FAILED = 2,	  /* a login refused */
	MFA_EVENT_CHALLENGE_SKIPPED = 3,  /* not asked: exempt, not enrolled */
	MFA_EVENT_FACTOR_PENDING = 4,
	MFA_EVENT_FACTOR_ENABLED = 5,
	MFA_EVENT_FACTOR_DISABLED = 6,
	MFA_EVENT_RECOVERY_GENERATED = 7,
	MFA_EVENT_RECOVERY_USED = 8,
	MFA_EVENT_LOCKED = 9,
	MFA_EVENT_UNLOCKED = 10,
	MFA_EVENT_RESET = 11,
	MFA_EVENT_REMOVED = 12,
	MFA_EVENT_SYNCED = 13,
	MFA_EVENT_CLOCK_IMPLAUSIBLE = 14,
	MFA_EVENT_RECORD_UNUSABLE = 15, /* damaged, key missing, newer */
	MFA_EVENT_ERROR = 16,		/* store, lock, NSS, configuration */
	MFA_EVENT_KEY_NEW = 17,		/* the first key */
	MFA_EVENT_KEY_ROTATED = 18,	/* another key is primary */
	MFA_EVENT_FACTOR_RENAMED = 19,
	MFA_EVENT_CHALLENGE_CREATED = 20, /* an application's */
	MFA_EVENT_CHALLENGE_EXPIRED = 21, /* its time, or evicted by newer */
	MFA_EVENT_OTP_GENERATED = 22,	/* a code, handed to be delivered */
	MFA_EVENT_OTP_DELETED = 23,	/* used, or replaced, or void */
	MFA_EVENT_OTP_UNDELIVERED = 24, /* the program failed; by the runner */
	MFA_EVENT_PROGRAM_FAILED = 25,	/* another one; by the runner */
	MFA_EVENT_INVITED = 26,		/* an administrator made an invitation */
	MFA_EVENT_INVITATION_USED = 27,
	MFA_EVENT_BYPASS_CREATED = 28,	/* an administrator made a bypass */
	MFA_EVENT_BYPASS_USED = 29,
	MFA_EVENT_KEY_RETIRED = 30,	/* taken out of use; detail: its id */
	MFA_EVENT_KEY_EXPORTED = 31,	/* all keys, for a safe */
	MFA_EVENT_RESTORED = 32,	/* after a backup was put back */
	MFA_EVENT_FORGOTTEN = 33,	/* remembered places */
	MFA_EVENT_END
};

/* Strings may be NULL or empty; they are escaped by the sink. */
struct mfa_event {
	enum mfa_event_type type;
	const char *realm;
	const char *subject;
	const char *service;
	const char *rhost;
	const char *tty;
	const char *method; /* provider: totp, recovery_code, otp, hotp, ... */
	const char *factor; /* label */
	const char *reason; /* one word, as wrong, locked, replayed */
	const char *detail; /* last, up to 200 bytes: what is wrong where */
	enum mfa_err err;   /* MFA_OK if there is none */
	bool has_left;
	uint32_t left;	     /* recovery codes left */
	bool has_attempts;
	uint32_t attempts;   /* answers that may still be given */
	bool unprivileged;   /* the caller is not root: fields are its word */
	uint32_t caller;     /* uid of the caller */
	const char *address; /* for programs only, never in a log: where the
				subject is reached, "" if unknown */
};

/* Where events go. */
struct mfa_sink {
	void (*emit)(struct mfa_sink *sink, const struct mfa_event *event);
	void *ctx;
};

/* The event's name, as "challenge.verified". */
const char *mfa_event_name(enum mfa_event_type type);

/* One word for an error, as "io"; "unknown" for a number that is none. */
const char *mfa_event_err(enum mfa_err err);

/*
 * Formats one line: event=NAME user=... service=... in a fixed order, absent
 * fields left out.
 *
 * out: size bytes, NUL-terminated, cut if too long (768 suffices)
 */
void mfa_event_format(const struct mfa_event *event, char *out, size_t size);

/*
 * A sink that writes to syslog, facility authpriv.  Identical lines of type
 * ERROR, RECORD_UNUSABLE, CLOCK_IMPLAUSIBLE, OTP_UNDELIVERED and PROGRAM_FAILED
 * at most once a minute for all
 * processes that share the table.  A log service that takes nothing for a
 * second loses the line: a verdict is not held up by it.
 */
struct mfa_event_limit {
	uint64_t salt;	  /* random, written once */
	uint64_t row[63]; /* hash and minute */
};
void mfa_event_syslog(struct mfa_sink *sink, struct mfa_event_limit *shared);

/* Connects to the log service and reads the time zone, before it is urgent. */
void mfa_event_syslog_warm(void);

#endif
