/* SPDX-License-Identifier: MIT */
/*
 * One packet of the protocol, in both directions.
 *
 * The first byte says how it comes: bit 0 cut (MSG_TRUNC), bit 1 with a
 * descriptor, bit 2 after EINTR, bit 3 an error instead.  The rest is the
 * packet.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pam_medusa_mfa/outcome.h"
#include "protocol/wire_io.h"
#include "tests/proof/fuzz/net.h"

#define CUT	    1
#define DESCRIPTOR  2
#define INTERRUPTED 4
#define FAILS	    8

static struct {
	const uint8_t *packet;
	size_t len;
	uint8_t how;
	bool interrupted;
	int fd; /* passed along; -1: none */
	uint8_t sent[MFA_WIRE_MAX];
	size_t sent_len;
} line;

static int
line_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	(void)n;
	(void)timeout;
	fds->revents = fds->events;
	return 1;
}

static int
line_clock(clockid_t clock, struct timespec *out)
{
	(void)clock;
	*out = (struct timespec){ 1000, 0 };
	return 0;
}

static ssize_t
line_send(int fd, const void *buf, size_t len, int flags)
{
	(void)fd;
	FUZZ_WANT((flags & MSG_NOSIGNAL) != 0);
	FUZZ_WANT(len <= sizeof(line.sent));
	memcpy(line.sent, buf, len);
	line.sent_len = len;
	return (ssize_t)len;
}

static void
pass_descriptor(struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	FUZZ_WANT(c != NULL);
	line.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	FUZZ_WANT(line.fd >= 0);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &line.fd, sizeof(int));
	msg->msg_controllen = CMSG_SPACE(sizeof(int));
}

static ssize_t
line_recvmsg(int fd, struct msghdr *msg, int flags)
{
	size_t len = line.len < msg->msg_iov->iov_len ?
	    line.len : msg->msg_iov->iov_len;

	(void)fd;
	FUZZ_WANT((flags & MSG_CMSG_CLOEXEC) != 0);
	if ((line.how & INTERRUPTED) != 0 && !line.interrupted) {
		line.interrupted = true;
		errno = EINTR;
		return -1;
	}
	if ((line.how & FAILS) != 0) {
		errno = (line.how & CUT) != 0 ? ECONNRESET : ENOMEM;
		return -1;
	}
	if (len != 0)
		memcpy(msg->msg_iov->iov_base, line.packet, len);
	msg->msg_flags = len < line.len || (line.how & CUT) != 0 ?
	    MSG_TRUNC : 0;
	if ((line.how & DESCRIPTOR) != 0)
		pass_descriptor(msg);
	else
		msg->msg_controllen = 0;
	return (ssize_t)len;
}

static const struct fuzz_net net = { line_poll, line_send, line_recvmsg,
	line_clock, NULL, NULL };

/* A passed descriptor is closed, whatever else is true. */
static bool
is_closed(void)
{
	return line.fd < 0 || fcntl(line.fd, F_GETFD) < 0;
}

static void
put(const uint8_t *packet, size_t len, uint8_t how)
{
	line.packet = packet;
	line.len = len;
	line.how = how;
	line.interrupted = false;
	line.fd = -1;
}

/* What the first byte and the length forbid. */
static bool
may_be_taken(uint8_t how, size_t len)
{
	return (how & (CUT | DESCRIPTOR | FAILS)) == 0 && len != 0 &&
	    len <= MFA_WIRE_MAX;
}

