/* SPDX-License-Identifier: MIT */
/* R6, R14, R16, R21: factors of another program, enabled at once. */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/grants.h"
#include "verifier/engine/permit.h"

static const struct mfa_enroll_ask imported = { .label = "", .provider = "totp",
	.algorithm = "SHA1", .digits = 6, .period = 30, .import = SECRET_A,
	.address = "", .enabled = true };

static enum mfa_err
begin(struct world *w, const struct mfa_enroll_ask *ask,
    struct mfa_enrolled *out)
{
	return mfa_enroll_begin(&w->engine, &w->caller, &w->subject, ask, out);
}

/* A code of so many steps from now. */
static enum mfa_reason
try_step(struct world *w, int steps)
{
	char code[9];

	world_code(w, SECRET_A, steps, code);
	return world_try(w, code);
}

static bool
has_record(struct world *w)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(&w->engine, &w->subject, MFA_STORE_READ, &repo);
	mfa_repo_close(repo);
	assert_true(r == MFA_OK || r == MFA_ERR_NOT_FOUND);
	return r == MFA_OK;
}

static void
test_an_import_is_enabled_at_once(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_enrolled out;

	assert_int_equal(begin(w, &imported, &out), MFA_OK);
	world_record(w, &r);
	assert_true(r.enrolled);
	assert_int_equal(r.factors_count, 1);
	assert_int_equal(r.factors[0].status,
	    mfa_record_Status_STATUS_ENABLED);
	assert_int_equal(r.factors[0].created, w->now.wall);
	assert_int_equal(r.factors[0].confirmed, w->now.wall);
	assert_int_equal(r.factors[0].pending_until, 0);
	assert_int_equal(r.factors[0].last_used, 0);
	assert_int_equal(r.recovery.codes_count, 0);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 1);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_PENDING], 0);
	assert_int_equal(w->events[MFA_EVENT_RECOVERY_GENERATED], 0);
	assert_string_equal(w->texts.factor, "totp");
	assert_string_equal(w->texts.method, "totp");
}

/* Who imports a key has it; nothing shows it once more. */
static void
test_R14_an_imported_key_is_not_handed_out(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled out;

	assert_int_equal(begin(w, &imported, &out), MFA_OK);
	assert_int_equal(strlen(out.id), 16);
	assert_string_equal(out.label, "totp");
	assert_string_equal(out.secret, "");
	assert_string_equal(out.otpauth_url, "");
	assert_int_equal(out.expires_seconds, 0);
}

static void
test_R6_codes_up_to_now_are_used_up(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled out;

	assert_int_equal(begin(w, &imported, &out), MFA_OK);
	/* The one of the other program's last login, and all of the window. */
	for (int step = -1; step <= 1; step++)
		assert_int_equal(try_step(w, step), MFA_REASON_REPLAYED);
	/* The window's last one stays used when its time comes. */
	world_pass(w, 30);
	assert_int_equal(try_step(w, 0), MFA_REASON_REPLAYED);
	assert_int_equal(try_step(w, 1), MFA_REASON_OK);
	world_pass(w, 30);
	assert_int_equal(try_step(w, 0), MFA_REASON_REPLAYED);
	assert_int_equal(try_step(w, 1), MFA_REASON_OK);
}

