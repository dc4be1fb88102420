/* SPDX-License-Identifier: MIT */
/* R6, R13, R15: the recovery codes of a record. */
#include "tests/unit/unit.h"

#include "verifier/crypt/crypt.h"
#include "verifier/provider/recovery.h"

#define NOW 1800000015ULL

static mfa_record_Record record;
static struct mfa_recovery_text text;
static uint8_t counter;

/* Different every time, the same in every run. */
static void
counting(const struct mfa_env *env, void *out, size_t len)
{
	(void)env;
	counter++;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)out)[i] = (uint8_t)(counter * 31 + i * 7);
}
static const struct mfa_env env = { .random = counting };

static int
fresh(void **state)
{
	(void)state;
	memset(&record, 0, sizeof(record));
	memset(&text, 0, sizeof(text));
	counter = 0;
	return mfa_provider_recovery_new(&env, 10, NOW, &record.recovery,
	    &text) == MFA_OK ? 0 : -1;
}

static struct mfa_effect
check(const char *typed_text)
{
	struct mfa_effect e = { .kind = MFA_EFFECT_USE };
	struct mfa_typed typed;
	const struct mfa_check what = { .typed = &typed, .wall = NOW };

	mfa_typed_parse((const uint8_t *)typed_text, strlen(typed_text),
	    &typed);
	assert_int_equal(typed.form, MFA_TYPED_RECOVERY_CODE);
	assert_int_equal(mfa_provider_recovery_code.check(&record, NULL, &what,
	    &e), MFA_OK);
	return e;
}

static enum mfa_err
apply(const struct mfa_effect *e)
{
	return mfa_provider_recovery_code.apply(&record, NULL, e, NOW);
}

static void
test_R13_form(void **state)
{
	(void)state;
	assert_int_equal(text.count, 10);
	for (int i = 0; i < 10; i++) {
		const char *code = text.code[i];

		assert_int_equal(strlen(code), 29);
		for (size_t k = 0; k < 29; k++) {
			if (k % 5 == 4)
				assert_int_equal(code[k], '-');
			else
				assert_non_null(strchr(
				    "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
				    code[k]));
		}
		for (int j = 0; j < i; j++)
			assert_string_not_equal(code, text.code[j]);
	}
}

/* security.md 4.2: keyed BLAKE2b, the key a salt of the set. */
static void
test_R13_stored_hashed_only(void **state)
{
	uint8_t hash[MFA_CRYPT_HASH];
	char plain[25];
	const struct mfa_crypt_part parts[] = {
		{ "medusa-mfa/recovery/v1", 22 }, { plain, 24 } };
	size_t n = 0;

	(void)state;
	for (const char *p = text.code[3]; *p != '\0'; p++) {
		if (*p != '-')
			plain[n++] = *p;
	}
	plain[n] = '\0';
	assert_int_equal(n, 24);
	assert_int_equal(mfa_crypt_hash(record.recovery.salt, parts, 2, hash,
	    sizeof(hash)), MFA_OK);
	assert_memory_equal(record.recovery.codes[3].hash, hash, 32);
	assert_null(memmem(&record, sizeof(record), plain, 24));
	assert_null(memmem(&record, sizeof(record), text.code[3], 29));
}

static void
test_R13_each_code_is_found(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		struct mfa_effect e = check(text.code[i]);

		assert_int_equal(e.kind, MFA_EFFECT_USE);
		assert_int_equal(e.index, i);
		assert_int_equal(e.generation, 1);
	}
	assert_int_equal(check("AAAA-AAAA-AAAA-AAAA-AAAA-AAAA").kind,
	    MFA_EFFECT_NONE);
}

/* Case, spaces, hyphens; O for 0, I and L for 1. */
static void
test_R13_typed_as_people_type(void **state)
{
	char typed[80], *to;

	(void)state;
	for (int i = 0; i < 10; i++) {
		for (int style = 0; style < 4; style++) {
			to = typed;
			for (const char *p = text.code[i]; *p != '\0'; p++) {
				char c = *p;

				if (c == '-' && style == 0)
					continue;
				if (c == '-')
					c = style == 1 ? ' ' : '-';
				if (style > 0 && c >= 'A' && c <= 'Z')
					c = (char)(c - 'A' + 'a');
				if (c == '0')
					c = style == 2 ? 'o' : 'O';
				if (c == '1')
					c = "IilL"[style];
				*to++ = c;
				if (style == 3)
					*to++ = ' ';
			}
			*to = '\0';
			assert_int_equal(check(typed).index, i);
			assert_int_equal(check(typed).kind, MFA_EFFECT_USE);
		}
	}
}

