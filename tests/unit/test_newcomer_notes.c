/* SPDX-License-Identifier: MIT */
/* R13, R21, R24: what a newcomer reads in the login, letter for letter. */
#include "tests/unit/login_session.h"

#include "verifier/engine/newcomer.h"
#include "verifier/otp/base32.h"

#define ADD "Add this key to your authenticator app: "
#define ASK "A second factor is needed now. " ADD
#define NOTE MFA_NEWCOMER_NOTE

static enum mfa_err
begin(struct world *w, struct mfa_newcomer *newcomer)
{
	return mfa_newcomer_begin(&w->engine, &w->caller, &w->subject,
	    newcomer);
}

static void
new_rule(struct world *w)
{
	world_user(w, PERSON);
	session_rule(w, MFA_DECISION_REQUIRE)->unenrolled =
	    MFA_UNENROLLED_ENROLL;
}

/* The key of the record's last factor, as the note has it: eight groups. */
static void
key_in_groups(struct world *w, char key[80], char out[NOTE])
{
	static mfa_record_Record r;
	const mfa_record_Factor *f;

	world_record(w, &r);
	assert_true(r.factors_count > 0);
	f = &r.factors[r.factors_count - 1];
	assert_int_equal(mfa_base32_format(f->secret.bytes, f->secret.size,
	    key, 80), MFA_OK);
	assert_int_equal(strlen(key), 32);
	(void)snprintf(out, NOTE,
	    ASK "%.4s %.4s %.4s %.4s %.4s %.4s %.4s %.4s.", key, key + 4,
	    key + 8, key + 12, key + 16, key + 20, key + 24, key + 28);
}

/* ---- the key ---- */

static void
test_R24_the_key_is_read_in_groups_of_four(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	char key[80], wanted[NOTE];

	new_rule(w);
	session_begin(&s, PERSON, false, 3);
	assert_true(session_asks(&s));
	key_in_groups(w, key, wanted);
	assert_string_equal(s.step.note, wanted);
	mfa_login_wipe(&s.login);
}

/* Whatever was there before: of it, nothing is shown or counted. */
static void
test_R14_nothing_is_left_of_a_place_used_before(void **state)
{
	struct world *w = *state;
	struct mfa_newcomer newcomer;
	char key[80], wanted[NOTE], note[NOTE];

	memset(&newcomer, 'x', sizeof(newcomer));
	assert_int_equal(begin(w, &newcomer), MFA_OK);
	key_in_groups(w, key, wanted);
	mfa_newcomer_ask(&newcomer, "", note);
	assert_string_equal(note, wanted);
	assert_int_equal(newcomer.codes.count, 0);
	assert_int_equal(newcomer.shown, 0);
	assert_false(mfa_newcomer_show(&newcomer, note));
}

static void
test_R25_what_went_before_is_said_first(void **state)
{
	const struct mfa_newcomer newcomer = { .key = "AAAA BBBB" };
	static const char none[] = { '\0', 'x', '\0' };
	char note[NOTE];

	(void)state;
	mfa_newcomer_ask(&newcomer, "Wrong code.", note);
	assert_string_equal(note, "Wrong code. " ASK "AAAA BBBB.");
	mfa_newcomer_ask(&newcomer, "A", note);
	assert_string_equal(note, "A " ASK "AAAA BBBB.");
	mfa_newcomer_ask(&newcomer, none, note);
	assert_string_equal(note, ASK "AAAA BBBB.");
}

/* The note has room for 240 bytes and its end, and no more is written. */
static void
test_R25_a_note_is_cut_where_its_room_ends(void **state)
{
	struct mfa_newcomer newcomer = { .key = "AAAA BBBB" };
	char before[2 * NOTE], note[NOTE + 1];

	(void)state;
	memset(before, 'b', sizeof(before) - 1);
	before[sizeof(before) - 1] = '\0';
	memset(note, '#', sizeof(note));
	mfa_newcomer_ask(&newcomer, before, note);
	assert_int_equal(strlen(note), NOTE - 1);
	assert_int_equal(note[NOTE], '#');
}

/* ---- the recovery codes ---- */

#define CODES "Recovery codes, each good once, shown only now "

static const struct {
	uint32_t count;
	const char *notes[5]; /* NULL: all were shown */
} pages[] = {
	{ 0, { NULL } },
	{ 1, { CODES "(1 of 1): a" } },
	{ 4, { CODES "(1 of 1): a b c d" } },
	{ 5, { CODES "(1 of 1): a b c d e" } },
	{ 6, { CODES "(1 of 2): a b c d e", CODES "(2 of 2): f" } },
	{ 10, { CODES "(1 of 2): a b c d e", CODES "(2 of 2): f g h i j" } },
	{ 16, { CODES "(1 of 4): a b c d e", CODES "(2 of 4): f g h i j",
		  CODES "(3 of 4): k l m n o", CODES "(4 of 4): p" } },
};

