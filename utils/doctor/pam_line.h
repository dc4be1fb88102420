/* SPDX-License-Identifier: MIT */
/*
 * One line of a PAM configuration file, read as libpam 1.5 reads it (pam.d(5)).
 * Tried against libpam itself: tests/unit/test_doctor_libpam.c.
 */
#ifndef MFA_DOCTOR_PAM_LINE_H
#define MFA_DOCTOR_PAM_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

#define MFA_PAM_CODES 32 /* return codes of modules, from 0 */
#define MFA_PAM_ARGS  64 /* words behind a module that are looked at */

/* libpam's numbers, of those that are named here. */
enum mfa_pam_code {
	MFA_PAM_SUCCESS = 0,
	MFA_PAM_SYSTEM_ERR = 4,
	MFA_PAM_PERM_DENIED = 6,
	MFA_PAM_AUTH_ERR = 7,
	MFA_PAM_AUTHINFO_UNAVAIL = 9,
	MFA_PAM_NEW_AUTHTOK = 12,
	MFA_PAM_IGNORE = 25,
	MFA_PAM_MODULE_UNKNOWN = 28
};

enum mfa_pam_type {
	MFA_PAM_ANY = 0, /* of @include, and of junk, which fails */
	MFA_PAM_AUTH = 1,
	MFA_PAM_ACCOUNT = 2,
	MFA_PAM_PASSWORD = 3,
	MFA_PAM_SESSION = 4
};

/* What a return code does; a positive number jumps over so many lines. */
enum mfa_pam_action {
	MFA_PAM_DO_IGNORE = 0,
	MFA_PAM_DO_OK = -1,
	MFA_PAM_DO_DONE = -2,
	MFA_PAM_DO_BAD = -3,
	MFA_PAM_DO_DIE = -4,
	MFA_PAM_DO_RESET = -5
};

enum mfa_pam_kind {
	MFA_PAM_MODULE = 1,
	MFA_PAM_INCLUDE = 2,
	MFA_PAM_SUBSTACK = 3,
	MFA_PAM_FAILS = 4 /* a line that libpam makes fail */
};

struct mfa_pam_line {
	enum mfa_pam_type type;
	enum mfa_pam_kind kind;
	int actions[MFA_PAM_CODES];
	char *text;	     /* holds the words; to be freed */
	const char *control; /* as written, brackets apart; NULL: none */
	const char *module;  /* or the file that is included; NULL: none */
	const char *args[MFA_PAM_ARGS];
	size_t argc;
	const char *problem; /* a constant text; NULL: none */
};

/*
 * Takes the next line, with those that continue it, off a file.
 *
 * at:     moves; NULL at the end of the file
 * number: of the last line read, counted from 1; moves, too
 * first:  number of the line it begins in
 * text:   to be freed; without comment, blanks at its ends, continuations
 * broken: true if the file ends within a line: libpam refuses all of it
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND at the end; MFA_ERR_MEMORY.
 */
struct mfa_pam_reader {
	const char *at;
	unsigned int number, first;
	bool broken;
};
enum mfa_err mfa_pam_read(struct mfa_pam_reader *reader,
    char **text) MFA_MUST_USE;

/*
 * Takes a line apart.
 *
 * text: is taken over by the line
 */
void mfa_pam_line_parse(char *text, struct mfa_pam_line *line);

/*
 * What each code does by a control word or the inside of its brackets.
 *
 * Returns: false if libpam does not understand it; then all is bad.
 */
bool mfa_pam_control_parse(const char *control, int actions[MFA_PAM_CODES]);

/* The name that a code has in brackets, "auth_err". */
const char *mfa_pam_code_name(int code);

#endif
