/* SPDX-License-Identifier: MIT */
/*
 * libpam (fake_pam.h), the verifier's policy and the conversation have
 * stand-ins here.
 */
#include "tests/unit/fake_pam.h"

#include <syslog.h>

#include <security/pam_ext.h>

#include "pam_medusa_mfa/converse.h"
#include "pam_medusa_mfa/policy.h"
#include "pam_medusa_mfa/split.h"

#define RECOVERY "7Q2M-A9ZX-00KD-WWE1-5TTB-HJ4C"

static const struct mfa_who alice = { .user = "alice", .service = "imap" };
static const struct mfa_who bob = { .user = "bob", .service = "imap" };
static const struct mfa_args six = { .split = 6 };
static struct pam_handle pamh;

static struct {
	enum mfa_err policy;
	enum mfa_verdict verdict;
	mfa_wire_Reason reason;
	const char *typed; /* at the prompt; NULL: no answer */
	enum mfa_err converse;
	bool forgets; /* libpam, what was typed */
	bool breaks;  /* libpam, with what was typed */
	const struct mfa_args *args;
	unsigned int asked, questions, logged;
} world;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
static bool no_memory;
static bool watched; /* the next piece is to be wiped and freed */

void *
__wrap_calloc(size_t n, size_t size)
{
	void *p = no_memory ? NULL : __real_calloc(n, size);

	if (watched) {
		watched = false;
		fake_dying = p;
		fake_dying_size = malloc_usable_size(p);
	}
	return p;
}

enum mfa_err
mfa_policy_ask(const struct mfa_args *args, const struct mfa_who *who,
    bool final, struct mfa_outcome *outcome)
{
	assert_ptr_equal(args, world.args);
	assert_ptr_equal(who, &alice);
	assert_false(final);
	world.questions++;
	*outcome = mfa_outcome_refused("step");
	outcome->verdict = world.verdict;
	outcome->reason = world.reason;
	return world.policy;
}

enum mfa_err
mfa_converse_password(pam_handle_t *handle, const char *prompt, bool *given)
{
	assert_string_equal(prompt, "Password: ");
	world.asked++;
	*given = world.typed != NULL;
	if (world.typed != NULL)
		assert_int_equal(pam_set_item(handle, PAM_AUTHTOK,
		    world.typed), PAM_SUCCESS);
	if (world.forgets) {
		free(handle->authtok);
		handle->authtok = NULL;
	}
	if (world.breaks)
		handle->get_item_code = PAM_SYSTEM_ERR;
	return world.converse;
}

void
pam_syslog(const pam_handle_t *handle, int priority, const char *format, ...)
{
	(void)handle;
	/* The login goes on. */
	assert_int_equal(priority, LOG_WARNING);
	assert_non_null(strstr(format, "split: "));
	world.logged++;
}

/* R14: copies that were wiped while they still held what they held. */
static unsigned int wiped_passwords, wiped_codes;

void __real_mfa_secret_wipe(void *p, size_t len);
void __wrap_mfa_secret_wipe(void *p, size_t len);

void
__wrap_mfa_secret_wipe(void *p, size_t len)
{
	wiped_passwords += len == 13 && memcmp(p, "correct horse", 13) == 0;
	wiped_codes += len == sizeof(struct mfa_split_code) &&
	    memcmp(p, "492039", 7) == 0;
	__real_mfa_secret_wipe(p, len);
}

static int
fresh(void **state)
{
	(void)state;
	memset(&pamh, 0, sizeof(pamh));
	memset(&world, 0, sizeof(world));
	world.verdict = MFA_VERDICT_DENY;
	world.args = &six;
	no_memory = watched = false;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fake_end(&pamh);
	return 0;
}

static void
type(const char *text)
{
	free(pamh.authtok);
	pamh.authtok = strdup(text);
}

static void
run(enum mfa_err wanted)
{
	struct mfa_outcome outcome;

	assert_int_equal(mfa_split_run(&pamh, world.args, &alice, &outcome),
	    wanted);
	assert_int_equal(outcome.verdict, MFA_VERDICT_DENY);
	assert_int_equal(outcome.reason, mfa_wire_Reason_REASON_NONE);
	assert_false(outcome.unasked);
}

/* What use_split gets; behind it there is nothing of anybody's stack. */
static void
take(const struct mfa_who *who, const char *wanted)
{
	struct mfa_split_code code;

	memset(&code, 0x5a, sizeof(code));
	assert_int_equal(mfa_split_take(&pamh, who, &code), MFA_OK);
	assert_string_equal(code.text, wanted);
	assert_true(unit_all(code.text + strlen(wanted),
	    sizeof(code) - strlen(wanted), 0));
}

