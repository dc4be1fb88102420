/* SPDX-License-Identifier: MIT */
/*
 * R7, R8, R9, R11: which factors take part in an attempt, what that costs each
 * of them, and what is said where none does.
 */
#include "tests/unit/world.h"

#include "verifier/engine/throttle.h"

/* phone: totp of A; token: hotp of B; mail: otp, all of six digits. */
static int
mixed(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	w->config.otp_digits = 6;
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_enroll_hotp(w, "token", SECRET_B);
	world_enroll_otp(w, "mail", "alice@example.org");
	world_pass(w, 60);
	return 0;
}

enum { PHONE, TOKEN, MAIL };

static const mfa_record_Record *
record_of(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return &r;
}

/* Wrong codes in a row: of the three factors, and of the account. */
static void
charged(struct world *w, unsigned int phone, unsigned int token,
    unsigned int mail, unsigned int account)
{
	const mfa_record_Record *r = record_of(w);

	assert_int_equal(r->factors[PHONE].root.consecutive, phone);
	assert_int_equal(r->factors[TOKEN].root.consecutive, token);
	assert_int_equal(r->factors[MAIL].root.consecutive, mail);
	assert_int_equal(mfa_throttle_day(r, r->stamp.lapse), account);
}

/* No code of any of them. */
static void
wrong(struct world *w, char out[9])
{
	char good[9];

	for (bool hit = true; hit;) {
		hit = false;
		world_wrong(w, out);
		for (unsigned int i = 0; i < 40; i++) {
			world_counter(SECRET_B, i, good);
			hit |= strcmp(good, out) == 0;
		}
		hit |= strcmp(w->runner.last.code, out) == 0;
		if (hit)
			world_pass(w, 30);
	}
}

static struct mfa_attempt_result
attempt(struct world *w, const char *text)
{
	const struct mfa_typed typed = world_typed(text);
	const struct mfa_attempt what = { .caller = &w->caller,
		.typed = &typed };
	struct mfa_attempt_result result;

	assert_int_equal(mfa_attempt_make(&w->engine, &w->subject, &what,
	    &result), MFA_OK);
	return result;
}

