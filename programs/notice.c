/* SPDX-License-Identifier: MIT */
#include "programs/notice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "programs/program.h"

#define FIELD_BYTES 257 /* of a value in the text; longer ones are cut */

static const char watch[] =
    "somebody may be able to log in as you, or may try to.\n"
    "Change your password and tell the administrator at once.\n";
static const char new_codes[] =
    "somebody else has one of them and your password.\n"
    "Change your password, tell the administrator at once, and have new\n"
    "ones made.\n";
static const char guessing[] =
    "somebody may be guessing who has your password already.\n"
    "Change your password and tell the administrator.\n"
    "The lock ends by itself; until then a recovery code lets you in.\n";

static const struct kind {
	const char *event;
	const char *subject; /* "... on HOST", "... at REALM" */
	const char *what;    /* "... account USER on HOST.", "... of REALM." */
	const char *advice;  /* "If you did not do this, ..." */
} kinds[] = {
	{ "factor.enabled", "Second factor added",
	    "A second factor was added to the", watch },
	{ "factor.disabled", "Second factor removed",
	    "A second factor, in use or never confirmed, was removed from the",
	    watch },
	{ "factor.renamed", "Second factor renamed",
	    "A second factor got another name in the", watch },
	{ "recovery_codes.generated", "New recovery codes",
	    "Recovery codes were made, and any earlier ones are void, for the",
	    watch },
	{ "recovery_code.used", "Recovery code used",
	    "A recovery code was used for the", new_codes },
	{ "record.reset", "Second factors reset",
	    "All second factors and recovery codes were taken from the",
	    watch },
	{ "locked", "Too many wrong codes",
	    "Too many wrong codes were given for the", guessing },
};

/* Methods as people call them; an outside one has a name of its own. */
static const struct {
	const char *method;
	const char *name;
} methods[] = {
	{ "totp", "authenticator app" },
	{ "hotp", "token" },
	{ "otp", "codes that are sent" },
	{ "recovery_code", "recovery code" },
};

/* A text that grows; full is remembered, for the end. */
struct page {
	char *text;
	size_t size;
	size_t used;
};

static void __attribute__((format(printf, 2, 3)))
add(struct page *page, const char *format, ...)
{
	const size_t left = page->size - page->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(page->text + page->used, left, format, args);
	va_end(args);
	if (n > 0)
		page->used += (size_t)n < left ? (size_t)n : left - 1;
}

/* A string of the event, made plain; empty if there is none. */
static void
get_text(const json_t *event, const char *key, char out[FIELD_BYTES])
{
	const json_t *value = json_object_get(event, key);

	out[0] = '\0';
	if (json_is_string(value))
		(void)snprintf(out, FIELD_BYTES, "%s",
		    json_string_value(value));
	mfa_program_plain(out);
}

static void
add_field(struct page *page, const json_t *event, const char *title,
    const char *key)
{
	char value[FIELD_BYTES];

	get_text(event, key, value);
	if (value[0] != '\0')
		add(page, "  %-10s%s\n", title, value);
}

/* Where the account is: at a host, or in a realm that is no host's. */
struct place {
	bool at_host;
	char name[FIELD_BYTES];
};

static void
get_place(const json_t *event, struct place *place)
{
	get_text(event, "realm", place->name);
	place->at_host = place->name[0] == '\0' ||
	    strcmp(place->name, "unix") == 0;
	if (place->at_host)
		get_text(event, "host", place->name);
}

/* What a program says that does not run as root is only its word. */
static void
add_claim(struct page *page, const json_t *event, const char *title,
    const char *key)
{
	char value[FIELD_BYTES];

	get_text(event, key, value);
	if (value[0] != '\0')
		add(page, "  %-10s%s (not verified)\n", title, value);
}

static void
add_method(struct page *page, const json_t *event)
{
	char value[FIELD_BYTES];
	const char *name = value;

	get_text(event, "method", value);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].method, value) == 0)
			name = methods[i].name;
	}
	if (name[0] != '\0')
		add(page, "  %-10s%s\n", "Kind:", name);
}

static const struct kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].event, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

static void
write_body(const json_t *event, const struct kind *kind,
    const struct mfa_notice *notice, const struct place *place,
    struct page *page)
{
	const json_t *left = json_object_get(event, "left");

	add(page, "%s\naccount %s %s %s.\n\n", kind->what, notice->user,
	    place->at_host ? "on" : "of", place->name);
	add_field(page, event, "When:", "time");
	add_field(page, event, "Factor:", "factor");
	add_method(page, event);
	add_field(page, event, "Program:", "service");
	add_claim(page, event, "Program:", "claimed_service");
	add_field(page, event, "From:", "rhost");
	add_claim(page, event, "From:", "claimed_rhost");
	add_field(page, event, "Terminal:", "tty");
	add_claim(page, event, "Terminal:", "claimed_tty");
	if (json_is_integer(left))
		add(page, "\nRecovery codes left: %" JSON_INTEGER_FORMAT ".\n",
		    json_integer_value(left));
	add(page, "\nIf this was you, there is nothing to do.\n"
	    "If it was neither you nor the administrator,\n%s", kind->advice);
}

static enum mfa_err
take_event(const json_t *event, struct mfa_notice *notice)
{
	char name[FIELD_BYTES];
	struct page page = { notice->body, sizeof(notice->body), 0 };
	struct place place;
	const struct kind *kind;

	get_text(event, "event", name);
	if (name[0] == '\0')
		return MFA_ERR_SYNTAX;
	kind = find_kind(name);
	if (kind == NULL)
		return MFA_OK;
	get_text(event, "user", notice->user);
	get_text(event, "address", notice->address);
	get_place(event, &place);
	if (notice->user[0] == '\0' || place.name[0] == '\0')
		return MFA_ERR_SYNTAX;
	notice->wanted = true;
	(void)snprintf(notice->subject, sizeof(notice->subject), "%s %s %s",
	    kind->subject, place.at_host ? "on" : "at", place.name);
	write_body(event, kind, notice, &place, &page);
	/* In another realm the name is not that of an account. */
	if (!place.at_host)
		notice->user[0] = '\0';
	return MFA_OK;
}

enum mfa_err
mfa_notice_read(const char *json, size_t len, struct mfa_notice *notice)
{
	struct mfa_notice found;
	json_t *event;
	enum mfa_err r;

	memset(&found, 0, sizeof(found));
	event = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
	if (event == NULL)
		return MFA_ERR_SYNTAX;
	r = json_is_object(event) ? take_event(event, &found) : MFA_ERR_SYNTAX;
	json_decref(event);
	if (r == MFA_OK)
		memcpy(notice, &found, sizeof(*notice));
	return r;
}
