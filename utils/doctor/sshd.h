/* SPDX-License-Identifier: MIT */
/* What sshd's configuration says, as far as second factors go. */
#ifndef MFA_DOCTOR_SSHD_H
#define MFA_DOCTOR_SSHD_H

#include <stdbool.h>

#include "utils/doctor/found.h"
#include "utils/doctor/tree.h"

enum mfa_sshd_option {
	MFA_SSHD_USEPAM,
	MFA_SSHD_KBDINT,
	MFA_SSHD_PASSWORD,
	MFA_SSHD_PUBKEY,
	MFA_SSHD_HOSTBASED,
	MFA_SSHD_GSSAPI,
	MFA_SSHD_ROOT,
	MFA_SSHD_ENVIRONMENT,
	MFA_SSHD_METHODS,
	MFA_SSHD_KERBEROS,
	MFA_SSHD_USEDNS,
	MFA_SSHD_SERVICE, /* of PAM */
	MFA_SSHD_OPTIONS
};

/* For one user. */
struct mfa_sshd {
	bool there;   /* there is a configuration */
	bool matches; /* with Match blocks */
	bool asked;   /* sshd itself said so, by -T */
	bool cut;     /* there are more files than are read */
	char value[MFA_SSHD_OPTIONS][256];
};

/*
 * Asks sshd -T on this host; else, and in a tree, reads sshd_config and what
 * it includes.
 *
 * user: for Match blocks
 */
void mfa_sshd_load(const struct mfa_tree *tree, const char *user,
    struct mfa_sshd *sshd);

/* The option is yes. */
bool mfa_sshd_is(const struct mfa_sshd *sshd, enum mfa_sshd_option option);

/* A key (or the like) is enough, and PAM asks nothing. */
bool mfa_sshd_key_alone(const struct mfa_sshd *sshd);
/*
 * A password is enough that sshd has checked with Kerberos: it asks Kerberos
 * before PAM (auth_password), and then runs no line of auth.
 *
 * user: "root" is let in by a password only where PermitRootLogin is yes
 */
bool mfa_sshd_kerberos_alone(const struct mfa_sshd *sshd, const char *user);
/* The password method is enough: it shows nothing that PAM says. */
bool mfa_sshd_password_alone(const struct mfa_sshd *sshd);
/* Each way to PAM's prompt leads through a key. */
bool mfa_sshd_key_first(const struct mfa_sshd *sshd);

/*
 * Findings about sshd, where the service sshd has a line of ours.
 *
 * enforced: it has account ... enforce
 */
void mfa_sshd_judge(const struct mfa_sshd *sshd, const char *user,
    bool enforced, struct mfa_found *found);

#endif
