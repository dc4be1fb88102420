/* SPDX-License-Identifier: MIT */
/* R27: what the options of a rule take, and what they refuse. */
#include "tests/unit/config_rows.h"

#include "verifier/config/check.h"
#include "verifier/config/read.h"

#define DAY 86400

static void
takes(const char *name, const char *value, struct mfa_config *config)
{
	if (parse(row("rule", name), value, config) != MFA_OK)
		fail_msg("%s = %s", name, value);
}

static void
test_R27_lists_are_words(void **state)
{
	struct mfa_config c;

	(void)state;
	takes("user", "alice  bob\tdom\\carol", &c);
	assert_string_equal(c.rule[0].user, "alice bob dom\\carol");
	takes("group", "wheel 1000", &c);
	assert_string_equal(c.rule[0].group, "wheel 1000");
	takes("service", "sshd sudo-i polkit-1", &c);
	assert_string_equal(c.rule[0].service, "sshd sudo-i polkit-1");
	takes("methods", "totp recovery_code key", &c);
	assert_string_equal(c.rule[0].methods, "totp recovery_code key");
	takes("from", "192.0.2.0/24 ::1", &c);
	assert_int_equal(c.rule[0].from_count, 2);
	assert_int_equal(c.rule[0].from[0].bits, 96 + 24);
	/* Empty: no condition. */
	takes("from", "", &c);
	assert_int_equal(c.rule[0].from_count, 0);
	takes("user", "", &c);
	assert_string_equal(c.rule[0].user, "");
}

static void
test_R27_words_of_a_few(void **state)
{
	static const struct {
		const char *value;
		enum mfa_decision decision;
	} decisions[] = {
		{ "require", MFA_DECISION_REQUIRE },
		{ "optional", MFA_DECISION_OPTIONAL },
		{ "exempt", MFA_DECISION_EXEMPT },
		{ "deny", MFA_DECISION_DENY },
	};
	struct mfa_config c;

	(void)state;
	for (int i = 0; i < 4; i++) {
		takes("decision", decisions[i].value, &c);
		assert_int_equal(c.rule[0].decision, decisions[i].decision);
	}
	takes("key_used", "yes", &c);
	assert_int_equal(c.rule[0].key_used, MFA_KEY_USED_YES);
	takes("key_used", "no", &c);
	assert_int_equal(c.rule[0].key_used, MFA_KEY_USED_NO);
	takes("key_used", "", &c);
	assert_int_equal(c.rule[0].key_used, MFA_KEY_USED_ANY);
	takes("unenrolled", "enroll", &c);
	assert_int_equal(c.rule[0].unenrolled, MFA_UNENROLLED_ENROLL);
	takes("unenrolled", "refuse", &c);
	assert_int_equal(c.rule[0].unenrolled, MFA_UNENROLLED_REFUSE);
}

static void
test_R27_times(void **state)
{
	struct mfa_config c;

	(void)state;
	takes("enroll_by", "2027-03-31", &c);
	assert_int_equal(c.rule[0].enroll_end, 1806537600); /* 2027-04-01 */
	assert_int_equal(c.rule[0].enroll_logins, 0);
	takes("enroll_by", "1 login", &c);
	assert_int_equal(c.rule[0].enroll_logins, 1);
	takes("enroll_by", "1000 logins", &c);
	assert_int_equal(c.rule[0].enroll_logins, 1000);
	assert_int_equal(c.rule[0].enroll_end, 0);
	takes("enroll_by", "", &c);
	assert_int_equal(c.rule[0].enroll_logins, 0);
	takes("remember", "1m", &c);
	assert_int_equal(c.rule[0].remember_seconds, 60);
	takes("remember", "12h", &c);
	assert_int_equal(c.rule[0].remember_seconds, 12 * 3600);
	takes("remember", "30d", &c);
	assert_int_equal(c.rule[0].remember_seconds, 30 * DAY);
	takes("remember", "43200m", &c);
	assert_int_equal(c.rule[0].remember_seconds, 30 * DAY);
	takes("remember", "", &c);
	assert_int_equal(c.rule[0].remember_seconds, 0);
}

