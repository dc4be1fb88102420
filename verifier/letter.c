/* SPDX-License-Identifier: MIT */
/* MUST list: letter.h. */
#include "verifier/letter.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/secret.h"
#include "lib/base/text.h"

#define LINE 76 /* characters of a line of the message */
/* Characters of a value in a header, escaped. */
#define VALUE	256
#define ADDRESS 128

/* Text that grows; what does not fit is lost and said at the end. */
struct paper {
	char *out;
	size_t size;
	size_t used;
	bool full;
};

static void
put(struct paper *paper, const char *text, size_t len)
{
	if (paper->full || len > paper->size - paper->used) {
		paper->full = true;
		return;
	}
	memcpy(paper->out + paper->used, text, len);
	paper->used += len;
}

static void
put_text(struct paper *paper, const char *text)
{
	put(paper, text, strlen(text));
}

/*
 * As mfa_text_escape, but blanks stay, and so do quotes and '=', which an
 * address may have.  Cut at width, never inside an escape.
 *
 * Returns: false if it was cut.
 */
static bool
escape(const char *text, char *out, size_t width)
{
	size_t used = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= 0x20 && c < 0x7f && c != '\\';

		if (used + (plain ? 1 : 4) > width)
			break;
		if (plain) {
			out[used++] = *text;
			continue;
		}
		out[used++] = '\\';
		out[used++] = 'x';
		mfa_num_hex(&c, 1, out + used);
		used += 2;
	}
	if (used == 0)
		out[used++] = '-';
	out[used] = '\0';
	return *text == '\0';
}

/* ---- for the program ---- */

static void
put_header(struct paper *paper, const char *key, const char *value)
{
	char safe[VALUE + 1];

	(void)escape(value, safe, VALUE);
	put_text(paper, key);
	put_text(paper, ": ");
	put_text(paper, safe);
	put_text(paper, "\n");
}

/* What somebody else than root says is its word, as in an event. */
static void
put_claims(struct paper *paper, const struct mfa_message *m)
{
	put_header(paper, m->claimed ? "claimed_service" : "service",
	    m->service);
	if (m->rhost[0] != '\0')
		put_header(paper, m->claimed ? "claimed_remote" : "remote",
		    m->rhost);
}

static void
put_headers(struct paper *paper, const struct mfa_message *m, const char *host,
    const char *when)
{
	char seconds[16];

	(void)snprintf(seconds, sizeof(seconds), "%u", m->ttl);
	put_header(paper, "to", m->address);
	put_header(paper, "realm", m->realm);
	put_header(paper, "user", m->subject);
	put_header(paper, "host", host);
	put_claims(paper, m);
	put_header(paper, "issuer", m->issuer);
	put_header(paper, "time", when);
	put_header(paper, "valid", seconds);
	put_text(paper, "code: ");
	put_text(paper, m->code);
	put_text(paper, "\n\n");
}

/* ---- for the person ---- */

/* A value for a line that is not to look like a link anywhere. */
static void
escape_for_person(const char *value, char *out, size_t width)
{
	(void)escape(value, out, width);
	for (char *p = out; *p != '\0'; p++) {
		if (*p == '/')
			*p = '-';
	}
}

/* "WHAT VALUE END" in one line; nothing without a value. */
static void
put_line(struct paper *paper, const char *what, const char *value,
    const char *end)
{
	char safe[LINE + 1];

	if (value[0] == '\0')
		return;
	escape_for_person(value, safe, LINE - strlen(what) - strlen(end));
	put_text(paper, what);
	put_text(paper, safe);
	put_text(paper, end);
	put_text(paper, "\n");
}

/*
 * A code of our own command confirms a factor.  At a host anybody could say
 * that, and take the warning away; in other realms nobody but root and the
 * realm's account can ask for a code.
 */
static bool
is_first(const struct mfa_message *m, bool at_host)
{
	return strcmp(m->service, "medusa-mfa") == 0 &&
	    !(m->claimed && at_host);
}

static void
put_message(struct paper *paper, const struct mfa_message *m, const char *host,
    const char *when)
{
	/* In another realm the word of its account is all there is. */
	const bool at_host = strcmp(m->realm, "unix") == 0;
	const char *said = m->claimed && at_host ? " (not verified)" : "";
	char lasts[LINE + 1];

	put_text(paper, "Your verification code is\n\n");
	put_text(paper, m->code);
	(void)snprintf(lasts, sizeof(lasts),
	    "\n\nIt is good once, for %u seconds.\n\n", m->ttl);
	put_text(paper, lasts);
	if (at_host)
		put_line(paper, "Host:    ", host, "");
	put_line(paper, "Service: ", m->service, said);
	put_line(paper, "Remote:  ", m->rhost, said);
	put_line(paper, "Time:    ", when, "");
	put_text(paper, "\n");
	put_line(paper, "Nobody from ", m->issuer, " will ask you for it.");
	put_text(paper, is_first(m, at_host) ?
	    "This code confirms that codes reach you here.\n"
	    "If you did not ask for it, tell your administrator.\n" :
	    "If you did not ask for it, somebody may know your password:\n"
	    "tell your administrator.\n");
}

enum mfa_err
mfa_letter_compose(const struct mfa_message *message, const char *host,
    uint8_t *out, size_t size, size_t *len)
{
	struct paper paper = { .out = (char *)out, .size = size };
	char address[ADDRESS + 1], when[MFA_TEXT_TIME];

	if (!escape(message->address, address, ADDRESS) ||
	    message->address[0] == '\0' || message->code[0] == '\0' ||
	    strlen(message->code) > LINE || !mfa_text_printable(message->code))
		return MFA_ERR_INVALID;
	if (!mfa_text_time(message->wall, when))
		memcpy(when, "-", 2);
	put_headers(&paper, message, host, when);
	put_message(&paper, message, host, when);
	if (paper.full) {
		mfa_secret_wipe(out, size);
		return MFA_ERR_INVALID;
	}
	*len = paper.used;
	return MFA_OK;
}
