/* SPDX-License-Identifier: MIT */
/*
 * The way to the verifier, for the PAM module, the command and libmedusa_mfa.
 *
 * MUST (R20; checked against client.c, connect.c and spawn.c):
 *  - no getenv, umask, chdir, signal disposition, mutable static, thread;
 *  - no SIGCHLD and no zombie for the host, no descriptor or copy of host
 *    memory left in another process;
 *  - every wait has a deadline; every send has MSG_NOSIGNAL.
 */
#ifndef MFA_CLIENT_CLIENT_H
#define MFA_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "protocol/wire.pb.h"

struct mfa_client;

/*
 * Opens a conversation and greets.  First the listening socket; where that is
 * missing, busy, refuses or does not greet within a second and the effective
 * uid is 0, a verifier of our own on a socketpair.  Who is not root has no
 * second way, and comes back to a busy listener for a second, so that a burst
 * of others does not keep it out.
 *
 * socket_path: the listening socket, NULL for the built-in one.  Its directory
 *              must be root's, the listener's uid 0.
 * out:         the conversation; NULL on failure; free with mfa_client_free
 *
 * Returns: MFA_OK; MFA_ERR_UNAVAILABLE if nobody answers; MFA_ERR_BUSY if
 * there is no room; MFA_ERR_UNSAFE if the socket's place or listener is not
 * root's; MFA_ERR_VERSION;
 * MFA_ERR_PROTOCOL; MFA_ERR_MEMORY; or what the verifier said instead of a
 * greeting.
 */
enum mfa_err mfa_client_open(const char *socket_path,
    struct mfa_client **out) MFA_MUST_USE;

/*
 * The same before a deadline of mfa_wire_clock; its own limits (R28: a second
 * for a listener, 15 for a verifier of our own) hold besides.  Who is busy is
 * come back to until then, by root as well.
 *
 * Returns: as mfa_client_open; MFA_ERR_TIMEOUT if the deadline was too early
 * for an answer.
 */
enum mfa_err mfa_client_open_until(const char *socket_path, uint64_t deadline,
    struct mfa_client **out) MFA_MUST_USE;

/*
 * The second way alone, for a listener that greeted and then was busy with
 * what it was asked.
 *
 * Returns: as mfa_client_open; MFA_ERR_UNAVAILABLE unless the effective uid
 * is 0.
 */
enum mfa_err mfa_client_open_own(struct mfa_client **out) MFA_MUST_USE;

/* Ends the conversation and wipes.  Takes NULL. */
void mfa_client_free(struct mfa_client *client);

/*
 * The protocol's version that this conversation speaks, MFA_WIRE_LOWEST to
 * MFA_WIRE_VERSION.  An older verifier skips fields that it does not know:
 * whoever relies on one of a later version than the lowest MUST look here
 * before.
 */
uint32_t mfa_client_version(const struct mfa_client *client);

/*
 * Sends one request, within 15 seconds or before a deadline of
 * mfa_wire_clock.
 *
 * Returns: MFA_OK or the error of mfa_wire_send_request.
 */
enum mfa_err mfa_client_send(struct mfa_client *client,
    const mfa_wire_Request *request) MFA_MUST_USE;
enum mfa_err mfa_client_send_until(struct mfa_client *client,
    const mfa_wire_Request *request, uint64_t deadline) MFA_MUST_USE;

/*
 * Waits for one reply, at most 15 seconds (R28) or until a deadline of
 * mfa_wire_clock.
 *
 * reply: caller wipes it; all zero on failure
 *
 * Returns: MFA_OK or the error of mfa_wire_recv_reply.
 */
enum mfa_err mfa_client_recv(struct mfa_client *client,
    mfa_wire_Reply *reply) MFA_MUST_USE;
enum mfa_err mfa_client_recv_until(struct mfa_client *client,
    mfa_wire_Reply *reply, uint64_t deadline) MFA_MUST_USE;

/*
 * Connects to a listening verifier within a second, not blocking.
 *
 * Returns: MFA_OK and fd; MFA_ERR_UNAVAILABLE (missing, refused);
 * MFA_ERR_BUSY (backlog full); MFA_ERR_UNSAFE (directory or listener not
 * root's).
 */
enum mfa_err mfa_client_connect(const char *socket_path, int *fd) MFA_MUST_USE;

/*
 * Starts a verifier for this one conversation (mechanisms of R20).  Needs
 * effective uid 0.
 *
 * Returns: MFA_OK and fd, our end; MFA_ERR_UNAVAILABLE, MFA_ERR_LIMIT.
 */
enum mfa_err mfa_client_spawn(int *fd) MFA_MUST_USE;

#endif
