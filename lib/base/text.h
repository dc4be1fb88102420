/* SPDX-License-Identifier: MIT */
/* Text from strangers: made safe for one log line, checked for shape. */
#ifndef MFA_BASE_TEXT_H
#define MFA_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Escapes text for the value of one key=value log field: printable ASCII
 * except space, '"', '=' and '\\' stays, every other byte becomes \xHH.
 * An empty text becomes "-".  Cut at the size of out, never inside an escape.
 *
 * text: NUL-terminated, any bytes
 * out:  size bytes, at least 8; always NUL-terminated
 */
void mfa_text_escape(const char *text, char *out, size_t size);

/* True if text is printable ASCII (0x20 to 0x7e) throughout. */
bool mfa_text_printable(const char *text);

/*
 * True if text is a factor label: [a-z][a-z0-9-]{0,31}.
 */
bool mfa_text_is_label(const char *text);

/*
 * True if the value of an option has a '#' at its beginning or behind a blank,
 * as a comment would have it.
 */
bool mfa_text_looks_commented(const char *value);

/*
 * A time as RFC 3339 has it, in UTC: 2026-11-22T07:15:23Z.
 *
 * wall: seconds since 1970
 * out:  MFA_TEXT_TIME bytes
 *
 * Returns: false, and the empty string, for a time that no calendar has.
 */
#define MFA_TEXT_TIME 32
bool mfa_text_time(uint64_t wall, char *out);

/*
 * Copies src to dst with size bytes, NUL-terminated.
 *
 * Returns: false if src does not fit; dst is then the empty string.
 */
bool mfa_text_copy(char *dst, size_t size, const char *src);

#endif
