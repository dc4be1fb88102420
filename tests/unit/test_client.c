/* SPDX-License-Identifier: MIT */
/*
 * Which way a conversation goes (docs/architecture.md): a listener played by a
 * forked child, and mfa_client_spawn played by this file.
 */
#include "tests/unit/place.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/base/verdict.h"
#include "lib/client/client.h"
#include "lib/client/reply.h"
#include "protocol/wire_io.h"

#define NOBODY 65534

/* What an end of a conversation does. */
enum manner {
	ABSENT,	  /* nobody there */
	WELCOMES, /* number: the version */
	ERRS,	  /* number: the code */
	ERRS_AT_ONCE, /* the same, and is gone before the hello */
	PROMPTS,  /* some other reply */
	SILENT,	  /* until the client leaves */
	GARBLES,
	HANGS_UP,
};

struct end {
	enum manner manner;
	uint32_t number;
};

/* What mfa_client_spawn does, and how often it was asked to. */
static struct {
	struct end end;
	int calls;
} spawned;

static void
say(int fd, const struct end *end)
{
	mfa_wire_Reply reply;

	memset(&reply, 0, sizeof(reply));
	if (end->manner == WELCOMES) {
		reply.which_what = mfa_wire_Reply_welcome_tag;
		reply.what.welcome.version = end->number;
	} else if (end->manner == PROMPTS) {
		reply.which_what = mfa_wire_Reply_prompt_tag;
	} else {
		reply.which_what = mfa_wire_Reply_error_tag;
		reply.what.error.code = end->number;
	}
	(void)!mfa_wire_send_reply(fd, &reply, mfa_wire_clock() + 5000);
}

/* In a child of its own: one conversation, then the end. */
_Noreturn static void
play(int fd, const struct end *end)
{
	mfa_wire_Request hello;
	bool greeted = true;

	if (end->manner == ERRS_AT_ONCE)
		say(fd, end);
	else if (end->manner != HANGS_UP)
		greeted = mfa_wire_recv_request(fd, &hello,
		    mfa_wire_clock() + 5000) == MFA_OK &&
		    hello.which_what == mfa_wire_Request_hello_tag &&
		    hello.what.hello.lowest == MFA_WIRE_LOWEST &&
		    hello.what.hello.highest == MFA_WIRE_VERSION;
	if (!greeted)
		_exit(1);
	if (end->manner == GARBLES)
		(void)!send(fd, "garbage", 7, MSG_NOSIGNAL);
	else if (end->manner == WELCOMES || end->manner == ERRS ||
	    end->manner == PROMPTS)
		say(fd, end);
	if (end->manner == WELCOMES || end->manner == SILENT)
		(void)!mfa_wire_recv_request(fd, &hello,
		    mfa_wire_clock() + 5000);
	_exit(0);
}

enum mfa_err
mfa_client_spawn(int *fd)
{
	int pair[2];

	*fd = -1;
	spawned.calls++;
	if (spawned.end.manner == ABSENT)
		return MFA_ERR_LIMIT;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    pair), 0);
	if (fork() == 0) {
		(void)close(pair[0]);
		play(pair[1], &spawned.end);
	}
	(void)close(pair[1]);
	*fd = pair[0];
	return MFA_OK;
}

static void
listen_as(const char *path, const struct end *end)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int s, fd;

	if (end->manner == ABSENT)
		return;
	s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(s, (const struct sockaddr *)&address,
	    sizeof(address)), 0);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(listen(s, 4), 0);
	if (fork() == 0) {
		/* Nobody may come: then the test fails, and does not hang. */
		(void)alarm(10);
		if ((fd = accept(s, NULL, NULL)) < 0)
			_exit(1);
		play(fd, end);
	}
	(void)close(s);
}

/* Opens as uid; every child must have seen what it expected. */
static enum mfa_err
open_as(void *const *state, uid_t uid, struct end listener, struct end own)
{
	struct mfa_client *client = NULL;
	char path[256];
	enum mfa_err r;
	int status;

	place_need(state);
	spawned.end = own;
	spawned.calls = 0;
	listen_as(place_path(state, "socket", path), &listener);
	assert_int_equal(seteuid(uid), 0);
	r = mfa_client_open(path, &client);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(r == MFA_OK, client != NULL);
	mfa_client_free(client);
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	(void)unlink(path);
	return r;
}

static const struct end welcome = { WELCOMES, MFA_WIRE_VERSION };
static const struct end absent = { ABSENT, 0 };

static void
test_listener_that_greets_is_used(void **state)
{
	assert_int_equal(open_as(state, 0, welcome, welcome), MFA_OK);
	assert_int_equal(spawned.calls, 0);
	assert_int_equal(open_as(state, NOBODY, welcome, welcome), MFA_OK);
	assert_int_equal(spawned.calls, 0);
}

