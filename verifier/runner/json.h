/* SPDX-License-Identifier: MIT */
/* An event as a line of JSON, for event programs: medusa-mfa-programs(7). */
#ifndef MFA_RUNNER_JSON_H
#define MFA_RUNNER_JSON_H

#include <stddef.h>

#include "lib/base/err.h"
#include "verifier/runner/job.h"

#define MFA_JSON_SIZE 8192 /* bytes of the longest line */

/*
 * One object (RFC 8259) in ASCII and a newline.  Absent values are left out;
 * a value that is not UTF-8, or has a backslash, has its backslashes and all
 * bytes beyond ASCII as \xHH, so that no two values look alike.
 *
 * event: its strings are NUL-terminated
 * host:  name of this one
 * out:   MFA_JSON_SIZE bytes
 * len:   bytes of it; there is no NUL
 *
 * Returns: MFA_OK; MFA_ERR_MEMORY; MFA_ERR_INVALID for an event of no known
 * type.
 */
enum mfa_err mfa_json_event(const struct mfa_job_event *event, const char *host,
    char *out, size_t *len) MFA_MUST_USE;

#endif
