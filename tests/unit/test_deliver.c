/* SPDX-License-Identifier: MIT */
/* R12, R14, R23: a code is charged for, then sent, and good for one use. */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/throttle.h"

#define ADDRESS "alice@example.org"

/* A totp and an otp factor; one code was sent, to confirm the latter. */
static void
equip(struct world *w)
{
	struct mfa_confirmed confirmed;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 60);
	memset(w->events, 0, sizeof(w->events));
	w->runner.delivered = 0;
}

static int
mailed(void **state)
{
	assert_int_equal(world_new(state), 0);
	equip(*state);
	return 0;
}

static int
mailed_in_memory(void **state)
{
	assert_int_equal(world_new_memory(state), 0);
	equip(*state);
	return 0;
}

/* The code that was sent last; and one that differs in its last digit. */
static void
sent(const struct world *w, char good[9], char bad[9])
{
	memcpy(good, w->runner.last.code, 9);
	memcpy(bad, good, 9);
	bad[7] = bad[7] == '0' ? '1' : '0';
}

static uint32_t
sends(struct world *w)
{
	static mfa_record_Record r;
	uint32_t limit = 0;

	world_record(w, &r);
	while (mfa_throttle_sends_check(&r, limit, r.stamp.lapse) !=
	    MFA_THROTTLE_OPEN)
		limit++;
	return limit == 0 ? 0 : limit - 1;
}

/* ---- once ---- */

static void
test_R12_a_code_logs_in_once(void **state)
{
	struct world *w = *state;
	const struct delivery *d = &w->runner.last;
	char good[9], bad[9];

	w->caller.rhost = "192.0.2.7";
	memcpy(w->config.realm[0].issuer, "Example", 8);
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_int_equal(w->runner.delivered, 1);
	assert_string_equal(d->address, ADDRESS);
	assert_string_equal(d->realm, "unix");
	assert_string_equal(d->subject, "alice");
	assert_string_equal(d->service, "test");
	assert_string_equal(d->rhost, "192.0.2.7");
	assert_string_equal(d->factor, "mail");
	assert_string_equal(d->issuer, "Example");
	assert_int_equal(d->ttl, 300);
	assert_int_equal(d->wall, w->now.wall);
	assert_false(d->wait);
	sent(w, good, bad);
	assert_int_equal(strlen(good), 8);
	assert_int_equal(strspn(good, "0123456789"), 8);
	assert_int_equal(world_try(w, good), MFA_REASON_OK);
	assert_int_equal(world_try(w, good), MFA_REASON_NO_CODE);
	assert_int_equal(w->events[MFA_EVENT_OTP_GENERATED], 1);
	/* For another there is no waiting: this one is gone. */
	assert_int_equal(world_send(w, "mail"), MFA_OK);
	sent(w, good, bad);
	assert_int_equal(world_try(w, good), MFA_REASON_OK);
}

/* In the record there is a hash, and no digit of it (R14). */
static void
test_R14_the_code_is_in_the_message_only(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;

	assert_int_equal(world_send(w, ""), MFA_OK);
	world_record(w, &r);
	assert_true(r.delivered.until != 0);
	assert_null(memmem(&r, sizeof(r), w->runner.last.code, 8));
	assert_false(unit_all(r.delivered.hash, 32, 0));
}

/* ---- charged, then sent ---- */

static void
test_R12_what_is_not_charged_is_not_sent(void **state)
{
	struct world *w = *state;

	w->mishap.write_fails = 1;
	assert_int_equal(world_send(w, ""), MFA_ERR_IO);
	w->mishap.conflicts = MFA_REPO_ROUNDS;
	assert_int_equal(world_send(w, ""), MFA_ERR_CONFLICT);
	w->mishap.unknown_lost = MFA_REPO_ROUNDS;
	assert_int_equal(world_send(w, ""), MFA_ERR_OUTCOME_UNKNOWN);
	w->mishap.open_fails = 1;
	assert_int_equal(world_send(w, ""), MFA_ERR_IO);
	assert_int_equal(w->runner.delivered, 0);
	assert_int_equal(w->events[MFA_EVENT_OTP_GENERATED], 0);
	assert_int_equal(sends(w), 1); /* the one of the enrolment */
}

