/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/verdict.h"
#include "protocol/wire.pb.h"

static const enum mfa_verdict verdicts[] = {
	MFA_VERDICT_DENY, MFA_VERDICT_ACCEPT, MFA_VERDICT_PASS,
	MFA_VERDICT_UNAVAILABLE, MFA_VERDICT_MISCONFIGURED,
};
#define VERDICTS (sizeof(verdicts) / sizeof(verdicts[0]))

static int
distance(uint32_t a, uint32_t b)
{
	return __builtin_popcount(a ^ b);
}

/* Any 32 bits as a verdict, as damaged memory would give it. */
static bool
admitted(enum mfa_err err, uint32_t bits)
{
	enum mfa_verdict verdict;

	memcpy(&verdict, &bits, sizeof(verdict));
	return mfa_accepted(err, verdict);
}

static void
test_verdicts_lie_far_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERDICTS; i++) {
		assert_true(distance(verdicts[i], 0) >= 8);
		assert_true(distance(verdicts[i], UINT32_MAX) >= 8);
		for (size_t j = 0; j < i; j++)
			assert_true(distance(verdicts[i], verdicts[j]) >= 8);
	}
}

/* R3: only a success without any error admits. */
static void
test_R3_only_ok_and_accept_admit(void **state)
{
	(void)state;
	assert_true(mfa_accepted(MFA_OK, MFA_VERDICT_ACCEPT));
	for (int err = 0; err < (int)MFA_ERR_END; err++) {
		for (size_t i = 0; i < VERDICTS; i++) {
			bool expected = err == MFA_OK &&
			    verdicts[i] == MFA_VERDICT_ACCEPT;

			assert_int_equal(mfa_accepted((enum mfa_err)err,
			    verdicts[i]), expected);
		}
	}
}

static void
test_R3_no_flipped_bit_admits(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERDICTS; i++) {
		for (unsigned int bit = 0; bit < 32; bit++)
			assert_false(admitted(MFA_OK,
			    (uint32_t)verdicts[i] ^ 1U << bit));
	}
}

/* Seven neighbouring bits: fewer than the distance. */
static void
test_R3_burst_of_flipped_bits_does_not_admit(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERDICTS; i++) {
		if (verdicts[i] == MFA_VERDICT_ACCEPT)
			continue;
		for (unsigned int bit = 0; bit < 32; bit++) {
			uint32_t burst = 0x7fU << bit;

			assert_false(admitted(MFA_OK,
			    (uint32_t)verdicts[i] ^ burst));
		}
	}
}

static void
test_R3_unknown_verdicts_do_not_admit(void **state)
{
	static const uint32_t unknown[] = { 0, 1, 2, UINT32_MAX, 0x80000000,
		0x7fffffff, 0xffff, (uint32_t)~MFA_VERDICT_ACCEPT,
		(uint32_t)~MFA_VERDICT_DENY };

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_false(admitted(MFA_OK, unknown[i]));
}

static void
test_numbers_are_those_of_the_protocol(void **state)
{
	(void)state;
	assert_int_equal(MFA_VERDICT_DENY,
	    mfa_wire_VerdictCode_VERDICT_DENY);
	assert_int_equal(MFA_VERDICT_ACCEPT,
	    mfa_wire_VerdictCode_VERDICT_ACCEPT);
	assert_int_equal(MFA_VERDICT_PASS,
	    mfa_wire_VerdictCode_VERDICT_PASS);
	assert_int_equal(MFA_VERDICT_UNAVAILABLE,
	    mfa_wire_VerdictCode_VERDICT_UNAVAILABLE);
	assert_int_equal(MFA_VERDICT_MISCONFIGURED,
	    mfa_wire_VerdictCode_VERDICT_MISCONFIGURED);
	assert_false(admitted(MFA_OK, mfa_wire_VerdictCode_VERDICT_NONE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts_lie_far_apart),
		cmocka_unit_test(test_R3_only_ok_and_accept_admit),
		cmocka_unit_test(test_R3_no_flipped_bit_admits),
		cmocka_unit_test(test_R3_burst_of_flipped_bits_does_not_admit),
		cmocka_unit_test(test_R3_unknown_verdicts_do_not_admit),
		cmocka_unit_test(test_numbers_are_those_of_the_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
