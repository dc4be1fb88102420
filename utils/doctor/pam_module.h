/* SPDX-License-Identifier: MIT */
/* What is known of modules: what they are for, and what they may return. */
#ifndef MFA_DOCTOR_PAM_MODULE_H
#define MFA_DOCTOR_PAM_MODULE_H

#include <stdint.h>

#include "utils/doctor/pam_stack.h"

enum mfa_pam_class {
	MFA_PAM_VERIFIES = 1, /* ours: asks for a code, or enforces */
	MFA_PAM_SPLITS = 2,   /* ours: takes a code off the password */
	MFA_PAM_IDLE = 3,     /* ours, where it does nothing */
	MFA_PAM_FACTOR = 4,   /* asks for a password or the like */
	MFA_PAM_CHOICE = 5,   /* a condition somebody has chosen */
	MFA_PAM_SORTS = 6,    /* a condition of the system's own stacks */
	MFA_PAM_ROOT = 7,     /* is it root who asks? */
	MFA_PAM_ALWAYS = 8,   /* says yes */
	MFA_PAM_NEVER = 9,    /* says no */
	MFA_PAM_TALLY = 10,   /* counts wrong passwords */
	MFA_PAM_PLAIN = 11,   /* does not decide who gets in */
	MFA_PAM_STRANGE = 12  /* not known here */
};

enum mfa_pam_class mfa_pam_class_of(const struct mfa_pam_handler *handler);

/*
 * The codes that a line may return, bit by bit.
 *
 * service: in which it runs
 */
uint32_t mfa_pam_returns(const struct mfa_pam_handler *handler,
    const char *service);

/* libpam finds a file, not empty, for what a line has for its module. */
bool mfa_pam_file_is_there(const struct mfa_tree *tree, const char *module);

/*
 * The name of a module or of a file was meant for ours: it is that, or has
 * medusa in it, or is off by a letter or two.
 */
bool mfa_pam_means_us(const char *name);

/* The line means our module, and has the name of a file that is not there. */
bool mfa_pam_is_misspelt(const struct mfa_tree *tree,
    const struct mfa_pam_handler *handler);

/*
 * What is wrong with the arguments of a line of ours, as pam_medusa_mfa(8)
 * has them.
 *
 * Returns: the first that is refused, or NULL.
 */
const char *mfa_pam_bad_argument(const struct mfa_pam_handler *handler);

#endif
