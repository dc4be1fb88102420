/* SPDX-License-Identifier: MIT */
/* R6, R8, R15: the HOTP provider.  Pure: factor in, effect out. */
#include "tests/unit/factor.h"

#include <openssl/crypto.h>

#include <stdlib.h>

#define NOW   1800000015ULL
#define AHEAD 10
#define SYNC  1000
#define MAX   (1ULL << 53)

/* Counts OpenSSL's allocations: they show how many codes were computed. */
static unsigned long allocations;

static void *
counted_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	allocations++;
	return malloc(size);
}

static void *
plain_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(p, size);
}

static void
plain_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* RFC 4226 appendix D. */
static const char *const rfc[] = { "755224", "287082", "359152", "969429",
	"338314", "254676", "287922", "162583", "399871", "520489" };

static mfa_record_Record record;
static mfa_record_Factor factor;

static int
fresh(void **state)
{
	(void)state;
	memset(&record, 0, sizeof(record));
	factor = factor_of(mfa_record_Provider_PROVIDER_HOTP);
	factor.period = 0;
	return 0;
}

static struct mfa_effect
check_typed(const struct mfa_typed *typed)
{
	const struct mfa_check what = { .typed = typed, .look_ahead = AHEAD };
	struct mfa_effect effect = { .kind = MFA_EFFECT_USE };

	assert_int_equal(mfa_provider_hotp.ready(&record, &factor, &what),
	    MFA_OK);
	assert_int_equal(mfa_provider_hotp.check(&record, &factor, &what,
	    &effect), MFA_OK);
	return effect;
}

static struct mfa_effect
check(uint64_t counter)
{
	const struct mfa_typed typed = factor_code(&factor, counter);

	return check_typed(&typed);
}

static enum mfa_err
apply(enum mfa_effect_kind kind, uint64_t counter)
{
	const struct mfa_effect e = { .kind = kind, .step = counter };

	return mfa_provider_hotp.apply(&record, &factor, &e, NOW);
}

/* The codes of the RFC in turn, each once. */
static void
test_R6_rfc_4226_appendix_d(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		const struct mfa_typed typed = factor_typed(rfc[i]);
		struct mfa_effect e = check_typed(&typed);

		assert_int_equal(e.kind, MFA_EFFECT_USE);
		assert_true(e.step == i);
		assert_int_equal(apply(e.kind, e.step), MFA_OK);
		assert_true(factor.counter == i + 1);
		assert_true(factor.last_used == NOW);
		assert_int_equal(check_typed(&typed).kind, MFA_EFFECT_REPLAY);
		assert_int_equal(apply(e.kind, e.step), MFA_ERR_REPLAYED);
		assert_true(factor.counter == i + 1);
	}
}

static void
test_R6_the_window_ahead(void **state)
{
	(void)state;
	factor.counter = 100;
	for (uint64_t c = 90; c < 120; c++) {
		struct mfa_effect e = check(c);
		enum mfa_effect_kind expected = MFA_EFFECT_NONE;

		if (c == 99)
			expected = MFA_EFFECT_REPLAY;
		else if (c >= 100 && c <= 100 + AHEAD)
			expected = MFA_EFFECT_USE;
		assert_int_equal(e.kind, expected);
		if (expected != MFA_EFFECT_NONE)
			assert_true(e.step == c);
	}
}

