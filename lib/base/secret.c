/* SPDX-License-Identifier: MIT */
#include "lib/base/secret.h"

#include <stdint.h>
#include <string.h>

void
mfa_secret_wipe(void *p, size_t len)
{
	if (len != 0)
		explicit_bzero(p, len);
}

bool
mfa_secret_equal(const void *a, size_t alen, const void *b, size_t blen)
{
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	uint8_t diff = 0;

	if (alen != blen)
		return false;
	for (size_t i = 0; i < alen; i++)
		diff = (uint8_t)(diff | (x[i] ^ y[i]));
	return diff == 0;
}
