/* SPDX-License-Identifier: MIT */
/* Who logs in, where and from where: what the host put on its handle. */
#ifndef MFA_PAM_WHO_H
#define MFA_PAM_WHO_H

#include <stdbool.h>

#include <security/pam_modules.h>

#include "lib/base/err.h"
#include "pam_medusa_mfa/outcome.h"
#include "protocol/wire.pb.h"

#define MFA_WHO_SIZE(field) sizeof(((mfa_wire_Login *)0)->field)

/* As the host has them; "" for one that is not set, but never the user. */
struct mfa_who {
	char user[MFA_WHO_SIZE(user)];
	char service[MFA_WHO_SIZE(service)];
	char rhost[MFA_WHO_SIZE(rhost)];
	char tty[MFA_WHO_SIZE(tty)];
	/*
	 * A public key has passed before the method of now.  By the PAM
	 * environment, and only sshd writes it: `medusa-mfa doctor` flags
	 * what lets a user write there.  False where a key is all: sshd tells
	 * of a method when the next one begins.
	 */
	bool key_used;
};

/*
 * Reads the items and the PAM environment.  Asks nobody.
 *
 * who:     all zero on failure
 * outcome: its step is set
 *
 * Returns: MFA_OK; MFA_ERR_NO_USER if the user name is missing, empty or
 * longer than 256 bytes; MFA_ERR_PROTOCOL if another item does not fit, since
 * a cut host or service could match a policy that the real one does not;
 * MFA_ERR_IO.
 */
enum mfa_err mfa_who_load(pam_handle_t *pamh, struct mfa_who *who,
    struct mfa_outcome *outcome) MFA_MUST_USE;

/*
 * The same after pam_get_user, which asks for a name where the host has none.
 *
 * outcome: REASON_CONVERSATION and unasked if no name could be had, which is
 *          MFA_OK; who is all zero then
 *
 * Returns: as mfa_who_load; MFA_ERR_MEMORY.
 */
enum mfa_err mfa_who_ask(pam_handle_t *pamh, struct mfa_who *who,
    struct mfa_outcome *outcome) MFA_MUST_USE;

#endif
