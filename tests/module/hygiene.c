/* SPDX-License-Identifier: MIT */
#include "tests/module/hygiene.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static unsigned long
sum_environment(void)
{
	unsigned long sum = 5381;

	for (char **e = environ; *e != NULL; e++) {
		for (const char *p = *e; *p != '\0'; p++)
			sum = sum * 33 + (unsigned char)*p;
	}
	return sum;
}

static int
count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		(void)closedir(dir);
	return n;
}

void
hygiene_note(struct hygiene *now)
{
	memset(now, 0, sizeof(*now));
	for (int fd = 0; fd < HYGIENE_FDS; fd++) {
		int flags = fcntl(fd, F_GETFD);

		now->open[fd] = flags >= 0;
		now->cloexec[fd] = flags >= 0 && (flags & FD_CLOEXEC) != 0;
	}
	for (int n = 1; n < _NSIG; n++)
		(void)sigaction(n, NULL, &now->signals[n]);
	(void)sigprocmask(SIG_SETMASK, NULL, &now->mask);
	now->umask = umask(0);
	(void)umask(now->umask);
	if (getcwd(now->cwd, sizeof(now->cwd)) == NULL)
		now->cwd[0] = '\0';
	now->environment = sum_environment();
	now->alarm = alarm(0);
	(void)alarm(now->alarm);
	now->threads = count_threads();
}

static bool
same(bool holds, const char *what)
{
	if (!holds)
		printf("R20: the module changed the host's %s\n", what);
	return holds;
}

static bool
same_signals(const struct hygiene *a, const struct hygiene *b)
{
	for (int n = 1; n < _NSIG; n++) {
		if (a->signals[n].sa_handler != b->signals[n].sa_handler ||
		    a->signals[n].sa_flags != b->signals[n].sa_flags)
			return false;
	}
	for (int n = 1; n < _NSIG; n++) {
		if (sigismember(&a->mask, n) != sigismember(&b->mask, n))
			return false;
	}
	return true;
}

bool
hygiene_same(const struct hygiene *before)
{
	struct hygiene now;
	bool good = true;

	hygiene_note(&now);
	good &= same(memcmp(now.open, before->open, sizeof(now.open)) == 0,
	    "descriptors");
	good &= same(memcmp(now.cloexec, before->cloexec,
	    sizeof(now.cloexec)) == 0, "close-on-exec flags");
	good &= same(same_signals(&now, before), "signals");
	good &= same(now.umask == before->umask, "umask");
	good &= same(strcmp(now.cwd, before->cwd) == 0, "directory");
	good &= same(now.environment == before->environment, "environment");
	good &= same(now.alarm == before->alarm, "alarm");
	good &= same(now.threads == before->threads, "threads");
	good &= same(waitpid(-1, NULL, (int)__WALL | WNOHANG) == -1 &&
	    errno == ECHILD, "children");
	return good;
}
