/* SPDX-License-Identifier: MIT */
/*
 * For hosts that can ask only once: a split line takes "password+code" apart,
 * a use_split line behind the password's module uses the code (R24).
 *
 * MUST (R8, R14; checked against split.c and login.c):
 *  - a split line verifies nothing, and changes no item but PAM_AUTHTOK;
 *  - a code is used for the user and the service that it was typed for, once,
 *    and by the very next use_split line: it is dropped before it is sent, and
 *    when a split line begins anew;
 *  - copies of it and of the password are wiped, and never logged.
 */
#ifndef MFA_PAM_SPLIT_H
#define MFA_PAM_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include <security/pam_modules.h>

#include "lib/base/err.h"
#include "pam_medusa_mfa/args.h"
#include "pam_medusa_mfa/outcome.h"
#include "pam_medusa_mfa/who.h"

#define MFA_SPLIT_RECOVERY 29 /* bytes of six groups of four, and hyphens */

/* NUL-terminated; "" for none.  Wipe it. */
struct mfa_split_code {
	char text[MFA_SPLIT_RECOVERY + 1];
};

/*
 * Finds the code at the end of what was typed: the last bytes if all are
 * digits, or a recovery code with its hyphens, behind at least one byte.
 *
 * typed:  NUL-terminated
 * digits: 6 to 8
 *
 * Returns: the length of what stands before the code; that of the whole text
 * if there is no code in it.
 */
size_t mfa_split_find(const char *typed, uint32_t digits);

/*
 * A split line: takes PAM_AUTHTOK apart, and asks for it if it is not set.
 * Whom policy does not ask for a code keeps the password whole; if that
 * cannot be found out, it is taken apart.
 *
 * outcome: REASON_CONVERSATION and unasked if the host could not ask, which is
 *          MFA_OK; else REASON_NONE
 *
 * Returns: MFA_OK; MFA_ERR_MEMORY; MFA_ERR_IO if PAM_AUTHTOK could not be
 * read or set.
 */
enum mfa_err mfa_split_run(pam_handle_t *pamh, const struct mfa_args *args,
    const struct mfa_who *who, struct mfa_outcome *outcome) MFA_MUST_USE;

/*
 * Takes the code of this user and service, and drops it.
 *
 * code: "" if there is none, and on failure; caller wipes it
 *
 * Returns: MFA_OK; as mfa_bound_drop: then it must not be used.
 */
enum mfa_err mfa_split_take(pam_handle_t *pamh, const struct mfa_who *who,
    struct mfa_split_code *code) MFA_MUST_USE;

#endif
