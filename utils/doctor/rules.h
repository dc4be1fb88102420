/* SPDX-License-Identifier: MIT */
/* Findings about rules, [rule NAME], and about what they rest on. */
#ifndef MFA_DOCTOR_RULES_H
#define MFA_DOCTOR_RULES_H

#include "utils/doctor/found.h"
#include "utils/doctor/pam_judge.h"
#include "utils/doctor/settings.h"

/*
 * host: after mfa_pam_judge
 */
void mfa_rules_judge(const struct mfa_settings *settings,
    const struct mfa_pam_host *host, struct mfa_found *found);

/*
 * What lets a user write SSH_AUTH_INFO_0 into the environment that PAM has,
 * before a line of ours looks at it.  Remembered in host->forges.
 *
 * stack: loaded
 */
void mfa_rules_note_forges(struct mfa_pam_host *host,
    const struct mfa_pam_stack *stack);

#endif
