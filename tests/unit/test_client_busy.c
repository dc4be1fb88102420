/* SPDX-License-Identifier: MIT */
/*
 * R28: who is not root has no second way, so it comes back to a busy listener,
 * for a second or as long as its caller says; root does not wait.
 */
#include "tests/unit/place.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/client/client.h"
#include "protocol/wire_io.h"

#define NOBODY	 65534
#define FOR_EVER 1000 /* refusals: more than anybody comes back */

/* How often root's second way was taken: it leads to a verifier, too. */
static int spawned;

static void
say(int fd, bool busy)
{
	mfa_wire_Reply reply;

	memset(&reply, 0, sizeof(reply));
	if (busy) {
		reply.which_what = mfa_wire_Reply_error_tag;
		reply.what.error.code = MFA_ERR_BUSY;
	} else {
		reply.which_what = mfa_wire_Reply_welcome_tag;
		reply.what.welcome.version = MFA_WIRE_VERSION;
	}
	(void)!mfa_wire_send_reply(fd, &reply, mfa_wire_clock() + 5000);
}

/* In a child: one conversation; false if it did not begin with a hello. */
static bool
converse(int fd, bool busy)
{
	mfa_wire_Request request;
	bool hello = mfa_wire_recv_request(fd, &request,
	    mfa_wire_clock() + 5000) == MFA_OK &&
	    request.which_what == mfa_wire_Request_hello_tag;

	say(fd, busy);
	if (!busy)
		(void)!mfa_wire_recv_request(fd, &request,
		    mfa_wire_clock() + 5000);
	(void)close(fd);
	return hello;
}

enum mfa_err
mfa_client_spawn(int *fd)
{
	int pair[2];

	spawned++;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    pair), 0);
	if (fork() == 0) {
		(void)close(pair[0]);
		_exit(converse(pair[1], false) ? 0 : 1);
	}
	(void)close(pair[1]);
	*fd = pair[0];
	return MFA_OK;
}

static int
listen_at(const char *path, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(s, (const struct sockaddr *)&address,
	    sizeof(address)), 0);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(listen(s, backlog), 0);
	return s;
}

/*
 * A child that is busy so often, then greets, then ends.  Its status is 0 if
 * all of that was heard.
 */
static pid_t
listen_busy(const char *path, int times)
{
	int s = listen_at(path, 4), fd;
	pid_t pid = fork();

	if (pid == 0) {
		(void)alarm(10);
		for (int i = 0; i <= times; i++) {
			if ((fd = accept(s, NULL, NULL)) < 0 ||
			    !converse(fd, i < times))
				_exit(1);
		}
		_exit(0);
	}
	(void)close(s);
	return pid;
}

/* Opens as uid, within ms milliseconds (0: no deadline). */
static enum mfa_err
open_as(const char *path, uid_t uid, uint64_t ms, uint64_t *took)
{
	struct mfa_client *client = NULL;
	uint64_t start;
	enum mfa_err r;

	spawned = 0;
	assert_int_equal(seteuid(uid), 0);
	start = mfa_wire_clock();
	r = ms == 0 ? mfa_client_open(path, &client) :
		      mfa_client_open_until(path, start + ms, &client);
	*took = mfa_wire_clock() - start;
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(r == MFA_OK, client != NULL);
	mfa_client_free(client);
	return r;
}

/* It would be busy for ever. */
static void
end(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* A burst of others, as of lockers that all unlock at once. */
static void
test_R28_others_come_back_to_who_is_busy(void **state)
{
	char path[256];
	uint64_t took;
	int status;
	pid_t pid;

	place_need(state);
	(void)place_path(state, "socket", path);
	for (unsigned int times = 1; times <= 9; times += 4) {
		pid = listen_busy(path, (int)times);
		assert_int_equal(open_as(path, NOBODY, 0, &took), MFA_OK);
		assert_in_range(took, 50 * times, 1500);
		assert_int_equal(spawned, 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		(void)unlink(path);
	}
}

/* Nor for ever: a host has its answer about a second later. */
static void
test_R28_busy_for_a_second_is_busy(void **state)
{
	static const struct {
		uint64_t ms, least;
	} rows[] = {
		{ 200, 100 }, /* the caller's own patience */
		{ 0, 900 },
		{ 1500, 1400 },
	};
	char path[256];
	uint64_t took[3];
	pid_t pid;

	place_need(state);
	(void)place_path(state, "socket", path);
	for (size_t i = 0; i < 3; i++) {
		pid = listen_busy(path, FOR_EVER);
		assert_int_equal(open_as(path, NOBODY, rows[i].ms, &took[i]),
		    MFA_ERR_BUSY);
		/* How much later depends on what else the machine does. */
		assert_in_range(took[i], rows[i].least, 10000);
		assert_int_equal(spawned, 0);
		end(pid);
		(void)unlink(path);
	}
	assert_true(took[0] < took[1]);
}

/* Root has its second way at once. */
static void
test_R28_root_does_not_come_back(void **state)
{
	char path[256];
	uint64_t took;
	int status;
	pid_t pid;

	place_need(state);
	pid = listen_busy(place_path(state, "socket", path), 1);
	assert_int_equal(open_as(path, 0, 0, &took), MFA_OK);
	assert_in_range(took, 0, 900);
	assert_int_equal(spawned, 1);
	/* It would greet by now, and nobody came. */
	end(pid);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	(void)unlink(path);
}

/* No room even to connect. */
static void
test_R28_full_backlog_is_come_back_to(void **state)
{
	int s, fd, waiting, status;
	char path[256];
	uint64_t took;
	pid_t pid;

	place_need(state);
	s = listen_at(place_path(state, "socket", path), 0);
	assert_int_equal(mfa_client_connect(path, &waiting), MFA_OK);
	assert_int_equal(mfa_client_connect(path, &fd), MFA_ERR_BUSY);
	if ((pid = fork()) == 0) {
		(void)alarm(10);
		(void)poll(NULL, 0, 300);
		(void)close(accept(s, NULL, NULL));
		_exit(converse(accept(s, NULL, NULL), false) ? 0 : 1);
	}
	(void)close(s);
	assert_int_equal(open_as(path, NOBODY, 0, &took), MFA_OK);
	assert_in_range(took, 250, 1500);
	(void)close(waiting);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define WITH_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_R28_others_come_back_to_who_is_busy),
		WITH_PLACE(test_R28_busy_for_a_second_is_busy),
		WITH_PLACE(test_R28_root_does_not_come_back),
		WITH_PLACE(test_R28_full_backlog_is_come_back_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