static void
run_request(const uint8_t *data, size_t size)
{
	static mfa_wire_Request got, again;
	static uint8_t first[MFA_WIRE_MAX];
	struct fuzz_in in = { data, size };
	uint8_t how = fuzz_byte(&in) & 15;
	size_t len;
	enum mfa_err r;

	fuzz_net_use(&net);
	put(in.p, in.left, how);
	memset(&got, 0xa5, sizeof(got));
	r = mfa_wire_recv_request(3, &got, UINT64_MAX);
	FUZZ_WANT(is_closed());
	if (r != MFA_OK) {
		FUZZ_WANT(fuzz_all(&got, sizeof(got), 0));
		goto out;
	}
	FUZZ_WANT(may_be_taken(how, in.left));
	FUZZ_WANT(got.which_what >= mfa_wire_Request_hello_tag &&
	    got.which_what <= mfa_wire_Request_after_restore_tag);
	/* What is passed on means the same, and is written in one way. */
	FUZZ_WANT(mfa_wire_send_request(3, &got, UINT64_MAX) == MFA_OK);
	len = line.sent_len;
	memcpy(first, line.sent, len);
	put(first, len, 0);
	FUZZ_WANT(mfa_wire_recv_request(3, &again, UINT64_MAX) == MFA_OK);
	FUZZ_WANT(again.which_what == got.which_what);
	FUZZ_WANT(mfa_wire_send_request(3, &again, UINT64_MAX) == MFA_OK);
	FUZZ_WANT(line.sent_len == len && memcmp(line.sent, first, len) == 0);
out:
	fuzz_net_use(NULL);
}

/* R3: only a number that is known is a verdict. */
static void
look_at_verdict(const mfa_wire_Reply *reply)
{
	struct mfa_outcome outcome, before;
	enum mfa_err r;

	memset(&before, 0xa5, sizeof(before));
	outcome = before;
	r = mfa_outcome_take(reply, &outcome);
	if (r != MFA_OK) {
		FUZZ_WANT(memcmp(&outcome, &before, sizeof(before)) == 0);
		return;
	}
	FUZZ_WANT(reply->which_what == mfa_wire_Reply_verdict_tag);
	FUZZ_WANT(outcome.verdict == MFA_VERDICT_DENY ||
	    outcome.verdict == MFA_VERDICT_ACCEPT ||
	    outcome.verdict == MFA_VERDICT_PASS ||
	    outcome.verdict == MFA_VERDICT_UNAVAILABLE ||
	    outcome.verdict == MFA_VERDICT_MISCONFIGURED);
	FUZZ_WANT((uint32_t)outcome.verdict ==
	    (uint32_t)reply->what.verdict.code);
	FUZZ_WANT(fuzz_ends(outcome.text, sizeof(outcome.text)));
}

static void
run_reply(const uint8_t *data, size_t size)
{
	static mfa_wire_Reply got, again;
	static uint8_t first[MFA_WIRE_MAX];
	struct fuzz_in in = { data, size };
	uint8_t how = fuzz_byte(&in) & 15;
	size_t len;
	enum mfa_err r;

	fuzz_net_use(&net);
	put(in.p, in.left, how);
	memset(&got, 0xa5, sizeof(got));
	r = mfa_wire_recv_reply(3, &got, UINT64_MAX);
	FUZZ_WANT(is_closed());
	if (r != MFA_OK) {
		FUZZ_WANT(fuzz_all(&got, sizeof(got), 0));
		goto out;
	}
	FUZZ_WANT(may_be_taken(how, in.left));
	FUZZ_WANT(got.which_what != 0);
	look_at_verdict(&got);
	FUZZ_WANT(mfa_wire_send_reply(3, &got, UINT64_MAX) == MFA_OK);
	len = line.sent_len;
	memcpy(first, line.sent, len);
	put(first, len, 0);
	FUZZ_WANT(mfa_wire_recv_reply(3, &again, UINT64_MAX) == MFA_OK);
	FUZZ_WANT(again.which_what == got.which_what);
	FUZZ_WANT(mfa_wire_send_reply(3, &again, UINT64_MAX) == MFA_OK);
	FUZZ_WANT(line.sent_len == len && memcmp(line.sent, first, len) == 0);
out:
	fuzz_net_use(NULL);
}

const struct fuzz_target fuzz_request = { "request",
	"R28 R29 a packet to the verifier is taken whole or not at all", NULL,
	run_request, mfa_wire_Request_fields, sizeof(mfa_wire_Request), 1 };
const struct fuzz_target fuzz_reply = { "reply",
	"R3 R28 a packet of the verifier is taken whole or not at all", NULL,
	run_reply, mfa_wire_Reply_fields, sizeof(mfa_wire_Reply), 1 };
