/* SPDX-License-Identifier: MIT */
/* R3, R6, R8, R23: what programs are told, and what they may say. */
#include "tests/unit/factor.h"

#include "verifier/provider/outside.h"

#define NOW 1800000015ULL

static mfa_record_Record record;
static mfa_record_Factor *factor;

static int
fresh(void **state)
{
	(void)state;
	memset(&record, 0, sizeof(record));
	record.factors_count = 2;
	for (int i = 0; i < 2; i++) {
		factor = &record.factors[i];
		factor->provider = mfa_record_Provider_PROVIDER_OUTSIDE;
		memcpy(factor->id, i == 0 ? "factor-1" : "factor-2", 8);
		memcpy(factor->program, "yubikey", 8);
		memcpy(factor->secret.bytes, "\x00kept\xff", 6);
		factor->secret.size = 6;
	}
	factor = &record.factors[0];
	return 0;
}

/* ---- questions ---- */

static void
asked(const char *answer, const char *expected)
{
	const struct mfa_typed typed = factor_typed(answer);
	const struct mfa_check what = { .typed = &typed, .wall = NOW };
	char out[MFA_OUTSIDE_INPUT];
	size_t len = 0;

	mfa_outside_ask_check(factor, &what, out, &len);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(out, expected, len);
}

static void
test_R23_the_question_is_this_and_no_more(void **state)
{
	(void)state;
	asked("  Correct Horse ", "medusa-mfa-provider 1\noperation: check\n"
	    "time: 1800000015\nkept: 006b657074ff\nanswer: Correct Horse\n");
	asked("492 039\n", "medusa-mfa-provider 1\noperation: check\n"
	    "time: 1800000015\nkept: 006b657074ff\nanswer: 492039\n");
}

static void
test_the_longest_question_fits(void **state)
{
	struct mfa_typed typed;
	const struct mfa_check what = { .typed = &typed, .wall = UINT64_MAX };
	char answer[MFA_TYPED_MAX + 1] = "", setup[162] = "";
	char out[MFA_OUTSIDE_INPUT];
	size_t len = 0;

	(void)state;
	memset(answer, 'x', MFA_TYPED_MAX);
	typed = factor_typed(answer);
	factor->secret.size = MFA_PROVIDER_KEEP;
	mfa_outside_ask_check(factor, &what, out, &len);
	assert_in_range(len, 256 + 128, MFA_OUTSIDE_INPUT);
	assert_int_equal(out[len - 1], '\n');
	assert_int_equal(out[len - 2], 'x');
	memset(setup, 'y', 160);
	assert_int_equal(mfa_outside_ask_enroll(setup, UINT64_MAX, out, &len),
	    MFA_OK);
	assert_int_equal(out[len - 2], 'y');
	setup[160] = 'y';
	assert_int_equal(mfa_outside_ask_enroll(setup, NOW, out, &len),
	    MFA_ERR_INVALID);
}

static void
test_R23_what_a_person_says_stays_one_line(void **state)
{
	static const char *const bad[] = { "a\nkept: 00", "a\r", "a\tb",
		"\x7f", "\xc3\xa9", "\033[0m" };
	static const char said[] = "medusa-mfa-provider 1\n"
	    "operation: enroll\ntime: 1800000015\nsetup: dteffuje 87 ec\n";
	static const char none[] = "medusa-mfa-provider 1\n"
	    "operation: enroll\ntime: 0\nsetup: \n";
	char out[MFA_OUTSIDE_INPUT];
	size_t len = 4711;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mfa_outside_ask_enroll(bad[i], NOW, out,
		    &len), MFA_ERR_INVALID);
	assert_int_equal(len, 4711);
	assert_int_equal(mfa_outside_ask_enroll("dteffuje 87 ec", NOW, out,
	    &len), MFA_OK);
	assert_int_equal(len, strlen(said));
	assert_memory_equal(out, said, len);
	assert_int_equal(mfa_outside_ask_enroll("", 0, out, &len), MFA_OK);
	assert_int_equal(len, strlen(none));
	assert_memory_equal(out, none, len);
}

/* ---- replies ---- */

static enum mfa_err
read_bytes(const char *answer, const void *reply, size_t len,
    struct mfa_effect *e)
{
	const struct mfa_typed typed = factor_typed(answer);

	memset(e, 0xff, sizeof(*e));
	e->kind = MFA_EFFECT_USE;
	return mfa_outside_read_check(factor, &typed, reply, len, e);
}

static struct mfa_effect
said(const char *answer, const char *reply)
{
	struct mfa_effect e;

	assert_int_equal(read_bytes(answer, reply, strlen(reply), &e), MFA_OK);
	return e;
}

static enum mfa_err
apply(const struct mfa_effect *e)
{
	return mfa_provider_outside.apply(&record, factor, e, NOW);
}

