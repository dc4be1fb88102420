/* SPDX-License-Identifier: MIT */
/* The lines that libpam runs for one service and type, in their order. */
#ifndef MFA_DOCTOR_PAM_STACK_H
#define MFA_DOCTOR_PAM_STACK_H

#include "utils/doctor/pam_line.h"
#include "utils/doctor/tree.h"

#define MFA_PAM_LINES 512 /* of a stack */
#define MFA_PAM_FILES 512 /* that a stack reads */
#define MFA_PAM_DEPTH 16  /* substacks and includes in each other */
#define MFA_PAM_NAME  128

#define MFA_PAM_OURS  "pam_medusa_mfa.so"
#define MFA_PAM_OTHER "other" /* stands for services without a file */

/* No line here is an include: what it names stands in its place. */
struct mfa_pam_handler {
	struct mfa_pam_line line;
	char file[MFA_PAM_NAME]; /* in /etc/pam.d */
	unsigned int number;	 /* line there */
	int level;		 /* 0, or how many substacks it is in */
	int depth;		 /* while loading: files in each other */
};

struct mfa_pam_stack {
	struct mfa_pam_handler *handler;
	size_t count;
	char service[MFA_PAM_NAME];
	enum mfa_pam_type type;
	bool other;	   /* the lines are those of the service other */
	bool sshd;	   /* sshd runs it: perhaps a key came before */
	const char *fatal; /* libpam refuses all of it; a constant, or NULL */
};

/* The service has a file of its own. */
bool mfa_pam_has_file(const struct mfa_tree *tree, const char *service);

/*
 * Loads a stack.  Where the service has no line of that type, those of the
 * service other are its.
 *
 * Returns: MFA_OK, and mfa_pam_stack_free has to follow; MFA_ERR_NOT_FOUND if
 * there is no such file; MFA_ERR_MEMORY; an error of mfa_tree_read.
 */
enum mfa_err mfa_pam_stack_load(const struct mfa_tree *tree,
    const char *service, enum mfa_pam_type type,
    struct mfa_pam_stack *stack) MFA_MUST_USE;
void mfa_pam_stack_free(struct mfa_pam_stack *stack);

/* "common-auth:17", with the folder: "/etc/pam.d/common-auth:17". */
void mfa_pam_where(const struct mfa_pam_handler *handler, char *out,
    size_t size);

/* "pam_unix.so" of "/lib/security/pam_unix.so". */
const char *mfa_pam_base(const char *module);

/* True for lines of ours, wherever the module lies. */
bool mfa_pam_is_ours(const struct mfa_pam_handler *handler);

/* True if one of the stack's lines is ours. */
bool mfa_pam_has_ours(const struct mfa_pam_stack *stack);

/* Argument NAME, or the value of NAME=VALUE; NULL if it is not there. */
const char *mfa_pam_arg(const struct mfa_pam_handler *handler,
    const char *name);

#endif
