/* SPDX-License-Identifier: MIT */
/*
 * R6, R7, R12: 64 processes at one moment, on real files.  However many say the
 * same right answer, one is let in.
 */
#include "tests/unit/challenge.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "verifier/engine/grants.h"
#include "verifier/engine/prove.h"
#include "verifier/engine/throttle.h"

#define CROWD  64
#define ROUNDS 3
#define FAILED 255 /* a child that did not get that far */

/* What a child does: its exit status is the enum mfa_reason it got. */
struct race {
	struct world *w;
	const char *answer;
	struct app app[2];
	bool in_challenge;
	unsigned int apps; /* each child takes one of them in turn */
};

struct tally {
	unsigned int got[FAILED + 1];
	unsigned int asked; /* programs that ran */
	unsigned int delivered;
};

/* Shared with the children. */
static struct counters {
	unsigned int asked, delivered;
} *counters;

static void
wait_for(int gate)
{
	char nothing;

	while (read(gate, &nothing, 1) == -1 && errno == EINTR)
		continue;
}

static void
child(const struct race *race, unsigned int i, int gate,
    unsigned int (*run)(const struct race *race, unsigned int i))
{
	struct fake_runner *fake = &race->w->runner;
	unsigned int got;

	wait_for(gate);
	fake->asked = fake->delivered = 0;
	got = run(race, i);
	(void)__atomic_add_fetch(&counters->asked, fake->asked,
	    __ATOMIC_SEQ_CST);
	(void)__atomic_add_fetch(&counters->delivered, fake->delivered,
	    __ATOMIC_SEQ_CST);
	_exit((int)got);
}

static void
run_race(const struct race *race, unsigned int n,
    unsigned int (*run)(const struct race *race, unsigned int i),
    struct tally *tally)
{
	int gate[2], status;

	memset(tally, 0, sizeof(*tally));
	memset(counters, 0, sizeof(*counters));
	/* Records of others are held all the time. */
	race->w->runner.blind = true;
	assert_int_equal(pipe(gate), 0);
	for (unsigned int i = 0; i < n; i++) {
		const pid_t pid = fork();

		if (pid == 0) {
			(void)close(gate[1]);
			child(race, i, gate[0], run);
		}
		assert_true(pid > 0);
	}
	(void)close(gate[0]);
	(void)close(gate[1]); /* go */
	for (unsigned int i = 0; i < n; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		tally->got[WEXITSTATUS(status)]++;
	}
	tally->asked = counters->asked;
	tally->delivered = counters->delivered;
}

static unsigned int
answer(const struct race *race, unsigned int i)
{
	const char *text = race->app[i % (race->apps + !race->apps)].text;
	uint8_t id[MFA_CHALLENGE_ID];
	const struct mfa_challenge_answer what = { .id = id, .method = "",
		.answer = (const uint8_t *)race->answer,
		.len = strlen(race->answer) };
	struct mfa_attempt_result result;
	struct mfa_subject subject;

	if (!race->in_challenge)
		return world_try(race->w, race->answer);
	if (mfa_challenge_parse(text, &subject, id) != MFA_OK)
		return FAILED;
	if (mfa_challenge_verify(&race->w->engine, &race->w->caller, &subject,
		&what, &result) != MFA_OK)
		return MFA_REASON_ERROR;
	return result.reason;
}

/* One got in; nobody else got anything but a refusal. */
static void
one_success(const struct tally *t)
{
	const unsigned int refused = t->got[MFA_REASON_WRONG] +
	    t->got[MFA_REASON_REPLAYED] + t->got[MFA_REASON_LOCKED] +
	    t->got[MFA_REASON_EXPIRED] + t->got[MFA_REASON_NO_CODE] +
	    t->got[MFA_REASON_ERROR];

	assert_int_equal(t->got[MFA_REASON_OK], 1);
	assert_int_equal(refused, CROWD - 1);
}

/* ---- one answer for all ---- */

static void
test_R6_one_totp_code(void **state)
{
	struct race race = { .w = *state };
	struct mfa_confirmed confirmed;
	struct tally t;
	char code[9];

	world_enroll(race.w, "phone", SECRET_A, &confirmed);
	race.answer = code;
	for (int i = 0; i < ROUNDS; i++) {
		world_pass(race.w, 86400);
		world_code(race.w, SECRET_A, 0, code);
		run_race(&race, CROWD, answer, &t);
		one_success(&t);
		assert_int_equal(t.got[MFA_REASON_WRONG], 0);
	}
}

