/* SPDX-License-Identifier: MIT */
/* Findings about the PAM stacks that our module is in. */
#ifndef MFA_DOCTOR_PAM_JUDGE_H
#define MFA_DOCTOR_PAM_JUDGE_H

#include "utils/doctor/found.h"
#include "utils/doctor/pam_stack.h"
#include "utils/doctor/sshd.h"
#include "utils/doctor/tree.h"

/* What is known besides the stacks. */
struct mfa_pam_host {
	const struct mfa_tree *tree;
	const struct mfa_sshd *sshd; /* of an ordinary user */
	const struct mfa_sshd *root_sshd; /* of root; NULL: the same */
	bool require_all;	     /* whoever has no factor is refused */
	/* Found on the way. */
	size_t services;   /* that have a line of ours */
	bool sshd_asks;	   /* the service sshd has one of type auth */
	bool sshd_refuses; /* and one with enforce */
	/* Lines of ours in the service that is looked at. */
	size_t with_nullok, without_nullok;
};

/*
 * Looks at every service.
 *
 * Returns: MFA_OK or MFA_ERR_MEMORY.
 */
enum mfa_err mfa_pam_judge(struct mfa_pam_host *host,
    struct mfa_found *found) MFA_MUST_USE;

/* Findings about one loaded stack; the same for tests. */
enum mfa_err mfa_pam_judge_stack(struct mfa_pam_host *host,
    const struct mfa_pam_stack *stack, struct mfa_found *found) MFA_MUST_USE;

/* Findings about each line of ours alone, and what it stands beside. */
void mfa_pam_judge_lines(struct mfa_pam_host *host,
    const struct mfa_pam_stack *stack, struct mfa_found *found);

#endif
