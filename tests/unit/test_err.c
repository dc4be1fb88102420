/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <limits.h>

#include "lib/base/err.h"
#include "lib/base/text.h"

/* The numbers travel in the protocol: this list is frozen, append only. */
static const enum mfa_err frozen[] = {
	MFA_OK, MFA_ERR_MEMORY, MFA_ERR_INVALID, MFA_ERR_SYNTAX,
	MFA_ERR_NOT_FOUND, MFA_ERR_EXISTS, MFA_ERR_UNSAFE, MFA_ERR_IO,
	MFA_ERR_READ_ONLY, MFA_ERR_NO_SPACE, MFA_ERR_LIMIT, MFA_ERR_BUSY,
	MFA_ERR_TIMEOUT, MFA_ERR_CLOSED, MFA_ERR_PROTOCOL, MFA_ERR_VERSION,
	MFA_ERR_DAMAGED, MFA_ERR_NO_KEY, MFA_ERR_FORMAT, MFA_ERR_CONFLICT,
	MFA_ERR_OUTCOME_UNKNOWN, MFA_ERR_CONFIG, MFA_ERR_DENIED, MFA_ERR_NSS,
	MFA_ERR_NO_USER, MFA_ERR_FOREIGN, MFA_ERR_CRYPTO, MFA_ERR_FULL,
	MFA_ERR_CLOCK, MFA_ERR_WRONG, MFA_ERR_REPLAYED, MFA_ERR_LOCKED,
	MFA_ERR_UNAVAILABLE, MFA_ERR_NETWORK_FS, MFA_ERR_ACCOUNT,
	MFA_ERR_UNDELIVERED, MFA_ERR_PROGRAM, MFA_ERR_TOO_SOON,
	MFA_ERR_EXPIRED, MFA_ERR_NOT_ENROLLED, MFA_ERR_NO_REALM,
	MFA_ERR_PROOF, MFA_ERR_INVITATION, MFA_ERR_LAST,
};

static void
test_numbers_are_frozen(void **state)
{
	(void)state;
	assert_int_equal(MFA_ERR_END, sizeof(frozen) / sizeof(frozen[0]));
	for (int i = 0; i < (int)MFA_ERR_END; i++)
		assert_int_equal(frozen[i], i);
}

/* R26: printable ASCII without quotes and backslashes. */
static void
test_R26_every_error_has_a_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < (int)MFA_ERR_END; i++) {
		const char *text = mfa_strerror((enum mfa_err)i);

		assert_non_null(text);
		assert_true(strlen(text) >= 4 && strlen(text) < 80);
		assert_true(mfa_text_printable(text));
		assert_null(strpbrk(text, "\"\\"));
		assert_string_not_equal(text, mfa_strerror(MFA_ERR_END));
	}
}

static void
test_sentences_differ(void **state)
{
	(void)state;
	for (int i = 0; i < (int)MFA_ERR_END; i++) {
		for (int j = 0; j < i; j++)
			assert_string_not_equal(mfa_strerror((enum mfa_err)i),
			    mfa_strerror((enum mfa_err)j));
	}
}

static void
test_unknown_numbers_have_a_sentence(void **state)
{
	static const int numbers[] = { MFA_ERR_END, MFA_ERR_END + 1, 1000,
		INT_MAX, -1, INT_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		enum mfa_err err;

		memcpy(&err, &numbers[i], sizeof(err));
		assert_string_equal(mfa_strerror(err), "unknown error");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_frozen),
		cmocka_unit_test(test_R26_every_error_has_a_sentence),
		cmocka_unit_test(test_sentences_differ),
		cmocka_unit_test(test_unknown_numbers_have_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
