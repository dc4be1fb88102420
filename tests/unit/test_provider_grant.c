/* SPDX-License-Identifier: MIT */
/* R6, R8, R10, R21: codes that an administrator gives out. */
#include "tests/unit/factor.h"

#include "verifier/provider/grant.h"

#define NOW   1800000015ULL
#define LAPSE 5000ULL
#define TTL   600

static uint64_t seed;
static const struct mfa_env env = { .random = factor_random, .ctx = &seed };
static const struct mfa_grant_time now = { NOW, LAPSE, TTL };

/* One of the two kinds, and what it is in a record. */
static const struct kind {
	enum mfa_grant kind;
	const struct mfa_provider *provider;
	const char *use; /* security.md 4.2 */
	bool enrolled;	 /* whom it is for */
} kinds[] = {
	{ MFA_GRANT_INVITATION, &mfa_provider_invitation,
	    "medusa-mfa/invitation/v1", false },
	{ MFA_GRANT_BYPASS, &mfa_provider_bypass, "medusa-mfa/bypass/v1",
	    true },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static mfa_record_Record record;
static char text[MFA_TYPED_RECOVERY_TEXT];

static mfa_record_Grant *
grant_of(const struct kind *k)
{
	return k->kind == MFA_GRANT_BYPASS ? &record.bypass :
					     &record.invitation;
}

static bool
has(const struct kind *k)
{
	return k->kind == MFA_GRANT_BYPASS ? record.has_bypass :
					     record.has_invitation;
}

static void
give(const struct kind *k)
{
	assert_int_equal(mfa_grant_new(&env, k->kind, &now, &record, text),
	    MFA_OK);
	record.enrolled = k->enrolled;
}

static int
fresh(void **state)
{
	(void)state;
	seed = 4711;
	memset(&record, 0, sizeof(record));
	return 0;
}

static enum mfa_err
ready(const struct kind *k, const char *typed_text, uint64_t lapse,
    const mfa_record_Factor *factor)
{
	const struct mfa_typed typed = factor_typed(typed_text);
	const struct mfa_check what = { .typed = &typed, .wall = NOW,
		.lapse = lapse };

	return k->provider->ready(&record, factor, &what);
}

static enum mfa_err
check(const struct kind *k, const char *typed_text, uint64_t lapse,
    struct mfa_effect *e)
{
	const struct mfa_typed typed = factor_typed(typed_text);
	const struct mfa_check what = { .typed = &typed, .wall = NOW,
		.lapse = lapse };

	memset(e, 0xff, sizeof(*e));
	e->kind = MFA_EFFECT_USE;
	return k->provider->check(&record, NULL, &what, e);
}

/* No record of before is read otherwise, and neither code is the other. */
static void
test_R29_hashed_for_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct mfa_typed typed;
		uint8_t hash[MFA_CRYPT_HASH];

		give(&kinds[i]);
		typed = factor_typed(text);
		const struct mfa_crypt_part parts[] = {
			{ kinds[i].use, strlen(kinds[i].use) },
			{ typed.text, 24 },
		};
		assert_int_equal(typed.form, MFA_TYPED_RECOVERY_CODE);
		assert_int_equal(mfa_crypt_hash(grant_of(&kinds[i])->salt,
		    parts, 2, hash, sizeof(hash)), MFA_OK);
		assert_memory_equal(grant_of(&kinds[i])->hash, hash, 32);
	}
}

static void
test_R6_the_right_one_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		const struct kind *k = &kinds[i];
		struct mfa_effect e;

		give(k);
		assert_int_equal(ready(k, text, LAPSE, NULL), MFA_OK);
		assert_int_equal(check(k, "0123-4567-89AB-CDEF-GHJK-MNPQ",
		    LAPSE, &e), MFA_OK);
		assert_int_equal(e.kind, MFA_EFFECT_NONE);
		assert_int_equal(check(k, text, LAPSE, &e), MFA_OK);
		assert_int_equal(e.kind, MFA_EFFECT_USE);
		assert_int_equal(k->provider->apply(&record, NULL, &e, NOW),
		    MFA_OK);
		/* Nothing of it is left behind. */
		assert_false(has(k));
		assert_true(unit_all(grant_of(k), sizeof(*grant_of(k)), 0));
		assert_int_equal(k->provider->apply(&record, NULL, &e, NOW),
		    MFA_ERR_REPLAYED);
	}
	assert_int_equal(record.bypass_used, NOW);
}

