/* SPDX-License-Identifier: MIT */
/*
 * One vocabulary of errors for every layer.  errno stays below lib/base: what
 * crosses a folder border is an enum mfa_err.
 */
#ifndef MFA_BASE_ERR_H
#define MFA_BASE_ERR_H

#define MFA_MUST_USE __attribute__((warn_unused_result))

/*
 * The numbers travel in the protocol (wire.proto, Error.code): append only,
 * never renumber.
 */
enum mfa_err {
	MFA_OK = 0,
	MFA_ERR_MEMORY = 1,	     /* allocation failed */
	MFA_ERR_INVALID = 2,	     /* a value the caller may not pass */
	MFA_ERR_SYNTAX = 3,	     /* text that does not parse */
	MFA_ERR_NOT_FOUND = 4,	     /* a clean "there is no such thing" */
	MFA_ERR_EXISTS = 5,	     /* it is already there */
	MFA_ERR_UNSAFE = 6,	     /* owner, mode, type or link count wrong */
	MFA_ERR_IO = 7,		     /* the system refused to read or write */
	MFA_ERR_READ_ONLY = 8,	     /* the store cannot be written */
	MFA_ERR_NO_SPACE = 9,	     /* disk or quota full */
	MFA_ERR_LIMIT = 10,	     /* a resource limit of the caller */
	MFA_ERR_BUSY = 11,	     /* lock not had, or too many conversations */
	MFA_ERR_TIMEOUT = 12,	     /* a deadline passed */
	MFA_ERR_CLOSED = 13,	     /* the other end is gone */
	MFA_ERR_PROTOCOL = 14,	     /* malformed or not allowed in this state */
	MFA_ERR_VERSION = 15,	     /* no protocol version in common */
	MFA_ERR_DAMAGED = 16,	     /* a record that does not authenticate */
	MFA_ERR_NO_KEY = 17,	     /* the key a record names is not here */
	MFA_ERR_FORMAT = 18,	     /* a record format newer than this program */
	MFA_ERR_CONFLICT = 19,	     /* somebody else wrote the record first */
	MFA_ERR_OUTCOME_UNKNOWN = 20, /* a write may or may not have happened */
	MFA_ERR_CONFIG = 21,	     /* the configuration is refused */
	MFA_ERR_DENIED = 22,	     /* this caller may not ask that */
	MFA_ERR_NSS = 23,	     /* the user database did not answer */
	MFA_ERR_NO_USER = 24,	     /* the user database knows no such user */
	MFA_ERR_FOREIGN = 25,	     /* the record belongs to another uid */
	MFA_ERR_CRYPTO = 26,	     /* a cryptographic library failed */
	MFA_ERR_FULL = 27,	     /* no room for another factor */
	MFA_ERR_CLOCK = 28,	     /* the clock is not plausible */
	MFA_ERR_WRONG = 29,	     /* the code does not match */
	MFA_ERR_REPLAYED = 30,	     /* the code was used before */
	MFA_ERR_LOCKED = 31,	     /* too many wrong codes */
	MFA_ERR_UNAVAILABLE = 32,    /* no verifier to talk to */
	MFA_ERR_NETWORK_FS = 33,     /* the store lies on a network file system */
	MFA_ERR_ACCOUNT = 34,	     /* the service account is missing or wrong */
	MFA_ERR_UNDELIVERED = 35,    /* the delivery program failed */
	MFA_ERR_PROGRAM = 36,	     /* an outside provider's program failed */
	MFA_ERR_TOO_SOON = 37,	     /* a code was sent a moment ago */
	MFA_ERR_EXPIRED = 38,	     /* the challenge is over */
	MFA_ERR_NOT_ENROLLED = 39,   /* required, but the subject has no factor */
	MFA_ERR_NO_REALM = 40,	     /* the configuration names no such realm */
	MFA_ERR_PROOF = 41,	     /* a current code has to be proven first */
	MFA_ERR_INVITATION = 42,     /* an invitation has to be proven first */
	MFA_ERR_LAST = 43,	     /* the last factor, where one is required */
	MFA_ERR_END		     /* one past the last */
};

/*
 * A sentence for a person, English, printable ASCII, without '"' and '\\'.
 *
 * Returns: a constant string for every value, also for unknown ones.
 */
const char *mfa_strerror(enum mfa_err err);

#endif
