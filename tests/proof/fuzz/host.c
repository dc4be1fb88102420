/* SPDX-License-Identifier: MIT */
/* The verifier of a scripted host, and what fails; libpam is in host_pam.c. */
#include "tests/proof/fuzz/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pb_decode.h>
#include <pb_encode.h>

#include "lib/base/verdict.h"
#include "lib/client/client.h"
#include "protocol/wire_io.h"
#include "tests/proof/fuzz/host_pam.h"
#include "tests/proof/fuzz/net.h"

static struct pam_handle *at;

ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
enum mfa_err __wrap_mfa_client_connect(const char *path, int *fd);
enum mfa_err __wrap_mfa_client_spawn(int *fd);

bool
host_fails(struct pam_handle *host)
{
	if (++host->calls != host->fails_at)
		return false;
	errno = host->error;
	return host->failed = true;
}

static bool
net_calloc_fails(void)
{
	return host_fails(at);
}

static uid_t
net_geteuid(void)
{
	return (at->bits & HOST_NOT_ROOT) != 0 ? 1000 : 0;
}

/* ---- the way there ---- */

static enum mfa_err
connect_to(int *fd)
{
	static const enum mfa_err trouble[] = { MFA_ERR_UNAVAILABLE,
		MFA_ERR_BUSY, MFA_ERR_UNSAFE, MFA_ERR_LIMIT };
	uint8_t how = fuzz_byte(&at->in);
	int ends[2];

	*fd = -1;
	if ((how & 0xf0) == 0xf0)
		return trouble[how % 4];
	if (host_fails(at) || at->connections == 8)
		return MFA_ERR_LIMIT;
	FUZZ_WANT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    ends) == 0);
	if (at->peer >= 0)
		(void)close(at->peer);
	at->seen[at->connections++] = ends[0];
	at->peer = ends[1];
	*fd = at->fd = ends[0];
	return MFA_OK;
}

enum mfa_err
__wrap_mfa_client_connect(const char *path, int *fd)
{
	FUZZ_WANT(at != NULL && (path == NULL || path[0] == '/'));
	return connect_to(fd);
}

enum mfa_err
__wrap_mfa_client_spawn(int *fd)
{
	FUZZ_WANT(at != NULL);
	if ((at->bits & HOST_NOT_ROOT) != 0)
		return MFA_ERR_UNAVAILABLE;
	return connect_to(fd);
}

/* ---- what it says ---- */

static const uint32_t codes[] = { MFA_VERDICT_DENY, MFA_VERDICT_ACCEPT,
	MFA_VERDICT_PASS, MFA_VERDICT_UNAVAILABLE, MFA_VERDICT_MISCONFIGURED,
	0, UINT32_MAX };

static void
make_verdict(mfa_wire_Verdict *verdict)
{
	uint8_t which = fuzz_byte(&at->in) % 8;
	uint32_t code = which < 7 ? codes[which] :
	    MFA_VERDICT_ACCEPT ^ 1U << fuzz_byte(&at->in) % 32;

	verdict->code = (mfa_wire_VerdictCode)code;
	verdict->reason = (mfa_wire_Reason)fuzz_byte(&at->in);
	verdict->lock = (mfa_wire_Lock)fuzz_byte(&at->in);
	fuzz_line(&at->in, verdict->text, sizeof(verdict->text));
}

static void
make_prompt(uint8_t kind, mfa_wire_Prompt *prompt)
{
	if (kind == 3) {
		memcpy(prompt->text, "Code: ", 7);
		return;
	}
	prompt->acknowledge = (fuzz_byte(&at->in) & 1) != 0;
	fuzz_line(&at->in, prompt->note, sizeof(prompt->note));
	fuzz_line(&at->in, prompt->text, sizeof(prompt->text));
}

