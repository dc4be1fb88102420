/* SPDX-License-Identifier: MIT */
/*
 * R12: a delivered code is good for what it was asked for: realm, subject,
 * factor, service, remote host, class of the peer, challenge, confirmation.
 */
#include "tests/unit/world.h"

#include "verifier/engine/challenge.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/throttle.h"

#define RHOST "192.0.2.7"

static int
mailed(void **state)
{
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	w->caller.service = "sshd";
	w->caller.rhost = RHOST;
	world_enroll_otp(w, "mail", "alice@example.org");
	world_pass(w, 60);
	return 0;
}

static enum mfa_reason
try_as(struct world *w, const struct mfa_caller *caller, const char *code)
{
	const struct mfa_typed typed = world_typed(code);
	const struct mfa_attempt attempt = { .caller = caller,
		.typed = &typed };
	struct mfa_attempt_result result;

	assert_int_equal(mfa_attempt_make(&w->engine, &w->subject, &attempt,
	    &result), MFA_OK);
	return result.reason;
}

static void
test_R12_bound_to_service_host_and_peer(void **state)
{
	static const struct mfa_caller others[] = {
		{ MFA_PATH_ROOT, 0, NULL, 0, "sudo", RHOST, "", false, false,
		    { 0, 0, 0, 0 } },
		{ MFA_PATH_ROOT, 0, NULL, 0, "sshd2", RHOST, "", false, false,
		    { 0, 0, 0, 0 } },
		{ MFA_PATH_ROOT, 0, NULL, 0, "ssh", RHOST, "", false, false,
		    { 0, 0, 0, 0 } },
		{ MFA_PATH_ROOT, 0, NULL, 0, "", RHOST, "", false, false,
		    { 0, 0, 0, 0 } },
		{ MFA_PATH_ROOT, 0, NULL, 0, "sshd", "192.0.2.8", "", false, false,
		    { 0, 0, 0, 0 } },
		{ MFA_PATH_ROOT, 0, NULL, 0, "sshd", "", "", false, false,
		    { 0, 0, 0, 0 } },
		/* The two texts run together must not be the same. */
		{ MFA_PATH_ROOT, 0, NULL, 0, "sshd1", "92.0.2.7", "", false, false,
		    { 0, 0, 0, 0 } },
		{ MFA_PATH_ROOT, 0, NULL, 0, "sshd192.0.2.7", "", "", false, false,
		    { 0, 0, 0, 0 } },
		{ MFA_PATH_OTHER, 0, NULL, 4711, "sshd", RHOST, "", false, false,
		    { 0, 0, 0, 0 } },
	};
	static mfa_record_Record r;
	struct world *w = *state;
	char code[9];

	assert_int_equal(world_send(w, ""), MFA_OK);
	memcpy(code, w->runner.last.code, 9);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(try_as(w, &others[i], code),
		    MFA_REASON_NO_CODE);
	/* None of that was compared or charged. */
	world_record(w, &r);
	assert_int_equal(r.delivered.compared, 0);
	assert_int_equal(mfa_throttle_day(&r, r.stamp.lapse), 0);
	/* The terminal and the peer's uid are nothing it is bound to: sshd
	   comes back in a new process. */
	const struct mfa_caller back = { MFA_PATH_ROOT, 0, NULL, 0, "sshd", RHOST,
		"ssh", false, false,
		    { 0, 0, 0, 0 } };
	assert_int_equal(try_as(w, &back, code), MFA_REASON_OK);
}

static void
test_R12_the_other_way_round(void **state)
{
	struct world *w = *state;
	const struct mfa_caller root = w->caller;

	/* Asked for by a screen locker: no good for sshd. */
	w->caller.path = MFA_PATH_OTHER;
	w->caller.uid = 4711;
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_int_equal(try_as(w, &root, w->runner.last.code),
	    MFA_REASON_NO_CODE);
	assert_int_equal(try_as(w, &w->caller, w->runner.last.code),
	    MFA_REASON_OK);
}

