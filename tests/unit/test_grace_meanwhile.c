/* SPDX-License-Identifier: MIT */
/*
 * R2, R3, R24: the time until a factor is needed, where another login is
 * faster or something fails; and what is told of it, letter for letter.
 */
#include "tests/unit/login_session.h"

#include "verifier/crypt/crypt.h"
#include "verifier/engine/grace.h"

#define DAY 86400

/* Of a rule that lets so many logins pass. */
static const struct mfa_policy *
policy_of(struct world *w, uint32_t logins, uint64_t end)
{
	static struct mfa_policy policy;
	struct mfa_config_rule *rule;

	world_user(w, PERSON);
	rule = session_rule(w, MFA_DECISION_REQUIRE);
	rule->enroll_logins = logins;
	rule->enroll_end = end;
	policy = (struct mfa_policy){ .kind = MFA_POLICY_REQUIRED,
		.rule = rule, .provides = rule->provides };
	return &policy;
}

static enum mfa_err
check_in(struct mfa_engine *engine, struct world *w,
    const struct mfa_policy *policy, struct mfa_grace *out)
{
	memset(out, 0xa5, sizeof(*out));
	return mfa_grace_check(engine, &w->subject, policy, true, out);
}

static void
passes(struct world *w, const struct mfa_policy *policy, uint32_t left)
{
	struct mfa_grace got;

	assert_int_equal(check_in(&w->engine, w, policy, &got), MFA_OK);
	assert_true(got.open);
	assert_true(got.counted);
	assert_int_equal(got.logins_left, left);
}

static void
is_nothing(const struct mfa_grace *got)
{
	assert_false(got->open);
	assert_true(got->end == 0);
	assert_true(got->seconds_left == 0);
	assert_false(got->counted);
	assert_int_equal(got->logins_left, 0);
}

static uint32_t
counted(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return r.grace_logins;
}

/* ---- another login is faster ---- */

struct other {
	struct world *w;
	const struct mfa_policy *policy;
};

/* Another verifier lets the same person pass. */
static void
pass_meanwhile(void *ctx)
{
	const struct other *other = ctx;
	static struct mfa_engine twin;
	struct mfa_grace got;

	world_twin(other->w, &twin);
	assert_int_equal(check_in(&twin, other->w, other->policy, &got),
	    MFA_OK);
	assert_true(got.open);
	world_twin_free(&twin);
}

static void
enroll_meanwhile(void *ctx)
{
	const struct other *other = ctx;
	static struct world twin;
	struct mfa_confirmed confirmed;

	twin = *other->w;
	world_twin(other->w, &twin.engine);
	world_enroll(&twin, "phone", SECRET_A, &confirmed);
	world_twin_free(&twin.engine);
}

static void
test_R24_the_last_login_is_let_in_once(void **state)
{
	struct world *w = *state;
	struct other other = { w, policy_of(w, 2, 0) };
	struct session s = { .w = w };

	passes(w, other.policy, 1);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = pass_meanwhile;
	w->mishap.ctx = &other;
	/* It is asked, as is everybody from then on. */
	session_begin(&s, PERSON, false, 3);
	assert_true(session_asks(&s));
	assert_false(s.step.acknowledge);
	mfa_login_wipe(&s.login);
	assert_int_equal(w->mishap.conflicts, 0);
	assert_int_equal(counted(w), 2);
}

static void
test_R24_both_of_two_at_once_are_counted(void **state)
{
	struct world *w = *state;
	struct other other = { w, policy_of(w, 3, 0) };

	passes(w, other.policy, 2);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = pass_meanwhile;
	w->mishap.ctx = &other;
	passes(w, other.policy, 0);
	assert_int_equal(counted(w), 3);
}

/* No login without a code for who has a factor by now. */
static void
test_R2_who_is_enrolled_meanwhile_does_not_pass(void **state)
{
	struct world *w = *state;
	struct other other = { w, policy_of(w, 5, 0) };
	struct mfa_grace got;

	passes(w, other.policy, 4);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = enroll_meanwhile;
	w->mishap.ctx = &other;
	assert_int_equal(check_in(&w->engine, w, other.policy, &got),
	    MFA_ERR_CONFLICT);
	is_nothing(&got);
	assert_int_equal(counted(w), 1);
}

/* A login that has been told, and waits for its person to have read it. */
static struct session
waiting(struct world *w)
{
	struct session s = { .w = w };

	session_begin(&s, PERSON, false, 3);
	assert_true(session_asks(&s));
	assert_true(s.step.acknowledge);
	return s;
}

/* Nor while the prompt is out: whoever left it open asks for a code now. */
static void
test_R2_who_is_enrolled_while_it_is_read_does_not_pass(void **state)
{
	struct world *w = *state;
	struct other other = { w, policy_of(w, 5, 0) };
	struct session s = waiting(w), with_code = waiting(w);
	char code[9];

	enroll_meanwhile(&other);
	for (int left = 3; left > 0; left--) {
		session_answer(&s, left == 3 ? "" : "000000");
		assert_true(session_asks(&s));
		assert_false(s.step.acknowledge);
	}
	session_answer(&s, "");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_JUNK);
	session_answer(&with_code, "");
	assert_true(session_asks(&with_code));
	world_pass(w, 60);
	world_code(w, SECRET_A, 0, code);
	session_answer(&with_code, code);
	session_ends(&with_code, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
}

