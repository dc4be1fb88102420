/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/audit.h"

#include <unistd.h>

#include <security/pam_modutil.h>

/*
 * AUDIT_RESP_ACCT_LOCK_TIMED and AUDIT_RESP_ACCT_UNLOCK_TIMED of libaudit.h
 * (audit-userspace), which the kernel passes on as they are: 2200 to 2299 are
 * for responses to anomalies.
 */
#define ACCOUNT_LOCKED	 2205
#define ACCOUNT_UNLOCKED 2206

void
mfa_audit_lock(pam_handle_t *pamh, mfa_wire_Lock lock)
{
	int type;

	switch (lock) {
	case mfa_wire_Lock_LOCK_LOCKED:
		type = ACCOUNT_LOCKED;
		break;
	case mfa_wire_Lock_LOCK_UNLOCKED:
		type = ACCOUNT_UNLOCKED;
		break;
	default:
		return;
	}
	/* The kernel takes records from root only. */
	if (geteuid() != 0)
		return;
	(void)pam_modutil_audit_write(pamh, type, "pam_medusa_mfa",
	    PAM_SUCCESS);
}
