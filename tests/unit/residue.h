/* SPDX-License-Identifier: MIT */
/*
 * What a function leaves behind it (R14).  It runs on a stack of its own, on
 * which nothing else runs before that is looked through.
 */
#ifndef MFA_TESTS_RESIDUE_H
#define MFA_TESTS_RESIDUE_H

#include "tests/unit/unit.h"

#include <stdlib.h>
#include <ucontext.h>

#define RESIDUE_STACK 1048576 /* bytes */

static uint8_t residue_stack[RESIDUE_STACK];
static ucontext_t residue_here, residue_there;

/* First line of a main: frames of a sanitizer are other ones. */
static inline void
residue_need_plain_frames(void)
{
#ifdef __SANITIZE_ADDRESS__
	(void)puts("1..0 # SKIP a sanitized build lays its frames differently");
	exit(0);
#endif
}

/* Runs it; what it works on is in static variables. */
static inline void
residue_run(void (*what)(void))
{
	memset(residue_stack, 0, sizeof(residue_stack));
	assert_int_equal(getcontext(&residue_there), 0);
	residue_there.uc_stack.ss_sp = residue_stack;
	residue_there.uc_stack.ss_size = sizeof(residue_stack);
	residue_there.uc_link = &residue_here;
	makecontext(&residue_there, what, 0);
	assert_int_equal(swapcontext(&residue_here, &residue_there), 0);
}

/* Is it somewhere in there?  What is shorter stands there by chance. */
static inline bool
residue_in(const void *from, size_t size, const void *needle, size_t len)
{
	const uint8_t *p = from;

	assert_true(len >= 4);
	for (size_t i = 0; i + len <= size; i++) {
		if (memcmp(p + i, needle, len) == 0)
			return true;
	}
	return false;
}

static inline bool
residue_left(const void *needle, size_t len)
{
	return residue_in(residue_stack, sizeof(residue_stack), needle, len);
}

#endif
