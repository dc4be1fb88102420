/* SPDX-License-Identifier: MIT */
/* R13, R14, R24: a first factor that is added in the login itself. */
#include "tests/unit/login_states.h"

#include <ctype.h>

#include "verifier/crypt/crypt.h"

static void
ready(struct world *w)
{
	world_user(w, PERSON);
	session_rule(w, MFA_DECISION_REQUIRE)->unenrolled =
	    MFA_UNENROLLED_ENROLL;
}

static int
new_rule(void **state)
{
	if (world_new(state) != 0)
		return -1;
	ready(*state);
	return 0;
}

/* The key that the note shows, without blanks. */
static void
shown_key(const char *note, char key[80])
{
	const char *p = strstr(note, "app: ");
	size_t n = 0;

	assert_non_null(p);
	for (p += 5; isupper((unsigned char)*p) || isdigit((unsigned char)*p) ||
	    *p == ' '; p++) {
		if (*p != ' ' && n < 79)
			key[n++] = *p;
	}
	key[n] = '\0';
	assert_int_equal(n, 32);
}

static void
asks_for_key(const struct session *s, char key[80])
{
	assert_true(session_asks(s));
	assert_false(s->step.acknowledge);
	assert_string_equal(s->step.text, "Code from the app: ");
	shown_key(s->step.note, key);
}

static bool
enrolled(struct world *w)
{
	static mfa_record_Record r;

	world_record(w, &r);
	return r.enrolled;
}

static void
test_R24_the_first_code_confirms_and_lets_in(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	char key[80], code[9], first[30];

	session_begin(&s, PERSON, false, 3);
	asks_for_key(&s, key);
	assert_memory_equal(s.step.note, "A second factor is needed now.", 30);
	assert_false(enrolled(w));
	world_code(w, key, 0, code);
	session_answer(&s, code);
	assert_true(enrolled(w));
	/* Ten recovery codes, five at once, before it is over. */
	assert_true(session_asks(&s));
	assert_true(s.step.acknowledge);
	assert_non_null(strstr(s.step.note, "(1 of 2): "));
	memcpy(first, strstr(s.step.note, "(1 of 2): ") + 10, 29);
	first[29] = '\0';
	session_answer(&s, "");
	assert_true(s.step.acknowledge);
	assert_non_null(strstr(s.step.note, "(2 of 2): "));
	session_answer(&s, "");
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	mfa_login_wipe(&s.login);
	/* From now on as for everybody: this code is used, those are good. */
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	assert_int_equal(world_try(w, first), MFA_REASON_OK);
	world_pass(w, 60);
	world_code(w, key, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

static void
test_R13_wrong_codes_add_nothing(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	char key[80], again[80];

	session_begin(&s, PERSON, false, 2);
	asks_for_key(&s, key);
	session_answer(&s, "000000");
	asks_for_key(&s, again);
	assert_string_equal(key, again);
	assert_memory_equal(s.step.note, "Wrong code. ", 12);
	session_answer(&s, "111111");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_NOT_ENROLLED);
	mfa_login_wipe(&s.login);
	assert_false(enrolled(w));
	/* The next login begins anew, with another key. */
	session_begin(&s, PERSON, false, 2);
	asks_for_key(&s, again);
	assert_string_not_equal(key, again);
	mfa_login_wipe(&s.login);
}

static void
test_R25_slips_and_junk_as_elsewhere(void **state)
{
	static const char *const slips[] = { "12345678", "abcd", "1" };
	struct world *w = *state;
	struct session s = { .w = w };
	char key[80], again[80];

	session_begin(&s, PERSON, false, 10);
	asks_for_key(&s, key);
	for (int i = 0; i < 2; i++) {
		session_answer(&s, slips[i]);
		asks_for_key(&s, again);
		assert_string_equal(key, again);
		assert_memory_equal(s.step.note, "That is not a code. ", 20);
		assert_string_equal(w->texts.reason, "malformed");
	}
	session_answer(&s, slips[2]);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_MALFORMED);
	mfa_login_wipe(&s.login);
	/* What sshd answers where nobody is to be asked. */
	session_begin(&s, PERSON, false, 10);
	asks_for_key(&s, key);
	session_answer(&s, "\b\n\r\177INCORRECT");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_JUNK);
	mfa_login_wipe(&s.login);
}

/* Whoever has the password must not end what others have begun. */
static void
test_R21_pending_factors_of_others_stay(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	static mfa_record_Record r;
	char id[17], key[80];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	for (int i = 0; i < 3; i++) {
		session_begin(&s, PERSON, false, 3);
		asks_for_key(&s, key);
		mfa_login_wipe(&s.login);
	}
	world_record(w, &r);
	assert_int_equal(r.factors_count, 2);
	assert_string_equal(r.factors[0].label, "phone");
}

/* Where nobody sees a prompt, or the module is older: no key is made. */
static void
test_R29_not_for_a_host_that_shows_nothing(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	const struct mfa_login_ask ask = { .caller = w->caller,
		.user = PERSON, .retry = 3, .acknowledges = false };
	static mfa_record_Record r;
	char id[17];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	mfa_login_begin(&w->engine, &ask, &s.login, &s.step);
	assert_true(session_asks(&s));
	assert_string_equal(s.step.text, "Verification code: ");
	assert_string_equal(s.step.note, "");
	world_record(w, &r);
	assert_int_equal(r.factors_count, 1);
}