static void
test_R3_a_record_that_is_lost_while_it_is_read_lets_nobody_pass(void **state)
{
	struct world *w = *state;
	struct session s;

	(void)policy_of(w, 5, 0);
	s = waiting(w);
	w->mishap.open_fails = 1;
	session_answer(&s, "");
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	assert_int_equal(w->mishap.open_fails, 0);
	/* Without trouble it goes on as before. */
	s = waiting(w);
	session_answer(&s, "");
	session_ends(&s, MFA_VERDICT_PASS, MFA_REASON_NOT_ENROLLED);
	assert_int_equal(counted(w), 2);
}

static struct other *first; /* whoever makes the record; NULL: none (more) */

/* A record is made with a random number: another one is made just before. */
static void
random_with_a_rival(const struct mfa_env *env, void *bytes, size_t len)
{
	struct other *rival = first;

	first = NULL;
	if (rival != NULL)
		pass_meanwhile(rival);
	mfa_crypt_random(env, bytes, len);
}

static void
test_R24_both_of_two_first_logins_are_counted(void **state)
{
	struct world *w = *state;
	struct other other = { w, policy_of(w, 5, 0) };

	first = &other;
	w->env.random = random_with_a_rival;
	passes(w, other.policy, 3);
	assert_null(first);
	assert_int_equal(counted(w), 2);
}

/* ---- something fails ---- */

static void
test_R3_a_record_that_is_not_read_lets_nobody_pass(void **state)
{
	struct world *w = *state;
	const struct mfa_policy *policy = policy_of(w, 5, 0);
	struct mfa_grace got;

	passes(w, policy, 4);
	w->mishap.open_fails = 1;
	assert_int_equal(check_in(&w->engine, w, policy, &got), MFA_ERR_IO);
	is_nothing(&got);
	assert_int_equal(counted(w), 1);
	/* Nor is it said that somebody would. */
	w->mishap.open_fails = 1;
	memset(&got, 0xa5, sizeof(got));
	assert_int_equal(mfa_grace_check(&w->engine, &w->subject, policy,
	    false, &got), MFA_ERR_IO);
	is_nothing(&got);
}

static void
test_R11_no_clock_and_a_wrong_one_are_told_apart(void **state)
{
	struct world *w = *state;
	const struct mfa_policy *policy = policy_of(w, 0, WORLD_START + DAY);
	struct mfa_grace got;

	w->clock_fails = true;
	assert_int_equal(check_in(&w->engine, w, policy, &got), MFA_ERR_IO);
	is_nothing(&got);
	w->clock_fails = false;
	w->now.wall = MFA_RELEASE_TIME - 1;
	assert_int_equal(check_in(&w->engine, w, policy, &got),
	    MFA_ERR_CLOCK);
	is_nothing(&got);
	w->now.wall = WORLD_START + 1;
	assert_int_equal(check_in(&w->engine, w, policy, &got), MFA_OK);
	assert_true(got.open);
	assert_true(got.seconds_left == DAY - 1);
}

static void
test_R3_a_rule_without_a_time_gives_none(void **state)
{
	struct world *w = *state;
	struct mfa_policy policy = *policy_of(w, 0, 0);
	struct mfa_grace got;

	assert_int_equal(check_in(&w->engine, w, &policy, &got), MFA_OK);
	is_nothing(&got);
	policy.rule = NULL;
	assert_int_equal(check_in(&w->engine, w, &policy, &got), MFA_OK);
	is_nothing(&got);
}

/* ---- what is told ---- */

#define YEAR 1767225600 /* 2026-01-01, 00:00:00 UTC */

static const struct {
	struct mfa_grace grace;
	const char *text;
} texts[] = {
	{ { .end = YEAR, .seconds_left = 1 },
	    "by 2025-12-31, 1 day left" },
	{ { .end = YEAR, .seconds_left = DAY },
	    "by 2025-12-31, 1 day left" },
	{ { .end = YEAR, .seconds_left = DAY + 1 },
	    "by 2025-12-31, 2 days left" },
	{ { .end = YEAR, .seconds_left = 700 * DAY },
	    "by 2025-12-31, 700 days left" },
	/* Its first second is still in it. */
	{ { .end = YEAR + 1, .seconds_left = DAY },
	    "by 2026-01-01, 1 day left" },
	/* A year that no calendar has. */
	{ { .end = UINT64_C(1) << 62, .seconds_left = 3 * DAY },
	    "soon, 3 days left" },
	{ { .counted = true, .logins_left = 2 }, "soon, 2 logins left" },
	{ { .counted = true, .logins_left = 1 }, "soon, 1 login left" },
};

static void
test_R24_what_is_told(void **state)
{
	char wanted[MFA_GRACE_TEXT], got[MFA_GRACE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		(void)snprintf(wanted, sizeof(wanted), "Set up a second "
			"factor %s: medusa-mfa enroll.", texts[i].text);
		mfa_grace_tell(&texts[i].grace, got);
		assert_string_equal(got, wanted);
	}
}

#define OF(f) cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_R24_the_last_login_is_let_in_once),
		OF(test_R24_both_of_two_at_once_are_counted),
		OF(test_R2_who_is_enrolled_meanwhile_does_not_pass),
		OF(test_R2_who_is_enrolled_while_it_is_read_does_not_pass),
		OF(test_R3_a_record_that_is_lost_while_it_is_read_lets_nobody_pass),
		OF(test_R24_both_of_two_first_logins_are_counted),
		OF(test_R3_a_record_that_is_not_read_lets_nobody_pass),
		OF(test_R11_no_clock_and_a_wrong_one_are_told_apart),
		OF(test_R3_a_rule_without_a_time_gives_none),
		cmocka_unit_test(test_R24_what_is_told),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
