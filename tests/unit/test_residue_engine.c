/* SPDX-License-Identifier: MIT */
/*
 * R14: whole operations leave no code, secret or answer on the stack, nor in
 * the engine's memory.
 */
#include "tests/unit/residue.h"

#include "tests/unit/challenge.h"
#include "tests/unit/world.h"

#include "verifier/engine/deliver.h"
#include "verifier/otp/base32.h"

static struct world *w;
static enum mfa_err got;
static uint8_t secret_a[64];
static size_t secret_len;
static struct mfa_typed typed;
static struct mfa_attempt_result result;

static int
begin(void **state)
{
	assert_int_equal(world_new(state), 0);
	w = *state;
	assert_int_equal(mfa_base32_parse(SECRET_A, secret_a, sizeof(secret_a),
	    &secret_len), MFA_OK);
	return 0;
}

/* The mapping that the engine's memory ends in, from there on. */
static size_t
work_size(void)
{
	const uintptr_t at = (uintptr_t)w->engine.work;
	unsigned long from, to;
	size_t size = 0;
	char line[512];
	FILE *f = fopen("/proc/self/maps", "re");

	assert_non_null(f);
	while (size == 0 && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx", &from, &to) == 2 && at >= from &&
		    at < to)
			size = to - at;
	}
	(void)fclose(f);
	assert_true(size > 4096);
	return size;
}

/* How often the secret is in the engine's memory. */
static unsigned int
secrets_at_work(void)
{
	const uint8_t *p = (const uint8_t *)w->engine.work;
	size_t size = work_size();
	unsigned int n = 0;

	for (size_t i = 0; i + secret_len <= size; i++)
		n += memcmp(p + i, secret_a, secret_len) == 0;
	return n;
}

static void
assert_nothing(const void *needle, size_t len)
{
	assert_false(residue_left(needle, len));
	assert_false(residue_in(w->engine.work, work_size(), needle, len));
}

static void
assert_no_text(const char *text)
{
	assert_nothing(text, strlen(text));
}

/* ---- logins ---- */

static void
attempt(void)
{
	const struct mfa_attempt what = { .caller = &w->caller,
		.typed = &typed };

	got = mfa_attempt_make(&w->engine, &w->subject, &what, &result);
}

static void
try_and_look(const char *text, enum mfa_reason reason)
{
	typed = world_typed(text);
	residue_run(attempt);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(result.reason, reason);
	assert_no_text(typed.text);
	assert_nothing(secret_a, secret_len);
}

static void
test_R14_an_attempt(void **state)
{
	struct mfa_confirmed confirmed;
	char code[9];

	(void)state;
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 60);
	world_wrong(w, code);
	try_and_look(code, MFA_REASON_WRONG);
	world_code(w, SECRET_A, 0, code);
	try_and_look(code, MFA_REASON_OK);
	try_and_look(code, MFA_REASON_REPLAYED);
	try_and_look(confirmed.codes.code[0], MFA_REASON_OK);
}

static struct mfa_login login;
static struct mfa_step step;

static void
log_in(void)
{
	mfa_login_answer(&w->engine, &login, (const uint8_t *)typed.text,
	    typed.len, &step);
}

static void
test_R14_a_login(void **state)
{
	static const struct mfa_login_ask shape = { .user = "root",
		.retry = 1 };
	struct mfa_login_ask ask = shape;
	struct mfa_confirmed confirmed;
	char code[9];

	(void)state;
	world_user(w, "root");
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 60);
	ask.caller = w->caller;
	mfa_login_begin(&w->engine, &ask, &login, &step);
	assert_int_equal(step.kind, MFA_STEP_PROMPT);
	world_code(w, SECRET_A, 0, code);
	typed = world_typed(code);
	residue_run(log_in);
	assert_int_equal(step.kind, MFA_STEP_VERDICT);
	assert_int_equal(step.verdict, MFA_VERDICT_ACCEPT);
	assert_no_text(code);
	mfa_login_wipe(&login);
	assert_true(unit_all(&login.newcomer, sizeof(login.newcomer), 0));
	assert_true(unit_all(login.note, sizeof(login.note), 0));
}

static struct app app;

