/* SPDX-License-Identifier: MIT */
/*
 * R2, R7, R21: four challenges a subject.  Who is not root evicts none that
 * root began; and none begins that nothing could answer.
 */
#include "tests/unit/challenge.h"

#define OTHER MFA_PATH_OTHER
#define ROOT  MFA_PATH_ROOT

/* Services of those that gave way, in this order. */
struct evicted {
	unsigned int n;
	char service[8][65];
};

static void
note(void *ctx, const struct mfa_event *event, const char *line)
{
	struct evicted *e = ctx;

	(void)line;
	if (event->type != MFA_EVENT_CHALLENGE_EXPIRED)
		return;
	assert_true(e->n < 8);
	assert_string_equal(event->reason, "evicted");
	(void)snprintf(e->service[e->n++], sizeof(e->service[0]), "%s",
	    event->service);
}

static struct evicted *
watch(struct world *w)
{
	static struct evicted evicted;

	memset(&evicted, 0, sizeof(evicted));
	w->watch = note;
	w->watch_ctx = &evicted;
	return &evicted;
}

static enum mfa_err
begin(struct world *w, enum mfa_path path, const char *service,
    struct app *app)
{
	memset(app, 0, sizeof(*app));
	w->caller.path = path;
	w->caller.service = service;
	world_pass(w, 1);
	return app_begin(w, app);
}

static const mfa_record_Record *
record_of(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return &r;
}

/* Those there are, oldest first. */
static void
stored(struct world *w, const char *const service[4])
{
	const mfa_record_Record *r = record_of(w);

	assert_int_equal(r->challenges_count, 4);
	for (int i = 0; i < 4; i++)
		assert_string_equal(r->challenges[i].service, service[i]);
}

/* ---- room ---- */

static void
test_R21_who_is_not_root_evicts_none_of_root_s(void **state)
{
	struct world *w = *state;
	struct evicted *e = watch(w);
	struct app app[4], mine;
	unsigned int writes;
	char code[9];

	for (int i = 0; i < 4; i++)
		assert_int_equal(begin(w, ROOT, "sshd", &app[i]), MFA_OK);
	writes = w->writes;
	w->events[MFA_EVENT_CHALLENGE_CREATED] = 0;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(begin(w, OTHER, "mine", &mine),
		    MFA_ERR_BUSY);
		assert_true(unit_all(&mine, sizeof(mine), 0));
	}
	assert_int_equal(w->writes, writes);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_CREATED], 0);
	assert_int_equal(e->n, 0);
	/* All of root's are there; and a place that is free is anybody's. */
	w->caller.path = ROOT;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app[0], code), MFA_REASON_OK);
	assert_int_equal(begin(w, OTHER, "mine", &mine), MFA_OK);
	assert_int_equal(e->n, 0);
}

