/* SPDX-License-Identifier: MIT */
#include "tests/unit/fake_pam.h"

#include "pam_medusa_mfa/mark.h"

static const struct mfa_who alice = { .user = "alice", .service = "sshd" };
static const struct mfa_who bob = { .user = "bob", .service = "sshd" };

static void
leave(struct pam_handle *pamh, enum mfa_verdict verdict, mfa_wire_Reason reason)
{
	struct mfa_outcome outcome = mfa_outcome_refused("");

	outcome.verdict = verdict;
	outcome.reason = reason;
	assert_int_equal(mfa_mark_leave(pamh, &alice, &outcome), MFA_OK);
}

/* What enforce finds; a refusal without a mark. */
static enum mfa_verdict
found(struct pam_handle *pamh, const struct mfa_who *who)
{
	struct mfa_outcome outcome = mfa_outcome_refused("");
	bool there = mfa_mark_find(pamh, who, &outcome);

	assert_int_equal(there, outcome.verdict != MFA_VERDICT_DENY);
	return outcome.verdict;
}

static void
test_R24_mark_says_how_it_ended(void **state)
{
	struct mfa_outcome outcome = mfa_outcome_refused("");
	struct pam_handle pamh = { 0 };

	(void)state;
	leave(&pamh, MFA_VERDICT_ACCEPT, mfa_wire_Reason_REASON_OK);
	assert_int_equal(found(&pamh, &alice), MFA_VERDICT_ACCEPT);
	leave(&pamh, MFA_VERDICT_PASS, mfa_wire_Reason_REASON_EXEMPT);
	assert_true(mfa_mark_find(&pamh, &alice, &outcome));
	assert_int_equal(outcome.verdict, MFA_VERDICT_PASS);
	assert_int_equal(outcome.reason, mfa_wire_Reason_REASON_EXEMPT);
	assert_int_equal(found(&pamh, &bob), MFA_VERDICT_DENY);
	fake_end(&pamh);
}

static void
test_R24_refusals_leave_none(void **state)
{
	static const enum mfa_verdict refusals[] = { MFA_VERDICT_DENY,
		MFA_VERDICT_UNAVAILABLE, MFA_VERDICT_MISCONFIGURED };
	struct pam_handle pamh = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		leave(&pamh, refusals[i], mfa_wire_Reason_REASON_OK);
		assert_int_equal(found(&pamh, &alice), MFA_VERDICT_DENY);
	}
	fake_end(&pamh);
}

static void
test_R24_mark_is_dropped(void **state)
{
	struct pam_handle pamh = { 0 };

	(void)state;
	assert_int_equal(mfa_mark_drop(&pamh), MFA_OK);
	leave(&pamh, MFA_VERDICT_ACCEPT, mfa_wire_Reason_REASON_OK);
	assert_int_equal(mfa_mark_drop(&pamh), MFA_OK);
	assert_int_equal(found(&pamh, &alice), MFA_VERDICT_DENY);
	fake_end(&pamh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R24_mark_says_how_it_ended),
		cmocka_unit_test(test_R24_refusals_leave_none),
		cmocka_unit_test(test_R24_mark_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