static const struct {
	struct end end;
	enum mfa_err others; /* what a caller that is not root gets */
} no_greeting[] = {
	{ { ABSENT, 0 }, MFA_ERR_UNAVAILABLE },
	{ { HANGS_UP, 0 }, MFA_ERR_UNAVAILABLE },
	{ { GARBLES, 0 }, MFA_ERR_PROTOCOL },
	{ { PROMPTS, 0 }, MFA_ERR_PROTOCOL },
	{ { ERRS, MFA_ERR_LIMIT }, MFA_ERR_LIMIT },
	{ { ERRS, MFA_ERR_CONFIG }, MFA_ERR_CONFIG },
	{ { ERRS, 0 }, MFA_ERR_PROTOCOL },
	{ { ERRS, MFA_ERR_END }, MFA_ERR_PROTOCOL },
	{ { ERRS, 0xffffffff }, MFA_ERR_PROTOCOL },
};
#define NO_GREETING (sizeof(no_greeting) / sizeof(no_greeting[0]))

static void
test_R28_root_starts_its_own_where_nobody_greets(void **state)
{
	for (size_t i = 0; i < NO_GREETING; i++) {
		assert_int_equal(open_as(state, 0, no_greeting[i].end,
		    welcome), MFA_OK);
		assert_int_equal(spawned.calls, 1);
	}
}

static void
test_R28_others_do_not(void **state)
{
	for (size_t i = 0; i < NO_GREETING; i++) {
		assert_int_equal(open_as(state, NOBODY, no_greeting[i].end,
		    welcome), no_greeting[i].others);
		assert_int_equal(spawned.calls, 0);
	}
}

/* One that is gone again may have left its reason, or not. */
static void
test_R28_busy_before_the_hello(void **state)
{
	const struct end busy = { ERRS_AT_ONCE, MFA_ERR_BUSY };
	enum mfa_err r;

	assert_int_equal(open_as(state, 0, busy, welcome), MFA_OK);
	assert_int_equal(spawned.calls, 1);
	r = open_as(state, NOBODY, busy, welcome);
	assert_true(r == MFA_ERR_BUSY || r == MFA_ERR_UNAVAILABLE);
}

static void
test_R28_silence_ends_within_a_second_or_so(void **state)
{
	const struct end silent = { SILENT, 0 };
	uint64_t start = mfa_wire_clock();

	assert_int_equal(open_as(state, NOBODY, silent, welcome),
	    MFA_ERR_UNAVAILABLE);
	assert_in_range(mfa_wire_clock() - start, 900, 2500);
	start = mfa_wire_clock();
	assert_int_equal(open_as(state, 0, silent, welcome), MFA_OK);
	assert_int_equal(spawned.calls, 1);
	assert_in_range(mfa_wire_clock() - start, 900, 2500);
}

/* As open_as, of root, with so many milliseconds. */
static enum mfa_err
open_within(void *const *state, uint64_t ms, struct end listener,
    uint32_t *version)
{
	struct mfa_client *client = NULL;
	char path[256];
	enum mfa_err r;
	int status;

	spawned.end = absent;
	spawned.calls = 0;
	listen_as(place_path(state, "socket", path), &listener);
	r = mfa_client_open_until(path, mfa_wire_clock() + ms, &client);
	if (r == MFA_OK)
		*version = mfa_client_version(client);
	mfa_client_free(client);
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	(void)unlink(path);
	return r;
}

/* R28: what the caller allows is allowed to a second verifier, too. */
static void
test_R28_deadline_of_the_caller(void **state)
{
	const struct end silent = { SILENT, 0 };
	uint64_t start = mfa_wire_clock();
	uint32_t version = 0;

	place_need(state);
	assert_int_equal(open_within(state, 200, silent, &version),
	    MFA_ERR_TIMEOUT);
	assert_in_range(mfa_wire_clock() - start, 190, 900);
	assert_int_equal(spawned.calls, 0);
	/* There is time left, but nobody to ask. */
	assert_int_equal(open_within(state, 5000, silent, &version),
	    MFA_ERR_LIMIT);
	assert_int_equal(spawned.calls, 1);
}

static void
test_R29_the_version_is_known(void **state)
{
	struct end old = { WELCOMES, MFA_WIRE_LOWEST };
	uint32_t version = 0;

	place_need(state);
	assert_int_equal(open_within(state, 5000, welcome, &version), MFA_OK);
	assert_int_equal(version, MFA_WIRE_VERSION);
	assert_int_equal(open_within(state, 5000, old, &version), MFA_OK);
	assert_int_equal(version, MFA_WIRE_LOWEST);
}

