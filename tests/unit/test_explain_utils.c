/* SPDX-License-Identifier: MIT */
/* What explain and forget ask, and print. */
#include "tests/unit/capture.h"

#include <pwd.h>
#include <time.h>

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

#define DAY 86400

static struct capture out, err;

static int
run(const char *name, const struct mfa_args *args)
{
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find(name)->run(args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	assert_int_equal(fake_client.open, 0);
	return code;
}

static char alice[] = "alice", sshd[] = "other", host[] = "10.1.2.3";
static char *operands[] = { alice, sshd, host, NULL };
static const struct mfa_args three = { .count = 3, .operand = operands };
static const struct mfa_args two = { .count = 2, .operand = operands };

static mfa_wire_Explained *
will_explain(mfa_wire_Outcome outcome, mfa_wire_Decision decision)
{
	mfa_wire_Explained *e =
	    &fake_client_will_say(mfa_wire_Reply_explained_tag)->what.explained;

	(void)memcpy(e->user, alice, sizeof(alice));
	(void)memcpy(e->why, "this is why", 12);
	(void)memcpy(e->methods, "totp recovery_code", 19);
	e->outcome = outcome;
	e->decision = decision;
	e->known = e->enrolled = true;
	e->usable_factors = 1;
	return e;
}

/* The end of the last of so many days. */
static uint64_t
days_left(uint64_t days)
{
	return ((uint64_t)time(NULL) / DAY + days) * DAY;
}

/* The last line, about this machine's own /etc/pam.d/other. */
static void
without_note(void)
{
	char *note = strstr(out.text, "  Note:");

	if (note != NULL)
		*note = '\0';
}

static void
test_explain_in_words(void **state)
{
	const mfa_wire_Explain *sent = &fake_client.requests[0].what.explain;
	mfa_wire_Explained *e;

	(void)state;
	e = will_explain(mfa_wire_Outcome_OUTCOME_ASKED,
	    mfa_wire_Decision_DECISION_REQUIRE);
	(void)memcpy(e->rule, "office", 7);
	e->remember_seconds = 12 * 3600;
	assert_int_equal(run("explain", &three), MFA_EXIT_DONE);
	without_note();
	assert_string_equal(out.text,
	    "alice at other from 10.1.2.3: would be asked for a code.\n"
	    "  Rule:      office, so decision = require\n"
	    "  Because:   this is why\n"
	    "  Methods:   totp recovery_code; alice has 1 usable factor\n"
	    "  Remember:  12 h; remembered now: no\n");
	assert_int_equal(fake_client.requests[0].which_what,
	    mfa_wire_Request_explain_tag);
	assert_string_equal(sent->user, "alice");
	assert_string_equal(sent->service, "other");
	assert_string_equal(sent->rhost, "10.1.2.3");
	assert_string_equal(sent->tty, "");
	assert_false(sent->key_used);
}

/* Each outcome, without a rule and without a host. */
static void
test_explain_outcomes(void **state)
{
	static const char *const words[] = { NULL, "would be asked for a code",
		"would pass without a code", "would be refused",
		"would add a factor in the login itself" };
	char wanted[300];

	(void)state;
	for (int i = 1; i <= 4; i++) {
		(void)will_explain((mfa_wire_Outcome)i,
		    mfa_wire_Decision_DECISION_OPTIONAL);
		assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
		(void)snprintf(wanted, sizeof(wanted), "alice at other: %s.\n"
		    "  Rule:      none, so section [mfa] counts: "
		    "require = enrolled\n"
		    "  Because:   this is why\n"
		    "  Methods:   totp recovery_code; alice has 1 usable "
		    "factor\n", words[i]);
		without_note();
		assert_string_equal(out.text, wanted);
	}
	for (int i = 1; i <= 4; i++) {
		static const char *const counts[] = { NULL, "require = all\n",
			"require = enrolled\n", "exempt_users has the user\n",
			"" };

		(void)will_explain(mfa_wire_Outcome_OUTCOME_ASKED,
		    (mfa_wire_Decision)i);
		assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
		assert_non_null(strstr(out.text, counts[i]));
		assert_null(strstr(out.text, "(decision"));
	}
	/* Numbers of a later release are no other words. */
	(void)will_explain((mfa_wire_Outcome)5, (mfa_wire_Decision)5);
	assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "alice at other: nothing is known.\n"
	    "  Rule:      none\n"));
}

