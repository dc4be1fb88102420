/* SPDX-License-Identifier: MIT */
#include "tests/module/script.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void
script_die(const struct script_line *line, const char *why)
{
	printf("line %u: %s: %s\n", line->number, line->key, why);
	exit(2);
}

/* The byte of an escape; p stands behind the backslash and is moved on. */
static char
unescape(const struct script_line *line, const char **p)
{
	static const char names[] = "nrbt\"\\";
	static const char bytes[] = "\n\r\b\t\"\\";
	char hex[3] = { 0 }, *end;
	const char *name;
	char c = *(*p)++;

	if (c != 'x') {
		name = c != '\0' ? strchr(names, c) : NULL;
		if (name == NULL)
			script_die(line, "unknown escape");
		return bytes[name - names];
	}
	for (int i = 0; i < 2 && **p != '\0'; i++)
		hex[i] = *(*p)++;
	c = (char)strtoul(hex, &end, 16);
	if (end != hex + 2 || c == '\0')
		script_die(line, "bad \\x escape");
	return c;
}

static const char *
take_quoted(struct script_line *line, const char *p, char *word)
{
	size_t used = 0;

	for (p++; *p != '"';) {
		if (*p == '\0' || used + 1 >= SCRIPT_WORD)
			script_die(line, "quote without an end");
		if (*p != '\\') {
			word[used++] = *p++;
			continue;
		}
		p++;
		word[used++] = unescape(line, &p);
	}
	word[used] = '\0';
	return p + 1;
}

static const char *
take_bare(struct script_line *line, const char *p, char *word)
{
	size_t len = strcspn(p, " ");
	const char *value;

	if (len >= SCRIPT_WORD)
		script_die(line, "word too long");
	memcpy(word, p, len);
	word[len] = '\0';
	if (word[0] == '$') {
		if ((value = getenv(word + 1)) == NULL)
			script_die(line, "no such environment variable");
		script_copy(word, SCRIPT_WORD, value);
	}
	return p + len;
}

static void
split(struct script_line *line)
{
	const char *p = line->rest;

	line->words = 0;
	memset(line->word, 0, sizeof(line->word));
	/* Free text, and words in the manner of pam.d. */
	if (strcmp(line->key, "name") == 0 || strcmp(line->key, "args") == 0 ||
	    strcmp(line->key, "stack") == 0)
		return;
	while (*(p += strspn(p, " ")) != '\0') {
		char *word = line->word[line->words];

		if (line->words++ == SCRIPT_WORDS)
			script_die(line, "too many words");
		p = *p == '"' ? take_quoted(line, p, word) :
				take_bare(line, p, word);
	}
}

bool
script_next(FILE *f, struct script_line *line)
{
	char text[sizeof(line->key) + sizeof(line->rest)];
	size_t len;

	while (fgets(text, sizeof(text), f) != NULL) {
		line->number++;
		text[strcspn(text, "\n")] = '\0';
		if (text[0] == '\0' || text[0] == '#')
			continue;
		len = strcspn(text, ":");
		if (text[len] == '\0' || len >= sizeof(line->key))
			script_die(line, "no key");
		memcpy(line->key, text, len);
		line->key[len] = '\0';
		len++;
		len += strspn(text + len, " ");
		script_copy(line->rest, sizeof(line->rest), text + len);
		split(line);
		return true;
	}
	return false;
}

unsigned long
script_number(const struct script_line *line, size_t word)
{
	unsigned long n;
	char *end;

	n = strtoul(line->word[word], &end, 10);
	if (line->word[word][0] == '\0' || *end != '\0')
		script_die(line, "not a number");
	return n;
}

void
script_copy(char *dst, size_t size, const char *text)
{
	if (strlen(text) >= size) {
		printf("too long: %s\n", text);
		exit(2);
	}
	memcpy(dst, text, strlen(text) + 1);
}

void
script_escape(const void *text, size_t len, char *out)
{
	const unsigned char *p = text;

	for (size_t i = 0; i < len; i++) {
		if (isprint(p[i]) && p[i] != '"' && p[i] != '\\')
			*out++ = (char)p[i];
		else
			out += snprintf(out, 5, "\\x%02x", (unsigned int)p[i]);
	}
	*out = '\0';
}