static void
test_R6_one_hotp_code(void **state)
{
	struct race race = { .w = *state };
	struct tally t;
	char code[9];

	world_enroll_hotp(race.w, "token", SECRET_A);
	race.answer = code;
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		world_pass(race.w, 86400);
		world_counter(SECRET_A, i, code);
		run_race(&race, CROWD, answer, &t);
		one_success(&t);
		assert_int_equal(t.got[MFA_REASON_WRONG], 0);
	}
}

static void
test_R12_one_delivered_code(void **state)
{
	struct race race = { .w = *state };
	struct tally t;
	char code[9];

	world_enroll_otp(race.w, "mail", "alice@example.org");
	race.answer = code;
	for (int i = 0; i < ROUNDS; i++) {
		world_pass(race.w, 60);
		assert_int_equal(world_send(race.w, ""), MFA_OK);
		memcpy(code, race.w->runner.last.code, 9);
		run_race(&race, CROWD, answer, &t);
		one_success(&t);
		assert_int_equal(t.got[MFA_REASON_WRONG], 0);
	}
}

static void
test_R13_one_recovery_code(void **state)
{
	struct race race = { .w = *state };
	struct mfa_confirmed confirmed;
	struct tally t;

	world_enroll(race.w, "phone", SECRET_A, &confirmed);
	for (int i = 0; i < ROUNDS; i++) {
		race.answer = confirmed.codes.code[i];
		run_race(&race, CROWD, answer, &t);
		one_success(&t);
		assert_int_equal(t.got[MFA_REASON_WRONG], 0);
	}
}

/* All programs say yes, each of them for the same answer. */
static void
test_R6_one_answer_that_a_program_accepts(void **state)
{
	struct race race = { .w = *state };
	struct tally t;
	char text[32], keeps[8];

	world_enroll_outside(race.w, "key", "yubico", "first-answer");
	race.answer = text;
	for (int i = 0; i < ROUNDS; i++) {
		world_pass(race.w, 90000);
		(void)snprintf(text, sizeof(text), "answer-%d", i);
		(void)snprintf(keeps, sizeof(keeps), "%02x", 16 + i);
		race.w->runner.accepts = text;
		race.w->runner.keeps = keeps;
		run_race(&race, CROWD, answer, &t);
		one_success(&t);
		/* None of them was asked for nothing: each one was charged. */
		assert_in_range(t.asked, 1, CROWD);
	}
}

/* ---- challenges ---- */

static void
open_shop(struct race *race)
{
	struct mfa_confirmed confirmed;
	struct world *w = race->w;

	(void)world_realm(w, "shop", 0);
	w->subject = world_subject("shop", "alice");
	world_enroll(w, "phone", SECRET_A, &confirmed);
	race->in_challenge = true;
	race->apps = 1;
}

static void
test_R6_one_challenge(void **state)
{
	struct race race = { .w = *state };
	struct tally t;
	char code[9];

	open_shop(&race);
	race.answer = code;
	for (int i = 0; i < ROUNDS; i++) {
		world_pass(race.w, 86400);
		app_start(race.w, &race.app[0]);
		world_code(race.w, SECRET_A, 0, code);
		run_race(&race, CROWD, answer, &t);
		one_success(&t);
		assert_int_equal(t.got[MFA_REASON_EXPIRED] +
		    t.got[MFA_REASON_ERROR], CROWD - 1);
	}
}

/* The code is one, so two challenges are no way to use it twice. */
static void
test_R6_one_code_for_two_challenges(void **state)
{
	struct race race = { .w = *state };
	struct tally t;
	char code[9];

	open_shop(&race);
	race.apps = 2;
	race.answer = code;
	for (int i = 0; i < ROUNDS; i++) {
		world_pass(race.w, 86400);
		app_start(race.w, &race.app[0]);
		app_start(race.w, &race.app[1]);
		world_code(race.w, SECRET_A, 0, code);
		run_race(&race, CROWD, answer, &t);
		one_success(&t);
	}
}

/* ---- wrong ones ---- */

static void
test_R7_five_are_compared_and_no_more(void **state)
{
	struct race race = { .w = *state, .answer = "918273" };
	struct tally t;

	world_enroll_hotp(race.w, "token", SECRET_A);
	run_race(&race, 2 * CROWD, answer, &t);
	assert_int_equal(t.got[MFA_REASON_OK], 0);
	assert_int_equal(t.got[MFA_REASON_WRONG], 5);
	assert_int_equal(t.got[MFA_REASON_LOCKED] + t.got[MFA_REASON_ERROR],
	    2 * CROWD - 5);
}

