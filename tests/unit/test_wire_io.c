/* SPDX-License-Identifier: MIT */
/* R28: what a packet may not be, and that every wait ends. */
#include "tests/unit/place.h"

#include <sys/socket.h>

#include "lib/base/verdict.h"
#include "protocol/wire_io.h"

#define SOON 2000

struct pair {
	int near;
	int far;
};

static int
setup(void **state)
{
	struct pair *pair = malloc(sizeof(*pair));
	int fds[2];

	if (pair == NULL ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return -1;
	pair->near = fds[0];
	pair->far = fds[1];
	*state = pair;
	return 0;
}

static int
teardown(void **state)
{
	struct pair *pair = *state;

	(void)close(pair->near);
	(void)close(pair->far);
	free(pair);
	return 0;
}

static uint64_t
soon(void)
{
	return mfa_wire_clock() + SOON;
}

/* Receives what must fail, and finds the message empty. */
static enum mfa_err
refused(int fd)
{
	mfa_wire_Reply reply;
	enum mfa_err r;

	memset(&reply, 0x5a, sizeof(reply));
	r = mfa_wire_recv_reply(fd, &reply, soon());
	assert_int_not_equal(r, MFA_OK);
	assert_int_equal(reply.which_what, 0);
	return r;
}

/* A Welcome of version 1, and len bytes behind it. */
static size_t
welcome(uint8_t *packet, const void *more, size_t len)
{
	static const uint8_t bytes[] = { 0x0a, 0x02, 0x08, 0x01 };

	memcpy(packet, bytes, sizeof(bytes));
	memcpy(packet + sizeof(bytes), more, len);
	return sizeof(bytes) + len;
}

static void
test_messages_arrive_as_they_were(void **state)
{
	const struct pair *pair = *state;
	mfa_wire_Request request, got;
	mfa_wire_Reply reply, heard;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_answer_tag;
	request.what.answer.text.size = 3;
	memcpy(request.what.answer.text.bytes, "\0\377x", 3);
	assert_int_equal(mfa_wire_send_request(pair->near, &request, soon()),
	    MFA_OK);
	assert_int_equal(mfa_wire_recv_request(pair->far, &got, soon()),
	    MFA_OK);
	assert_int_equal(got.which_what, mfa_wire_Request_answer_tag);
	assert_int_equal(got.what.answer.text.size, 3);
	assert_memory_equal(got.what.answer.text.bytes, "\0\377x", 3);

	memset(&reply, 0, sizeof(reply));
	reply.which_what = mfa_wire_Reply_verdict_tag;
	reply.what.verdict.code = mfa_wire_VerdictCode_VERDICT_ACCEPT;
	assert_int_equal(mfa_wire_send_reply(pair->far, &reply, soon()),
	    MFA_OK);
	assert_int_equal(mfa_wire_recv_reply(pair->near, &heard, soon()),
	    MFA_OK);
	assert_int_equal(heard.which_what, mfa_wire_Reply_verdict_tag);
	assert_int_equal(heard.what.verdict.code, MFA_VERDICT_ACCEPT);
}

static void
test_malformed_packets(void **state)
{
	static const struct {
		size_t len;
		const char *bytes;
	} bad[] = {
		{ 1, "\0" },			/* field 0 */
		{ 4, "\0\0\0\0" },
		{ 1, "\n" },			/* cut after the tag */
		{ 3, "\n\002\010" },		/* cut inside */
		{ 4, "\n\005\010\001" },	/* longer than the packet */
		{ 2, "\010\001" },		/* not a message */
		{ 12, "\377\377\377\377\377\377\377\377\377\377\377\377" },
	};
	const struct pair *pair = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(send(pair->far, bad[i].bytes, bad[i].len, 0),
		    bad[i].len);
		assert_int_equal(refused(pair->near), MFA_ERR_PROTOCOL);
	}
}

static void
test_trailing_garbage(void **state)
{
	const struct pair *pair = *state;
	uint8_t packet[64];
	mfa_wire_Reply reply;
	size_t len;

	len = welcome(packet, "", 0);
	assert_int_equal(send(pair->far, packet, len, 0), len);
	assert_int_equal(mfa_wire_recv_reply(pair->near, &reply, soon()),
	    MFA_OK);
	assert_int_equal(reply.what.welcome.version, 1);
	len = welcome(packet, "\0", 1); /* zero padding is garbage too */
	assert_int_equal(send(pair->far, packet, len, 0), len);
	assert_int_equal(refused(pair->near), MFA_ERR_PROTOCOL);
	len = welcome(packet, "\377", 1);
	assert_int_equal(send(pair->far, packet, len, 0), len);
	assert_int_equal(refused(pair->near), MFA_ERR_PROTOCOL);
	len = welcome(packet, "GARBAGE", 7);
	assert_int_equal(send(pair->far, packet, len, 0), len);
	assert_int_equal(refused(pair->near), MFA_ERR_PROTOCOL);
}

/* A message that this version does not know is not "no message". */
static void
test_unknown_union_member(void **state)
{
	static const uint8_t member31[] = { 0xfa, 0x01, 0x02, 0x08, 0x01 };
	const struct pair *pair = *state;
	mfa_wire_Request request;

	assert_int_equal(send(pair->far, member31, sizeof(member31), 0),
	    sizeof(member31));
	assert_int_equal(refused(pair->near), MFA_ERR_PROTOCOL);
	assert_int_equal(send(pair->near, member31, sizeof(member31), 0),
	    sizeof(member31));
	assert_int_equal(mfa_wire_recv_request(pair->far, &request, soon()),
	    MFA_ERR_PROTOCOL);
}