static void
verify(void)
{
	uint8_t id[MFA_CHALLENGE_ID];
	const struct mfa_challenge_answer answer = { .id = id, .method = "",
		.answer = (const uint8_t *)typed.text, .len = typed.len };
	struct mfa_subject subject;

	got = mfa_challenge_parse(app.text, &subject, id);
	if (got == MFA_OK)
		got = mfa_challenge_verify(&w->engine, &w->caller, &subject,
		    &answer, &result);
}

static void
test_R14_a_challenge(void **state)
{
	struct mfa_confirmed confirmed;
	char code[9];

	(void)state;
	(void)world_realm(w, "shop", 0);
	w->subject = world_subject("shop", "karla");
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 60);
	app_start(w, &app);
	world_code(w, SECRET_A, 0, code);
	typed = world_typed(code);
	residue_run(verify);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(result.reason, MFA_REASON_OK);
	assert_no_text(code);
}

/* ---- programs ---- */

/* Says so without a copy on the stack. */
static enum mfa_err
accept_it(struct mfa_runner *runner, const struct mfa_question *question,
    uint8_t *out, size_t size, size_t *outlen)
{
	static const char reply[] = "verdict: accept\n"
	    "kept: 6b65707420627920612070726f6772616d\n";

	(void)runner;
	assert_true(question->len > 0 && sizeof(reply) <= size);
	memcpy(out, reply, sizeof(reply) - 1);
	*outlen = sizeof(reply) - 1;
	return MFA_OK;
}

/* Says it, and then fails: nothing is called after it. */
static enum mfa_err
say_and_fail(struct mfa_runner *runner, const struct mfa_question *question,
    uint8_t *out, size_t size, size_t *outlen)
{
	(void)accept_it(runner, question, out, size, outlen);
	return MFA_ERR_PROGRAM;
}

static void
test_R14_a_program_fails(void **state)
{
	(void)state;
	w->runner.keeps = "6265666f7265206974207761732061736b6564";
	world_enroll_outside(w, "token", "tokens", "open sesame");
	world_pass(w, 60);
	w->runner.runner.ask = say_and_fail;
	typed = world_typed("another word");
	residue_run(attempt);
	assert_int_equal(got, MFA_ERR_PROGRAM);
	assert_no_text("another word");
	assert_no_text("6265666f7265206974207761732061736b6564");
	assert_no_text("before it was asked");
	assert_no_text("6b65707420627920612070726f6772616d");
}

static void
test_R14_a_program_is_asked(void **state)
{
	(void)state;
	w->runner.keeps = "6265666f7265206974207761732061736b6564";
	world_enroll_outside(w, "token", "tokens", "open sesame");
	world_pass(w, 60);
	w->runner.runner.ask = accept_it;
	typed = world_typed("another word");
	residue_run(attempt);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(result.reason, MFA_REASON_OK);
	assert_no_text("another word");
	assert_no_text("6265666f7265206974207761732061736b6564");
	assert_no_text("before it was asked");
	assert_no_text("6b65707420627920612070726f6772616d");
	assert_no_text("kept by a program");
}

/* ---- enrolment ---- */

static struct mfa_enrolled enrolled;
static struct mfa_confirmed confirmed_now;
static struct mfa_recovery_text recovery;
static struct mfa_granted granted;
static struct mfa_newcomer newcomer;

static void
enroll(void)
{
	static const struct mfa_enroll_ask ask = { .label = "phone",
		.provider = "", .algorithm = "", .import = "", .address = "" };

	got = mfa_enroll_begin(&w->engine, &w->caller, &w->subject, &ask,
	    &enrolled);
}

static void
confirm(void)
{
	got = mfa_enroll_confirm(&w->engine, &w->caller, &w->subject,
	    enrolled.id, &typed, &confirmed_now);
}

static void
renew(void)
{
	got = mfa_enroll_recovery(&w->engine, &w->caller, &w->subject,
	    &recovery);
}

static void
give(void)
{
	static const struct mfa_grants_ask ask = { .kind = MFA_GRANT_BYPASS,
		.seconds = 600, .reason = "a test" };

	got = mfa_grants_give(&w->engine, &w->caller, &w->subject, &ask,
	    &granted);
}

static void
assert_no_codes(const struct mfa_recovery_text *codes)
{
	assert_int_not_equal(codes->count, 0);
	for (uint32_t i = 0; i < codes->count; i++) {
		assert_no_text(codes->code[i]);
		assert_no_text(world_typed(codes->code[i]).text);
	}
}