static void
test_R27_what_they_refuse(void **state)
{
	static const char *const bad[][2] = {
		{ "user", "alice # bob" }, { "group", "wheel # not bob" },
		{ "user", "*" }, { "user", "%wheel" }, { "user", "@group" },
		{ "user", "alice,bob" }, { "user", "alice alice" },
		{ "group", "*" }, { "group", "wheel wheel" },
		{ "service", "SSHD" }, { "service", "../sshd" },
		{ "service", "sshd sshd" }, { "service", "*" },
		{ "from", "office.example.com" }, { "from", "192.0.2.1/24" },
		{ "from", "192.0.2.0/24,::1" }, { "from", "LOCAL" },
		{ "from", "1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 "
			  "1.1.1.7 1.1.1.8 1.1.1.9 2.1.1.1 2.1.1.2 2.1.1.3 "
			  "2.1.1.4 2.1.1.5 2.1.1.6 2.1.1.7 2.1.1.8" },
		{ "key_used", "true" }, { "key_used", "Yes" },
		{ "key_used", "any" },
		{ "decision", "" }, { "decision", "allow" },
		{ "decision", "Require" }, { "decision", "require deny" },
		{ "methods", "totp totp" }, { "methods", "TOTP" },
		{ "methods", "totp,hotp" },
		{ "enroll_by", "0 logins" }, { "enroll_by", "1001 logins" },
		{ "enroll_by", "5" }, { "enroll_by", "5logins" },
		{ "enroll_by", "-1 logins" }, { "enroll_by", "05 logins" },
		{ "enroll_by", "5  logins" }, { "enroll_by", "5 login s" },
		{ "enroll_by", "12345678 logins" },
		{ "enroll_by", "2027-02-29" }, { "enroll_by", "tomorrow" },
		{ "enroll_by", "until 2027-03-31" },
		{ "enroll_by", "2027-03-31 " },
		{ "unenrolled", "" }, { "unenrolled", "yes" },
		{ "remember", "0m" }, { "remember", "0h" },
		{ "remember", "31d" }, { "remember", "721h" },
		{ "remember", "43201m" }, { "remember", "12" },
		{ "remember", "h" }, { "remember", "12s" },
		{ "remember", "1h30m" }, { "remember", "12 h" },
		{ "remember", "-1h" }, { "remember", "012h" },
		{ "remember", "99999999d" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(row("rule", bad[i][0]), bad[i][1]);
}

/* ---- what has to fit together ---- */

static enum mfa_err
check(const char *text, struct mfa_config *config, char *sentence, size_t size)
{
	struct mfa_config_problem problem = { "" };
	struct mfa_config_reading reading = { .config = config,
		.problem = &problem };
	struct mfa_config_fault fault = { .sentence = "" };
	enum mfa_err r;

	mfa_config_init(config);
	r = mfa_config_read(&reading, "t", 1, (const uint8_t *)text,
	    strlen(text));
	if (r != MFA_OK)
		fail_msg("%s", problem.text);
	r = mfa_config_check(&reading, &fault);
	(void)snprintf(sentence, size, "%s", fault.sentence);
	return r;
}

static void
test_R27_rules_must_make_sense(void **state)
{
	static const struct {
		const char *text, *sentence;
	} bad[] = {
		{ "user = alice", "rule x: decision is missing" },
		{ "decision = require\nmethods = hotp",
		    "rule x: methods has a provider that mfa.providers does "
		    "not have" },
		{ "decision = require\nmethods = totp topt",
		    "rule x: methods has topt, which is no provider" },
		{ "decision = exempt\nmethods = totp",
		    "rule x: methods means nothing with this decision" },
		{ "decision = deny\nremember = 1h",
		    "rule x: remember means nothing with this decision" },
		{ "decision = optional\nenroll_by = 3 logins",
		    "rule x: enroll_by means nothing with this decision" },
		{ "decision = exempt\nenroll_by = 2027-01-01",
		    "rule x: enroll_by means nothing with this decision" },
		{ "decision = optional\nunenrolled = enroll",
		    "rule x: unenrolled means nothing with this decision" },
		{ "decision = require\nunenrolled = enroll\n"
		  "[mfa]\nself_enroll = no",
		    "rule x: unenrolled = enroll, but mfa.self_enroll is no" },
		{ "decision = require\nmethods = recovery_code\n"
		  "unenrolled = enroll",
		    "rule x: unenrolled = enroll adds a totp factor, which "
		    "its methods do not have" },
	};
	static struct mfa_config c;
	char text[200], sentence[300];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "[rule x]\n%s\n",
		    bad[i].text);
		assert_int_equal(check(text, &c, sentence, sizeof(sentence)),
		    MFA_ERR_CONFIG);
		assert_string_equal(sentence, bad[i].sentence);
	}
}

static void
test_R27_methods_are_bits_of_the_realm(void **state)
{
	static struct mfa_config c;
	char sentence[300];

	(void)state;
	assert_int_equal(check("[mfa]\nproviders = totp hotp recovery_code\n"
			       "[rule a]\ndecision = require\n"
			       "[rule b]\ndecision = optional\nmethods = hotp\n",
			     &c, sentence, sizeof(sentence)), MFA_OK);
	assert_int_equal(c.rule[0].provides, c.realm[0].provides);
	assert_int_equal(c.rule[1].provides, MFA_PROVIDES_HOTP);
	assert_string_equal(c.rule[0].name, "a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R27_lists_are_words),
		cmocka_unit_test(test_R27_words_of_a_few),
		cmocka_unit_test(test_R27_times),
		cmocka_unit_test(test_R27_what_they_refuse),
		cmocka_unit_test(test_R27_rules_must_make_sense),
		cmocka_unit_test(test_R27_methods_are_bits_of_the_realm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