/* Each of three records has a live code; only its own opens it. */
static void
test_R12_bound_to_realm_and_subject(void **state)
{
	struct world *w = *state;
	struct mfa_subject who[3] = { w->subject, w->subject };
	char code[3][9];

	(void)world_realm(w, "shop", MFA_PROVIDES_OTP);
	memcpy(who[1].name, "bob", 4);
	memcpy(who[1].id, "u-bob", 6);
	who[1].uid = 4712;
	who[2] = world_subject("shop", "alice");
	for (int i = 0; i < 3; i++) {
		w->subject = who[i];
		if (i > 0)
			world_enroll_otp(w, "mail", "alice@example.org");
		world_pass(w, 60);
		assert_int_equal(world_send(w, ""), MFA_OK);
		assert_string_equal(w->runner.last.subject, who[i].name);
		assert_string_equal(w->runner.last.realm, who[i].realm);
		memcpy(code[i], w->runner.last.code, 9);
	}
	for (int i = 0; i < 3; i++) {
		w->subject = who[i];
		for (int j = 1; j < 3; j++) {
			const char *other = code[(i + j) % 3];

			if (strcmp(other, code[i]) != 0)
				assert_int_equal(world_try(w, other),
				    MFA_REASON_WRONG);
		}
		assert_int_equal(world_try(w, code[i]), MFA_REASON_OK);
	}
}

/* Sent to one factor, it does not count for another of the same kind. */
static void
test_R12_bound_to_its_factor(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	char code[9];
	bool last;

	world_enroll_otp(w, "sms", "+15550100123");
	world_pass(w, 60);
	assert_int_equal(world_send(w, "sms"), MFA_OK);
	assert_string_equal(w->runner.last.address, "+15550100123");
	memcpy(code, w->runner.last.code, 9);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_record(w, &r);
	assert_int_equal(r.factors[0].root.consecutive, 0);
	assert_int_equal(r.factors[1].last_used, w->now.wall);
	assert_int_not_equal(r.factors[0].last_used, w->now.wall);
	/* Its factor is gone: so is the code, the other one does not help. */
	assert_int_equal(world_send(w, "sms"), MFA_OK);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "sms", &last), MFA_OK);
	assert_int_equal(world_try(w, w->runner.last.code),
	    MFA_REASON_NO_CODE);
}

static void
test_R12_a_reset_ends_it(void **state)
{
	struct world *w = *state;
	char code[9];
	bool last = false;

	assert_int_equal(world_send(w, ""), MFA_OK);
	memcpy(code, w->runner.last.code, 9);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "mail", &last), MFA_OK);
	assert_true(last);
	assert_int_equal(world_try(w, code), MFA_REASON_NOT_ENROLLED);
	world_enroll_otp(w, "mail", "alice@example.org");
	assert_int_equal(world_try(w, code), MFA_REASON_NO_CODE);
}

/* ---- challenges ---- */

static enum mfa_reason
verify(struct world *w, const uint8_t *id, const char *code)
{
	const struct mfa_challenge_answer answer = { .id = id, .method = "",
		.answer = (const uint8_t *)code, .len = strlen(code) };
	struct mfa_attempt_result result;

	assert_int_equal(mfa_challenge_verify(&w->engine, &w->caller,
	    &w->subject, &answer, &result), MFA_OK);
	return result.reason;
}

/* The id's bytes of a new challenge. */
static void
start(struct world *w, uint8_t id[MFA_CHALLENGE_ID])
{
	struct mfa_challenge c;

	assert_int_equal(mfa_challenge_start(&w->engine, &w->caller,
	    &w->subject, &c), MFA_OK);
	assert_true(c.required);
	c.id[2 * MFA_CHALLENGE_ID] = '\0';
	assert_int_equal(mfa_num_unhex(c.id, id, MFA_CHALLENGE_ID), MFA_OK);
}

static void
test_R12_bound_to_its_challenge(void **state)
{
	struct world *w = *state;
	uint8_t one[MFA_CHALLENGE_ID], two[MFA_CHALLENGE_ID];

	start(w, one);
	start(w, two);
	assert_int_equal(mfa_challenge_send(&w->engine, &w->caller,
	    &w->subject, one, ""), MFA_OK);
	assert_true(w->runner.last.wait);
	/* Not for another challenge, nor for a login. */
	assert_int_equal(verify(w, two, w->runner.last.code),
	    MFA_REASON_NO_CODE);
	assert_int_equal(world_try(w, w->runner.last.code),
	    MFA_REASON_NO_CODE);
	assert_int_equal(verify(w, one, w->runner.last.code), MFA_REASON_OK);
	/* And a login's code is none for a challenge. */
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_int_equal(verify(w, two, w->runner.last.code),
	    MFA_REASON_NO_CODE);
	assert_int_equal(world_try(w, w->runner.last.code), MFA_REASON_OK);
}

