/* SPDX-License-Identifier: MIT */
/*
 * What mutated copies of product files are compiled with (rewrite.py): each
 * change has a number, and the environment names the one that is on.
 *
 *   MFA_MUTANT      the number of the change that is on; none if it is unset
 *   MFA_MUTANT_TEST  of the functions of a unit test only this one is run
 *   MFA_MUTANT_MAP  a file: byte n becomes 1 when change n was met where it
 *                   makes a difference
 */
#ifndef MFA_TESTS_MUTANT_H
#define MFA_TESTS_MUTANT_H

struct mutant_state {
	int on;
	unsigned char *map; /* NULL: nobody wants to know */
};
extern struct mutant_state mutant_state;

/* Returns: 1 if change n is on, else 0. */
static inline int
MU(int n)
{
	if (mutant_state.map != (void *)0)
		mutant_state.map[n] = 1;
	return mutant_state.on == n;
}

/* Returns: plain, or changed if change n is on. */
static inline int
MU_PICK(int n, int plain, int changed)
{
	return plain != changed && MU(n) ? changed : plain;
}

#endif
