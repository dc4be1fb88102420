/* SPDX-License-Identifier: MIT */
/* R18, R21, R28: the listening verifier: its caps, its children, its end. */
#include "tests/unit/office.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verifier/listener.h"

struct server {
	struct office *office;
	char path[100];
	pid_t pid;
	int fds[200]; /* of the peers */
	unsigned int n;
};

static int
server_new(void **state)
{
	struct server *s = calloc(1, sizeof(*s));
	void *office;
	int fd;

	assert_non_null(s);
	assert_int_equal(office_new(&office), 0);
	s->office = office;
	(void)snprintf(s->path, sizeof(s->path), "%s/run/socket",
	    s->office->place);
	assert_int_equal(mfa_listener_open(s->path, &fd), MFA_OK);
	s->pid = fork();
	if (s->pid == 0)
		_exit((int)mfa_listener_run(&s->office->office,
		    &s->office->engine, fd));
	assert_true(s->pid > 0);
	(void)close(fd);
	*state = s;
	return 0;
}

static void
hang_up(struct server *s)
{
	while (s->n > 0)
		(void)close(s->fds[--s->n]);
}

/* Told to end, it ends, and says that all was well. */
static void
stop(struct server *s, int sig)
{
	int status;

	if (s->pid == 0)
		return;
	assert_int_equal(kill(s->pid, sig), 0);
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_int_equal(status, 0);
	s->pid = 0;
}

static int
server_free(void **state)
{
	struct server *s = *state;
	void *office = s->office;

	hang_up(s);
	stop(s, SIGTERM);
	free(s);
	return office_free(&office);
}

/* ---- peers ---- */

/* A connection of this uid; -1 if it is refused. */
static int
dial(struct server *s, uid_t uid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int r;

	assert_true(fd >= 0);
	memcpy(address.sun_path, s->path, strlen(s->path) + 1);
	assert_int_equal(seteuid(uid), 0);
	r = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	assert_int_equal(seteuid(0), 0);
	if (r != 0) {
		(void)close(fd);
		return -1;
	}
	assert_true(s->n < sizeof(s->fds) / sizeof(s->fds[0]));
	s->fds[s->n++] = fd;
	return fd;
}

static void
say(int fd, const mfa_wire_Request *request)
{
	/* Who is busy may have hung up already. */
	if (mfa_wire_send_request(fd, request, mfa_wire_clock() + 5000) !=
	    MFA_OK)
		return;
}

/* Greets; MFA_OK if welcome, else the error that was said. */
static enum mfa_err
greet(int fd)
{
	mfa_wire_Request hello = mfa_wire_Request_init_zero;
	mfa_wire_Reply reply;

	hello.which_what = mfa_wire_Request_hello_tag;
	hello.what.hello.lowest = hello.what.hello.highest = 1;
	say(fd, &hello);
	assert_int_equal(mfa_wire_recv_reply(fd, &reply,
	    mfa_wire_clock() + 5000), MFA_OK);
	if (reply.which_what == mfa_wire_Reply_welcome_tag)
		return MFA_OK;
	assert_int_equal(reply.which_what, mfa_wire_Reply_error_tag);
	return (enum mfa_err)reply.what.error.code;
}

static enum mfa_err
visit(struct server *s, uid_t uid)
{
	int fd = dial(s, uid);

	assert_true(fd >= 0);
	return greet(fd);
}

static void
leave(struct server *s)
{
	(void)close(s->fds[--s->n]);
}

static void
pause_a_little(void)
{
	const struct timespec t = { 0, 2000000 };

	(void)nanosleep(&t, NULL);
}

/* Children of a process, zombies among them. */
static unsigned int
children(pid_t parent)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	unsigned int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[300];
		int ppid = 0;
		FILE *f;

		(void)snprintf(path, sizeof(path), "/proc/%s/stat",
		    entry->d_name);
		if ((f = fopen(path, "re")) == NULL)
			continue;
		if (fscanf(f, "%*d (%*[^)]) %*c %d", &ppid) == 1)
			n += ppid == parent;
		(void)fclose(f);
	}
	(void)closedir(dir);
	return n;
}

static void
all_children_end(struct server *s)
{
	for (int i = 0; i < 1000 && children(s->pid) != 0; i++)
		pause_a_little();
	assert_int_equal(children(s->pid), 0);
}

