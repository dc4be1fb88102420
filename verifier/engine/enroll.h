/* SPDX-License-Identifier: MIT */
/*
 * A subject's factors: pending, enabled by a first correct code, disabled;
 * recovery codes; two-code synchronisation.
 *
 * A factor is named by its id (16 hexadecimal digits) or its label.
 */
#ifndef MFA_ENGINE_ENROLL_H
#define MFA_ENGINE_ENROLL_H

#include "protocol/record.pb.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/factors.h"
#include "verifier/engine/subject.h"
#include "verifier/provider/provider.h"
#include "verifier/provider/recovery.h"

#define MFA_FACTORS_LIVE 4 /* at most that are not disabled (R9) */

struct mfa_enroll_ask {
	const char *label;     /* empty: chosen */
	const char *provider;  /* empty: totp; else one that is on */
	const char *algorithm; /* empty: configured */
	uint32_t digits;       /* 0: configured */
	uint32_t period;       /* 0: configured */
	const char *import;    /* base32, empty: a new secret; outside: what
				  its program wants to know */
	const char *address;   /* otp */
	uint64_t counter;      /* hotp */
	bool enabled;	       /* imported: at once, without a first code */
	bool check_only;       /* with enabled: all but writing it */
};

/* Secret: wipe with mfa_crypt_wipe. */
struct mfa_enrolled {
	char id[17];
	char label[33];
	char secret[129];      /* base32; empty for otp and outside, and for
				  what was enabled at once */
	char otpauth_url[1201]; /* likewise */
	uint64_t expires_seconds;
	char warning[301];     /* R16; may be empty */
};

/*
 * Adds a pending factor, in a new record if there is none.  A first code goes
 * to the address of an otp factor; a program is asked to begin an outside one.
 *
 * With enabled, what another program has used until now is enabled at once, and
 * its user enrolled: for callers that MANAGE, and totp or hotp with import.
 * All codes of steps up to the end of the window of now are used up; an
 * invitation is void, and no recovery codes are made.
 *
 * out: untouched on failure, but that of the delivery: the factor is there
 *      then, and mfa_deliver_confirm sends another code
 *
 * Returns: MFA_OK; as mfa_permit_check, as all of these do; MFA_ERR_SYNTAX
 * (import is not base32); MFA_ERR_INVALID
 * (label or parameters, or import under 128 bits, or enabled without one);
 * MFA_ERR_DENIED (enabled); MFA_ERR_CLOCK (enabled, totp); MFA_ERR_EXISTS
 * (label or secret is in use); MFA_ERR_FULL (factors, or subjects of the realm);
 * MFA_ERR_CONFIG (provider off); MFA_ERR_NO_USER; MFA_ERR_UNDELIVERED;
 * MFA_ERR_PROGRAM; as mfa_repo_open.
 */
enum mfa_err mfa_enroll_begin(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_enroll_ask *ask, struct mfa_enrolled *out) MFA_MUST_USE;

struct mfa_confirmed {
	char id[17];
	char label[33];
	struct mfa_recovery_text codes; /* count 0 but with the first factor */
};

/*
 * Enables a pending factor by its first code; charged like a login.
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND (no such pending factor, or expired);
 * MFA_ERR_WRONG; MFA_ERR_REPLAYED; MFA_ERR_LOCKED; MFA_ERR_CLOCK;
 * MFA_ERR_SYNTAX if it cannot be a code; as mfa_repo_open.
 */
enum mfa_err mfa_enroll_confirm(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const char *factor, const struct mfa_typed *code,
    struct mfa_confirmed *out) MFA_MUST_USE;

/*
 * Disables a factor.  With the last enabled one the subject is no longer
 * enrolled: the record is emptied, its budgets kept (R30).
 *
 * last: set if it was the last
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_LAST if it is an owner's last
 * and policy requires one; as mfa_repo_open.
 */
enum mfa_err mfa_enroll_disable(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const char *factor, bool *last) MFA_MUST_USE;

/*
 * Gives a factor another label.
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_EXISTS; MFA_ERR_INVALID; as
 * mfa_repo_open.
 */
enum mfa_err mfa_enroll_rename(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const char *factor, const char *label) MFA_MUST_USE;

/*
 * Makes a new set of recovery codes; the old ones are void at once.
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND if the subject is not enrolled;
 * MFA_ERR_CONFIG if the provider is off; as mfa_repo_open.
 */
enum mfa_err mfa_enroll_recovery(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    struct mfa_recovery_text *out) MFA_MUST_USE;

/*
 * Learns the drift of a factor's clock, or its counter, from two consecutive
 * codes; charged like a login, but refused by no lock: it is root that asks, and two codes in
 * a row are not guessed.  Mends a record written while this host's clock was
 * ahead.
 *
 * drift: in steps or counters, positive if the factor is ahead
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND; MFA_ERR_WRONG; MFA_ERR_REPLAYED;
 * MFA_ERR_SYNTAX; MFA_ERR_CLOCK before the release day; as mfa_repo_open.
 */
struct mfa_sync_ask {
	const char *factor;
	const struct mfa_typed *first;
	const struct mfa_typed *second;
};
enum mfa_err mfa_enroll_sync(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_sync_ask *ask, int32_t *drift) MFA_MUST_USE;

#endif
