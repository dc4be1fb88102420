/* SPDX-License-Identifier: MIT */
/*
 * For tests of the login: one session with a scripted person, and the states
 * of a record in which all is in order.  The others are in login_states.h.
 */
#ifndef MFA_TESTS_LOGIN_SESSION_H
#define MFA_TESTS_LOGIN_SESSION_H

#include "tests/unit/world.h"

#include "verifier/engine/admin.h"

#define PERSON "daemon" /* a user that every machine has */
#define NOBODY "no-such-user-here"

struct session {
	struct world *w;
	struct mfa_login login;
	struct mfa_step step;
};

static inline void
session_begin(struct session *s, const char *user, bool nullok, uint32_t retry)
{
	const struct mfa_login_ask ask = { .caller = s->w->caller,
		.user = user, .nullok = nullok, .retry = retry,
		.acknowledges = true };

	memset(&s->step, 0xa5, sizeof(s->step));
	mfa_login_begin(&s->w->engine, &ask, &s->login, &s->step);
}

static inline void
session_answer(struct session *s, const char *text)
{
	memset(&s->step, 0xa5, sizeof(s->step));
	mfa_login_answer(&s->w->engine, &s->login, (const uint8_t *)text,
	    strlen(text), &s->step);
}

static inline bool
session_asks(const struct session *s)
{
	if (s->step.kind == MFA_STEP_PROMPT) {
		assert_int_equal(s->step.verdict, MFA_VERDICT_DENY);
		assert_int_equal(s->step.reason, MFA_REASON_NONE);
		return true;
	}
	assert_int_equal(s->step.kind, MFA_STEP_VERDICT);
	return false;
}

static inline void
session_ends(const struct session *s, enum mfa_verdict verdict,
    enum mfa_reason reason)
{
	assert_false(session_asks(s));
	assert_int_equal(s->step.verdict, verdict);
	assert_int_equal(s->step.reason, reason);
}

/* A rule for everybody; its fields are the caller's to set further. */
static inline struct mfa_config_rule *
session_rule(struct world *w, enum mfa_decision decision)
{
	struct mfa_config_rule *rule =
	    &w->config.rule[w->config.rule_count++];

	memcpy(rule->name, "test", 5);
	rule->decision = decision;
	rule->provides = w->config.realm[0].provides;
	rule->unenrolled = MFA_UNENROLLED_REFUSE;
	return rule;
}

/* ---- states of PERSON's record ---- */

static inline void
state_none(struct world *w)
{
	world_user(w, PERSON);
}

static inline void
state_pending(struct world *w)
{
	char id[17];

	world_user(w, PERSON);
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
}

static inline void
state_enrolled(struct world *w)
{
	struct mfa_confirmed confirmed;

	world_user(w, PERSON);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
}

static inline void
state_disabled(struct world *w)
{
	bool last = false;

	state_enrolled(w);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "phone", &last), MFA_OK);
	assert_true(last);
}

static inline void
state_reset(struct world *w)
{
	state_enrolled(w);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller,
	    &w->subject), MFA_OK);
}

#endif
