/* SPDX-License-Identifier: MIT */
#include "verifier/runner/reap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT	4096 /* of the list; the next round sees the rest */
#define PAUSE	1    /* milliseconds between two rounds */

/* Bytes of the list, 0 where it cannot be read. */
static size_t
read_list(char *text, size_t size)
{
	char path[64];
	size_t used = 0;
	ssize_t n;
	int fd;

	/* The process has one thread, so its number is the process's. */
	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children",
	    (int)getpid());
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	while (used < size && (n = read(fd, text + used, size - used)) > 0)
		used += (size_t)n;
	(void)close(fd);
	return used;
}

static bool
is_known(pid_t pid, const pid_t *known, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (known[i] == pid)
			return true;
	}
	return false;
}

/* The list is numbers, a blank after each; one that was cut has none. */
void
mfa_reap_strangers(const pid_t *known, size_t n)
{
	char text[TEXT];
	size_t len = read_list(text, sizeof(text));
	pid_t pid = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
			continue;
		}
		if (pid > 1 && !is_known(pid, known, n))
			(void)kill(pid, SIGKILL);
		pid = 0;
	}
}

bool
mfa_reap_all(unsigned int ms)
{
	const struct timespec pause = { 0, PAUSE * 1000000L };
	pid_t pid;

	for (unsigned int spent = 0;; spent += PAUSE) {
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			continue;
		if (pid < 0 && errno == ECHILD)
			return true;
		if (spent >= ms)
			return false;
		mfa_reap_strangers(NULL, 0);
		(void)nanosleep(&pause, NULL);
	}
}