/* What is sent is the code that was written, not that of a round before. */
static void
test_R12_conflicts_send_what_was_written_at_last(void **state)
{
	struct world *w = *state;
	unsigned int *const trouble[] = { &w->mishap.conflicts,
		&w->mishap.unknown_lost, &w->mishap.unknown_done };
	char good[9], bad[9];

	for (unsigned int i = 0; i < 3; i++) {
		*trouble[i] = i == 0 ? 3 : 1;
		assert_int_equal(world_send(w, ""), MFA_OK);
		*trouble[i] = 0;
		assert_int_equal(w->runner.delivered, i + 1);
		assert_int_equal(sends(w), i + 2);
		sent(w, good, bad);
		assert_int_equal(world_try(w, good), MFA_REASON_OK);
	}
}

static void
test_R12_ten_a_day(void **state)
{
	struct world *w = *state;
	char good[9], bad[9];

	for (int i = 1; i < 10; i++) {
		assert_int_equal(world_send(w, ""), MFA_OK);
		/* Success gives none back. */
		sent(w, good, bad);
		if (i == 4)
			assert_int_equal(world_try(w, good), MFA_REASON_OK);
		world_pass(w, 60);
	}
	assert_int_equal(world_send(w, ""), MFA_ERR_LOCKED);
	assert_int_equal(w->runner.delivered, 9);
	/* The one sent before is good, and the other factor, too. */
	sent(w, good, bad);
	assert_int_equal(world_try(w, good), MFA_REASON_OK);
	world_pass(w, 23ULL * 3600);
	assert_int_equal(world_send(w, ""), MFA_ERR_LOCKED);
	world_pass(w, 2ULL * 3600);
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_int_equal(w->runner.delivered, 10);
}

static void
test_R9_unlock_gives_sends_back(void **state)
{
	struct world *w = *state;

	w->config.realm[0].sends_per_day = 1;
	assert_int_equal(world_send(w, ""), MFA_ERR_LOCKED);
	assert_int_equal(mfa_admin_unlock(&w->engine, &w->caller, &w->subject,
	    false), MFA_OK);
	assert_int_equal(world_send(w, ""), MFA_OK);
	world_pass(w, 60);
	assert_int_equal(world_send(w, ""), MFA_ERR_LOCKED);
	/* But a reset does not: budgets are kept (R30). */
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	assert_int_equal(sends(w), 1);
}

/* ---- one live at a time ---- */

static void
test_R12_resend_after_30_seconds_voids_the_first(void **state)
{
	struct world *w = *state;
	char first[9], second[9], bad[9];

	assert_int_equal(world_send(w, ""), MFA_OK);
	sent(w, first, bad);
	world_pass(w, 29);
	assert_int_equal(world_send(w, ""), MFA_ERR_TOO_SOON);
	assert_int_equal(world_send(w, "mail"), MFA_ERR_TOO_SOON);
	assert_int_equal(w->runner.delivered, 1);
	assert_int_equal(sends(w), 2);
	world_pass(w, 1);
	assert_int_equal(world_send(w, ""), MFA_OK);
	sent(w, second, bad);
	assert_int_equal(w->events[MFA_EVENT_OTP_DELETED], 1);
	if (strcmp(first, second) != 0)
		assert_int_equal(world_try(w, first), MFA_REASON_WRONG);
	assert_int_equal(world_try(w, second), MFA_REASON_OK);
	/* The waiting time is the configuration's. */
	w->config.otp_resend_seconds = 100;
	assert_int_equal(world_send(w, ""), MFA_OK);
	world_pass(w, 99);
	assert_int_equal(world_send(w, ""), MFA_ERR_TOO_SOON);
	world_pass(w, 1);
	assert_int_equal(world_send(w, ""), MFA_OK);
}

