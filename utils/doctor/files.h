/* SPDX-License-Identifier: MIT */
/* Findings about accounts, files, and what the verifier says of itself. */
#ifndef MFA_DOCTOR_FILES_H
#define MFA_DOCTOR_FILES_H

#include "utils/doctor/found.h"
#include "utils/doctor/pam_judge.h"
#include "utils/doctor/settings.h"
#include "utils/doctor/tree.h"

/* Accounts and files, on this host and in a tree. */
void mfa_files_judge(const struct mfa_tree *tree,
    const struct mfa_settings *settings, struct mfa_found *found);

/*
 * The first ordinary user in /etc/passwd.
 *
 * Returns: false if there is none; name is then as it was, or empty.
 */
bool mfa_files_ordinary(const struct mfa_tree *tree, char *name, size_t size);

/* medusa-mfad --check, on this host, as root. */
void mfa_files_check(const struct mfa_settings *settings,
    struct mfa_found *found);

/* The clock and SELinux labels of this host. */
void mfa_machine_judge(const struct mfa_settings *settings,
    struct mfa_found *found);

/*
 * Profiles of AppArmor that confine a program whose service asks, and do not
 * name us: in it, its local/ file, or what all programs that authenticate have.
 *
 * host: after mfa_pam_judge
 */
void mfa_apparmor_judge(const struct mfa_pam_host *host,
    struct mfa_found *found);

/*
 * Asks the verifier about records and administrators, what the services that
 * ask would ask of them (Explain); looks at its socket.  On this host, as root.
 *
 * host: after mfa_pam_judge
 */
void mfa_people_judge(const struct mfa_pam_host *host,
    struct mfa_found *found);

#endif
