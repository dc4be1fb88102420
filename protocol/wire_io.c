/* SPDX-License-Identifier: MIT */
#include "protocol/wire_io.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <pb_decode.h>
#include <pb_encode.h>

#include "lib/base/secret.h"

_Static_assert(mfa_wire_Request_size <= MFA_WIRE_MAX, "a request fits");
_Static_assert(mfa_wire_Reply_size <= MFA_WIRE_MAX, "a reply fits");

uint64_t
mfa_wire_clock(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Waits until fd is ready for events or the deadline has passed. */
static enum mfa_err
await(int fd, short events, uint64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		uint64_t now = mfa_wire_clock();
		int n;

		if (now >= deadline)
			return MFA_ERR_TIMEOUT;
		if (deadline - now > 60000)
			n = poll(&p, 1, 60000);
		else
			n = poll(&p, 1, (int)(deadline - now));
		if (n > 0)
			return MFA_OK;
		if (n < 0 && errno != EINTR)
			return MFA_ERR_IO;
	}
}

static enum mfa_err
send_packet(int fd, const uint8_t *bytes, size_t len, uint64_t deadline)
{
	enum mfa_err r;
	ssize_t n;

	for (;;) {
		if ((r = await(fd, POLLOUT, deadline)) != MFA_OK)
			return r;
		n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == (ssize_t)len)
			return MFA_OK;
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return MFA_ERR_CLOSED;
		return MFA_ERR_IO;
	}
}

/* Closes descriptors that came along; true if there were any. */
static bool
drop_descriptors(struct msghdr *msg)
{
	bool any = false;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	    c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		any = true;
		for (size_t i = 0; CMSG_LEN((i + 1) * sizeof(int)) <= c->cmsg_len;
		    i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			(void)close(fd);
		}
	}
	return any;
}

static enum mfa_err
recv_packet(int fd, uint8_t *bytes, size_t *len, uint64_t deadline)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(8 * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = bytes, .iov_len = MFA_WIRE_MAX };
	struct msghdr msg;
	enum mfa_err r;
	bool dropped;
	ssize_t n;

	for (;;) {
		if ((r = await(fd, POLLIN, deadline)) != MFA_OK)
			return r;
		memset(&msg, 0, sizeof(msg));
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n >= 0)
			break;
		if (errno != EINTR && errno != EAGAIN)
			return errno == ECONNRESET ? MFA_ERR_CLOSED :
						     MFA_ERR_IO;
	}
	/* An empty packet can carry descriptors, too. */
	dropped = drop_descriptors(&msg);
	/* Without them it looks like the end, and is treated as such. */
	if (n == 0)
		return MFA_ERR_CLOSED;
	if (dropped || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return MFA_ERR_PROTOCOL;
	*len = (size_t)n;
	return MFA_OK;
}

void
mfa_wire_deafen(int fd)
{
	(void)shutdown(fd, SHUT_RD);
	while (recv(fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC) > 0)
		continue;
}

static enum mfa_err
send_message(int fd, const pb_msgdesc_t *type, const void *message,
    uint64_t deadline)
{
	uint8_t packet[MFA_WIRE_MAX];
	pb_ostream_t out = pb_ostream_from_buffer(packet, sizeof(packet));
	enum mfa_err r = MFA_ERR_PROTOCOL;

	if (pb_encode(&out, type, message))
		r = send_packet(fd, packet, out.bytes_written, deadline);
	mfa_secret_wipe(packet, sizeof(packet));
	return r;
}

static enum mfa_err
recv_message(int fd, const pb_msgdesc_t *type, void *message, size_t size,
    uint64_t deadline)
{
	uint8_t packet[MFA_WIRE_MAX];
	size_t len = 0;
	enum mfa_err r;

	memset(message, 0, size);
	r = recv_packet(fd, packet, &len, deadline);
	if (r == MFA_OK) {
		pb_istream_t in = pb_istream_from_buffer(packet, len);

		if (!pb_decode(&in, type, message)) {
			mfa_secret_wipe(message, size);
			r = MFA_ERR_PROTOCOL;
		}
	}
	mfa_secret_wipe(packet, sizeof(packet));
	return r;
}

enum mfa_err
mfa_wire_send_request(int fd, const mfa_wire_Request *request,
    uint64_t deadline)
{
	return send_message(fd, mfa_wire_Request_fields, request, deadline);
}

enum mfa_err
mfa_wire_send_reply(int fd, const mfa_wire_Reply *reply, uint64_t deadline)
{
	return send_message(fd, mfa_wire_Reply_fields, reply, deadline);
}

enum mfa_err
mfa_wire_recv_request(int fd, mfa_wire_Request *request, uint64_t deadline)
{
	enum mfa_err r = recv_message(fd, mfa_wire_Request_fields, request,
	    sizeof(*request), deadline);

	if (r == MFA_OK && request->which_what == 0)
		r = MFA_ERR_PROTOCOL;
	return r;
}

enum mfa_err
mfa_wire_recv_reply(int fd, mfa_wire_Reply *reply, uint64_t deadline)
{
	enum mfa_err r = recv_message(fd, mfa_wire_Reply_fields, reply,
	    sizeof(*reply), deadline);

	if (r == MFA_OK && reply->which_what == 0)
		r = MFA_ERR_PROTOCOL;
	return r;
}
