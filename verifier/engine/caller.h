/* SPDX-License-Identifier: MIT */
/* Who asks, what that may change, and why an answer is what it is. */
#ifndef MFA_ENGINE_CALLER_H
#define MFA_ENGINE_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

/* Which budgets count: those of root-run hosts or everybody else's (R9). */
enum mfa_path {
	MFA_PATH_ROOT = 1,
	MFA_PATH_OTHER = 2
};

/* What a caller may change in a record (R21).  Zero is nothing. */
enum mfa_right {
	MFA_RIGHT_NONE = 0,
	MFA_RIGHT_OWNER = 1, /* what it has proven in this conversation */
	MFA_RIGHT_MANAGE = 2, /* root; a realm's account, its own subjects */
	MFA_RIGHT_FIRST = 3 /* to add a first factor, and no second */
};

struct mfa_proof; /* verifier/engine/permit.h */

/* Who asks, where from.  Strings are never NULL. */
struct mfa_caller {
	enum mfa_path path;
	enum mfa_right right;
	const struct mfa_proof *proof; /* of an OWNER; NULL: none */
	uint32_t uid;
	const char *service;
	const char *rhost;
	const char *tty;
	bool key_used;	  /* sshd says so; believed on the root path only */
	bool key_unknown; /* a key may have been all there was (account line),
			     or an older module cannot say */
	/* At a terminal of this host; likewise. */
	struct mfa_seat {
		uint32_t session; /* of the kernel's audit; 0: none */
		uint32_t ruid;	  /* whose process asks */
		uint32_t leader;  /* process of the terminal's session */
		uint64_t leader_since; /* ticks of this boot */
	} seat;
};

/* Numbers of wire.proto, enum Reason. */
enum mfa_reason {
	MFA_REASON_NONE = 0,
	MFA_REASON_OK = 1,
	MFA_REASON_WRONG = 2,
	MFA_REASON_REPLAYED = 3,
	MFA_REASON_LOCKED = 4,
	MFA_REASON_BLOCKED = 5,
	MFA_REASON_MALFORMED = 6,
	MFA_REASON_UNKNOWN_USER = 7,
	MFA_REASON_NOT_ENROLLED = 8,
	MFA_REASON_EXEMPT = 9,
	MFA_REASON_EXPIRED = 10,
	MFA_REASON_CLOCK = 11,
	MFA_REASON_ERROR = 12,
	MFA_REASON_PASSWORD_REPEATED = 13,
	MFA_REASON_CONVERSATION = 14,
	MFA_REASON_JUNK = 15,
	MFA_REASON_NO_CODE = 16,
	MFA_REASON_SENT = 17,
	MFA_REASON_EVICTED = 18,
	MFA_REASON_UNVERIFIED = 19,
	MFA_REASON_REFUSED = 20,
	MFA_REASON_REMEMBERED = 21
};

/* One word for the log. */
const char *mfa_reason_name(enum mfa_reason reason);

/*
 * The error of a request whose answer was not accepted; MFA_OK for OK.
 */
enum mfa_err mfa_reason_err(enum mfa_reason reason) MFA_MUST_USE;

#endif