/* A second verifier would say the same. */
static void
test_final_answers_start_nothing(void **state)
{
	static const struct {
		struct end end;
		enum mfa_err err;
	} rows[] = {
		{ { ERRS, MFA_ERR_DENIED }, MFA_ERR_DENIED },
		{ { ERRS, MFA_ERR_VERSION }, MFA_ERR_VERSION },
		{ { WELCOMES, 0 }, MFA_ERR_VERSION },
		{ { WELCOMES, MFA_WIRE_LOWEST - 1 }, MFA_ERR_VERSION },
		{ { WELCOMES, MFA_WIRE_VERSION + 1 }, MFA_ERR_VERSION },
	};

	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(open_as(state, 0, rows[i].end, welcome),
		    rows[i].err);
		assert_int_equal(spawned.calls, 0);
		assert_int_equal(open_as(state, NOBODY, rows[i].end, welcome),
		    rows[i].err);
	}
}

static void
test_unsafe_place_starts_nothing(void **state)
{
	place_need(state);
	assert_int_equal(chmod(*state, 0777), 0);
	assert_int_equal(open_as(state, 0, absent, welcome), MFA_ERR_UNSAFE);
	assert_int_equal(spawned.calls, 0);
}

static void
test_own_verifier_that_fails(void **state)
{
	const struct end config = { ERRS, MFA_ERR_CONFIG };
	const struct end hangs_up = { HANGS_UP, 0 };

	assert_int_equal(open_as(state, 0, absent, config), MFA_ERR_CONFIG);
	assert_int_equal(open_as(state, 0, absent, hangs_up),
	    MFA_ERR_UNAVAILABLE);
	assert_int_equal(open_as(state, 0, absent, absent), MFA_ERR_LIMIT);
}

/* The way for a listener that is busy with what it was asked. */
static void
test_own_verifier_alone(void **state)
{
	static const struct {
		struct end end;
		enum mfa_err err;
	} rows[] = {
		{ { WELCOMES, MFA_WIRE_VERSION }, MFA_OK },
		{ { ERRS, MFA_ERR_BUSY }, MFA_ERR_BUSY },
		{ { HANGS_UP, 0 }, MFA_ERR_UNAVAILABLE },
		{ { ABSENT, 0 }, MFA_ERR_LIMIT },
	};
	struct mfa_client *client;
	int status;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		spawned.end = rows[i].end;
		spawned.calls = 0;
		assert_int_equal(mfa_client_open_own(&client), rows[i].err);
		assert_int_equal(client != NULL, rows[i].err == MFA_OK);
		assert_int_equal(spawned.calls, 1);
		mfa_client_free(client);
		while (wait(&status) > 0)
			assert_int_equal(status, 0);
	}
}

/* In a child without standard descriptors; none of them may become ours. */
static int
open_without_stdio(const char *path)
{
	struct mfa_client *client;

	for (int fd = 0; fd < 3; fd++)
		(void)close(fd);
	if (mfa_client_open(path, &client) != MFA_OK)
		return 1;
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			return 2;
	}
	mfa_client_free(client);
	return 0;
}

static void
test_R20_closed_standard_descriptors_stay_closed(void **state)
{
	char path[256];
	int status;
	pid_t pid;

	place_need(state);
	listen_as(place_path(state, "socket", path), &welcome);
	if ((pid = fork()) == 0)
		_exit(open_without_stdio(path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)wait(&status);
}

static void
test_errors_from_outside_are_checked(void **state)
{
	mfa_wire_Reply reply;

	(void)state;
	memset(&reply, 0, sizeof(reply));
	reply.which_what = mfa_wire_Reply_error_tag;
	for (uint32_t code = 1; code < MFA_ERR_END; code++) {
		reply.what.error.code = code;
		assert_int_equal(mfa_reply_err(&reply), code);
	}
	reply.what.error.code = 0;
	assert_int_equal(mfa_reply_err(&reply), MFA_ERR_PROTOCOL);
	reply.what.error.code = MFA_ERR_END;
	assert_int_equal(mfa_reply_err(&reply), MFA_ERR_PROTOCOL);
	reply.what.error.code = 0x80000001;
	assert_int_equal(mfa_reply_err(&reply), MFA_ERR_PROTOCOL);
	reply.which_what = mfa_wire_Reply_done_tag;
	assert_int_equal(mfa_reply_err(&reply), MFA_OK);
	mfa_client_free(NULL);
}

#define WITH_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_listener_that_greets_is_used),
		WITH_PLACE(test_R28_root_starts_its_own_where_nobody_greets),
		WITH_PLACE(test_R28_others_do_not),
		WITH_PLACE(test_R28_busy_before_the_hello),
		WITH_PLACE(test_R28_silence_ends_within_a_second_or_so),
		WITH_PLACE(test_R28_deadline_of_the_caller),
		WITH_PLACE(test_R29_the_version_is_known),
		WITH_PLACE(test_final_answers_start_nothing),
		WITH_PLACE(test_unsafe_place_starts_nothing),
		WITH_PLACE(test_own_verifier_that_fails),
		cmocka_unit_test(test_own_verifier_alone),
		WITH_PLACE(test_R20_closed_standard_descriptors_stay_closed),
		cmocka_unit_test(test_errors_from_outside_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
