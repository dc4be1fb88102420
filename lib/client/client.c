/* SPDX-License-Identifier: MIT */
/*
 * MUST list: client.h.
 *
 * The way is chosen so: the listening socket first.  Its greeting, a refusal
 * that a second verifier would repeat (MFA_ERR_DENIED, MFA_ERR_VERSION) and a
 * socket in an unsafe place (MFA_ERR_UNSAFE) are final.  After anything else
 * (nobody there, silence, garbage, busy, a listener in trouble) root starts a
 * verifier of its own, and for all others it is the answer.  Only to "busy",
 * with which nothing was asked yet, they have another one: to come back.
 */
#include "lib/client/client.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "lib/client/reply.h"
#include "protocol/wire_io.h"

#define GREETING_MS 1000  /* R28: connect and hello, from a listener */
#define REPLY_MS    15000 /* R28: each reply; a new verifier's greeting */
#define TURN_MS	    1000  /* who is not root comes back to a busy listener */
#define PAUSE_MS    50	  /* before it does */

struct mfa_client {
	int fd;
	uint32_t version; /* that the greeting agreed on */
};

enum mfa_err
mfa_reply_err(const mfa_wire_Reply *reply)
{
	uint32_t code = reply->what.error.code;

	if (reply->which_what != mfa_wire_Reply_error_tag)
		return MFA_OK;
	if (code == MFA_OK || code >= MFA_ERR_END)
		return MFA_ERR_PROTOCOL;
	return (enum mfa_err)code;
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static enum mfa_err
judge_greeting(const mfa_wire_Reply *reply, uint32_t *agreed)
{
	uint32_t version = reply->what.welcome.version;

	if (reply->which_what == mfa_wire_Reply_error_tag)
		return mfa_reply_err(reply);
	if (reply->which_what != mfa_wire_Reply_welcome_tag)
		return MFA_ERR_PROTOCOL;
	if (version < MFA_WIRE_LOWEST || version > MFA_WIRE_VERSION)
		return MFA_ERR_VERSION;
	*agreed = version;
	return MFA_OK;
}

/* Hello and its answer; MFA_ERR_UNAVAILABLE if there is none. */
static enum mfa_err
greet(int fd, uint64_t deadline, uint32_t *version)
{
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	enum mfa_err r;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_hello_tag;
	request.what.hello.lowest = MFA_WIRE_LOWEST;
	request.what.hello.highest = MFA_WIRE_VERSION;
	r = mfa_wire_send_request(fd, &request, deadline);
	/* One that is busy may have said so and left: read it all the same. */
	if (r != MFA_OK && r != MFA_ERR_CLOSED)
		return MFA_ERR_UNAVAILABLE;
	r = mfa_wire_recv_reply(fd, &reply, deadline);
	if (r != MFA_OK)
		return r == MFA_ERR_PROTOCOL ? r : MFA_ERR_UNAVAILABLE;
	r = judge_greeting(&reply, version);
	mfa_secret_wipe(&reply, sizeof(reply));
	return r;
}

/*
 * In a host whose standard descriptors are closed our socket may have become
 * one of them, and what the host prints would go to the verifier.
 */
static enum mfa_err
leave_stdio(int *fd)
{
	int moved;

	if (*fd > STDERR_FILENO)
		return MFA_OK;
	moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	(void)close(*fd);
	*fd = moved;
	return moved >= 0 ? MFA_OK : MFA_ERR_LIMIT;
}

/* Takes a new descriptor and greets there; closes it on failure. */
static enum mfa_err
begin(struct mfa_client *client, int fd, uint64_t deadline)
{
	enum mfa_err r = leave_stdio(&fd);

	if (r == MFA_OK)
		r = greet(fd, deadline, &client->version);
	if (r == MFA_OK)
		client->fd = fd;
	else if (fd >= 0)
		(void)close(fd);
	return r;
}

static enum mfa_err
reach_listener(struct mfa_client *client, const char *socket_path,
    uint64_t deadline)
{
	enum mfa_err r;
	int fd;

	if ((r = mfa_client_connect(socket_path, &fd)) != MFA_OK)
		return r;
	return begin(client, fd,
	    earlier(deadline, mfa_wire_clock() + GREETING_MS));
}

static enum mfa_err
start_own(struct mfa_client *client, uint64_t deadline)
{
	enum mfa_err r;
	int fd;

	if ((r = mfa_client_spawn(&fd)) != MFA_OK)
		return r;
	return begin(client, fd,
	    earlier(deadline, mfa_wire_clock() + REPLY_MS));
}

static bool
is_final(enum mfa_err r)
{
	return r == MFA_OK || r == MFA_ERR_DENIED || r == MFA_ERR_VERSION ||
	    r == MFA_ERR_UNSAFE;
}

static enum mfa_err
new_client(struct mfa_client **out)
{
	struct mfa_client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return MFA_ERR_MEMORY;
	client->fd = -1;
	*out = client;
	return MFA_OK;
}

/* Hands the client out, or frees it. */
static enum mfa_err
hand_out(struct mfa_client *client, enum mfa_err r, struct mfa_client **out)
{
	if (r == MFA_OK)
		*out = client;
	else
		mfa_client_free(client);
	return r;
}

/* Both ways once. */
static enum mfa_err
reach(struct mfa_client *client, const char *socket_path, uint64_t deadline)
{
	enum mfa_err r = reach_listener(client, socket_path, deadline);

	if (!is_final(r) && geteuid() == 0 && mfa_wire_clock() < deadline)
		r = start_own(client, deadline);
	/* Why nobody answered: there was no time for it. */
	if (r == MFA_ERR_UNAVAILABLE && mfa_wire_clock() >= deadline)
		r = MFA_ERR_TIMEOUT;
	return r;
}

/* Comes back to who is busy, for the last time before turn. */
static enum mfa_err
open_in_turn(const char *socket_path, uint64_t deadline, uint64_t turn,
    struct mfa_client **out)
{
	struct mfa_client *client;
	enum mfa_err r;

	*out = NULL;
	if ((r = new_client(&client)) != MFA_OK)
		return r;
	while ((r = reach(client, socket_path, deadline)) == MFA_ERR_BUSY &&
	    mfa_wire_clock() + PAUSE_MS < turn)
		(void)poll(NULL, 0, PAUSE_MS);
	return hand_out(client, r, out);
}

enum mfa_err
mfa_client_open(const char *socket_path, struct mfa_client **out)
{
	uint64_t turn = geteuid() != 0 ? mfa_wire_clock() + TURN_MS : 0;

	return open_in_turn(socket_path, UINT64_MAX, turn, out);
}

enum mfa_err
mfa_client_open_until(const char *socket_path, uint64_t deadline,
    struct mfa_client **out)
{
	return open_in_turn(socket_path, deadline, deadline, out);
}

enum mfa_err
mfa_client_open_own(struct mfa_client **out)
{
	struct mfa_client *client;
	enum mfa_err r;

	*out = NULL;
	if ((r = new_client(&client)) != MFA_OK)
		return r;
	return hand_out(client, start_own(client, UINT64_MAX), out);
}

void
mfa_client_free(struct mfa_client *client)
{
	if (client == NULL)
		return;
	if (client->fd >= 0)
		(void)close(client->fd);
	mfa_secret_wipe(client, sizeof(*client));
	free(client);
}

uint32_t
mfa_client_version(const struct mfa_client *client)
{
	return client->version;
}

enum mfa_err
mfa_client_send(struct mfa_client *client, const mfa_wire_Request *request)
{
	return mfa_client_send_until(client, request,
	    mfa_wire_clock() + REPLY_MS);
}

enum mfa_err
mfa_client_send_until(struct mfa_client *client,
    const mfa_wire_Request *request, uint64_t deadline)
{
	return mfa_wire_send_request(client->fd, request, deadline);
}

enum mfa_err
mfa_client_recv(struct mfa_client *client, mfa_wire_Reply *reply)
{
	return mfa_client_recv_until(client, reply,
	    mfa_wire_clock() + REPLY_MS);
}

enum mfa_err
mfa_client_recv_until(struct mfa_client *client, mfa_wire_Reply *reply,
    uint64_t deadline)
{
	return mfa_wire_recv_reply(client->fd, reply, deadline);
}
