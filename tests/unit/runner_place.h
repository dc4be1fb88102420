/* SPDX-License-Identifier: MIT */
/*
 * For tests of programs that are run: a /run of our own where programs may be
 * executed, a log service of our own, and an account for the programs.  To be
 * included first.
 */
#ifndef MFA_TESTS_RUNNER_PLACE_H
#define MFA_TESTS_RUNNER_PLACE_H

#include "tests/unit/place.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "verifier/guard.h"

#define RUNNER_UID 4702
#define RUNNER_GID 4703

static const struct mfa_account runner_account = { RUNNER_UID, RUNNER_GID };
static int runner_log = -1; /* what is written to the log */

static inline bool
runner_device(const char *name)
{
	char ours[64], theirs[64];
	int fd;

	(void)snprintf(ours, sizeof(ours), "/run/dev/%s", name);
	(void)snprintf(theirs, sizeof(theirs), "/dev/%s", name);
	fd = open(ours, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd >= 0 && close(fd) == 0 &&
	    mount(theirs, ours, NULL, MS_BIND, NULL) == 0;
}

static inline bool
runner_log_service(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "/dev/log" };

	runner_log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return runner_log >= 0 &&
	    bind(runner_log, (const struct sockaddr *)&address,
		sizeof(address)) == 0 &&
	    chmod("/dev/log", 0666) == 0;
}

static inline bool
runner_namespace(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", "/run", "tmpfs", 0, "mode=0755") == 0 &&
	    mkdir("/run/dev", 0755) == 0 && runner_device("null") &&
	    runner_device("zero") && runner_device("urandom") &&
	    mount("/run/dev", "/dev", NULL, MS_BIND | MS_REC, NULL) == 0 &&
	    runner_log_service();
}

/* First of all in main: enters it, or skips all tests. */
static inline void
runner_enter(void)
{
	(void)umask(022);
	(void)signal(SIGPIPE, SIG_IGN);
	if (geteuid() == 0 && runner_namespace())
		return;
	(void)puts("1..0 # SKIP needs root and a mount namespace");
	exit(0);
}

/* A shell script that is a program in every respect. */
static inline void
runner_script(const char *path, const char *body)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", body);
	place_file(path, text, 0, 0755);
}

/* A set-up: a place, and a folder "out" in it where programs may write. */
static inline int
runner_place_new(void **state)
{
	char path[256];

	if (place_new(state) != 0)
		return -1;
	place_dir(place_path(state, "out", path), RUNNER_UID, 0755);
	return 0;
}

/* Text of a file that a program wrote, "" if there is none. */
static inline const char *
runner_read(void *const *state, const char *name, char *out, size_t size)
{
	char path[256], in[64];
	ssize_t n = 0;
	int fd;

	(void)snprintf(in, sizeof(in), "out/%s", name);
	fd = open(place_path(state, in, path), O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, out, size - 1);
		(void)close(fd);
	}
	out[n < 0 ? 0 : n] = '\0';
	return out;
}

static inline void
runner_pause(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	(void)nanosleep(&t, NULL);
}

/* Waits until a program wrote this file, 5 s at most. */
static inline const char *
runner_await(void *const *state, const char *name, char *out, size_t size)
{
	for (int i = 0; i < 500; i++) {
		if (runner_read(state, name, out, size)[0] != '\0')
			return out;
		runner_pause(10);
	}
	fail_msg("%s was not written", name);
	return out;
}

/* The next line of the log; "" if none comes for so long. */
static inline const char *
runner_logged(char *out, size_t size, int ms)
{
	struct pollfd p = { .fd = runner_log, .events = POLLIN };
	ssize_t n = 0;

	if (poll(&p, 1, ms) == 1)
		n = recv(runner_log, out, size - 1, MSG_DONTWAIT);
	out[n < 0 ? 0 : n] = '\0';
	return out;
}

/* No process has this number, but for one that is not reaped yet. */
static inline bool
runner_is_dead(const char *number)
{
	char path[64], state = 'Z';
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", atoi(number));
	if ((f = fopen(path, "re")) == NULL)
		return true;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	(void)fclose(f);
	return state == 'Z';
}

static inline uint64_t
runner_ms(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

#endif