/*
 * A well-formed message with an unknown field behind it, so that only the
 * length is wrong: 2048 bytes pass, of 2049 the kernel cuts one off.
 */
static void
test_truncated_packet(void **state)
{
	const struct pair *pair = *state;
	uint8_t packet[MFA_WIRE_MAX + 1];
	mfa_wire_Reply reply;
	size_t len;

	memset(packet, 0, sizeof(packet));
	len = welcome(packet, "\372\001\0\0", 4);
	packet[len - 2] = (uint8_t)(0x80 | ((MFA_WIRE_MAX - len) & 0x7f));
	packet[len - 1] = (uint8_t)((MFA_WIRE_MAX - len) >> 7);
	assert_int_equal(send(pair->far, packet, MFA_WIRE_MAX, 0),
	    MFA_WIRE_MAX);
	assert_int_equal(mfa_wire_recv_reply(pair->near, &reply, soon()),
	    MFA_OK);
	assert_int_equal(send(pair->far, packet, MFA_WIRE_MAX + 1, 0),
	    MFA_WIRE_MAX + 1);
	assert_int_equal(refused(pair->near), MFA_ERR_PROTOCOL);
}

/* Sends a packet with n copies of a descriptor. */
static void
send_descriptors(int fd, const void *bytes, size_t len, size_t n)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(16 * sizeof(int))];
	} control;
	char copy[16];
	struct iovec iov = { .iov_base = copy, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *c;
	int passed[16];

	memcpy(copy, bytes, len);
	memset(&control, 0, sizeof(control));
	for (size_t i = 0; i < n; i++)
		passed[i] = fd;
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), passed, n * sizeof(int));
	assert_int_equal(sendmsg(fd, &msg, 0), len);
}

/* Also more of them than the receiver has room for, and with no bytes. */
static void
test_R28_passed_descriptors_are_dropped(void **state)
{
	static const uint8_t good[] = { 0x0a, 0x02, 0x08, 0x01 };
	static const size_t counts[] = { 1, 2, 8, 9, 16 };
	const struct pair *pair = *state;
	int before = place_descriptors();

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		send_descriptors(pair->far, good, sizeof(good), counts[i]);
		assert_int_equal(refused(pair->near), MFA_ERR_PROTOCOL);
		assert_int_equal(place_descriptors(), before);
		send_descriptors(pair->far, "", 0, counts[i]);
		(void)refused(pair->near);
		assert_int_equal(place_descriptors(), before);
	}
}

static void
test_empty_packet_is_the_end(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(send(pair->far, "", 0, 0), 0);
	assert_int_equal(refused(pair->near), MFA_ERR_CLOSED);
}

static void
test_R28_silence_times_out(void **state)
{
	const struct pair *pair = *state;
	uint64_t start = mfa_wire_clock(), took;
	mfa_wire_Reply reply;

	assert_int_equal(mfa_wire_recv_reply(pair->near, &reply, start + 100),
	    MFA_ERR_TIMEOUT);
	took = mfa_wire_clock() - start;
	assert_in_range(took, 99, 1500);
	assert_int_equal(mfa_wire_recv_reply(pair->near, &reply, start),
	    MFA_ERR_TIMEOUT);
	assert_int_equal(mfa_wire_recv_reply(pair->near, &reply, 0),
	    MFA_ERR_TIMEOUT);
}

/* Nobody reads: the sender's queue fills up and the deadline ends it. */
static void
test_R28_full_queue_times_out(void **state)
{
	const struct pair *pair = *state;
	mfa_wire_Request request;
	enum mfa_err r = MFA_OK;
	uint64_t deadline = mfa_wire_clock() + 300;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_users_tag;
	for (int i = 0; i < 100000 && r == MFA_OK; i++)
		r = mfa_wire_send_request(pair->near, &request, deadline);
	assert_int_equal(r, MFA_ERR_TIMEOUT);
}

/* R20: MSG_NOSIGNAL, or SIGPIPE would end this test. */
static void
test_R20_peer_that_is_gone(void **state)
{
	const struct pair *pair = *state;
	mfa_wire_Request request;
	uint8_t packet[8];
	size_t len = welcome(packet, "", 0);
	mfa_wire_Reply reply;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_users_tag;
	assert_int_equal(send(pair->far, packet, len, 0), len);
	assert_int_equal(shutdown(pair->far, SHUT_RDWR), 0);
	assert_int_equal(mfa_wire_send_request(pair->near, &request, soon()),
	    MFA_ERR_CLOSED);
	/* What it said before it left is still to be read. */
	assert_int_equal(mfa_wire_recv_reply(pair->near, &reply, soon()),
	    MFA_OK);
	assert_int_equal(refused(pair->near), MFA_ERR_CLOSED);
}

static void
test_broken_descriptor(void **state)
{
	mfa_wire_Reply reply;

	(void)state;
	assert_int_equal(mfa_wire_recv_reply(-1, &reply,
	    mfa_wire_clock() + 20), MFA_ERR_TIMEOUT);
	assert_int_equal(mfa_wire_recv_reply(1000000, &reply, soon()),
	    MFA_ERR_IO);
}

#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PAIR(test_messages_arrive_as_they_were),
		WITH_PAIR(test_malformed_packets),
		WITH_PAIR(test_trailing_garbage),
		WITH_PAIR(test_unknown_union_member),
		WITH_PAIR(test_truncated_packet),
		WITH_PAIR(test_R28_passed_descriptors_are_dropped),
		WITH_PAIR(test_empty_packet_is_the_end),
		WITH_PAIR(test_R28_silence_times_out),
		WITH_PAIR(test_R28_full_queue_times_out),
		WITH_PAIR(test_R20_peer_that_is_gone),
		cmocka_unit_test(test_broken_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