static void
test_R13_one_wrong_character_is_wrong(void **state)
{
	char typed[30];

	(void)state;
	for (size_t k = 0; k < 29; k++) {
		memcpy(typed, text.code[5], sizeof(typed));
		if (typed[k] == '-')
			continue;
		typed[k] = typed[k] == '7' ? '8' : '7';
		assert_int_equal(check(typed).kind, MFA_EFFECT_NONE);
	}
}

static void
test_R6_used_is_used(void **state)
{
	struct mfa_effect e = check(text.code[4]);
	mfa_record_Record before;

	(void)state;
	assert_int_equal(mfa_provider_recovery_left(&record.recovery), 10);
	assert_int_equal(apply(&e), MFA_OK);
	assert_int_equal(record.recovery.codes[4].used_at, NOW);
	assert_int_equal(mfa_provider_recovery_left(&record.recovery), 9);
	before = record;
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	assert_int_equal(check(text.code[4]).kind, MFA_EFFECT_REPLAY);
	e.kind = MFA_EFFECT_REPLAY;
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	e.kind = MFA_EFFECT_NONE;
	e.index = 5;
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	e.kind = MFA_EFFECT_USE;
	e.index = 10;
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	e.index = UINT32_MAX;
	assert_int_equal(apply(&e), MFA_ERR_REPLAYED);
	assert_memory_equal(&record, &before, sizeof(record));
	assert_int_equal(check(text.code[5]).kind, MFA_EFFECT_USE);
}

/* 0 means unused: a host whose clock says 1970 uses them up all the same. */
static void
test_R6_used_at_time_zero_is_used(void **state)
{
	const struct mfa_effect e = check(text.code[0]);

	(void)state;
	assert_int_equal(mfa_provider_recovery_code.apply(&record, NULL, &e,
	    0), MFA_OK);
	assert_int_equal(record.recovery.codes[0].used_at, 1);
	assert_int_equal(check(text.code[0]).kind, MFA_EFFECT_REPLAY);
	assert_int_equal(mfa_provider_recovery_left(&record.recovery), 9);
}

static void
test_R13_a_new_set_voids_the_old_one(void **state)
{
	const struct mfa_effect old = check(text.code[2]);
	struct mfa_recovery_text again;
	uint8_t salt[32];

	(void)state;
	memcpy(salt, record.recovery.salt, sizeof(salt));
	assert_int_equal(mfa_provider_recovery_new(&env, 16, NOW + 5,
	    &record.recovery, &again), MFA_OK);
	assert_int_equal(again.count, 16);
	assert_int_equal(record.recovery.codes_count, 16);
	assert_int_equal(record.recovery.generation, 2);
	assert_int_equal(record.recovery.created, NOW + 5);
	assert_memory_not_equal(record.recovery.salt, salt, sizeof(salt));
	for (int i = 0; i < 10; i++)
		assert_int_equal(check(text.code[i]).kind, MFA_EFFECT_NONE);
	/* Compared before, committed after: void. */
	assert_int_equal(apply(&old), MFA_ERR_REPLAYED);
	assert_int_equal(mfa_provider_recovery_left(&record.recovery), 16);
	for (uint32_t i = 0; i < 16; i++)
		assert_int_equal(check(again.code[i]).index, i);
}

/* What was used up is the old codes, not their places. */
static void
test_R13_a_new_set_is_unused(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		const struct mfa_effect e = check(text.code[i]);

		assert_int_equal(apply(&e), MFA_OK);
	}
	assert_int_equal(mfa_provider_recovery_left(&record.recovery), 0);
	assert_int_equal(mfa_provider_recovery_new(&env, 10, NOW + 5,
	    &record.recovery, &text), MFA_OK);
	assert_int_equal(mfa_provider_recovery_left(&record.recovery), 10);
	for (int i = 0; i < 10; i++)
		assert_int_equal(check(text.code[i]).kind, MFA_EFFECT_USE);
}

