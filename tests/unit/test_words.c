/* SPDX-License-Identifier: MIT */
/* R5, R24: what a login says. */
#include "tests/unit/unit.h"

#include "lib/base/text.h"
#include "verifier/engine/words.h"

/* All that are not a slip or the clock are told the same. */
static void
test_R5_one_text_for_all_refusals(void **state)
{
	struct mfa_attempt_result result;

	(void)state;
	for (int i = 0; i <= MFA_REASON_REMEMBERED; i++) {
		memset(&result, 0, sizeof(result));
		result.reason = (enum mfa_reason)i;
		assert_true(mfa_text_printable(mfa_words_again(&result)));
		if (i != MFA_REASON_REPLAYED && i != MFA_REASON_CLOCK)
			assert_string_equal(mfa_words_again(&result),
			    "Wrong code.");
	}
}

static void
test_R24_the_most_urgent_first(void **state)
{
	struct mfa_attempt_result result;
	char text[120];

	(void)state;
	memset(&result, 0, sizeof(result));
	mfa_words_welcome(&result, text, sizeof(text));
	assert_string_equal(text, "");
	result.used_recovery = true;
	result.recovery_left = 3;
	mfa_words_welcome(&result, text, sizeof(text));
	assert_string_equal(text, "Recovery code used, 3 left.");
	result.recovery_left = 2;
	mfa_words_welcome(&result, text, sizeof(text));
	assert_string_equal(text,
	    "Recovery code used, only 2 left: make new ones.");
	result.used_recovery = false;
	result.used_bypass = true;
	mfa_words_welcome(&result, text, sizeof(text));
	assert_string_equal(text, "Bypass code used.");
	/* An earlier one, which somebody else may have used. */
	result.used_bypass = false;
	result.used_recovery = true;
	result.bypass_used = 1800000000;
	mfa_words_welcome(&result, text, sizeof(text));
	assert_non_null(strstr(text,
	    "A bypass code of an administrator was used on 2027-01-15"));
	assert_non_null(strstr(text, " 2 recovery codes left."));
	assert_true(strlen(text) < sizeof(text) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R5_one_text_for_all_refusals),
		cmocka_unit_test(test_R24_the_most_urgent_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
