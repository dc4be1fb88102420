/* SPDX-License-Identifier: MIT */
/* R2, R3, R28: which rule decides, and what it says. */
#include "tests/unit/rule.h"

#include <malloc.h>

#include "verifier/engine/policy.h"

static struct mfa_config config;

static struct mfa_policy
check(const char *user, const char *service, const char *rhost)
{
	const struct mfa_caller caller = rule_login(service, rhost, false);
	const struct mfa_subject subject = rule_user(user);
	struct mfa_policy policy;

	mfa_policy_check(&config, &config.realm[0], &subject, &caller,
	    &policy);
	return policy;
}

static void
is(const char *user, const char *service, enum mfa_policy_kind kind,
    const char *rule)
{
	struct mfa_policy policy = check(user, service, "192.0.2.7");

	assert_int_equal(policy.kind, kind);
	if (rule == NULL)
		assert_null(policy.rule);
	else
		assert_string_equal(policy.rule->name, rule);
	assert_int_equal(policy.trouble, MFA_TROUBLE_NONE);
}

static void
test_R2_the_first_rule_that_is_met_decides(void **state)
{
	(void)state;
	rule_read("[mfa]\nrequire = enrolled\nexempt_users = rescue\n"
		  "[rule a]\nuser = alice\nservice = sudo\ndecision = exempt\n"
		  "[rule b]\nuser = alice bob\ndecision = require\n"
		  "[rule c]\nservice = su\ndecision = deny\n"
		  "[rule d]\nuser = bob\ndecision = exempt\n", &config);
	is("alice", "sudo", MFA_POLICY_EXEMPT, "a");
	is("alice", "su", MFA_POLICY_REQUIRED, "b");
	is("bob", "su", MFA_POLICY_REQUIRED, "b");
	is("carol", "su", MFA_POLICY_DENIED, "c");
	is("carol", "sshd", MFA_POLICY_ENROLLED, NULL);
	/* Before all rules. */
	is("rescue", "su", MFA_POLICY_EXEMPT, NULL);
}

static void
test_R2_each_decision(void **state)
{
	static const struct {
		const char *name;
		enum mfa_policy_kind kind;
	} rows[] = {
		{ "require", MFA_POLICY_REQUIRED },
		{ "optional", MFA_POLICY_ENROLLED },
		{ "exempt", MFA_POLICY_EXEMPT },
		{ "deny", MFA_POLICY_DENIED },
	};
	char text[100];

	(void)state;
	for (int i = 0; i < 4; i++) {
		(void)snprintf(text, sizeof(text),
		    "[rule x]\ndecision = %s\n", rows[i].name);
		rule_read(text, &config);
		is("alice", "sshd", rows[i].kind, "x");
	}
	/* A value that is none of them must not let anybody pass. */
	for (int i = 0; i < 10; i++) {
		config.rule[0].decision = (enum mfa_decision)(100 + i);
		is("alice", "sshd", MFA_POLICY_REQUIRED, "x");
	}
	config.rule[0].decision = (enum mfa_decision)0;
	is("alice", "sshd", MFA_POLICY_REQUIRED, "x");
}