static void
test_R6_a_counter_goes_on_where_it_was(void **state)
{
	struct mfa_enroll_ask ask = imported;
	struct world *w = *state;
	struct mfa_enrolled out;
	char code[9];

	w->config.realm[0].provides |= MFA_PROVIDES_HOTP;
	ask.provider = "hotp";
	ask.period = 0;
	ask.counter = 42;
	assert_int_equal(begin(w, &ask, &out), MFA_OK);
	world_counter(SECRET_A, 41, code);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	world_counter(SECRET_A, 42, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

/* Neither an owner, whatever it has proven, nor who may nothing. */
static void
test_R21_nobody_else_imports(void **state)
{
	const struct mfa_proof proof = { .kind = MFA_PROOF_NONE };
	struct world *w = *state;
	struct mfa_enrolled out;

	w->config.self_enroll = MFA_SELF_ENROLL_YES;
	w->caller.right = MFA_RIGHT_OWNER;
	assert_int_equal(begin(w, &imported, &out), MFA_ERR_DENIED);
	w->caller.proof = &proof;
	assert_int_equal(begin(w, &imported, &out), MFA_ERR_DENIED);
	w->caller.right = MFA_RIGHT_NONE;
	assert_int_equal(begin(w, &imported, &out), MFA_ERR_DENIED);
	assert_false(has_record(w));
	/* The same without enabled is an owner's own affair. */
	struct mfa_enroll_ask pending = imported;
	pending.enabled = false;
	w->caller.right = MFA_RIGHT_OWNER;
	w->caller.proof = NULL;
	assert_int_equal(begin(w, &pending, &out), MFA_OK);
	w->caller.right = MFA_RIGHT_MANAGE;
}

static void
test_R3_only_what_has_a_key_to_import(void **state)
{
	static const struct mfa_enroll_ask bad[] = {
		/* A new key: nobody has it yet, so nobody could log in. */
		{ .label = "", .provider = "totp", .algorithm = "",
		    .import = "", .address = "", .enabled = true },
		{ .label = "", .provider = "hotp", .algorithm = "",
		    .import = "", .address = "", .enabled = true },
		{ .label = "", .provider = "otp", .algorithm = "",
		    .import = "", .address = "a@example.org",
		    .enabled = true },
		{ .label = "", .provider = "yubico", .algorithm = "",
		    .import = "cccccc", .address = "", .enabled = true },
		/* Without enabled there is nothing to check alone. */
		{ .label = "", .provider = "totp", .algorithm = "",
		    .import = SECRET_A, .address = "", .check_only = true },
		/* 120 bits (R16). */
		{ .label = "", .provider = "totp", .algorithm = "",
		    .import = "GEZDGNBVGY3TQOJQGEZDGNBV", .address = "",
		    .enabled = true },
	};
	struct world *w = *state;
	struct mfa_enrolled out;

	w->config.realm[0].provides |= MFA_PROVIDES_HOTP | MFA_PROVIDES_OTP;
	world_program(w, "yubico");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(begin(w, &bad[i], &out), MFA_ERR_INVALID);
	assert_int_equal(w->runner.asked, 0);
	assert_false(has_record(w));
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 0);
}

static void
test_R6_a_second_import_finds_the_first(void **state)
{
	struct mfa_enroll_ask again = imported;
	struct world *w = *state;
	struct mfa_enrolled out;

	assert_int_equal(begin(w, &imported, &out), MFA_OK);
	assert_int_equal(begin(w, &imported, &out), MFA_ERR_EXISTS);
	again.label = "other";
	assert_int_equal(begin(w, &again, &out), MFA_ERR_EXISTS);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 1);
}

static void
test_R21_an_invitation_is_void_after_it(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_granted invited;
	struct mfa_enrolled out;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	assert_int_equal(begin(w, &imported, &out), MFA_OK);
	world_record(w, &r);
	assert_true(unit_all(&r.invitation, sizeof(r.invitation), 0));
	assert_int_not_equal(world_try(w, invited.code), MFA_REASON_OK);
}

/* A step of 1970, or of a year from now, would be believed. */
static void
test_R11_no_import_without_a_clock(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled out;

	w->now.wall = MFA_RELEASE_TIME - 1;
	assert_int_equal(begin(w, &imported, &out), MFA_ERR_CLOCK);
	assert_false(has_record(w));
}

static void
test_a_check_writes_nothing(void **state)
{
	static mfa_record_Record before, after;
	struct mfa_enroll_ask check = imported;
	struct world *w = *state;
	struct mfa_enrolled out;

	check.check_only = true;
	/* Without a record, and beside another factor. */
	assert_int_equal(begin(w, &check, &out), MFA_OK);
	assert_string_equal(out.label, "totp");
	assert_string_equal(out.secret, "");
	assert_false(has_record(w));
	check.import = SECRET_B;
	assert_int_equal(begin(w, &imported, &out), MFA_OK);
	world_record(w, &before);
	assert_int_equal(begin(w, &check, &out), MFA_OK);
	assert_string_equal(out.label, "totp-2");
	check.import = SECRET_A;
	assert_int_equal(begin(w, &check, &out), MFA_ERR_EXISTS);
	world_record(w, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 1);
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_an_import_is_enabled_at_once),
		IN_WORLD(test_R14_an_imported_key_is_not_handed_out),
		IN_WORLD(test_R6_codes_up_to_now_are_used_up),
		IN_WORLD(test_R6_a_counter_goes_on_where_it_was),
		IN_WORLD(test_R21_nobody_else_imports),
		IN_WORLD(test_R3_only_what_has_a_key_to_import),
		IN_WORLD(test_R6_a_second_import_finds_the_first),
		IN_WORLD(test_R21_an_invitation_is_void_after_it),
		IN_WORLD(test_R11_no_import_without_a_clock),
		IN_WORLD(test_a_check_writes_nothing),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
