/* SPDX-License-Identifier: MIT */
/*
 * R5: with require = all, who is wrong, locked, blocked, unknown or not
 * enrolled sees the same: number of prompts, texts, verdicts; and costs the
 * same work.
 */
#include "tests/unit/login_states.h"

#define ANSWERS 4
#define RETRY	3

/* The store's work, counted on its way. */
static const struct mfa_store_ops *honest;
static unsigned int written;

static enum mfa_err
counted_write(struct mfa_store_txn *txn, unsigned int slot,
    const uint8_t *bytes, uint64_t *revision)
{
	written++;
	return honest->write(txn, slot, bytes, revision);
}

static void
counted_decoy(struct mfa_store *store, const uint8_t *bytes)
{
	written++;
	honest->decoy(store, bytes);
}

/* All that a person sees of one login. */
struct transcript {
	char text[2000];
	unsigned int writes[ANSWERS];
};

static void
note_step(struct transcript *t, const struct mfa_step *step)
{
	size_t used = strlen(t->text);

	if (step->kind == MFA_STEP_PROMPT)
		(void)snprintf(t->text + used, sizeof(t->text) - used,
		    "prompt [%s] [%s]\n", step->note, step->text);
	else
		(void)snprintf(t->text + used, sizeof(t->text) - used,
		    "verdict %x [%s]\n", (unsigned int)step->verdict,
		    step->message);
}

static void
play(struct session *s, const char *user, const char *const *answers,
    struct transcript *t)
{
	memset(t, 0, sizeof(*t));
	session_begin(s, user, false, RETRY);
	note_step(t, &s->step);
	for (int i = 0; i < ANSWERS && session_asks(s); i++) {
		written = 0;
		session_answer(s, answers[i]);
		t->writes[i] = written;
		note_step(t, &s->step);
	}
}

static const struct {
	const char *name;
	void (*make)(struct world *w);
	const char *user;
} others[] = {
	{ "locked", state_locked, PERSON },
	{ "budget spent", state_spent, PERSON },
	{ "blocked", state_blocked, PERSON },
	{ "unknown user", state_none, NOBODY },
	{ "empty name", state_none, "" },
	{ "no record", state_none, PERSON },
	{ "pending only", state_pending, PERSON },
	{ "last factor disabled", state_disabled, PERSON },
	{ "reset", state_reset, PERSON },
	{ "foreign uid", state_foreign, PERSON },
};

/* Plays it in a world of its own. */
static void
play_in(void (*make)(struct world *w), const char *user,
    const char *const *answers, struct transcript *t)
{
	struct mfa_store_ops ops;
	struct session s;
	void *w;

	assert_int_equal(world_new(&w), 0);
	s.w = w;
	make(s.w);
	s.w->config.require = MFA_REQUIRE_ALL;
	honest = s.w->engine.store->ops;
	ops = *honest;
	ops.write = counted_write;
	ops.decoy = counted_decoy;
	s.w->engine.store->ops = &ops;
	play(&s, user, answers, t);
	s.w->engine.store->ops = honest;
	assert_int_equal(world_free(&w), 0);
}

static void
same_for_all(const char *const *answers, const char *expected,
    const unsigned int *writes)
{
	struct transcript wrong, t;

	play_in(state_enrolled, PERSON, answers, &wrong);
	assert_string_equal(wrong.text, expected);
	for (int i = 0; i < ANSWERS; i++)
		assert_int_equal(wrong.writes[i], writes[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		play_in(others[i].make, others[i].user, answers, &t);
		if (strcmp(t.text, wrong.text) != 0)
			fail_msg("%s sees: %s", others[i].name, t.text);
		if (memcmp(t.writes, wrong.writes, sizeof(t.writes)) != 0)
			fail_msg("%s works otherwise", others[i].name);
	}
}

#define PROMPT(note) "prompt [" note "] [Verification code: ]\n"
#define DENIED "verdict 2d9a6c35 []\n"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R5_wrong_codes_look_the_same_for_all),
		cmocka_unit_test(test_R5_wrong_recovery_codes_too),
		cmocka_unit_test(test_R5_codes_of_another_length_too),
		cmocka_unit_test(test_R5_slips_and_junk_too),
		cmocka_unit_test(test_R26_texts_are_plain),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
