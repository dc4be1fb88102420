/* SPDX-License-Identifier: MIT */
/*
 * R3, R6, R12: what an enrolment may say of its factor.  What does not belong
 * to the provider is refused, not passed over: nothing is written, sent, asked.
 */
#include "tests/unit/world.h"

#define ADDRESS "alice@example.org"

static int
all_on(void **state)
{
	struct world *w;

	assert_int_equal(world_new_memory(state), 0);
	w = *state;
	w->config.realm[0].provides |= MFA_PROVIDES_HOTP | MFA_PROVIDES_OTP;
	world_program(w, "yubico");
	return 0;
}

static enum mfa_err
begin(struct world *w, struct mfa_enroll_ask ask, struct mfa_enrolled *out)
{
	if (ask.label == NULL)
		ask.label = "";
	if (ask.algorithm == NULL)
		ask.algorithm = "";
	if (ask.import == NULL)
		ask.import = "";
	if (ask.address == NULL)
		ask.address = "";
	return mfa_enroll_begin(&w->engine, &w->caller, &w->subject, &ask,
	    out);
}

/* Each kind, with what it needs and no more. */
static const struct mfa_enroll_ask plain[] = {
	{ .provider = "totp" },
	{ .provider = "hotp" },
	{ .provider = "otp", .address = ADDRESS },
	{ .provider = "yubico", .import = "id=cccc" },
};
#define KINDS (sizeof(plain) / sizeof(plain[0]))

/* One word more, and which kinds take it. */
static const struct {
	const char *name;
	struct mfa_enroll_ask more;
	bool taken[KINDS];
} words[] = {
	{ "address", { .address = ADDRESS }, { false, false, true, false } },
	{ "import", { .import = SECRET_A }, { true, true, false, true } },
	{ "algorithm", { .algorithm = "SHA1" }, { true, true, false, false } },
	{ "period", { .period = 30 }, { true, false, false, false } },
	{ "counter", { .counter = 1 }, { false, true, false, false } },
	{ "digits", { .digits = 6 }, { true, true, true, false } },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static struct mfa_enroll_ask
with(size_t kind, size_t word)
{
	struct mfa_enroll_ask ask = plain[kind];
	const struct mfa_enroll_ask *more = &words[word].more;

	if (more->address != NULL)
		ask.address = more->address;
	if (more->import != NULL)
		ask.import = more->import;
	if (more->algorithm != NULL)
		ask.algorithm = more->algorithm;
	if (more->period != 0)
		ask.period = more->period;
	if (more->counter != 0)
		ask.counter = more->counter;
	if (more->digits != 0)
		ask.digits = more->digits;
	return ask;
}

/* In a record of nobody, and in one that is there. */
static void
refused(struct world *w)
{
	const unsigned int writes = w->writes;
	const unsigned int delivered = w->runner.delivered;
	const unsigned int asked = w->runner.asked;
	const unsigned int pending = w->events[MFA_EVENT_FACTOR_PENDING];
	struct mfa_enrolled e;
	unsigned int n = 0;

	for (size_t kind = 0; kind < KINDS; kind++) {
		for (size_t word = 0; word < WORDS; word++) {
			if (words[word].taken[kind])
				continue;
			memset(&e, 0xa5, sizeof(e));
			if (begin(w, with(kind, word), &e) != MFA_ERR_INVALID)
				fail_msg("%s with %s", plain[kind].provider,
				    words[word].name);
			assert_true(unit_all(&e, sizeof(e), 0xa5));
			n++;
		}
	}
	assert_int_equal(n, 13);
	assert_int_equal(w->writes, writes);
	assert_int_equal(w->runner.delivered, delivered);
	assert_int_equal(w->runner.asked, asked);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_PENDING], pending);
}

static void
test_R3_what_does_not_belong_is_refused(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;

	refused(w);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_NOT_FOUND);
	world_enroll(w, "phone", SECRET_B, &(struct mfa_confirmed){ 0 });
	refused(w);
}

/* Refused for that word alone: each kind is there without it. */
static void
test_what_belongs_is_taken(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		for (size_t word = 0; word < WORDS; word++) {
			struct mfa_enrolled e;
			void *w;

			if (!words[word].taken[kind])
				continue;
			assert_int_equal(all_on(&w), 0);
			if (begin(w, with(kind, word), &e) != MFA_OK)
				fail_msg("%s with %s", plain[kind].provider,
				    words[word].name);
			assert_int_equal(world_free(&w), 0);
		}
	}
}