static const struct {
	const char *typed;
	uint32_t digits;
	size_t password; /* bytes */
} texts[] = {
	{ "pw492039", 6, 2 },
	{ "p492039", 6, 1 },
	{ "492039", 6, 6 },
	{ "1492039", 6, 1 },
	{ "12345", 6, 5 },
	{ "", 6, 0 },
	{ "pw492039 ", 6, 9 },
	{ "pw49203", 6, 7 },
	{ "pw4920 39", 6, 9 },
	{ "pw49203:", 6, 8 },
	{ "pw/92039", 6, 8 },
	{ "pw12345678", 6, 4 },
	{ "pw12345678", 7, 3 },
	{ "pw12345678", 8, 2 },
	{ "12345678", 8, 8 },
	{ "pw\331\24092039", 6, 9 },
	{ "\303\244492039", 6, 2 },
	{ "pw" RECOVERY, 6, 2 },
	{ "pw" RECOVERY, 8, 2 },
	{ "p" RECOVERY, 6, 1 },
	{ "-" RECOVERY, 6, 1 },
	{ RECOVERY, 6, 29 },
	{ "pw" RECOVERY "-", 6, 32 },
	{ "pw" RECOVERY "1", 6, 32 },
	{ "7q2m-a9zx-00kd-wwe1-5ttb-hj4c7q2m-a9zx-00kd-wwe1-5ttb-hj4c", 6,
	    29 },
	{ "pw7Q2M-A9ZX-00KD-WWE1-5TTB-HJ4!", 6, 31 },
	{ "pw!Q2M-A9ZX-00KD-WWE1-5TTB-HJ4C", 6, 31 },
	{ "pw7Q2M-A[ZX-00KD-WWE1-5TTB-HJ4C", 6, 31 },
	{ "pw7Q2M-A{ZX-00KD-WWE1-5TTB-HJ4C", 6, 31 },
	{ "pw7Q2M-A@ZX-00KD-WWE1-5TTB-HJ4C", 6, 31 },
	{ "pw7Q2M-A`ZX-00KD-WWE1-5TTB-HJ4C", 6, 31 },
	{ "pw7Q2MA-9ZX-00KD-WWE1-5TTB-HJ4C", 6, 31 },
	{ "pw7Q2M A9ZX 00KD WWE1 5TTB HJ4C", 6, 31 },
	{ "pw-----------------------------", 6, 31 },
	{ "pw0000-0000-0000-0000-0000-0000", 6, 2 },
	{ "pwA9ZX-00KD-WWE1-5TTB-HJ4C", 6, 26 },
};

static void
test_R24_where_the_code_begins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t got = mfa_split_find(texts[i].typed, texts[i].digits);

		if (got != texts[i].password)
			fail_msg("'%s': %zu", texts[i].typed, got);
	}
}

static void
test_R24_taken_apart(void **state)
{
	(void)state;
	wiped_passwords = wiped_codes = 0;
	type("correct horse492039");
	watched = true;
	run(MFA_OK);
	assert_null(fake_dying);
	assert_int_equal(wiped_passwords, 1);
	assert_int_equal(wiped_codes, 1);
	assert_string_equal(pamh.authtok, "correct horse");
	assert_int_equal(world.asked, 0);
	assert_int_equal(world.questions, 1);
	take(&alice, "492039");
	take(&alice, "");
	type("correct horse" RECOVERY);
	run(MFA_OK);
	assert_string_equal(pamh.authtok, "correct horse");
	take(&alice, RECOVERY);
}

static void
test_R24_asks_where_nobody_has(void **state)
{
	(void)state;
	world.typed = "correct horse492039";
	run(MFA_OK);
	assert_int_equal(world.asked, 1);
	assert_string_equal(pamh.authtok, "correct horse");
	take(&alice, "492039");
}

static void
test_R24_without_a_code_nothing_is_touched(void **state)
{
	(void)state;
	type("correct horse");
	pamh.set_item_code = PAM_SYSTEM_ERR;
	run(MFA_OK);
	assert_string_equal(pamh.authtok, "correct horse");
	take(&alice, "");
}

static void
test_R24_a_code_is_one_users(void **state)
{
	(void)state;
	type("correct horse492039");
	run(MFA_OK);
	take(&bob, "");
	/* and gone, even so */
	take(&alice, "");
}

static void
test_R24_a_new_round_forgets(void **state)
{
	static const char *const later[] = { "correct horse", "", "492039" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		type("correct horse492039");
		run(MFA_OK);
		type(later[i]);
		run(MFA_OK);
		take(&alice, "");
	}
	type("correct horse492039");
	run(MFA_OK);
	world.verdict = MFA_VERDICT_PASS;
	world.reason = mfa_wire_Reason_REASON_EXEMPT;
	run(MFA_OK);
	take(&alice, "");
}

static void
test_R2_R24_policy(void **state)
{
	static const enum mfa_verdict known[] = { MFA_VERDICT_DENY,
		MFA_VERDICT_PASS, MFA_VERDICT_ACCEPT, MFA_VERDICT_UNAVAILABLE,
		MFA_VERDICT_MISCONFIGURED };

	(void)state;
	for (size_t v = 0; v < 5; v++) {
		for (int reason = 0; reason < 32; reason++) {
			bool whole = known[v] == MFA_VERDICT_PASS &&
			    (reason == mfa_wire_Reason_REASON_NOT_ENROLLED ||
			    reason == mfa_wire_Reason_REASON_EXEMPT);

			world.verdict = known[v];
			world.reason = (mfa_wire_Reason)reason;
			type("pw492039");
			run(MFA_OK);
			assert_string_equal(pamh.authtok,
			    whole ? "pw492039" : "pw");
			take(&alice, whole ? "" : "492039");
		}
	}
	assert_int_equal(world.logged, 0);
}