static void
test_explain_enrolment_and_memory(void **state)
{
	mfa_wire_Explained *e;

	(void)state;
	e = will_explain(mfa_wire_Outcome_OUTCOME_PASSES,
	    mfa_wire_Decision_DECISION_REQUIRE);
	e->enrolled = false;
	e->logins_counted = true;
	e->logins_left = 3;
	(void)memcpy(e->remember_why, "no key was used", 16);
	assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "; alice is not enrolled\n"
	    "  Enrolment: 3 logins left\n"
	    "  Remember:  no: no key was used\n"));
	e = will_explain(mfa_wire_Outcome_OUTCOME_PASSES,
	    mfa_wire_Decision_DECISION_REQUIRE);
	e->usable_factors = 2;
	e->enroll_until = days_left(12);
	e->remember_seconds = 90;
	e->remembered = true;
	assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "alice has 2 usable factors\n"));
	assert_non_null(strstr(out.text, ", 12 days left\n"));
	assert_non_null(strstr(out.text,
	    "  Remember:  90 s; remembered now: yes\n"));
	e = will_explain(mfa_wire_Outcome_OUTCOME_REFUSED,
	    mfa_wire_Decision_DECISION_REQUIRE);
	/* 2022-02-03T00:00:00Z ends the second day. */
	e->enroll_until = 1643846400;
	e->remember_seconds = 3600;
	(void)memcpy(e->remember_why, "why not", 8);
	assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "  Enrolment: was due by 2022-02-02\n"
	    "  Remember:  60 min; remembered now: no (why not)\n"));
}

static void
test_explain_who_is_unknown_or_unusable(void **state)
{
	mfa_wire_Explained *e;

	(void)state;
	e = will_explain(mfa_wire_Outcome_OUTCOME_REFUSED,
	    mfa_wire_Decision_DECISION_REQUIRE);
	e->known = e->enrolled = false;
	e->user[0] = '\0';
	assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "alice at other: would be refused.\n"
	    "  User:      alice is unknown to this host\n"));
	assert_non_null(strstr(out.text,
	    "  Methods:   totp recovery_code\n"));
	e = will_explain(mfa_wire_Outcome_OUTCOME_REFUSED,
	    mfa_wire_Decision_DECISION_REQUIRE);
	(void)memcpy(e->problem, "of another uid\033", 16);
	assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "  Problem:   of another uid\\x1b\n"));
	assert_null(strstr(out.text, "usable"));
}

static void
test_explain_json(void **state)
{
	struct mfa_args args = three;
	mfa_wire_Explained *e;

	(void)state;
	e = will_explain(mfa_wire_Outcome_OUTCOME_ENROLLS,
	    mfa_wire_Decision_DECISION_REQUIRE);
	(void)memcpy(e->rule, "office", 7);
	e->enroll_until = 1643846400;
	e->logins_counted = true;
	args.json = args.key_used = true;
	args.tty = "ssh";
	assert_int_equal(run("explain", &args), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"user\":\"alice\",\"service\":\"other\",\"host\":\"10.1.2.3\","
	    "\"outcome\":\"enrolls\",\"decision\":\"require\","
	    "\"rule\":\"office\",\"why\":\"this is why\","
	    "\"methods\":[\"totp\",\"recovery_code\"],\"known\":true,"
	    "\"enrolled\":true,\"usable_factors\":1,"
	    "\"locked_seconds\":0,\"enroll_until\":\"2022-02-03T00:00:00Z\",\"logins_left\":0,"
	    "\"remember_seconds\":0,\"remember_why\":\"\","
	    "\"remembered\":false,\"problem\":\"\"}\n");
	assert_true(fake_client.requests[0].what.explain.key_used);
	assert_string_equal(fake_client.requests[0].what.explain.tty, "ssh");
	args = two;
	args.json = true;
	e = will_explain((mfa_wire_Outcome)9, (mfa_wire_Decision)9);
	e->methods[0] = '\0';
	assert_int_equal(run("explain", &args), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "\"host\":null,\"outcome\":null,"
	    "\"decision\":null,\"rule\":null,"));
	assert_non_null(strstr(out.text, "\"methods\":[],"));
	assert_non_null(strstr(out.text,
	    "\"enroll_until\":null,\"logins_left\":null,"));
}

/* Who controls a reverse zone would choose the rule. */
static void
test_explain_takes_no_host_name(void **state)
{
	static const char *const good[] = { "10.1.2.3", "2001:db8::1", "::1",
		"::ffff:10.1.2.3", "fe80::1%eth0" };
	static const char *const bad[] = { "example.org", "10.1.2", "localhost",
		"10.1.2.3.example.org", "", "%eth0", "10.1.2.3%eth0", "0x7f.1",
		"10.1.2.0/24", " ::1", ("1111:2222:3333:4444:5555:6666:7777:8888"
		":9999:aaaa:bbbb") };
	char text[80];
	char *words[] = { alice, sshd, text, NULL };
	const struct mfa_args args = { .count = 3, .operand = words };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", good[i]);
		(void)will_explain(mfa_wire_Outcome_OUTCOME_ASKED,
		    mfa_wire_Decision_DECISION_REQUIRE);
		assert_int_equal(run("explain", &args), MFA_EXIT_DONE);
		assert_string_equal(
		    fake_client.requests[i].what.explain.rhost, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", bad[i]);
		assert_int_equal(run("explain", &args), MFA_EXIT_USAGE);
		assert_string_equal(err.text, "medusa-mfa: explain: HOST must "
		    "be a numeric address: rules never look at names\n");
		assert_string_equal(out.text, "");
	}
	assert_int_equal(fake_client.asked, sizeof(good) / sizeof(good[0]));
}

