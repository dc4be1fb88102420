/* SPDX-License-Identifier: MIT */
/* disable as a person sees it: what is said before the question. */
#include "tests/unit/person.h"

/* The list that disable looks at. */
static void
will_have(const char *label, const char *status, bool off)
{
	will_list(label, "totp", status);
	fake_client.replies[fake_client.count - 1].what.factor.provider_off =
	    off;
	/* Ids are not alike. */
	fake_client.replies[fake_client.count - 1].what.factor.id[0] =
	    (char)('a' + (int)fake_client.count);
}

/* Who disables one is warned of what he cannot see from it alone. */
static void
test_disable_warns_of_the_last_usable_one(void **state)
{
	static const char last[] = "With the last factor go";
	static const char none[] = "The factors that are left cannot be used";
	static const struct {
		const char *own, *other;
		bool off; /* the other's provider */
		const char *warning;
	} cases[] = {
		{ "enabled", NULL, false, last },
		{ "blocked", "pending", false, last },
		{ "enabled", "disabled", false, last },
		{ "enabled", "enabled", true, none },
		{ "enabled", "enabled", false, NULL },
		{ "enabled", "blocked", false, NULL },
		{ "pending", "enabled", true, NULL },
		{ "pending", NULL, false, NULL },
	};
	const struct mfa_args args = { .user = "alice",
		.realm = "shop",
		.count = 1,
		.operand = operands };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(i == 0 ? 0 : fresh(state), 0);
		if (cases[i].other != NULL)
			will_have("phone", cases[i].other, cases[i].off);
		will_have("mail", "disabled", false);
		will_have("mail", cases[i].own, false);
		fake_client_will_say(mfa_wire_Reply_done_tag);
		fake_client_will_say(mfa_wire_Reply_done_tag);
		start("disable", &args);
		answer("Disable factor mail of alice of realm shop? [y/N] ",
		    "y\n");
		assert_int_equal(finish(), MFA_EXIT_DONE);
		assert_int_equal(strstr(person.seen, last) != NULL,
		    cases[i].warning == last);
		assert_int_equal(strstr(person.seen, none) != NULL,
		    cases[i].warning == none);
		assert_string_equal(
		    asked(0, mfa_wire_Request_list_tag)->what.list.realm,
		    "shop");
		(void)asked(1, mfa_wire_Request_disable_tag);
		if (i + 1 < sizeof(cases) / sizeof(cases[0]))
			assert_int_equal(leave(state), 0);
	}
}

/* Who changes phones would lock himself out, or need somebody. */
static void
test_owner_is_told_what_goes_with_his_last_one(void **state)
{
	const struct mfa_args args = { .user = "alice", .owner = true,
		.count = 1, .operand = operands };

	(void)state;
	fake_client_will_say(mfa_wire_Reply_account_tag);
	will_have("mail", "enabled", false);
	fake_client_will_say(mfa_wire_Reply_done_tag);
	start("disable", &args);
	answer("Disable factor mail of alice? [y/N] ", "n\n");
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	shown("With the last factor go the recovery codes");
	shown("To enrol again you may need an invitation");
	shown("run medusa-mfa enroll with it first");
}

static void
test_disable_of_nothing_asks_nobody(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = operands
	};

	(void)state;
	will_have("phone", "enabled", false);
	fake_client_will_say(mfa_wire_Reply_done_tag);
	start("disable", &args);
	assert_int_equal(finish(), MFA_EXIT_FAILED);
	shown("alice has no factor mail (see");
	assert_int_equal(person.outcome->client.asked, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_disable_warns_of_the_last_usable_one),
		FRESH(test_owner_is_told_what_goes_with_his_last_one),
		FRESH(test_disable_of_nothing_asks_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
