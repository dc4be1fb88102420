/* SPDX-License-Identifier: MIT */
/*
 * R2, R3, R12, R17, R21: a challenge is no other subject's, realm's or peer's;
 * where there is nothing to prove, and where nothing could prove it.
 */
#include "tests/unit/challenge.h"

#include "tests/unit/login_session.h"

static uint32_t
charged(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return r.factors[0].root.consecutive + r.factors[0].other.consecutive;
}

/* ---- whose it is ---- */

/* Answers a challenge for a subject that it was not started for. */
static enum mfa_reason
answer_as(struct world *w, const char *text, const struct mfa_subject *who,
    const char *code)
{
	uint8_t id[MFA_CHALLENGE_ID];
	const struct mfa_challenge_answer answer = { .id = id, .method = "",
		.answer = (const uint8_t *)code, .len = strlen(code) };
	struct mfa_attempt_result result;
	struct mfa_subject subject;

	assert_int_equal(mfa_challenge_parse(text, &subject, id), MFA_OK);
	assert_int_equal(mfa_challenge_verify(&w->engine, &w->caller, who,
	    &answer, &result), MFA_OK);
	return result.reason;
}

/* bob, alice of another realm, and one who has no record. */
static void
test_R17_no_other_subjects(void **state)
{
	struct world *w = *state;
	const struct mfa_subject alice = w->subject;
	const struct mfa_subject nobody = world_subject("shop", "nobody");
	struct mfa_subject other[2] = { world_subject("shop", "bob"),
		world_subject("bank", "alice") };
	struct mfa_confirmed confirmed;
	struct app app;
	char code[9];

	(void)world_realm(w, "bank", 0);
	app_start(w, &app);
	for (int i = 0; i < 2; i++) {
		w->subject = other[i];
		world_enroll(w, "phone", SECRET_B, &confirmed);
		world_pass(w, 30);
		world_code(w, SECRET_B, 0, code);
		/* Their own right code does not answer hers. */
		assert_int_equal(answer_as(w, app.text, &other[i], code),
		    MFA_REASON_EXPIRED);
		assert_int_equal(charged(w), 0);
		assert_int_equal(world_try(w, code), MFA_REASON_OK);
	}
	assert_int_equal(answer_as(w, app.text, &nobody, "123456"),
	    MFA_REASON_EXPIRED);
	/* Nor does the text, with another name in it. */
	memcpy(app.text + 32, ".shop.bob", 10);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
	memcpy(app.text + 32, ".shop.alice", 12);
	w->subject = alice;
	assert_int_equal(charged(w), 0);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
}

static void
test_R3_what_is_no_id(void **state)
{
	static const char hex[] = "0123456789abcdef0123456789abcdef";
	static const struct {
		const char *tail;
		enum mfa_err err;
	} tails[] = {
		{ "", MFA_ERR_EXPIRED }, { ".", MFA_ERR_EXPIRED },
		{ ".shop", MFA_ERR_EXPIRED },
		{ "0.shop.alice", MFA_ERR_EXPIRED },
		{ ".shop.", MFA_ERR_EXPIRED }, { "..alice", MFA_ERR_EXPIRED },
		{ ".Shop.alice", MFA_ERR_EXPIRED },
		{ ".shop.Alice", MFA_ERR_EXPIRED },
		{ ".shop.al/ice", MFA_ERR_EXPIRED },
		{ ".shop.%61lice", MFA_ERR_EXPIRED },
		{ ".shop.alice%", MFA_ERR_EXPIRED },
		{ ".shop.%00", MFA_ERR_EXPIRED },
		{ ".shop.%0a", MFA_ERR_EXPIRED },
		{ " shop.alice", MFA_ERR_EXPIRED },
		{ ".unix." NOBODY, MFA_ERR_NO_USER },
		{ ".shop.alice", MFA_OK },
		{ ".shop.%41lice", MFA_OK }, /* Alice */
		{ ".unix." PERSON, MFA_OK },
	};
	static const char *const heads[] = { "0123456789abcdef",
		"0123456789ABCDEF0123456789ABCDEF",
		"0123456789abcdef0123456789abcdeg",
		"0123456789abcdef0123456789abcde ",
		"0123456789abcdef0123456789abcdef0" };
	struct mfa_subject subject;
	char text[MFA_CHALLENGE_TEXT];
	uint8_t id[MFA_CHALLENGE_ID];

	(void)state;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s%s", hex, tails[i].tail);
		if (mfa_challenge_parse(text, &subject, id) != tails[i].err)
			fail_msg("%s parses otherwise", text);
	}
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s.shop.alice", heads[i]);
		if (mfa_challenge_parse(text, &subject, id) !=
		    MFA_ERR_EXPIRED)
			fail_msg("%s is an id", text);
	}
	assert_int_equal(mfa_challenge_parse("", &subject, id),
	    MFA_ERR_EXPIRED);
}