/* ---- caps ---- */

static void
test_R28_eight_for_each_uid(void **state)
{
	struct server *s = *state;
	int i;

	for (i = 0; i < MFA_CHILDREN_A_UID; i++)
		assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	for (i = 0; i < 3; i++)
		assert_int_equal(visit(s, OFFICE_ALICE), MFA_ERR_BUSY);
	assert_int_equal(children(s->pid), MFA_CHILDREN_A_UID);
	/* Nobody else is affected. */
	assert_int_equal(visit(s, OFFICE_BOB), MFA_OK);
	for (i = 0; i < 20; i++)
		assert_int_equal(visit(s, 0), MFA_OK);
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_ERR_BUSY);
	/* Who leaves makes room. */
	hang_up(s);
	all_children_end(s);
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
}

/*
 * What a peer is told whose hello is there before the verifier looks, and who
 * looks after the verifier hung up: a hello left unread would be a reset.
 */
static enum mfa_err
greet_early_look_late(struct server *s, uid_t uid)
{
	mfa_wire_Request hello = mfa_wire_Request_init_zero;
	struct pollfd p = { .events = POLLIN };
	mfa_wire_Reply reply;

	assert_int_equal(kill(s->pid, SIGSTOP), 0);
	p.fd = dial(s, uid);
	hello.which_what = mfa_wire_Request_hello_tag;
	hello.what.hello.lowest = hello.what.hello.highest = 1;
	say(p.fd, &hello);
	assert_int_equal(kill(s->pid, SIGCONT), 0);
	for (int i = 0; i < 1000 && (p.revents & POLLHUP) == 0; i++) {
		assert_true(poll(&p, 1, 5) >= 0);
		pause_a_little();
	}
	assert_int_equal(p.revents & POLLHUP, POLLHUP);
	assert_int_equal(mfa_wire_recv_reply(p.fd, &reply,
	    mfa_wire_clock() + 5000), MFA_OK);
	return (enum mfa_err)reply.what.error.code;
}

static void
test_R28_busy_is_told_to_who_greets_at_once(void **state)
{
	struct server *s = *state;

	for (int i = 0; i < MFA_CHILDREN_A_UID; i++)
		assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	assert_int_equal(greet_early_look_late(s, OFFICE_ALICE),
	    MFA_ERR_BUSY);
}

static void
test_R28_who_is_nobody_is_told_so(void **state)
{
	struct server *s = *state;

	assert_int_equal(greet_early_look_late(s, 6000), MFA_ERR_DENIED);
}

static void
test_R28_others_never_take_root_s_share(void **state)
{
	struct server *s = *state;

	for (uid_t uid = 5000; uid < 5016; uid++) {
		for (int i = 0; i < MFA_CHILDREN_A_UID; i++)
			assert_int_equal(visit(s, uid), MFA_OK);
	}
	assert_int_equal(s->n, MFA_CHILDREN_OTHERS);
	assert_int_equal(visit(s, 5016), MFA_ERR_BUSY);
	leave(s);
	for (int i = 0; i < 10; i++)
		assert_int_equal(visit(s, 0), MFA_OK);
}

static void
log_in(int fd, const char *user, mfa_wire_Reply *reply)
{
	mfa_wire_Request login = mfa_wire_Request_init_zero;

	login.which_what = mfa_wire_Request_login_tag;
	memcpy(login.what.login.user, user, strlen(user) + 1);
	login.what.login.retry = 1;
	say(fd, &login);
	assert_int_equal(mfa_wire_recv_reply(fd, reply,
	    mfa_wire_clock() + 5000), MFA_OK);
}

/* Whoever makes sshd ask for one user again and again locks out that one. */
static void
test_R28_root_is_capped_for_each_subject(void **state)
{
	struct server *s = *state;
	mfa_wire_Reply reply;

	for (int i = 0; i <= MFA_CHILDREN_A_SUBJECT; i++) {
		assert_int_equal(visit(s, 0), MFA_OK);
		log_in(s->fds[s->n - 1], "alice", &reply);
		if (i < MFA_CHILDREN_A_SUBJECT) {
			assert_int_equal(reply.which_what,
			    mfa_wire_Reply_prompt_tag);
			continue;
		}
		assert_int_equal(reply.which_what, mfa_wire_Reply_error_tag);
		assert_int_equal(reply.what.error.code, MFA_ERR_BUSY);
	}
	assert_int_equal(visit(s, 0), MFA_OK);
	log_in(s->fds[s->n - 1], "bob", &reply);
	assert_int_equal(reply.which_what, mfa_wire_Reply_prompt_tag);
}

