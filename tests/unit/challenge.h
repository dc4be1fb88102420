/* SPDX-License-Identifier: MIT */
/* For tests of challenges: an application, its realm, and its words. */
#ifndef MFA_TESTS_CHALLENGE_H
#define MFA_TESTS_CHALLENGE_H

#include "tests/unit/world.h"

#include "verifier/engine/challenge.h"

/* What an application knows: the text, and what comes of it. */
struct app {
	char text[MFA_CHALLENGE_TEXT];
	struct mfa_challenge started;
	struct mfa_attempt_result result;
};

static inline enum mfa_err
app_begin(struct world *w, struct app *app)
{
	enum mfa_err r = mfa_challenge_start(&w->engine, &w->caller,
	    &w->subject, &app->started);

	if (r == MFA_OK)
		memcpy(app->text, app->started.id, sizeof(app->text));
	return r;
}

static inline void
app_start(struct world *w, struct app *app)
{
	memset(app, 0, sizeof(*app));
	assert_int_equal(app_begin(w, app), MFA_OK);
	assert_true(app->started.required);
}

/* In an engine, for the subject that the text names. */
static inline enum mfa_reason
app_answer_in(struct world *w, struct mfa_engine *engine, struct app *app,
    const char *method, const char *code)
{
	uint8_t id[MFA_CHALLENGE_ID];
	const struct mfa_challenge_answer answer = { .id = id,
		.method = method, .answer = (const uint8_t *)code,
		.len = strlen(code) };
	struct mfa_subject subject;

	memset(&app->result, 0xa5, sizeof(app->result));
	assert_int_equal(mfa_challenge_parse(app->text, &subject, id), MFA_OK);
	if (mfa_challenge_verify(engine, &w->caller, &subject, &answer,
		&app->result) != MFA_OK)
		return MFA_REASON_ERROR;
	return app->result.reason;
}

static inline enum mfa_reason
app_answer(struct world *w, struct app *app, const char *code)
{
	return app_answer_in(w, &w->engine, app, "", code);
}

static inline enum mfa_err
app_send(struct world *w, const struct app *app, const char *factor)
{
	uint8_t id[MFA_CHALLENGE_ID];
	struct mfa_subject subject;

	assert_int_equal(mfa_challenge_parse(app->text, &subject, id), MFA_OK);
	return mfa_challenge_send(&w->engine, &w->caller, &subject, id,
	    factor);
}

/* alice of realm shop, with a phone; the next code is fresh. */
static inline void
app_equip(struct world *w)
{
	struct mfa_confirmed confirmed;

	(void)world_realm(w, "shop", 0);
	w->subject = world_subject("shop", "alice");
	w->caller.service = "shop-door";
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 60);
	memset(w->events, 0, sizeof(w->events));
	memset(w->reasons, 0, sizeof(w->reasons));
}

static inline int
app_world(void **state)
{
	assert_int_equal(world_new(state), 0);
	app_equip(*state);
	return 0;
}

static inline int
app_world_memory(void **state)
{
	assert_int_equal(world_new_memory(state), 0);
	app_equip(*state);
	return 0;
}

#define IN_SHOP(f) cmocka_unit_test_setup_teardown(f, app_world, world_free)
#define IN_SHOP_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, app_world_memory, world_free)

#endif
