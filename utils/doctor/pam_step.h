/* SPDX-License-Identifier: MIT */
/*
 * What libpam does with what a module returned: its dispatch, one step at a
 * time, for the first call of a stack (authenticate, acct_mgmt).
 */
#ifndef MFA_DOCTOR_PAM_STEP_H
#define MFA_DOCTOR_PAM_STEP_H

#include "utils/doctor/pam_stack.h"

enum mfa_pam_mood {
	MFA_PAM_UNDECIDED = 0,
	MFA_PAM_POSITIVE = 1,
	MFA_PAM_NEGATIVE = 2
};

/* What the stack says so far. */
struct mfa_pam_opinion {
	enum mfa_pam_mood mood;
	int status; /* enum mfa_pam_code */
};

struct mfa_pam_state {
	size_t at; /* the line that runs next; the stack's count at the end */
	struct mfa_pam_opinion now;
	struct mfa_pam_opinion entered[MFA_PAM_DEPTH + 2]; /* by level */
	bool bad_jump; /* a jump went past the end */
};

/* Before the first module. */
void mfa_pam_begin(const struct mfa_pam_stack *stack,
    struct mfa_pam_state *state);

/* True if no module is left. */
bool mfa_pam_ended(const struct mfa_pam_stack *stack,
    const struct mfa_pam_state *state);

/*
 * The module at state->at returned code.
 *
 * code: of a line that libpam makes fail it must be MFA_PAM_PERM_DENIED
 */
void mfa_pam_step(const struct mfa_pam_stack *stack,
    struct mfa_pam_state *state, int code);

/* What libpam tells the program, at the end. */
int mfa_pam_result(const struct mfa_pam_state *state);

#endif