/* 0 means never: the first second of all is the next to it. */
static void
test_R10_a_bypass_by_a_dead_clock_is_told_of(void **state)
{
	struct mfa_effect e;

	(void)state;
	give(&kinds[1]);
	assert_int_equal(check(&kinds[1], text, LAPSE, &e), MFA_OK);
	assert_int_equal(mfa_provider_bypass.apply(&record, NULL, &e, 0),
	    MFA_OK);
	assert_int_equal(record.bypass_used, 1);
}

/* Neither one whose time is over, nor any other text, is compared. */
static void
test_R8_what_cannot_be_one_is_not_compared(void **state)
{
	static const char *const others[] = { "492039", "12345678", "hunter2",
		"send", "", "0123-4567-89AB-CDEF-GHJK-MNP" };
	mfa_record_Factor factor = mfa_record_Factor_init_zero;
	struct mfa_effect e;

	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		const struct kind *k = &kinds[i];

		give(k);
		for (size_t n = 0; n < sizeof(others) / sizeof(others[0]);
		     n++) {
			assert_int_equal(ready(k, others[n], LAPSE, NULL),
			    MFA_ERR_SYNTAX);
			assert_int_equal(check(k, others[n], LAPSE, &e),
			    MFA_ERR_INVALID);
			assert_int_equal(e.kind, MFA_EFFECT_NONE);
		}
		assert_int_equal(ready(k, text, LAPSE, &factor),
		    MFA_ERR_SYNTAX);
		assert_int_equal(ready(k, text, LAPSE + TTL - 1, NULL),
		    MFA_OK);
		assert_int_equal(ready(k, text, LAPSE + TTL, NULL),
		    MFA_ERR_NOT_FOUND);
		assert_int_equal(check(k, text, LAPSE + TTL, &e),
		    MFA_ERR_INVALID);
		assert_int_equal(e.kind, MFA_EFFECT_NONE);
		mfa_grant_drop(k->kind, &record);
		assert_int_equal(check(k, text, LAPSE, &e), MFA_ERR_INVALID);
	}
}

/* A new one has nothing of the one before but its place. */
static void
test_R10_a_new_one_begins_anew(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		const struct kind *k = &kinds[i];
		mfa_record_Grant old;

		give(k);
		k->provider->charge(&record, NULL);
		k->provider->charge(&record, NULL);
		old = *grant_of(k);
		assert_int_equal(old.compared, 2);
		assert_int_equal(old.created, NOW);
		assert_int_equal(old.until, LAPSE + TTL);
		memcpy(record.bypass_reason, "of the old one", 15);
		give(k);
		assert_int_equal(grant_of(k)->compared, 0);
		/* Each has a salt of its own. */
		assert_memory_not_equal(grant_of(k)->salt, old.salt, 32);
		assert_memory_not_equal(grant_of(k)->hash, old.hash, 32);
	}
	assert_string_equal(record.bypass_reason, "");
}

/* R10: each comparison is counted; the count never begins again. */
static void
test_R10_the_count_ends_at_its_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		give(&kinds[i]);
		grant_of(&kinds[i])->compared = UINT32_MAX - 1;
		for (int n = 0; n < 3; n++) {
			kinds[i].provider->charge(&record, NULL);
			assert_int_equal(grant_of(&kinds[i])->compared,
			    UINT32_MAX);
		}
	}
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R29_hashed_for_what_it_is),
		FRESH(test_R6_the_right_one_once),
		FRESH(test_R10_a_bypass_by_a_dead_clock_is_told_of),
		FRESH(test_R8_what_cannot_be_one_is_not_compared),
		FRESH(test_R10_a_new_one_begins_anew),
		FRESH(test_R10_the_count_ends_at_its_end),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