/* A packet of our own making. */
static size_t
make_reply(uint8_t kind, uint8_t *packet)
{
	static mfa_wire_Reply reply;
	pb_ostream_t out = pb_ostream_from_buffer(packet, MFA_WIRE_MAX);

	memset(&reply, 0, sizeof(reply));
	if (kind <= 2) {
		reply.which_what = mfa_wire_Reply_welcome_tag;
		reply.what.welcome.version = kind == 1 ? MFA_WIRE_VERSION :
		    fuzz_byte(&at->in);
	} else if (kind <= 4) {
		reply.which_what = mfa_wire_Reply_prompt_tag;
		make_prompt(kind, &reply.what.prompt);
	} else if (kind == 5) {
		reply.which_what = mfa_wire_Reply_verdict_tag;
		make_verdict(&reply.what.verdict);
	} else {
		reply.which_what = mfa_wire_Reply_error_tag;
		reply.what.error.code = fuzz_byte(&at->in);
		fuzz_line(&at->in, reply.what.error.text,
		    sizeof(reply.what.error.text));
	}
	FUZZ_WANT(pb_encode(&out, mfa_wire_Reply_fields, &reply));
	return out.bytes_written;
}

/* What a reader of our own makes of a packet that comes whole. */
static void
note(const uint8_t *packet, size_t len)
{
	static mfa_wire_Reply reply;
	pb_istream_t in = pb_istream_from_buffer(packet, len);

	memset(&reply, 0, sizeof(reply));
	at->verdict = pb_decode(&in, mfa_wire_Reply_fields, &reply) &&
	    reply.which_what == mfa_wire_Reply_verdict_tag;
	at->code = (uint32_t)reply.what.verdict.code;
	at->reason = (uint32_t)reply.what.verdict.reason;
}

static void
say(const uint8_t *packet, size_t len, bool with_descriptor)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	memcpy(&iov.iov_base, &packet, sizeof(packet));
	if (with_descriptor) {
		memset(&control, 0, sizeof(control));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &at->peer, sizeof(int));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	}
	(void)sendmsg(at->peer, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
leave(bool at_once)
{
	if (at_once) {
		(void)close(at->peer);
		at->peer = -1;
	} else {
		(void)shutdown(at->peer, SHUT_WR);
	}
}

/* Says the next thing of the input. */
static void
reply_once(void)
{
	static uint8_t packet[MFA_WIRE_MAX + 100];
	uint8_t kind = fuzz_byte(&at->in) % 12;
	char line[600];
	size_t len;

	at->verdict = false;
	if (at->peer < 0)
		return;
	if (kind == 0 || kind == 10) {
		leave(kind == 10);
	} else if (kind <= 6) {
		len = make_reply(kind, packet);
		note(packet, len);
		say(packet, len, false);
	} else if (kind == 11) {
		memset(packet, 0x0a, sizeof(packet));
		say(packet, sizeof(packet), false);
	} else {
		fuzz_line(&at->in, line, sizeof(line));
		len = strlen(line);
		if (kind == 7)
			note((const uint8_t *)line, len);
		say((const uint8_t *)line, len, kind == 8);
	}
}

/* ---- what it hears ---- */

static void
look_at_answer(const mfa_wire_Answer *answer)
{
	/* R8 */
	FUZZ_WANT(at->password == NULL || answer->text.size == 0 ||
	    answer->text.size != strlen(at->password) ||
	    memcmp(answer->text.bytes, at->password, answer->text.size) != 0);
}

static void
hear(const uint8_t *packet, size_t len)
{
	static mfa_wire_Request request;
	pb_istream_t in = pb_istream_from_buffer(packet, len);

	memset(&request, 0, sizeof(request));
	FUZZ_WANT(pb_decode(&in, mfa_wire_Request_fields, &request));
	switch (request.which_what) {
	case mfa_wire_Request_login_tag:
		FUZZ_WANT(strcmp(request.what.login.user, at->user) == 0);
		at->login = true;
		break;
	case mfa_wire_Request_policy_tag:
		FUZZ_WANT(strcmp(request.what.policy.user, at->user) == 0);
		at->policy = true;
		break;
	case mfa_wire_Request_answer_tag:
		FUZZ_WANT(at->login);
		look_at_answer(&request.what.answer);
		break;
	case mfa_wire_Request_hello_tag:
	case mfa_wire_Request_abandon_tag:
		break;
	default:
		fuzz_broken("a request that no module makes", __FILE__,
		    __LINE__);
	}
}

/* ---- the calls ---- */

static int
net_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	/* A pause, or a verifier that is silent. */
	if (n == 0 || ((fds->events & POLLIN) != 0 && at->in.left != 0 &&
	    at->in.p[0] % 12 == 9)) {
		if (n != 0)
			(void)fuzz_byte(&at->in);
		at->verdict = false;
		at->clock += timeout > 0 ? (uint64_t)timeout : 1;
		return 0;
	}
	if (host_fails(at))
		return -1;
	fds->revents = fds->events;
	return 1;
}

