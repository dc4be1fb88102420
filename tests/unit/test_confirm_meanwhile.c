/* SPDX-License-Identifier: MIT */
/*
 * R2, R6, R8, R21, R26: a first code, and the two codes of sync, while somebody
 * else changes the record; and what is refused before anything is compared.
 */
#include "tests/unit/confirming.h"

/* Another process, that writes between our charge and our commit. */
static struct mfa_engine other;
static struct mfa_confirmed theirs;
static enum mfa_err their_err;

static void
before_the_commit(struct world *w, void (*deed)(void *))
{
	w->mishap.writes_before = 1;
	w->mishap.conflicts = 1;
	w->mishap.meanwhile = deed;
	w->mishap.ctx = w;
}

static void
confirm_tablet(void *ctx)
{
	struct world *w = ctx;
	const struct mfa_caller root = { .path = MFA_PATH_ROOT,
		.right = MFA_RIGHT_MANAGE, .service = "test", .rhost = "",
		.tty = "" };
	struct mfa_typed typed;
	char code[9];

	world_code(w, SECRET_B, 0, code);
	typed = world_typed(code);
	world_twin(w, &other);
	their_err = mfa_enroll_confirm(&other, &root, &w->subject, "tablet",
	    &typed, &theirs);
	world_twin_free(&other);
}

static void
disable_phone(void *ctx)
{
	struct world *w = ctx;
	bool last;

	world_twin(w, &other);
	their_err = mfa_enroll_disable(&other, &w->caller, &w->subject,
	    "phone", &last);
	world_twin_free(&other);
}

/* The same label, but another factor. */
static void
replace_phone(void *ctx)
{
	struct world *w = ctx;
	const struct mfa_engine ours = w->engine;

	disable_phone(w);
	world_twin(w, &other);
	w->engine = other;
	world_enroll(w, "phone", SECRET_B, &theirs);
	w->engine = ours;
	world_twin_free(&other);
}

/* Two pending factors, and the code of the first. */
static int
two_pending(void **state)
{
	struct world *w;
	char id[17];

	if (world_new_memory(state) != 0)
		return -1;
	w = *state;
	their_err = MFA_ERR_INVALID;
	if (world_pending(w, "phone", SECRET_A, id) != MFA_OK ||
	    world_pending(w, "tablet", SECRET_B, id) != MFA_OK)
		return -1;
	memset(w->events, 0, sizeof(w->events));
	w->writes = 0;
	return 0;
}

static int
enrolled(void **state)
{
	struct world *w;

	if (world_new_memory(state) != 0)
		return -1;
	w = *state;
	their_err = MFA_ERR_INVALID;
	world_enroll(w, "phone", SECRET_A, &theirs);
	world_pass(w, 60);
	memset(w->events, 0, sizeof(w->events));
	w->writes = 0;
	return 0;
}

static void
as_owner(struct world *w)
{
	w->caller.right = MFA_RIGHT_OWNER;
	w->caller.path = MFA_PATH_OTHER;
	w->caller.uid = 4711;
}

static unsigned int
told(const struct world *w)
{
	unsigned int n = 0;

	for (int i = 0; i < MFA_EVENT_END; i++)
		n += w->events[i];
	return n;
}

/* Codes of a set that was not written in the end are nobody's. */
static void
test_R13_the_second_of_two_first_factors_has_no_codes(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_confirmed out;
	char code[9];

	world_code(w, SECRET_A, 0, code);
	before_the_commit(w, confirm_tablet);
	assert_int_equal(confirm(w, "phone", code, &out), MFA_OK);
	assert_int_equal(their_err, MFA_OK);
	assert_int_equal(theirs.codes.count, 10);
	assert_int_equal(out.codes.count, 0);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 2);
	assert_int_equal(w->events[MFA_EVENT_RECOVERY_GENERATED], 1);
	world_record(w, &r);
	assert_int_equal(r.recovery.generation, 1);
}

/* Its owner needs a proof by now, and is told so; it is no trouble. */
static void
test_R21_who_is_enrolled_meanwhile_must_prove(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_confirmed out;
	char code[9];

	as_owner(w);
	world_code(w, SECRET_A, 0, code);
	before_the_commit(w, confirm_tablet);
	assert_int_equal(confirm(w, "phone", code, &out), MFA_ERR_PROOF);
	assert_int_equal(their_err, MFA_OK);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 1);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 0);
	world_record(w, &r);
	assert_int_equal(r.factors[0].status,
	    mfa_record_Status_STATUS_PENDING);
}

