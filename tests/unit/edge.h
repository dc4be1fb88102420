/* SPDX-License-Identifier: MIT */
/* A text whose end is the end of its memory: a byte more is a crash. */
#ifndef MFA_TESTS_EDGE_H
#define MFA_TESTS_EDGE_H

#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* A copy that is never freed. */
static inline const char *
edge_of_memory(const char *text)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t size = strlen(text) + 1;
	char *at = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(at != MAP_FAILED && size <= page);
	assert_int_equal(mprotect(at + page, page, PROT_NONE), 0);
	at += page - size;
	memcpy(at, text, size);
	return at;
}

#endif
