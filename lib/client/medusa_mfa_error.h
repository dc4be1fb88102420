/* SPDX-License-Identifier: MIT */
/*
 * libmedusa_mfa: what goes wrong.  Include <medusa_mfa.h>.
 */
#ifndef MFA_CLIENT_MEDUSA_MFA_ERROR_H
#define MFA_CLIENT_MEDUSA_MFA_ERROR_H

#ifdef __cplusplus
#define MFA_C_BEGIN extern "C" {
#define MFA_C_END   }
#else
#define MFA_C_BEGIN
#define MFA_C_END
#endif
MFA_C_BEGIN

/* A result that must be looked at. */
#define MFA_RESULT __attribute__((warn_unused_result)) enum mfa_error

/*
 * Numbers never change; later versions append.
 */
enum mfa_error {
	MFA_ERROR_NONE = 0,
	MFA_ERROR_MEMORY = 1,	      /* out of memory */
	MFA_ERROR_INVALID = 2,	      /* a value that may not be passed */
	MFA_ERROR_SYNTAX = 3,	      /* this cannot be a code, or a secret */
	MFA_ERROR_NOT_FOUND = 4,      /* no such factor */
	MFA_ERROR_EXISTS = 5,	      /* label or secret is in use */
	MFA_ERROR_UNSAFE = 6,	      /* the socket is not root's */
	MFA_ERROR_IO = 7,	      /* reading or writing failed */
	MFA_ERROR_READ_ONLY = 8,      /* the record store cannot be written */
	MFA_ERROR_NO_SPACE = 9,	      /* disk or quota is full */
	MFA_ERROR_LIMIT = 10,	      /* out of processes or descriptors */
	MFA_ERROR_BUSY = 11,	      /* too many at once: try again later */
	MFA_ERROR_TIMEOUT = 12,	      /* no answer in time */
	MFA_ERROR_CLOSED = 13,	      /* the verifier left without an answer */
	MFA_ERROR_PROTOCOL = 14,      /* an answer that is none */
	MFA_ERROR_VERSION = 15,	      /* verifier and library do not fit */
	MFA_ERROR_DAMAGED = 16,	      /* the record does not authenticate */
	MFA_ERROR_NO_KEY = 17,	      /* the record's key is missing */
	MFA_ERROR_FORMAT = 18,	      /* a record of a newer version */
	MFA_ERROR_CONFLICT = 19,      /* others kept changing the record */
	MFA_ERROR_OUTCOME_UNKNOWN = 20, /* a write may have happened */
	MFA_ERROR_CONFIG = 21,	      /* configuration bad, or method off */
	MFA_ERROR_DENIED = 22,	      /* this process may not ask that */
	MFA_ERROR_NSS = 23,	      /* the user database did not answer */
	MFA_ERROR_NO_USER = 24,	      /* it knows no such user */
	MFA_ERROR_FOREIGN = 25,	      /* record of an earlier user */
	MFA_ERROR_CRYPTO = 26,	      /* a cryptographic library failed */
	MFA_ERROR_FULL = 27,	      /* no room for one more */
	MFA_ERROR_CLOCK = 28,	      /* the host's clock is wrong */
	MFA_ERROR_WRONG = 29,	      /* wrong code */
	MFA_ERROR_REPLAYED = 30,      /* the code was used before */
	MFA_ERROR_LOCKED = 31,	      /* too many wrong codes, or codes sent */
	MFA_ERROR_UNAVAILABLE = 32,   /* no verifier is running */
	MFA_ERROR_NETWORK_FS = 33,    /* the store is not on a local disk */
	MFA_ERROR_ACCOUNT = 34,	      /* the verifier's account is not usable */
	MFA_ERROR_UNDELIVERED = 35,   /* the code could not be delivered */
	MFA_ERROR_PROGRAM = 36,	      /* an outside provider failed */
	MFA_ERROR_TOO_SOON = 37,      /* a code was sent a moment ago */
	MFA_ERROR_EXPIRED = 38,	      /* no such challenge, or it is over */
	MFA_ERROR_NOT_ENROLLED = 39,  /* required, but there is no factor */
	MFA_ERROR_NO_REALM = 40,      /* no such realm is configured */
	/* A user's own change: the command medusa-mfa asks for the code. */
	MFA_ERROR_PROOF = 41,	      /* a current code has to be proven */
	MFA_ERROR_INVITATION = 42,    /* an invitation has to be proven */
	MFA_ERROR_LAST = 43	      /* the last factor, and one is required */
};

/*
 * A sentence for a person, in English and printable ASCII.
 *
 * Returns: a constant string for every value, also for unknown ones.
 */
const char *mfa_error_text(enum mfa_error error);

#define MFA_PROBLEM_TEXT 401 /* bytes, the final NUL included */

/*
 * Why a call failed.  Every call takes a pointer to one, which may be NULL, and
 * fills it in whether it fails or not.  It is the caller's own, so threads do
 * not disturb each other.
 */
struct mfa_problem {
	enum mfa_error error; /* what the call returned */
	/* What is wrong and what to do, for a person: the verifier's sentence,
	   or the library's; printable ASCII; empty after success. */
	char text[MFA_PROBLEM_TEXT];
};

MFA_C_END

#endif
