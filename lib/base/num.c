/* SPDX-License-Identifier: MIT */
#include "lib/base/num.h"

#include <string.h>

enum mfa_err
mfa_num_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return MFA_ERR_SYNTAX;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return MFA_ERR_SYNTAX;
		uint64_t digit = (uint64_t)(*p - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return MFA_ERR_INVALID;
		value = value * 10 + digit;
	}
	if (value < min || value > max)
		return MFA_ERR_INVALID;
	*out = value;
	return MFA_OK;
}

void
mfa_num_put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

void
mfa_num_put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

uint32_t
mfa_num_get32(const uint8_t *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | p[i];
	return v;
}

uint64_t
mfa_num_get64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

void
mfa_num_hex(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

enum mfa_err
mfa_num_unhex(const char *text, uint8_t *out, size_t len)
{
	if (strlen(text) != 2 * len)
		return MFA_ERR_SYNTAX;
	for (size_t i = 0; i < 2 * len; i++) {
		if (nibble(text[i]) < 0)
			return MFA_ERR_SYNTAX;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(nibble(text[2 * i]) << 4 |
		    nibble(text[2 * i + 1]));
	return MFA_OK;
}
