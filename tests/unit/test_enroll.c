/* SPDX-License-Identifier: MIT */
/* R2, R6, R9, R16, R30: adding factors, taking them away, recovery codes. */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/throttle.h"
#include "verifier/otp/base32.h"

static enum mfa_err
begin(struct world *w, const struct mfa_enroll_ask *ask,
    struct mfa_enrolled *out)
{
	return mfa_enroll_begin(&w->engine, &w->caller, &w->subject, ask, out);
}

static enum mfa_err
begin_label(struct world *w, const char *label, struct mfa_enrolled *out)
{
	const struct mfa_enroll_ask ask = { .label = label, .provider = "",
		.algorithm = "", .import = "", .address = "" };

	return begin(w, &ask, out);
}

static enum mfa_err
begin_import(struct world *w, const char *import)
{
	const struct mfa_enroll_ask ask = { .label = "", .provider = "",
		.algorithm = "", .import = import, .address = "" };
	struct mfa_enrolled out;

	return begin(w, &ask, &out);
}

static enum mfa_err
disable(struct world *w, const char *factor, bool *last)
{
	return mfa_enroll_disable(&w->engine, &w->caller, &w->subject, factor,
	    last);
}

/* Confirms a factor by the code of now; time goes on. */
static void
confirm(struct world *w, const struct mfa_enrolled *e)
{
	struct mfa_confirmed confirmed;
	struct mfa_typed typed;
	char code[9];

	world_pass(w, 30);
	world_code(w, e->secret, 0, code);
	typed = world_typed(code);
	assert_int_equal(mfa_enroll_confirm(&w->engine, &w->caller,
	    &w->subject, e->id, &typed, &confirmed), MFA_OK);
}

static void
test_R2_a_pending_factor_is_not_enrolled(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_enrolled e;
	char code[9];

	assert_int_equal(begin_label(w, "phone", &e), MFA_OK);
	world_record(w, &r);
	assert_false(r.enrolled);
	assert_int_equal(r.factors_count, 1);
	assert_int_equal(r.factors[0].status,
	    mfa_record_Status_STATUS_PENDING);
	assert_int_equal(r.factors[0].created, w->now.wall);
	assert_int_equal(r.factors[0].confirmed, 0);
	/* Its code is no login. */
	world_code(w, e.secret, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_NOT_ENROLLED);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_PENDING], 1);
	assert_string_equal(w->last_factor, "phone");
}

static void
test_R16_what_is_handed_out(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_enrolled e;
	char secret[130];

	memcpy(w->config.realm[0].issuer, "Example Corp", 13);
	assert_int_equal(begin_label(w, "", &e), MFA_OK);
	world_record(w, &r);
	assert_int_equal(r.factors[0].secret.size, 20);
	assert_int_equal(mfa_base32_format(r.factors[0].secret.bytes, 20,
	    secret, sizeof(secret)), MFA_OK);
	assert_string_equal(e.secret, secret);
	assert_string_equal(e.label, "totp");
	assert_int_equal(strlen(e.id), 16);
	assert_int_equal(e.expires_seconds, 900);
	assert_string_equal(e.warning, "");
	assert_memory_equal(e.otpauth_url,
	    "otpauth://totp/Example%20Corp:alice%40", 38);
	assert_non_null(strstr(e.otpauth_url, secret));
	assert_non_null(strstr(e.otpauth_url, "issuer=Example%20Corp"));
	/* No two are alike. */
	assert_int_equal(begin_label(w, "", &e), MFA_OK);
	assert_string_equal(e.label, "totp-2");
	assert_string_not_equal(e.secret, secret);
}

