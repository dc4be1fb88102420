/* SPDX-License-Identifier: MIT */
/*
 * MUST list: read.h.
 *
 * libinih splits a line into name and value.  What it takes without a word
 * (text after a section, ':' for '=', comments inside a line, continuations,
 * sections without options) is refused by the reader that feeds it, which also
 * counts the lines.
 */
#include "verifier/config/read.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <ini.h>

#include "lib/base/text.h"

/* The text, and how far it is read. */
struct cursor {
	struct mfa_config_reading *reading;
	const char *path;
	const char *next;
	const char *end;
	uint32_t file;
	uint32_t line; /* of the line read last */
	struct mfa_config_section section; /* that line is in */
	enum mfa_err err;
};

enum mfa_err
mfa_config_say(struct mfa_config_problem *problem, const char *path,
    uint32_t line, const char *format, ...)
{
	const size_t size = sizeof(problem->text);
	size_t used;
	va_list args;

	if (line == 0)
		(void)snprintf(problem->text, size, "%s: ", path);
	else
		(void)snprintf(problem->text, size, "%s:%u: ", path, line);
	used = strlen(problem->text);
	va_start(args, format);
	(void)vsnprintf(problem->text + used, size - used, format, args);
	va_end(args);
	return MFA_ERR_CONFIG;
}

static enum mfa_err
refuse(const struct cursor *c, const char *sentence)
{
	return mfa_config_say(c->reading->problem, c->path, c->line, "%s",
	    sentence);
}

/* Bytes that an editor does not show, or shows as something else. */
static enum mfa_err
check_bytes(const struct cursor *c, const char *line, size_t len)
{
	if (c->line == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
		return refuse(c, "byte order mark; save it as plain text");
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)line[i];

		if (byte == '\0')
			return refuse(c, "NUL byte");
		if (byte == '\r')
			return refuse(c, "carriage return; save the file with "
					 "Unix line ends");
		if (byte == 0x7f || (byte < 0x20 && byte != '\t' &&
		    byte != '\n'))
			return refuse(c, "control character");
	}
	return MFA_OK;
}

/* "[section]" and nothing behind it. */
static enum mfa_err
open_section(struct cursor *c, const char *line)
{
	const char *close = strchr(line, ']'), *sentence = NULL;
	struct mfa_config_origin *opened;
	enum mfa_err r;

	if (close == NULL || close[1 + strspn(close + 1, " \t\n")] != '\0')
		return refuse(c, "a section line is [name] and nothing else");
	r = mfa_config_section_open(c->reading->config, line + 1,
	    (size_t)(close - line - 1), &c->section, &sentence);
	if (r != MFA_OK)
		return refuse(c, sentence);
	opened = &c->reading->opened[c->section.instance];
	if (opened->file == 0) {
		opened->file = c->file;
		opened->line = c->line;
	}
	return MFA_OK;
}

/* "name = value", with nothing that would be cut off the value. */
static enum mfa_err
check_entry(const struct cursor *c, const char *line)
{
	const char *separator = strpbrk(line, "=:");

	if (separator == NULL || *separator != '=' || separator == line)
		return refuse(c, "neither [section] nor name = value nor a "
				 "comment");
	for (const char *p = strchr(line, ';'); p != NULL;
	    p = strchr(p + 1, ';')) {
		if (p[-1] == ' ' || p[-1] == '\t')
			return refuse(c, "a comment needs a line of its own");
	}
	return MFA_OK;
}

static enum mfa_err
check_line(struct cursor *c, const char *line, size_t len)
{
	const char *start = line + strspn(line, " \t\n");
	enum mfa_err r;

	if ((r = check_bytes(c, line, len)) != MFA_OK)
		return r;
	if (*start == '\0' || *start == '#' || *start == ';')
		return MFA_OK;
	if (start != line)
		return refuse(c, "an option or section starts at the beginning "
				 "of its line; lines are not continued");
	if (*start == '[')
		return open_section(c, line);
	return check_entry(c, line);
}