/* Names of all sorts come back as they were. */
static void
test_R22_any_name_is_named_again(void **state)
{
	static const char *const names[] = { "a", "..", "DOM\\user",
		"user@dom", "x.y.z", "%", "\xc3\xb6", "with blank" };
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char code[9], longest[257];
	struct app app;

	memset(longest, '@', 256);
	longest[256] = '\0';
	for (int i = 0; i < 9; i++) {
		w->subject = world_subject("shop",
		    i < 8 ? names[i] : longest);
		world_enroll(w, "phone", SECRET_A, &confirmed);
		world_pass(w, 30);
		app_start(w, &app);
		world_code(w, SECRET_A, 0, code);
		assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
		assert_string_equal(w->texts.subject, w->subject.name);
	}
}

static void
test_R21_of_the_same_class_of_peer(void **state)
{
	struct world *w = *state;
	char code[9];

	for (int i = 0; i < 2; i++) {
		const enum mfa_path mine = i == 0 ? MFA_PATH_ROOT :
						    MFA_PATH_OTHER;
		struct app app;

		world_pass(w, 30);
		world_code(w, SECRET_A, 0, code);
		w->caller.path = mine;
		app_start(w, &app);
		w->caller.path = i == 0 ? MFA_PATH_OTHER : MFA_PATH_ROOT;
		assert_int_equal(app_answer(w, &app, code),
		    MFA_REASON_EXPIRED);
		assert_int_equal(charged(w), 0);
		w->caller.path = mine;
		assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
	}
}

static void
test_R22_a_foreign_record_has_none(void **state)
{
	struct world *w = *state;
	uint8_t id[MFA_CHALLENGE_ID];
	const struct mfa_challenge_answer answer = { .id = id, .method = "",
		.answer = (const uint8_t *)"123456", .len = 6 };
	struct mfa_attempt_result result;
	struct mfa_subject subject;
	struct app app;

	state_enrolled(w);
	w->subject.uid++;
	assert_int_equal(app_begin(w, &app), MFA_ERR_FOREIGN);
	w->subject.uid--;
	app_start(w, &app);
	assert_int_equal(mfa_challenge_parse(app.text, &subject, id), MFA_OK);
	w->subject.uid++;
	assert_int_equal(mfa_challenge_verify(&w->engine, &w->caller,
	    &w->subject, &answer, &result), MFA_ERR_FOREIGN);
	assert_int_not_equal(result.reason, MFA_REASON_OK);
	w->subject.uid--;
	w->subject.known = false;
	assert_int_equal(app_begin(w, &app), MFA_ERR_NO_USER);
}

/* ---- nothing to prove ---- */

static void
skipped(struct world *w, const char *reason)
{
	struct app app;

	memset(&app, 0xa5, sizeof(app));
	memset(w->events, 0, sizeof(w->events));
	assert_int_equal(app_begin(w, &app), MFA_OK);
	assert_true(unit_all(&app.started, sizeof(app.started), 0));
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_SKIPPED], 1);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_CREATED], 0);
	assert_string_equal(w->texts.reason, reason);
}

