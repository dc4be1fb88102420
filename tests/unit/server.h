/* SPDX-License-Identifier: MIT */
/*
 * For tests of the listening verifier: one that runs as a child of the test, in
 * an office, and peers of it.
 */
#ifndef MFA_TESTS_SERVER_H
#define MFA_TESTS_SERVER_H

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

static inline int
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

static inline void
hang_up(struct server *s)
{
	while (s->n > 0)
		(void)close(s->fds[--s->n]);
}

/* Told to end, it ends, and says that all was well. */
static inline void
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

static inline int
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
static inline int
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

static inline void
say(int fd, const mfa_wire_Request *request)
{
	/* Who is busy may have hung up already. */
	if (mfa_wire_send_request(fd, request, mfa_wire_clock() + 5000) !=
	    MFA_OK)
		return;
}

/* Greets; MFA_OK if welcome, else the error that was said. */
static inline enum mfa_err
greet(int fd)
{
	mfa_wire_Request hello = mfa_wire_Request_init_zero;
	mfa_wire_Reply reply;

	hello.which_what = mfa_wire_Request_hello_tag;
	hello.what.hello.lowest = MFA_WIRE_LOWEST;
	hello.what.hello.highest = MFA_WIRE_VERSION;
	say(fd, &hello);
	assert_int_equal(mfa_wire_recv_reply(fd, &reply,
	    mfa_wire_clock() + 5000), MFA_OK);
	if (reply.which_what == mfa_wire_Reply_welcome_tag)
		return MFA_OK;
	assert_int_equal(reply.which_what, mfa_wire_Reply_error_tag);
	return (enum mfa_err)reply.what.error.code;
}

static inline enum mfa_err
visit(struct server *s, uid_t uid)
{
	int fd = dial(s, uid);

	assert_true(fd >= 0);
	return greet(fd);
}

static inline void
leave(struct server *s)
{
	(void)close(s->fds[--s->n]);
}

static inline void
pause_a_little(void)
{
	const struct timespec t = { 0, 2000000 };

	(void)nanosleep(&t, NULL);
}

/* Children of a process, zombies among them. */
static inline unsigned int
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

static inline void
all_children_end(struct server *s)
{
	for (int i = 0; i < 1000 && children(s->pid) != 0; i++)
		pause_a_little();
	assert_int_equal(children(s->pid), 0);
}

static inline unsigned int
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

#define SERVED(f) cmocka_unit_test_setup_teardown(f, server_new, server_free)

#endif
