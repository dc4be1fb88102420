/* SPDX-License-Identifier: MIT */
#include "utils/doctor/word.h"

#include <string.h>
#include <strings.h>

bool
mfa_word_same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool
mfa_word_alike(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

bool
mfa_word_begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool
mfa_word_ends(const char *text, const char *with)
{
	size_t len = strlen(text), tail = strlen(with);

	return len >= tail && mfa_word_same(text + len - tail, with);
}

bool
mfa_word_among(const char *word, const char *list)
{
	size_t len = strlen(word);

	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		if (n == len && strncmp(list, word, n) == 0)
			return true;
		list += n;
		list += *list == ' ';
	}
	return false;
}

char *
mfa_word_next(char **at, const char *blanks)
{
	char *word = *at + strspn(*at, blanks);

	if (*word == '\0')
		return NULL;
	*at = word + strcspn(word, blanks);
	if (**at != '\0')
		*(*at)++ = '\0';
	return word;
}
