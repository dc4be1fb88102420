/* SPDX-License-Identifier: MIT */
/* Findings about the PAM stacks that our module is in. */
#ifndef MFA_DOCTOR_PAM_JUDGE_H
#define MFA_DOCTOR_PAM_JUDGE_H

#include "utils/doctor/found.h"
#include "utils/doctor/pam_host.h"
#include "utils/doctor/pam_stack.h"
#include "utils/doctor/tree.h"

/*
 * Looks at every service.
 *
 * Returns: MFA_OK or MFA_ERR_MEMORY.
 */
enum mfa_err mfa_pam_judge(struct mfa_pam_host *host,
    struct mfa_found *found) MFA_MUST_USE;

/*
 * Findings about services of one program, and about the one that stands for
 * those without a file, after mfa_pam_judge.
 *
 * Returns: MFA_OK or MFA_ERR_MEMORY.
 */
enum mfa_err mfa_pam_judge_names(const struct mfa_pam_host *host,
    struct mfa_found *found) MFA_MUST_USE;

/* Findings about one loaded stack; the same for tests. */
enum mfa_err mfa_pam_judge_stack(struct mfa_pam_host *host,
    const struct mfa_pam_stack *stack, struct mfa_found *found) MFA_MUST_USE;

/* Findings about each line of ours alone, and what it stands beside. */
void mfa_pam_judge_lines(struct mfa_pam_host *host,
    const struct mfa_pam_stack *stack, struct mfa_found *found);

/* Lines that were meant for ours, and name a module that is not there. */
void mfa_pam_judge_misspelt(const struct mfa_tree *tree,
    const struct mfa_pam_stack *stack, struct mfa_found *found);

#endif