static void
test_R6_presses_that_were_lost_are_skipped_for_good(void **state)
{
	(void)state;
	assert_int_equal(apply(MFA_EFFECT_USE, AHEAD), MFA_OK);
	assert_true(factor.counter == AHEAD + 1);
	for (uint64_t c = 0; c < AHEAD; c++)
		assert_int_equal(check(c).kind, MFA_EFFECT_NONE);
	assert_int_equal(check(AHEAD).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(check(AHEAD + 1).kind, MFA_EFFECT_USE);
}

static void
test_R6_the_counter_never_goes_back(void **state)
{
	mfa_record_Factor before;

	(void)state;
	factor.counter = 100;
	factor.replay_step = 5;
	factor.replay_refunds = 2;
	before = factor;
	for (uint64_t c = 0; c < 100; c++)
		assert_int_equal(apply(MFA_EFFECT_USE, c), MFA_ERR_REPLAYED);
	assert_int_equal(apply(MFA_EFFECT_REPLAY, 100), MFA_ERR_REPLAYED);
	assert_int_equal(apply(MFA_EFFECT_NONE, 100), MFA_ERR_REPLAYED);
	assert_int_equal(apply(MFA_EFFECT_USE, MAX), MFA_ERR_REPLAYED);
	assert_int_equal(apply(MFA_EFFECT_USE, UINT64_MAX), MFA_ERR_REPLAYED);
	assert_memory_equal(&factor, &before, sizeof(factor));
	assert_int_equal(apply(MFA_EFFECT_USE, 100), MFA_OK);
	assert_true(factor.replay_step == 0);
	assert_int_equal(factor.replay_refunds, 0);
}

/* In google-authenticator they do, and lock the owner out for good. */
static void
test_R6_a_thousand_wrong_codes_do_not_move_it(void **state)
{
	mfa_record_Factor before;
	unsigned int wrong = 0;

	(void)state;
	factor.counter = 5;
	before = factor;
	for (unsigned int i = 0; i < 1000; i++) {
		const struct mfa_typed typed = factor_code(&factor, 50 + i);
		struct mfa_effect e = check_typed(&typed);

		if (e.kind != MFA_EFFECT_NONE)
			continue;
		wrong++;
		assert_int_equal(apply(e.kind, e.step), MFA_ERR_REPLAYED);
	}
	assert_in_range(wrong, 990, 1000);
	assert_memory_equal(&factor, &before, sizeof(factor));
	assert_int_equal(check(5).kind, MFA_EFFECT_USE);
}

static void
test_R6_the_end_of_all_counters(void **state)
{
	int32_t moved;

	(void)state;
	factor.counter = MAX - 1;
	assert_int_equal(check(MAX - 2).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(check(MAX - 1).kind, MFA_EFFECT_USE);
	assert_int_equal(check(MAX).kind, MFA_EFFECT_NONE);
	assert_int_equal(mfa_provider_hotp.move(&factor, MAX, NOW, &moved),
	    MFA_ERR_REPLAYED);
	assert_int_equal(apply(MFA_EFFECT_USE, MAX - 1), MFA_OK);
	assert_true(factor.counter == MAX);
	assert_int_equal(check(MAX - 1).kind, MFA_EFFECT_REPLAY);
	for (uint64_t c = MAX; c < MAX + 20; c++)
		assert_int_equal(check(c).kind, MFA_EFFECT_NONE);
	/* No record says so; one that did would match nothing. */
	factor.counter = UINT64_MAX;
	assert_int_equal(check(UINT64_MAX - 1).kind, MFA_EFFECT_NONE);
	assert_int_equal(check(0).kind, MFA_EFFECT_NONE);
}

static unsigned long
cost(const struct mfa_typed *typed)
{
	unsigned long before = allocations;

	(void)check_typed(typed);
	return allocations - before;
}

static void
test_R15_all_candidates_are_computed(void **state)
{
	const struct mfa_typed wrong = factor_typed("000000");
	unsigned long all;

	(void)state;
	factor.counter = 100;
	all = cost(&wrong);
	assert_true(all >= AHEAD + 2 && all % (AHEAD + 2) == 0);
	for (uint64_t c = 98; c <= 100 + AHEAD + 1; c++) {
		const struct mfa_typed typed = factor_code(&factor, c);

		assert_int_equal(cost(&typed), all);
	}
}

static void
test_R8_other_forms_are_not_its_own(void **state)
{
	static const char *const others[] = { "12345", "1234567", "12345678",
		"", "send", "hunter2", "0123-4567-89AB-CDEF-GHJK-MNPQ" };
	struct mfa_typed typed;
	const struct mfa_check what = { .typed = &typed, .look_ahead = AHEAD };
	struct mfa_effect e;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		typed = factor_typed(others[i]);
		assert_int_equal(mfa_provider_hotp.ready(&record, &factor,
		    &what), MFA_ERR_SYNTAX);
		e.kind = MFA_EFFECT_USE;
		assert_int_equal(mfa_provider_hotp.check(&record, &factor,
		    &what, &e), MFA_ERR_INVALID);
		assert_int_equal(e.kind, MFA_EFFECT_NONE);
	}
	/* A clock has no say. */
	typed = factor_typed(rfc[0]);
	assert_int_equal(mfa_provider_hotp.ready(&record, &factor, &what),
	    MFA_OK);
	assert_int_equal(mfa_provider_hotp.check(&record, NULL, &what, &e),
	    MFA_ERR_INVALID);
	factor.provider = mfa_record_Provider_PROVIDER_TOTP;
	assert_int_equal(mfa_provider_hotp.ready(&record, &factor, &what),
	    MFA_ERR_SYNTAX);
	assert_int_equal(mfa_provider_hotp.check(&record, &factor, &what, &e),
	    MFA_ERR_INVALID);
}

/* ---- two codes in a row ---- */

static enum mfa_err
find(uint64_t first, uint64_t second, uint64_t *place)
{
	const struct mfa_typed a = factor_code(&factor, first);
	const struct mfa_typed b = factor_code(&factor, second);

	return mfa_provider_hotp.find(&factor, &a, &b, NOW, place);
}

static void
test_sync_looks_forward_only(void **state)
{
	static const struct {
		uint64_t first, second;
		bool found;
	} cases[] = {
		{ 500, 501, true }, { 501, 502, true }, { 777, 778, true },
		{ 500 + SYNC - 1, 500 + SYNC, true },
		{ 500 + SYNC, 500 + SYNC + 1, false },
		{ 499, 500, false }, { 498, 499, false }, { 0, 1, false },
		{ 600, 600, false }, { 601, 600, false }, { 600, 602, false },
	};
	uint64_t place;

	(void)state;
	factor.counter = 500;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		place = 4711;
		assert_int_equal(find(cases[i].first, cases[i].second, &place),
		    cases[i].found ? MFA_OK : MFA_ERR_WRONG);
		assert_true(place ==
		    (cases[i].found ? cases[i].second : 4711));
	}
}