static void
test_R14_an_enrolment(void **state)
{
	uint8_t raw[64];
	size_t len;
	char code[9];

	(void)state;
	residue_run(enroll);
	assert_int_equal(got, MFA_OK);
	assert_int_equal(mfa_base32_parse(enrolled.secret, raw, sizeof(raw),
	    &len), MFA_OK);
	assert_no_text(enrolled.secret);
	assert_nothing(raw, len);
	world_code(w, enrolled.secret, 0, code);
	typed = world_typed(code);
	residue_run(confirm);
	assert_int_equal(got, MFA_OK);
	assert_nothing(raw, len);
	assert_no_text(code);
	assert_no_codes(&confirmed_now.codes);
	residue_run(renew);
	assert_int_equal(got, MFA_OK);
	assert_no_codes(&recovery);
	residue_run(give);
	assert_int_equal(got, MFA_OK);
	assert_no_text(granted.code);
	assert_no_text(world_typed(granted.code).text);
}

static void
newcomer_begin(void)
{
	got = mfa_newcomer_begin(&w->engine, &w->caller, &w->subject,
	    &newcomer);
}

static void
newcomer_answer(void)
{
	got = mfa_newcomer_answer(&w->engine, &w->caller, &w->subject, &typed,
	    &newcomer);
}

static void
test_R14_a_newcomer(void **state)
{
	char secret[80], code[9];
	size_t n = 0;

	(void)state;
	residue_run(newcomer_begin);
	assert_int_equal(got, MFA_OK);
	for (const char *p = newcomer.key; *p != '\0'; p++) {
		if (*p != ' ')
			secret[n++] = *p;
	}
	secret[n] = '\0';
	assert_int_equal(n, 32);
	assert_no_text(secret);
	world_code(w, secret, 0, code);
	typed = world_typed(code);
	residue_run(newcomer_answer);
	assert_int_equal(got, MFA_OK);
	assert_true(unit_all(newcomer.key, sizeof(newcomer.key), 0));
	assert_no_text(secret);
	assert_no_codes(&newcomer.codes);
}

/* ---- a code that is sent ---- */

static void
send_code(void)
{
	got = world_send(w, "");
}

static void
test_R14_a_code_is_sent(void **state)
{
	(void)state;
	world_enroll_otp(w, "mail", "a@example.org");
	world_pass(w, 3600);
	residue_run(send_code);
	assert_int_equal(got, MFA_OK);
	assert_in_range(strlen(w->runner.last.code), 6, 8);
	assert_no_text(w->runner.last.code);
}

/* ---- the engine's own memory ---- */

static enum mfa_err
touch(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)clock;
	(void)record;
	return MFA_OK;
}

static void
test_R14_one_copy_while_a_record_is_open(void **state)
{
	struct mfa_confirmed confirmed;
	struct mfa_repo *repo;

	(void)state;
	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(secrets_at_work(), 0);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_WRITE, &repo), MFA_OK);
	assert_int_equal(secrets_at_work(), 1);
	assert_int_equal(mfa_repo_update(repo,
	    (struct mfa_delta){ touch, NULL }), MFA_OK);
	assert_int_equal(secrets_at_work(), 1);
	mfa_repo_close(repo);
	assert_int_equal(secrets_at_work(), 0);
}

static void
test_R14_a_decoy_leaves_no_key(void **state)
{
	(void)state;
	mfa_repo_decoy(&w->engine, MFA_DECOY_READ | MFA_DECOY_WRITE);
	assert_true(unit_all(w->engine.work, work_size(), 0));
	mfa_attempt_decoy(&w->engine, MFA_DECOY_READ);
	assert_true(unit_all(w->engine.work, work_size(), 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_R14_an_attempt),
		TEST(test_R14_a_login),
		TEST(test_R14_a_challenge),
		TEST(test_R14_a_program_is_asked),
		TEST(test_R14_a_program_fails),
		TEST(test_R14_an_enrolment),
		TEST(test_R14_a_newcomer),
		TEST(test_R14_a_code_is_sent),
		TEST(test_R14_one_copy_while_a_record_is_open),
		TEST(test_R14_a_decoy_leaves_no_key),
	};

	residue_need_plain_frames();
	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
