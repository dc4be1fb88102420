/* SPDX-License-Identifier: MIT */
/*
 * libmedusa_mfa: a subject's factors.  Include <medusa_mfa.h>, whose rules
 * hold; manual: mfa_factor_enroll(3).
 *
 * A factor is named by its id or its label.  user is 1 to 256 bytes.
 */
#ifndef MFA_CLIENT_MEDUSA_MFA_FACTOR_H
#define MFA_CLIENT_MEDUSA_MFA_FACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "medusa_mfa_error.h"

MFA_C_BEGIN

struct mfa;

/* A factor to enrol; all but user may be zero. */
struct mfa_enroll {
	const char *user;      /* subject, 1 to 256 bytes */
	const char *label;     /* [a-z][a-z0-9-]{0,31}; NULL: chosen */
	const char *provider;  /* NULL: "totp"; "hotp", "otp", or an outside
				  one's name */
	const char *algorithm; /* SHA1, SHA256, SHA512; NULL: configured */
	uint32_t digits;       /* 6 to 8; 0: configured */
	uint32_t period;       /* totp: 15 to 120 seconds; 0: configured */
	const char *secret;    /* totp, hotp: base32, NULL: a new one; outside:
				  what its program wants; at most 160 bytes */
	const char *address;   /* otp: where codes go, at most 128 bytes */
	uint64_t counter;      /* hotp: the token's next one */
	uint64_t reserved[8];
};

/* A pending factor.  Holds a secret: mfa_wipe. */
struct mfa_pending {
	char id[17];		/* 16 hexadecimal digits */
	char label[33];
	char secret[129];	/* base32; empty for otp and outside ones */
	char otpauth_url[1201]; /* for a QR code; likewise */
	char warning[301];	/* some apps will not do; may be empty */
	uint64_t expires_seconds; /* from now; confirm it before */
	uint64_t reserved[8];
};

/* Recovery codes, shown once.  Holds secrets: mfa_wipe. */
struct mfa_codes {
	uint32_t count;
	char code[16][33];
	uint64_t reserved[8];
};

/*
 * Begins to enrol.  A code goes to the address of an otp factor; where that
 * fails the factor is there all the same, and mfa_factor_send sends another.
 *
 * Returns: NONE; INVALID; SYNTAX (not base32); EXISTS; FULL; CONFIG (provider
 * is off); NO_USER; UNDELIVERED; PROGRAM; those of every call:
 * DENIED, NO_REALM, UNAVAILABLE, UNSAFE, VERSION, BUSY, TIMEOUT, CLOSED,
 * PROTOCOL, MEMORY, LIMIT, and those of the record from IO to CRYPTO.
 */
MFA_RESULT mfa_factor_enroll(const struct mfa *mfa,
    const struct mfa_enroll *what, struct mfa_pending *out,
    struct mfa_problem *problem);

/*
 * Enables a pending factor, named by id or label, by its first code.
 *
 * codes: with the subject's first factor recovery codes; else count is 0
 *
 * Returns: NONE; WRONG; REPLAYED; LOCKED; CLOCK; SYNTAX; NOT_FOUND; ...
 */
MFA_RESULT mfa_factor_confirm(const struct mfa *mfa, const char *user,
    const char *factor, const char *code, struct mfa_codes *codes,
    struct mfa_problem *problem);

/* A factor, as a list shows it.  Times are seconds since 1970; 0: never. */
struct mfa_factor {
	char id[17];
	char label[33];
	char provider[33];
	char status[17]; /* pending, enabled, disabled, blocked */
	uint64_t created, confirmed, last_used;
	char algorithm[9];
	uint32_t digits;
	uint32_t period;	  /* totp: seconds */
	uint64_t locked_seconds;  /* from now; 0: not locked */
	uint64_t expires_seconds; /* pending: from now */
	int32_t drift;		  /* totp: steps that its clock is ahead */
	char address[129];	  /* otp */
	uint64_t reserved[8];
};

struct mfa_factors {
	size_t count;
	struct mfa_factor *factor; /* count of them; NULL if there is none */
};

/* Lists.  out: free with mfa_factors_free, which takes an empty one too. */
MFA_RESULT mfa_factor_list(const struct mfa *mfa, const char *user,
    struct mfa_factors *out, struct mfa_problem *problem);
void mfa_factors_free(struct mfa_factors *factors);

/* Gives another label.  Returns: NONE; NOT_FOUND; EXISTS; INVALID; ... */
MFA_RESULT mfa_factor_rename(const struct mfa *mfa, const char *user,
    const char *factor, const char *label, struct mfa_problem *problem);

/* Disables.  With the last enabled one the subject is not enrolled any more,
   and its recovery codes are void.  Returns: NONE; NOT_FOUND; ... */
MFA_RESULT mfa_factor_disable(const struct mfa *mfa, const char *user,
    const char *factor, struct mfa_problem *problem);

/* Sends once more the code that confirms a pending otp factor.  Returns: NONE;
   NOT_FOUND; TOO_SOON; LOCKED (enough for today); UNDELIVERED; CONFIG; ... */
MFA_RESULT mfa_factor_send(const struct mfa *mfa, const char *user,
    const char *factor, struct mfa_problem *problem);

/* Makes new recovery codes; the old ones are void.  Returns: NONE; NOT_FOUND
   (not enrolled); CONFIG (they are off); ... */
MFA_RESULT mfa_recovery_codes(const struct mfa *mfa, const char *user,
    struct mfa_codes *out, struct mfa_problem *problem);

/* A subject's state. */
struct mfa_account {
	uint32_t uid;	/* realm unix; else 0 */
	bool exists;	/* there is a record */
	bool enrolled;	/* some factor was enabled */
	bool required;	/* policy asks for a code */
	bool exempt;	/* policy never asks */
	bool blocked;	/* a factor is, until a person acts */
	uint32_t enabled_factors, pending_factors;
	uint32_t recovery_left, recovery_total;
	uint32_t recovery_compared; /* with recovery codes, ever */
	uint32_t wrong_today, wrong_month; /* wrong codes */
	uint64_t locked_seconds;    /* the longest lock; 0: none */
	char problem[121]; /* why the record cannot be used; empty: it can */
	uint64_t reserved[8];
};

/* Tells it.  Returns: NONE; NO_USER; ... */
MFA_RESULT mfa_status(const struct mfa *mfa, const char *user,
    struct mfa_account *out, struct mfa_problem *problem);

MFA_C_END

#endif