/* ---- strangers ---- */

static unsigned int
descriptors_of(pid_t pid)
{
	char path[64];
	unsigned int n = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static void
test_R28_what_peers_do_does_not_harm_it(void **state)
{
	static const uint8_t garbage[] = { 0xff, 0xfe, 0xfd };
	struct server *s = *state;
	unsigned int before;

	/* A descriptor is given up before its child is waited for. */
	assert_int_equal(visit(s, 0), MFA_OK);
	leave(s);
	all_children_end(s);
	before = descriptors_of(s->pid);
	for (int i = 0; i < 30; i++) {
		int fd = dial(s, i % 2 == 0 ? 0 : OFFICE_BOB);

		/* Comes and goes; or says something that makes no sense. */
		if (i % 3 == 0)
			assert_int_equal(send(fd, garbage, sizeof(garbage),
			    MSG_NOSIGNAL), sizeof(garbage));
		leave(s);
	}
	/* They are served in turn: all were taken before this one. */
	assert_int_equal(visit(s, 0), MFA_OK);
	leave(s);
	all_children_end(s);
	assert_int_equal(descriptors_of(s->pid), before);
	assert_int_equal(visit(s, OFFICE_BOB), MFA_OK);
}

/* The kernel's word on who it is reaches the conversation. */
static void
test_R21_who_asks_comes_from_the_kernel(void **state)
{
	static const uid_t refused[] = { OFFICE_SERVICE, OFFICE_NOBODY };
	struct server *s = *state;
	mfa_wire_Reply reply;

	for (int i = 0; i < 2; i++)
		assert_int_equal(visit(s, refused[i]), MFA_ERR_DENIED);
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	log_in(s->fds[s->n - 1], "bob", &reply);
	assert_int_equal(reply.which_what, mfa_wire_Reply_error_tag);
	assert_int_equal(reply.what.error.code, MFA_ERR_DENIED);
	/* The refusal was the end. */
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	log_in(s->fds[s->n - 1], "alice", &reply);
	assert_int_equal(reply.which_what, mfa_wire_Reply_prompt_tag);
}

/* ---- the end ---- */

static void
test_R20_no_zombie(void **state)
{
	struct server *s = *state;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 10; i++)
			assert_int_equal(visit(s, 0), MFA_OK);
		assert_int_equal(children(s->pid), 10);
		hang_up(s);
		all_children_end(s);
	}
}

static void
test_sigterm_ends_it_but_no_conversation(void **state)
{
	struct server *s = *state;
	mfa_wire_Reply reply;

	assert_int_equal(visit(s, 0), MFA_OK);
	stop(s, SIGTERM);
	/* Nobody listens any more, its child neither. */
	assert_int_equal(dial(s, 0), -1);
	assert_int_equal(errno, ECONNREFUSED);
	log_in(s->fds[0], "alice", &reply);
	assert_int_equal(reply.which_what, mfa_wire_Reply_prompt_tag);
}

static void
test_sigint_ends_it(void **state)
{
	struct server *s = *state;

	assert_int_equal(visit(s, 0), MFA_OK);
	stop(s, SIGINT);
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, server_new, server_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(test_R28_eight_for_each_uid),
		SERVED(test_R28_busy_is_told_to_who_greets_at_once),
		SERVED(test_R28_who_is_nobody_is_told_so),
		SERVED(test_R28_others_never_take_root_s_share),
		SERVED(test_R28_root_is_capped_for_each_subject),
		SERVED(test_R28_what_peers_do_does_not_harm_it),
		SERVED(test_R21_who_asks_comes_from_the_kernel),
		SERVED(test_R20_no_zombie),
		SERVED(test_sigterm_ends_it_but_no_conversation),
		SERVED(test_sigint_ends_it),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
