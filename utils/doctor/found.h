/* SPDX-License-Identifier: MIT */
/* What medusa-mfa doctor found, and how it is told. */
#ifndef MFA_DOCTOR_FOUND_H
#define MFA_DOCTOR_FOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

enum mfa_severity {
	MFA_DANGER = 0,	 /* somebody gets in, or is shut out, who should not */
	MFA_WARNING = 1, /* works, but not as it should */
	MFA_NOTE = 2	 /* good to know */
};

/* Every id that there is, with its texts; the manual has the same list. */
struct mfa_finding_kind {
	const char *id;
	enum mfa_severity severity;
	const char *why; /* why it matters */
	const char *fix; /* what to do */
};

extern const struct mfa_finding_kind mfa_finding_kinds[];
extern const size_t mfa_finding_kind_count;

/* One finding.  The texts are printable ASCII. */
struct mfa_finding {
	const struct mfa_finding_kind *kind;
	char what[400];
	char where[300]; /* file:line, file or program */
	char about[300]; /* services or users, blanks between; or empty */
};

struct mfa_found {
	struct mfa_finding *findings;
	size_t count, room;
	bool lost; /* a finding had no room: memory */
};

void mfa_found_init(struct mfa_found *found);
void mfa_found_free(struct mfa_found *found);

/*
 * Adds a finding.  One with the same id, place and text is not repeated: the
 * service is added to the one that is there.
 *
 * id:    of mfa_finding_kinds
 * about: a service, or NULL
 * where: a place; cleaned, cut
 */
void mfa_found_add(struct mfa_found *found, const char *id,
    const char *about, const char *where, const char *what, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * Adds a service or a user to a finding that is there.
 *
 * about: or NULL; for those that have no room the last word stands
 */
#define MFA_FOUND_MORE "..."
void mfa_found_about(struct mfa_finding *finding, const char *about);

/* Puts danger first, then warnings, then notes; else the order stays. */
void mfa_found_sort(struct mfa_found *found);

/* One with that id is there. */
bool mfa_found_has(const struct mfa_found *found, const char *id);

/* How many of that severity there are. */
size_t mfa_found_number(const struct mfa_found *found,
    enum mfa_severity severity);

/* Prints all of it for a person, 80 columns, or as one JSON list. */
void mfa_found_print(const struct mfa_found *found);
int mfa_found_json(const struct mfa_found *found);

#endif