static void
test_R7_all_that_are_compared_are_charged(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;
	char bad[9];

	wrong(w, bad);
	result = attempt(w, bad);
	assert_int_equal(result.reason, MFA_REASON_WRONG);
	/* No code is out for the mail: it takes no part. */
	charged(w, 1, 1, 0, 1);
	/* Compared with two kinds: there is no telling which was meant. */
	assert_string_equal(result.method, "");
	assert_int_equal(world_send(w, ""), MFA_OK);
	wrong(w, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	charged(w, 2, 2, 1, 2);
	assert_int_equal(record_of(w)->delivered.compared, 1);
}

static void
test_R7_a_match_gives_the_others_back(void **state)
{
	struct world *w = *state;
	struct mfa_attempt_result result;
	char bad[9], code[9];

	for (int i = 0; i < 2; i++) {
		wrong(w, bad);
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	}
	charged(w, 2, 2, 0, 2);
	world_counter(SECRET_B, 1, code);
	result = attempt(w, code);
	assert_int_equal(result.reason, MFA_REASON_OK);
	assert_string_equal(result.method, "hotp");
	assert_string_equal(result.factor, "token");
	charged(w, 2, 0, 0, 2);
	assert_int_equal(world_send(w, ""), MFA_OK);
	memcpy(code, w->runner.last.code, 9);
	result = attempt(w, code);
	assert_int_equal(result.reason, MFA_REASON_OK);
	assert_string_equal(result.method, "otp");
	assert_true(result.used_delivered);
	assert_string_equal(result.address, "alice@example.org");
	charged(w, 2, 0, 0, 2);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_string_equal(attempt(w, code).method, "totp");
	charged(w, 0, 0, 0, 2);
}

/* By chance a code of the phone's as well. */
static bool
is_phones(const struct world *w, const char *code)
{
	char good[9];
	bool hit = false;

	for (int step = -1; step <= 1; step++) {
		world_code(w, SECRET_A, step, good);
		hit |= strcmp(good, code) == 0;
	}
	return hit;
}

static void
test_R7_120_logins_with_the_token_leave_the_phone_alone(void **state)
{
	struct world *w = *state;
	char code[9];

	for (uint64_t i = 1; i <= 120; i++) {
		world_counter(SECRET_B, i, code);
		while (is_phones(w, code))
			world_pass(w, 30);
		assert_int_equal(world_try(w, code), MFA_REASON_OK);
	}
	charged(w, 0, 0, 0, 0);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

/* Also where it is not the first hour of the record. */
static void
test_R7_a_match_gives_back_what_it_was_charged(void **state)
{
	struct world *w = *state;
	char code[9];

	world_pass(w, 90000);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	charged(w, 0, 0, 0, 0);
	assert_int_equal(mfa_throttle_month(record_of(w),
	    record_of(w)->stamp.lapse), 0);
}

/* Another verifier, that acts while a program of ours compares. */
struct other {
	struct world *w;
	struct mfa_engine engine;
	enum mfa_err err;
};

/* The phone goes, and newer factors take its place in the record. */
static void
crowd_out(void *ctx)
{
	struct other *o = ctx;
	const struct mfa_caller *caller = &o->w->caller;
	char secret[] = SECRET_B;
	const struct mfa_enroll_ask ask = { .label = "next",
		.provider = "totp", .algorithm = "", .import = secret,
		.address = "", .enabled = true };
	struct mfa_enrolled out;
	bool last;

	o->err = mfa_enroll_disable(&o->engine, caller, &o->w->subject,
	    "phone", &last);
	for (int i = 0; i < 7 && o->err == MFA_OK; i++) {
		secret[0] = (char)('A' + i);
		o->err = mfa_enroll_begin(&o->engine, caller, &o->w->subject,
		    &ask, &out);
		if (o->err == MFA_OK)
			o->err = mfa_enroll_disable(&o->engine, caller,
			    &o->w->subject, "next", &last);
	}
}

static void
test_R7_no_refund_for_a_factor_that_is_gone(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct other other = { .w = w };
	char mine[9];

	world_enroll_outside(w, "key", "yubico", "first-answer");
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	world_wrong(w, mine);
	world_twin(w, &other.engine);
	w->runner.accepts = mine;
	w->runner.keeps = "11";
	w->runner.meanwhile = crowd_out;
	w->runner.ctx = &other;
	assert_int_equal(world_try(w, mine), MFA_REASON_OK);
	assert_int_equal(other.err, MFA_OK);
	assert_int_equal(record_of(w)->factors_count, 8);
	assert_string_equal(record_of(w)->factors[1].label, "next");
	assert_int_equal(mfa_throttle_day(record_of(w),
	    record_of(w)->stamp.lapse), 0);
	world_twin_free(&other.engine);
}

/* The account's budgets are of guesses: who knows a code has guessed as well. */
static void
test_R9_a_success_gives_no_budget_back(void **state)
{
	struct world *w = *state;
	char code[9];

	w->config.burst = 20;
	for (int i = 0; i < 19; i++) {
		wrong(w, code);
		assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
		world_pass(w, 30);
	}
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	charged(w, 0, 19, 0, 19);
	wrong(w, code);
	assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_LOCKED);
	assert_int_equal(mfa_throttle_month(record_of(w),
	    record_of(w)->stamp.lapse), 20);
}

/* Of those that are open, all take part; those that are not, none does. */
static void
test_R9_a_locked_factor_takes_no_part(void **state)
{
	struct world *w = *state;
	char code[9], bad[9];

	/* The token's lock: as after sync codes that were wrong. */
	for (uint64_t i = 1; i < 6; i++) {
		const struct mfa_typed a = world_typed("111111");
		const struct mfa_typed b = world_typed("222222");
		const struct mfa_sync_ask ask = { "token", &a, &b };

		assert_int_equal(mfa_enroll_sync(&w->engine, &w->caller,
		    &w->subject, &ask, &(int32_t){ 0 }), MFA_ERR_WRONG);
	}
	charged(w, 0, 5, 0, 5);
	wrong(w, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	charged(w, 1, 5, 0, 6);
	world_counter(SECRET_B, 1, code);
	assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	charged(w, 0, 5, 0, 7);
}

/* The clock stops codes by time; tokens and mails have none. */
static void
test_R11_a_clock_that_lies_stops_codes_by_time_only(void **state)
{
	struct world *w = *state;
	char code[9];

	w->now.wall = MFA_RELEASE_TIME - 1;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
	charged(w, 0, 1, 0, 1);
	world_counter(SECRET_B, 1, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_int_equal(world_try(w, w->runner.last.code), MFA_REASON_OK);
}

static void
test_R3_what_is_off_takes_no_part(void **state)
{
	struct world *w = *state;
	char code[9];

	w->config.realm[0].provides = MFA_PROVIDES_TOTP | MFA_PROVIDES_OTP;
	world_counter(SECRET_B, 1, code);
	assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
	charged(w, 1, 0, 0, 1);
	w->config.realm[0].provides = MFA_PROVIDES_HOTP;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
	charged(w, 1, 1, 0, 2);
	w->config.realm[0].provides = 0;
	assert_int_equal(world_try(w, code), MFA_REASON_MALFORMED);
	charged(w, 1, 1, 0, 2);
}

/* Where who is not root has spent its budget, root's road is still open. */
static void
test_R10_a_budget_stops_recovery_codes_of_others_only(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	w->config.wrong_per_day = 0;
	w->config.wrong_per_day_unprivileged = 0;
	assert_int_equal(world_try_on(w, &w->engine, MFA_PATH_OTHER,
	    confirmed.codes.code[0]), MFA_REASON_LOCKED);
	assert_int_equal(record_of(w)->recovery.compared, 0);
	assert_int_equal(world_try(w, confirmed.codes.code[0]),
	    MFA_REASON_OK);
	assert_int_equal(record_of(w)->recovery.compared, 1);
}

/* ---- why none takes part ---- */

/* Only the mail is left. */
static void
mail_only(struct world *w)
{
	w->config.realm[0].provides = MFA_PROVIDES_OTP;
}

static void
test_R12_no_code_is_out(void **state)
{
	struct world *w = *state;

	mail_only(w);
	assert_int_equal(world_try(w, "123456"), MFA_REASON_NO_CODE);
	assert_int_equal(world_try(w, "1234567"), MFA_REASON_MALFORMED);
	charged(w, 0, 0, 0, 0);
}

/* The obstacle that tells most, whichever factor comes first. */
static void
test_the_obstacle_that_tells_most(void **state)
{
	struct world *w = *state;
	char code[9];

	w->config.realm[0].provides = MFA_PROVIDES_TOTP | MFA_PROVIDES_OTP;
	w->now.wall = MFA_RELEASE_TIME - 1;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_CLOCK);
	mail_only(w);
	assert_int_equal(world_try(w, code), MFA_REASON_NO_CODE);
	w->config.realm[0].provides = MFA_PROVIDES_HOTP | MFA_PROVIDES_OTP;
	w->config.hard_stop = 0;
	assert_int_equal(world_try(w, code), MFA_REASON_BLOCKED);
	w->config.hard_stop = 70;
	w->config.wrong_per_day = 0;
	assert_int_equal(world_try(w, code), MFA_REASON_LOCKED);
	assert_int_equal(world_try(w, "hello"), MFA_REASON_LOCKED);
	charged(w, 0, 0, 0, 0);
}

/* The same where the one that tells less comes first. */
static void
test_the_obstacle_that_tells_most_comes_last(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char code[9];

	w->config.otp_digits = 6;
	world_enroll_otp(w, "mail", "alice@example.org");
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 60);
	w->now.wall = MFA_RELEASE_TIME - 1;
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_CLOCK);
	assert_int_equal(world_try(w, "1234567"), MFA_REASON_MALFORMED);
}