static void
test_R16_uncommon_parameters_are_warned_of(void **state)
{
	struct mfa_enroll_ask ask = { .label = "", .provider = "totp",
		.algorithm = "SHA1", .digits = 6, .period = 30,
		.import = "", .address = "" };
	struct world *w = *state;
	struct mfa_enrolled e;

	assert_int_equal(begin(w, &ask, &e), MFA_OK);
	assert_string_equal(e.warning, "");
	ask.algorithm = "SHA256";
	assert_int_equal(begin(w, &ask, &e), MFA_OK);
	assert_true(strlen(e.warning) > 50);
	assert_non_null(strstr(e.otpauth_url, "SHA256"));
	ask.algorithm = "";
	ask.digits = 8;
	assert_int_equal(begin(w, &ask, &e), MFA_OK);
	assert_true(strlen(e.warning) > 50);
	/* The configured ones are what is meant where none is named. */
	w->config.period = 60;
	ask.digits = ask.period = 0;
	assert_int_equal(begin(w, &ask, &e), MFA_OK);
	assert_true(strlen(e.warning) > 50);
	assert_non_null(strstr(e.otpauth_url, "period=60"));
}

static void
test_R3_what_cannot_be_asked_for(void **state)
{
#define NOT false, false /* enabled at once */
	static const struct mfa_enroll_ask bad[] = {
		{ "Phone", "", "", 0, 0, "", "", 0, NOT },
		{ "1phone", "", "", 0, 0, "", "", 0, NOT },
		{ "my phone", "", "", 0, 0, "", "", 0, NOT },
		{ "phone_1", "", "", 0, 0, "", "", 0, NOT },
		{ "abcdefghijklmnopqrstuvwxyz0123456", "", "", 0, 0, "", "",
		    0, NOT },
		{ "", "", "sha1", 0, 0, "", "", 0, NOT },
		{ "", "", "MD5", 0, 0, "", "", 0, NOT },
		{ "", "", "", 5, 0, "", "", 0, NOT },
		{ "", "", "", 9, 0, "", "", 0, NOT },
		{ "", "", "", 0, 14, "", "", 0, NOT },
		{ "", "", "", 0, 121, "", "", 0, NOT },
		{ "", "", "", UINT32_MAX, 0, "", "", 0, NOT },
		{ "", "", "", 0, 0, /* 120 bits */
		    "GEZDGNBVGY3TQOJQGEZDGNBV", "", 0, NOT },
	};
	/* Off, unknown, or nothing that a factor could be of. */
	static const char *const off[] = { "hotp", "otp", "outside", "yubico",
		"recovery_code", "TOTP", "totp " };
	struct world *w = *state;
	struct mfa_enrolled e;
	struct mfa_repo *repo;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&e, 0xa5, sizeof(e));
		assert_int_equal(begin(w, &bad[i], &e), MFA_ERR_INVALID);
		assert_true(unit_all(&e, sizeof(e), 0xa5));
	}
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		const struct mfa_enroll_ask ask = { .label = "",
			.provider = off[i], .algorithm = "", .import = "",
			.address = "a@example.org" };

		assert_int_equal(begin(w, &ask, &e), MFA_ERR_CONFIG);
		assert_true(unit_all(&e, sizeof(e), 0xa5));
	}
	assert_int_equal(begin_import(w, "not base32!"), MFA_ERR_SYNTAX);
	w->subject.known = false;
	assert_int_equal(begin_label(w, "", &e), MFA_ERR_NO_USER);
	w->subject.known = true;
	/* Nothing of it made a record. */
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject, MFA_STORE_READ,
	    &repo), MFA_ERR_NOT_FOUND);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_PENDING], 0);
}

static void
test_labels_are_unique_among_the_living(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e, again;
	bool last;

	assert_int_equal(begin_label(w, "phone", &e), MFA_OK);
	assert_int_equal(begin_label(w, "phone", &again), MFA_ERR_EXISTS);
	confirm(w, &e);
	assert_int_equal(begin_label(w, "phone", &again), MFA_ERR_EXISTS);
	assert_int_equal(begin_label(w, "tablet", &again), MFA_OK);
	confirm(w, &again);
	assert_int_equal(disable(w, "phone", &last), MFA_OK);
	assert_false(last);
	/* Its name is free again, and means the living one. */
	assert_int_equal(begin_label(w, "phone", &again), MFA_OK);
	assert_string_not_equal(again.id, e.id);
	confirm(w, &again);
	assert_int_equal(disable(w, "phone", &last), MFA_OK);
	assert_int_equal(disable(w, "phone", &last), MFA_ERR_NOT_FOUND);
}