static void
test_move_goes_behind_the_second_code(void **state)
{
	int32_t moved = 4711;

	(void)state;
	factor.counter = 500;
	factor.replay_refunds = 3;
	assert_int_equal(mfa_provider_hotp.move(&factor, 778, NOW, &moved),
	    MFA_OK);
	assert_int_equal(moved, 277); /* 777 came where 500 was expected */
	assert_true(factor.counter == 779);
	assert_true(factor.last_used == NOW);
	assert_int_equal(factor.replay_refunds, 0);
	assert_int_equal(check(778).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(check(779).kind, MFA_EFFECT_USE);
	/* As expected: not ahead. */
	assert_int_equal(mfa_provider_hotp.move(&factor, 780, NOW, &moved),
	    MFA_OK);
	assert_int_equal(moved, 0);
}

/* As far as there are counters, and as far as the way there is a number. */
static void
test_R6_move_to_the_last_of_all(void **state)
{
	int32_t moved = 4711;

	(void)state;
	factor.counter = MAX - 2;
	assert_int_equal(mfa_provider_hotp.move(&factor, MAX - 1, NOW, &moved),
	    MFA_OK);
	assert_int_equal(moved, 0);
	assert_true(factor.counter == MAX);
	factor.counter = 500;
	assert_int_equal(mfa_provider_hotp.move(&factor,
	    501 + (uint64_t)INT32_MAX, NOW, &moved), MFA_OK);
	assert_int_equal(moved, INT32_MAX);
	assert_true(factor.counter == 502 + (uint64_t)INT32_MAX);
}

static void
test_R6_move_takes_no_used_code(void **state)
{
	static const uint64_t places[] = { 0, 1, 499, 500, MAX, UINT64_MAX,
		500 + 2 + (1ULL << 31) };
	mfa_record_Factor before;
	int32_t moved = 4711;

	(void)state;
	factor.counter = 500;
	before = factor;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		assert_int_equal(mfa_provider_hotp.move(&factor, places[i],
		    NOW, &moved), MFA_ERR_REPLAYED);
	assert_int_equal(moved, 4711);
	assert_memory_equal(&factor, &before, sizeof(factor));
}

static int
setup(void **state)
{
	(void)state;
	return mfa_crypt_init() == MFA_OK && mfa_crypt_warm() == MFA_OK ? 0 :
									  -1;
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R6_rfc_4226_appendix_d),
		FRESH(test_R6_the_window_ahead),
		FRESH(test_R6_presses_that_were_lost_are_skipped_for_good),
		FRESH(test_R6_the_counter_never_goes_back),
		FRESH(test_R6_a_thousand_wrong_codes_do_not_move_it),
		FRESH(test_R6_the_end_of_all_counters),
		FRESH(test_R15_all_candidates_are_computed),
		FRESH(test_R8_other_forms_are_not_its_own),
		FRESH(test_sync_looks_forward_only),
		FRESH(test_move_goes_behind_the_second_code),
		FRESH(test_R6_move_to_the_last_of_all),
		FRESH(test_R6_move_takes_no_used_code),
	};

	if (CRYPTO_set_mem_functions(counted_malloc, plain_realloc,
	    plain_free) != 1)
		return 99;
	return cmocka_run_group_tests(tests, setup, NULL);
}
