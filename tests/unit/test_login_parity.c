/* SPDX-License-Identifier: MIT */
/*
 * R5: with require = all, who is wrong, locked, blocked, unknown or not
 * enrolled sees the same: number of prompts, texts, verdicts; and costs the
 * same work.
 */
#include "tests/unit/login_transcript.h"

#include "verifier/engine/words.h"

#define PROMPT(note) "prompt [" note "] [Verification code: ]\n"

static void
test_R5_wrong_codes_look_the_same_for_all(void **state)
{
	static const char *const answers[ANSWERS] = { "918273", "000000",
		"111111", "222222" };
	static const unsigned int writes[ANSWERS] = { 1, 1, 1, 0 };

	(void)state;
	same_for_all(answers,
	    PROMPT("") PROMPT("Wrong code.") PROMPT("Wrong code.") DENIED,
	    writes);
}

static void
test_R5_wrong_recovery_codes_too(void **state)
{
	static const char *const answers[ANSWERS] = {
		"AAAA-AAAA-AAAA-AAAA-AAAA-AAAA",
		"bbbb bbbb bbbb bbbb bbbb bbbb", "918273", "x" };
	static const unsigned int writes[ANSWERS] = { 1, 1, 1, 0 };

	(void)state;
	same_for_all(answers,
	    PROMPT("") PROMPT("Wrong code.") PROMPT("Wrong code.") DENIED,
	    writes);
}

/* Codes of a length that nobody has: no comparison, but the same work. */
static void
test_R5_codes_of_another_length_too(void **state)
{
	static const char *const answers[ANSWERS] = { "12345678", "1234567",
		"918273", "x" };
	static const unsigned int writes[ANSWERS] = { 1, 1, 1, 0 };

	(void)state;
	same_for_all(answers,
	    PROMPT("") PROMPT("Wrong code.") PROMPT("Wrong code.") DENIED,
	    writes);
}

static void
test_R5_slips_and_junk_too(void **state)
{
	static const char *const slips[ANSWERS] = { "hello", "12345", "918273",
		"x" };
	static const char *const junk[ANSWERS] = { "\b\n\r\177INCORRECT", "1",
		"2", "3" };
	static const char *const nothing[ANSWERS] = { "918273", "", "1", "2" };
	static const unsigned int none[ANSWERS] = { 0, 0, 1, 0 };
	static const unsigned int zero[ANSWERS] = { 0 };
	static const unsigned int one[ANSWERS] = { 1 };

	(void)state;
	same_for_all(slips, PROMPT("") PROMPT("That is not a code.")
	    PROMPT("That is not a code.") DENIED, none);
	same_for_all(junk, PROMPT("") DENIED, zero);
	same_for_all(nothing, PROMPT("") PROMPT("Wrong code.") DENIED, one);
}

/* A program is on; those who have it meet one that fails. */
static enum mfa_err failure;

static void
with_program(struct world *w)
{
	if (w->subject.realm[0] == '\0')
		world_user(w, PERSON);
	world_program(w, "yubico");
	w->runner.ask_err = failure;
}

static void
state_keyed(struct world *w)
{
	world_user(w, PERSON);
	world_enroll_outside(w, "key", "yubico", "first-answer");
}

/* Both: what no factor of ours knows goes to the program. */
static void
state_two(struct world *w)
{
	state_enrolled(w);
	world_enroll_outside(w, "key", "yubico", "first-answer");
}

static void
test_R5_a_program_that_fails_tells_nobody_apart(void **state)
{
	static const char *const answers[ANSWERS] = { "hello", "918273",
		"cccccccbcvbh", "x" };
	static const char *const seen = PROMPT("") PROMPT("Wrong code.")
	    PROMPT("Wrong code.") DENIED;
	static const unsigned int writes[ANSWERS] = { 1, 1, 1, 0 };
	static const enum mfa_err failures[] = { MFA_OK, MFA_ERR_PROGRAM,
		MFA_ERR_UNAVAILABLE };
	struct transcript t;

	(void)state;
	configure = with_program;
	for (int i = 0; i < 6; i++) {
		failure = failures[i / 2];
		if (i % 2 == 0)
			same_for_all(answers, seen, writes);
		play_in(i % 2 == 0 ? state_keyed : state_two, PERSON, answers,
		    &t);
		assert_string_equal(t.text, seen);
		assert_memory_equal(t.writes, writes, sizeof(writes));
	}
	configure = NULL;
}

/* What is said: English, one line, printable, no quote and no backslash. */
static void
plain(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e || *p == '"' || *p == '\\')
			fail_msg("a person would read: %s", text);
	}
}

static void
check_texts(const struct mfa_step *step)
{
	if (step->kind == MFA_STEP_PROMPT) {
		plain(step->note);
		plain(step->text);
		assert_string_equal(step->text, "Verification code: ");
	} else {
		plain(step->message);
	}
}

static void
test_R26_texts_are_plain(void **state)
{
	static void (*const broken[])(struct world *) = { state_damaged,
		state_newer, state_no_key, state_empty, state_link };
	struct session s;
	char code[9];
	void *w;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(world_new(&w), 0);
		s.w = w;
		broken[i](w);
		session_begin(&s, PERSON, false, 3);
		check_texts(&s.step);
		assert_true(strlen(s.step.message) > 20);
		assert_int_equal(world_free(&w), 0);
	}
	assert_int_equal(world_new(&w), 0);
	s.w = w;
	state_enrolled(w);
	session_begin(&s, PERSON, false, 3);
	check_texts(&s.step);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	session_answer(&s, code);
	check_texts(&s.step);
	assert_string_equal(s.step.note,
	    "Code already used, wait for the next.");
	s.w->now.wall = MFA_RELEASE_TIME - 100;
	session_answer(&s, code);
	check_texts(&s.step);
	assert_string_equal(s.step.note,
	    "The clock of this host is wrong, use a recovery code.");
	assert_int_equal(world_free(&w), 0);
}

/* The next code of a token does not come by waiting. */
static void
test_R6_a_used_code_of_a_token_is_noted_otherwise(void **state)
{
	struct session s;
	char code[9];
	void *w;

	(void)state;
	assert_int_equal(world_new(&w), 0);
	s.w = w;
	world_user(w, PERSON);
	world_enroll_hotp(w, "token", SECRET_A);
	world_counter(SECRET_A, 1, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	session_begin(&s, PERSON, false, 3);
	session_answer(&s, code);
	check_texts(&s.step);
	assert_string_equal(s.step.note,
	    "Code already used, take another one.");
	assert_int_equal(world_free(&w), 0);
	assert_string_equal(mfa_words_replayed(""),
	    "Code already used, wait for the next.");
	assert_string_equal(mfa_words_replayed("yubico"),
	    "Code already used, take another one.");
	assert_string_equal(mfa_words_replayed("recovery_code"),
	    "Recovery code already used.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R5_wrong_codes_look_the_same_for_all),
		cmocka_unit_test(test_R5_wrong_recovery_codes_too),
		cmocka_unit_test(test_R5_codes_of_another_length_too),
		cmocka_unit_test(test_R5_slips_and_junk_too),
		cmocka_unit_test(
		    test_R5_a_program_that_fails_tells_nobody_apart),
		cmocka_unit_test(test_R26_texts_are_plain),
		cmocka_unit_test(
		    test_R6_a_used_code_of_a_token_is_noted_otherwise),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
