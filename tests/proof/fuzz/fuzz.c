/* SPDX-License-Identifier: MIT */
#include "tests/proof/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
fuzz_broken(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

bool
fuzz_all(const void *p, size_t len, uint8_t byte)
{
	const uint8_t *bytes = p;

	return len == 0 ||
	    (bytes[0] == byte && memcmp(bytes, bytes + 1, len - 1) == 0);
}

bool
fuzz_ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

bool
fuzz_sentence(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e || *text == '"' ||
		    *text == '\\')
			return false;
	}
	return true;
}

uint8_t
fuzz_byte(struct fuzz_in *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->p++;
}

uint32_t
fuzz_number(struct fuzz_in *in, unsigned int bytes)
{
	uint32_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | fuzz_byte(in);
	return number;
}

void
fuzz_line(struct fuzz_in *in, char *out, size_t size)
{
	const uint8_t *end = in->left != 0 ?
	    memchr(in->p, '\n', in->left) : NULL;
	size_t len = end != NULL ? (size_t)(end - in->p) : in->left;
	size_t kept = len < size ? len : size - 1;

	if (kept != 0)
		memcpy(out, in->p, kept);
	out[kept] = '\0';
	in->p += len + (end != NULL);
	in->left -= len + (end != NULL);
}
