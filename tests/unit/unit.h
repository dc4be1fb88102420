/* SPDX-License-Identifier: MIT */
/* What the unit tests share: cmocka, and a reader of the frozen vectors. */
#ifndef MFA_TESTS_UNIT_H
#define MFA_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/num.h"

#define UNIT_FIELDS 8
#define UNIT_LINE   2048

/* Cuts a line at every '|'; the number of fields. */
static inline size_t
unit_split(char *line, char **field)
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *p = line; p != NULL && n < UNIT_FIELDS; n++) {
		field[n] = p;
		if ((p = strchr(p, '|')) != NULL)
			*p++ = '\0';
	}
	return n;
}

/*
 * Calls holds for every line of a file in tests/vectors that is no comment;
 * fails the test at the first line where it says no.
 *
 * Returns: the number of vectors, to be compared with the frozen number.
 */
static inline unsigned int
unit_vectors(const char *name, size_t fields, bool (*holds)(char *const *))
{
	char path[4096], line[UNIT_LINE];
	char *field[UNIT_FIELDS];
	unsigned int number = 0, count = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", MFA_VECTORS, name);
	if ((f = fopen(path, "re")) == NULL)
		fail_msg("%s cannot be opened", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		number++;
		if (line[0] == '#')
			continue;
		if (unit_split(line, field) != fields)
			fail_msg("%s:%u: not %zu fields", name, number, fields);
		if (!holds(field))
			fail_msg("%s:%u: does not hold", name, number);
		count++;
	}
	(void)fclose(f);
	return count;
}

/* Bytes of a hexadecimal field; the length. */
static inline size_t
unit_unhex(const char *text, uint8_t *out, size_t size)
{
	size_t len = strlen(text) / 2;

	if (len > size || mfa_num_unhex(text, out, len) != MFA_OK)
		fail_msg("%s is not hexadecimal", text);
	return len;
}

/* enum mfa_crypt_alg's number of a name; 0 for no such algorithm. */
static inline unsigned int
unit_alg(const char *name)
{
	static const char *const names[] = { "SHA1", "SHA256", "SHA512" };

	for (unsigned int i = 0; i < 3; i++) {
		if (strcmp(name, names[i]) == 0)
			return i + 1;
	}
	return 0;
}

/* True if all bytes are value. */
static inline bool
unit_all(const void *p, size_t len, uint8_t value)
{
	const uint8_t *bytes = p;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

#endif
