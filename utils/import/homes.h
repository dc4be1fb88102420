/* SPDX-License-Identifier: MIT */
/* Files of google-authenticator's: of one user, or of all. */
#ifndef MFA_IMPORT_HOMES_H
#define MFA_IMPORT_HOMES_H

#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>

#include "utils/import/take.h"

#define MFA_IMPORT_HOME "~/.google_authenticator" /* where nothing is said */

/*
 * A user's file, as the option secret= of pam_google_authenticator names it:
 * a ~/ at its beginning and ${HOME} or %h are the home, ${USER} or %u the name.
 *
 * out: size bytes
 *
 * Returns: MFA_OK; MFA_ERR_INVALID for what is not absolute then, or too long.
 */
enum mfa_err mfa_import_home_path(const struct passwd *pw, const char *pattern,
    char *out, size_t size) MFA_MUST_USE;

/* True if a pattern begins in the home, or leads through it. */
bool mfa_import_home_is_in(const char *pattern);
/* True if it is not the same path for all users. */
bool mfa_import_home_varies(const char *pattern);

/*
 * Imports the file of args->user.
 *
 * pattern: of the file
 */
void mfa_import_home(struct mfa_import_run *run, const char *pattern);

/* Imports what users of the user database have; who has no file has no row. */
void mfa_import_homes(struct mfa_import_run *run, const char *pattern);

#endif