static void
test_R10_the_count_ends_at_its_end(void **state)
{
	(void)state;
	record.recovery.compared = UINT32_MAX - 1;
	for (int i = 0; i < 3; i++) {
		mfa_provider_recovery_code.charge(&record, NULL);
		assert_int_equal(record.recovery.compared, UINT32_MAX);
	}
}

static void
test_R13_sizes_of_a_set(void **state)
{
	static const uint32_t bad[] = { 0, 17, UINT32_MAX };
	mfa_record_RecoverySet before = record.recovery;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mfa_provider_recovery_new(&env, bad[i], NOW,
		    &record.recovery, &text), MFA_ERR_INVALID);
		assert_memory_equal(&record.recovery, &before,
		    sizeof(before));
	}
	assert_int_equal(mfa_provider_recovery_new(&env, 1, NOW,
	    &record.recovery, &text), MFA_OK);
	assert_int_equal(mfa_provider_recovery_left(&record.recovery), 1);
	/* Used codes of a larger set are not left behind in a smaller one. */
	assert_int_equal(check(text.code[0]).kind, MFA_EFFECT_USE);
}

/* R8: what is compared, and with what.  No clock has a say (R10). */
static void
test_R8_ready_for_recovery_codes_only(void **state)
{
	static const char *const others[] = { "492039", "12345678", "send",
		"hunter2", "", "0123-4567-89AB-CDEF-GHJK-MNP" };
	mfa_record_Factor factor = mfa_record_Factor_init_zero;
	struct mfa_typed typed;
	const struct mfa_check what = { .typed = &typed };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		mfa_typed_parse((const uint8_t *)others[i], strlen(others[i]),
		    &typed);
		assert_int_equal(mfa_provider_recovery_code.ready(&record,
		    NULL, &what), MFA_ERR_SYNTAX);
	}
	mfa_typed_parse((const uint8_t *)text.code[0], 29, &typed);
	assert_int_equal(mfa_provider_recovery_code.ready(&record, NULL,
	    &what), MFA_OK);
	assert_int_equal(mfa_provider_recovery_code.ready(&record, &factor,
	    &what), MFA_ERR_SYNTAX);
	record.recovery.codes_count = 0;
	assert_int_equal(mfa_provider_recovery_code.ready(&record, NULL,
	    &what), MFA_ERR_NOT_FOUND);
}

static void
test_no_set_no_match(void **state)
{
	const mfa_record_RecoverySet none = mfa_record_RecoverySet_init_zero;

	(void)state;
	record.recovery = none;
	assert_int_equal(check(text.code[0]).kind, MFA_EFFECT_NONE);
	assert_int_equal(mfa_provider_recovery_left(&none), 0);
}

static void
test_what_is_not_its_own_is_refused(void **state)
{
	mfa_record_Factor factor = mfa_record_Factor_init_zero;
	struct mfa_effect e = { .kind = MFA_EFFECT_USE };
	struct mfa_typed typed;
	const struct mfa_check what = { .typed = &typed, .wall = NOW };

	(void)state;
	mfa_typed_parse((const uint8_t *)"492039", 6, &typed);
	assert_int_equal(mfa_provider_recovery_code.check(&record, NULL, &what,
	    &e), MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
	mfa_typed_parse((const uint8_t *)text.code[0], 29, &typed);
	e.kind = MFA_EFFECT_USE;
	assert_int_equal(mfa_provider_recovery_code.check(&record, &factor,
	    &what, &e), MFA_ERR_INVALID);
	assert_int_equal(e.kind, MFA_EFFECT_NONE);
	assert_string_equal(mfa_provider_recovery_code.name, "recovery_code");
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R13_form),
		FRESH(test_R13_stored_hashed_only),
		FRESH(test_R13_each_code_is_found),
		FRESH(test_R13_typed_as_people_type),
		FRESH(test_R13_one_wrong_character_is_wrong),
		FRESH(test_R6_used_is_used),
		FRESH(test_R6_used_at_time_zero_is_used),
		FRESH(test_R13_a_new_set_voids_the_old_one),
		FRESH(test_R13_a_new_set_is_unused),
		FRESH(test_R10_the_count_ends_at_its_end),
		FRESH(test_R13_sizes_of_a_set),
		FRESH(test_R8_ready_for_recovery_codes_only),
		FRESH(test_no_set_no_match),
		FRESH(test_what_is_not_its_own_is_refused),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