/* No leniency of it, but its methods; and no later rule. */
static void
test_R3_what_cannot_be_evaluated_requires(void **state)
{
	struct mfa_policy policy;
	char told[MFA_POLICY_TEXT];

	(void)state;
	rule_read("[mfa]\nrequire = enrolled\nproviders = totp hotp\n"
		  "[rule near]\nfrom = 192.0.2.0/24\ndecision = optional\n"
		  "methods = hotp\n"
		  "[rule rest]\ndecision = exempt\n", &config);
	policy = check("alice", "sshd", "office.example.com");
	assert_int_equal(policy.kind, MFA_POLICY_REQUIRED);
	assert_int_equal(policy.trouble, MFA_TROUBLE_HOST);
	assert_int_equal(policy.provides, MFA_PROVIDES_HOTP);
	mfa_policy_tell(&policy, told, sizeof(told));
	assert_string_equal(told, "rule:near:host-is-a-name");
	policy = check("alice", "sshd", "192.0.2.9");
	assert_int_equal(policy.kind, MFA_POLICY_ENROLLED);
	mfa_policy_tell(&policy, told, sizeof(told));
	assert_string_equal(told, "rule:near");
	policy = check("alice", "sshd", "");
	assert_int_equal(policy.kind, MFA_POLICY_EXEMPT);
	assert_int_equal(policy.provides,
	    MFA_PROVIDES_TOTP | MFA_PROVIDES_HOTP);
	rule_read("[mfa]\nrequire = enrolled\n"
		  "[rule ghosts]\ngroup = no-such-group-here\n"
		  "decision = exempt\n", &config);
	policy = check("alice", "sshd", "192.0.2.9");
	assert_int_equal(policy.kind, MFA_POLICY_REQUIRED);
	assert_int_equal(policy.trouble, MFA_TROUBLE_GROUP);
}

/* A group that is not known is no trouble to who is in another of the list. */
static void
test_R26_the_trouble_is_the_one_that_counted(void **state)
{
	const struct mfa_subject root = { .realm = MFA_REALM_UNIX,
		.name = "root", .known = true };
	const struct mfa_caller caller = rule_login("sshd",
	    "office.example.com", false);
	struct mfa_policy policy;

	(void)state;
	rule_read("[rule near]\nfrom = 192.0.2.0/24\n"
		  "group = no-such-group-here root\ndecision = optional\n",
	    &config);
	mfa_policy_check(&config, &config.realm[0], &root, &caller, &policy);
	assert_int_equal(policy.kind, MFA_POLICY_REQUIRED);
	assert_int_equal(policy.trouble, MFA_TROUBLE_HOST);
}

/* Where no rule said so, none is named, whatever was told before. */
static void
test_R26_without_a_rule_none_is_named(void **state)
{
	const struct mfa_policy policy = { .kind = MFA_POLICY_ENROLLED };
	char told[MFA_POLICY_TEXT];

	(void)state;
	memset(told, 'x', sizeof(told));
	mfa_policy_tell(&policy, told, sizeof(told));
	assert_string_equal(told, "");
}

static void
test_R2_rules_are_about_this_host_s_users(void **state)
{
	const struct mfa_caller caller = rule_login("shop", "", false);
	const struct mfa_subject subject = rule_user("alice");
	struct mfa_policy_range range;
	struct mfa_policy policy;

	(void)state;
	rule_read("[rule x]\ndecision = exempt\n"
		  "[realm shop]\naccount = www-data\nrequire = all\n",
	    &config);
	mfa_policy_check(&config, &config.realm[1], &subject, &caller,
	    &policy);
	assert_int_equal(policy.kind, MFA_POLICY_REQUIRED);
	assert_null(policy.rule);
	mfa_policy_range(&config, &config.realm[1], &subject, &range);
	assert_true(range.may_require);
}

static struct mfa_policy_range
range_of(const char *user, const char *rules)
{
	const struct mfa_subject subject = rule_user(user);
	struct mfa_policy_range range;
	char text[600];

	(void)snprintf(text, sizeof(text),
	    "[mfa]\nrequire = enrolled\nexempt_users = rescue\n%s", rules);
	rule_read(text, &config);
	mfa_policy_range(&config, &config.realm[0], &subject, &range);
	return range;
}

static void
in_range(const char *rules, bool may_require, bool may_ask, bool by_rules)
{
	struct mfa_policy_range range = range_of("alice", rules);

	if (range.may_require != may_require || range.may_ask != may_ask ||
	    range.by_rules != by_rules)
		fail_msg("%s: %d %d %d", rules, range.may_require,
		    range.may_ask, range.by_rules);
}

