/* SPDX-License-Identifier: MIT */
/* What the tests of engine/restore.c share. */
#ifndef MFA_TESTS_RESTORE_H
#define MFA_TESTS_RESTORE_H

#include "tests/unit/world.h"

#include "verifier/engine/restore.h"

#define BOTH (MFA_STORE_SLOTS * MFA_STORE_SLOT)

static inline enum mfa_err
restore_it(struct world *w, struct mfa_restored *out)
{
	return mfa_restore_record(&w->engine, &w->caller, w->subject.id, out);
}

/* It works, and voids something. */
static inline struct mfa_restored
restored(struct world *w)
{
	struct mfa_restored out;

	assert_int_equal(restore_it(w, &out), MFA_OK);
	assert_true(out.changed);
	return out;
}

static inline void
enroll(struct world *w, struct mfa_confirmed *confirmed)
{
	world_enroll(w, "phone", SECRET_A, confirmed);
	world_pass(w, 90);
}

static inline enum mfa_reason
try_step(struct world *w, int steps)
{
	char code[9];

	world_code(w, SECRET_A, steps, code);
	return world_try(w, code);
}

#define FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

#endif
