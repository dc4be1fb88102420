/* SPDX-License-Identifier: MIT */
/*
 * MUST (R15):
 *  - every step of the range is computed and compared, whatever matched
 *    before it;
 *  - which step matched decides no branch and no address here, only the
 *    value of the outputs.
 */
#include "verifier/otp/totp.h"

#include <limits.h>

struct mfa_totp_range
mfa_totp_around(uint64_t now, unsigned int period, int32_t drift,
    unsigned int window)
{
	const struct mfa_totp_range none = { 0, 0 };
	struct mfa_totp_range range;
	int64_t first, last;

	/* Beyond half of the range is no time, and leaves room to add. */
	if (period == 0 || now / period > INT64_MAX / 2 || window > INT_MAX / 2)
		return none;
	first = (int64_t)(now / period) + drift - (int64_t)window;
	last = first + 2 * (int64_t)window;
	if (last < 0)
		return none;
	if (first < 0)
		first = 0;
	range.first = (uint64_t)first;
	range.count = (unsigned int)(last - first + 1);
	return range;
}

/* All ones if a is set, else zero. */
static uint64_t
mask(bool a)
{
	return 0 - (uint64_t)a;
}

static uint64_t
choose(uint64_t which, uint64_t yes, uint64_t no)
{
	return no ^ (which & (yes ^ no));
}

enum mfa_err
mfa_totp_search(const struct mfa_otp_key *key, struct mfa_totp_range range,
    const char *typed, uint64_t next, uint64_t *fresh, uint64_t *used)
{
	char code[MFA_HOTP_DIGITS_MAX + 1];
	uint64_t above = MFA_TOTP_NONE;
	uint64_t below = MFA_TOTP_NONE;
	uint64_t found = 0;
	enum mfa_err r = MFA_OK;

	*fresh = MFA_TOTP_NONE;
	*used = MFA_TOTP_NONE;
	if (range.first > MFA_TOTP_NONE - range.count)
		return MFA_ERR_INVALID;
	for (unsigned int i = 0; i < range.count; i++) {
		uint64_t step = range.first + i;
		uint64_t newer = mask(step >= next);
		uint64_t hit;

		if ((r = mfa_hotp_code(key, step, code)) != MFA_OK)
			break;
		hit = mask(mfa_crypt_equal(code, typed, key->digits));
		above = choose(hit & newer & ~found, step, above);
		found |= hit & newer;
		below = choose(hit & ~newer, step, below);
	}
	if (r == MFA_OK) {
		*fresh = above;
		*used = below;
	}
	mfa_crypt_wipe(code, sizeof(code));
	return r;
}

enum mfa_err
mfa_totp_pair(const struct mfa_otp_key *key, struct mfa_totp_range range,
    const char *first, const char *second, uint64_t *place)
{
	char code[MFA_HOTP_DIGITS_MAX + 1];
	uint64_t at = MFA_TOTP_NONE;
	uint64_t before = 0; /* the place before was the first code's */
	uint64_t found = 0;
	enum mfa_err r = MFA_OK;

	if (range.first > MFA_TOTP_NONE - range.count)
		return MFA_ERR_INVALID;
	for (unsigned int i = 0; i < range.count; i++) {
		uint64_t hit;

		if ((r = mfa_hotp_code(key, range.first + i, code)) != MFA_OK)
			break;
		hit = before & mask(mfa_crypt_equal(code, second, key->digits));
		at = choose(hit & ~found, range.first + i, at);
		found |= hit;
		before = mask(mfa_crypt_equal(code, first, key->digits));
	}
	if (r == MFA_OK)
		*place = at;
	mfa_crypt_wipe(code, sizeof(code));
	return r;
}