static void
test_R2_not_required_is_by_policy_only(void **state)
{
	struct mfa_config_realm *shop;
	struct world *w = *state;
	struct app app;
	char id[17];
	bool last;

	shop = &w->config.realm[1];
	w->subject = world_subject("shop", "bob");
	skipped(w, "not-enrolled");
	assert_int_equal(world_pending(w, "phone", SECRET_B, id), MFA_OK);
	skipped(w, "not-enrolled");
	shop->require = MFA_REQUIRE_ALL;
	assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
	w->subject = world_subject("shop", "carol"); /* without a record */
	assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
	/* The exempt users are unix's. */
	memcpy(w->config.exempt_users[0], "carol", 6);
	memcpy(w->config.exempt_users[1], PERSON, sizeof(PERSON));
	w->config.exempt_count = 2;
	assert_int_equal(app_begin(w, &app), MFA_ERR_NOT_ENROLLED);
	shop->require = MFA_REQUIRE_ENROLLED;
	w->subject = world_subject("shop", "alice");
	app_start(w, &app);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "phone", &last), MFA_OK);
	skipped(w, "not-enrolled");
	/* What was started before is no way round: the factor is gone. */
	assert_int_equal(app_answer(w, &app, "123456"), MFA_REASON_EXPIRED);
	world_user(w, PERSON);
	skipped(w, "exempt");
}

/* Those of the old life are gone for the new one (R30). */
static void
test_R30_none_outlives_its_factors(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct app app;
	char code[9];
	bool last;

	app_start(w, &app);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "phone", &last), MFA_OK);
	world_record(w, &r);
	assert_int_equal(r.challenges_count, 0);
	assert_true(unit_all(r.challenges, sizeof(r.challenges), 0));
	world_enroll(w, "phone", SECRET_B, &confirmed);
	world_pass(w, 30);
	world_code(w, SECRET_B, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
	memset(app.text, '0', 32);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
}

static void
test_R2_trouble_is_never_not_required(void **state)
{
	struct world *w = *state;
	struct app app;

	w->subject = world_subject("shop", "bob");
	w->mishap.open_fails = 1;
	assert_int_equal(app_begin(w, &app), MFA_ERR_IO);
	w->clock_fails = true;
	w->subject = world_subject("shop", "alice");
	assert_int_equal(app_begin(w, &app), MFA_ERR_IO);
	w->clock_fails = false;
	w->mishap.open_fails = 1;
	assert_int_equal(app_begin(w, &app), MFA_ERR_IO);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_SKIPPED], 0);
	w->subject = world_subject("cellar", "alice");
	assert_int_equal(app_begin(w, &app), MFA_ERR_NO_REALM);
}

/* ---- methods ---- */

static enum mfa_reason
by(struct world *w, struct app *app, const char *method, const char *code)
{
	return app_answer_in(w, &w->engine, app, method, code);
}

static void
test_R7_a_method_leaves_the_others_alone(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_recovery_text text;
	struct app app;
	char totp[9], hotp[9];

	world_enroll_hotp(w, "token", SECRET_B);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	world_pass(w, 30);
	app_start(w, &app);
	assert_int_equal(app.started.method_count, 3);
	assert_string_equal(app.started.method[1], "hotp");
	world_code(w, SECRET_A, 0, totp);
	world_counter(SECRET_B, 1, hotp);
	assert_int_equal(by(w, &app, "hotp", totp), MFA_REASON_WRONG);
	world_record(w, &r);
	assert_int_equal(r.factors[0].root.consecutive, 0);
	assert_int_equal(r.factors[1].root.consecutive, 1);
	assert_int_equal(r.factors[1].counter, 1);
	assert_int_equal(by(w, &app, "totp", hotp), MFA_REASON_WRONG);
	/* Methods that are none here, or not of this form: not compared. */
	assert_int_equal(by(w, &app, "otp", totp), MFA_REASON_MALFORMED);
	assert_int_equal(by(w, &app, "TOTP", totp), MFA_REASON_MALFORMED);
	assert_int_equal(by(w, &app, "recovery_code", totp),
	    MFA_REASON_MALFORMED);
	assert_int_equal(by(w, &app, "totp", text.code[0]),
	    MFA_REASON_MALFORMED);
	assert_int_equal(app.result.attempts_left, 3);
	assert_int_equal(by(w, &app, "hotp", hotp), MFA_REASON_OK);
	assert_string_equal(app.result.method, "hotp");
	app_start(w, &app);
	assert_int_equal(by(w, &app, "recovery_code", text.code[0]),
	    MFA_REASON_OK);
}