static void
test_R26_a_confirming_that_fails_is_told(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed out;
	char code[9];

	world_code(w, SECRET_A, 0, code);
	w->mishap.writes_before = 1;
	w->mishap.write_fails = 1;
	assert_int_equal(confirm(w, "phone", code, &out), MFA_ERR_IO);
	assert_int_equal(w->events[MFA_EVENT_ERROR], 1);
	assert_int_equal(w->last.err, MFA_ERR_IO);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 0);
}

/* Whatever else holds: there is nothing to confirm, and nothing is told. */
static void
test_R8_no_comparison_without_a_pending_factor(void **state)
{
	static const char *const factors[] = { "phone", "none", "" };
	struct world *w = *state;
	struct mfa_confirmed out;
	char code[9];

	world_code(w, SECRET_A, 0, code);
	for (int i = 0; i < 6; i++) {
		if (i == 3)
			as_owner(w);
		assert_int_equal(confirm(w, factors[i % 3], code, &out),
		    MFA_ERR_NOT_FOUND);
		/* What cannot be a code is not even looked for. */
		assert_int_equal(confirm(w, factors[i % 3],
		    "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", &out), MFA_ERR_SYNTAX);
		assert_int_equal(confirm(w, factors[i % 3], "send", &out),
		    MFA_ERR_SYNTAX);
	}
	assert_int_equal(told(w), 0);
	assert_int_equal(w->writes, 0);
}

static void
test_R6_sync_of_what_is_gone_by_now(void **state)
{
	static void (*const deeds[])(void *) = { disable_phone,
		replace_phone };

	(void)state;
	for (int i = 0; i < 2; i++) {
		static mfa_record_Record r;
		int32_t drift = 4711;
		struct world *w;
		void *place;

		assert_int_equal(enrolled(&place), 0);
		w = place;
		before_the_commit(w, deeds[i]);
		assert_int_equal(sync_at(w, 5, &drift), MFA_ERR_NOT_FOUND);
		assert_int_equal(their_err, MFA_OK);
		assert_int_equal(drift, 4711);
		assert_int_equal(w->events[MFA_EVENT_SYNCED], 0);
		world_record(w, &r);
		for (pb_size_t n = 0; n < r.factors_count; n++)
			assert_int_equal(r.factors[n].drift, 0);
		assert_int_equal(world_free(&place), 0);
	}
}

static void
test_R21_sync_is_no_owner_s(void **state)
{
	struct world *w = *state;
	int32_t drift = 4711;

	as_owner(w);
	assert_int_equal(sync_at(w, 5, &drift), MFA_ERR_DENIED);
	w->caller.right = MFA_RIGHT_NONE;
	assert_int_equal(sync_at(w, 5, &drift), MFA_ERR_DENIED);
	assert_int_equal(drift, 4711);
	assert_int_equal(told(w), 0);
	assert_int_equal(w->writes, 0);
}

/* Text as long as a code is neither of the two. */
static void
test_R8_sync_takes_digits_only(void **state)
{
	static const char word[] = "abcdef";
	struct world *w = *state;
	int32_t drift;
	char code[9];

	world_code(w, SECRET_A, 0, code);
	assert_int_equal(sync_codes(w, "phone", word, code, &drift),
	    MFA_ERR_SYNTAX);
	assert_int_equal(sync_codes(w, "phone", code, word, &drift),
	    MFA_ERR_SYNTAX);
	assert_int_equal(sync_codes(w, "phone", word, word, &drift),
	    MFA_ERR_SYNTAX);
	/* Before anything is looked for. */
	assert_int_equal(sync_codes(w, "none", word, word, &drift),
	    MFA_ERR_SYNTAX);
	assert_int_equal(told(w), 0);
	assert_int_equal(w->writes, 0);
}

static void
test_R11_sync_in_the_first_second_of_this_release(void **state)
{
	struct world *w = *state;
	int32_t drift = 4711;

	w->now.wall = MFA_RELEASE_TIME;
	world_enroll(w, "phone", SECRET_A, &theirs);
	assert_int_equal(sync_at(w, 5, &drift), MFA_OK);
	assert_int_equal(drift, 5);
}

#define OF(make, f) cmocka_unit_test_setup_teardown(f, make, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(two_pending,
		    test_R13_the_second_of_two_first_factors_has_no_codes),
		OF(two_pending, test_R21_who_is_enrolled_meanwhile_must_prove),
		OF(two_pending, test_R26_a_confirming_that_fails_is_told),
		OF(enrolled, test_R8_no_comparison_without_a_pending_factor),
		cmocka_unit_test(test_R6_sync_of_what_is_gone_by_now),
		OF(enrolled, test_R21_sync_is_no_owner_s),
		OF(enrolled, test_R8_sync_takes_digits_only),
		OF(world_new_memory,
		    test_R11_sync_in_the_first_second_of_this_release),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