static void
test_R12_three_comparisons(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	char good[9], bad[9];

	assert_int_equal(world_send(w, ""), MFA_OK);
	sent(w, good, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(world_try(w, good), MFA_REASON_OK);
	assert_int_equal(world_send(w, ""), MFA_OK);
	sent(w, good, bad);
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(world_try(w, good), MFA_REASON_NO_CODE);
	/* Nothing was compared then, so nothing was charged (R7). */
	world_record(w, &r);
	assert_int_equal(r.factors[1].root.consecutive, 3);
	assert_int_equal(mfa_throttle_day(&r, r.stamp.lapse), 5);
}

/* A person who slips with the code of another factor spends them, too. */
static void
test_R7_a_code_is_charged_where_it_is_compared(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	char code[9];

	w->config.otp_digits = 6;
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "mail", &(bool){ false }), MFA_OK);
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 60);
	assert_int_equal(world_send(w, ""), MFA_OK);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_record(w, &r);
	assert_int_equal(r.delivered.compared, 1);
	assert_int_equal(r.factors[2].root.consecutive, 0);
	assert_int_equal(mfa_throttle_day(&r, r.stamp.lapse), 0);
}

static void
test_R12_its_time_ends(void **state)
{
	struct world *w = *state;
	char good[9], bad[9];

	assert_int_equal(world_send(w, ""), MFA_OK);
	sent(w, good, bad);
	world_pass(w, 299);
	assert_int_equal(world_try(w, good), MFA_REASON_OK);
	w->config.otp_ttl_seconds = 600;
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_int_equal(w->runner.last.ttl, 600);
	sent(w, good, bad);
	/* Turning the clock back does not make it younger (R11). */
	w->now.boot += 600;
	w->now.wall -= 600;
	assert_int_equal(world_try(w, good), MFA_REASON_NO_CODE);
}

/* ---- to whom none goes ---- */

static void
test_R12_a_locked_factor_gets_none(void **state)
{
	struct world *w = *state;
	char good[9], bad[9];

	for (int i = 0; i < 5; i++) {
		if (i == 0 || i == 3)
			assert_int_equal(world_send(w, ""), MFA_OK);
		sent(w, good, bad);
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
		world_pass(w, 30);
	}
	assert_int_equal(w->runner.delivered, 2);
	assert_int_equal(world_send(w, ""), MFA_ERR_LOCKED);
	assert_int_equal(w->runner.delivered, 2);
	assert_int_equal(world_try(w, good), MFA_REASON_LOCKED);
	world_pass(w, 900);
	assert_int_equal(world_send(w, ""), MFA_OK);
}

static void
test_R12_only_to_an_enabled_otp_factor(void **state)
{
	static const char *const none[] = { "phone", "tablet", "0", "MAIL",
		"0123456789abcdef", ADDRESS };
	struct mfa_enroll_ask ask = { .label = "sms", .provider = "otp",
		.algorithm = "", .import = "", .address = "+15550100123" };
	struct world *w = *state;
	struct mfa_enrolled e;
	bool last;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(world_send(w, none[i]), MFA_ERR_NOT_FOUND);
	/* One that waits for its first code. */
	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	assert_int_equal(w->runner.delivered, 1);
	world_pass(w, 60);
	assert_int_equal(world_send(w, "sms"), MFA_ERR_NOT_FOUND);
	assert_int_equal(world_send(w, e.id), MFA_ERR_NOT_FOUND);
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_string_equal(w->runner.last.address, ADDRESS);
	/* One that was disabled. */
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "mail", &last), MFA_OK);
	world_pass(w, 60);
	assert_int_equal(world_send(w, "mail"), MFA_ERR_NOT_FOUND);
	assert_int_equal(world_send(w, ""), MFA_ERR_NOT_FOUND);
	/* Off is off. */
	w->config.realm[0].provides = MFA_PROVIDES_TOTP;
	assert_int_equal(world_send(w, ""), MFA_ERR_CONFIG);
	w->subject.uid++;
	w->config.realm[0].provides |= MFA_PROVIDES_OTP;
	assert_int_equal(world_send(w, ""), MFA_ERR_FOREIGN);
	w->subject = world_subject("shop", "alice");
	assert_int_equal(world_send(w, ""), MFA_ERR_CONFIG);
	assert_int_equal(w->runner.delivered, 2);
}

