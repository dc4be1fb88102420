/* SPDX-License-Identifier: MIT */
/* What is known of a host besides its PAM stacks, and found on the way. */
#ifndef MFA_DOCTOR_PAM_HOST_H
#define MFA_DOCTOR_PAM_HOST_H

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

#endif
