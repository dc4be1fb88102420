/* SPDX-License-Identifier: MIT */
/*
 * For tests of R5: all that a person sees of a login, and the writes it costs,
 * for everybody who must see the same.
 */
#ifndef MFA_TESTS_LOGIN_TRANSCRIPT_H
#define MFA_TESTS_LOGIN_TRANSCRIPT_H

#include "tests/unit/login_states.h"

#define ANSWERS 4
#define RETRY	3

/* The store's work, counted on its way. */
static const struct mfa_store_ops *honest;
static unsigned int written;
/* What else is configured; may be NULL. */
static void (*configure)(struct world *w);

static inline enum mfa_err
counted_write(struct mfa_store_txn *txn, unsigned int slot,
    const uint8_t *bytes, uint64_t *revision)
{
	written++;
	return honest->write(txn, slot, bytes, revision);
}

static inline void
counted_decoy(struct mfa_store *store, const uint8_t *bytes, uint8_t *room)
{
	written += bytes != NULL;
	honest->decoy(store, bytes, room);
}

/* All that a person sees of one login. */
struct transcript {
	char text[2000];
	unsigned int writes[ANSWERS];
};

static inline void
note_step(struct transcript *t, const struct mfa_step *step)
{
	size_t used = strlen(t->text);

	if (step->kind == MFA_STEP_PROMPT)
		(void)snprintf(t->text + used, sizeof(t->text) - used,
		    "prompt [%s] [%s]\n", step->note, step->text);
	else
		(void)snprintf(t->text + used, sizeof(t->text) - used,
		    "verdict %x [%s]\n", (unsigned int)step->verdict,
		    step->message);
}

static inline void
play(struct session *s, const char *user, const char *const *answers,
    struct transcript *t)
{
	memset(t, 0, sizeof(*t));
	session_begin(s, user, false, RETRY);
	note_step(t, &s->step);
	for (int i = 0; i < ANSWERS && session_asks(s); i++) {
		written = 0;
		session_answer(s, answers[i]);
		t->writes[i] = written;
		note_step(t, &s->step);
	}
}

static const struct {
	const char *name;
	void (*make)(struct world *w);
	const char *user;
} others[] = {
	{ "locked", state_locked, PERSON },
	{ "budget spent", state_spent, PERSON },
	{ "blocked", state_blocked, PERSON },
	{ "unknown user", state_none, NOBODY },
	{ "empty name", state_none, "" },
	{ "no record", state_none, PERSON },
	{ "pending only", state_pending, PERSON },
	{ "last factor disabled", state_disabled, PERSON },
	{ "reset", state_reset, PERSON },
	{ "foreign uid", state_foreign, PERSON },
};

/* Plays it in a world of its own. */
static inline void
play_in(void (*make)(struct world *w), const char *user,
    const char *const *answers, struct transcript *t)
{
	struct mfa_store_ops ops;
	struct session s;
	void *w;

	assert_int_equal(world_new(&w), 0);
	s.w = w;
	make(s.w);
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	if (configure != NULL)
		configure(s.w);
	honest = s.w->engine.store->ops;
	ops = *honest;
	ops.write = counted_write;
	ops.decoy = counted_decoy;
	s.w->engine.store->ops = &ops;
	play(&s, user, answers, t);
	s.w->engine.store->ops = honest;
	assert_int_equal(world_free(&w), 0);
}

static inline void
same_for_all(const char *const *answers, const char *expected,
    const unsigned int *writes)
{
	struct transcript wrong, t;

	play_in(state_enrolled, PERSON, answers, &wrong);
	assert_string_equal(wrong.text, expected);
	for (int i = 0; i < ANSWERS; i++)
		assert_int_equal(wrong.writes[i], writes[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		play_in(others[i].make, others[i].user, answers, &t);
		if (strcmp(t.text, wrong.text) != 0)
			fail_msg("%s sees: %s", others[i].name, t.text);
		if (memcmp(t.writes, wrong.writes, sizeof(t.writes)) != 0)
			fail_msg("%s works otherwise", others[i].name);
	}
}

#define DENIED "verdict 2d9a6c35 []\n"

#endif