/* Like fgets; for ini_parse_stream. */
static char *
read_line(char *line, int size, void *stream)
{
	struct cursor *c = stream;
	size_t left = (size_t)(c->end - c->next);
	const char *newline;
	size_t len;

	if (c->err != MFA_OK || left == 0)
		return NULL;
	c->line++;
	newline = memchr(c->next, '\n', left);
	len = newline == NULL ? left : (size_t)(newline - c->next) + 1;
	/* A full buffer would make libinih drop the rest of the line. */
	if (len > MFA_CONFIG_LINE || len + 2 > (size_t)size) {
		c->err = refuse(c, "line too long");
		return NULL;
	}
	memcpy(line, c->next, len);
	line[len] = '\0';
	c->next += len;
	c->err = check_line(c, line, len);
	return c->err == MFA_OK ? line : NULL;
}

/* The name, if it is one that can be shown. */
static const char *
shown(const char *name)
{
	const size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return plain == strlen(name) && plain <= 64 ? name : "(not printed)";
}

/* Says "SECTION.OPTION sentence", or "realm NAME: OPTION sentence". */
static enum mfa_err
refuse_value(const struct cursor *c, const char *name, const char *sentence)
{
	return mfa_config_say(c->reading->problem, c->path, c->line,
	    "%s%s%s %s", c->section.title,
	    c->section.instance == 0 ? "." : ": ", name, sentence);
}

/*
 * Says what the value must be.  Text may have a '#', as an issuer: only what is
 * refused anyway is explained.
 */
static enum mfa_err
refuse_wrong(const struct cursor *c, const struct mfa_config_option *option,
    const char *value)
{
	char expected[160], sentence[220];

	mfa_config_option_expect(option, expected, sizeof(expected));
	(void)snprintf(sentence, sizeof(sentence), "%s%s", expected,
	    mfa_text_looks_commented(value) ?
		"; a comment needs a line of its own" : "");
	return refuse_value(c, option->name, sentence);
}

static enum mfa_err
set_option(struct cursor *c, const char *name, const char *value)
{
	const struct mfa_config_section *section = &c->section;
	const size_t i = mfa_config_option_find(section->kind, name);
	const struct mfa_config_option *option = &mfa_config_options[i];
	struct mfa_config_origin *origin;
	char sentence[160];

	if (section->title[0] == '\0')
		return refuse(c, "an option before the first [section]");
	if (i == mfa_config_option_count)
		return mfa_config_say(c->reading->problem, c->path, c->line,
		    "unknown option %s in section %s", shown(name),
		    section->title);
	origin = &c->reading->origin[section->instance][i];
	if (origin->file == c->file) {
		(void)snprintf(sentence, sizeof(sentence),
		    "is set twice in this file, first in line %u",
		    origin->line);
		return refuse_value(c, name, sentence);
	}
	if (value[0] == '\0' && !mfa_config_option_may_be_empty(option))
		return refuse_value(c, name, "has no value");
	if (option->parse(option, value, section->base) != MFA_OK)
		return refuse_wrong(c, option, value);
	origin->file = c->file;
	origin->line = c->line;
	return MFA_OK;
}

/*
 * For ini_parse_stream; not 0 means success there.  The section is ours, not
 * the library's, which cuts it.
 */
static int
take_entry(void *user, const char *section, const char *name, const char *value)
{
	struct cursor *c = user;

	(void)section;
	if (c->err == MFA_OK)
		c->err = set_option(c, name, value);
	return c->err == MFA_OK;
}

enum mfa_err
mfa_config_read(struct mfa_config_reading *reading, const char *path,
    uint32_t file, const uint8_t *text, size_t len)
{
	struct cursor c = { .reading = reading, .path = path, .file = file };
	int bad;

	c.next = (const char *)text;
	c.end = c.next + len;
	/* The library's own buffer takes 200 bytes: too few for a list. */
	ini_use_stack = false;
	ini_initial_alloc = MFA_CONFIG_LINE + 3;
	ini_max_line = MFA_CONFIG_LINE + 3;
	bad = ini_parse_stream(read_line, &c, take_entry, &c);
	if (c.err != MFA_OK)
		return c.err;
	if (bad < 0) {
		c.line = 0;
		(void)refuse(&c, mfa_strerror(MFA_ERR_MEMORY));
		return MFA_ERR_MEMORY;
	}
	if (bad > 0) {
		c.line = (uint32_t)bad;
		return refuse(&c, "not understood");
	}
	return MFA_OK;
}
