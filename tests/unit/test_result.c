/* SPDX-License-Identifier: MIT */
/* R4: every error, verdict and reason; nothing but the listed ones passes. */
#include "tests/unit/unit.h"

#include <security/pam_modules.h>

#include "pam_medusa_mfa/result.h"

#define REASONS 64 /* well past the last one known */

static enum mfa_verdict
verdict_of(uint32_t number)
{
	enum mfa_verdict verdict;

	memcpy(&verdict, &number, sizeof(verdict));
	return verdict;
}

static int
map(enum mfa_err err, enum mfa_verdict verdict, int reason)
{
	return mfa_result_pam(err, verdict, (mfa_wire_Reason)reason);
}

static const enum mfa_verdict known[] = { MFA_VERDICT_DENY,
	MFA_VERDICT_ACCEPT, MFA_VERDICT_PASS, MFA_VERDICT_UNAVAILABLE,
	MFA_VERDICT_MISCONFIGURED };

static int
wanted_error(enum mfa_err err)
{
	switch (err) {
	case MFA_ERR_MEMORY:
		return PAM_BUF_ERR;
	case MFA_ERR_INVALID:
	case MFA_ERR_CONFIG:
		return PAM_SERVICE_ERR;
	case MFA_ERR_NO_USER:
		return PAM_USER_UNKNOWN;
	default:
		return PAM_AUTHINFO_UNAVAIL;
	}
}

/* R3: with an error no verdict counts, also one past the known errors. */
static void
test_R3_R4_every_error_is_a_refusal(void **state)
{
	(void)state;
	for (int e = 1; e <= (int)MFA_ERR_END + 1; e++) {
		for (size_t v = 0; v < 5; v++) {
			for (int reason = 0; reason < REASONS; reason++)
				assert_int_equal(map((enum mfa_err)e, known[v],
				    reason), wanted_error((enum mfa_err)e));
		}
	}
}

static void
test_R1_success_needs_the_accepting_verdict(void **state)
{
	(void)state;
	for (int reason = 0; reason < REASONS; reason++) {
		assert_int_equal(map(MFA_OK, MFA_VERDICT_ACCEPT, reason),
		    PAM_SUCCESS);
		for (size_t v = 0; v < 5; v++) {
			if (known[v] != MFA_VERDICT_ACCEPT)
				assert_int_not_equal(map(MFA_OK, known[v],
				    reason), PAM_SUCCESS);
		}
	}
}

static void
test_R2_ignore_needs_a_pass_and_its_reason(void **state)
{
	(void)state;
	for (int reason = 0; reason < REASONS; reason++) {
		bool allowed = reason == mfa_wire_Reason_REASON_NOT_ENROLLED ||
		    reason == mfa_wire_Reason_REASON_EXEMPT;

		assert_int_equal(map(MFA_OK, MFA_VERDICT_PASS, reason),
		    allowed ? PAM_IGNORE : PAM_AUTHINFO_UNAVAIL);
		for (size_t v = 0; v < 5; v++) {
			if (known[v] != MFA_VERDICT_PASS)
				assert_int_not_equal(map(MFA_OK, known[v],
				    reason), PAM_IGNORE);
		}
	}
}

/* R5: all refusals look alike; only a host that cannot ask is told apart. */
static void
test_R4_R5_refusals(void **state)
{
	(void)state;
	for (int reason = 0; reason < REASONS; reason++) {
		assert_int_equal(map(MFA_OK, MFA_VERDICT_DENY, reason),
		    reason == mfa_wire_Reason_REASON_CONVERSATION ?
		    PAM_CONV_ERR : PAM_AUTH_ERR);
		assert_int_equal(map(MFA_OK, MFA_VERDICT_UNAVAILABLE, reason),
		    PAM_AUTHINFO_UNAVAIL);
		assert_int_equal(map(MFA_OK, MFA_VERDICT_MISCONFIGURED, reason),
		    PAM_SERVICE_ERR);
	}
}

