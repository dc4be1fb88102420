/* SPDX-License-Identifier: MIT */
/*
 * The listening verifier: one warm parent, a child per conversation (R28).
 *
 * MUST (checked against listener.c):
 *  - the parent touches no byte that a peer sent;
 *  - conversations are capped in all, per uid that is not root, and for root
 *    per subject; others never take root's share;
 *  - over a cap the peer is told "busy" and dropped, without a child.
 */
#ifndef MFA_VERIFIER_LISTENER_H
#define MFA_VERIFIER_LISTENER_H

#include "lib/base/err.h"
#include "verifier/conversation.h"

#define MFA_CHILDREN	      384 /* in all */
#define MFA_CHILDREN_OTHERS   128 /* of these, not root's */
#define MFA_CHILDREN_A_UID    8
#define MFA_CHILDREN_A_SUBJECT 64 /* root's, about one record */

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

/*
 * Serves until SIGTERM or SIGINT; the children end by themselves.
 *
 * Returns: MFA_OK when told to end; MFA_ERR_IO; MFA_ERR_MEMORY.
 */
enum mfa_err mfa_listener_run(const struct mfa_office *office,
    struct mfa_engine *engine, int fd) MFA_MUST_USE;

#endif
