/* SPDX-License-Identifier: MIT */
#include "utils/import/report.h"

#include <stdio.h>
#include <string.h>

#include "utils/out.h"

static const struct mfa_out_column columns[] = {
	{ "USER", 20 }, { "RESULT", 8 }, { "LABEL", 12 }, { "REMARK", 0 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *const fates[MFA_IMPORT_FATES] = {
	[MFA_IMPORT_IMPORTED] = "imported",
	[MFA_IMPORT_EXISTS] = "exists",
	[MFA_IMPORT_ENROLLED] = "enrolled",
	[MFA_IMPORT_REFUSED] = "refused",
	[MFA_IMPORT_UNKNOWN] = "unknown",
};

void
mfa_import_report_open(struct mfa_import_report *report,
    const struct mfa_args *args)
{
	memset(report, 0, sizeof(*report));
	report->args = args;
	if (args->json)
		(void)printf("{\"dry_run\":%s,\"factors\":[",
		    args->dry_run ? "true" : "false");
}

enum mfa_err
mfa_import_report_row(struct mfa_import_report *report, const char *user,
    enum mfa_import_fate fate, const char *label, const char *why)
{
	const char *cells[COLUMNS] = { user[0] != '\0' ? user : "-",
		fates[fate], label != NULL ? label : "-",
		why[0] != '\0' ? why : "-" };
	bool first = report->rows++ == 0;

	report->count[fate]++;
	if (report->args->json) {
		(void)fputs(first ? "\n" : ",\n", stdout);
		return mfa_out_json(json_pack("{s:o,s:s,s:o,s:o}", "user",
		    mfa_out_json_text(user), "result", fates[fate], "label",
		    label != NULL ? mfa_out_json_text(label) : json_null(),
		    "remark", mfa_out_json_text(why)));
	}
	if (first)
		mfa_out_head(columns, COLUMNS);
	mfa_out_row(columns, COLUMNS, cells);
	return MFA_OK;
}

static void
tell_next(const struct mfa_import_report *report)
{
	const size_t *count = report->count;

	if (report->args->dry_run) {
		(void)puts("Nothing was written (--dry-run).");
		return;
	}
	if (count[MFA_IMPORT_IMPORTED] != 0)
		(void)puts("Codes up to now are used up: the next ones are "
			   "good, in a minute at most.\n"
			   "No recovery codes were made: medusa-mfa "
			   "recovery-codes makes some, for each user.");
	if (count[MFA_IMPORT_REFUSED] != 0)
		(void)puts("Who was refused enrols anew: medusa-mfa invite "
			   "USER lets that user do it alone.");
}

int
mfa_import_report_close(struct mfa_import_report *report)
{
	const size_t *count = report->count;

	if (report->args->json) {
		(void)fputs("],", stdout);
		for (int i = 0; i < MFA_IMPORT_FATES; i++)
			(void)printf("\"%s\":%zu%s", fates[i], count[i],
			    i + 1 < MFA_IMPORT_FATES ? "," : "}\n");
	} else if (report->rows == 0) {
		(void)puts("There is nothing to import.");
	} else {
		for (int i = 0; i < MFA_IMPORT_FATES; i++)
			(void)printf("%zu %s%s", count[i], fates[i],
			    i + 1 < MFA_IMPORT_FATES ? ", " : "\n");
		tell_next(report);
	}
	return count[MFA_IMPORT_REFUSED] + count[MFA_IMPORT_UNKNOWN] == 0 ?
	    MFA_EXIT_DONE : MFA_EXIT_FAILED;
}
