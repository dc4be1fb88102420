/* SPDX-License-Identifier: MIT */
/* Findings about the PAM stacks that our module is in. */
#ifndef MFA_DOCTOR_PAM_JUDGE_H
#define MFA_DOCTOR_PAM_JUDGE_H

#include "utils/doctor/found.h"
#include "utils/doctor/pam_stack.h"
#include "utils/doctor/settings.h"
#include "utils/doctor/sshd.h"
#include "utils/doctor/tree.h"

#define MFA_PAM_FORGES 16
#define MFA_PAM_ASKING 64

/* Something that lets others write the environment of a service. */
struct mfa_pam_forge {
	char service[MFA_PAM_NAME];
	char where[MFA_PAM_NAME + 32];
	char what[200]; /* behind "and" */
};

/* What is known besides the stacks. */
struct mfa_pam_host {
	const struct mfa_tree *tree;
	const struct mfa_sshd *sshd; /* of an ordinary user */
	const struct mfa_sshd *root_sshd; /* of root; NULL: the same */
	const struct mfa_settings *settings;
	/* Found on the way. */
	size_t services;   /* that have a line of ours */
	char asking[MFA_PAM_ASKING][MFA_PAM_NAME]; /* have one of type auth */
	size_t askings;
	struct mfa_pam_forge forge[MFA_PAM_FORGES];
	size_t forges;
	bool sshd_asks;	   /* sshd's service has one of type auth */
	bool sshd_refuses; /* and one with enforce */
	/* Lines of ours in the service that is looked at. */
	size_t with_nullok, without_nullok;
};

/* The service is that of sshd: its PAMServiceName, for some user. */
bool mfa_pam_is_sshd(const struct mfa_pam_host *host, const char *service);

/* The service is that of a screen locker. */
bool mfa_pam_is_locker(const char *service);

/* The service has a line of ours of type auth. */
bool mfa_pam_asks(const struct mfa_pam_host *host, const char *service);

/*
 * Looks at every service.
 *
 * Returns: MFA_OK or MFA_ERR_MEMORY.
 */
enum mfa_err mfa_pam_judge(struct mfa_pam_host *host,
    struct mfa_found *found) MFA_MUST_USE;

/* Findings about services of one program, after mfa_pam_judge. */
void mfa_pam_judge_names(const struct mfa_pam_host *host,
    struct mfa_found *found);

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