/* Who may take the last factor away without being locked out (R21). */
static void
test_R21_what_may_come_of_all_rules(void **state)
{
	(void)state;
	in_range("", false, true, false);
	in_range("[rule a]\ndecision = exempt\n", false, false, false);
	in_range("[rule a]\ndecision = require\n", true, true, false);
	in_range("[rule a]\nservice = su\ndecision = require\n", true, true,
	    true);
	in_range("[rule a]\nservice = su\ndecision = exempt\n"
		 "[rule b]\ndecision = exempt\n", false, false, true);
	in_range("[rule a]\nfrom = ::1\ndecision = exempt\n"
		 "[rule b]\nuser = bob\ndecision = require\n", false, true,
	    true);
	in_range("[rule a]\nuser = alice\ndecision = exempt\n"
		 "[rule b]\ndecision = require\n", false, false, false);
	in_range("[rule a]\ngroup = no-such-group-here\ndecision = exempt\n",
	    true, true, false);
	in_range("[rule a]\nkey_used = yes\ndecision = deny\n", false, true,
	    true);
	assert_false(range_of("rescue", "[rule a]\ndecision = require\n")
			 .may_ask);
}

/* What an administrator is told besides: who is shut out, who has time. */
static void
test_R2_who_is_shut_out_and_who_has_time(void **state)
{
	static const struct {
		const char *rules;
		bool denied, grace;
	} rows[] = {
		{ "decision = require\n", false, false },
		{ "decision = deny\n", true, false },
		{ "user = bob\ndecision = deny\n", false, false },
		{ "service = su\ndecision = deny\n", true, false },
		/* It cannot be told: then a code is asked for, no more. */
		{ "group = no-such-group-here\ndecision = deny\n", false,
		    false },
		{ "decision = require\nenroll_by = 2030-01-01\n", false,
		    true },
		{ "decision = require\nenroll_by = 3 logins\n", false,
		    true },
		{ "decision = require\nunenrolled = enroll\n", false, true },
		{ "decision = require\nunenrolled = refuse\n", false, false },
	};
	char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mfa_policy_range range;

		(void)snprintf(text, sizeof(text), "[rule a]\n%s",
		    rows[i].rules);
		range = range_of("alice", text);
		if (range.denied != rows[i].denied ||
		    range.grace != rows[i].grace)
			fail_msg("%s: %d %d", rows[i].rules, range.denied,
			    range.grace);
	}
}

/* A verifier in a socket's service looks up groups for ever. */
static void
test_R28_what_was_looked_up_is_given_back(void **state)
{
	const struct mfa_subject root = { .realm = MFA_REALM_UNIX,
		.name = "root", .known = true };
	const struct mfa_caller caller = rule_login("sshd", "", false);
	struct mfa_policy_range range;
	struct mfa_policy policy;
	size_t before = 0;

	(void)state;
	rule_read("[rule x]\ngroup = 0\ndecision = require\n", &config);
	/* A list of groups is 256 bytes; the first rounds fill caches. */
	for (int i = 0; i < 300; i++) {
		if (i == 100)
			before = mallinfo2().uordblks;
		mfa_policy_check(&config, &config.realm[0], &root, &caller,
		    &policy);
		assert_non_null(policy.rule);
		assert_int_equal(policy.trouble, MFA_TROUBLE_NONE);
		mfa_policy_range(&config, &config.realm[0], &root, &range);
		assert_true(range.may_require);
	}
	assert_true(mallinfo2().uordblks < before + 20000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R2_the_first_rule_that_is_met_decides),
		cmocka_unit_test(test_R2_each_decision),
		cmocka_unit_test(test_R3_what_cannot_be_evaluated_requires),
		cmocka_unit_test(test_R26_the_trouble_is_the_one_that_counted),
		cmocka_unit_test(test_R26_without_a_rule_none_is_named),
		cmocka_unit_test(test_R2_rules_are_about_this_host_s_users),
		cmocka_unit_test(test_R21_what_may_come_of_all_rules),
		cmocka_unit_test(test_R2_who_is_shut_out_and_who_has_time),
		cmocka_unit_test(test_R28_what_was_looked_up_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