static void
test_R6_the_same_secret_only_once(void **state)
{
	/* The same and one zero byte more: the same codes. */
	static const char padded[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQAA";
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	bool last;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(begin_import(w, SECRET_A), MFA_ERR_EXISTS);
	assert_int_equal(begin_import(w,
	    "gezd gnbv gy3t qojq gezd gnbv gy3t qojq"), MFA_ERR_EXISTS);
	assert_int_equal(begin_import(w, padded), MFA_ERR_EXISTS);
	world_enroll(w, "tablet", SECRET_B, &confirmed);
	/* Nor against a disabled one: its codes were used. */
	assert_int_equal(disable(w, "phone", &last), MFA_OK);
	assert_int_equal(begin_import(w, SECRET_A), MFA_ERR_EXISTS);
	/* Nor against one that waits. */
	assert_int_equal(begin_import(w, SECRET_C), MFA_OK);
	assert_int_equal(begin_import(w, SECRET_C), MFA_ERR_EXISTS);
}

static void
test_R9_four_at_most(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e[5];
	bool last;

	for (int i = 0; i < 4; i++)
		assert_int_equal(begin_label(w, "", &e[i]), MFA_OK);
	assert_int_equal(begin_label(w, "", &e[4]), MFA_ERR_FULL);
	for (int i = 0; i < 4; i++)
		confirm(w, &e[i]);
	assert_int_equal(begin_label(w, "", &e[4]), MFA_ERR_FULL);
	assert_int_equal(disable(w, e[0].id, &last), MFA_OK);
	assert_int_equal(begin_label(w, "", &e[4]), MFA_OK);
	assert_int_equal(begin_label(w, "", &e[0]), MFA_ERR_FULL);
}

static void
test_a_pending_factor_expires(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_enrolled e[5];

	for (int i = 0; i < 4; i++)
		assert_int_equal(begin_label(w, i == 0 ? "phone" : "", &e[i]),
		    MFA_OK);
	world_pass(w, 899);
	assert_int_equal(begin_label(w, "", &e[4]), MFA_ERR_FULL);
	world_pass(w, 1);
	/* Place and name are free again. */
	assert_int_equal(begin_label(w, "phone", &e[4]), MFA_OK);
	world_record(w, &r);
	assert_int_equal(r.factors_count, 1);
}

/* Eight places: the oldest disabled factor goes. */
static void
test_the_oldest_disabled_makes_room(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_enrolled e;
	char label[16];
	bool last;

	assert_int_equal(begin_label(w, "keep", &e), MFA_OK);
	confirm(w, &e);
	for (int i = 0; i < 9; i++) {
		(void)snprintf(label, sizeof(label), "f%d", i);
		assert_int_equal(begin_label(w, label, &e), MFA_OK);
		confirm(w, &e);
		assert_int_equal(disable(w, label, &last), MFA_OK);
		assert_false(last);
	}
	world_record(w, &r);
	assert_int_equal(r.factors_count, 8);
	assert_string_equal(r.factors[0].label, "keep");
	for (int i = 1; i < 8; i++) {
		(void)snprintf(label, sizeof(label), "f%d", i + 1);
		assert_string_equal(r.factors[i].label, label);
	}
}

static void
test_R30_disabling_the_last_empties_and_keeps_budgets(void **state)
{
	static mfa_record_Record before, after;
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char bad[9], code[9], pending[17];
	bool last = false;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(world_pending(w, "tablet", SECRET_B, pending),
	    MFA_OK);
	world_pass(w, 30);
	world_wrong(w, bad);
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	world_record(w, &before);
	assert_int_equal(disable(w, "phone", &last), MFA_OK);
	assert_true(last);
	world_record(w, &after);
	assert_false(after.enrolled);
	assert_int_equal(after.factors_count, 0);
	assert_true(unit_all(after.factors, sizeof(after.factors), 0));
	assert_int_equal(after.recovery.codes_count, 0);
	assert_true(unit_all(after.recovery.codes,
	    sizeof(after.recovery.codes), 0));
	assert_int_equal(after.generation, before.generation + 1);
	assert_int_equal(after.recovery.generation,
	    before.recovery.generation);
	assert_int_equal(mfa_throttle_day(&after, after.stamp.lapse), 3);
	assert_int_equal(mfa_throttle_month(&after, after.stamp.lapse), 3);
	/* Nothing of the old life opens anything. */
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_NOT_ENROLLED);
	assert_int_equal(world_try(w, confirmed.codes.code[0]),
	    MFA_REASON_NOT_ENROLLED);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_DISABLED], 1);
}