static ssize_t
net_send(int fd, const void *buf, size_t len, int flags)
{
	ssize_t n;

	FUZZ_WANT(fd == at->fd && (flags & MSG_NOSIGNAL) != 0);
	if (host_fails(at))
		return -1;
	n = sendto(fd, buf, len, flags, NULL, 0);
	if (n >= 0) {
		hear(buf, len);
		while (recv(at->peer, NULL, 0, MSG_DONTWAIT | MSG_TRUNC) > 0)
			continue;
	}
	return n;
}

static ssize_t
net_recvmsg(int fd, struct msghdr *msg, int flags)
{
	FUZZ_WANT(fd == at->fd);
	if (host_fails(at)) {
		at->verdict = false;
		return -1;
	}
	reply_once();
	return __real_recvmsg(fd, msg, flags);
}

static int
net_clock(clockid_t clock, struct timespec *out)
{
	(void)clock;
	out->tv_sec = (time_t)(at->clock / 1000);
	out->tv_nsec = (long)(at->clock % 1000) * 1000000;
	return 0;
}

static const struct fuzz_net net = { net_poll, net_send, net_recvmsg,
	net_clock, net_calloc_fails, net_geteuid };

/* ---- from beginning to end ---- */

static bool
has_marker(const uint8_t *data, size_t size)
{
	return size != 0 && memmem(data, size, HOST_MARKER,
	    sizeof(HOST_MARKER) - 1) != NULL;
}

void
host_begin(struct pam_handle *host, const uint8_t *data, size_t size)
{
	static const int errors[] = { EINTR, ENOMEM, EAGAIN, EPIPE,
		ECONNRESET, EIO, EMFILE, EACCES };
	char password[HOST_TEXT];

	memset(host, 0, sizeof(*host));
	host->in = (struct fuzz_in){ data, size };
	host->fd = host->peer = -1;
	host->clock = 1000000;
	host->marked = has_marker(data, size);
	host->fails_at = fuzz_number(&host->in, 2);
	host->error = errors[fuzz_byte(&host->in) % 8];
	host->bits = fuzz_byte(&host->in);
	fuzz_line(&host->in, host->user, sizeof(host->user));
	fuzz_line(&host->in, host->service, sizeof(host->service));
	fuzz_line(&host->in, host->rhost, sizeof(host->rhost));
	fuzz_line(&host->in, host->tty, sizeof(host->tty));
	fuzz_line(&host->in, password, sizeof(password));
	fuzz_line(&host->in, host->key, sizeof(host->key));
	if ((host->bits & HOST_NO_PASSWORD) == 0)
		host->password = strdup(password);
	host->conv.conv = host_converse;
	host->conv.appdata_ptr = host;
}

void
host_call(struct pam_handle *host)
{
	host->asked = 0;
	host->login = host->policy = host->verdict = false;
	at = host;
	fuzz_net_use(&net);
}

void
host_called(struct pam_handle *host)
{
	fuzz_net_use(NULL);
	at = NULL;
	for (unsigned int i = 0; i < host->connections; i++)
		FUZZ_WANT(fcntl(host->seen[i], F_GETFD) < 0);
	if (host->peer >= 0)
		(void)close(host->peer);
	host->fd = host->peer = -1;
	host->connections = 0;
}

void
host_end(struct pam_handle *host)
{
	for (size_t i = 0; i < HOST_PIECES; i++) {
		struct host_piece *piece = &host->piece[i];

		if (piece->cleanup != NULL)
			piece->cleanup(host, piece->data, 0);
	}
	free(host->password);
	host->password = NULL;
}
