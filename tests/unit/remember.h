/* SPDX-License-Identifier: MIT */
/* For tests of remembered places: PERSON at a terminal, and what lets in. */
#ifndef MFA_TESTS_REMEMBER_H
#define MFA_TESTS_REMEMBER_H

#include "tests/unit/login_states.h"

#define SECONDS 3600

static struct mfa_confirmed confirmed;

/* PERSON is enrolled; at this terminal codes are remembered for an hour. */
static inline void
ready(struct world *w)
{
	world_user(w, PERSON);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	session_rule(w, MFA_DECISION_REQUIRE)->remember_seconds = SECONDS;
	w->caller.tty = "/dev/pts/3";
	w->caller.seat.session = 17;
}

static inline int
at_terminal(void **state)
{
	if (world_new(state) != 0)
		return -1;
	ready(*state);
	return 0;
}

/* A login; true if it was let in unasked, by what is remembered. */
static inline bool
unasked(struct world *w)
{
	struct session s = { .w = w };

	session_begin(&s, PERSON, false, 3);
	if (session_asks(&s)) {
		mfa_login_wipe(&s.login);
		return false;
	}
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_REMEMBERED);
	assert_string_equal(s.step.message, "");
	return true;
}

static inline void
answer(struct world *w, const char *code)
{
	struct session s = { .w = w };

	session_begin(&s, PERSON, false, 3);
	assert_true(session_asks(&s));
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	mfa_login_wipe(&s.login);
}

static inline void
log_in(struct world *w)
{
	char code[9];

	world_pass(w, 60);
	world_code(w, SECRET_A, 0, code);
	answer(w, code);
}

#endif
