/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdk_peer.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/wire_io.h"

struct peer peer = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int
descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static void
say(int fd, const mfa_wire_Reply *reply)
{
	(void)!mfa_wire_send_reply(fd, reply, mfa_wire_clock() + 5000);
}

static bool
refuses(void)
{
	bool yes;

	(void)pthread_mutex_lock(&peer.lock);
	yes = peer.refuses != 0 &&
	    (peer.refusals == 0 || peer.refused < peer.refusals);
	peer.refused += yes;
	(void)pthread_mutex_unlock(&peer.lock);
	return yes;
}

/* False if that was all. */
static bool
greet(int fd)
{
	bool refused = false;
	mfa_wire_Request hello;
	mfa_wire_Reply reply;

	memset(&reply, 0, sizeof(reply));
	if (mfa_wire_recv_request(fd, &hello, mfa_wire_clock() + 5000) !=
	    MFA_OK || hello.which_what != mfa_wire_Request_hello_tag)
		return false;
	if (refuses()) {
		refused = true;
		reply.which_what = mfa_wire_Reply_error_tag;
		reply.what.error.code = peer.refuses;
	} else {
		reply.which_what = mfa_wire_Reply_welcome_tag;
		reply.what.welcome.version = peer.version;
	}
	say(fd, &reply);
	return !refused && !peer.gone;
}

static void
count(int fd, const mfa_wire_Request *request)
{
	mfa_wire_Reply reply;

	memset(&reply, 0, sizeof(reply));
	reply.which_what = mfa_wire_Reply_account_tag;
	reply.what.account.uid = (uint32_t)strtoul(request->what.status.user,
	    NULL, 10);
	say(fd, &reply);
}

static void
answer(int fd, const mfa_wire_Request *request)
{
	switch (peer.manner) {
	case PEER_SAYS:
	case PEER_IS_SILENT:
		for (size_t i = 0; i < peer.count; i++)
			say(fd, &peer.reply[i]);
		break;
	case PEER_GARBLES:
		(void)!send(fd, "garbage", 7, MSG_NOSIGNAL);
		break;
	case PEER_COUNTS:
		count(fd, request);
		break;
	default:
		break;
	}
}

static void *
converse(void *arg)
{
	int fd = *(int *)arg;
	mfa_wire_Request request;

	free(arg);
	if (greet(fd) && mfa_wire_recv_request(fd, &request,
		mfa_wire_clock() + 5000) == MFA_OK) {
		(void)pthread_mutex_lock(&peer.lock);
		peer.request = request;
		peer.asked++;
		(void)pthread_mutex_unlock(&peer.lock);
		answer(fd, &request);
		/* A second request is not expected; the end is waited for. */
		if (peer.manner != PEER_HANGS_UP &&
		    mfa_wire_recv_request(fd, &request,
			mfa_wire_clock() + 5000) == MFA_OK)
			peer.asked += 1000;
	}
	(void)close(fd);
	return NULL;
}

static enum mfa_err
begin(int *fd)
{
	int *other = malloc(sizeof(*other));
	int pair[2];

	if (other == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC,
		0, pair) != 0)
		abort();
	*fd = pair[0];
	*other = pair[1];
	(void)pthread_mutex_lock(&peer.lock);
	if (peer.threads == PEER_CALLS || pthread_create(
		&peer.thread[peer.threads++], NULL, converse, other) != 0)
		abort();
	(void)pthread_mutex_unlock(&peer.lock);
	return MFA_OK;
}

enum mfa_err
mfa_client_connect(const char *socket_path, int *fd)
{
	*fd = -1;
	(void)pthread_mutex_lock(&peer.lock);
	(void)snprintf(peer.path, sizeof(peer.path), "%s",
	    socket_path != NULL ? socket_path : "");
	(void)pthread_mutex_unlock(&peer.lock);
	return peer.manner == PEER_ABSENT ? MFA_ERR_UNAVAILABLE : begin(fd);
}

enum mfa_err
mfa_client_spawn(int *fd)
{
	*fd = -1;
	peer.spawned++;
	return MFA_ERR_UNAVAILABLE;
}

void
peer_reset(void)
{
	for (size_t i = 0; i < peer.threads; i++)
		assert_int_equal(pthread_join(peer.thread[i], NULL), 0);
	peer.manner = PEER_SAYS;
	peer.version = MFA_WIRE_VERSION;
	peer.refuses = 0;
	peer.refusals = 0;
	peer.refused = 0;
	peer.gone = false;
	peer.count = 0;
	memset(&peer.request, 0, sizeof(peer.request));
	peer.asked = 0;
	peer.spawned = 0;
	peer.path[0] = '\0';
	peer.threads = 0;
}

int
peer_new(void **state)
{
	struct mfa *mfa;

	peer_reset();
	peer.descriptors = descriptors();
	if (mfa_open("shop", &mfa) != MFA_ERROR_NONE)
		return -1;
	*state = mfa;
	return 0;
}

int
peer_free(void **state)
{
	mfa_close(*state);
	peer_reset();
	return descriptors() == peer.descriptors ? 0 : -1;
}

mfa_wire_Reply *
peer_will_say(unsigned int tag)
{
	mfa_wire_Reply *reply = &peer.reply[peer.count++];

	assert_true(peer.count <= PEER_REPLIES);
	memset(reply, 0, sizeof(*reply));
	reply->which_what = (pb_size_t)tag;
	return reply;
}

void
peer_will_refuse(uint32_t code, const char *text)
{
	mfa_wire_Reply *reply = peer_will_say(mfa_wire_Reply_error_tag);

	reply->what.error.code = code;
	(void)snprintf(reply->what.error.text, sizeof(reply->what.error.text),
	    "%s", text);
}
