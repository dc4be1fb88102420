/* SPDX-License-Identifier: MIT */
#include "verifier/otp/hotp.h"

#include <string.h>

#include "lib/base/num.h"

/*
 * RFC 4226 section 5.3, dynamic truncation.  All 16 places are read: which
 * one counts is secret, so it must not show in an address.
 */
static uint32_t
truncate_mac(const uint8_t *mac, size_t len)
{
	uint32_t offset = mac[len - 1] & 15U;
	uint32_t out = 0;

	for (uint32_t i = 0; i < 16; i++) {
		uint32_t here = 0U - (((i ^ offset) - 1U) >> 31);

		out |= here & mfa_num_get32(mac + i);
	}
	return out & 0x7fffffff;
}

/* The lowest digits of a number: its value modulo 10^digits. */
static void
put_digits(uint32_t number, unsigned int digits, char *out)
{
	out[digits] = '\0';
	for (unsigned int i = digits; i > 0; i--) {
		out[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
}

enum mfa_err
mfa_hotp_code(const struct mfa_otp_key *key, uint64_t counter, char *out)
{
	uint8_t moving[8];
	uint8_t mac[MFA_CRYPT_HMAC_MAX];
	uint32_t number = 0;
	size_t len = 0;
	enum mfa_err r;

	if (key->digits < MFA_HOTP_DIGITS_MIN ||
	    key->digits > MFA_HOTP_DIGITS_MAX)
		return MFA_ERR_INVALID;
	mfa_num_put64(moving, counter);
	r = mfa_crypt_hmac(key->alg,
	    (struct mfa_crypt_part){ key->secret, key->secret_len },
	    (struct mfa_crypt_part){ moving, sizeof(moving) }, mac, &len);
	if (r == MFA_OK) {
		number = truncate_mac(mac, len);
		put_digits(number, key->digits, out);
	}
	mfa_crypt_wipe(mac, sizeof(mac));
	mfa_crypt_wipe(&number, sizeof(number));
	return r;
}
