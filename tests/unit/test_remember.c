/* SPDX-License-Identifier: MIT */
/* R1, R21, R24: where and for how long a code is not asked for again. */
#include "tests/unit/remember.h"

#define HERE "192.0.2.7"

static int
from_host(void **state)
{
	struct world *w;

	if (at_terminal(state) != 0)
		return -1;
	w = *state;
	w->caller.tty = "ssh";
	w->caller.seat.session = 0;
	w->caller.rhost = HERE;
	w->caller.key_used = true;
	return 0;
}

static void
test_R1_at_the_same_place_for_its_time(void **state)
{
	struct world *w = *state;

	assert_false(unasked(w));
	log_in(w);
	assert_true(unasked(w));
	assert_int_equal(w->last.type, MFA_EVENT_CHALLENGE_VERIFIED);
	assert_string_equal(w->texts.reason, "remembered");
	world_pass(w, SECONDS - 1);
	assert_true(unasked(w));
	/* What is remembered is not renewed by itself. */
	world_pass(w, 1);
	assert_false(unasked(w));
	log_in(w);
	assert_true(unasked(w));
}

static void
test_R1_elsewhere_a_code_is_asked_for(void **state)
{
	struct world *w = *state;
	const struct mfa_caller here = w->caller;
	struct mfa_caller others[] = { here, here, here, here, here, here,
		here, here, here, here };

	log_in(w);
	others[0].tty = "/dev/pts/4";
	others[1].tty = "";
	others[2].seat.session = 18;
	others[3].seat.session = 0;
	others[4].service = "sudo";
	others[5].path = MFA_PATH_OTHER;
	others[6].rhost = HERE;
	/* Somebody else's su at that terminal; and the terminal's number, come
	   again in the same session. */
	others[7].seat.ruid = 4711;
	others[8].seat.leader = 4712;
	others[9].seat.leader_since = 1;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		w->caller = others[i];
		if (unasked(w))
			fail_msg("caller %zu", i);
	}
	w->caller = here;
	assert_true(unasked(w));
	w->now.boot_id[0] ^= 1;
	assert_false(unasked(w));
}

static void
test_R1_of_another_host_only_with_a_key(void **state)
{
	struct world *w = *state;

	log_in(w);
	assert_true(unasked(w));
	/* Each login of sshd has another terminal, and none before PAM. */
	w->caller.tty = "/dev/pts/9";
	assert_true(unasked(w));
	w->caller.key_used = false;
	assert_false(unasked(w));
	w->caller.key_used = true;
	w->caller.rhost = "192.0.2.8";
	assert_false(unasked(w));
	w->caller.rhost = "::ffff:" HERE;
	assert_true(unasked(w));
	w->caller.rhost = "";
	assert_false(unasked(w));
	/* A tunnel or a proxy at this host is everybody. */
	w->caller.rhost = "::1";
	log_in(w);
	assert_false(unasked(w));
}

static void
test_R1_not_made_where_it_would_not_count(void **state)
{
	struct world *w = *state;
	static mfa_record_Record r;

	w->caller.key_used = false;
	log_in(w);
	w->caller.key_used = true;
	assert_false(unasked(w));
	w->caller.rhost = "office.example.com";
	log_in(w);
	assert_false(unasked(w));
	/* What others claim makes nothing, either. */
	w->caller.rhost = HERE;
	w->caller.path = MFA_PATH_OTHER;
	log_in(w);
	w->caller.path = MFA_PATH_ROOT;
	assert_false(unasked(w));
	world_record(w, &r);
	assert_int_equal(r.remembered_count, 0);
}

static void
test_R1_the_rule_of_now_counts(void **state)
{
	struct world *w = *state;
	struct mfa_config_rule *rule = &w->config.rule[0];

	log_in(w);
	world_pass(w, 600);
	rule->remember_seconds = 600;
	assert_false(unasked(w));
	rule->remember_seconds = 601;
	assert_true(unasked(w));
	rule->remember_seconds = 0;
	assert_false(unasked(w));
	rule->remember_seconds = SECONDS;
	w->config.rule_count = 0;
	assert_false(unasked(w));
	/* What fewer methods let in now was not proven by one of them. */
	w->config.rule_count = 1;
	assert_true(unasked(w));
	rule->provides = MFA_PROVIDES_HOTP;
	assert_false(unasked(w));
}

/* A recovery code is no habit, and a bypass is for once. */
static void
test_R1_only_a_factor_s_code_is_remembered(void **state)
{
	struct world *w = *state;
	const struct mfa_grants_ask ask = { MFA_GRANT_BYPASS, 600, "test" };
	struct mfa_granted bypass;

	answer(w, confirmed.codes.code[0]);
	assert_false(unasked(w));
	w->caller.right = MFA_RIGHT_MANAGE;
	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &bypass), MFA_OK);
	answer(w, bypass.code);
	assert_false(unasked(w));
}