static void
test_what_a_program_may_say(void **state)
{
	struct mfa_effect e;

	(void)state;
	assert_int_equal(said("x", "verdict: refuse\n").kind, MFA_EFFECT_NONE);
	e = said("x", "verdict: accept\nkept: 00fe\n");
	assert_int_equal(e.kind, MFA_EFFECT_USE);
	assert_int_equal(e.keep.size, 2);
	assert_memory_equal(e.keep.bytes, "\x00\xfe", 2);
	/* Nothing said: as it was. */
	e = said("x", "verdict: accept\n");
	assert_int_equal(e.kind, MFA_EFFECT_USE);
	assert_int_equal(e.keep.size, 6);
	assert_memory_equal(e.keep.bytes, factor->secret.bytes, 6);
}

/* What is no reply, byte for byte. */
#define R(text) { text, sizeof(text) - 1 }
static const struct {
	const char *bytes;
	size_t len;
} hostile[] = {
	R(""), R("\n"), R("\0"), R("accept"), R("accept\n"), R("yes\n"),
	R("verdict: accept"), R("verdict: refuse"), R("verdict: accept\r\n"),
	R("verdict: refuse\r\n"), R("verdict:accept\n"),
	R("verdict:  accept\n"), R("verdict: accept \n"),
	R(" verdict: accept\n"), R("\nverdict: accept\n"),
	R("Verdict: accept\n"),
	R("verdict: Accept\n"), R("verdict: ACCEPT\n"), R("verdict: \n"),
	R("verdict: maybe\n"), R("verdict: accepted\n"), R("verdict: 1\n"),
	R("verdict: accept\0\n"), R("verdict: accept\n\0"),
	R("verdict: accept\n\n"), R("verdict: accept\n "),
	R("verdict: accept\nverdict: accept\n"),
	R("verdict: refuse\nverdict: accept\n"),
	R("verdict: accept\nverdict: refuse\n"),
	R("verdict: refuse\nkept: 00\n"), R("kept: 00\n"),
	R("kept: 00\nverdict: accept\n"), R("verdict: accept\nkept: \n"),
	R("verdict: accept\nkept:\n"), R("verdict: accept\nkept: 00"),
	R("verdict: accept\nkept: 00\r\n"), R("verdict: accept\nkept: 0\n"),
	R("verdict: accept\nkept: 000\n"), R("verdict: accept\nkept: 0g\n"),
	R("verdict: accept\nkept: AB\n"), R("verdict: accept\nkept: aB\n"),
	R("verdict: accept\nkept: 0x00\n"), R("verdict: accept\nkept: 00 \n"),
	R("verdict: accept\nkept:  00\n"), R("verdict: accept\nkept: 0 0\n"),
	R("verdict: accept\nkept: \000\000\n"),
	R("verdict: accept\nkept: 00\0000\n"),
	R("verdict: accept\nkept: 00\nkept: 00\n"),
	R("verdict: accept\nkept: 00\n\n"), R("verdict: accept\nkept: 00\nx\n"),
	R("verdict: accept\nkept: 00\nverdict: accept\n"),
	R("verdict: accept\nlabel: x\n"), R("# verdict\nverdict: accept\n"),
	R("verdict: accept\nKept: 00\n"),
	R("verdict: accept\nkept: \xc3\xa9\n"),
	R("verdict: accept\nkept: +0\n"), R("verdict: accept\nkept: 00\n\xff"),
	R("\xef\xbb\xbfverdict: accept\n"),
};
#undef R
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

static void
no_verdict(const void *reply, size_t len)
{
	mfa_record_Factor made = mfa_record_Factor_init_zero, before = made;
	struct mfa_effect e;

	assert_int_equal(read_bytes("x", reply, len, &e), MFA_ERR_PROGRAM);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
	assert_true(unit_all(&e, sizeof(e), 0));
	assert_int_equal(mfa_outside_read_enroll("yubikey", reply, len, &made),
	    MFA_ERR_PROGRAM);
	assert_memory_equal(&made, &before, sizeof(made));
}

static void
test_R3_hostile_replies_are_no_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < HOSTILE; i++)
		no_verdict(hostile[i].bytes, hostile[i].len);
}

/* "verdict: accept\nkept: " and so many bytes; the length of it. */
static size_t
long_reply(size_t kept, char *out)
{
	static const char head[] = "verdict: accept\nkept: ";
	const size_t n = sizeof(head) - 1;

	memcpy(out, head, n);
	memset(out + n, 'a', 2 * kept);
	out[n + 2 * kept] = '\n';
	return n + 2 * kept + 1;
}

