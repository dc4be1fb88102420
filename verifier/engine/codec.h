/* SPDX-License-Identifier: MIT */
/*
 * Record to bytes and back (R29).  What decodes is checked field by field and
 * must encode to the same bytes again: nanopb drops unknown fields without a
 * word, and a dropped field would be lost with the next write.
 */
#ifndef MFA_ENGINE_CODEC_H
#define MFA_ENGINE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "protocol/record.pb.h"

#define MFA_CODEC_MAX mfa_record_Record_size /* bytes of an encoded record */

/*
 * buf: size bytes; wiped on failure
 *
 * Returns: MFA_OK or MFA_ERR_INVALID.
 */
enum mfa_err mfa_codec_encode(const mfa_record_Record *record, uint8_t *buf,
    size_t size, size_t *len) MFA_MUST_USE;

/*
 * scratch: MFA_CODEC_MAX bytes, wiped
 * record:  wiped on failure
 *
 * Returns: MFA_OK or MFA_ERR_DAMAGED.
 */
enum mfa_err mfa_codec_decode(const uint8_t *buf, size_t len, uint8_t *scratch,
    mfa_record_Record *record) MFA_MUST_USE;

#endif
