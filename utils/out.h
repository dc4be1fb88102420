/* SPDX-License-Identifier: MIT */
/*
 * What the command prints: errors, tables, dates, JSON.  Whatever others named
 * (users, problems) passes mfa_out_clean before it reaches a terminal.
 */
#ifndef MFA_UTILS_OUT_H
#define MFA_UTILS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/base/err.h"
#include "lib/base/text.h"

#define MFA_OUT_DATE MFA_TEXT_TIME /* bytes of a date or a span, with its NUL */

/* One column of a table: a longer cell pushes the rest of its row aside. */
struct mfa_out_column {
	const char *title;
	int width;
};

/*
 * Prints one line on standard error: "medusa-mfa: " and the text.
 */
void mfa_out_error(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * What is wrong with a file that is none of the verifier's: mfa_strerror speaks
 * of the record store.
 *
 * Returns: a constant string.
 */
const char *mfa_out_file_error(enum mfa_err err);

/*
 * Copies text for a terminal: printable ASCII stays, every other byte becomes
 * \xHH.  Cut at the size of out, never inside an escape.
 *
 * out: size bytes, at least 1; always NUL-terminated
 */
void mfa_out_clean(const char *text, char *out, size_t size);

/*
 * ISO 8601: "2025-11-22T04:36:00Z" for programs (utc), local time for people
 * ("2025-11-22 05:36").  0 seconds is "-".
 *
 * seconds: since 1970
 */
void mfa_out_date(uint64_t seconds, bool utc, char out[MFA_OUT_DATE]);

/* A length of time, rounded up: "40 s", "15 min", "3 h", "2 d". */
void mfa_out_span(uint64_t seconds, char out[MFA_OUT_DATE]);

/* What makes a counted noun a plural: "" for one, else "s". */
const char *mfa_out_s(size_t count);

/* Prints the titles, or one row of cells (cleaned), of a table. */
void mfa_out_head(const struct mfa_out_column *columns, size_t count);
void mfa_out_row(const struct mfa_out_column *columns, size_t count,
    const char *const *cells);

/* Prints one line "Title:   text", the text cleaned. */
void mfa_out_line(const char *title, const char *text);

/*
 * Makes one word for a shell of a name: quoted where it must be, and with
 * escapes that bash, ksh and zsh understand, $'j\303\274rgen', where it has what
 * a terminal may not show.
 *
 * out: size bytes, at least 4; cut if too small; NUL-terminated
 */
void mfa_out_word(const char *text, char *out, size_t size);

/* From here on jansson wipes what it frees: its values hold secrets. */
void mfa_out_json_init(void);

/* A text value; one that is not UTF-8 is cleaned first.  NULL: memory. */
json_t *mfa_out_json_text(const char *text);

/* A date as mfa_out_date with utc, null for 0. */
json_t *mfa_out_json_date(uint64_t seconds);

/* The texts of a list that holds count rows of width bytes each. */
json_t *mfa_out_json_list(const char *rows, size_t width, size_t count);

/*
 * Prints a value on standard output, without a newline, and takes it over.
 *
 * value: NULL means that building it failed
 *
 * Returns: MFA_OK; MFA_ERR_MEMORY; MFA_ERR_IO.
 */
enum mfa_err mfa_out_json(json_t *value) MFA_MUST_USE;

/*
 * The same with a newline; what is wrong is said in one line.
 *
 * Returns: the exit code.
 */
int mfa_out_json_line(json_t *value);

#endif
