/* SPDX-License-Identifier: MIT */
/* The session of the kernel's audit, which pam_loginuid(8) begins. */
#ifndef MFA_PAM_SESSIONID_H
#define MFA_PAM_SESSIONID_H

#include <stdint.h>

/*
 * That of this process, as the kernel has it (/proc/self/sessionid): nobody
 * without CAP_AUDIT_CONTROL can leave it.
 *
 * Returns: 0 if there is none, or if it cannot be seen.
 */
uint32_t mfa_sessionid(void);

#endif
