/* SPDX-License-Identifier: MIT */
/* Into the verifier: one factor after the other. */
#ifndef MFA_IMPORT_TAKE_H
#define MFA_IMPORT_TAKE_H

#include "utils/import/found.h"
#include "utils/import/report.h"

/* A name that something was imported for in this run. */
struct mfa_import_name;

struct mfa_import_run {
	const struct mfa_args *args;
	struct mfa_import_report report;
	struct mfa_import_name *names;
	bool select; /* --user: that user's of them alone */
	int code; /* MFA_EXIT_DONE; else it goes no further, and that was said */
};

/* Every mfa_import_begin needs its mfa_import_end; select is false. */
void mfa_import_begin(struct mfa_import_run *run, const struct mfa_args *args);

/*
 * Imports one factor, and reports it.  With --user that user gets it, whatever
 * the source says (but with select, or of a line that was written for one user,
 * only what is that user's there); else the user that the source names, and
 * only if he has no factors but of this source.
 *
 * Returns: MFA_OK; an error where it goes no further.
 */
enum mfa_err mfa_import_take(struct mfa_import_run *run,
    const struct mfa_import_found *found) MFA_MUST_USE;

/*
 * Imports each line of a text.
 *
 * read: of found.h
 * text: len bytes
 */
void mfa_import_lines(struct mfa_import_run *run, enum mfa_err (*read)(
    const char *line, size_t len, struct mfa_import_found *found),
    const char *text, size_t len);

/* Returns: the exit code. */
int mfa_import_end(struct mfa_import_run *run);

#endif
