/* SPDX-License-Identifier: MIT */
/*
 * All ways through a stack: whatever each module may return, what happens?
 *
 * Two ways that have come to the same line with the same opinion and the same
 * history, as far as it matters here, go on as one.  So the work grows with
 * the number of lines, not with the number of ways; the first way found is the
 * shortest.
 */
#ifndef MFA_DOCTOR_PAM_EXPLORE_H
#define MFA_DOCTOR_PAM_EXPLORE_H

#include "utils/doctor/pam_stack.h"

enum mfa_pam_sight_of {
	MFA_PAM_BYPASS,		/* success, and none of our lines was run */
	MFA_PAM_EXEMPT,		/* the same, as a condition wants it */
	MFA_PAM_FAIL_OPEN,	/* success, although ours refused */
	MFA_PAM_CODE_ALONE,	/* success by a code and nothing else */
	MFA_PAM_NOTHING,	/* success, and nobody asked for anything */
	MFA_PAM_AFTER_FAILURE,	/* ours asks who has failed before */
	MFA_PAM_BEFORE_FACTOR,	/* ours asks first */
	MFA_PAM_TWICE,		/* two of ours ask */
	MFA_PAM_BAD_JUMP,	/* past the end */
	MFA_PAM_COUNTED,	/* faillock counts our refusal */
	MFA_PAM_LATE_TALLY,	/* faillock looks after ours asked */
	MFA_PAM_SUCCEEDS,	/* success in any way */
	MFA_PAM_SIGHTS
};

struct mfa_pam_sight {
	bool seen;
	size_t line; /* that decides it; the stack's count: none */
	size_t ours; /* our line it is about; the stack's count: none */
	char way[300];
};

struct mfa_pam_view {
	struct mfa_pam_sight of[MFA_PAM_SIGHTS];
	bool reached[MFA_PAM_LINES];
	bool complete; /* false: too much to look at */
};

/* Returns: MFA_OK or MFA_ERR_MEMORY. */
enum mfa_err mfa_pam_explore(const struct mfa_pam_stack *stack,
    struct mfa_pam_view *view) MFA_MUST_USE;

#endif
