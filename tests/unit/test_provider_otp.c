/* SPDX-License-Identifier: MIT */
/* R6, R7, R8, R12: comparing delivered codes, without any delivery. */
#include "tests/unit/otp_case.h"

#define NOW 1800000015ULL

static const uint8_t challenge[16] = "sixteen bytes..";
static const uint8_t pending[8] = "factor-1";

static enum mfa_err
ready(const char *text, uint64_t lapse, const struct mfa_otp_use *what_for)
{
	const struct mfa_typed typed = factor_typed(text);
	const struct mfa_check what = { .typed = &typed, .lapse = lapse,
		.use = what_for };

	return mfa_provider_otp.ready(&record, factor, &what);
}

static enum mfa_err
apply(const struct mfa_effect *e)
{
	return mfa_provider_otp.apply(&record, factor, e, NOW);
}

/* A code of as many digits, but another one. */
static const char *
wrong(void)
{
	static char other[9];

	memcpy(other, code, sizeof(other));
	other[0] = other[0] == '7' ? '8' : '7';
	return other;
}

static void
test_R6_right_once(void **state)
{
	struct mfa_effect e;

	(void)state;
	assert_int_equal(ready(code, SENT + 1, &use), MFA_OK);
	e = compare(code, SENT + 1, &use);
	assert_int_equal(e.kind, MFA_EFFECT_USE);
	assert_int_equal(apply(&e), MFA_OK);
	assert_true(factor->last_used == NOW);
	assert_false(record.has_delivered);
	assert_true(unit_all(&record.delivered, sizeof(record.delivered), 0));
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	assert_int_equal(ready(code, SENT + 1, &use), MFA_ERR_NOT_FOUND);
	assert_int_equal(compare(code, SENT + 1, &use).kind, MFA_EFFECT_NONE);
}

static void
test_R6_only_what_was_compared_is_applied(void **state)
{
	struct mfa_effect e = compare(code, SENT, &use);

	(void)state;
	e.kind = MFA_EFFECT_NONE;
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	e.kind = MFA_EFFECT_REPLAY;
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	e.kind = MFA_EFFECT_USE;
	e.step ^= 1;
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	e.step ^= 1;
	assert_int_equal(mfa_provider_otp.apply(&record, &record.factors[1],
	    &e, NOW), MFA_ERR_REPLAYED);
	assert_true(record.has_delivered);
	/* A new code was sent meanwhile. */
	assert_int_equal(mfa_otp_make(&making, &record, factor, code), MFA_OK);
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	assert_true(record.has_delivered);
	assert_true(factor->last_used == 0);
}

static void
test_R12_three_comparisons(void **state)
{
	(void)state;
	for (int i = 0; i < MFA_OTP_COMPARISONS; i++) {
		assert_int_equal(ready(code, SENT, &use), MFA_OK);
		assert_true(mfa_otp_is_live(&record, SENT, &use));
		assert_int_equal(compare(wrong(), SENT, &use).kind,
		    MFA_EFFECT_NONE);
		assert_int_equal(record.delivered.compared, i + 1);
	}
	assert_false(mfa_otp_is_live(&record, SENT, &use));
	assert_int_equal(ready(code, SENT, &use), MFA_ERR_NOT_FOUND);
}

static void
test_R12_the_third_may_be_right(void **state)
{
	struct mfa_effect e;

	(void)state;
	(void)compare(wrong(), SENT, &use);
	(void)compare(wrong(), SENT, &use);
	e = compare(code, SENT, &use);
	assert_int_equal(e.kind, MFA_EFFECT_USE);
	assert_int_equal(apply(&e), MFA_OK);
}

