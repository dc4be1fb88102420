/* SPDX-License-Identifier: MIT */
/*
 * R12, R13, R26: how the end of a delivered code and of a challenge is told,
 * and how many recovery codes were made.
 */
#include "tests/unit/challenge.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/deliver.h"

#define ADDRESS "alice@example.org"
#define HEARD	32

/* All of one type since the last look. */
struct heard {
	enum mfa_event_type type;
	unsigned int n;
	struct last_texts texts[HEARD];
	struct mfa_event event[HEARD]; /* but for its texts */
	struct world *w;
};

static void
note(void *ctx, const struct mfa_event *event, const char *line)
{
	struct heard *h = ctx;

	(void)line;
	if (event->type != h->type)
		return;
	assert_true(h->n < HEARD);
	h->texts[h->n] = h->w->texts;
	h->event[h->n++] = h->w->last;
}

static struct heard *
listen(struct world *w, enum mfa_event_type type)
{
	static struct heard heard;

	memset(&heard, 0, sizeof(heard));
	heard.type = type;
	heard.w = w;
	w->watch = note;
	w->watch_ctx = &heard;
	return &heard;
}

/* One was told, for this reason. */
static void
one(struct heard *h, const char *reason, const char *factor)
{
	assert_int_equal(h->n, 1);
	assert_string_equal(h->texts[0].reason, reason);
	assert_string_equal(h->texts[0].factor, factor);
	h->n = 0;
}

static int
mailed(void **state)
{
	struct world *w;

	assert_int_equal(app_world(state), 0);
	w = *state;
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 60);
	w->config.burst = 100;
	return 0;
}

static int
mailed_in_memory(void **state)
{
	struct world *w;

	assert_int_equal(app_world_memory(state), 0);
	w = *state;
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 60);
	return 0;
}

/* Sends a code for a challenge; the same with another last digit in bad. */
static void
send(struct world *w, struct app *app, char bad[9])
{
	app_start(w, app);
	assert_int_equal(app_send(w, app, ""), MFA_OK);
	memcpy(bad, w->runner.last.code, 9);
	bad[7] = bad[7] == '0' ? '1' : '0';
}

static enum mfa_err
reset(struct world *w)
{
	return mfa_admin_reset(&w->engine, &w->caller, &w->subject);
}

/* ---- a delivered code ---- */

static void
test_R12_the_third_wrong_comparison_ends_it(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_OTP_DELETED);
	struct app app;
	char bad[9];

	send(w, &app, bad);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
		assert_false(app.result.voided_delivered);
	}
	/* What is not compared ends nothing. */
	assert_int_equal(app_answer(w, &app, "hello"), MFA_REASON_MALFORMED);
	assert_int_equal(h->n, 0);
	assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	assert_true(app.result.voided_delivered);
	assert_string_equal(h->texts[0].method, "otp");
	assert_string_equal(h->texts[0].address, ADDRESS);
	assert_string_equal(h->texts[0].service, "shop-door");
	one(h, "wrong", "mail");
	/* Once. */
	assert_int_equal(app_answer(w, &app, bad), MFA_REASON_NO_CODE);
	assert_int_equal(app_answer(w, &app, w->runner.last.code),
	    MFA_REASON_NO_CODE);
	assert_false(app.result.voided_delivered);
	assert_int_equal(h->n, 0);
}

/* It is gone, so nothing that comes after it ends it again. */
static void
test_R12_what_is_void_does_not_end_again(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_OTP_DELETED);
	struct app app;
	char bad[9];

	for (int i = 0; i < 2; i++) {
		send(w, &app, bad);
		for (int n = 0; n < 3; n++)
			assert_int_equal(app_answer(w, &app, bad),
			    MFA_REASON_WRONG);
		one(h, "wrong", "mail");
		world_pass(w, 30);
	}
	assert_int_equal(reset(w), MFA_OK);
	assert_int_equal(h->n, 0);
}

static void
test_R12_used_as_the_third_it_is_used(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_OTP_DELETED);
	struct app app;
	char bad[9];

	send(w, &app, bad);
	for (int i = 0; i < 2; i++)
		assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	assert_int_equal(app_answer(w, &app, w->runner.last.code),
	    MFA_REASON_OK);
	assert_false(app.result.voided_delivered);
	assert_true(app.result.used_delivered);
	one(h, "ok", "mail");
}

static void
test_R12_a_factor_that_waits_is_no_exception(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "work",
		.provider = "otp", .algorithm = "", .import = "",
		.address = "a@work.example" };
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_OTP_DELETED);
	struct mfa_confirmed out;
	struct mfa_enrolled e;
	struct mfa_typed typed;
	char bad[9];

	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	assert_int_equal(h->n, 0);
	memcpy(bad, w->runner.last.code, 9);
	bad[7] = bad[7] == '0' ? '1' : '0';
	typed = world_typed(bad);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(h->n, 0);
		assert_int_equal(mfa_enroll_confirm(&w->engine, &w->caller,
		    &w->subject, "work", &typed, &out), MFA_ERR_WRONG);
	}
	one(h, "wrong", "work");
}