/* ---- while it is handed over ---- */

struct rival {
	struct world *w;
	struct mfa_engine engine;
	enum mfa_reason reason;
};

static void
use_at_once(void *ctx)
{
	struct rival *rival = ctx;

	rival->reason = world_try_on(rival->w, &rival->engine, MFA_PATH_ROOT,
	    rival->w->runner.last.code);
}

/* world_free sees to it for every other test: nobody holds the record. */
static void
test_R23_not_under_the_lock(void **state)
{
	struct world *w = *state;
	struct rival rival = { .w = w };

	world_twin(w, &rival.engine);
	w->runner.meanwhile = use_at_once;
	w->runner.ctx = &rival;
	assert_int_equal(world_send(w, ""), MFA_OK);
	/* It was durable before: another process could use it already. */
	assert_int_equal(rival.reason, MFA_REASON_OK);
	assert_int_equal(w->runner.held, 0);
	world_twin_free(&rival.engine);
}

static void
test_R12_a_failed_delivery_stays_charged(void **state)
{
	const struct mfa_deliver_ask ask = { .factor = "",
		.use = { .service = "test", .rhost = "",
		    .peer = MFA_PATH_ROOT }, .wait = true };
	static const enum mfa_err errs[] = { MFA_ERR_UNDELIVERED,
		MFA_ERR_UNAVAILABLE };
	struct world *w = *state;
	char good[9], bad[9];

	for (uint32_t i = 0; i < 2; i++) {
		w->runner.deliver_err = errs[i];
		assert_int_equal(mfa_deliver_code(&w->engine, &w->caller,
		    &w->subject, &ask), errs[i]);
		assert_true(w->runner.last.wait);
		assert_int_equal(sends(w), i + 2);
		w->runner.deliver_err = MFA_OK;
		assert_int_equal(world_send(w, ""), MFA_ERR_TOO_SOON);
		world_pass(w, 30);
	}
	/* Who knows whether it arrived: it is good. */
	sent(w, good, bad);
	assert_int_equal(world_try(w, good), MFA_REASON_OK);
}

/* The clock of a world, until something is written. */
static enum mfa_err (*clock_of_before)(const struct mfa_env *env,
    struct mfa_now *now);
static unsigned int writes_before;

static enum mfa_err
until_written(const struct mfa_env *env, struct mfa_now *now)
{
	const struct world *w = env->ctx;

	return w->writes == writes_before ? clock_of_before(env, now) :
					    MFA_ERR_IO;
}

/* A message tells when it was made; where nobody knows, none is sent. */
static void
test_R12_no_clock_no_message(void **state)
{
	struct world *w = *state;

	clock_of_before = w->env.now;
	writes_before = w->writes;
	w->env.now = until_written;
	assert_int_equal(world_send(w, ""), MFA_ERR_IO);
	assert_int_equal(w->writes, writes_before + 1);
	assert_int_equal(w->runner.delivered, 0);
	w->env.now = clock_of_before;
}

#define MAILED(f) cmocka_unit_test_setup_teardown(f, mailed, world_free)
#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, mailed_in_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MAILED(test_R12_a_code_logs_in_once),
		MAILED(test_R14_the_code_is_in_the_message_only),
		IN_MEMORY(test_R12_what_is_not_charged_is_not_sent),
		IN_MEMORY(test_R12_conflicts_send_what_was_written_at_last),
		MAILED(test_R12_ten_a_day),
		MAILED(test_R9_unlock_gives_sends_back),
		MAILED(test_R12_resend_after_30_seconds_voids_the_first),
		MAILED(test_R12_three_comparisons),
		MAILED(test_R7_a_code_is_charged_where_it_is_compared),
		MAILED(test_R12_its_time_ends),
		MAILED(test_R12_a_locked_factor_gets_none),
		MAILED(test_R12_only_to_an_enabled_otp_factor),
		MAILED(test_R23_not_under_the_lock),
		MAILED(test_R12_a_failed_delivery_stays_charged),
		IN_MEMORY(test_R12_no_clock_no_message),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