/* Service and host are the challenge's, whoever asks for and answers it. */
static void
test_R12_a_challenges_code_in_other_processes(void **state)
{
	struct world *w = *state;
	uint8_t id[MFA_CHALLENGE_ID];

	start(w, id);
	w->caller.service = "worker-2";
	w->caller.rhost = "198.51.100.1";
	assert_int_equal(mfa_challenge_send(&w->engine, &w->caller,
	    &w->subject, id, "mail"), MFA_OK);
	assert_string_equal(w->runner.last.service, "sshd");
	assert_string_equal(w->runner.last.rhost, RHOST);
	w->caller.service = "worker-3";
	w->caller.rhost = "";
	assert_int_equal(verify(w, id, w->runner.last.code), MFA_REASON_OK);
}

/* ---- confirmation ---- */

static enum mfa_err
confirm(struct world *w, const char *factor, const char *code)
{
	const struct mfa_typed typed = world_typed(code);
	struct mfa_confirmed out;

	return mfa_enroll_confirm(&w->engine, &w->caller, &w->subject, factor,
	    &typed, &out);
}

static void
test_R12_a_first_code_confirms_and_nothing_else(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "sms", .provider = "otp",
		.algorithm = "", .import = "", .address = "+15550100123" };
	struct world *w = *state;
	struct mfa_enrolled e;

	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	assert_string_equal(w->runner.last.factor, "sms");
	assert_true(w->runner.last.wait);
	/* It was sent to one factor: no login, not the other one's. */
	assert_int_equal(world_try(w, w->runner.last.code),
	    MFA_REASON_NO_CODE);
	assert_int_equal(confirm(w, "mail", w->runner.last.code),
	    MFA_ERR_NOT_FOUND);
	/* A login's code, sent to another factor, confirms nothing. */
	world_pass(w, 60);
	assert_int_equal(world_send(w, "mail"), MFA_OK);
	assert_int_equal(confirm(w, "sms", w->runner.last.code),
	    MFA_ERR_EXPIRED);
	assert_int_equal(world_try(w, w->runner.last.code), MFA_REASON_OK);
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, "sms"), MFA_OK);
	assert_int_equal(confirm(w, "sms", w->runner.last.code), MFA_OK);
	assert_int_equal(confirm(w, "sms", w->runner.last.code),
	    MFA_ERR_NOT_FOUND);
}

static void
test_R12_asking_for_a_first_code(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "sms", .provider = "otp",
		.algorithm = "", .import = "", .address = "+15550100123" };
	struct world *w = *state;
	struct mfa_enrolled e;

	w->runner.deliver_err = MFA_ERR_UNDELIVERED;
	memset(&e, 0, sizeof(e));
	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_ERR_UNDELIVERED);
	/* The factor is there. */
	assert_string_equal(e.label, "sms");
	w->runner.deliver_err = MFA_OK;
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, e.id), MFA_ERR_TOO_SOON);
	world_pass(w, 30);
	/* Not of one that is confirmed, unknown, or another kind's. */
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, "mail"), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, "pager"), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, e.id), MFA_OK);
	assert_int_equal(confirm(w, e.id, w->runner.last.code), MFA_OK);
}

static void
test_R12_no_first_code_after_its_time(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "sms", .provider = "otp",
		.algorithm = "", .import = "", .address = "+15550100123" };
	struct world *w = *state;
	struct mfa_enrolled e;

	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	world_pass(w, 900);
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, e.id), MFA_ERR_NOT_FOUND);
	assert_int_equal(confirm(w, e.id, w->runner.last.code),
	    MFA_ERR_NOT_FOUND);
}

#define MAILED(f) cmocka_unit_test_setup_teardown(f, mailed, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MAILED(test_R12_bound_to_service_host_and_peer),
		MAILED(test_R12_the_other_way_round),
		MAILED(test_R12_bound_to_realm_and_subject),
		MAILED(test_R12_bound_to_its_factor),
		MAILED(test_R12_a_reset_ends_it),
		MAILED(test_R12_bound_to_its_challenge),
		MAILED(test_R12_a_challenges_code_in_other_processes),
		MAILED(test_R12_a_first_code_confirms_and_nothing_else),
		MAILED(test_R12_asking_for_a_first_code),
		MAILED(test_R12_no_first_code_after_its_time),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