static void
test_R7_five_programs_run_and_no_more(void **state)
{
	struct race race = { .w = *state, .answer = "wrong-answer" };
	struct tally t;

	world_enroll_outside(race.w, "key", "yubico", "first-answer");
	run_race(&race, 2 * CROWD, answer, &t);
	assert_int_equal(t.got[MFA_REASON_OK], 0);
	assert_int_equal(t.asked, 5);
	assert_true(t.got[MFA_REASON_WRONG] <= 5);
}

static void
test_R12_three_comparisons_of_a_delivered_code(void **state)
{
	struct race race = { .w = *state };
	struct tally t;
	char bad[9];

	world_enroll_otp(race.w, "mail", "alice@example.org");
	world_pass(race.w, 60);
	assert_int_equal(world_send(race.w, ""), MFA_OK);
	memcpy(bad, race.w->runner.last.code, 9);
	bad[7] = bad[7] == '0' ? '1' : '0';
	race.answer = bad;
	run_race(&race, CROWD, answer, &t);
	assert_int_equal(t.got[MFA_REASON_WRONG], 3);
	assert_int_equal(t.got[MFA_REASON_NO_CODE] + t.got[MFA_REASON_ERROR],
	    CROWD - 3);
}

/* ---- invitations ---- */

static unsigned int
prove(const struct race *race, unsigned int i)
{
	struct world *w = race->w;
	struct mfa_caller owner = w->caller;
	const struct mfa_typed typed = world_typed(race->answer);
	struct mfa_proof proof;

	(void)i;
	owner.right = MFA_RIGHT_OWNER;
	return mfa_prove_code(&w->engine, &owner, &w->subject, &typed, 300,
	    &proof);
}

/* The errors of a proof are numbers of enum mfa_err. */
static void
test_R6_one_invitation(void **state)
{
	struct race race = { .w = *state };
	struct mfa_granted invited;
	struct tally t;

	race.answer = invited.code;
	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(mfa_grants_give(&race.w->engine, &race.w->caller,
		    &race.w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
		run_race(&race, CROWD, prove, &t);
		assert_int_equal(t.got[MFA_OK], 1);
		assert_int_equal(t.got[MFA_ERR_EXPIRED] +
		    t.got[MFA_ERR_REPLAYED] + t.got[MFA_ERR_BUSY], CROWD - 1);
	}
}

/* ---- sends ---- */

static unsigned int
ask_for_one(const struct race *race, unsigned int i)
{
	(void)i;
	return world_send(race->w, "");
}

static void
test_R12_one_is_sent(void **state)
{
	struct race race = { .w = *state };
	struct tally t;

	world_enroll_otp(race.w, "mail", "alice@example.org");
	world_pass(race.w, 60);
	run_race(&race, CROWD, ask_for_one, &t);
	assert_int_equal(t.delivered, 1);
	assert_int_equal(t.got[MFA_OK], 1);
	assert_int_equal(t.got[MFA_ERR_TOO_SOON] + t.got[MFA_ERR_BUSY],
	    CROWD - 1);
}

/* ---- many subjects ---- */

static unsigned int
log_in_as(const struct race *race, unsigned int i)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "user%u", i);
	if (mfa_subject_in_realm("shop", name, &race->w->subject) != MFA_OK)
		return FAILED;
	return world_try(race->w, race->answer);
}

static void
test_R6_32_subjects_32_successes(void **state)
{
	struct race race = { .w = *state };
	struct tally t;
	char name[16], code[9];

	(void)world_realm(race.w, "shop", 0);
	for (unsigned int i = 0; i < 32; i++) {
		(void)snprintf(name, sizeof(name), "user%u", i);
		race.w->subject = world_subject("shop", name);
		world_enroll_hotp(race.w, "token", SECRET_A);
	}
	race.answer = code;
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		world_counter(SECRET_A, i, code);
		run_race(&race, 32, log_in_as, &t);
		assert_int_equal(t.got[MFA_REASON_OK], 32);
	}
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R6_one_totp_code),
		IN_FILES(test_R6_one_hotp_code),
		IN_FILES(test_R12_one_delivered_code),
		IN_FILES(test_R13_one_recovery_code),
		IN_FILES(test_R6_one_answer_that_a_program_accepts),
		IN_FILES(test_R6_one_challenge),
		IN_FILES(test_R6_one_code_for_two_challenges),
		IN_FILES(test_R7_five_are_compared_and_no_more),
		IN_FILES(test_R7_five_programs_run_and_no_more),
		IN_FILES(test_R12_three_comparisons_of_a_delivered_code),
		IN_FILES(test_R6_one_invitation),
		IN_FILES(test_R12_one_is_sent),
		IN_FILES(test_R6_32_subjects_32_successes),
	};

	world_need_root();
	counters = mmap(NULL, sizeof(*counters), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counters == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
