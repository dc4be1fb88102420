/* SPDX-License-Identifier: MIT */
/*
 * Inside lib/client: a program of ours started from a process that is not
 * ours, without leaving a trace in it.  MUST list: client.h.
 */
#ifndef MFA_CLIENT_SPAWN_H
#define MFA_CLIENT_SPAWN_H

#include "lib/base/err.h"

/*
 * Starts a program at the far end of a socket pair: as
 * {"medusa-mfad", "--conversation"}, in a session of its own, with an empty
 * environment, the pair's other end as descriptor 3, /dev/null on 0 to 2,
 * nothing else open, default signal dispositions and an empty mask.  It is not
 * a child of the caller.
 *
 * program: absolute path
 * fd:      our end, SOCK_SEQPACKET, O_CLOEXEC; caller closes.  If the program
 *          cannot be executed, the first read gives the end of file.
 *
 * Returns: MFA_OK; MFA_ERR_LIMIT if there is no room for a process or a
 * descriptor; MFA_ERR_UNAVAILABLE.  fd is -1 on failure.
 */
enum mfa_err mfa_spawn_program(const char *program, int *fd) MFA_MUST_USE;

#endif