/* A name that is left out means totp. */
static void
test_R3_of_the_default_provider_too(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e;

	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "",
	    .address = ADDRESS }, &e), MFA_ERR_INVALID);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "",
	    .counter = 1 }, &e), MFA_ERR_INVALID);
	assert_int_equal(w->writes, 0);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "",
	    .period = 60 }, &e), MFA_OK);
}

/* ---- digits of a code that is sent ---- */

static void
test_R12_digits_of_codes_that_are_sent(void **state)
{
	static const uint32_t bad[] = { 1, 5, 9, 10, UINT32_MAX };
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_enrolled e;
	char address[] = "a@example.org";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(begin(w, (struct mfa_enroll_ask){
		    .provider = "otp", .address = address,
		    .digits = bad[i] }, &e), MFA_ERR_INVALID);
	assert_int_equal(w->writes, 0);
	assert_int_equal(w->runner.delivered, 0);
	w->config.otp_digits = 7;
	for (uint32_t i = 0; i < 4; i++) {
		/* None: as the configuration has it. */
		const uint32_t digits = i == 0 ? 0 : i + 5;

		address[0] = (char)('a' + i);
		assert_int_equal(begin(w, (struct mfa_enroll_ask){
		    .provider = "otp", .address = address,
		    .digits = digits }, &e), MFA_OK);
		assert_int_equal(strlen(w->runner.last.code),
		    digits == 0 ? 7 : digits);
		world_record(w, &r);
		assert_int_equal(r.factors[i].digits,
		    digits == 0 ? 7 : digits);
		world_pass(w, 60);
	}
}

/* ---- what a disabled factor leaves ---- */

static void
disable(struct world *w, const char *factor)
{
	bool last;

	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, factor, &last), MFA_OK);
	assert_false(last);
}

/* Addresses and what programs keep are no secrets of ours. */
static void
test_R6_bytes_of_a_disabled_factor(void **state)
{
	const struct mfa_enroll_ask key = { .provider = "yubico",
		.import = "id=cccc" };
	struct world *w = *state;
	struct mfa_enrolled e;

	world_enroll(w, "keep", SECRET_C, &(struct mfa_confirmed){ 0 });
	w->runner.keeps = "c0ffee";
	world_enroll_outside(w, "key", "yubico", "first-answer");
	/* While it is there it is there once. */
	assert_int_equal(begin(w, key, &e), MFA_ERR_EXISTS);
	disable(w, "key");
	assert_int_equal(begin(w, key, &e), MFA_OK);
	/* That one waits: once, again. */
	assert_int_equal(begin(w, key, &e), MFA_ERR_EXISTS);
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 60);
	assert_int_equal(begin(w, plain[2], &e), MFA_ERR_EXISTS);
	disable(w, "mail");
	assert_int_equal(begin(w, plain[2], &e), MFA_OK);
}

/* Keys of ours never: their codes were used (R6). */
static void
test_R6_keys_of_a_disabled_factor(void **state)
{
	static const char *const kinds[] = { "totp", "hotp" };
	struct world *w = *state;
	struct mfa_enrolled e;

	world_enroll(w, "keep", SECRET_C, &(struct mfa_confirmed){ 0 });
	world_enroll(w, "phone", SECRET_A, &(struct mfa_confirmed){ 0 });
	world_enroll_hotp(w, "token", SECRET_B);
	disable(w, "phone");
	disable(w, "token");
	for (int i = 0; i < 4; i++)
		assert_int_equal(begin(w, (struct mfa_enroll_ask){
		    .provider = kinds[i % 2],
		    .import = i < 2 ? SECRET_A : SECRET_B }, &e),
		    MFA_ERR_EXISTS);
	/* Nor do a program's bytes bring one back. */
	w->runner.keeps = "3132333435363738393031323334353637383930";
	assert_int_equal(begin(w, plain[3], &e), MFA_ERR_EXISTS);
}

#define ALL_ON(f) cmocka_unit_test_setup_teardown(f, all_on, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ALL_ON(test_R3_what_does_not_belong_is_refused),
		cmocka_unit_test(test_what_belongs_is_taken),
		ALL_ON(test_R3_of_the_default_provider_too),
		ALL_ON(test_R12_digits_of_codes_that_are_sent),
		ALL_ON(test_R6_bytes_of_a_disabled_factor),
		ALL_ON(test_R6_keys_of_a_disabled_factor),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
