/* SPDX-License-Identifier: MIT */
/*
 * One message, one packet: the schema of wire.proto over a connected
 * SOCK_SEQPACKET socket, for both ends.
 *
 * Packets hold at most MFA_WIRE_MAX bytes.  A truncated packet, bytes that are
 * no field, an unknown kind of message or a passed descriptor (which is closed)
 * is MFA_ERR_PROTOCOL and ends the conversation.  Well-formed fields that are
 * not known are skipped: they are a newer release's.
 */
#ifndef MFA_PROTOCOL_WIRE_IO_H
#define MFA_PROTOCOL_WIRE_IO_H

#include <stdint.h>

#include "lib/base/err.h"
#include "protocol/wire.pb.h"

#define MFA_WIRE_MAX	 2048
#define MFA_WIRE_VERSION 3 /* highest spoken here; N and N-1 are accepted */
#define MFA_WIRE_LOWEST	 2

/*
 * Milliseconds of CLOCK_MONOTONIC: what deadlines are made of.
 */
uint64_t mfa_wire_clock(void);

/*
 * Sends one message before a deadline.  No signal is raised (MSG_NOSIGNAL);
 * the encoded bytes are wiped after use.
 *
 * fd:       connected SOCK_SEQPACKET socket
 * deadline: of mfa_wire_clock
 *
 * Returns: MFA_OK; MFA_ERR_TIMEOUT; MFA_ERR_CLOSED; MFA_ERR_PROTOCOL if the
 * message does not encode; MFA_ERR_IO.
 */
enum mfa_err mfa_wire_send_request(int fd, const mfa_wire_Request *request,
    uint64_t deadline) MFA_MUST_USE;
enum mfa_err mfa_wire_send_reply(int fd, const mfa_wire_Reply *reply,
    uint64_t deadline) MFA_MUST_USE;

/*
 * Hears no more: what the other end has sent is dropped without a look at it,
 * and no more comes.  For a last reply to somebody who is not listened to:
 * what is left unread at close would take the reply with it.
 */
void mfa_wire_deafen(int fd);

/*
 * Receives one message before a deadline.  The packet buffer is wiped; the
 * message may hold secrets, the caller wipes it.
 *
 * Returns: MFA_OK; MFA_ERR_TIMEOUT; MFA_ERR_CLOSED when the other end is
 * gone; MFA_ERR_PROTOCOL; MFA_ERR_IO.  The message is all zero on failure.
 */
enum mfa_err mfa_wire_recv_request(int fd, mfa_wire_Request *request,
    uint64_t deadline) MFA_MUST_USE;
enum mfa_err mfa_wire_recv_reply(int fd, mfa_wire_Reply *reply,
    uint64_t deadline) MFA_MUST_USE;

#endif
