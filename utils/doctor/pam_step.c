/* SPDX-License-Identifier: MIT */
#include "utils/doctor/pam_step.h"

#include <string.h>

/* Goes over the lines that open substacks; remembers what was said so far. */
static void
enter(const struct mfa_pam_stack *stack, struct mfa_pam_state *state)
{
	while (state->at < stack->count &&
	    stack->handler[state->at].line.kind == MFA_PAM_SUBSTACK) {
		int level = stack->handler[state->at].level;

		state->at++;
		if (state->at < stack->count &&
		    stack->handler[state->at].level > level)
			state->entered[level + 1] = state->now;
	}
}

void
mfa_pam_begin(const struct mfa_pam_stack *stack, struct mfa_pam_state *state)
{
	memset(state, 0, sizeof(*state));
	state->now.status = MFA_PAM_PERM_DENIED;
	state->entered[0] = state->now;
	enter(stack, state);
}

bool
mfa_pam_ended(const struct mfa_pam_stack *stack,
    const struct mfa_pam_state *state)
{
	return state->at >= stack->count;
}

static bool
more(const struct mfa_pam_stack *stack, size_t at, int level)
{
	return at + 1 < stack->count && stack->handler[at + 1].level >= level;
}

/* To the last line of the substack, or of the stack. */
static void
leave(const struct mfa_pam_stack *stack, struct mfa_pam_state *state,
    int level)
{
	while (more(stack, state->at, level))
		state->at++;
}

static void
good(const struct mfa_pam_stack *stack, struct mfa_pam_state *state, int code,
    int action, int level)
{
	struct mfa_pam_opinion *now = &state->now;

	if (now->mood == MFA_PAM_UNDECIDED ||
	    (now->mood == MFA_PAM_POSITIVE &&
		now->status == MFA_PAM_SUCCESS)) {
		now->mood = MFA_PAM_POSITIVE;
		now->status = code;
	}
	if (now->mood == MFA_PAM_POSITIVE && action == MFA_PAM_DO_DONE)
		leave(stack, state, level);
}

static void
bad(const struct mfa_pam_stack *stack, struct mfa_pam_state *state, int code,
    int action, int level)
{
	struct mfa_pam_opinion *now = &state->now;

	if (now->mood != MFA_PAM_NEGATIVE) {
		now->mood = MFA_PAM_NEGATIVE;
		now->status = code == MFA_PAM_IGNORE ? MFA_PAM_PERM_DENIED :
						       code;
	}
	if (action == MFA_PAM_DO_DIE)
		leave(stack, state, level);
}

/* A substack counts as one line; no jump leaves one. */
static void
jump(const struct mfa_pam_stack *stack, struct mfa_pam_state *state, int lines,
    int level)
{
	while (lines > 0 && more(stack, state->at, level)) {
		state->at++;
		while (more(stack, state->at, level + 1))
			state->at++;
		lines--;
	}
	if (lines == 0)
		return;
	state->bad_jump = true;
	state->now.mood = MFA_PAM_NEGATIVE;
	state->now.status = MFA_PAM_PERM_DENIED;
}

void
mfa_pam_step(const struct mfa_pam_stack *stack, struct mfa_pam_state *state,
    int code)
{
	const struct mfa_pam_handler *handler = &stack->handler[state->at];
	int action = handler->line.actions[code], level = handler->level;

	switch (action) {
	case MFA_PAM_DO_IGNORE:
		break;
	case MFA_PAM_DO_OK:
	case MFA_PAM_DO_DONE:
		good(stack, state, code, action, level);
		break;
	case MFA_PAM_DO_BAD:
	case MFA_PAM_DO_DIE:
		bad(stack, state, code, action, level);
		break;
	case MFA_PAM_DO_RESET:
		state->now = state->entered[level];
		break;
	default:
		jump(stack, state, action, level);
	}
	state->at++;
	enter(stack, state);
}

int
mfa_pam_result(const struct mfa_pam_state *state)
{
	if (state->now.status == MFA_PAM_SUCCESS &&
	    state->now.mood != MFA_PAM_POSITIVE)
		return MFA_PAM_PERM_DENIED;
	return state->now.status;
}
