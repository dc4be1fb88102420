/* SPDX-License-Identifier: MIT */
#include "utils/doctor/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "utils/child.h"

#define TEXT	262144
#define SECONDS 15
#define WORDS	8

static const char bare_path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

static int
start(const char *path, const char *const *argv, int out, pid_t *pid)
{
	char path_only[sizeof(bare_path)], *bare[] = { path_only, NULL };
	char *words[WORDS];
	posix_spawn_file_actions_t actions;
	size_t n = 0;
	int failed;

	while (argv[n] != NULL && n < WORDS - 1)
		n++;
	/* execve's argv is char *const *, though it changes nothing. */
	memcpy(words, argv, n * sizeof(words[0]));
	words[n] = NULL;
	memcpy(path_only, bare_path, sizeof(bare_path));
	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null",
	    O_RDONLY, 0);
	if (failed == 0)
		failed = posix_spawn_file_actions_addopen(&actions, 2,
		    "/dev/null", O_WRONLY, 0);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (failed == 0)
		failed = posix_spawn(pid, path, &actions, NULL, words, bare);
	(void)posix_spawn_file_actions_destroy(&actions);
	return failed;
}

/* Returns: false if it took too long or said too much. */
static bool
drain(int fd, char *text)
{
	const int64_t deadline = mfa_child_clock() + SECONDS * 1000;
	size_t len = 0;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - mfa_child_clock();
		ssize_t n;

		text[len] = '\0';
		if (left <= 0 || len == TEXT)
			return false;
		if (poll(&wait, 1, (int)left) <= 0)
			continue;
		n = read(fd, text + len, TEXT - len);
		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
		len += n > 0 ? (size_t)n : 0;
	}
}

/* One may close its output and go on. */
static int
finish(pid_t pid, bool whole)
{
	int status = 0;

	if (whole && mfa_child_await(pid, SECONDS, &status) == MFA_OK)
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	mfa_child_end(pid);
	return -1;
}

int
mfa_capture(const char *path, const char *const *argv, char **text)
{
	int fds[2], failed;
	pid_t pid;
	bool whole;

	*text = malloc(TEXT + 1);
	if (*text == NULL)
		return -1;
	(*text)[0] = '\0';
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	failed = start(path, argv, fds[1], &pid);
	(void)close(fds[1]);
	if (failed != 0) {
		(void)close(fds[0]);
		return -1;
	}
	whole = drain(fds[0], *text);
	(void)close(fds[0]);
	return finish(pid, whole);
}