static void
test_R3_as_much_as_fits_is_kept(void **state)
{
	char reply[2000];
	struct mfa_effect e;

	(void)state;
	assert_int_equal(read_bytes("x", reply, long_reply(128, reply), &e),
	    MFA_OK);
	assert_int_equal(e.keep.size, 128);
	assert_true(unit_all(e.keep.bytes, 128, 0xaa));
	no_verdict(reply, long_reply(129, reply));
	no_verdict(reply, long_reply(500, reply));
	no_verdict(reply, long_reply(900, reply));
}

/* Every reply cut short, and every byte of a good one changed. */
static void
test_R3_no_other_reply_is_like_it(void **state)
{
	static const char good[] = "verdict: accept\nkept: 00fe\n";
	struct mfa_effect e;
	char reply[sizeof(good)];

	(void)state;
	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		bool whole = len == strlen("verdict: accept\n");

		assert_int_equal(read_bytes("x", good, len, &e),
		    whole ? MFA_OK : MFA_ERR_PROGRAM);
	}
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		for (int c = 0; c < 256; c++) {
			bool hex = strchr("0123456789abcdef", c) != NULL &&
			    c != 0;
			bool is_kept = i >= sizeof(good) - 6 &&
			    i < sizeof(good) - 2;

			memcpy(reply, good, sizeof(good));
			reply[i] = (char)c;
			if (c == good[i] || (is_kept && hex))
				continue;
			assert_int_equal(read_bytes("x", reply,
			    sizeof(good) - 1, &e), MFA_ERR_PROGRAM);
			assert_int_equal(e.kind, MFA_EFFECT_NONE);
		}
	}
}

/* ---- new factors ---- */

static enum mfa_err
enroll(const char *name, const char *reply, mfa_record_Factor *made)
{
	return mfa_outside_read_enroll(name, (const uint8_t *)reply,
	    strlen(reply), made);
}

static void
test_a_program_begins_a_factor(void **state)
{
	mfa_record_Factor made = mfa_record_Factor_init_zero, before = made;

	(void)state;
	assert_int_equal(enroll("yubikey", "verdict: refuse\n", &made),
	    MFA_ERR_INVALID);
	assert_int_equal(enroll("yubikey", "verdict: accept\n", &made),
	    MFA_ERR_PROGRAM);
	assert_int_equal(enroll("", "verdict: accept\nkept: 00\n", &made),
	    MFA_ERR_INVALID);
	assert_int_equal(enroll("seventeen-letters",
	    "verdict: accept\nkept: 00\n", &made), MFA_ERR_INVALID);
	assert_memory_equal(&made, &before, sizeof(made));
	made.digits = 8;
	made.period = 30;
	made.algorithm = mfa_record_Algorithm_ALGORITHM_SHA1;
	assert_int_equal(enroll("sixteen--letters",
	    "verdict: accept\nkept: 00fe\n", &made), MFA_OK);
	assert_int_equal(made.provider, mfa_record_Provider_PROVIDER_OUTSIDE);
	assert_string_equal(made.program, "sixteen--letters");
	assert_int_equal(made.secret.size, 2);
	assert_memory_equal(made.secret.bytes, "\x00\xfe", 2);
	assert_int_equal(made.algorithm, 0);
	assert_int_equal(made.digits, 0);
	assert_int_equal(made.period, 0);
}

/* ---- once ---- */

static void
test_R6_accepted_once(void **state)
{
	static const char *const others[] = { "pager", "yubike", "yubikey2",
		"yubikeyd" };
	const struct mfa_typed typed = factor_typed("dteffuje");
	const struct mfa_typed other = factor_typed("dteffuji");
	struct mfa_effect e = said("dteffuje", "verdict: accept\nkept: 01\n");

	(void)state;
	factor->replay_refunds = 2;
	assert_false(mfa_outside_was_accepted(&record, factor, &typed));
	assert_int_equal(apply(&e), MFA_OK);
	assert_int_equal(factor->secret.size, 1);
	assert_int_equal(factor->secret.bytes[0], 1);
	assert_true(factor->last_used == NOW);
	assert_int_equal(factor->replay_refunds, 0);
	assert_true(mfa_outside_was_accepted(&record, factor, &typed));
	assert_false(mfa_outside_was_accepted(&record, factor, &other));
	/* Of that program: its other factors have used it, too. */
	assert_true(mfa_outside_was_accepted(&record, &record.factors[1],
	    &typed));
	/* Another program may have the same answer, whatever its name. */
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		mfa_record_Factor theirs = *factor;

		memset(theirs.program, 0, sizeof(theirs.program));
		memcpy(theirs.program, others[i], strlen(others[i]));
		assert_false(mfa_outside_was_accepted(&record, &theirs,
		    &typed));
	}
	/* Whatever the program says. */
	e = said("dteffuje", "verdict: accept\nkept: 02\n");
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	assert_int_equal(factor->secret.bytes[0], 1);
	e = said("dteffuji", "verdict: accept\nkept: 02\n");
	assert_int_equal(apply(&e), MFA_OK);
}

