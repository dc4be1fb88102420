/* SPDX-License-Identifier: MIT */
/* Words of configuration files.  Nothing here is a secret. */
#ifndef MFA_DOCTOR_WORD_H
#define MFA_DOCTOR_WORD_H

#include <stdbool.h>
#include <stddef.h>

bool mfa_word_same(const char *a, const char *b);
/* The same without regard to ASCII case. */
bool mfa_word_alike(const char *a, const char *b);
bool mfa_word_begins(const char *text, const char *with);
bool mfa_word_ends(const char *text, const char *with);

/* True if word is one of list, whose words are separated by one blank. */
bool mfa_word_among(const char *word, const char *list);

/*
 * Takes the next word off a line, in place.
 *
 * at:     moves behind the word
 * blanks: what separates words
 *
 * Returns: the word, NUL-terminated; NULL at the end.
 */
char *mfa_word_next(char **at, const char *blanks);

#endif
