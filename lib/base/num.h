/* SPDX-License-Identifier: MIT */
/* Strict numbers from text, and numbers in big-endian bytes. */
#ifndef MFA_BASE_NUM_H
#define MFA_BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/*
 * Parses a decimal number: digits only, no sign, no space, no leading zero
 * but "0" itself.
 *
 * text:     NUL-terminated
 * min, max: bounds, both allowed
 * out:      the value; untouched on failure
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX if it is no such number; MFA_ERR_INVALID if
 * it is out of bounds.
 */
enum mfa_err mfa_num_parse(const char *text, uint64_t min, uint64_t max,
    uint64_t *out) MFA_MUST_USE;

/* Big-endian stores and loads; p has 4 or 8 bytes. */
void mfa_num_put32(uint8_t *p, uint32_t v);
void mfa_num_put64(uint8_t *p, uint64_t v);
uint32_t mfa_num_get32(const uint8_t *p);
uint64_t mfa_num_get64(const uint8_t *p);

/*
 * Lower-case hexadecimal.  out has 2 * len + 1 bytes and is NUL-terminated.
 */
void mfa_num_hex(const uint8_t *bytes, size_t len, char *out);

/*
 * Parses exactly len bytes from 2 * len lower-case hexadecimal digits.
 *
 * Returns: MFA_OK or MFA_ERR_SYNTAX; out is untouched on failure.
 */
enum mfa_err mfa_num_unhex(const char *text, uint8_t *out,
    size_t len) MFA_MUST_USE;

#endif
