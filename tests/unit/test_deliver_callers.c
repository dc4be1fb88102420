/* SPDX-License-Identifier: MIT */
/*
 * R12, R21: codes for callers that are not root.  Malware in a session must not
 * leave its owner without one for sshd.
 */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/throttle.h"

#define ADDRESS "alice@example.org"

static int
mailed(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 600);
	memset(w->events, 0, sizeof(w->events));
	w->runner.delivered = 0;
	return 0;
}

static enum mfa_err
send_by(struct world *w, enum mfa_path path)
{
	w->caller.path = path;
	w->caller.uid = path == MFA_PATH_ROOT ? 0 : 4711;
	return world_send(w, "");
}

/* Sends until it is refused, each code once the last one's time is over. */
static uint32_t
send_all(struct world *w, enum mfa_path path)
{
	uint32_t n = 0;

	while (send_by(w, path) == MFA_OK) {
		n++;
		world_pass(w, 301);
	}
	assert_int_equal(send_by(w, path), MFA_ERR_LOCKED);
	return n;
}

/* ---- how many ---- */

static void
test_R12_half_of_them_for_who_is_not_root(void **state)
{
	static const uint32_t limits[] = { 10, 5, 2, 1, 3 };
	struct world *w = *state;

	for (int i = 0; i < 5; i++) {
		const uint32_t half = limits[i] / 2;

		assert_int_equal(mfa_admin_unlock(&w->engine, &w->caller,
		    &w->subject, false), MFA_OK);
		w->config.realm[0].sends_per_day = limits[i];
		w->runner.delivered = 0;
		assert_int_equal(send_all(w, MFA_PATH_OTHER), half);
		/* What is left is root's, all of it. */
		assert_int_equal(send_all(w, MFA_PATH_ROOT),
		    limits[i] - half);
		assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_ERR_LOCKED);
		assert_int_equal(w->runner.delivered, limits[i]);
	}
}

static void
test_R12_those_of_root_count_for_others(void **state)
{
	struct world *w = *state;

	w->config.realm[0].sends_per_day = 6;
	/* One was sent to confirm the factor. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(send_by(w, MFA_PATH_ROOT), MFA_OK);
		world_pass(w, 301);
	}
	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_ERR_LOCKED);
	assert_int_equal(w->runner.delivered, 2);
	world_pass(w, 25ULL * 3600);
	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
}

/* An enrolment by its owner is a send as any other. */
static void
test_R12_enrolments_of_others_are_sends(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "work",
		.provider = "otp", .algorithm = "", .import = "",
		.address = "a@work.example" };
	struct world *w = *state;
	struct mfa_enrolled e;

	w->config.realm[0].sends_per_day = 3;
	w->caller.path = MFA_PATH_OTHER;
	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_ERR_LOCKED);
	assert_int_equal(w->runner.delivered, 0);
	w->caller.path = MFA_PATH_ROOT;
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, "work"), MFA_OK);
}

/* ---- when ---- */

/* A live one of root's is good until its time is over. */
static void
test_R21_no_code_of_root_s_is_voided(void **state)
{
	struct world *w = *state;
	char code[9];

	assert_int_equal(send_by(w, MFA_PATH_ROOT), MFA_OK);
	memcpy(code, w->runner.last.code, 9);
	world_pass(w, 299);
	for (int i = 0; i < 5; i++)
		assert_int_equal(send_by(w, MFA_PATH_OTHER),
		    MFA_ERR_TOO_SOON);
	assert_int_equal(w->runner.delivered, 1);
	assert_int_equal(w->events[MFA_EVENT_OTP_DELETED], 0);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	/* Used, so there is nothing to void. */
	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
	world_pass(w, 301);
	assert_int_equal(send_by(w, MFA_PATH_ROOT), MFA_OK);
	world_pass(w, 300);
	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
}

