/* SPDX-License-Identifier: MIT */
/* What became of each factor: one row each, then the sum. */
#ifndef MFA_IMPORT_REPORT_H
#define MFA_IMPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "utils/options.h"

enum mfa_import_fate {
	MFA_IMPORT_IMPORTED = 0, /* with --dry-run: would be */
	MFA_IMPORT_EXISTS,	 /* this user has this key already */
	MFA_IMPORT_ENROLLED,	 /* left alone: has factors of its own */
	MFA_IMPORT_REFUSED,
	MFA_IMPORT_UNKNOWN,	 /* no such user here */
	MFA_IMPORT_FATES
};

struct mfa_import_report {
	const struct mfa_args *args;
	size_t count[MFA_IMPORT_FATES];
	size_t rows;
};

/* Begins: nothing is printed yet but the head of the JSON. */
void mfa_import_report_open(struct mfa_import_report *report,
    const struct mfa_args *args);

/*
 * Prints one row.
 *
 * user:  as the source names it; empty is "-"
 * label: of the factor, or NULL
 * why:   a sentence, or empty
 *
 * Returns: MFA_OK; MFA_ERR_MEMORY; MFA_ERR_IO.
 */
enum mfa_err mfa_import_report_row(struct mfa_import_report *report,
    const char *user, enum mfa_import_fate fate, const char *label,
    const char *why) MFA_MUST_USE;

/*
 * The sum, and how to go on.
 *
 * Returns: MFA_EXIT_FAILED if something was refused or its user is unknown.
 */
int mfa_import_report_close(struct mfa_import_report *report);

#endif
