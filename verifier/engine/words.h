/* SPDX-License-Identifier: MIT */
/*
 * What a login says to a person: one line, English, printable ASCII.
 *
 * MUST (R5; checked against words.c): what is said of a refusal does not tell
 * wrong, locked, blocked, unknown and not enrolled apart.
 */
#ifndef MFA_ENGINE_WORDS_H
#define MFA_ENGINE_WORDS_H

#include <stddef.h>

#include "verifier/engine/attempt.h"

/* The same whether or not something is sent (R12). */
#define MFA_WORDS_SENT "If a code can be sent to you, it is on its way."
#define MFA_WORDS_MALFORMED "That is not a code."
#define MFA_WORDS_SHUT                                                         \
	"Too many wrong codes: try again later, or tell your administrator."
#define MFA_WORDS_REFUSED "Logins here are refused by a rule."

/* Before a prompt that comes again. */
const char *mfa_words_again(const struct mfa_attempt_result *result);

/*
 * What a person is told of a used code.
 *
 * method: a provider's name; empty if it is not known
 */
const char *mfa_words_replayed(const char *method);

/*
 * What who comes in should know, the most urgent first; may be empty.
 *
 * out: size bytes, NUL-terminated; 120 suffice
 */
void mfa_words_welcome(const struct mfa_attempt_result *result, char *out,
    size_t size);

#endif
