/* SPDX-License-Identifier: MIT */
/*
 * The text is a secret: symbols are mapped by arithmetic, not by branches or
 * tables, so that neither timing nor the cache shows them.
 */
#include "verifier/otp/base32.h"

#include <stdbool.h>
#include <string.h>

/* All ones if lo <= c <= hi, else zero; all below 2^31. */
static unsigned int
in_range(unsigned int c, unsigned int lo, unsigned int hi)
{
	return (((c - lo) | (hi - c)) >> 31) - 1U;
}

/* 0 to 31 become 'A' to 'Z', '2' to '7'. */
static char
symbol(unsigned int value)
{
	return (char)((in_range(value, 0, 25) & (value + 'A')) |
	    (in_range(value, 26, 31) & (value - 26 + '2')));
}

/* The value of a symbol of either case plus one; 0 if it is none. */
static unsigned int
value_plus_one(unsigned char c)
{
	return (in_range(c, 'A', 'Z') & (c - 'A' + 1U)) |
	    (in_range(c, 'a', 'z') & (c - 'a' + 1U)) |
	    (in_range(c, '2', '7') & (c - '2' + 27U));
}

static bool
ignored(char c)
{
	return c == ' ' || c == '-';
}

enum mfa_err
mfa_base32_format(const uint8_t *bytes, size_t len, char *out, size_t size)
{
	unsigned int held = 0; /* bits not written yet, in the low end */
	unsigned int bits = 0; /* how many */
	size_t used = 0;

	if (len > (SIZE_MAX - 4) / 8 || size < (len * 8 + 4) / 5 + 1)
		return MFA_ERR_INVALID;
	for (size_t i = 0; i < len; i++) {
		held = (held & 31U) << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[used++] = symbol(held >> (bits - 5) & 31U);
	}
	if (bits != 0)
		out[used++] = symbol(held << (5 - bits) & 31U);
	out[used] = '\0';
	return MFA_OK;
}

/* What a look at the whole text found. */
struct shape {
	size_t symbols;
	size_t pads;
	unsigned int last; /* value of the last symbol */
};

static enum mfa_err
measure(const char *text, struct shape *shape)
{
	struct shape s = { 0, 0, 0 };

	for (const char *p = text; *p != '\0'; p++) {
		unsigned int v = value_plus_one((unsigned char)*p);

		if (ignored(*p))
			continue;
		if (*p == '=') {
			s.pads++;
			continue;
		}
		if (v == 0 || s.pads != 0)
			return MFA_ERR_SYNTAX;
		s.symbols++;
		s.last = v - 1;
	}
	*shape = s;
	return MFA_OK;
}

/*
 * RFC 4648 section 6: 2, 4, 5 and 7 symbols end a text with 1, 2, 3 and 4
 * bytes, and leave 2, 4, 1 and 3 bits that must be zero.
 */
static bool
complete(const struct shape *s)
{
	size_t rest = s->symbols % 8;
	unsigned int spare = (unsigned int)(s->symbols * 5 % 8);

	if (rest == 1 || rest == 3 || rest == 6)
		return false;
	if (s->pads != 0 && (rest == 0 || s->pads != 8 - rest))
		return false;
	return (s->last & ((1U << spare) - 1U)) == 0;
}

enum mfa_err
mfa_base32_parse(const char *text, uint8_t *out, size_t size, size_t *len)
{
	struct shape shape;
	unsigned int held = 0;
	unsigned int bits = 0;
	size_t used = 0;

	if (measure(text, &shape) != MFA_OK || !complete(&shape))
		return MFA_ERR_SYNTAX;
	if (shape.symbols / 8 * 5 + shape.symbols % 8 * 5 / 8 > size)
		return MFA_ERR_INVALID;
	for (const char *p = text; *p != '\0' && *p != '='; p++) {
		if (ignored(*p))
			continue;
		held = (held & 255U) << 5 |
		    (value_plus_one((unsigned char)*p) - 1);
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			out[used++] = (uint8_t)(held >> bits);
		}
	}
	*len = used;
	return MFA_OK;
}