static void
test_explain_refused(void **state)
{
	static char empty[] = "";
	char *words[] = { alice, empty, NULL };
	const struct mfa_args args = { .count = 2, .operand = words };

	(void)state;
	assert_int_equal(run("explain", &args), MFA_EXIT_USAGE);
	fake_client_will_refuse(MFA_ERR_CONFIG, "line 3: no such option");
	assert_int_equal(run("explain", &two), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: line 3: no such option\n");
	assert_string_equal(out.text, "");
	/* One that is too old to know the question. */
	fake_client.version = 2;
	assert_int_equal(run("explain", &two), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 1);
}

static void
test_forget(void **state)
{
	const struct mfa_args named = { .count = 1, .operand = operands };
	const struct mfa_args own = { .count = 0 };
	const struct passwd *pw = getpwuid(getuid());

	(void)state;
	assert_non_null(pw);
	(void)fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("forget", &named), MFA_EXIT_DONE);
	assert_string_equal(out.text, "Nothing is remembered of alice: codes "
	    "are asked for again.\n");
	assert_int_equal(fake_client.requests[0].which_what,
	    mfa_wire_Request_forget_tag);
	assert_string_equal(fake_client.requests[0].what.forget.user, "alice");
	(void)memcpy(fake_client_will_say(mfa_wire_Reply_done_tag)
	    ->what.done.text, "Two places.", 12);
	assert_int_equal(run("forget", &own), MFA_EXIT_DONE);
	assert_string_equal(out.text, "Two places.\n");
	assert_string_equal(fake_client.requests[1].what.forget.user,
	    pw->pw_name);
	fake_client_will_refuse(MFA_ERR_DENIED, "");
	assert_int_equal(run("forget", &named), MFA_EXIT_FAILED);
	assert_string_equal(out.text, "");
	fake_client.version = 2;
	assert_int_equal(run("forget", &own), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 3);
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

/* sshd goes by the name of its file; ssh is none. */
static void
test_explain_tells_of_a_service_without_a_file(void **state)
{
	char nowhere[] = "no-such-service";
	char *words[] = { alice, nowhere, NULL };
	const struct mfa_args args = { .count = 2, .operand = words };

	(void)state;
	(void)will_explain(mfa_wire_Outcome_OUTCOME_ASKED,
	    mfa_wire_Decision_DECISION_REQUIRE);
	assert_int_equal(run("explain", &args), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "there is no /etc/pam.d/no-such-service\n"));
}

/* Nobody is asked there, whatever the configuration says. */
static void
test_explain_tells_of_a_service_without_our_line(void **state)
{
	char *words[] = { alice, sshd, NULL };
	const struct mfa_args args = { .count = 2, .operand = words };

	(void)state;
	(void)will_explain(mfa_wire_Outcome_OUTCOME_ASKED,
	    mfa_wire_Decision_DECISION_REQUIRE);
	assert_int_equal(run("explain", &args), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "  Note:      /etc/pam.d/other has no "
					 "line of pam_medusa_mfa.so\n"));
}

static void
test_explain_tells_of_a_lock(void **state)
{
	(void)state;
	will_explain(mfa_wire_Outcome_OUTCOME_ASKED,
	    mfa_wire_Decision_DECISION_REQUIRE)->locked_seconds = 900;
	assert_int_equal(run("explain", &two), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "for 15 min, after wrong codes"));
	assert_non_null(strstr(out.text, "(medusa-mfa unlock alice)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_explain_tells_of_a_lock),
		cmocka_unit_test_setup(
		    test_explain_tells_of_a_service_without_our_line,
		    fake_client_reset),
		FRESH(
		    test_explain_tells_of_a_service_without_a_file),
		FRESH(test_explain_in_words),
		FRESH(test_explain_outcomes),
		FRESH(test_explain_enrolment_and_memory),
		FRESH(test_explain_who_is_unknown_or_unusable),
		FRESH(test_explain_json),
		FRESH(test_explain_takes_no_host_name),
		FRESH(test_explain_refused),
		FRESH(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