/* Apps that are given a bare key know one kind alone. */
static void
test_R16_the_kind_that_apps_take(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	static mfa_record_Record r;
	char key[80];

	w->config.digits = 8;
	w->config.period = 60;
	w->config.algorithm = MFA_CRYPT_SHA512;
	session_begin(&s, PERSON, false, 3);
	asks_for_key(&s, key);
	mfa_login_wipe(&s.login);
	world_record(w, &r);
	assert_int_equal(r.factors[0].digits, 6);
	assert_int_equal(r.factors[0].period, 30);
	assert_int_equal(r.factors[0].algorithm,
	    mfa_record_Algorithm_ALGORITHM_SHA1);
}

/* What was seen of an earlier try lets nobody in. */
static void
test_R13_an_earlier_key_is_void(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w }, later = { .w = w };
	char key[80], other[80], code[9];

	session_begin(&s, PERSON, false, 3);
	asks_for_key(&s, key);
	session_begin(&later, PERSON, false, 3);
	asks_for_key(&later, other);
	world_code(w, key, 0, code);
	session_answer(&s, code);
	assert_int_not_equal(s.step.verdict, MFA_VERDICT_ACCEPT);
	assert_false(enrolled(w));
	mfa_login_wipe(&s.login);
	world_code(w, other, 0, code);
	session_answer(&later, code);
	assert_true(enrolled(w));
	mfa_login_wipe(&later.login);
}

/* Only who has passed the first factor at a host of root's, by that rule. */
static void
test_R21_who_is_not_offered_it(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	struct mfa_confirmed confirmed;
	static mfa_record_Record r;

	w->caller.path = MFA_PATH_OTHER;
	session_begin(&s, PERSON, false, 3);
	assert_true(session_asks(&s));
	assert_string_equal(s.step.note, "");
	session_answer(&s, "123456");
	assert_string_equal(s.step.note, "Wrong code.");
	mfa_login_wipe(&s.login);
	w->caller.path = MFA_PATH_ROOT;
	session_begin(&s, NOBODY, false, 3);
	assert_true(session_asks(&s));
	assert_string_equal(s.step.note, "");
	mfa_login_wipe(&s.login);
	/* A rule that cannot be evaluated. */
	memcpy(w->config.rule[0].group, "no-such-group-here", 19);
	session_begin(&s, PERSON, false, 3);
	assert_true(session_asks(&s));
	assert_string_equal(s.step.note, "");
	mfa_login_wipe(&s.login);
	w->config.rule[0].group[0] = '\0';
	/* Who has a factor has nothing to add. */
	world_enroll(w, "phone", SECRET_A, &confirmed);
	session_begin(&s, PERSON, false, 3);
	assert_true(session_asks(&s));
	assert_string_equal(s.step.note, "");
	mfa_login_wipe(&s.login);
	world_record(w, &r);
	assert_int_equal(r.factors_count, 1);
}

/* Twenty wrong first codes in a day: no key is shown that could not be used. */
static void
test_R9_wrong_first_codes_shut_it(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	char key[80], bad[9];

	for (uint32_t i = 0; i < w->config.wrong_per_day; i++) {
		session_begin(&s, PERSON, false, 1);
		asks_for_key(&s, key);
		world_wrong(w, bad);
		session_answer(&s, bad);
		mfa_login_wipe(&s.login);
	}
	session_begin(&s, PERSON, false, 1);
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_LOCKED);
	assert_string_equal(s.step.message, "Too many wrong codes: try again "
	    "later, or tell your administrator.");
	/* R26: with one line, as any other refusal. */
	assert_int_equal(w->reasons[MFA_REASON_LOCKED], 1);
	world_pass(w, 26 * 3600);
	session_begin(&s, PERSON, false, 1);
	asks_for_key(&s, key);
	mfa_login_wipe(&s.login);
}

static void
test_R14_the_key_is_wiped(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	static const struct mfa_newcomer nothing;
	char key[80];

	session_begin(&s, PERSON, false, 3);
	asks_for_key(&s, key);
	mfa_login_wipe(&s.login);
	assert_memory_equal(&s.login.newcomer, &nothing, sizeof(nothing));
	assert_string_equal(s.login.note, "");
}

static void
test_R1_a_write_that_fails_adds_nothing(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	char key[80], code[9];

	ready(w);
	state_pending(w);
	w->mishap.write_fails = 1;
	session_begin(&s, PERSON, false, 3);
	session_ends(&s, MFA_VERDICT_UNAVAILABLE, MFA_REASON_ERROR);
	session_begin(&s, PERSON, false, 3);
	asks_for_key(&s, key);
	world_code(w, key, 0, code);
	w->mishap.write_fails = 1;
	session_answer(&s, code);
	assert_int_not_equal(s.step.verdict, MFA_VERDICT_ACCEPT);
	mfa_login_wipe(&s.login);
	assert_false(enrolled(w));
}

#define OF(set_up, f) cmocka_unit_test_setup_teardown(f, set_up, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(new_rule, test_R24_the_first_code_confirms_and_lets_in),
		OF(new_rule, test_R13_wrong_codes_add_nothing),
		OF(new_rule, test_R25_slips_and_junk_as_elsewhere),
		OF(new_rule, test_R21_pending_factors_of_others_stay),
		OF(new_rule, test_R29_not_for_a_host_that_shows_nothing),
		OF(new_rule, test_R16_the_kind_that_apps_take),
		OF(new_rule, test_R13_an_earlier_key_is_void),
		OF(new_rule, test_R21_who_is_not_offered_it),
		OF(new_rule, test_R9_wrong_first_codes_shut_it),
		OF(new_rule, test_R14_the_key_is_wiped),
		OF(world_new_memory, test_R1_a_write_that_fails_adds_nothing),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