static void
test_R12_a_reset_ends_a_live_code_only(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_OTP_DELETED);
	struct app app;
	char bad[9];

	/* Used, as the one that confirmed the factor. */
	w->events[MFA_EVENT_RESET] = 0;
	assert_int_equal(reset(w), MFA_OK);
	assert_int_equal(h->n, 0);
	/* Its time is over. */
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 60);
	h->n = 0;
	send(w, &app, bad);
	world_pass(w, 300);
	assert_int_equal(reset(w), MFA_OK);
	assert_int_equal(h->n, 0);
	/* A live one, with a comparison left. */
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 60);
	h->n = 0;
	send(w, &app, bad);
	for (int i = 0; i < 2; i++)
		assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	world_pass(w, 200);
	assert_int_equal(reset(w), MFA_OK);
	one(h, "", "");
	assert_int_equal(w->events[MFA_EVENT_RESET], 3);
	/* Once. */
	assert_int_equal(reset(w), MFA_OK);
	assert_int_equal(h->n, 0);
}

static void
test_R26_a_reset_that_fails_tells_nothing(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_OTP_DELETED);
	struct app app;
	char bad[9];

	send(w, &app, bad);
	w->mishap.write_fails = 1;
	assert_int_equal(reset(w), MFA_ERR_IO);
	assert_int_equal(h->n, 0);
	assert_int_equal(w->events[MFA_EVENT_RESET], 0);
	/* It was not reset: the code is good. */
	assert_int_equal(app_answer(w, &app, w->runner.last.code),
	    MFA_REASON_OK);
	one(h, "ok", "mail");
}

/* ---- challenges ---- */

static void
start_as(struct world *w, const char *service, const char *rhost)
{
	struct app app;

	w->caller.service = service;
	w->caller.rhost = rhost;
	app_start(w, &app);
}

static void
test_R26_a_challenge_ends_under_its_own_name(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_CHALLENGE_EXPIRED);

	start_as(w, "pay", "192.0.2.1");
	start_as(w, "send", "192.0.2.2");
	world_pass(w, 300);
	start_as(w, "look", "192.0.2.3");
	assert_int_equal(h->n, 2);
	/* In whatever order. */
	for (unsigned int i = 0; i < 2; i++) {
		const bool pay = strcmp(h->texts[i].service, "pay") == 0;

		assert_string_equal(h->texts[i].reason, "expired");
		assert_string_equal(h->texts[i].service, pay ? "pay" : "send");
		assert_string_equal(h->texts[i].rhost,
		    pay ? "192.0.2.1" : "192.0.2.2");
		assert_string_equal(h->texts[i].subject, "alice");
		assert_string_equal(h->texts[i].realm, "shop");
	}
	assert_string_not_equal(h->texts[0].service, h->texts[1].service);
	/* What begins is told last, and as itself. */
	assert_string_equal(w->texts.service, "look");
	assert_string_equal(w->texts.rhost, "192.0.2.3");
	assert_int_equal(w->last.type, MFA_EVENT_CHALLENGE_CREATED);
}

static void
test_R26_an_evicted_one_too(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_CHALLENGE_EXPIRED);

	start_as(w, "pay", "2001:db8::1");
	for (int i = 0; i < 3; i++)
		start_as(w, "send", "");
	assert_int_equal(h->n, 0);
	start_as(w, "look", "192.0.2.3");
	assert_string_equal(h->texts[0].service, "pay");
	assert_string_equal(h->texts[0].rhost, "2001:db8::1");
	one(h, "evicted", "");
	/* One that had no host is told without one. */
	start_as(w, "look", "192.0.2.3");
	assert_string_equal(h->texts[0].service, "send");
	assert_string_equal(h->texts[0].rhost, "");
	one(h, "evicted", "");
}

/* ---- recovery codes ---- */

static void
test_R13_how_many_codes_were_made(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_RECOVERY_GENERATED);
	struct mfa_recovery_text text;
	struct mfa_confirmed confirmed;

	for (uint32_t n = 1; n <= 5; n += 2) {
		w->config.recovery_code_count = n;
		assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
		    &w->subject, &text), MFA_OK);
		assert_int_equal(text.count, n);
		assert_true(h->event[0].has_left);
		assert_int_equal(h->event[0].left, n);
		one(h, "", "");
	}
	/* With the first factor of somebody, and not with a second. */
	w->subject = world_subject("shop", "bob");
	w->config.recovery_code_count = 7;
	world_enroll(w, "phone", SECRET_B, &confirmed);
	assert_true(h->event[0].has_left);
	assert_int_equal(h->event[0].left, 7);
	one(h, "", "");
	world_enroll(w, "tablet", SECRET_C, &confirmed);
	assert_int_equal(h->n, 0);
}

static void
test_R26_none_made_none_told(void **state)
{
	struct world *w = *state;
	struct heard *h = listen(w, MFA_EVENT_RECOVERY_GENERATED);
	struct mfa_recovery_text text;

	w->mishap.write_fails = 1;
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_ERR_IO);
	w->config.realm[1].provides &= ~(uint32_t)MFA_PROVIDES_RECOVERY_CODE;
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_ERR_CONFIG);
	assert_int_equal(h->n, 0);
}

#define MAILED(f) cmocka_unit_test_setup_teardown(f, mailed, world_free)
#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, mailed_in_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MAILED(test_R12_the_third_wrong_comparison_ends_it),
		MAILED(test_R12_what_is_void_does_not_end_again),
		MAILED(test_R12_used_as_the_third_it_is_used),
		MAILED(test_R12_a_factor_that_waits_is_no_exception),
		MAILED(test_R12_a_reset_ends_a_live_code_only),
		IN_MEMORY(test_R26_a_reset_that_fails_tells_nothing),
		IN_SHOP(test_R26_a_challenge_ends_under_its_own_name),
		IN_SHOP(test_R26_an_evicted_one_too),
		IN_SHOP(test_R13_how_many_codes_were_made),
		IN_MEMORY(test_R26_none_made_none_told),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
