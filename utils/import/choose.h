/* SPDX-License-Identifier: MIT */
/* What --user takes of a file of many keys. */
#ifndef MFA_IMPORT_CHOOSE_H
#define MFA_IMPORT_CHOOSE_H

#include <stddef.h>

enum mfa_import_choice {
	MFA_CHOICE_ALL = 1,  /* one key, or keys that are all one user's */
	MFA_CHOICE_OWN = 2,  /* those that name this user */
	MFA_CHOICE_NONE = 3, /* several keys, and nothing says which */
};

/*
 * Keys that name nobody are as many as they are: nobody has a whole box of
 * tokens.
 *
 * text: len bytes, otpauth URLs, one a line
 */
enum mfa_import_choice mfa_import_choose(const char *user, const char *text,
    size_t len);

#endif
