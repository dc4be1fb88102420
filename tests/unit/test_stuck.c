/* SPDX-License-Identifier: MIT */
/* enroll after wrong codes: what is said of the factor that waits still. */
#include "tests/unit/session_case.h"

#define HOW "wrong code, and too many of them: begin anew"

static void
will_wait(uint64_t expires, uint64_t locked)
{
	mfa_wire_FactorInfo *f;

	will_list("totp", "totp", "pending");
	f = &fake_client.replies[fake_client.count - 1].what.factor;
	f->expires_seconds = expires;
	f->locked_seconds = locked;
	fake_client_will_say(mfa_wire_Reply_done_tag);
}

/* Five wrong codes; the verifier says with the last one how to go on. */
static void
will_refuse_five(void)
{
	for (int i = 0; i < 4; i++)
		fake_client_will_refuse(MFA_ERR_WRONG, "wrong code");
	fake_client_will_refuse(MFA_ERR_WRONG, HOW);
}

static void
type_wrong_codes(void)
{
	for (int i = 0; i < 5; i++)
		answer("Code from your app: ", "000000\n");
	assert_int_equal(finish(), MFA_EXIT_WRONG);
	shown(HOW);
}

/* What no code enables any more is not to be confirmed. */
static void
test_owner_is_not_sent_to_confirm_what_is_locked(void **state)
{
	static const struct {
		uint64_t expires, locked;
		bool stuck;
	} cases[] = { { 600, 900, true }, { 600, 600, true },
		{ 600, 599, false }, { 600, 0, false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(i == 0 ? 0 : fresh(state), 0);
		will_need(mfa_wire_Proof_PROOF_NONE);
		will_enroll();
		will_refuse_five();
		will_wait(cases[i].expires, cases[i].locked);
		start("enroll", &enrolling);
		type_wrong_codes();
		assert_int_equal(strstr(person.seen,
		    "medusa-mfa confirm totp") == NULL, cases[i].stuck);
		(void)asked(7, mfa_wire_Request_list_tag);
		if (i + 1 < sizeof(cases) / sizeof(cases[0]))
			assert_int_equal(leave(state), 0);
	}
}

/* Who can unlock it confirms it then. */
static void
test_root_goes_on_with_it(void **state)
{
	const struct mfa_args args = { .user = "alice", .realm = "shop",
		.qr = MFA_QR_NONE };

	(void)state;
	will_enroll();
	will_refuse_five();
	start("enroll", &args);
	type_wrong_codes();
	shown("medusa-mfa confirm --realm shop --user alice totp");
	assert_int_equal(person.outcome->client.asked, 6);
}

/* Nor is it, when the owner comes back. */
static void
test_what_is_locked_is_told_of_before_another_one(void **state)
{
	const struct mfa_args args = { .user = "alice", .owner = true,
		.json = true };
	static const uint64_t locked[] = { 900, 0 };

	for (size_t i = 0; i < 2; i++) {
		(void)fake_client_reset(state);
		fake_client_will_say(mfa_wire_Reply_account_tag)->what.account =
		    (mfa_wire_Account){ .pending_factors = 1 };
		will_wait(600, locked[i]);
		will_enroll();
		assert_int_equal(run("enroll", &args, ""), MFA_EXIT_DONE);
		assert_string_equal(err.text, i == 0 ?
			"medusa-mfa: The factor totp is locked after too many "
			"wrong codes, and goes by itself in 10 min.\n" :
			"medusa-mfa: The factor totp is pending, for 10 min; "
			"to enable it: medusa-mfa confirm totp\n");
	}
}

static void
test_hints_keep_the_subject(void **state)
{
	const struct mfa_args args = { .user = "alice", .realm = "shop",
		.count = 1, .operand = operands };

	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("sync", &args, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: alice of realm shop has no "
	    "factor mail (see: medusa-mfa list --realm shop --user alice)\n");
	will_list("mail", "totp", "pending");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("sync", &args, ""), MFA_EXIT_FAILED);
	assert_non_null(strstr(err.text,
	    "see medusa-mfa list --realm shop --user alice\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_owner_is_not_sent_to_confirm_what_is_locked),
		FRESH(test_root_goes_on_with_it),
		FRESH(test_what_is_locked_is_told_of_before_another_one),
		FRESH(test_hints_keep_the_subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