/* Named, so that they stay where wire.proto has them: none of them passes. */
static void
test_R2_R12_new_reasons_are_refusals(void **state)
{
	static const mfa_wire_Reason reasons[] = {
		mfa_wire_Reason_REASON_NO_CODE, mfa_wire_Reason_REASON_SENT,
		mfa_wire_Reason_REASON_EVICTED,
		mfa_wire_Reason_REASON_UNVERIFIED,
		mfa_wire_Reason_REASON_REFUSED,
		mfa_wire_Reason_REASON_REMEMBERED };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal((int)reasons[i], 16 + (int)i);
		assert_int_equal(map(MFA_OK, MFA_VERDICT_DENY,
		    (int)reasons[i]), PAM_AUTH_ERR);
		assert_int_equal(map(MFA_OK, MFA_VERDICT_PASS,
		    (int)reasons[i]), PAM_AUTHINFO_UNAVAIL);
	}
}

static bool
is_known(uint32_t number)
{
	for (size_t v = 0; v < 5; v++) {
		if ((uint32_t)known[v] == number)
			return true;
	}
	return false;
}

/* Also every number that one flipped bit makes of a known one. */
static void
test_R3_unknown_verdicts_are_refusals(void **state)
{
	static const uint32_t numbers[] = { 0, 1, 2, 0x7fffffff, 0x80000000,
		0xffffffff };

	(void)state;
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(map(MFA_OK, verdict_of(numbers[i]), 1),
		    PAM_AUTHINFO_UNAVAIL);
	for (size_t v = 0; v < 5; v++) {
		for (int bit = 0; bit < 32; bit++) {
			uint32_t n = (uint32_t)known[v] ^ 1U << bit;

			assert_false(is_known(n));
			assert_int_equal(map(MFA_OK, verdict_of(n),
			    mfa_wire_Reason_REASON_EXEMPT),
			    PAM_AUTHINFO_UNAVAIL);
		}
	}
}

/* R2: the third case of PAM_IGNORE, and nothing that lets in. */
static void
test_R2_R24_split_says_neither_yes_nor_no(void **state)
{
	(void)state;
	for (int e = 0; e <= (int)MFA_ERR_END + 1; e++) {
		for (int reason = 0; reason < REASONS; reason++) {
			int code = mfa_result_split((enum mfa_err)e,
			    (mfa_wire_Reason)reason);

			if (e == 0 && reason == 0)
				assert_int_equal(code, PAM_IGNORE);
			else
				assert_int_equal(code, map((enum mfa_err)e,
				    MFA_VERDICT_DENY, reason));
			assert_int_not_equal(code, PAM_SUCCESS);
		}
	}
}

/* What enforce says; in is what a mark or a policy may let in. */
static void
account(enum mfa_err err, enum mfa_verdict verdict, int reason, bool in)
{
	int code = mfa_result_account(err, verdict, (mfa_wire_Reason)reason);

	assert_int_equal(code, in ? map(err, verdict, reason) :
				    PAM_PERM_DENIED);
	assert_true(!in || code == PAM_SUCCESS || code == PAM_IGNORE);
}

static void
test_R24_enforce_has_one_refusal(void **state)
{
	(void)state;
	for (int reason = 0; reason < REASONS; reason++) {
		bool passes = reason == mfa_wire_Reason_REASON_NOT_ENROLLED ||
		    reason == mfa_wire_Reason_REASON_EXEMPT;

		for (size_t v = 0; v < 5; v++) {
			account(MFA_OK, known[v], reason,
			    known[v] == MFA_VERDICT_ACCEPT ||
			    (known[v] == MFA_VERDICT_PASS && passes));
			for (int e = 1; e <= (int)MFA_ERR_END + 1; e++)
				account((enum mfa_err)e, known[v], reason,
				    false);
			for (int bit = 0; bit < 32; bit++)
				account(MFA_OK, verdict_of((uint32_t)known[v] ^
				    1U << bit), reason, false);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R3_R4_every_error_is_a_refusal),
		cmocka_unit_test(test_R1_success_needs_the_accepting_verdict),
		cmocka_unit_test(test_R2_ignore_needs_a_pass_and_its_reason),
		cmocka_unit_test(test_R4_R5_refusals),
		cmocka_unit_test(test_R2_R12_new_reasons_are_refusals),
		cmocka_unit_test(test_R3_unknown_verdicts_are_refusals),
		cmocka_unit_test(test_R2_R24_split_says_neither_yes_nor_no),
		cmocka_unit_test(test_R24_enforce_has_one_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
