/* SPDX-License-Identifier: MIT */
/* What explain says is what the login then does, and it changes nothing. */
#include "tests/unit/login_states.h"

#include "verifier/engine/explain.h"

/* A login, as explain has it. */
static enum mfa_outlook
outlook_of(struct world *w, const char *user)
{
	struct session s = { .w = w };
	enum mfa_outlook outlook;

	session_begin(&s, user, false, 1);
	if (s.step.kind == MFA_STEP_VERDICT)
		outlook = s.step.verdict == MFA_VERDICT_DENY ||
			s.step.verdict == MFA_VERDICT_UNAVAILABLE ?
		    MFA_OUTLOOK_REFUSED :
		    MFA_OUTLOOK_PASSES;
	else if (s.step.acknowledge)
		outlook = MFA_OUTLOOK_PASSES;
	else if (strstr(s.step.note, "authenticator app") != NULL)
		outlook = MFA_OUTLOOK_ENROLLS;
	else
		outlook = s.login.hidden == MFA_REASON_NONE ?
		    MFA_OUTLOOK_ASKED :
		    MFA_OUTLOOK_REFUSED;
	mfa_login_wipe(&s.login);
	return outlook;
}

static const struct {
	const char *name;
	void (*make)(struct world *w);
	const char *user;
	enum mfa_decision decision; /* 0: no rule */
	uint32_t logins;
	enum mfa_unenrolled unenrolled;
	enum mfa_outlook wanted;
	const char *why;
} rows[] = {
	{ "optional, none", state_none, PERSON, MFA_DECISION_OPTIONAL, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_PASSES,
	    "not enrolled, and need not be" },
	{ "optional, enrolled", state_enrolled, PERSON, MFA_DECISION_OPTIONAL,
	    0, MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_ASKED, "enrolled" },
	{ "require, enrolled", state_enrolled, PERSON, MFA_DECISION_REQUIRE, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_ASKED, "enrolled" },
	{ "require, none", state_none, PERSON, MFA_DECISION_REQUIRE, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_REFUSED,
	    "not enrolled, and a factor is required: any code is refused" },
	{ "require, logins", state_none, PERSON, MFA_DECISION_REQUIRE, 2,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_PASSES,
	    "not enrolled, and the time to enrol is not over" },
	{ "require, enroll", state_none, PERSON, MFA_DECISION_REQUIRE, 0,
	    MFA_UNENROLLED_ENROLL, MFA_OUTLOOK_ENROLLS,
	    "not enrolled, and adds a factor in the login" },
	{ "exempt", state_enrolled, PERSON, MFA_DECISION_EXEMPT, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_PASSES, "a rule exempts it" },
	{ "deny", state_enrolled, PERSON, MFA_DECISION_DENY, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_REFUSED, "a rule denies it" },
	{ "unknown", state_none, NOBODY, MFA_DECISION_REQUIRE, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_REFUSED,
	    "unknown to this host: asked, and any code is refused" },
	{ "unknown, exempt", state_none, NOBODY, MFA_DECISION_EXEMPT, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_REFUSED,
	    "unknown to this host: asked, and any code is refused" },
	{ "foreign", state_foreign, PERSON, MFA_DECISION_REQUIRE, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_REFUSED,
	    "the record belongs to an earlier user of this name: medusa-mfa "
	    "reset USER" },
	{ "damaged", state_damaged, PERSON, MFA_DECISION_OPTIONAL, 0,
	    MFA_UNENROLLED_REFUSE, MFA_OUTLOOK_REFUSED,
	    "the record cannot be used" },
};

static void
explain(struct world *w, const char *user, struct mfa_explained *out)
{
	struct mfa_subject subject;
	enum mfa_err r = mfa_subject_resolve(user, &subject);

	assert_true(r == MFA_OK || r == MFA_ERR_NO_USER);
	mfa_explain(&w->engine, &w->caller, &subject, out);
}

static void
check(size_t i)
{
	struct mfa_config_rule *rule;
	struct mfa_explained got;
	struct world *w;
	void *state;

	assert_int_equal(world_new(&state), 0);
	w = state;
	rows[i].make(w);
	rule = session_rule(w, rows[i].decision);
	rule->enroll_logins = rows[i].logins;
	rule->unenrolled = rows[i].unenrolled;
	explain(w, rows[i].user, &got);
	if (got.outlook != rows[i].wanted ||
	    strcmp(got.why, rows[i].why) != 0)
		fail_msg("%s: %d, %s", rows[i].name, got.outlook, got.why);
	assert_ptr_equal(got.policy.rule, rule);
	if (outlook_of(w, rows[i].user) != rows[i].wanted)
		fail_msg("%s: the login does otherwise", rows[i].name);
	assert_int_equal(world_free(&state), 0);
}

static void
test_R2_it_says_what_the_login_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(i);
}

static void
test_it_changes_nothing(void **state)
{
	struct world *w = *state;
	struct mfa_explained got;
	struct mfa_config_rule *rule;

	world_user(w, PERSON);
	rule = session_rule(w, MFA_DECISION_REQUIRE);
	rule->enroll_logins = 1;
	rule->unenrolled = MFA_UNENROLLED_ENROLL;
	rule->remember_seconds = 600;
	for (int i = 0; i < 3; i++)
		explain(w, PERSON, &got);
	assert_int_equal(w->writes, 0);
	assert_int_equal(got.outlook, MFA_OUTLOOK_PASSES);
	assert_int_equal(w->events[MFA_EVENT_CHALLENGE_SKIPPED], 0);
}

static void
test_methods_and_places(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule;
	struct mfa_explained got;

	state_enrolled(w);
	rule = session_rule(w, MFA_DECISION_REQUIRE);
	explain(w, PERSON, &got);
	assert_int_equal(got.usable_factors, 1);
	assert_null(got.place.why);
	rule->provides = MFA_PROVIDES_HOTP;
	rule->remember_seconds = 600;
	explain(w, PERSON, &got);
	assert_int_equal(got.usable_factors, 0);
	assert_int_equal(got.outlook, MFA_OUTLOOK_ASKED);
	assert_string_equal(got.why, "enrolled, but with no factor that counts "
	    "here: only a bypass code lets in");
	assert_string_equal(got.place.why,
	    "it has neither a terminal nor a remote host");
	w->caller.rhost = "192.0.2.7";
	explain(w, PERSON, &got);
	assert_string_equal(got.place.why, "it comes from another host, and no "
	    "public key was used");
	w->caller.key_used = true;
	explain(w, PERSON, &got);
	assert_null(got.place.why);
	assert_true(got.place.known);
	/* Whoever asks is root, but thinks of a login through a root's host. */
	w->caller.path = MFA_PATH_OTHER;
	explain(w, PERSON, &got);
	assert_null(got.place.why);
}

static void
test_R3_trouble_is_told(void **state)
{
	struct world *w = *state;
	struct mfa_explained got;

	state_enrolled(w);
	memcpy(session_rule(w, MFA_DECISION_EXEMPT)->group,
	    "no-such-group-here", 19);
	explain(w, PERSON, &got);
	assert_int_equal(got.outlook, MFA_OUTLOOK_ASKED);
	assert_string_equal(got.why, "a group of it is not known to this host, "
	    "so it is required; enrolled");
	assert_int_equal(outlook_of(w, PERSON), MFA_OUTLOOK_ASKED);
}

#define OF(set_up, f) cmocka_unit_test_setup_teardown(f, set_up, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R2_it_says_what_the_login_does),
		OF(world_new_memory, test_it_changes_nothing),
		OF(world_new, test_methods_and_places),
		OF(world_new, test_R3_trouble_is_told),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