static void
test_R8_no_factor_takes_that_form(void **state)
{
	static const char *const texts[] = { "hello", "1234567", "12345678",
		"send", "send mail", "AAAA-AAAA", "" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(world_try(w, texts[i]),
		    MFA_REASON_MALFORMED);
	w->config.realm[0].provides &= ~(uint32_t)MFA_PROVIDES_RECOVERY_CODE;
	assert_int_equal(world_try(w, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
	    MFA_REASON_MALFORMED);
	charged(w, 0, 0, 0, 0);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)
#define MIXED(f) cmocka_unit_test_setup_teardown(f, mixed, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MIXED(test_R7_all_that_are_compared_are_charged),
		MIXED(test_R7_a_match_gives_the_others_back),
		MIXED(test_R7_120_logins_with_the_token_leave_the_phone_alone),
		MIXED(test_R7_a_match_gives_back_what_it_was_charged),
		IN_FILES(test_R7_no_refund_for_a_factor_that_is_gone),
		MIXED(test_R9_a_success_gives_no_budget_back),
		MIXED(test_R9_a_locked_factor_takes_no_part),
		MIXED(test_R11_a_clock_that_lies_stops_codes_by_time_only),
		MIXED(test_R3_what_is_off_takes_no_part),
		IN_FILES(test_R10_a_budget_stops_recovery_codes_of_others_only),
		MIXED(test_R12_no_code_is_out),
		MIXED(test_the_obstacle_that_tells_most),
		IN_FILES(test_the_obstacle_that_tells_most_comes_last),
		MIXED(test_R8_no_factor_takes_that_form),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