/* Also where the program keeps nothing of it. */
static void
test_R6_accepted_once_by_a_careless_program(void **state)
{
	struct mfa_effect e = said("492039", "verdict: accept\n");

	(void)state;
	assert_int_equal(apply(&e), MFA_OK);
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	assert_int_equal(record.accepted_count, 1);
}

/* Two logins asked at once: the second's program knew the bytes of before. */
static void
test_R6_bytes_that_moved_meanwhile(void **state)
{
	struct mfa_effect first = said("one", "verdict: accept\nkept: 01\n");
	struct mfa_effect second = said("two", "verdict: accept\nkept: 02\n");
	mfa_record_Record before;

	(void)state;
	assert_int_equal(apply(&first), MFA_OK);
	before = record;
	assert_int_equal(apply(&second), MFA_ERR_REPLAYED);
	first = said("three", "verdict: accept\nkept: 03\n");
	first.kind = MFA_EFFECT_NONE;
	assert_int_equal(apply(&first), MFA_ERR_REPLAYED);
	first.kind = MFA_EFFECT_REPLAY;
	assert_int_equal(apply(&first), MFA_ERR_REPLAYED);
	first.kind = MFA_EFFECT_USE;
	first.keep.size = 0;
	assert_int_equal(apply(&first), MFA_ERR_INVALID);
	first.keep.size = MFA_PROVIDER_KEEP + 1;
	assert_int_equal(apply(&first), MFA_ERR_INVALID);
	/* Asked of another factor with the same bytes. */
	factor = &record.factors[1];
	memcpy(factor->secret.bytes, "\x01", 1);
	factor->secret.size = 1;
	before.factors[1] = *factor;
	first.keep.size = 1;
	assert_int_equal(apply(&first), MFA_ERR_REPLAYED);
	assert_memory_equal(&record, &before, sizeof(record));
}

static void
test_R6_the_last_32_are_remembered(void **state)
{
	char answer[20];

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct mfa_effect e;

		(void)snprintf(answer, sizeof(answer), "answer %d", i);
		e = said(answer, "verdict: accept\n");
		assert_int_equal(apply(&e), MFA_OK);
		assert_int_equal(record.accepted_count, i < 32 ? i + 1 : 32);
		assert_true(record.accepted[0] == e.accepted);
	}
	for (int i = 0; i < 40; i++) {
		struct mfa_typed typed;

		(void)snprintf(answer, sizeof(answer), "answer %d", i);
		typed = factor_typed(answer);
		assert_true(mfa_outside_was_accepted(&record, factor, &typed) ==
		    (i >= 8));
	}
}

static void
test_R8_what_a_program_is_asked(void **state)
{
	static const struct {
		const char *answer;
		enum mfa_err ready;
	} cases[] = {
		{ "492039", MFA_OK }, { "hunter2", MFA_OK }, { "x", MFA_OK },
		{ "12345678901234567", MFA_OK }, { "", MFA_ERR_SYNTAX },
		{ "  ", MFA_ERR_SYNTAX }, { "\xc3\xa9", MFA_ERR_SYNTAX },
		{ "\b\n\r\177INCORRECT", MFA_ERR_SYNTAX },
		{ "send", MFA_ERR_SYNTAX }, { "send phone", MFA_ERR_SYNTAX },
		{ "0123-4567-89AB-CDEF-GHJK-MNPQ", MFA_ERR_SYNTAX },
	};
	struct mfa_typed typed;
	const struct mfa_check what = { .typed = &typed };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		typed = factor_typed(cases[i].answer);
		assert_int_equal(mfa_provider_outside.ready(&record, factor,
		    &what), cases[i].ready);
	}
	typed = factor_typed("hunter2");
	assert_int_equal(mfa_provider_outside.ready(&record, NULL, &what),
	    MFA_ERR_SYNTAX);
	factor->provider = mfa_record_Provider_PROVIDER_OTP;
	assert_int_equal(mfa_provider_outside.ready(&record, factor, &what),
	    MFA_ERR_SYNTAX);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R23_the_question_is_this_and_no_more),
		FRESH(test_the_longest_question_fits),
		FRESH(test_R23_what_a_person_says_stays_one_line),
		FRESH(test_what_a_program_may_say),
		FRESH(test_R3_hostile_replies_are_no_verdict),
		FRESH(test_R3_as_much_as_fits_is_kept),
		FRESH(test_R3_no_other_reply_is_like_it),
		FRESH(test_a_program_begins_a_factor),
		FRESH(test_R6_accepted_once),
		FRESH(test_R6_accepted_once_by_a_careless_program),
		FRESH(test_R6_bytes_that_moved_meanwhile),
		FRESH(test_R6_the_last_32_are_remembered),
		FRESH(test_R8_what_a_program_is_asked),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