static void
test_R21_root_does_not_wait_for_others(void **state)
{
	struct world *w = *state;
	char code[9];

	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
	assert_int_equal(send_by(w, MFA_PATH_ROOT), MFA_OK);
	assert_int_equal(w->events[MFA_EVENT_OTP_DELETED], 1);
	memcpy(code, w->runner.last.code, 9);
	/* For its own it does, and so do the others for theirs. */
	world_pass(w, 29);
	assert_int_equal(send_by(w, MFA_PATH_ROOT), MFA_ERR_TOO_SOON);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
	world_pass(w, 29);
	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_ERR_TOO_SOON);
	world_pass(w, 1);
	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
}

/* Whose code it is, its use must be the same (R12). */
static void
test_R12_a_code_is_of_its_class_of_peer(void **state)
{
	struct world *w = *state;
	char code[9];

	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
	memcpy(code, w->runner.last.code, 9);
	assert_int_equal(world_try(w, code), MFA_REASON_NO_CODE);
	assert_int_equal(world_try_on(w, &w->engine, MFA_PATH_OTHER, code),
	    MFA_REASON_OK);
}

/* ---- what they may, and what is said of them ---- */

/* What service and host are is their word, and the message says so. */
static void
test_R21_what_others_say_is_a_claim(void **state)
{
	struct world *w = *state;

	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
	assert_true(w->runner.last.claimed);
	assert_int_equal(send_by(w, MFA_PATH_ROOT), MFA_OK);
	assert_false(w->runner.last.claimed);
}

/* To log in is anybody's; to add a factor wants a proof. */
static void
test_R21_a_first_code_is_for_who_may_add_it(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "sms", .provider = "otp",
		.algorithm = "", .import = "", .address = "+15550100123" };
	struct world *w = *state;
	struct mfa_enrolled e;

	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	world_pass(w, 600);
	w->runner.delivered = 0;
	w->caller.right = MFA_RIGHT_OWNER;
	w->caller.path = MFA_PATH_OTHER;
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, "sms"), MFA_ERR_PROOF);
	assert_int_equal(w->runner.delivered, 0);
	assert_int_equal(send_by(w, MFA_PATH_OTHER), MFA_OK);
	assert_string_equal(w->runner.last.factor, "mail");
	assert_int_equal(w->runner.delivered, 1);
}

/* ---- to which factor ---- */

static void
test_R12_a_name_of_one_letter(void **state)
{
	struct world *w = *state;

	world_enroll_otp(w, "m", "+15550100123");
	world_pass(w, 600);
	assert_int_equal(world_send(w, "m"), MFA_OK);
	assert_string_equal(w->runner.last.factor, "m");
	world_pass(w, 600);
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_string_equal(w->runner.last.factor, "mail");
	world_pass(w, 600);
	assert_int_equal(world_send(w, "a"), MFA_ERR_NOT_FOUND);
}

/* Of a factor that is not there nothing else is to be said. */
static void
test_R12_no_such_factor_wherever_codes_are_off(void **state)
{
	struct world *w = *state;

	w->config.realm[0].provides = MFA_PROVIDES_TOTP;
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, "pager"), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_deliver_confirm(&w->engine, &w->caller,
	    &w->subject, "mail"), MFA_ERR_CONFIG);
	assert_int_equal(w->runner.delivered, 0);
}

#define MAILED(f) cmocka_unit_test_setup_teardown(f, mailed, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MAILED(test_R12_half_of_them_for_who_is_not_root),
		MAILED(test_R12_those_of_root_count_for_others),
		MAILED(test_R12_enrolments_of_others_are_sends),
		MAILED(test_R21_no_code_of_root_s_is_voided),
		MAILED(test_R21_root_does_not_wait_for_others),
		MAILED(test_R12_a_code_is_of_its_class_of_peer),
		MAILED(test_R21_what_others_say_is_a_claim),
		MAILED(test_R21_a_first_code_is_for_who_may_add_it),
		MAILED(test_R12_a_name_of_one_letter),
		MAILED(test_R12_no_such_factor_wherever_codes_are_off),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