static void
test_methods_are_those_that_could_answer(void **state)
{
	struct world *w = *state;
	struct mfa_recovery_text text;
	struct app app;
	char id[17];

	/* A second phone is no second method; a pending one is none. */
	world_enroll(w, "tablet", SECRET_B, &(struct mfa_confirmed){ 0 });
	world_enroll_otp(w, "mail", "alice@example.org");
	assert_int_equal(world_pending(w, "new", SECRET_C, id), MFA_OK);
	app_start(w, &app);
	assert_int_equal(app.started.method_count, 3);
	assert_string_equal(app.started.method[1], "otp");
	/* Off is off; used up is used up. */
	w->config.realm[1].provides = MFA_PROVIDES_OTP |
	    MFA_PROVIDES_RECOVERY_CODE;
	w->config.recovery_code_count = 1;
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	assert_int_equal(app_answer(w, &app, text.code[0]), MFA_REASON_OK);
	app_start(w, &app);
	assert_int_equal(app.started.method_count, 1);
	assert_string_equal(app.started.method[0], "otp");
}

/* ---- sending ---- */

static void
test_R12_nothing_is_sent_for_what_is_over(void **state)
{
	struct world *w = *state;
	struct app app, other;
	char bad[9];

	world_enroll_otp(w, "mail", "alice@example.org");
	w->runner.delivered = 0;
	w->config.burst = 20;
	world_pass(w, 60);
	app_start(w, &app);
	w->caller.path = MFA_PATH_OTHER;
	assert_int_equal(app_send(w, &app, ""), MFA_ERR_EXPIRED);
	w->caller.path = MFA_PATH_ROOT;
	other = app;
	other.text[0] = other.text[0] == '0' ? '1' : '0';
	assert_int_equal(app_send(w, &other, ""), MFA_ERR_EXPIRED);
	memcpy(other.text + 32, ".shop.bob", 10);
	assert_int_equal(app_send(w, &other, ""), MFA_ERR_EXPIRED);
	assert_int_equal(app_send(w, &app, "phone"), MFA_ERR_NOT_FOUND);
	for (int i = 0; i < 5; i++) {
		world_wrong(w, bad);
		assert_int_equal(app_answer(w, &app, bad), MFA_REASON_WRONG);
	}
	assert_int_equal(app_send(w, &app, ""), MFA_ERR_EXPIRED);
	app_start(w, &app);
	world_pass(w, 300);
	assert_int_equal(app_send(w, &app, ""), MFA_ERR_EXPIRED);
	assert_int_equal(w->runner.delivered, 0);
	app_start(w, &app);
	w->runner.deliver_err = MFA_ERR_UNDELIVERED;
	assert_int_equal(app_send(w, &app, ""), MFA_ERR_UNDELIVERED);
	assert_int_equal(w->runner.delivered, 1);
}

/* Longer than is kept: cut, the same way at each end. */
static void
test_R12_long_texts_are_cut(void **state)
{
	struct world *w = *state;
	struct app app;
	char service[100], rhost[256];

	memset(service, 's', 99);
	service[99] = '\0';
	memset(rhost, 'h', 255);
	rhost[255] = '\0';
	world_enroll_otp(w, "mail", "alice@example.org");
	world_pass(w, 60);
	w->caller.service = service;
	w->caller.rhost = rhost;
	app_start(w, &app);
	assert_int_equal(app_send(w, &app, ""), MFA_OK);
	assert_int_equal(strlen(w->runner.last.service), 64);
	assert_int_equal(strlen(w->runner.last.rhost), 32);
	assert_int_equal(app_answer(w, &app, w->runner.last.code),
	    MFA_REASON_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP(test_R17_no_other_subjects),
		cmocka_unit_test(test_R3_what_is_no_id),
		IN_SHOP(test_R22_any_name_is_named_again),
		IN_SHOP(test_R21_of_the_same_class_of_peer),
		IN_SHOP(test_R22_a_foreign_record_has_none),
		IN_SHOP(test_R2_not_required_is_by_policy_only),
		IN_SHOP(test_R30_none_outlives_its_factors),
		IN_SHOP_MEMORY(test_R2_trouble_is_never_not_required),
		IN_SHOP(test_R7_a_method_leaves_the_others_alone),
		IN_SHOP(test_methods_are_those_that_could_answer),
		IN_SHOP(test_R12_nothing_is_sent_for_what_is_over),
		IN_SHOP(test_R12_long_texts_are_cut),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
