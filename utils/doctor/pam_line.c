/* SPDX-License-Identifier: MIT */
#include "utils/doctor/pam_line.h"

#include <stdlib.h>
#include <string.h>

#include "utils/doctor/word.h"

static const char blanks[] = " \n\t";

/* ---- lines of a file ---- */

/*
 * Takes one line as it stands in the file.
 *
 * Returns: its beginning, blanks skipped; len is without a comment.
 */
static const char *
take_physical(struct mfa_pam_reader *reader, size_t *len, bool *comment)
{
	const char *begin = reader->at;
	size_t all = strcspn(begin, "\n"), skip, till;

	reader->at = begin[all] == '\n' ? begin + all + 1 : begin + all;
	reader->number++;
	skip = strspn(begin, " \t");
	if (skip > all)
		skip = all;
	begin += skip;
	till = strcspn(begin, "#\n");
	*comment = till < all - skip;
	*len = till;
	return begin;
}

static bool
join(char **text, const char *more, size_t len)
{
	size_t before = *text == NULL ? 0 : strlen(*text);
	char *longer = realloc(*text, before + len + 1);

	if (longer == NULL) {
		free(*text);
		*text = NULL;
		return false;
	}
	memcpy(longer + before, more, len);
	longer[before + len] = '\0';
	*text = longer;
	return true;
}

/* Without blanks at its end; true if a backslash is there, made a blank. */
static bool
continues(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	if (len == 0 || text[len - 1] != '\\')
		return false;
	text[len - 1] = ' ';
	return true;
}

enum mfa_err
mfa_pam_read(struct mfa_pam_reader *reader, char **text)
{
	const char *piece;
	bool comment;
	size_t len;

	*text = NULL;
	while (*reader->at != '\0') {
		piece = take_physical(reader, &len, &comment);
		/* A blank or comment line does not end a continued one. */
		if (len == 0)
			continue;
		if (*text == NULL)
			reader->first = reader->number;
		if (!join(text, piece, len))
			return MFA_ERR_MEMORY;
		/* What a comment cuts off is no longer continued. */
		if (comment || !continues(*text)) {
			(void)continues(*text);
			return MFA_OK;
		}
	}
	if (*text != NULL)
		reader->broken = true;
	free(*text);
	*text = NULL;
	return MFA_ERR_NOT_FOUND;
}

/* ---- words of a line ---- */

/* True if a bracket is closed, by one that is not "\\]". */
static bool
closes(const char *text)
{
	for (text++; *text != '\0'; text++) {
		if (text[0] == ']')
			return true;
		if (text[0] == '\\' && text[1] == ']')
			text++;
	}
	return false;
}

/*
 * The next word; one that begins with a bracket goes to the closing one, "\]"
 * being a bracket in the text.
 */
static char *
next_word(char **at)
{
	char *word = *at + strspn(*at, blanks), *to, *from;

	if (*word == '\0')
		return NULL;
	if (*word != '[' || !closes(word))
		return mfa_word_next(at, blanks);
	from = to = ++word;
	while (*from != '\0' && *from != ']') {
		if (from[0] == '\\' && from[1] == ']')
			from++;
		*to++ = *from++;
	}
	*at = *from == '\0' ? from : from + 1;
	*to = '\0';
	return word;
}

static enum mfa_pam_type
type_of(const char *word)
{
	static const char *const types[] = { "auth", "account", "password",
		"session" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (mfa_word_alike(word, types[i]))
			return (enum mfa_pam_type)(i + 1);
	}
	return MFA_PAM_ANY;
}

static void
fails(struct mfa_pam_line *line, const char *problem)
{
	line->kind = MFA_PAM_FAILS;
	line->problem = problem;
}

static void
take_control(char **at, struct mfa_pam_line *line)
{
	line->control = next_word(at);
	if (line->control == NULL) {
		fails(line, "a control word is missing");
		(void)mfa_pam_control_parse("required", line->actions);
	} else if (mfa_word_alike(line->control, "include")) {
		line->kind = MFA_PAM_INCLUDE;
	} else if (mfa_word_alike(line->control, "substack")) {
		line->kind = MFA_PAM_SUBSTACK;
	} else if (!mfa_pam_control_parse(line->control, line->actions)) {
		line->problem = "the control words are not understood";
	}
}

static void
take_module(char **at, struct mfa_pam_line *line)
{
	const char *word;

	line->module = next_word(at);
	if (line->module == NULL) {
		fails(line, "a module is missing");
		return;
	}
	while (line->argc < MFA_PAM_ARGS && (word = next_word(at)) != NULL)
		line->args[line->argc++] = word;
}

void
mfa_pam_line_parse(char *text, struct mfa_pam_line *line)
{
	char *at = text;
	const char *type;

	memset(line, 0, sizeof(*line));
	line->text = text;
	line->kind = MFA_PAM_MODULE;
	type = next_word(&at);
	if (type == NULL) {
		fails(line, "a type is missing");
		return;
	}
	if (mfa_word_alike(type, "@include")) {
		line->kind = MFA_PAM_INCLUDE;
		take_module(&at, line);
		return;
	}
	line->type = type_of(type + (*type == '-'));
	take_control(&at, line);
	if (line->kind != MFA_PAM_FAILS)
		take_module(&at, line);
	if (line->type == MFA_PAM_ANY)
		fails(line, "the type is none of auth, account, password, "
			    "session");
}
