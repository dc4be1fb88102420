/* SPDX-License-Identifier: MIT */
/*
 * What is done to every record after a backup or a snapshot was put back: the
 * codes that an older record would let in once more are made void (R17).
 *
 * MUST (checked against restore.c):
 *  - all of it is one write: a record is as it was, or wholly done;
 *  - a code that was good at some time before is not good after it, but those
 *    that a program compares;
 *  - nothing is opened: no lock, no budget, no factor, no login without one;
 *  - what was proven to the record before proves nothing any more, whatever
 *    its generation was before it was put back;
 *  - with a clock that cannot be believed nothing is changed;
 *  - to do it twice does no harm to a record that nobody touched meanwhile.
 */
#ifndef MFA_ENGINE_RESTORE_H
#define MFA_ENGINE_RESTORE_H

#include "verifier/engine/engine.h"

/*
 * Wrong codes in a row, as a hotp factor has them from then on, on both paths:
 * above every hard stop, and refunds do not bring it below one.
 */
#define MFA_RESTORE_BLOCKED UINT32_MAX

/* What became void in one record. */
struct mfa_restored {
	bool changed;		 /* false: there was nothing */
	uint32_t recovery_codes; /* that could be used still */
	uint32_t tokens;  /* enabled hotp factors: blocked until sync */
	uint32_t pending; /* factors that were not confirmed */
	bool granted;	  /* an invitation or a bypass was open */
	uint32_t enabled; /* factors that are enabled now */
};

/*
 * Does it to one record.
 *
 * A totp factor takes no code up to the end of the window of now.  The next
 * counter of a hotp factor is unknown: it is blocked, and sync with two codes
 * opens it.  Recovery codes, the delivered code, challenges, invitation,
 * bypass, pending factors and remembered places go.  Locks and budgets stay,
 * and so do answers that programs accepted: they are refused once more.
 *
 * id:  the store's
 * out: all zero for a record that is gone; untouched on failure
 *
 * Returns: MFA_OK, also if the record is gone; MFA_ERR_DENIED for a caller
 * that may not manage; MFA_ERR_INVALID for an id that is none; MFA_ERR_CLOCK;
 * as mfa_repo_open, then as mfa_repo_update.
 */
enum mfa_err mfa_restore_record(struct mfa_engine *engine,
    const struct mfa_caller *caller, const char *id,
    struct mfa_restored *out) MFA_MUST_USE;

#endif