static void
test_R21_only_for_whom_it_is(void **state)
{
	struct world *w = *state;
	struct mfa_caller other = w->caller;
	uint32_t count = 77;

	log_in(w);
	other.right = MFA_RIGHT_NONE;
	assert_int_equal(mfa_remember_forget(&w->engine, &other, &w->subject,
	    &count),
	    MFA_ERR_DENIED);
	assert_true(unasked(w));
	other.right = MFA_RIGHT_OWNER;
	assert_int_equal(mfa_remember_forget(&w->engine, &other, &w->subject,
	    &count),
	    MFA_OK);
	assert_false(unasked(w));
	assert_int_equal(w->events[MFA_EVENT_FORGOTTEN], 1);
	/* And once more, or for who has no record: nothing to do or tell. */
	assert_int_equal(mfa_remember_forget(&w->engine, &other, &w->subject,
	    &count),
	    MFA_OK);
	assert_int_equal(w->events[MFA_EVENT_FORGOTTEN], 1);
	world_user(w, "bin");
	count = 77;
	assert_int_equal(mfa_remember_forget(&w->engine, &other, &w->subject,
	    &count), MFA_OK);
	assert_int_equal(count, 0);
	/* A name that was mistyped is not revoked. */
	w->subject.known = false;
	assert_int_equal(mfa_remember_forget(&w->engine, &other, &w->subject,
	    &count), MFA_ERR_NO_USER);
}

static void
test_status_counts_places(void **state)
{
	struct world *w = *state;
	struct mfa_account_info info;

	log_in(w);
	assert_int_equal(mfa_admin_status(&w->engine, &w->caller, &w->subject,
	    &info), MFA_OK);
	assert_int_equal(info.remembered, 1);
	assert_true(info.required);
	assert_false(info.by_rules);
	world_pass(w, SECONDS);
	memcpy(w->config.rule[0].service, "sshd", 5);
	assert_int_equal(mfa_admin_status(&w->engine, &w->caller, &w->subject,
	    &info), MFA_OK);
	assert_int_equal(info.remembered, 0);
	assert_true(info.by_rules);
}

static void
test_the_oldest_of_many_places_goes(void **state)
{
	static const char *const ttys[] = { "t0", "t1", "t2", "t3", "t4", "t5",
		"t6", "t7", "t8" };
	struct world *w = *state;
	static mfa_record_Record r;

	for (int i = 0; i < 9; i++) {
		w->caller.tty = ttys[i];
		log_in(w);
	}
	for (int i = 8; i >= 0; i--) {
		w->caller.tty = ttys[i];
		assert_int_equal(unasked(w), i != 0);
	}
	/* One place twice is one place. */
	w->caller.tty = ttys[5];
	assert_true(unasked(w));
	w->config.rule[0].remember_seconds = 0;
	log_in(w);
	world_record(w, &r);
	assert_int_equal(r.remembered_count, 8);
}

/* R1: no yes without a durable write. */
static void
test_R1_a_write_that_fails_asks(void **state)
{
	struct world *w = *state;

	ready(w);
	log_in(w);
	assert_true(unasked(w));
	w->mishap.write_fails = 1;
	assert_false(unasked(w));
	assert_true(unasked(w));
}

static void
empty_meanwhile(void *ctx)
{
	struct world *w = ctx;
	static struct mfa_engine twin;
	struct mfa_caller caller = w->caller;
	uint32_t count;

	w->mishap.conflicts = 0;
	world_twin(w, &twin);
	assert_int_equal(mfa_remember_forget(&twin, &caller, &w->subject,
	    &count), MFA_OK);
	world_twin_free(&twin);
}

static void
test_R1_what_is_void_by_now_asks(void **state)
{
	struct world *w = *state;

	ready(w);
	log_in(w);
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = empty_meanwhile;
	w->mishap.ctx = w;
	/* And takes the answer for what it is. */
	log_in(w);
	assert_int_equal(w->mishap.conflicts, 0);
	assert_true(unasked(w));
}

static void
test_the_policy_question_never_passes_by_it(void **state)
{
	struct world *w = *state;
	const struct mfa_login_ask ask = { .caller = w->caller,
		.user = PERSON, .retry = 1 };
	struct session s = { .w = w };

	log_in(w);
	mfa_login_policy(&w->engine, &ask, true, &s.step);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_UNVERIFIED);
}

#define AT(set_up, f) cmocka_unit_test_setup_teardown(f, set_up, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AT(at_terminal, test_R1_at_the_same_place_for_its_time),
		AT(at_terminal, test_R1_elsewhere_a_code_is_asked_for),
		AT(from_host, test_R1_of_another_host_only_with_a_key),
		AT(from_host, test_R1_not_made_where_it_would_not_count),
		AT(at_terminal, test_R1_the_rule_of_now_counts),
		AT(at_terminal, test_R1_only_a_factor_s_code_is_remembered),
		AT(at_terminal, test_R21_only_for_whom_it_is),
		AT(at_terminal, test_status_counts_places),
		AT(at_terminal, test_the_oldest_of_many_places_goes),
		AT(world_new_memory, test_R1_a_write_that_fails_asks),
		AT(world_new_memory, test_R1_what_is_void_by_now_asks),
		AT(at_terminal, test_the_policy_question_never_passes_by_it),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
