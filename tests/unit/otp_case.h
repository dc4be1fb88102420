/* SPDX-License-Identifier: MIT */
/* A record with a code that was sent to the first of its two factors. */
#ifndef MFA_TESTS_OTP_CASE_H
#define MFA_TESTS_OTP_CASE_H

#include "tests/unit/factor.h"

#include "verifier/provider/otp.h"

#define SENT 5000ULL /* lapse */
#define TTL  300U

static uint64_t seed;
static const struct mfa_env env = { .random = factor_random, .ctx = &seed };

static mfa_record_Record record;
static mfa_record_Factor *factor;
static struct mfa_otp_use use;
static struct mfa_otp_making making;
static char code[9];

static inline int
fresh(void **state)
{
	(void)state;
	seed = 4711;
	memset(&record, 0, sizeof(record));
	memcpy(record.realm, "unix", 5);
	memcpy(record.name, "karla", 6);
	record.factors_count = 2;
	factor = &record.factors[0];
	for (int i = 0; i < 2; i++) {
		if (mfa_otp_setup("karla@example.org", 6,
			&record.factors[i]) != MFA_OK)
			return -1;
		memcpy(record.factors[i].id, i == 0 ? "factor-1" : "factor-2",
		    8);
	}
	use = (struct mfa_otp_use){ .service = "sshd", .rhost = "192.0.2.7",
		.peer = 1 };
	making = (struct mfa_otp_making){ &env, &use, SENT, TTL };
	return mfa_otp_make(&making, &record, factor, code) == MFA_OK ? 0 : -1;
}

/* Charges and compares, as the engine does. */
static inline struct mfa_effect
compare(const char *text, uint64_t lapse, const struct mfa_otp_use *what_for)
{
	const struct mfa_typed typed = factor_typed(text);
	const struct mfa_check what = { .typed = &typed, .lapse = lapse,
		.use = what_for };
	struct mfa_effect e = { .kind = MFA_EFFECT_USE };

	mfa_provider_otp.charge(&record, factor);
	assert_int_equal(mfa_provider_otp.check(&record, factor, &what, &e),
	    MFA_OK);
	return e;
}

#endif