static void
test_R24_policy_that_is_not_known(void **state)
{
	(void)state;
	world.policy = MFA_ERR_VERSION;
	world.verdict = MFA_VERDICT_PASS;
	world.reason = mfa_wire_Reason_REASON_EXEMPT;
	type("pw492039");
	run(MFA_OK);
	assert_int_equal(world.logged, 1);
	assert_string_equal(pamh.authtok, "pw");
	take(&alice, "492039");
}

static void
test_R4_the_password_is_not_given(void **state)
{
	struct mfa_outcome outcome;

	(void)state;
	assert_int_equal(mfa_split_run(&pamh, &six, &alice, &outcome), MFA_OK);
	assert_int_equal(outcome.reason,
	    mfa_wire_Reason_REASON_CONVERSATION);
	assert_true(outcome.unasked);
	take(&alice, "");
}

static void
test_R3_R4_errors(void **state)
{
	(void)state;
	world.converse = MFA_ERR_MEMORY;
	run(MFA_ERR_MEMORY);
	world.converse = MFA_OK;
	type("pw492039");
	no_memory = true;
	run(MFA_ERR_MEMORY);
	no_memory = false;
	assert_string_equal(pamh.authtok, "pw492039");
	pamh.get_item_code = PAM_SYSTEM_ERR;
	run(MFA_ERR_IO);
	pamh.get_item_code = PAM_SUCCESS;
	pamh.set_item_code = PAM_SYSTEM_ERR;
	run(MFA_ERR_IO);
	pamh.set_item_code = PAM_BUF_ERR;
	run(MFA_ERR_MEMORY);
	pamh.set_item_code = PAM_SUCCESS;
	pamh.set_data_code = PAM_BUF_ERR;
	run(MFA_ERR_MEMORY);
	pamh.set_data_code = PAM_SUCCESS;
	take(&alice, "");
}

static void
test_R3_what_was_typed_cannot_be_read(void **state)
{
	(void)state;
	world.typed = "pw492039";
	world.forgets = true;
	run(MFA_ERR_IO);
	take(&alice, "");
	world.forgets = false;
	world.breaks = true;
	run(MFA_ERR_IO);
	assert_string_equal(pamh.authtok, "pw492039");
	take(&alice, "");
}

/* There is no such line; it would not be half a code. */
static void
test_R3_a_code_that_does_not_fit(void **state)
{
	static const struct mfa_args thirty = { .split = 30 };

	(void)state;
	world.args = &thirty;
	type("pw012345678901234567890123456789");
	run(MFA_ERR_INVALID);
	assert_string_equal(pamh.authtok, "pw012345678901234567890123456789");
	take(&alice, "");
}

/* R24: never two uses: what cannot be dropped is not used at all. */
static void
test_R24_a_code_that_cannot_be_dropped(void **state)
{
	struct mfa_split_code code;

	(void)state;
	type("pw492039");
	run(MFA_OK);
	pamh.set_data_code = PAM_BUF_ERR;
	memset(&code, 0x5a, sizeof(code));
	assert_int_equal(mfa_split_take(&pamh, &alice, &code), MFA_ERR_MEMORY);
	assert_true(unit_all(&code, sizeof(code), 0));
	type("pw111111");
	run(MFA_ERR_MEMORY);
	/* Nor what has no code in it: the older one is there still. */
	type("pw");
	run(MFA_ERR_MEMORY);
	assert_int_equal(world.questions, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R24_where_the_code_begins),
		cmocka_unit_test_setup_teardown(test_R24_taken_apart, fresh,
		    end),
		cmocka_unit_test_setup_teardown(test_R24_asks_where_nobody_has,
		    fresh, end),
		cmocka_unit_test_setup_teardown(
		    test_R24_without_a_code_nothing_is_touched, fresh, end),
		cmocka_unit_test_setup_teardown(test_R24_a_code_is_one_users,
		    fresh, end),
		cmocka_unit_test_setup_teardown(test_R24_a_new_round_forgets,
		    fresh, end),
		cmocka_unit_test_setup_teardown(test_R2_R24_policy, fresh,
		    end),
		cmocka_unit_test_setup_teardown(
		    test_R24_policy_that_is_not_known, fresh, end),
		cmocka_unit_test_setup_teardown(
		    test_R4_the_password_is_not_given, fresh, end),
		cmocka_unit_test_setup_teardown(test_R3_R4_errors, fresh, end),
		cmocka_unit_test_setup_teardown(
		    test_R3_what_was_typed_cannot_be_read, fresh, end),
		cmocka_unit_test_setup_teardown(
		    test_R3_a_code_that_does_not_fit, fresh, end),
		cmocka_unit_test_setup_teardown(
		    test_R24_a_code_that_cannot_be_dropped, fresh, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
