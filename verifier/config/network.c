/* SPDX-License-Identifier: MIT */
#include "verifier/config/network.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/base/num.h"

#define V4_BITS	   96 /* of the prefix that all mapped addresses have */
#define TEXT_BYTES 64

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool
is_v4(const struct mfa_config_address *address)
{
	return memcmp(address->byte, mapped, sizeof(mapped)) == 0;
}

enum mfa_err
mfa_config_address_parse(const char *text, struct mfa_config_address *out)
{
	struct mfa_config_address got;
	char plain[TEXT_BYTES];
	const size_t len = strcspn(text, "%");

	if (len >= sizeof(plain))
		return MFA_ERR_SYNTAX;
	memcpy(plain, text, len);
	plain[len] = '\0';
	if (inet_pton(AF_INET6, plain, got.byte) != 1) {
		if (text[len] != '\0' ||
		    inet_pton(AF_INET, plain, got.byte + sizeof(mapped)) != 1)
			return MFA_ERR_SYNTAX;
		memcpy(got.byte, mapped, sizeof(mapped));
	}
	*out = got;
	return MFA_OK;
}

bool
mfa_config_address_is_loopback(const struct mfa_config_address *address)
{
	static const uint8_t one[16] = { [15] = 1 };

	return is_v4(address) ? address->byte[12] == 127 :
				memcmp(address->byte, one, sizeof(one)) == 0;
}

static uint8_t
mask(unsigned int bits, unsigned int i)
{
	const unsigned int kept = bits > 8 * i ? bits - 8 * i : 0;

	if (kept >= 8)
		return 0xff;
	return (uint8_t)(0xff00U >> kept);
}

enum mfa_err
mfa_config_network_parse(const char *text, size_t len,
    struct mfa_config_network *out)
{
	struct mfa_config_network got = { .bits = 128 };
	char plain[TEXT_BYTES];
	char *slash;
	uint64_t bits;
	enum mfa_err r;

	if (len >= sizeof(plain) || memchr(text, '%', len) != NULL)
		return MFA_ERR_SYNTAX;
	memcpy(plain, text, len);
	plain[len] = '\0';
	if ((slash = strchr(plain, '/')) != NULL)
		*slash = '\0';
	if ((r = mfa_config_address_parse(plain, &got.address)) != MFA_OK)
		return r;
	/* As it was written: a mapped one has a prefix of 128 bits. */
	got.v4 = is_v4(&got.address);
	if (slash != NULL) {
		const bool dotted = strchr(plain, ':') == NULL;

		if (mfa_num_parse(slash + 1, 0, dotted ? 32 : 128, &bits) !=
		    MFA_OK)
			return MFA_ERR_SYNTAX;
		got.bits = (uint8_t)(bits + (dotted ? V4_BITS : 0));
		got.v4 = got.v4 && got.bits >= V4_BITS;
	}
	for (unsigned int i = 0; i < sizeof(got.address.byte); i++) {
		if ((got.address.byte[i] & ~mask(got.bits, i) & 0xff) != 0)
			return MFA_ERR_INVALID;
	}
	*out = got;
	return MFA_OK;
}

bool
mfa_config_network_has(const struct mfa_config_network *network,
    const struct mfa_config_address *address)
{
	uint8_t differs = 0;

	if (network->v4 != is_v4(address))
		return false;
	for (unsigned int i = 0; i < sizeof(address->byte); i++)
		differs |= (uint8_t)((address->byte[i] ^
		    network->address.byte[i]) & mask(network->bits, i));
	return differs == 0;
}
