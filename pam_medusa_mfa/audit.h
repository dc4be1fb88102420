/* SPDX-License-Identifier: MIT */
/*
 * Linux audit: which conversation locked an account, and which opened it again.
 *
 * MUST (checked against audit.c):
 *  - it returns nothing: no result of the module depends on it;
 *  - a host that does not run as root writes nothing.
 */
#ifndef MFA_PAM_AUDIT_H
#define MFA_PAM_AUDIT_H

#include <security/pam_modules.h>

#include "protocol/wire.pb.h"

/*
 * Writes one record, with user, remote host and terminal by libpam, whose work
 * audit records are.
 *
 * lock: of the verifier; LOCK_NONE and unknown numbers write nothing
 */
void mfa_audit_lock(pam_handle_t *pamh, mfa_wire_Lock lock);

#endif
