/* SPDX-License-Identifier: MIT */
/*
 * The listening verifier: one warm parent, a child per conversation (R28).
 *
 * MUST (checked against listener.c and places.h):
 *  - the parent touches no byte that a peer sent, and is never the last to
 *    close a connection on which descriptors were passed: that can take as long
 *    as the peer likes;
 *  - over a cap the peer is told "busy" and dropped, without a conversation;
 *  - a child that dies by a signal is told to the log, and makes the parent
 *    start itself anew, so that no child can try what an earlier one learned of
 *    the parent's memory;
 *  - no connection that waits and no child's end is lost by that.
 */
#ifndef MFA_VERIFIER_LISTENER_H
#define MFA_VERIFIER_LISTENER_H

#include "lib/base/err.h"
#include "verifier/places.h"
#include "verifier/resume.h"
#include "verifier/serve.h"

/*
 * The descriptor to listen on: 3, if a service manager put a listening
 * SOCK_SEQPACKET socket there; else a new one at path, mode 0666, in a folder
 * of root's that is made if it is missing.  To be called as root: the
 * listener's uid is what clients check.
 *
 * Returns: MFA_OK; MFA_ERR_EXISTS if another verifier answers there;
 * MFA_ERR_UNSAFE; MFA_ERR_IO.
 */
enum mfa_err mfa_listener_open(const char *path, int *fd) MFA_MUST_USE;

/* Does it accept connections as above? */
bool mfa_listener_is_one(int fd);

/*
 * Serves until SIGTERM or SIGINT; the children end by themselves.  After a
 * crash it executes the program anew (resume.h), which goes on with
 * mfa_listener_resume.
 *
 * Returns: MFA_OK when told to end; MFA_ERR_IO, also if it could not be
 * executed; MFA_ERR_MEMORY.
 */
enum mfa_err mfa_listener_run(const struct mfa_office *office,
    struct mfa_engine *engine, int fd) MFA_MUST_USE;

/*
 * The same with the children, refusals and descriptors of before.  office has
 * the runner and the keys of the state.
 *
 * Returns: as mfa_listener_run; MFA_ERR_DENIED if the descriptors are not what
 * they should be.
 */
enum mfa_err mfa_listener_resume(const struct mfa_office *office,
    struct mfa_engine *engine, const struct mfa_handover *state) MFA_MUST_USE;

#endif