/* R7: compared if and only if charged. */
static void
test_R7_nothing_is_compared_uncharged(void **state)
{
	const struct mfa_typed typed = factor_typed(code);
	const struct mfa_check what = { .typed = &typed, .lapse = SENT,
		.use = &use };
	struct mfa_effect e = { .kind = MFA_EFFECT_USE };

	(void)state;
	assert_int_equal(mfa_provider_otp.check(&record, factor, &what, &e),
	    MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
	for (int i = 0; i < 300; i++)
		mfa_provider_otp.charge(&record, factor);
	/* One too many is all that is counted: the number fits. */
	assert_int_equal(record.delivered.compared, 4);
	e.kind = MFA_EFFECT_USE;
	assert_int_equal(mfa_provider_otp.check(&record, factor, &what, &e),
	    MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
}

static void
test_R12_a_new_code_ends_the_old_one(void **state)
{
	char old[9];

	(void)state;
	memcpy(old, code, sizeof(old));
	(void)compare(wrong(), SENT, &use);
	assert_int_equal(mfa_otp_make(&making, &record, factor, code), MFA_OK);
	assert_string_not_equal(old, code);
	assert_int_equal(record.delivered.compared, 0);
	assert_int_equal(compare(old, SENT, &use).kind, MFA_EFFECT_NONE);
	assert_int_equal(compare(code, SENT, &use).kind, MFA_EFFECT_USE);
	/* To another address: the first factor has none any more. */
	assert_int_equal(mfa_otp_make(&making, &record, &record.factors[1],
	    code), MFA_OK);
	assert_int_equal(ready(code, SENT, &use), MFA_ERR_NOT_FOUND);
	assert_int_equal(compare(code, SENT, &use).kind, MFA_EFFECT_NONE);
	factor = &record.factors[1];
	assert_int_equal(ready(code, SENT, &use), MFA_OK);
	assert_int_equal(compare(code, SENT, &use).kind, MFA_EFFECT_USE);
}

static void
test_R12_expires_at_the_second(void **state)
{
	(void)state;
	assert_int_equal(ready(code, SENT + TTL - 1, &use), MFA_OK);
	assert_true(mfa_otp_is_live(&record, SENT + TTL - 1, &use));
	assert_int_equal(compare(code, SENT + TTL - 1, &use).kind,
	    MFA_EFFECT_USE);
	assert_int_equal(ready(code, SENT + TTL, &use), MFA_ERR_NOT_FOUND);
	assert_false(mfa_otp_is_live(&record, SENT + TTL, &use));
	assert_int_equal(compare(code, SENT + TTL, &use).kind,
	    MFA_EFFECT_NONE);
	/* No wrap-around at the end of all time. */
	making.lapse = UINT64_MAX - 1;
	assert_int_equal(mfa_otp_make(&making, &record, factor, code), MFA_OK);
	assert_true(record.delivered.until == UINT64_MAX);
	making.ttl = 0;
	assert_int_equal(mfa_otp_make(&making, &record, factor, code), MFA_OK);
	assert_int_equal(ready(code, UINT64_MAX - 1, &use), MFA_ERR_NOT_FOUND);
}

static void
no_use(const struct mfa_otp_use *other)
{
	assert_int_equal(ready(code, SENT, other), MFA_ERR_NOT_FOUND);
	assert_false(mfa_otp_is_live(&record, SENT, other));
	assert_int_equal(compare(code, SENT, other).kind, MFA_EFFECT_NONE);
	record.delivered.compared = 0;
}

/* Every part of the binding, changed alone, refuses. */
static void
test_R12_bound_to_its_use(void **state)
{
	static const uint8_t other_challenge[16] = "sixteen bytes,,";
	static const uint8_t other_pending[8] = "factor-2";
	const struct mfa_otp_use uses[] = {
		{ "sshd", "192.0.2.7", 1, NULL, NULL },
		{ "sshd", "192.0.2.7", 1, challenge, NULL },
		{ "sshd", "192.0.2.7", 1, other_challenge, NULL },
		{ "sshd", "192.0.2.7", 1, NULL, pending },
		{ "sshd", "192.0.2.7", 1, NULL, other_pending },
		{ "sshd", "192.0.2.7", 1, challenge, pending },
		{ "sudo", "192.0.2.7", 1, NULL, NULL },
		{ "sshd", "192.0.2.8", 1, NULL, NULL },
		{ "sshd", "", 1, NULL, NULL },
		{ "", "192.0.2.7", 1, NULL, NULL },
		{ "sshd1", "92.0.2.7", 1, NULL, NULL },
		{ "sshd", "192.0.2.7", 2, NULL, NULL },
	};
	const size_t n = sizeof(uses) / sizeof(uses[0]);

	(void)state;
	for (size_t made = 0; made < n; made++) {
		making.use = &uses[made];
		assert_int_equal(mfa_otp_make(&making, &record, factor, code),
		    MFA_OK);
		for (size_t i = 0; i < n; i++) {
			if (i != made)
				no_use(&uses[i]);
		}
		assert_int_equal(ready(code, SENT, &uses[made]), MFA_OK);
		assert_int_equal(compare(code, SENT, &uses[made]).kind,
		    MFA_EFFECT_USE);
		no_use(NULL);
	}
}

static void
test_R12_bound_to_realm_and_subject(void **state)
{
	(void)state;
	memcpy(record.name, "karlo", 6);
	no_use(&use);
	memcpy(record.name, "karla", 6);
	memcpy(record.realm, "shop", 5);
	no_use(&use);
	/* Not where one name ends and the next begins. */
	memcpy(record.realm, "unixk", 6);
	memcpy(record.name, "arla", 5);
	no_use(&use);
	memcpy(record.realm, "unix", 5);
	memcpy(record.name, "karla", 6);
	assert_int_equal(compare(code, SENT, &use).kind, MFA_EFFECT_USE);
}

/* Moved into another factor, a hash is of no use. */
static void
test_R12_bound_to_its_factor(void **state)
{
	(void)state;
	memcpy(record.delivered.factor, record.factors[1].id, 8);
	factor = &record.factors[1];
	assert_int_equal(ready(code, SENT, &use), MFA_OK);
	assert_int_equal(compare(code, SENT, &use).kind, MFA_EFFECT_NONE);
}

static void
test_R8_other_forms_are_not_compared(void **state)
{
	static const char *const others[] = { "12345", "1234567", "12345678",
		"", "send", "hunter2", "0123-4567-89AB-CDEF-GHJK-MNPQ" };
	struct mfa_typed typed;
	const struct mfa_check what = { .typed = &typed, .lapse = SENT,
		.use = &use };
	struct mfa_effect e;

	(void)state;
	mfa_provider_otp.charge(&record, factor);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(ready(others[i], SENT, &use), MFA_ERR_SYNTAX);
		typed = factor_typed(others[i]);
		e.kind = MFA_EFFECT_USE;
		assert_int_equal(mfa_provider_otp.check(&record, factor, &what,
		    &e), MFA_ERR_INVALID);
		assert_int_equal(e.kind, MFA_EFFECT_NONE);
	}
	typed = factor_typed(code);
	assert_int_equal(mfa_provider_otp.check(&record, NULL, &what, &e),
	    MFA_ERR_INVALID);
	factor->provider = mfa_record_Provider_PROVIDER_TOTP;
	assert_int_equal(ready(code, SENT, &use), MFA_ERR_SYNTAX);
}

/* What a message without its mark says counts nothing, however good. */
static void
test_R12_what_is_not_there_is_not_live(void **state)
{
	(void)state;
	record.has_delivered = false;
	assert_int_equal(ready(code, SENT, &use), MFA_ERR_NOT_FOUND);
	assert_false(mfa_otp_is_live(&record, SENT, &use));
	assert_int_equal(compare(code, SENT, &use).kind, MFA_EFFECT_NONE);
	assert_false(mfa_otp_end(&record));
}

static void
test_no_code_no_match(void **state)
{
	(void)state;
	assert_true(mfa_otp_end(&record));
	assert_false(mfa_otp_end(&record));
	assert_int_equal(ready(code, 0, &use), MFA_ERR_NOT_FOUND);
	assert_false(mfa_otp_is_live(&record, 0, &use));
	/* Even for a factor whose id is all zero, as the field is then. */
	memset(factor->id, 0, 8);
	assert_int_equal(ready(code, 0, &use), MFA_ERR_NOT_FOUND);
	assert_int_equal(compare(code, 0, &use).kind, MFA_EFFECT_NONE);
	/* A message that is there but empty is none either. */
	record.has_delivered = true;
	record.delivered.compared = 0;
	assert_false(mfa_otp_end(&record));
	record.has_delivered = true;
	assert_int_equal(ready(code, 0, &use), MFA_ERR_NOT_FOUND);
	assert_int_equal(apply(&(struct mfa_effect){ .kind = MFA_EFFECT_USE }),
	    MFA_ERR_REPLAYED);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R6_right_once),
		FRESH(test_R6_only_what_was_compared_is_applied),
		FRESH(test_R12_three_comparisons),
		FRESH(test_R12_the_third_may_be_right),
		FRESH(test_R7_nothing_is_compared_uncharged),
		FRESH(test_R12_a_new_code_ends_the_old_one),
		FRESH(test_R12_expires_at_the_second),
		FRESH(test_R12_bound_to_its_use),
		FRESH(test_R12_bound_to_realm_and_subject),
		FRESH(test_R12_bound_to_its_factor),
		FRESH(test_R8_other_forms_are_not_compared),
		FRESH(test_R12_what_is_not_there_is_not_live),
		FRESH(test_no_code_no_match),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
