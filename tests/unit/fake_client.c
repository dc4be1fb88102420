/* SPDX-License-Identifier: MIT */
#include "tests/unit/fake_client.h"

#include <fcntl.h>

#include "protocol/wire_io.h"
#include "tests/unit/unit.h"

struct mfa_client {
	int unused;
};

struct fake_client fake_client;

int
fake_client_reset(void **state)
{
	(void)state;
	memset(&fake_client, 0, sizeof(fake_client));
	fake_client.version = MFA_WIRE_VERSION;
	return 0;
}

mfa_wire_Reply *
fake_client_will_say(unsigned int tag)
{
	mfa_wire_Reply *reply = &fake_client.replies[fake_client.count++];

	assert_true(fake_client.count <= FAKE_ROOM);
	reply->which_what = (pb_size_t)tag;
	return reply;
}

void
fake_client_will_refuse(enum mfa_err err, const char *text)
{
	mfa_wire_Reply *reply = fake_client_will_say(mfa_wire_Reply_error_tag);

	reply->what.error.code = (uint32_t)err;
	(void)snprintf(
	    reply->what.error.text, sizeof(reply->what.error.text), "%s", text);
}

enum mfa_err
mfa_client_open(const char *socket_path, struct mfa_client **out)
{
	static struct mfa_client client;

	assert_null(socket_path);
	*out = NULL;
	if (fake_client.open_result != MFA_OK)
		return fake_client.open_result;
	fake_client.open++;
	fake_client.opened++;
	*out = &client;
	return MFA_OK;
}

enum mfa_err
mfa_client_connect(const char *socket_path, int *fd)
{
	assert_null(socket_path);
	fake_client.connected++;
	*fd = -1;
	if (fake_client.connect_result == MFA_OK)
		*fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return fake_client.connect_result;
}

void
mfa_client_free(struct mfa_client *client)
{
	if (client != NULL)
		fake_client.open--;
}

uint32_t
mfa_client_version(const struct mfa_client *client)
{
	assert_non_null(client);
	return fake_client.version;
}

enum mfa_err
mfa_client_send(struct mfa_client *client, const mfa_wire_Request *request)
{
	assert_non_null(client);
	assert_true(fake_client.asked < FAKE_ROOM);
	if (fake_client.gone_at != 0 && fake_client.asked >= fake_client.gone_at)
		return MFA_ERR_CLOSED;
	fake_client.heard_in[fake_client.asked] = fake_client.opened;
	fake_client.requests[fake_client.asked++] = *request;
	return fake_client.send_result;
}

enum mfa_err
mfa_client_recv(struct mfa_client *client, mfa_wire_Reply *reply)
{
	assert_non_null(client);
	memset(reply, 0, sizeof(*reply));
	if (fake_client.at == fake_client.count)
		return MFA_ERR_CLOSED;
	*reply = fake_client.replies[fake_client.at++];
	return MFA_OK;
}
