/* SPDX-License-Identifier: MIT */
/* What a sweep works with, and what it holds each run against. */
#ifndef MFA_PROOF_SWEEP_H
#define MFA_PROOF_SWEEP_H

#include "tests/proof/faults/fault.h"
#include "tests/proof/faults/scene.h"
#include "tests/proof/faults/strike.h"

#define SWEEP_UNKNOWN INT32_MIN /* nobody has looked */
#define SWEEP_NUMBERS 512	/* of system calls */

struct sweep {
	struct scene scene;
	const struct scene_case *c;
	const char *login; /* program */
	const char *role;  /* NULL: all */
	bool listening, killing, warm;
	unsigned int stride, first;
	struct fault_page *client, *verifier, *runner;
	/* the clean run */
	struct strike_result clean;
	struct fault_page clean_client, clean_verifier, clean_runner;
	/* one run */
	struct strike_plan plan;
	struct strike_result result;
	char where[160];
	/* counted */
	unsigned int absences; /* not counted as strikes */
	unsigned int strikes, missed, bad, cases, bad_cases;
	double slowest;
	char slow[200]; /* which one that was */
	unsigned int let_in, again, uncompared, lost;
	unsigned int uncompared_call[SWEEP_NUMBERS];
	unsigned int uncompared_kind[FAULT_KINDS];
};

/* The result in a word: of a command, "ok" or "failed". */
void sweep_word(const struct sweep *s, char out[32]);

/* Something does not hold: counted, and said. */
void sweep_bad(struct sweep *s, const char *what);

/* All that must hold after a run (sweep.c). */
void sweep_check(struct sweep *s);

/* And when nothing was struck: what is compared is seen to be. */
void sweep_check_clean(struct sweep *s);

#endif
