/* SPDX-License-Identifier: MIT */
/*
 * R7, R10: while OpenSSL does not load no code of an app can be compared, so
 * none is charged; what needs none of it goes on.  Links with --wrap, see
 * tests/unit.am.
 */
#include "tests/unit/world.h"

static bool is_gone;

void *__real_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags);

void *
__wrap_dlopen(const char *name, int flags)
{
	return is_gone ? NULL : __real_dlopen(name, flags);
}

static void
import(struct world *w, const char *provider, const char *secret)
{
	const struct mfa_enroll_ask ask = { .label = provider,
		.provider = provider, .algorithm = "", .import = secret,
		.address = "", .enabled = true };
	struct mfa_enrolled out;

	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &out), MFA_OK);
}

static enum mfa_err
try(struct world *w, const char *text)
{
	const struct mfa_typed typed = world_typed(text);
	const struct mfa_attempt attempt = { .caller = &w->caller,
		.typed = &typed };
	struct mfa_attempt_result result;

	return mfa_attempt_make(&w->engine, &w->subject, &attempt, &result);
}

static enum mfa_err
sync(struct world *w, const char *factor)
{
	const struct mfa_typed first = world_typed("111111");
	const struct mfa_typed second = world_typed("222222");
	const struct mfa_sync_ask ask = { factor, &first, &second };
	int32_t drift;

	return mfa_enroll_sync(&w->engine, &w->caller, &w->subject, &ask,
	    &drift);
}

/* A kind alone is tried, with ten times nothing charged. */
static void
is_not_charged(struct world *w, const char *provider)
{
	unsigned int writes;

	is_gone = true;
	w->config.realm[0].provides |= MFA_PROVIDES_HOTP;
	import(w, provider, SECRET_A);
	writes = w->writes;
	for (int i = 0; i < 10; i++)
		assert_int_equal(try(w, "123456"), MFA_ERR_CRYPTO);
	assert_int_equal(w->writes, writes);
}

static void
test_R7_of_an_app(void **state)
{
	is_not_charged(*state, "totp");
}

static void
test_R7_of_a_token(void **state)
{
	is_not_charged(*state, "hotp");
}

/* Nothing of OpenSSL is in these. */
static void
test_R12_a_code_that_is_sent_goes_on(void **state)
{
	struct world *w = *state;

	is_gone = true;
	world_enroll_otp(w, "mail", "alice@example.org");
	world_pass(w, 60);
	assert_int_equal(world_send(w, ""), MFA_OK);
	assert_int_equal(world_try(w, w->runner.last.code), MFA_REASON_OK);
}

/* The last test: what was loaded once stays. */
static void
test_R7_what_cannot_be_compared_is_not_charged(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_recovery_text codes;
	unsigned int writes;
	char code[9];

	is_gone = true;
	w->config.realm[0].provides |= MFA_PROVIDES_HOTP;
	import(w, "totp", SECRET_A);
	import(w, "hotp", SECRET_B);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &codes), MFA_OK);
	writes = w->writes;
	for (unsigned int i = 0; i < 2 * w->config.burst; i++)
		assert_int_equal(try(w, "123456"), MFA_ERR_CRYPTO);
	assert_int_equal(sync(w, "totp"), MFA_ERR_CRYPTO);
	assert_int_equal(sync(w, "hotp"), MFA_ERR_CRYPTO);
	assert_int_equal(w->writes, writes);
	assert_int_equal(try(w, codes.code[0]), MFA_OK);
	is_gone = false;
	world_record(w, &r);
	assert_int_equal(r.factors[0].root.consecutive, 0);
	assert_int_equal(r.factors[1].root.consecutive, 0);
	assert_int_equal(r.hours.count[0], 0);
	world_pass(w, 60);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_counter(SECRET_B, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
}

#define IN_MEMORY(f) \
	cmocka_unit_test_setup_teardown(f, world_new_memory, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MEMORY(test_R7_of_an_app),
		IN_MEMORY(test_R7_of_a_token),
		IN_MEMORY(test_R12_a_code_that_is_sent_goes_on),
		IN_MEMORY(test_R7_what_cannot_be_compared_is_not_charged),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