/* Three of root's leave one place, and that one changes hands. */
static void
test_R21_who_is_not_root_evicts_their_own(void **state)
{
	static const char *const after[] = { "sshd", "sshd", "sshd", "c" };
	struct world *w = *state;
	struct evicted *e = watch(w);
	struct app app;

	assert_int_equal(begin(w, ROOT, "sshd", &app), MFA_OK);
	assert_int_equal(begin(w, OTHER, "a", &app), MFA_OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(begin(w, ROOT, "sshd", &app), MFA_OK);
	assert_int_equal(begin(w, OTHER, "b", &app), MFA_OK);
	assert_int_equal(begin(w, OTHER, "c", &app), MFA_OK);
	assert_int_equal(e->n, 2);
	assert_string_equal(e->service[0], "a");
	assert_string_equal(e->service[1], "b");
	stored(w, after);
}

/* However old root's own ones are. */
static void
test_R21_root_evicts_others_first(void **state)
{
	static const char *const after[] = { "one", "two", "three", "four" };
	static const char *const then[] = { "two", "three", "four", "five" };
	struct world *w = *state;
	struct evicted *e = watch(w);
	struct app app;

	assert_int_equal(begin(w, ROOT, "one", &app), MFA_OK);
	assert_int_equal(begin(w, OTHER, "a", &app), MFA_OK);
	assert_int_equal(begin(w, OTHER, "b", &app), MFA_OK);
	assert_int_equal(begin(w, ROOT, "two", &app), MFA_OK);
	assert_int_equal(begin(w, ROOT, "three", &app), MFA_OK);
	assert_int_equal(begin(w, ROOT, "four", &app), MFA_OK);
	assert_int_equal(e->n, 2);
	assert_string_equal(e->service[0], "a");
	assert_string_equal(e->service[1], "b");
	stored(w, after);
	/* Its own oldest where there is no other. */
	assert_int_equal(begin(w, ROOT, "five", &app), MFA_OK);
	assert_int_equal(e->n, 3);
	assert_string_equal(e->service[2], "one");
	stored(w, then);
}

static void
test_R21_the_oldest_of_those_that_are_not_root_s(void **state)
{
	static const char *const after[] = { "c", "d", "e", "f" };
	struct world *w = *state;
	struct evicted *e = watch(w);
	struct app app;

	for (char c = 'a'; c <= 'f'; c++) {
		const char service[] = { c, '\0' };

		assert_int_equal(begin(w, OTHER, service, &app), MFA_OK);
	}
	assert_int_equal(e->n, 2);
	assert_string_equal(e->service[0], "a");
	assert_string_equal(e->service[1], "b");
	stored(w, after);
}

/* Root's four are in nobody's way once they are over. */
static void
test_R21_busy_until_one_is_over(void **state)
{
	struct world *w = *state;
	struct app app;
	char bad[9];

	w->config.burst = 100;
	w->config.max_attempts = 2;
	for (int i = 0; i < 4; i++)
		assert_int_equal(begin(w, ROOT, "sshd", &app), MFA_OK);
	assert_int_equal(begin(w, OTHER, "mine", &app), MFA_ERR_BUSY);
	/* All answers given. */
	assert_int_equal(begin(w, ROOT, "sshd", &app), MFA_OK);
	for (int i = 0; i < 2; i++) {
		world_wrong(w, bad);
		assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	}
	assert_int_equal(begin(w, OTHER, "mine", &app), MFA_OK);
	assert_int_equal(begin(w, ROOT, "sshd", &app), MFA_OK);
	assert_int_equal(begin(w, OTHER, "mine", &app), MFA_ERR_BUSY);
	world_pass(w, 300);
	assert_int_equal(begin(w, OTHER, "mine", &app), MFA_OK);
	assert_int_equal(record_of(w)->challenges_count, 1);
}

/* ---- nothing that could answer ---- */

/* Required, and not to be had: with either policy, and nothing is written. */
static void
nothing_answers(struct world *w)
{
	static const enum mfa_require policies[] = { MFA_REQUIRE_ENROLLED,
		MFA_REQUIRE_ALL };
	struct app app;

	for (int i = 0; i < 4; i++) {
		const unsigned int writes = w->writes;

		w->config.realm[1].require = policies[i % 2];
		w->caller.path = i < 2 ? ROOT : OTHER;
		memset(&app, 0xa5, sizeof(app));
		memset(w->events, 0, sizeof(w->events));
		assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
		assert_true(unit_all(&app, sizeof(app), 0xa5));
		assert_int_equal(w->writes, writes);
		assert_int_equal(record_of(w)->challenges_count, 0);
		assert_int_equal(w->events[MFA_EVENT_CHALLENGE_CREATED], 0);
		assert_int_equal(w->events[MFA_EVENT_CHALLENGE_SKIPPED], 0);
	}
	w->caller.path = ROOT;
}

static void
test_R2_all_that_would_answer_is_off(void **state)
{
	struct world *w = *state;
	struct app app;

	w->config.realm[1].provides = 0;
	nothing_answers(w);
	w->config.realm[1].provides = MFA_PROVIDES_HOTP | MFA_PROVIDES_OTP |
	    MFA_PROVIDES_OUTSIDE;
	nothing_answers(w);
	/* On again, it is as it was. */
	w->config.realm[1].provides = MFA_PROVIDES_TOTP;
	app_start(w, &app);
	assert_int_equal(app.started.method_count, 1);
}

static void
test_R2_recovery_codes_are_used_up(void **state)
{
	struct mfa_recovery_text text;
	struct world *w = *state;
	struct app app;

	w->config.recovery_code_count = 1;
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	w->config.realm[1].provides = MFA_PROVIDES_RECOVERY_CODE;
	app_start(w, &app);
	assert_int_equal(app.started.method_count, 1);
	assert_int_equal(app_answer(w, &app, text.code[0]), MFA_REASON_OK);
	nothing_answers(w);
}

/* A program that is not configured any more. */
static void
test_R2_a_program_that_is_gone(void **state)
{
	struct world *w = *state;
	struct app app;

	world_enroll_outside(w, "key", "yubico", "first-answer");
	w->config.realm[1].provides = MFA_PROVIDES_OUTSIDE;
	app_start(w, &app);
	assert_string_equal(app.started.method[0], "yubico");
	assert_int_equal(app_answer(w, &app, "second-answer"),
	    MFA_REASON_WRONG);
	w->runner.accepts = "third-answer";
	assert_int_equal(app_answer(w, &app, "third-answer"), MFA_REASON_OK);
	w->config.outside_count = 0;
	nothing_answers(w);
}

/* A challenge that is there is not evicted by one that does not begin. */
static void
test_R7_what_does_not_begin_evicts_nothing(void **state)
{
	struct world *w = *state;
	struct evicted *e = watch(w);
	struct app app;

	for (int i = 0; i < 4; i++)
		assert_int_equal(begin(w, ROOT, "sshd", &app), MFA_OK);
	w->config.realm[1].provides = MFA_PROVIDES_HOTP;
	assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
	assert_int_equal(e->n, 0);
	assert_int_equal(record_of(w)->challenges_count, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP_MEMORY(test_R21_who_is_not_root_evicts_none_of_root_s),
		IN_SHOP(test_R21_who_is_not_root_evicts_their_own),
		IN_SHOP(test_R21_root_evicts_others_first),
		IN_SHOP(test_R21_the_oldest_of_those_that_are_not_root_s),
		IN_SHOP(test_R21_busy_until_one_is_over),
		IN_SHOP_MEMORY(test_R2_all_that_would_answer_is_off),
		IN_SHOP_MEMORY(test_R2_recovery_codes_are_used_up),
		IN_SHOP_MEMORY(test_R2_a_program_that_is_gone),
		IN_SHOP(test_R7_what_does_not_begin_evicts_nothing),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
