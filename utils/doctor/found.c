/* SPDX-License-Identifier: MIT */
#include "utils/doctor/found.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/command.h"
#include "utils/doctor/word.h"
#include "utils/out.h"

#define COLUMNS 79
#define MORE	" " MFA_FOUND_MORE

static const char *const severities[] = { "danger", "warning", "note" };
#define KINDS (sizeof(severities) / sizeof(severities[0]))

void
mfa_found_init(struct mfa_found *found)
{
	memset(found, 0, sizeof(*found));
}

void
mfa_found_free(struct mfa_found *found)
{
	free(found->findings);
	mfa_found_init(found);
}

static const struct mfa_finding_kind *
kind_of(const char *id)
{
	for (size_t i = 0; i < mfa_finding_kind_count; i++) {
		if (mfa_word_same(mfa_finding_kinds[i].id, id))
			return &mfa_finding_kinds[i];
	}
	return NULL;
}

static struct mfa_finding *
next_free(struct mfa_found *found)
{
	struct mfa_finding *more;
	size_t room = found->room == 0 ? 16 : 2 * found->room;

	if (found->count < found->room)
		return &found->findings[found->count];
	more = reallocarray(found->findings, room, sizeof(*more));
	if (more == NULL)
		return NULL;
	found->findings = more;
	found->room = room;
	return &more[found->count];
}

void
mfa_found_about(struct mfa_finding *finding, const char *about)
{
	size_t used = strlen(finding->about);
	char name[64];

	if (about == NULL)
		return;
	mfa_out_clean(about, name, sizeof(name));
	if (mfa_word_among(name, finding->about) ||
	    mfa_word_ends(finding->about, MORE))
		return;
	if (used + 1 + strlen(name) + sizeof(MORE) > sizeof(finding->about))
		(void)snprintf(finding->about + used,
		    sizeof(finding->about) - used, "%s", MORE);
	else
		(void)snprintf(finding->about + used,
		    sizeof(finding->about) - used, "%s%s",
		    used != 0 ? " " : "", name);
}

/* The finding that says the same, if there is one. */
static struct mfa_finding *
known(struct mfa_found *found, const struct mfa_finding *finding)
{
	for (size_t i = 0; i < found->count; i++) {
		struct mfa_finding *other = &found->findings[i];

		if (other->kind == finding->kind &&
		    mfa_word_same(other->where, finding->where) &&
		    mfa_word_same(other->what, finding->what))
			return other;
	}
	return NULL;
}

void
mfa_found_add(struct mfa_found *found, const char *id, const char *about,
    const char *where, const char *what, ...)
{
	struct mfa_finding finding, *place;
	char text[sizeof(finding.what)];
	va_list list;

	memset(&finding, 0, sizeof(finding));
	if ((finding.kind = kind_of(id)) == NULL) {
		found->lost = true;
		return;
	}
	va_start(list, what);
	(void)vsnprintf(text, sizeof(text), what, list);
	va_end(list);
	mfa_out_clean(text, finding.what, sizeof(finding.what));
	mfa_out_clean(where, finding.where, sizeof(finding.where));
	if ((place = known(found, &finding)) == NULL) {
		if ((place = next_free(found)) == NULL) {
			found->lost = true;
			return;
		}
		*place = finding;
		found->count++;
	}
	mfa_found_about(place, about);
}

void
mfa_found_sort(struct mfa_found *found)
{
	/* Insertion: few, and those of one severity stay in order. */
	for (size_t i = 1; i < found->count; i++) {
		struct mfa_finding moved = found->findings[i];
		size_t at = i;

		while (at > 0 && found->findings[at - 1].kind->severity >
		    moved.kind->severity) {
			found->findings[at] = found->findings[at - 1];
			at--;
		}
		found->findings[at] = moved;
	}
}

bool
mfa_found_has(const struct mfa_found *found, const char *id)
{
	bool has = false;

	for (size_t i = 0; i < found->count; i++)
		has |= mfa_word_same(found->findings[i].kind->id, id);
	return has;
}

size_t
mfa_found_number(const struct mfa_found *found, enum mfa_severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < found->count; i++)
		n += found->findings[i].kind->severity == severity;
	return n;
}

/* Prints "  title  text", the text in as many lines as it needs. */
static void
paragraph(const char *title, const char *text)
{
	size_t column = 9;

	(void)printf("  %-7s", title);
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column + len > COLUMNS && column > 9) {
			(void)printf("\n         ");
			column = 9;
		}
		(void)printf("%.*s", (int)len, text);
		column += len;
		text += len;
		if (*text == ' ') {
			text++;
			if (*text != '\0' &&
			    column + 1 + strcspn(text, " ") <= COLUMNS)
				(void)putchar(' ');
			column++;
		}
	}
	(void)putchar('\n');
}

static void
print_one(const struct mfa_finding *finding)
{
	(void)printf("%s: %s\n", severities[finding->kind->severity],
	    finding->kind->id);
	paragraph("what", finding->what);
	paragraph("where", finding->where);
	if (finding->about[0] != '\0')
		paragraph("for", finding->about);
	paragraph("why", finding->kind->why);
	paragraph("fix", finding->kind->fix);
	(void)putchar('\n');
}

void
mfa_found_print(const struct mfa_found *found)
{
	for (size_t i = 0; i < found->count; i++)
		print_one(&found->findings[i]);
	for (size_t i = 0; i < KINDS; i++) {
		const size_t n = mfa_found_number(found, (enum mfa_severity)i);

		(void)printf("%zu %s%s%s", n, severities[i], mfa_out_s(n),
		    i + 1 < KINDS ? ", " : "\n");
	}
}

static json_t *
as_json(const struct mfa_finding *finding)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "id",
	    finding->kind->id, "severity",
	    severities[finding->kind->severity], "what", finding->what, "where",
	    finding->where, "about", finding->about, "why", finding->kind->why,
	    "fix", finding->kind->fix);
}

int
mfa_found_json(const struct mfa_found *found)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < found->count; i++) {
		if (json_array_append_new(list,
			as_json(&found->findings[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return mfa_out_json_line(list);
}
