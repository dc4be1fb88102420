/* SPDX-License-Identifier: MIT */
#include "programs/program.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum mfa_err
mfa_program_begin(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return MFA_ERR_IO;
	return MFA_OK;
}

enum mfa_err
mfa_program_read(int fd, char *buf, size_t size, size_t *len)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, buf + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return MFA_ERR_IO;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	if (used == size || memchr(buf, '\0', used) != NULL)
		return MFA_ERR_INVALID;
	buf[used] = '\0';
	*len = used;
	return MFA_OK;
}

void
mfa_program_plain(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
	}
}

void
mfa_program_explain(struct mfa_program_problem *problem, const char *format,
    ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	mfa_program_plain(problem->text);
}

int
mfa_program_fail(const char *name, const struct mfa_program_problem *problem)
{
	(void)fprintf(stderr, "%s: %s\n", name, problem->text);
	return EXIT_FAILURE;
}
