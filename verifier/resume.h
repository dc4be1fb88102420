/* SPDX-License-Identifier: MIT */
/*
 * A listener that starts itself anew (R28): the same process and descriptors,
 * an address space of which a crashed child can have told nobody anything.
 *
 * MUST (checked against resume.c):
 *  - what is executed is the running image itself, with an empty environment;
 *  - the state is in a memory file that is sealed before it is handed on, and
 *    believed only if it is sealed, of the right size, and of this very
 *    version;
 *  - no descriptor is handed on but those that it names, and each that it
 *    names is open and close-on-exec again before anything else is done;
 *  - nothing in it is secret, and nothing in it was written by a child.
 *
 * guard.h has the rest of the checks.
 */
#ifndef MFA_VERIFIER_RESUME_H
#define MFA_VERIFIER_RESUME_H

#include "lib/base/err.h"
#include "verifier/places.h"
#include "verifier/serve.h"

struct mfa_handover {
	/* set by mfa_resume_exec */
	uint8_t magic[8];
	uint32_t size;
	char version[32];
	/* set by the caller */
	int listener; /* descriptor */
	int notes;    /* descriptor: memory of MFA_PLACES notes */
	struct mfa_places places;
	struct mfa_runner_link runner;
	struct mfa_keyring_held held;
};

/*
 * A memory file of so many bytes, zeros, that cannot change its size.
 *
 * Returns: its descriptor, close-on-exec, the caller's to close; -1 on failure.
 */
int mfa_resume_memory(const char *name, size_t size);

/*
 * Executes the running program anew, as "medusa-mfad --resume NUMBER".
 *
 * Returns: only on failure, MFA_ERR_IO; the caller must end.
 */
enum mfa_err mfa_resume_exec(struct mfa_handover *state) MFA_MUST_USE;

/*
 * Takes over what mfa_resume_exec has handed on.
 *
 * number: of the descriptor, as in the argument
 * state:  untouched on failure
 *
 * Returns: MFA_OK; MFA_ERR_DENIED if anything is odd.
 */
enum mfa_err mfa_resume_load(const char *number,
    struct mfa_handover *state) MFA_MUST_USE;

/* The descriptors that a state names; how many. */
#define MFA_RESUME_FDS (3 + MFA_KEYRING_HELD)
size_t mfa_resume_descriptors(const struct mfa_handover *state,
    int fds[MFA_RESUME_FDS]);

#endif