/* More places are filled than count says: those are no codes. */
static void
test_R13_each_code_is_shown_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct mfa_newcomer newcomer;
		char note[NOTE];

		memset(&newcomer, 0, sizeof(newcomer));
		newcomer.codes.count = pages[i].count;
		for (int c = 0; c < 16; c++)
			newcomer.codes.code[c][0] = (char)('a' + c);
		for (int p = 0; pages[i].notes[p] != NULL; p++) {
			assert_true(mfa_newcomer_show(&newcomer, note));
			assert_string_equal(note, pages[i].notes[p]);
		}
		assert_false(mfa_newcomer_show(&newcomer, note));
	}
}

/* Tries every code that a note shows; how many there were. */
static unsigned int
all_are_good(struct world *w, const char *note)
{
	char text[NOTE], *code, *rest = NULL;
	unsigned int n = 0;

	code = strstr(note, "): ");
	assert_non_null(code);
	(void)snprintf(text, sizeof(text), "%s", code + 3);
	for (code = strtok_r(text, " ", &rest); code != NULL;
	    code = strtok_r(NULL, " ", &rest)) {
		assert_int_equal(world_try(w, code), MFA_REASON_OK);
		n++;
	}
	return n;
}

static void
test_R13_all_codes_that_were_shown_are_good(void **state)
{
	struct world *w = *state;
	struct session s = { .w = w };
	char key[80], note[NOTE], code[9], notes[2][NOTE];

	new_rule(w);
	session_begin(&s, PERSON, false, 3);
	key_in_groups(w, key, note);
	world_code(w, key, 0, code);
	session_answer(&s, code);
	for (int i = 0; i < 2; i++) {
		assert_true(session_asks(&s));
		assert_true(s.step.acknowledge);
		(void)snprintf(notes[i], NOTE, "%s", s.step.note);
		session_answer(&s, "");
	}
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	mfa_login_wipe(&s.login);
	/* R26: the log names the factor that let in. */
	assert_int_equal(w->last.type, MFA_EVENT_CHALLENGE_VERIFIED);
	assert_string_equal(w->texts.method, "totp");
	assert_string_equal(w->texts.factor, "login");
	assert_int_equal(all_are_good(w, notes[0]), 5);
	assert_int_equal(all_are_good(w, notes[1]), 5);
}

/* ---- whom, and what it costs ---- */

/* Another login was faster: no second key for whoever has the password. */
static void
test_R21_who_is_enrolled_by_now_gets_no_key(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_newcomer newcomer;
	static mfa_record_Record r;

	assert_int_equal(begin(w, &newcomer), MFA_OK);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(begin(w, &newcomer), MFA_ERR_CONFLICT);
	/* Nothing of the record changes by that. */
	world_record(w, &r);
	assert_int_equal(r.factors_count, 2);
	assert_string_equal(r.factors[0].label, "login");
	assert_string_equal(r.factors[1].label, "phone");
}

static void
test_R19_where_nothing_goes_one_write_is_enough(void **state)
{
	struct world *w = *state;
	struct mfa_newcomer newcomer;
	unsigned int before;
	char id[17];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	before = w->writes;
	assert_int_equal(begin(w, &newcomer), MFA_OK);
	assert_int_equal(w->writes, before + 1);
	/* Now there is a key of an earlier try, which goes first. */
	assert_int_equal(begin(w, &newcomer), MFA_OK);
	assert_int_equal(w->writes, before + 3);
}

/* What others have begun is theirs, whatever is cleared between it. */
static void
test_R21_only_a_pending_factor_of_its_own_goes(void **state)
{
	struct world *w = *state;
	struct mfa_newcomer newcomer;
	static mfa_record_Record r;
	char id[17], first[17];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_int_equal(begin(w, &newcomer), MFA_OK);
	memcpy(first, newcomer.id, sizeof(first));
	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
	assert_int_equal(begin(w, &newcomer), MFA_OK);
	assert_string_not_equal(newcomer.id, first);
	world_record(w, &r);
	assert_int_equal(r.factors_count, 3);
	assert_string_equal(r.factors[0].label, "phone");
	assert_string_equal(r.factors[1].label, "tablet");
	assert_string_equal(r.factors[2].label, "login");
}

#define MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MEMORY(test_R24_the_key_is_read_in_groups_of_four),
		MEMORY(test_R14_nothing_is_left_of_a_place_used_before),
		cmocka_unit_test(test_R25_what_went_before_is_said_first),
		cmocka_unit_test(test_R25_a_note_is_cut_where_its_room_ends),
		cmocka_unit_test(test_R13_each_code_is_shown_once),
		MEMORY(test_R13_all_codes_that_were_shown_are_good),
		MEMORY(test_R21_who_is_enrolled_by_now_gets_no_key),
		MEMORY(test_R19_where_nothing_goes_one_write_is_enough),
		MEMORY(test_R21_only_a_pending_factor_of_its_own_goes),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
