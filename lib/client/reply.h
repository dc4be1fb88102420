/* SPDX-License-Identifier: MIT */
/* Reading what the verifier said, for all that talk to it. */
#ifndef MFA_CLIENT_REPLY_H
#define MFA_CLIENT_REPLY_H

#include "lib/base/err.h"
#include "protocol/wire.pb.h"

/*
 * The error that an Error reply carries.  The number comes from another
 * program, perhaps of another version: only known ones are let in.
 *
 * Returns: MFA_OK if the reply is no Error; its code; MFA_ERR_PROTOCOL if the
 * code is 0 or not known here.
 */
enum mfa_err mfa_reply_err(const mfa_wire_Reply *reply) MFA_MUST_USE;

#endif
