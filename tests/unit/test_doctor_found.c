/* SPDX-License-Identifier: MIT */
/* What medusa-mfa doctor keeps of its findings, and their texts. */
#include "tests/unit/capture.h"

#include "lib/base/text.h"
#include "utils/doctor/found.h"

static void
test_every_kind_has_texts_of_its_own(void **state)
{
	(void)state;
	assert_true(mfa_finding_kind_count > 40);
	for (size_t i = 0; i < mfa_finding_kind_count; i++) {
		const struct mfa_finding_kind *kind = &mfa_finding_kinds[i];

		assert_true(mfa_text_is_label(kind->id));
		assert_true(kind->severity >= MFA_DANGER &&
		    kind->severity <= MFA_NOTE);
		assert_true(kind->why[0] != '\0' && kind->fix[0] != '\0');
		assert_true(mfa_text_printable(kind->why));
		assert_true(mfa_text_printable(kind->fix));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(kind->id,
			    mfa_finding_kinds[j].id);
	}
}

static void
test_the_same_twice_is_one_finding(void **state)
{
	struct mfa_found found;

	(void)state;
	mfa_found_init(&found);
	mfa_found_add(&found, "pam-bypass", "sudo", "a:1", "%s", "way");
	mfa_found_add(&found, "pam-bypass", "su", "a:1", "%s", "way");
	mfa_found_add(&found, "pam-bypass", "su", "a:1", "%s", "way");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.findings[0].about, "sudo su");
	mfa_found_add(&found, "pam-bypass", "su", "a:2", "%s", "way");
	mfa_found_add(&found, "pam-bypass", "su", "a:1", "%s", "another");
	mfa_found_add(&found, "pam-exempt", "su", "a:1", "%s", "way");
	assert_int_equal(found.count, 4);
	mfa_found_free(&found);
}

static void
test_danger_comes_first_and_is_counted(void **state)
{
	struct mfa_found found;

	(void)state;
	mfa_found_init(&found);
	mfa_found_add(&found, "pam-not-used", NULL, "1", "one");
	mfa_found_add(&found, "pam-twice", NULL, "2", "two");
	mfa_found_add(&found, "pam-bypass", NULL, "3", "three");
	mfa_found_add(&found, "pam-twice", NULL, "4", "four");
	mfa_found_add(&found, "pam-syntax", NULL, "5", "five");
	mfa_found_sort(&found);
	assert_string_equal(found.findings[0].what, "three");
	assert_string_equal(found.findings[1].what, "five");
	assert_string_equal(found.findings[2].what, "two");
	assert_string_equal(found.findings[3].what, "four");
	assert_string_equal(found.findings[4].what, "one");
	assert_int_equal(mfa_found_number(&found, MFA_DANGER), 2);
	assert_int_equal(mfa_found_number(&found, MFA_WARNING), 2);
	assert_int_equal(mfa_found_number(&found, MFA_NOTE), 1);
	mfa_found_free(&found);
}

/* The last line, with as many as there are. */
static void
sums_up(const struct mfa_found *found, const char *expected)
{
	struct capture out;
	const size_t len = strlen(expected);

	capture_begin(&out, STDOUT_FILENO);
	mfa_found_print(found);
	(void)capture_end(&out);
	assert_true(strlen(out.text) >= len);
	assert_string_equal(out.text + strlen(out.text) - len, expected);
}

static void
test_one_is_no_plural(void **state)
{
	struct mfa_found found;

	(void)state;
	mfa_found_init(&found);
	sums_up(&found, "0 dangers, 0 warnings, 0 notes\n");
	mfa_found_add(&found, "pam-bypass", NULL, "1", "one");
	mfa_found_add(&found, "pam-twice", NULL, "2", "two");
	mfa_found_add(&found, "pam-not-used", NULL, "3", "three");
	sums_up(&found, "\n1 danger, 1 warning, 1 note\n");
	mfa_found_add(&found, "pam-twice", NULL, "4", "four");
	sums_up(&found, "\n1 danger, 2 warnings, 1 note\n");
	mfa_found_free(&found);
}

/* What others have written reaches no terminal as it is. */
static void
test_texts_of_others_are_cleaned(void **state)
{
	struct mfa_found found;
	char longer[2000];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	mfa_found_init(&found);
	mfa_found_add(&found, "pam-argument", "s\033v", "a\nb", "%s",
	    "\033[2J");
	mfa_found_add(&found, "pam-argument", longer, longer, "%s", longer);
	for (size_t i = 0; i < found.count; i++) {
		assert_true(mfa_text_printable(found.findings[i].what));
		assert_true(mfa_text_printable(found.findings[i].where));
		assert_true(mfa_text_printable(found.findings[i].about));
	}
	assert_false(found.lost);
	mfa_found_free(&found);
}

static void
test_an_unknown_id_is_not_lost_in_silence(void **state)
{
	struct mfa_found found;

	(void)state;
	mfa_found_init(&found);
	mfa_found_add(&found, "no-such-id", NULL, "a", "b");
	assert_int_equal(found.count, 0);
	assert_true(found.lost);
	mfa_found_free(&found);
}

static void
test_many_findings_have_room(void **state)
{
	struct mfa_found found;
	char where[32];

	(void)state;
	mfa_found_init(&found);
	for (int i = 0; i < 500; i++) {
		(void)snprintf(where, sizeof(where), "file:%d", i);
		mfa_found_add(&found, "pam-syntax", NULL, where, "x");
	}
	assert_int_equal(found.count, 500);
	assert_string_equal(found.findings[499].where, "file:499");
	mfa_found_free(&found);
}

/* Whoever reads it knows that these are not all. */
static void
test_services_without_room_leave_a_mark(void **state)
{
	struct mfa_found found;
	char name[32];

	(void)state;
	mfa_found_init(&found);
	for (int i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		mfa_found_add(&found, "pam-bypass", name, "a", "b");
	}
	assert_int_equal(found.count, 1);
	assert_memory_equal(found.findings[0].about, "user0 user1 ", 12);
	assert_string_equal(found.findings[0].about +
	    strlen(found.findings[0].about) - 4, " ...");
	mfa_found_free(&found);
	/* All that fit, and no more. */
	for (size_t room = 1; room < 20; room++) {
		char first[300];

		(void)snprintf(first, sizeof(first), "%.*s", (int)room,
		    "xxxxxxxxxxxxxxxxxxxx");
		mfa_found_init(&found);
		mfa_found_add(&found, "pam-bypass", first, "a", "b");
		for (int i = 0; i < 100; i++) {
			(void)snprintf(name, sizeof(name), "u%d", i);
			mfa_found_about(&found.findings[0], name);
		}
		assert_true(mfa_text_printable(found.findings[0].about));
		assert_string_equal(found.findings[0].about +
		    strlen(found.findings[0].about) - 4, " ...");
		mfa_found_free(&found);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_has_texts_of_its_own),
		cmocka_unit_test(test_the_same_twice_is_one_finding),
		cmocka_unit_test(test_danger_comes_first_and_is_counted),
		cmocka_unit_test(test_one_is_no_plural),
		cmocka_unit_test(test_texts_of_others_are_cleaned),
		cmocka_unit_test(test_an_unknown_id_is_not_lost_in_silence),
		cmocka_unit_test(test_many_findings_have_room),
		cmocka_unit_test(test_services_without_room_leave_a_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