static void
test_disabling(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char code[9], pending[17];
	bool last = true;

	assert_int_equal(disable(w, "phone", &last), MFA_ERR_NOT_FOUND);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(disable(w, "tablet", &last), MFA_ERR_NOT_FOUND);
	assert_int_equal(disable(w, "", &last), MFA_ERR_NOT_FOUND);
	assert_true(last);
	/* One that waits is dropped; that is not the last factor going. */
	assert_int_equal(world_pending(w, "tablet", SECRET_B, pending),
	    MFA_OK);
	assert_int_equal(disable(w, pending, &last), MFA_OK);
	assert_false(last);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	/* A disabled one opens nothing. */
	world_enroll(w, "tablet", SECRET_B, &confirmed);
	assert_int_equal(disable(w, "phone", &last), MFA_OK);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_WRONG);
}

static void
test_R13_new_recovery_codes_void_the_old(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_recovery_text text;
	char pending[17];

	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_ERR_NOT_FOUND);
	assert_int_equal(world_pending(w, "tablet", SECRET_B, pending),
	    MFA_OK);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_ERR_NOT_FOUND);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	w->config.recovery_code_count = 3;
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	assert_int_equal(text.count, 3);
	assert_int_equal(world_try(w, confirmed.codes.code[0]),
	    MFA_REASON_WRONG);
	assert_int_equal(world_try(w, text.code[2]), MFA_REASON_OK);
	assert_int_equal(w->events[MFA_EVENT_RECOVERY_GENERATED], 2);
	w->config.realm[0].provides = MFA_PROVIDES_TOTP;
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_ERR_CONFIG);
	assert_int_equal(world_try(w, text.code[1]), MFA_REASON_MALFORMED);
}

static void
test_R22_an_earlier_user_s_record_is_not_added_to(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_enrolled e;
	struct mfa_recovery_text text;
	bool last;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	w->subject.uid++;
	assert_int_equal(begin_label(w, "mine", &e), MFA_ERR_FOREIGN);
	assert_int_equal(disable(w, "phone", &last), MFA_ERR_FOREIGN);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_ERR_FOREIGN);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R2_a_pending_factor_is_not_enrolled),
		IN_FILES(test_R16_what_is_handed_out),
		IN_FILES(test_R16_uncommon_parameters_are_warned_of),
		IN_FILES(test_R3_what_cannot_be_asked_for),
		IN_FILES(test_labels_are_unique_among_the_living),
		IN_FILES(test_R6_the_same_secret_only_once),
		IN_FILES(test_R9_four_at_most),
		IN_FILES(test_a_pending_factor_expires),
		IN_FILES(test_the_oldest_disabled_makes_room),
		IN_FILES(test_R30_disabling_the_last_empties_and_keeps_budgets),
		IN_FILES(test_disabling),
		IN_FILES(test_R13_new_recovery_codes_void_the_old),
		IN_FILES(test_R22_an_earlier_user_s_record_is_not_added_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
