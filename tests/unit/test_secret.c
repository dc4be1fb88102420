/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/secret.h"

static void
test_R14_wipe_clears_exactly_its_bytes(void **state)
{
	char buf[64];

	(void)state;
	for (size_t len = 0; len <= 62; len++) {
		memset(buf, 'S', sizeof(buf));
		mfa_secret_wipe(buf + 1, len);
		assert_int_equal(buf[0], 'S');
		assert_true(unit_all(buf + 1, len, 0));
		assert_true(unit_all(buf + 1 + len, 63 - len, 'S'));
	}
	mfa_secret_wipe(NULL, 0);
}

static void
test_R15_equal_knows_equal_bytes(void **state)
{
	static const char a[] = "secret\0tail";
	char b[sizeof(a)];

	(void)state;
	memcpy(b, a, sizeof(a));
	assert_true(mfa_secret_equal(a, sizeof(a), b, sizeof(b)));
	assert_true(mfa_secret_equal(a, 0, b, 0));
	assert_true(mfa_secret_equal(NULL, 0, NULL, 0));
}

static void
test_R15_equal_sees_every_bit(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	memset(a, 0x3c, sizeof(a));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		memcpy(b, a, sizeof(a));
		b[bit / 8] = (uint8_t)(b[bit / 8] ^ 1U << bit % 8);
		assert_false(mfa_secret_equal(a, sizeof(a), b, sizeof(b)));
	}
	/* Differences must not cancel each other out. */
	memcpy(b, a, sizeof(a));
	b[0] = (uint8_t)(b[0] ^ 0x80);
	b[1] = (uint8_t)(b[1] ^ 0x80);
	assert_false(mfa_secret_equal(a, sizeof(a), b, sizeof(b)));
}

/* A prefix is not the whole, an empty answer equals no password. */
static void
test_R8_equal_sees_the_length(void **state)
{
	(void)state;
	assert_false(mfa_secret_equal("secret", 6, "secre", 5));
	assert_false(mfa_secret_equal("secret", 6, "secret", 7));
	assert_false(mfa_secret_equal("", 0, "s", 1));
	assert_false(mfa_secret_equal(NULL, 0, "", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R14_wipe_clears_exactly_its_bytes),
		cmocka_unit_test(test_R15_equal_knows_equal_bytes),
		cmocka_unit_test(test_R15_equal_sees_every_bit),
		cmocka_unit_test(test_R8_equal_sees_the_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
