/* SPDX-License-Identifier: MIT */
/*
 * libmedusa_mfa: is this the subject?  Include <medusa_mfa.h>, whose rules
 * hold; manual: mfa_challenge_start(3).
 *
 * A challenge lies with the verifier: it may be begun, sent a code for and
 * answered by different processes.  It is over with a right answer, when its
 * time is up, after too many wrong answers, or when the subject has four newer
 * ones.
 *
 * An id proves only what it was made for.  Keep it on your side together with
 * the subject and the action, and never take one from the person it is about:
 * he could bring one of his own.
 */
#ifndef MFA_CLIENT_MEDUSA_MFA_CHALLENGE_H
#define MFA_CLIENT_MEDUSA_MFA_CHALLENGE_H

#include <stdbool.h>
#include <stdint.h>

#include "medusa_mfa_error.h"

MFA_C_BEGIN

struct mfa;

struct mfa_challenge {
	/* False: policy asks this subject for nothing (exempt, or not enrolled
	   where that passes), and the rest is empty.  True after a failure. */
	bool required;
	char id[841];
	uint32_t method_count;
	char method[8][33];	  /* names of providers that can answer it */
	uint64_t expires_at;	  /* seconds since 1970 */
	uint64_t expires_seconds; /* from now */
	uint64_t reserved[8];
};

/*
 * Begins a challenge.
 *
 * user:    subject, 1 to 256 bytes
 * service: what is protected, for messages and log; 1 to 64 bytes
 * rhost:   from where it is asked for; NULL if that is unknown; 255 bytes
 *
 * Returns: NONE; NOT_ENROLLED (required, but there is nothing to prove it
 * with); NO_USER; those of every call: see mfa_factor_enroll.
 */
MFA_RESULT mfa_challenge_start(const struct mfa *mfa, const char *user,
    const char *service, const char *rhost, struct mfa_challenge *out,
    struct mfa_problem *problem);

/*
 * Sends a code that is good for this challenge alone, and waits until it is on
 * its way.  For challenges with the method "otp".
 *
 * factor: id or label; NULL: the first otp factor
 *
 * Returns: NONE; NOT_FOUND; EXPIRED; TOO_SOON; LOCKED (enough for today);
 * UNDELIVERED; CONFIG; ...
 */
MFA_RESULT mfa_challenge_send(const struct mfa *mfa, const char *id,
    const char *factor, struct mfa_problem *problem);

/* How an answer was judged. */
struct mfa_outcome {
	uint32_t attempts_left; /* refused: answers that may still be given; 0
				   after a failure too */
	bool blocked;		/* with LOCKED: until a person acts */
	char method[33];	/* accepted: by which method */
	uint32_t recovery_left; /* accepted, by a recovery code: unused ones */
	uint64_t reserved[8];
};

/*
 * Answers a challenge.  The subject is accepted if and only if NONE is
 * returned, which happens once.
 *
 * method:  one of mfa_challenge.method; NULL: by the form of the code
 * code:    as typed, at most 128 bytes; yours to wipe
 * outcome: may be NULL
 *
 * Returns: NONE: accepted.  Refused: WRONG (to callers that are neither root
 * nor the realm's account, also for other reasons); REPLAYED; LOCKED; SYNTAX;
 * CLOCK; EXPIRED (over, used, or no challenge); NOT_FOUND (no delivered code
 * is live); NOT_ENROLLED; NO_USER.  Anything else: not accepted either.
 */
MFA_RESULT mfa_challenge_verify(const struct mfa *mfa, const char *id,
    const char *method, const char *code, struct mfa_outcome *outcome,
    struct mfa_problem *problem);

MFA_C_END

#endif
