/* SPDX-License-Identifier: MIT */
/*
 * A factor that another program has used until now, and its readers.  They
 * compute: no I/O.  What they fill in holds a key: mfa_import_wipe.
 *
 * MUST (checked against found.c, google.c, oath.c, otpauth.c):
 *  - a field that is not understood, or that would let in more than before if
 *    it were left out, refuses the factor: nothing is guessed (R3, R16);
 *  - no key reaches a sentence (R14).
 */
#ifndef MFA_IMPORT_FOUND_H
#define MFA_IMPORT_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define MFA_IMPORT_KEY	   161 /* bytes of a key in base32, with its NUL */
#define MFA_IMPORT_TEXT	   240 /* bytes of a sentence, with its NUL */
#define MFA_IMPORT_BITS	   128 /* of a key, at least (R16) */
#define MFA_IMPORT_COUNTER UINT64_C(9007199254740992) /* 2^53 */

struct mfa_import_found {
	char user[257];	     /* empty where the source names none */
	bool chosen;	     /* by who wrote the list, for this host */
	char key[MFA_IMPORT_KEY]; /* base32, upper case, no padding */
	bool hotp;	     /* by counter; else by time */
	const char *algorithm; /* SHA1, SHA256, SHA512 */
	uint32_t digits;
	uint32_t period;     /* totp: seconds */
	uint64_t counter;    /* hotp: the next one */
	char note[MFA_IMPORT_TEXT];    /* what is not taken along, or empty */
	char refused[MFA_IMPORT_TEXT]; /* why it is not taken, or empty */
};

/* Nothing but what is usual: totp, SHA1, 6 digits, 30 seconds. */
void mfa_import_init(struct mfa_import_found *found);
void mfa_import_wipe(struct mfa_import_found *found);

/* Says why it is not taken, and wipes its key; the first reason stays. */
void mfa_import_refuse(struct mfa_import_found *found, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a sentence about what is not taken along; one that does not fit is
   left out. */
void mfa_import_note(struct mfa_import_found *found, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Takes a key over.  One that is too short or too long, or none, is refused.
 * base32: case, blanks, hyphens and padding are ignored.  hex: an even number
 * of digits.
 *
 * text: len bytes
 */
void mfa_import_key_base32(struct mfa_import_found *found, const char *text,
    size_t len);
void mfa_import_key_hex(struct mfa_import_found *found, const char *text,
    size_t len);

/*
 * Reads a file of google-authenticator's: the key, options, scratch codes.
 *
 * text: len bytes, as read from the file
 *
 * Returns: MFA_OK, perhaps with a refusal; MFA_ERR_SYNTAX if it is no such
 * file.
 */
enum mfa_err mfa_import_google(const char *text, size_t len,
    struct mfa_import_found *found) MFA_MUST_USE;

/*
 * Reads a line of pam_oath's users.oath: type, user, PIN, key in hexadecimal,
 * counter, last code, its time.
 *
 * line: len bytes without the newline
 *
 * Returns: MFA_OK, perhaps with a refusal; MFA_ERR_NOT_FOUND for an empty line
 * or a comment; MFA_ERR_SYNTAX.
 */
enum mfa_err mfa_import_oath(const char *line, size_t len,
    struct mfa_import_found *found) MFA_MUST_USE;

/*
 * Reads an otpauth URL (Key URI Format of Google Authenticator).  The user is
 * its account, without issuer.
 *
 * url: len bytes
 *
 * Returns: as mfa_import_oath.
 */
enum mfa_err mfa_import_otpauth(const char *url, size_t len,
    struct mfa_import_found *found) MFA_MUST_USE;

/* The same of a line that may begin with the user, and a blank behind it. */
enum mfa_err mfa_import_otpauth_line(const char *line, size_t len,
    struct mfa_import_found *found) MFA_MUST_USE;

#endif
